# SPDX-License-Identifier: MIT
<#
.SYNOPSIS
Checks on a real Hyper-V host what HyperPoint takes for granted and nobody has verified: the points that docs/cim.md
lists as unverified, and what this PowerShell and this Windows make of the program itself.

.DESCRIPTION
Prints one line per rule: pass (it is as HyperPoint and its simulated host have it), FAIL (it is not), or unknown. All
of it is meant for a bug report. Needs a VM that nobody misses, off, without GPU partitions and checkpoints:
    New-VM -Name verify -Generation 2 -NoVHD
It asks before it changes that VM, and again before it starts it. What was changed is put back at the end. Other VMs
are not touched. Run it in Windows PowerShell 5.1 or PowerShell 7 as administrator; running it once as an ordinary user
tells what Hyper-V shows to those without rights.

.EXAMPLE
powershell -ExecutionPolicy Bypass -File verify-on-windows.ps1 -VM verify > verified.txt
#>
[CmdletBinding(PositionalBinding = $false)]
param(
    [Parameter(Mandatory = $true)] [string] $VM,
    [string] $Program = "$PSScriptRoot/../hyperpoint.exe",
    [switch] $Yes # do not ask
)

Set-StrictMode -Off
$ErrorActionPreference = 'Stop'
$GPU_CLASS = 'Msvm_GpuPartitionSettingData'
$SETTINGS = 'AutomaticSnapshotsEnabled', 'UserSnapshotType', 'GuestControlledCacheTypes', 'LowMmioGapSize',
            'HighMmioGapSize', 'HighMmioGapBase'
$STATES = @{ off = 3; running = 2; saved = 6; paused = 9 }

#region WMI: all that is asked of Windows' management goes through these three
Add-Type -AssemblyName System.Management

function ConvertTo-Row($Object) {
    $row = @{}
    foreach ($property in $Object.PSBase.Properties) { $row[$property.Name] = $property.Value }
    foreach ($property in $Object.PSBase.SystemProperties) { $row[$property.Name] = $property.Value }
    $row
}

function Select-Rows([string] $Query, [string] $Namespace = 'root\virtualization\v2') {
    $searcher = New-Object System.Management.ManagementObjectSearcher $Namespace, $Query
    foreach ($object in $searcher.Get()) { ConvertTo-Row $object }
}

function Get-Row([string] $Path) {
    $object = New-Object System.Management.ManagementObject $Path
    $object.PSBase.Get()
    ConvertTo-Row $object
}

function Invoke-Method([string] $Path, [string] $Method, [hashtable] $Values) {
    $object = New-Object System.Management.ManagementObject $Path
    $in = $object.PSBase.GetMethodParameters($Method)
    foreach ($name in $Values.Keys) { $in.PSBase.SetPropertyValue($name, $Values[$name]) }
    ConvertTo-Row $object.PSBase.InvokeMethod($Method, $in, $null)
}
#endregion

# A rule is a script block that gives whether it holds ($null: cannot be told) and what was seen.
function Test-Rule([string] $Rule, [scriptblock] $Test) {
    try {
        $holds, $seen = & $Test
    } catch {
        $holds, $seen = $null, $_.Exception.GetBaseException().Message
    }
    $verdict = if ($null -eq $holds) { 'unknown' } elseif ($holds) { 'pass   ' } else { 'FAIL   ' }
    "$verdict $Rule -- $("$seen" -replace '\s+', ' ')"
}

function Get-Refusal([scriptblock] $Call) {
    try {
        $null = & $Call
        'accepted'
    } catch {
        $cause = $_.Exception.GetBaseException()
        if ($cause.ErrorCode) { "$($cause.ErrorCode)" } else { $cause.Message }
    }
}

# The method, and its job if it has one, seen through. Seen: "ok", "returned 32775", "job ended 10 with 32773: text".
function Invoke-Job([string] $Path, [string] $Method, [hashtable] $Values) {
    $out = Invoke-Method $Path $Method $Values
    if ($out.ReturnValue -ne 4096) {
        $ok = $out.ReturnValue -eq 0
        $seen = if ($ok) { 'ok' } else { "returned $($out.ReturnValue)" }
        return @{ Ok = $ok; Code = $out.ReturnValue; Seen = $seen }
    }
    do {
        Start-Sleep -Milliseconds 100
        $job = Get-Row $out.Job
    } until ($job.JobState -ge 7)
    $ok = $job.JobState -in 7, 32768
    $seen = if ($ok) { 'ok' } else { "job ended $($job.JobState) with $($job.ErrorCode): $($job.ErrorDescription)" }
    @{ Ok = $ok; Code = $job.ErrorCode; Seen = $seen; ByJob = $true }
}

# An embedded instance as HyperPoint writes it (src/cim/cimxml.h). The types of the values are those of the properties.
function ConvertTo-Instance([string] $Class, $Values, [string] $Id) {
    $text = "<INSTANCE CLASSNAME=`"$Class`">"
    if ($Id) { $Values = [ordered] @{ InstanceID = $Id } + $Values }
    foreach ($name in $Values.Keys) {
        $value = $Values[$name]
        $item = if ($value -is [bool]) { "$value".ToLower() } else { "$value" }
        $item = $item -replace '&', '&#38;' -replace '<', '&#60;' -replace '>', '&#62;' -replace '"', '&#34;'
        $item = "<VALUE>$item</VALUE>"
        $text += if ($value -is [array]) { # of one string
            "<PROPERTY.ARRAY NAME=`"$name`" TYPE=`"string`"><VALUE.ARRAY>$item</VALUE.ARRAY></PROPERTY.ARRAY>"
        } else {
            "<PROPERTY NAME=`"$name`" TYPE=`"$($value.GetType().Name.ToLower())`">$item</PROPERTY>"
        }
    }
    "$text</INSTANCE>"
}

function Find-One([string] $Query) {
    @(Select-Rows $Query)[0]
}

function Get-Settings {
    Find-One "SELECT * FROM Msvm_VirtualSystemSettingData WHERE InstanceID = 'Microsoft:$($script:guid)'"
}

function Get-State {
    (Find-One "SELECT * FROM Msvm_ComputerSystem WHERE Name = '$($script:guid)'").EnabledState
}

function Get-Adapters {
    Select-Rows "SELECT * FROM $GPU_CLASS" | Where-Object { $_.InstanceID -like "Microsoft:$($script:guid)\*" }
}

function Get-Checkpoints {
    Select-Rows "SELECT * FROM Msvm_VirtualSystemSettingData WHERE VirtualSystemIdentifier = '$($script:guid)'" |
        Where-Object { $_.VirtualSystemType -like 'Microsoft:Hyper-V:Snapshot:*' }
}

function New-AdapterText {
    $name = $script:gpu.Name -replace '\\', '\\'
    ConvertTo-Instance $GPU_CLASS ([ordered] @{
        ResourceType = [uint16] 32770; ResourceSubType = 'Microsoft:Hyper-V:GPU Partition'; PoolID = ''
        HostResource = @("Msvm_PartitionableGpu.CreationClassName=`"Msvm_PartitionableGpu`",Name=`"$name`"") })
}

function Add-Adapter([string] $Text = (New-AdapterText)) {
    Invoke-Job $script:manager AddResourceSettings @{
        AffectedConfiguration = (Get-Settings).__PATH; ResourceSettings = [string[]] @($Text) }
}

function Remove-Adapters {
    $paths = [string[]] @(Get-Adapters | ForEach-Object { $_.__PATH })
    if ($paths.Count -gt 0) { $null = Invoke-Job $script:manager RemoveResourceSettings @{ ResourceSettings = $paths } }
}

function Set-Limits($Values) {
    $text = ConvertTo-Instance $GPU_CLASS $Values @(Get-Adapters)[0].InstanceID
    Invoke-Job $script:manager ModifyResourceSettings @{ ResourceSettings = [string[]] @($text) }
}

function Set-VmSettings($Values) {
    $text = ConvertTo-Instance Msvm_VirtualSystemSettingData $Values "Microsoft:$($script:guid)"
    Invoke-Job $script:manager ModifySystemSettings @{ SystemSettings = $text }
}

function New-Checkpoint([string] $Name) {
    Invoke-Job $script:snapshots CreateSnapshot @{
        AffectedSystem = $script:computer.__PATH; SnapshotType = [uint16] 2
        SnapshotSettings = ConvertTo-Instance Msvm_VirtualSystemSettingData @{ ElementName = $Name } }
}

function Remove-Checkpoints {
    foreach ($checkpoint in @(Get-Checkpoints)) {
        $null = Invoke-Job $script:snapshots DestroySnapshot @{ AffectedSnapshot = $checkpoint.__PATH }
    }
}

function Set-State([string] $State) {
    Invoke-Job $script:computer.__PATH RequestStateChange @{ RequestedState = [uint16] $STATES[$State] }
}

function Test-Reading {
    Test-Rule 'only the host''s own row has no InstallDate' {
        $rows = @(Select-Rows 'SELECT * FROM Msvm_ComputerSystem')
        $odd = @($rows | Where-Object { ($null -eq $_.InstallDate) -ne ($_.Name -notmatch '^[0-9A-F-]{36}$') })
        ($odd.Count -eq 0), "$($rows.Count) rows, $($odd.Count) others"
    }
    Test-Rule 'a VM that is off has no ProcessID' {
        ($null -eq $script:computer.ProcessID), "'$($script:computer.ProcessID)'"
    }
    Test-Rule 'automatic checkpoints are off for new VMs on Server, on elsewhere (if the VM is as it was made)' {
        ($before.AutomaticSnapshotsEnabled -eq ($script:system.ProductType -eq 1)), $before.AutomaticSnapshotsEnabled
    }
    Test-Rule 'allocation capabilities of GPU partitions have the GUID of their templates' {
        $row = Find-One ("SELECT * FROM Msvm_AllocationCapabilities WHERE ResourceSubType = " +
                         "'Microsoft:Hyper-V:GPU Partition'")
        ($row.InstanceID -eq 'Microsoft:0DCC3FD1-21BD-423E-AB0B-A3A7451CE985'), $row.InstanceID
    }
    Test-Rule 'a query for an unknown class is refused as an invalid class' {
        $seen = Get-Refusal { Select-Rows 'SELECT * FROM No_Such_Class' }
        ($seen -eq 'InvalidClass'), $seen
    }
    $place = $before.__PATH -replace ':.*'
    Test-Rule 'a path with an unknown class is refused as an invalid class' {
        $seen = Get-Refusal { Get-Row "${place}:No_Such_Class.Name=`"x`"" }
        ($seen -eq 'InvalidClass'), $seen
    }
    Test-Rule 'a path with keys that the class lacks is refused as an invalid path' {
        $seen = Get-Refusal { Get-Row "${place}:Msvm_ComputerSystem.NoSuchKey=`"x`"" }
        ($seen -eq 'InvalidObjectPath'), $seen
    }
}

function Test-Adapters {
    Test-Rule 'builds before 20348 do not keep HostResource, later ones do' {
        $added = Add-Adapter
        $kept = "$(@(Get-Adapters)[0].HostResource)"
        if (-not $added.Ok) { return $null, $added.Seen }
        (($kept -ne '') -eq ($script:build -ge 20348)), "'$kept'"
    }
    Test-Rule 'some of the twelve limits can be set without the others' {
        $set = Set-Limits ([ordered] @{ MinPartitionVRAM = [uint64] 80000000; MaxPartitionVRAM = [uint64] 100000000 })
        $set.Ok, $set.Seen
    }
    Test-Rule 'Encode limits below the total of the GPU are taken' {
        $set = Set-Limits ([ordered] @{ MinPartitionEncode = [uint64] 80000000; MaxPartitionEncode = [uint64] 100000000
                                        OptimalPartitionEncode = [uint64] 100000000 })
        $set.Ok, $set.Seen
    }
    Test-Rule 'a property that the class lacks is refused' {
        $set = Set-Limits @{ NoSuchProperty = [uint64] 1 }
        (-not $set.Ok), $set.Seen
    }
    Test-Rule 'a second partition of the same GPU is taken' {
        $added = Add-Adapter
        $added.Ok, $added.Seen
    }
    Test-Rule 'a checkpoint with a GPU partition is refused by its job, with 32775' {
        $made = New-Checkpoint refused
        (-not $made.Ok -and $made.ByJob -and $made.Code -eq 32775), $made.Seen
    }
    Test-Rule 'the removal of what is not there is refused by the method and no WMI error' {
        $gone = @(Get-Adapters)[0].__PATH
        Remove-Adapters
        $removed = Invoke-Job $script:manager RemoveResourceSettings @{ ResourceSettings = [string[]] @($gone) }
        (-not $removed.Ok), $removed.Seen
    }
    Test-Rule 'text with &amp; for & is refused' {
        $added = Add-Adapter ((New-AdapterText) -replace '&#38;', '&amp;')
        (-not $added.Ok), $added.Seen
    }
    Remove-Adapters
    Remove-Checkpoints
}

function Test-Checkpoints {
    Test-Rule 'a checkpoint takes its name from the request' {
        $made = New-Checkpoint first
        $names = "$(Get-Checkpoints | ForEach-Object { $_.ElementName })"
        ($names -eq 'first'), "$($made.Seen); '$names'"
    }
    $first = @(Get-Checkpoints)[0]
    Test-Rule 'Parent of the configuration names the newest checkpoint' {
        $null = New-Checkpoint second
        $parent = Get-Row (Get-Settings).Parent
        ($parent.ElementName -eq 'second'), $parent.ElementName
    }
    Test-Rule 'IDs of the resources of a checkpoint begin with its own ID' {
        $query = "ASSOCIATORS OF {$($first.__PATH)} WHERE AssocClass = Msvm_VirtualSystemSettingDataComponent"
        $ids = @(Select-Rows $query | ForEach-Object { $_.InstanceID })
        $other = @($ids -notlike "$($first.InstanceID)\*")
        ($other.Count -eq 0), "$($ids.Count) resources, $($other.Count) others: $($other[0])"
    }
    Test-Rule 'applying a checkpoint without partitions takes the partitions off' {
        $added = Add-Adapter
        $applied = Invoke-Job $script:snapshots ApplySnapshot @{ Snapshot = $first.__PATH }
        $left = @(Get-Adapters).Count
        if (-not $added.Ok) { return $null, $added.Seen }
        ($applied.Ok -and $left -eq 0), "$($applied.Seen); $left left"
    }
    Remove-Adapters
    Test-Rule 'of a branched tree, only the newest checkpoint of the VM''s own branch is the most current one' {
        $null = New-Checkpoint third
        $names = @(Select-Rows ("ASSOCIATORS OF {$($script:computer.__PATH)} WHERE " +
                                "AssocClass = Msvm_MostCurrentSnapshotInBranch") | ForEach-Object { $_.ElementName })
        ("$names" -eq 'third'), "'$names'"
    }
    Test-Rule 'a VM with checkpoints disabled answers CreateSnapshot with 32775' {
        $null = Set-VmSettings @{ UserSnapshotType = [uint16] 2 }
        $made = New-Checkpoint refused
        (-not $made.Ok -and $made.Code -eq 32775), $made.Seen
    }
    Test-Rule 'HighMmioGapBase can be set' {
        if ($null -eq $before.HighMmioGapBase) { return $null, 'this build has none' }
        $set = Set-VmSettings @{ HighMmioGapBase = [uint64] ($before.HighMmioGapBase - 1024) }
        $base = (Get-Settings).HighMmioGapBase
        ($base -eq $before.HighMmioGapBase - 1024), "$($set.Seen); $base"
    }
}

# Without an operating system: the firmware runs, and that is enough.
function Test-RunningVm {
    $null = Set-VmSettings @{ AutomaticSnapshotsEnabled = $false }
    Test-Rule 'builds before 26100 refuse to add a partition to a running VM' {
        $started = Set-State running
        if (-not $started.Ok) { return $null, $started.Seen }
        $added = Add-Adapter
        ($added.Ok -eq ($script:build -ge 26100)), $added.Seen
    }
    Test-Rule 'a saved VM can be turned off' {
        Remove-Adapters
        $saved = Set-State saved
        if (-not $saved.Ok) { return $null, $saved.Seen }
        $stopped = Set-State off
        ($stopped.Ok -and (Get-State) -eq 3), "$($stopped.Seen); state $(Get-State)"
    }
    if ((Get-State) -ne 3) { $null = Set-State off }
    Remove-Adapters
    $free = $script:gpu.AvailableVRAM
    Test-Rule 'a VM with a partition starts, and shows it as Microsoft: and the GUID of the adapter' {
        $null = Set-VmSettings ([ordered] @{ GuestControlledCacheTypes = $true; LowMmioGapSize = [uint64] 1024
                                             HighMmioGapSize = [uint64] 32768 })
        $added = Add-Adapter
        $started = Set-State running
        if (-not ($added.Ok -and $started.Ok)) { return $null, "$($added.Seen); $($started.Seen)" }
        $device = (Find-One "SELECT * FROM Msvm_GpuPartition WHERE SystemName = '$($script:guid)'").DeviceID
        ($device -eq (@(Get-Adapters)[0].InstanceID -replace '^.*\\', 'Microsoft:')), "'$device'"
    }
    Test-Rule 'AvailableVRAM of a GPU stays as it is while a VM runs on it' {
        if ((Get-State) -ne 2) { return $null, 'the VM does not run' }
        $now = (Find-One 'SELECT * FROM Msvm_PartitionableGpu').AvailableVRAM
        ($now -eq $free), "$free, then $now"
    }
    Test-Rule 'builds before 26100 do not save a VM with a partition, and say 32768' {
        if ((Get-State) -ne 2) { return $null, 'the VM does not run' }
        $saved = Set-State saved
        ($saved.Ok -eq ($script:build -ge 26100) -and ($saved.Ok -or $saved.Code -eq 32768)), $saved.Seen
    }
}

# The main job, and how words get to the program from this PowerShell.
function Test-Program {
    $ErrorActionPreference = 'Continue' # for 5.1, whatever a program writes to standard error is an error
    Test-Rule 'the GPUs are the same after a checkpoint' {
        $null = & $Program -VM $VM -DO add -GPU order:1 2>&1
        $assigned = @(& $Program -VM $VM -DO list-gpus-assigned) -notmatch '^Adapter ID'
        $seen = & $Program -VM $VM 2>&1
        $code = $LASTEXITCODE
        $after = @(& $Program -VM $VM -DO list-gpus-assigned) -notmatch '^Adapter ID'
        ($code -eq 0 -and "$assigned" -match 'Total:1' -and "$assigned" -eq "$after"), "exit code $code; $seen"
    }
    Test-Rule 'a list reaches the program whole' {
        $seen = & $Program -VM $VM -DO remove -GPU 'order:1', 'no such GPU' -WHATIF 2>&1
        ("$seen" -match "'no such GPU'"), "$seen"
    }
    Test-Rule 'a backslash before a closing quote is lost in 5.1, and said to be; the script hands it on' {
        $seen = & $Program -VM 'no vm\' -DO list-gpus 2>&1
        $damaged = $PSVersionTable.PSVersion.Major -lt 6
        $whole = & "$PSScriptRoot/../powershell/hyperpoint.ps1" -VM 'no vm\' -DO list-gpus 2>&1
        ("$seen" -match 'there is a quote inside' -eq $damaged -and "$whole" -match "no VM named 'no vm\\'"),
            "$seen | $whole"
    }
    Test-Rule 'the folder of the journals belongs to administrators, and only they and Hyper-V''s may enter' {
        $acl = (Get-Acl "$env:ProgramData\HyperPoint").Sddl
        ($acl -match '^O:(BA|SY)' -and $acl -match 'D:P' -and
            $acl -notmatch ';;;(?!SY\)|BA\)|HA\)|S-1-5-32-578\))'), $acl
    }
}

function Restore-Vm {
    if ((Get-State) -ne 3) { $null = Set-State off }
    Remove-Adapters
    Remove-Checkpoints
    $now = Get-Settings
    foreach ($name in $SETTINGS) {
        if ($null -ne $before[$name] -and $before[$name] -ne $now[$name]) {
            $null = Set-VmSettings @{ $name = $before[$name] }
        }
    }
    $now = Get-Settings
    $other = @($SETTINGS | Where-Object { $before[$_] -ne $now[$_] })
    if ((Get-State) -ne 3) { $other += 'it is not off' }
    if (@(Get-Adapters).Count -gt 0) { $other += 'GPU partitions' }
    if (@(Get-Checkpoints).Count -gt 0) { $other += 'checkpoints' }
    if ($other.Count -eq 0) { "VM '$VM' is as it was." } else { "VM '$VM' is NOT as it was: $($other -join ', ')" }
}

function Confirm-Step([string] $Question) {
    $Yes -or (Read-Host "$Question (y/n)") -eq 'y'
}

$script:system = @(Select-Rows 'SELECT * FROM Win32_OperatingSystem' 'root\cimv2')[0]
$script:build = [int] $system.BuildNumber
"HyperPoint on $($system.Caption), build $build, PowerShell $($PSVersionTable.PSVersion), VM '$VM'"
$rights = Get-Refusal { if (-not (Find-One 'SELECT * FROM Msvm_ComputerSystem')) { throw 'no rows' } }
Test-Rule 'a user without rights sees no rows at all, or is refused' {
    if ($rights -eq 'accepted') { return $null, 'this user has rights; run this once as one who has none' }
    ($rights -in 'no rows', 'AccessDenied'), $rights
}
Test-Rule 'the program tells a user without rights so, with exit code 6' {
    if ($rights -eq 'accepted') { return $null, 'this user has rights' }
    $ErrorActionPreference = 'Continue'
    $seen = & $Program -DO list-vms 2>&1
    ($LASTEXITCODE -eq 6), "exit code $LASTEXITCODE; $seen"
}
if ($rights -ne 'accepted') { return }
$name = $VM -replace '[\\'']', '\$0'
$found = @(Select-Rows ("SELECT * FROM Msvm_VirtualSystemSettingData WHERE VirtualSystemType = " +
                        "'Microsoft:Hyper-V:System:Realized' AND ElementName = '$name'"))
if ($found.Count -ne 1) { throw "There are $($found.Count) VMs named '$VM'." }
$before = $found[0]
$script:guid = $before.VirtualSystemIdentifier
$script:computer = Find-One "SELECT * FROM Msvm_ComputerSystem WHERE Name = '$guid'"
$script:manager = (Find-One 'SELECT * FROM Msvm_VirtualSystemManagementService').__PATH
$script:snapshots = (Find-One 'SELECT * FROM Msvm_VirtualSystemSnapshotService').__PATH
$script:gpu = Find-One 'SELECT * FROM Msvm_PartitionableGpu'
Test-Reading

if ((Get-State) -ne 3 -or @(Get-Adapters).Count -gt 0 -or @(Get-Checkpoints).Count -gt 0) {
    throw "VM '$VM' has to be off, without GPU partitions and checkpoints."
}
if (-not (Confirm-Step "Change VM '$VM': GPU partitions on and off, checkpoints made and deleted, other settings?")) {
    return
}
try {
    if ($gpu) { Test-Adapters } else { 'unknown all about GPU partitions -- the host has no partitionable GPU' }
    Test-Checkpoints
    if (Confirm-Step "Start, save and turn off VM '$VM'?") { Test-RunningVm }
} finally {
    Restore-Vm
}
try {
    Test-Program
} finally {
    Restore-Vm
}
'unknown a saved VM cannot be deleted -- not tried: it would delete the VM'
'unknown a query says "not found" while the service vmms is stopped -- not tried: it would stop Hyper-V for all VMs'
'unknown text of the refusal with a directly assigned device -- not tried: needs a device that can be dismounted'
