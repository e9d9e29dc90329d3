# SPDX-License-Identifier: MIT
<#
.SYNOPSIS
Checks on a real Hyper-V host, or in its guest, what HyperPoint takes for granted and nobody has verified: the points
that docs/cim.md and docs/drivers.md list as unverified, and what this PowerShell and this Windows make of the program
itself.

.DESCRIPTION
Prints one line per rule: pass (it is as HyperPoint and its simulated host have it), FAIL (it is not), or unknown. All
of it is meant for a bug report. Needs a VM that nobody misses, off, without GPU partitions and checkpoints:
    New-VM -Name verify -Generation 2 -NoVHD
It asks before it changes that VM, and again before it starts it. What was changed is put back at the end. Other VMs
are not touched. Run it in Windows PowerShell 5.1 or PowerShell 7 as administrator; running it once as an ordinary user
tells what Hyper-V shows to those without rights. One package of a driver is made in the temporary folder, and deleted:
that takes about a gigabyte.

With -Guest it checks what installdrivers takes for granted instead. That is for the inside of a guest with a GPU
partition, and needs no Hyper-V and no VM; everything but the GPU itself can be seen on any Windows. It works on files
of its own in the temporary folder, and asks before it writes to the list of what Windows renames at its next start.

.EXAMPLE
powershell -ExecutionPolicy Bypass -File verify-on-windows.ps1 -VM verify > verified.txt

.EXAMPLE
powershell -ExecutionPolicy Bypass -File verify-on-windows.ps1 -Guest > verified.txt
#>
[CmdletBinding(PositionalBinding = $false, DefaultParameterSetName = 'Host')]
param(
    [Parameter(Mandatory = $true, ParameterSetName = 'Host')] [string] $VM,
    [Parameter(ParameterSetName = 'Host')] [string] $Program = "$PSScriptRoot/../hyperpoint.exe",
    [Parameter(Mandatory = $true, ParameterSetName = 'Guest')] [switch] $Guest,
    [switch] $Yes # do not ask
)

Set-StrictMode -Off
$ErrorActionPreference = 'Stop'
$GPU_CLASS = 'Msvm_GpuPartitionSettingData'
$SETTINGS = 'AutomaticSnapshotsEnabled', 'UserSnapshotType', 'GuestControlledCacheTypes', 'LowMmioGapSize',
            'HighMmioGapSize', 'HighMmioGapBase'
$STATES = @{ off = 3; running = 2; saved = 6; paused = 9 }
$CIMV2 = 'root\cimv2'
$LOCAL_MACHINE = [uint32] 2147483650
$CURRENT = 'SYSTEM\CurrentControlSet'
$WINDOWS = 'SOFTWARE\Microsoft\Windows NT\CurrentVersion'
$VIRTUAL_GPU = 'PCI\VEN_1414&DEV_008E'

#region WMI: all that is asked of Windows' management goes through these three
Add-Type -AssemblyName System.Management, System.IO.Compression.FileSystem

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
    $kind = if ($Path -like '*=*') { 'Object' } else { 'Class' } # the methods of StdRegProv are those of the class
    $object = New-Object "System.Management.Management$kind" $Path
    $in = $object.PSBase.GetMethodParameters($Method)
    foreach ($name in $Values.Keys) { $in.PSBase.SetPropertyValue($name, $Values[$name]) }
    ConvertTo-Row $object.PSBase.InvokeMethod($Method, $in, $null)
}
#endregion

#region Windows: its files, the Restart Manager, and the list of what is renamed at the next start
$SESSION_MANAGER = "HKEY_LOCAL_MACHINE\$CURRENT\Control\Session Manager"
$RENAMES = 'PendingFileRenameOperations'

# Compiled when it is needed first: hosts may forbid it.
function Import-Native {
    if ('HyperPointVerify' -as [type]) { return }
    Add-Type -TypeDefinition @'
using System;
using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

public static class HyperPointVerify {
    [StructLayout(LayoutKind.Sequential, CharSet = CharSet.Unicode)]
    public struct Holder { // RM_PROCESS_INFO
        public int Id;
        public uint StartLow, StartHigh;
        [MarshalAs(UnmanagedType.ByValTStr, SizeConst = 256)] public string Name;
        [MarshalAs(UnmanagedType.ByValTStr, SizeConst = 64)] public string Service;
        public int Kind;
        public uint Status;
        public int Session;
        public int Restartable;
    }

    [DllImport("rstrtmgr.dll", CharSet = CharSet.Unicode)]
    static extern int RmStartSession(out uint session, int flags, StringBuilder key);
    [DllImport("rstrtmgr.dll", CharSet = CharSet.Unicode)]
    static extern int RmRegisterResources(uint session, uint fileCount, string[] files, uint processCount,
                                          IntPtr processes, uint serviceCount, string[] services);
    [DllImport("rstrtmgr.dll", CharSet = CharSet.Unicode)]
    static extern int RmGetList(uint session, out uint needed, ref uint count, [In, Out] Holder[] holders,
                                out uint reasons);
    [DllImport("rstrtmgr.dll")]
    static extern int RmEndSession(uint session);
    [DllImport("kernel32.dll", CharSet = CharSet.Unicode, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    static extern bool MoveFileExW(string from, string to, uint flags);
    [DllImport("ntdll.dll")]
    static extern int RtlAdjustPrivilege(int privilege, [MarshalAs(UnmanagedType.U1)] bool enable,
                                         [MarshalAs(UnmanagedType.U1)] bool ofThread, out byte before);

    [DllImport("kernel32.dll", CharSet = CharSet.Unicode, SetLastError = true)]
    static extern SafeFileHandle CreateFileW(string path, uint access, uint sharing, IntPtr security, uint how,
                                             uint flags, IntPtr template);
    [DllImport("kernel32.dll", CharSet = CharSet.Unicode, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    static extern bool RemoveDirectoryW(string path);
    [DllImport("kernel32.dll", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    static extern bool DeviceIoControl(SafeFileHandle file, uint code, byte[] data, int size, IntPtr output,
                                       int outputSize, out int returned, IntPtr overlapped);

    static void Check(int result) {
        if (result != 0) throw new Win32Exception(result);
    }

    public static Holder[] Find(string path) {
        uint session, needed, reasons, count = 256;
        Check(RmStartSession(out session, 0, new StringBuilder(33)));
        try {
            Holder[] holders = new Holder[count];
            Check(RmRegisterResources(session, 1, new string[] { path }, 0, IntPtr.Zero, 0, null));
            Check(RmGetList(session, out needed, ref count, holders, out reasons));
            Array.Resize(ref holders, (int) count);
            return holders;
        } finally {
            RmEndSession(session);
        }
    }

    public static int Move(string from, string to, uint flags) {
        return MoveFileExW(from, to == "" ? null : to, flags) ? 0 : Marshal.GetLastWin32Error();
    }

    static SafeFileHandle OpenFolder(string path, uint access, uint sharing) {
        const uint flags = 0x02200000; // FILE_FLAG_BACKUP_SEMANTICS, FILE_FLAG_OPEN_REPARSE_POINT
        return CreateFileW(path, access, sharing, IntPtr.Zero, 3 /* OPEN_EXISTING */, flags, IntPtr.Zero);
    }

    static int MakeJunction(string folder, string target) {
        byte[] name = Encoding.Unicode.GetBytes("\\??\\" + target);
        byte[] data = new byte[20 + name.Length]; // REPARSE_DATA_BUFFER with two names, the second one empty
        BitConverter.GetBytes(0xA0000003).CopyTo(data, 0); // IO_REPARSE_TAG_MOUNT_POINT
        BitConverter.GetBytes((short) (12 + name.Length)).CopyTo(data, 4);
        BitConverter.GetBytes((short) name.Length).CopyTo(data, 10);
        BitConverter.GetBytes((short) (name.Length + 2)).CopyTo(data, 12);
        name.CopyTo(data, 16);
        using (SafeFileHandle file = OpenFolder(folder, 0x40000000 /* GENERIC_WRITE */, 7)) {
            int returned;
            return !file.IsInvalid && DeviceIoControl(file, 0x900A4 /* FSCTL_SET_REPARSE_POINT */, data, data.Length,
                                                      IntPtr.Zero, 0, out returned, IntPtr.Zero)
                ? 0 : Marshal.GetLastWin32Error();
        }
    }

    public static int[] TryHeld(string folder, string target) {
        using (SafeFileHandle held = OpenFolder(folder, 0xA0 /* FILE_TRAVERSE, FILE_READ_ATTRIBUTES */, 3)) {
            Check(held.IsInvalid ? Marshal.GetLastWin32Error() : 0);
            return new int[] { Move(folder, folder + " 2", 0),
                               RemoveDirectoryW(folder) ? 0 : Marshal.GetLastWin32Error(),
                               MakeJunction(folder, target) };
        }
    }

    public static bool UseRestoreRight() {
        byte before;
        return RtlAdjustPrivilege(18 /* SeRestorePrivilege */, true, false, out before) == 0;
    }
}
'@
}

function Get-Holders([string] $Path) {
    Import-Native
    [HyperPointVerify]::Find($Path)
}

# 0, or the number of Windows' error. 4: at the next start; an empty name: it is removed.
function Move-Path([string] $From, [string] $To, [uint32] $Flags) {
    Import-Native
    [HyperPointVerify]::Move($From, $To, $Flags)
}

# What renaming, removing, and making a junction of an empty folder end with that is held as installdrivers holds it.
function Get-HeldResults([string] $Folder, [string] $Target) {
    Import-Native
    [HyperPointVerify]::TryHeld($Folder, $Target)
}

function Enable-RestoreRight {
    Import-Native
    [HyperPointVerify]::UseRestoreRight()
}

function Set-Access([string] $Path, [string] $Rights) {
    $said = & icacls.exe $Path /inheritance:r /grant:r $Rights /q
    if ($LASTEXITCODE -ne 0) { throw "icacls: $said" }
}

function Reset-Access([string] $Folder) {
    $null = & icacls.exe $Folder /reset /t /c /q # what then cannot be deleted is told
}

function Get-PendingMoves {
    [Microsoft.Win32.Registry]::GetValue($SESSION_MANAGER, $RENAMES, [string[]] @())
}

function Set-PendingMoves([string[]] $Texts) {
    if ($Texts.Count -gt 0) {
        [Microsoft.Win32.Registry]::SetValue($SESSION_MANAGER, $RENAMES, $Texts, 'MultiString')
        return
    }
    $key = [Microsoft.Win32.Registry]::LocalMachine.OpenSubKey("$CURRENT\Control\Session Manager", $true)
    $key.DeleteValue($RENAMES, $false)
    $key.Close()
}

function Get-FolderNames([string] $Folder) {
    [IO.Directory]::GetDirectories($Folder) | ForEach-Object { [IO.Path]::GetFileName($_) }
}

# All files below a folder, by their paths in it.
function Get-TreeNames([string] $Folder) {
    [IO.Directory]::GetFiles($Folder, '*', 'AllDirectories') | ForEach-Object { $_.Substring($Folder.Length + 1) }
}

function Get-Text([string] $Path) {
    [IO.File]::ReadAllText($Path)
}

# All names of a file, without the drive.
function Get-LinkNames([string] $Path) {
    & fsutil.exe hardlink list $Path
}

function Test-File([string] $Path) {
    [IO.File]::Exists($Path)
}

# Disables the device and enables it again. $true, and the problem that it has then.
function Restart-Device([string] $Id) {
    Disable-PnpDevice -InstanceId $Id -Confirm:$false -ErrorAction Stop
    Enable-PnpDevice -InstanceId $Id -Confirm:$false -ErrorAction Stop
    $true, (Get-PnpDevice -InstanceId $Id).Problem
}
#endregion

# A rule is a script block that gives whether it holds ($null: cannot be told) and what was seen.
function Invoke-Test([scriptblock] $Test) {
    try {
        & $Test
    } catch {
        $null, $_.Exception.GetBaseException().Message
    }
}

function Test-Rule([string] $Rule, [scriptblock] $Test) {
    $holds, $seen = Invoke-Test $Test
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

function Set-Memory($Values) {
    $row = Select-Rows 'SELECT * FROM Msvm_MemorySettingData' |
        Where-Object { $_.InstanceID -like "Microsoft:$($script:guid)\*" }
    $text = ConvertTo-Instance Msvm_MemorySettingData $Values @($row)[0].InstanceID
    Invoke-Job $script:manager ModifyResourceSettings @{ ResourceSettings = [string[]] @($text) }
}

function New-Checkpoint([string] $Name) {
    Invoke-Job $script:snapshots CreateSnapshot @{
        AffectedSystem = $script:computer.__PATH; SnapshotType = [uint16] 2
        SnapshotSettings = ConvertTo-Instance Msvm_VirtualSystemSettingData @{ ElementName = $Name } }
}

# The file of the first disk of a configuration; $null: it has none.
function Get-Disk([string] $Path) {
    $query = "ASSOCIATORS OF {$Path} WHERE AssocClass = Msvm_VirtualSystemSettingDataComponent " +
             'ResultClass = Msvm_StorageAllocationSettingData'
    @(Select-Rows $query | ForEach-Object { $_.HostResource } | Where-Object { $_ -like '*.*vhd*' })[0]
}

function Set-Checkpoint($Checkpoint, $Values) {
    $text = ConvertTo-Instance Msvm_VirtualSystemSettingData $Values $Checkpoint.InstanceID
    Invoke-Job $script:manager ModifySystemSettings @{ SystemSettings = $text }
}

# Hyper-V deletes no checkpoint while it merges.
function Wait-Merge {
    for ($tries = 0; $tries -lt 3000; $tries++) {
        if ("$((Get-Row $script:computer.__PATH).OperationalStatus)" -notlike '* 327*') { break }
        Start-Sleep -Milliseconds 200
    }
}

function Remove-Checkpoints {
    foreach ($checkpoint in @(Get-Checkpoints)) {
        Wait-Merge
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

# What -DO check reads of all VMs at once, and takes for granted of it.
function Test-Check {
    Test-Rule 'all rows of each class that it reads can be asked for' {
        $seen = foreach ($class in 'VirtualSystemSettingData', 'GpuPartitionSettingData', 'MemorySettingData',
                                   'PciExpressSettingData', 'KvpExchangeComponent', 'ConcreteJob',
                                   'VirtualSystemManagementServiceSettingData') {
            "$class $(@(Select-Rows "SELECT * FROM Msvm_$class").Count)"
        }
        $true, ($seen -join ', ')
    }
    Test-Rule 'every VM tells 2, 3 or 6 for its enhanced sessions' {
        $seen = @(Select-Rows 'SELECT * FROM Msvm_ComputerSystem' | Where-Object { $_.Name -match '^[0-9A-F-]{36}$' } |
                  ForEach-Object { $_.EnhancedSessionModeState })
        (@($seen | Where-Object { $_ -notin 2, 3, 6 }).Count -eq 0), "$seen"
    }
    Test-Rule 'guests with Windows tell their version as 10.0 and the build' {
        $seen = @(Select-Rows 'SELECT * FROM Msvm_KvpExchangeComponent' | ForEach-Object {
            $items = @{}
            foreach ($text in @($_.GuestIntrinsicExchangeItems)) {
                $values = @{}
                foreach ($property in ([xml] $text).INSTANCE.PROPERTY) { $values[$property.NAME] = $property.VALUE }
                $items[$values.Name] = $values.Data
            }
            if ($items.OSName -like 'Windows*') { $items.OSVersion }
        })
        if ($seen.Count -eq 0) { return $null, 'no guest with Windows runs' }
        (@($seen | Where-Object { $_ -notmatch '^10\.0\.\d+$' }).Count -eq 0), "$seen"
    }
    Test-Rule 'Win32_VideoController lists every GPU that can be partitioned, and is no accelerator' {
        $listed = @(Select-Rows 'SELECT * FROM Win32_VideoController' 'root\cimv2' | ForEach-Object { $_.PNPDeviceID })
        $wanted = @(Select-Rows 'SELECT * FROM Msvm_PartitionableGpu' | ForEach-Object {
            ($_.Name -replace '^\\\\\?\\' -replace '#\{.*' -replace '#', '\') })
        $missing = @($wanted | Where-Object { $_ -notin $listed })
        ($missing.Count -eq 0), "missing: $missing"
    }
    Test-Rule 'a configuration tells its version as a number with a dot' {
        ($before.Version -match '^\d+\.\d+$'), $before.Version
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
    Test-Rule 'with a partition, what becomes of the VM when the host shuts down can be set' {
        $set = Set-VmSettings @{ AutomaticShutdownAction = [uint16] 4 }
        $now = (Get-Settings).AutomaticShutdownAction
        $null = Set-VmSettings @{ AutomaticShutdownAction = [uint16] $before.AutomaticShutdownAction }
        ($set.Ok -and $now -eq 4), "$($set.Seen), then $now"
    }
    Test-Rule 'with a partition, dynamic memory with unequal start-up and minimum is refused' {
        $set = Set-Memory ([ordered] @{
            DynamicMemoryEnabled = $true; VirtualQuantity = [uint64] 1024; Reservation = [uint64] 512 })
        (-not $set.Ok), $set.Seen
    }
    Test-Rule 'with a partition, any other change of the memory is refused, too' {
        $set = Set-Memory ([ordered] @{
            DynamicMemoryEnabled = $true; VirtualQuantity = [uint64] 1024; Reservation = [uint64] 1024 })
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
    $script:disk = Get-Disk (Get-Settings).__PATH
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
    Test-Rule 'a checkpoint keeps the file of a disk, and the VM goes on in an .avhdx' {
        $kept = Get-Disk $first.__PATH
        $now = Get-Disk (Get-Settings).__PATH
        if ($null -eq $now) { return $null, 'the VM has no disk' }
        ($kept -eq $script:disk -and $now -like '*.avhdx'), "$kept; $now"
    }
    Test-Rule 'WMI tells the size of the file of a disk' {
        $file = Get-Disk (Get-Settings).__PATH
        if ($null -eq $file) { return $null, 'the VM has no disk' }
        $file = $file -replace '\\', '\\'
        $row = @(Select-Rows "SELECT Name, FileSize FROM CIM_DataFile WHERE Name = '$file'" $CIMV2)
        ($row.Count -eq 1 -and [uint64] $row[0].FileSize -gt 0), "$($row.Count) rows: $($row[0].FileSize)"
    }
    Test-Rule 'files of several disks are found in one query, in less than five seconds' {
        $files = @((Get-Disk (Get-Settings).__PATH), (Get-Disk $first.__PATH))
        if ($null -eq $files[0]) { return $null, 'the VM has no disk' }
        $names = ($files | ForEach-Object { "Name = '$($_ -replace '\\', '\\')'" }) -join ' OR '
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $rows = @(Select-Rows "SELECT Name, FileSize FROM CIM_DataFile WHERE $names" $CIMV2)
        ($rows.Count -eq 2 -and $watch.Elapsed.TotalSeconds -lt 5), "$($rows.Count) rows, $($watch.Elapsed)"
    }
    Test-Rule 'name and notes of a checkpoint are changed without a job' {
        $set = Set-Checkpoint $first ([ordered] @{ ElementName = 'renamed'; Notes = @("one`ntwo") })
        $row = Get-Row $first.__PATH
        ($set.Ok -and -not $set.ByJob -and $row.ElementName -eq 'renamed' -and "$($row.Notes)" -eq "one`ntwo"),
            "$($set.Seen); $($row.ElementName): $($row.Notes)"
    }
    Test-Rule 'nothing else of a checkpoint can be changed' {
        $set = Set-Checkpoint $first @{ LowMmioGapSize = [uint64] 256 }
        (-not $set.Ok), $set.Seen
    }
    Test-Rule 'a checkpoint is not applied to a VM with a partition' {
        $added = Add-Adapter
        $applied = Invoke-Job $script:snapshots ApplySnapshot @{ Snapshot = $first.__PATH }
        $left = @(Get-Adapters).Count
        if (-not $added.Ok) { return $null, $added.Seen }
        (-not $applied.Ok -and $left -eq 1), "$($applied.Seen); $left left"
    }
    Remove-Adapters
    $behind = Get-Disk (Get-Settings).__PATH
    Test-Rule 'applying a checkpoint makes it the parent of the configuration' {
        $applied = Invoke-Job $script:snapshots ApplySnapshot @{ Snapshot = $first.__PATH }
        $parent = Get-Row (Get-Settings).Parent
        ($applied.Ok -and $parent.InstanceID -eq $first.InstanceID), "$($applied.Seen); $($parent.ElementName)"
    }
    Test-Rule 'after that the VM goes on in a disk of another name' {
        $now = Get-Disk (Get-Settings).__PATH
        if ($null -eq $now) { return $null, 'the VM has no disk' }
        ($now -ne $behind -and $now -like '*.avhdx'), "$behind; $now"
    }
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
    Test-Rule 'a merge shows in OperationalStatus as soon as the job that deleted the checkpoint has ended' {
        $third = @(Get-Checkpoints | Where-Object { $_.ElementName -eq 'third' })[0]
        $deleted = Invoke-Job $script:snapshots DestroySnapshot @{ AffectedSnapshot = $third.__PATH }
        $status = "$((Get-Row $script:computer.__PATH).OperationalStatus)"
        if ($null -eq $script:disk) { return $null, 'the VM has no disk' }
        ($deleted.Ok -and $status -eq '2 32772'), "$($deleted.Seen); '$status'"
    }
    Test-Rule 'without its checkpoints the VM is back in the file that it had, once all is merged' {
        Remove-Checkpoints
        for ($tries = 0; $tries -lt 300 -and (Get-Disk (Get-Settings).__PATH) -ne $script:disk; $tries++) {
            Start-Sleep -Milliseconds 200
        }
        if ($null -eq $script:disk) { return $null, 'the VM has no disk' }
        $now = Get-Disk (Get-Settings).__PATH
        ($now -eq $script:disk), "$now, after $($tries / 5) s"
    }
    Test-Rule 'HighMmioGapBase can be set' {
        if ($null -eq $before.HighMmioGapBase) { return $null, 'this build has none' }
        $set = Set-VmSettings @{ HighMmioGapBase = [uint64] ($before.HighMmioGapBase - 1024) }
        $base = (Get-Settings).HighMmioGapBase
        ($base -eq $before.HighMmioGapBase - 1024), "$($set.Seen); $base"
    }
}

# Without an operating system: the firmware runs, and that is enough.
function Set-DataItem([string] $Method, [string] $Value) {
    $item = ConvertTo-Instance Msvm_KvpExchangeDataItem ([ordered] @{
        Name = 'HyperPoint.Verify'; Data = $Value; Source = [uint16] 0 })
    Invoke-Job $script:manager $Method @{
        TargetSystem = $script:computer.__PATH; DataItems = [string[]] @($item) }
}

function Test-DataItems {
    Test-Rule 'a data item for the guest of a VM that is off can be added, and not a second time' {
        $added = Set-DataItem AddKvpItems first
        $again = Set-DataItem AddKvpItems second
        ($added.Ok -and -not $again.Ok), "$($added.Seen); $($again.Seen)"
    }
    Test-Rule 'a data item stands in the configuration of the VM' {
        $items = Select-Rows 'SELECT * FROM Msvm_KvpExchangeComponentSettingData' |
            Where-Object { $_.InstanceID -like "Microsoft:$($script:guid)\*" } | ForEach-Object { $_.HostExchangeItems }
        ("$items" -match 'HyperPoint\.Verify' -and "$items" -match 'first'), "$items"
    }
    Test-Rule 'a data item can be changed and removed while it is there, and not afterwards' {
        $steps = @(Set-DataItem ModifyKvpItems third; Set-DataItem RemoveKvpItems ''
                   Set-DataItem ModifyKvpItems fourth; Set-DataItem RemoveKvpItems '')
        $seen = @($steps | ForEach-Object { $_.Seen }) -join '; '
        ($steps[0].Ok -and $steps[1].Ok -and -not $steps[2].Ok -and -not $steps[3].Ok), $seen
    }
}

# By which files get into a guest.
function Get-Interface {
    Select-Rows 'SELECT * FROM Msvm_GuestServiceInterfaceComponentSettingData' |
        Where-Object { $_.InstanceID -like "Microsoft:$($script:guid)\*" }
}

function Set-Interface([uint16] $State) {
    $text = ConvertTo-Instance Msvm_GuestServiceInterfaceComponentSettingData @{ EnabledState = $State } `
        @(Get-Interface)[0].InstanceID
    Invoke-Job $script:manager ModifyResourceSettings @{ ResourceSettings = [string[]] @($text) }
}

function Get-InterfaceComponents {
    @(Select-Rows "SELECT * FROM Msvm_GuestServiceInterfaceComponent WHERE SystemName = '$($script:guid)'")
}

function Test-Interface {
    $before = @(Get-Interface)[0].EnabledState
    Test-Rule 'the guest service interface is switched on and off by its ID and EnabledState alone' {
        $steps = @(Set-Interface 2; Set-Interface 3; Set-Interface 2)
        $now = @(Get-Interface)[0].EnabledState
        $back = Set-Interface $before
        $seen = @($steps + $back | ForEach-Object { $_.Seen }) -join '; '
        ($steps[0].Ok -and $steps[1].Ok -and $now -eq 2 -and $back.Ok -and
            @(Get-Interface)[0].EnabledState -eq $before), "$before, then $now; $seen"
    }
}

function Test-RunningInterface {
    $before = @(Get-Interface)[0].EnabledState
    Test-Rule 'the guest service interface comes and goes as it is switched while the VM runs' {
        if ((Get-State) -ne 2) { return $null, 'the VM does not run' }
        $counts = foreach ($state in 3, 2, 3) { $null = Set-Interface $state; @(Get-InterfaceComponents).Count }
        ("$counts" -eq '0 1 0'), "off, on, off: $counts"
    }
    Test-Rule 'without a guest, the guest service interface has no contact' {
        if ((Get-State) -ne 2) { return $null, 'the VM does not run' }
        $null = Set-Interface 2
        $seen = @(Get-InterfaceComponents | ForEach-Object { @($_.OperationalStatus)[0] }) -join ', '
        ($seen -eq '12'), "OperationalStatus $seen"
    }
    $null = Set-Interface $before
}

function Test-RunningVm {
    $null = Set-VmSettings @{ AutomaticSnapshotsEnabled = $false }
    Test-Rule 'builds before 26100 refuse to add a partition to a running VM' {
        $started = Set-State running
        if (-not $started.Ok) { return $null, $started.Seen }
        $added = Add-Adapter
        ($added.Ok -eq ($script:build -ge 26100)), $added.Seen
    }
    $shutdown = @(Select-Rows "SELECT * FROM Msvm_ShutdownComponent WHERE SystemName = '$($script:guid)'")
    $heartbeat = @(Select-Rows "SELECT * FROM Msvm_HeartbeatComponent WHERE SystemName = '$($script:guid)'")
    Test-Rule 'without a guest, both components are there and have no contact' {
        if ((Get-State) -ne 2) { return $null, 'the VM does not run' }
        $seen = @($shutdown + $heartbeat | ForEach-Object { $_.OperationalStatus }) -join ', '
        ($seen -eq '12, 12'), "OperationalStatus $seen"
    }
    Test-Rule 'a guest that is not there is not ready to shut down' {
        if ($shutdown.Count -ne 1) { return $null, 'there is no component' }
        $out = Invoke-Method $shutdown[0].__PATH InitiateShutdown @{ Force = $false; Reason = 'verify-on-windows' }
        ($out.ReturnValue -eq 32780), "returned $($out.ReturnValue)"
    }
    Test-RunningInterface
    Test-Rule 'a saved VM can be turned off' {
        Remove-Adapters
        $saved = Set-State saved
        if (-not $saved.Ok) { return $null, $saved.Seen }
        $stopped = Set-State off
        ($stopped.Ok -and (Get-State) -eq 3), "$($stopped.Seen); state $(Get-State)"
    }
    Test-Rule 'a VM whose MMIO space ends above the addresses of the processor does not start, and says 32773' {
        if ((Get-State) -ne 3) { return $null, 'the VM is not off' }
        $set = Set-VmSettings @{ HighMmioGapSize = [uint64] 1048576 }
        if (-not $set.Ok) { return $null, $set.Seen }
        $started = Set-State running
        $null = Set-VmSettings @{ HighMmioGapSize = [uint64] 512 }
        (-not $started.Ok -and $started.Code -eq 32773), $started.Seen
    }
    Test-Rule 'an automatic checkpoint is made when the VM starts, and goes when it is off' {
        $null = Set-VmSettings @{ AutomaticSnapshotsEnabled = $true }
        $started = Set-State running
        $made = @(Get-Checkpoints | Where-Object { $_.IsAutomaticSnapshot }).Count
        $null = Set-State off
        Wait-Merge
        $left = @(Get-Checkpoints | Where-Object { $_.IsAutomaticSnapshot }).Count
        $null = Set-VmSettings @{ AutomaticSnapshotsEnabled = $false }
        if (-not $started.Ok) { return $null, $started.Seen }
        ($made -eq 1 -and $left -eq 0), "$made, then $left"
    }
    Test-Rule 'with automatic checkpoints on, a VM with a partition does not start, and its text has no 0x8007 number' {
        $null = Set-VmSettings @{ AutomaticSnapshotsEnabled = $true }
        $added = Add-Adapter
        $started = Set-State running
        $null = Set-VmSettings @{ AutomaticSnapshotsEnabled = $false }
        if (-not $added.Ok) { return $null, $added.Seen }
        (-not $started.Ok -and $started.Seen -notmatch '0x8007'), $started.Seen
    }
    Test-Rule 'the job of a start that failed is there for a while, of type 12, and its text has the VM''s ID' {
        $failed = @(Select-Rows 'SELECT * FROM Msvm_ConcreteJob' |
                    Where-Object { $_.JobType -eq 12 -and $_.JobState -ge 8 -and $_.JobState -le 10 })
        if ($failed.Count -eq 0) { return $null, 'there is none' }
        ("$($failed[-1].ErrorDescription)" -match $script:guid), $failed[-1].ErrorDescription
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

#region Shared: by the host's drivers and the guest

# As src/drivers/gather/host_registry.c asks.
function Read-Registry([string] $Method, [string] $Key, [string] $Name) {
    $values = @{ hDefKey = $LOCAL_MACHINE; sSubKeyName = $Key }
    if ($Name) { $values.sValueName = $Name }
    Invoke-Method "${CIMV2}:StdRegProv" $Method $values
}

function Read-Text([string] $Key, [string] $Name) {
    (Read-Registry GetExpandedStringValue $Key $Name).sValue
}

function Select-Associated([string] $Class, [string] $Key, [string] $Value, [string] $Where) {
    Select-Rows "ASSOCIATORS OF {$Class.$Key=`"$($Value -replace '\\', '\\')`"} WHERE $Where" $CIMV2
}

function New-Scratch {
    $folder = [IO.Path]::Combine([IO.Path]::GetTempPath(), "verify-$([guid]::NewGuid())")
    [IO.Directory]::CreateDirectory($folder).FullName
}

function Test-Listing([string] $Folder) {
    Test-Rule 'WMI lists the folders of a driver store as the disk has them' {
        $there = @(Get-FolderNames $Folder)
        $clock = [Diagnostics.Stopwatch]::StartNew()
        $names = @(Select-Associated Win32_Directory Name $Folder ('AssocClass = Win32_SubDirectory ' +
                                                                   'ResultClass = Win32_Directory'))
        $seconds = [math]::Round($clock.Elapsed.TotalSeconds, 1)
        $names = @($names | ForEach-Object { $_.Name } | Where-Object { $_ -like "$Folder\*" })
        $missing = @($there | Where-Object { "$Folder\$_" -notin $names })
        ($missing.Count -eq 0 -and $names.Count -eq $there.Count),
            "$($names.Count) of $($there.Count) folders, in $seconds s; missing: $($missing[0])"
    }
    Test-Rule 'WMI does not find a folder that is not there' {
        $path = "$Folder\no such folder"
        $object = Get-Refusal { Get-Row "${CIMV2}:Win32_Directory.Name=`"$($path -replace '\\', '\\')`"" }
        $inside = Get-Refusal { Select-Associated Win32_Directory Name $path 'AssocClass = Win32_SubDirectory' }
        ($object -eq 'NotFound' -and $inside -in 'NotFound', 'accepted'), "$object; folders in it: $inside"
    }
}
#endregion

#region Drivers: what get-drivers and check-drivers rest on; only read, but for a package in the temporary folder

# The GPUs of the host, and their drivers by the way of src/drivers/gather/finder.c.
function Get-Drivers {
    foreach ($device in Select-Rows "SELECT * FROM Win32_PnPEntity WHERE PNPClass = 'Display'" $CIMV2) {
        if ($device.DeviceID -notlike 'PCI\*' -or $device.DeviceID -like "$VIRTUAL_GPU*") { continue }
        $key = "$CURRENT\Enum\$($device.DeviceID)"
        $class = "$CURRENT\Control\Class\$(Read-Text $key Driver)"
        $paths = @((Read-Registry GetMultiStringValue $class UserModeDriverName).sValue)
        $path = [regex]::Match("$($paths -like '*\FileRepository\*\*')", '(?i)^(.*?\\FileRepository)\\(.*?)\\')
        @{ Id = $device.DeviceID; Name = $device.Name; Class = $class; Service = Read-Text $key Service
           Paths = $paths; Store = $path.Groups[1].Value; Folder = $path.Groups[2].Value }
    }
}

# A rule about each driver, which the script block has as $driver.
function Test-DriverRule([string] $Rule, [scriptblock] $Look) {
    Test-Rule $Rule {
        if ($script:drivers.Count -eq 0) { return $null, 'no GPU with a driver was found' }
        $verdicts = @()
        $texts = foreach ($driver in $script:drivers) {
            $holds, $seen = Invoke-Test $Look
            $verdicts += , $holds
            "$($driver.Name): $seen"
        }
        $all = if ($false -in $verdicts) { $false } elseif ($true -in $verdicts) { $true } else { $null }
        $all, ($texts -join '; ')
    }
}

# What a driver wants to have in guests, besides its folder.
function Get-Declared($Driver) {
    foreach ($key in $Driver.Class, "$CURRENT\Services\$($Driver.Service)") {
        foreach ($place in 'CopyToVmOverwrite', 'CopyToVmWhenNewer', 'CopyToVmOverwriteWow64',
                           'CopyToVmWhenNewerWow64') {
            $values = Read-Registry EnumValues "$key\$place"
            for ($i = 0; $i -lt $values.sNames.Count; $i++) {
                $method = if ($values.Types[$i] -eq 7) { 'GetMultiStringValue' } else { 'GetExpandedStringValue' }
                @{ Key = $key; Place = $place; Name = $values.sNames[$i]; Type = $values.Types[$i]
                   Texts = @((Read-Registry $method "$key\$place" $values.sNames[$i]).sValue) }
            }
        }
    }
}

# As src/drivers/gather/inf.c reads it.
function Read-Inf([string] $Store, [string] $Folder) {
    $text = Get-Text "$Store\$Folder\$($Folder -replace '\.inf_.*', '.inf')"
    $text = $text -replace ';[^\r\n]*' -replace '[ \t"]' -replace '\\\r?\n'
    $lists = [regex]::Matches($text, '(?im)^CopyINF=(.+?)\r?$') | ForEach-Object { $_.Groups[1].Value }
    @{ DriverVer = [regex]::Match($text, '(?im)^DriverVer=(.+?)\r?$').Groups[1].Value
       Companions = @($lists -split ',' -ne '') }
}

function Test-RegistryProvider {
    Test-Rule 'the registry''s provider answers 2 for a key that is missing' {
        $key = "$WINDOWS\No Such Key"
        $seen = foreach ($method in 'GetExpandedStringValue', 'GetMultiStringValue', 'GetDWORDValue') {
            (Read-Registry $method $key Any).ReturnValue
        }
        $seen += (Read-Registry EnumValues $key).ReturnValue
        ("$seen" -eq '2 2 2 2'), "$seen"
    }
    Test-Rule 'the registry''s provider answers 2 for a value that is missing' {
        $seen = foreach ($method in 'GetExpandedStringValue', 'GetMultiStringValue', 'GetDWORDValue') {
            (Read-Registry $method $WINDOWS NoSuchValue).ReturnValue
        }
        ("$seen" -eq '2 2 2'), "$seen"
    }
    Test-Rule 'the registry''s provider answers 1 for a value of another kind' {
        $seen = foreach ($method in 'GetMultiStringValue', 'GetDWORDValue') {
            (Read-Registry $method $WINDOWS SystemRoot).ReturnValue
        }
        ("$seen" -eq '1 1'), "$seen"
    }
    Test-Rule 'GetExpandedStringValue reads REG_SZ, and REG_EXPAND_SZ' {
        $plain = Read-Text $WINDOWS SystemRoot
        $expanded = Read-Text "$CURRENT\Control\Session Manager\Environment" ComSpec
        ($expanded -eq "$plain\system32\cmd.exe"), "'$plain', '$expanded'"
    }
}

function Test-Drivers {
    $script:drivers = @()
    Test-RegistryProvider
    Test-Rule 'the registry names driver and service of each GPU' {
        $script:drivers = @(Get-Drivers)
        $odd = @($drivers | Where-Object { $_.Class -like '*\' -or -not $_.Service } | ForEach-Object { $_.Id })
        if ($drivers.Count -eq 0) { return $null, 'no display adapter on PCI' }
        ($odd.Count -eq 0), "$($drivers.Count) GPUs; without: $odd"
    }
    Test-DriverRule 'UserModeDriverName has full paths into one folder of the driver store' {
        $prefix = "$(Read-Text $WINDOWS SystemRoot)\System32\DriverStore\FileRepository\$($driver.Folder)\"
        $odd = @($driver.Paths | Where-Object { $_ -ne '<>' -and $_ -notlike "$prefix*" })
        ($driver.Folder -ne '' -and $odd.Count -eq 0), "$($driver.Folder), $($driver.Paths.Count) paths; odd: $odd"
    }
    Test-DriverRule 'the service runs from the same folder' {
        $image = Read-Text "$CURRENT\Services\$($driver.Service)" ImagePath
        ($image -like "\SystemRoot\System32\DriverStore\FileRepository\$($driver.Folder)\*"), $image
    }
    Test-DriverRule 'what is declared for guests is a file of that folder, and perhaps a new name' {
        $declared = @(Get-Declared $driver)
        if ($declared.Count -eq 0) { return $null, 'nothing' }
        $odd = @($declared | Where-Object {
            $_.Type -notin 1, 2, 7 -or $_.Texts.Count -notin 1, 2 -or $_.Texts[1] -like '*\*' -or
                -not (Test-File "$($driver.Store)\$($driver.Folder)\$($_.Texts[0])") })
        $first = $odd | ForEach-Object { "$($_.Place) $($_.Name) = $($_.Texts -join ', ')" }
        $atService = @($declared | Where-Object { $_.Key -like '*\Services\*' }).Count
        ($odd.Count -eq 0), "$($declared.Count) files, $atService at the service; odd: $first"
    }
    Test-DriverRule 'WMI knows files of the driver in that folder, with names in lower case' {
        $clock = [Diagnostics.Stopwatch]::StartNew()
        $rows = Select-Associated Win32_PnPSignedDriver DeviceID $driver.Id ('AssocClass = ' +
                                                                            'Win32_PnPSignedDriverCIMDataFile')
        $seconds = [math]::Round($clock.Elapsed.TotalSeconds, 1)
        $names = @($rows | ForEach-Object { $_.Name })
        $inside = @($names -like "$($driver.Store)\$($driver.Folder)\*")
        ($inside.Count -gt 0 -and "$names" -ceq "$names".ToLower()),
            "$($names.Count) files, $($inside.Count) of them there, in $seconds s; the first: $($names[0])"
    }
    Test-DriverRule 'each companion that the INF names is once in the driver store with the same DriverVer' {
        $inf = Read-Inf $driver.Store $driver.Folder
        if ($inf.Companions.Count -eq 0) { return $null, 'it names none' }
        $counts = foreach ($name in $inf.Companions) {
            @(Get-FolderNames $driver.Store | Where-Object {
                $_ -like "${name}_*" -and (Read-Inf $driver.Store $_).DriverVer -eq $inf.DriverVer }).Count
        }
        (@(@($counts) -ne 1).Count -eq 0), "$($inf.Companions -join ', '): $counts"
    }
    Test-Listing "$(Read-Text $WINDOWS SystemRoot)\System32\DriverStore\FileRepository"
    $script:packed = $null
    Test-Rule 'get-drivers makes a package with the folder that the registry names; for check-drivers it is current' {
        if (-not $script:gpu) { return $null, 'the host has no partitionable GPU' }
        $ErrorActionPreference = 'Continue'
        $folder = New-Scratch
        try {
            $clock = [Diagnostics.Stopwatch]::StartNew()
            $made = & $Program -DO get-drivers -GPU order:1 -ZIP -DEST $folder 2>&1
            $seconds = [math]::Round($clock.Elapsed.TotalSeconds, 1)
            $code = $LASTEXITCODE
            if ($code -ne 0) { return $false, "exit code $code; $made" }
            $checked = & $Program -DO check-drivers -GPU order:1 -DEST $folder 2>&1
            $code = $LASTEXITCODE
            $zip = [System.IO.Compression.ZipFile]::OpenRead(@([IO.Directory]::GetFiles($folder, '*.zip'))[0])
            $names = @($zip.Entries | ForEach-Object { $_.FullName })
            $zip.Dispose()
            $script:packed = $names
            $whose = @($drivers | Where-Object {
                "$checked" -like "*, $($_.Folder) *" -and
                    @($names -like "Windows/System32/HostDriverStore/FileRepository/$($_.Folder)/*").Count -gt 0 })
            ($code -eq 0 -and $whose.Count -gt 0), "$made, in $seconds s; exit code $code; $checked"
        } finally {
            [IO.Directory]::Delete($folder, $true)
        }
    }
    Test-Rule 'that package holds all that is in the folder, but logs, dumps and the like' {
        if ($null -eq $packed) { return $null, 'there is no package' }
        $base = 'Windows/System32/HostDriverStore/FileRepository'
        $owners = @($drivers | Where-Object { @($packed -like "$base/$($_.Folder)/*").Count -gt 0 })
        if ($owners.Count -eq 0) { return $false, 'it holds the folder of no driver' }
        $driver = $owners[0]
        $there = @(Get-TreeNames "$($driver.Store)\$($driver.Folder)")
        $missing = @($there | Where-Object { "$base/$($driver.Folder)/$($_ -replace '\\', '/')" -notin $packed })
        $passing = '\.(log|etl|trace|m?dmp|hdmp|wer|te?mp|pnf)(\.\w+)*$|dumps?\\|~'
        $odd = @($missing | Where-Object { $_ -notmatch $passing })
        ($there.Count -gt 0 -and $odd.Count -eq 0),
            "$($there.Count) files are there, left out: $($missing -join ', '); should not be: $($odd -join ', ')"
    }
}
#endregion

#region Captures; only read, but for a file in the temporary folder

function Test-Captures {
    Test-Rule 'a simulated host can hold all that this host says of its VMs and GPUs' {
        $ErrorActionPreference = 'Continue'
        $folder = New-Scratch
        try {
            $told = & $Program -DO capture -DEST ([IO.Path]::Combine($folder, 'host.json')) 2>&1
            $code = $LASTEXITCODE
            $lacks = @($told | Where-Object { "$_" -match 'left out Msvm_\w+ \(' -and "$_" -notmatch 'moment' })
            ($code -eq 0 -and $lacks.Count -eq 0), "exit code $code; $lacks"
        } finally {
            [IO.Directory]::Delete($folder, $true)
        }
    }
}
#endregion

#region Guest: what installdrivers rests on, and check-drivers -GUEST

function Test-VirtualGpus {
    Test-Rule 'LIKE finds the virtual GPUs' {
        $rows = @(Select-Rows ("SELECT * FROM Win32_PnPEntity WHERE DeviceID LIKE " +
                               "'$($VIRTUAL_GPU -replace '\\', '\\' -replace '_', '[_]')%'") $CIMV2)
        $there = @(Select-Rows 'SELECT * FROM Win32_PnPEntity' $CIMV2 |
                   Where-Object { $_.DeviceID -like "$VIRTUAL_GPU*" })
        $script:virtual = $there
        if ($there.Count -eq 0) { return $null, 'there is none' }
        ($rows.Count -eq $there.Count), "$($rows.Count) of $($there.Count)"
    }
    foreach ($gpu in $script:virtual) {
        Test-Rule 'a virtual GPU has the name of a GPU, and none of Windows'' own' {
            ($gpu.Name -and $gpu.Name -notmatch 'Microsoft|Virtual|Basic'), "'$($gpu.Name)'"
        }
        Test-Rule 'its ID tells no maker of a board, and PNPDeviceID is the same' {
            ($gpu.DeviceID -match '&SUBSYS_00000000&REV_00\\' -and $gpu.PNPDeviceID -eq $gpu.DeviceID), $gpu.DeviceID
        }
        Test-Rule 'it is a display adapter of the service vrd' {
            ($gpu.Service -eq 'vrd' -and $gpu.PNPClass -eq 'Display'), "$($gpu.Service), $($gpu.PNPClass)"
        }
        Test-Rule 'it tells whether it is present, and its problem is none or one that installdrivers explains' {
            ($gpu.Present -is [bool] -and $gpu.ConfigManagerErrorCode -in 0, 10, 12, 14, 22, 28, 31, 43, 45),
                "present: $($gpu.Present), code $($gpu.ConfigManagerErrorCode)"
        }
        if ($gpu.ConfigManagerErrorCode -eq 0) { continue } # one that works is left alone
        Test-Rule 'one that does not work can be disabled and enabled' {
            try { Restart-Device $gpu.DeviceID }
            catch [Management.Automation.CommandNotFoundException] { throw } # not Windows
            catch { $false, "$_" }
        }
    }
}

# Where installdrivers -SERVICE install was run.
function Test-GuestService {
    $key = "$CURRENT\Services\HyperPointGuest"
    $command = Read-Text $key ImagePath
    Test-Rule 'the guest service keeps the three privileges that it was given' {
        if (-not $command) { return $null, 'it is not installed' }
        $names = @((Read-Registry GetMultiStringValue $key RequiredPrivileges).sValue) -join ' '
        ($names -eq 'SeChangeNotifyPrivilege SeRestorePrivilege SeLoadDriverPrivilege'), $names
    }
    Test-Rule 'the guest service has told the host of this guest' {
        if (-not $command) { return $null, 'it is not installed' }
        $told = Read-Text 'SOFTWARE\Microsoft\Virtual Machine\Guest' HyperPoint.Agent
        ($told -match '^version=1;program=[0-9.]+;update=(yes|no);restart=(yes|no);windows=[0-9.]+;problem='), $told
    }
}

# Where -BRING puts what an administrator starts.
function Test-TemporaryFolder {
    Test-Rule 'users of the guest cannot list the folder for temporary files of Windows' {
        $acl = (Get-Acl "$(Read-Text $WINDOWS SystemRoot)\Temp").Sddl
        $listing = @([regex]::Matches($acl, '\(A;(\w*);(\w+);;;(BU|AU|IU|WD)\)') | Where-Object {
            $flags, $rights = $_.Groups[1, 2].Value
            $flags -notmatch '^(..)*IO' -and $(if ($rights -like '0x*') { [Convert]::ToUInt32($rights, 16) -band 1 }
                                             else { $rights -match '^(..)*(CC|FA|FR|GA|GR)' })
        })
        ($acl -and $listing.Count -eq 0), $acl
    }
}

function Test-ComponentStore {
    Test-Rule 'a file of Windows that has no version has a second name in the component store' {
        $names = @(Get-LinkNames "$(Read-Text $WINDOWS SystemRoot)\System32\l_intl.nls")
        (@($names -like '\Windows\WinSxS\*').Count -gt 0), "$names"
    }
}

function Test-FilesInUse([string] $Folder) {
    $path = [IO.Path]::Combine($Folder, 'in use')
    $file = [IO.File]::Create($path)
    try {
        Test-Rule 'the Restart Manager finds who has a file open' {
            $ids = @(Get-Holders $path | ForEach-Object { $_.Id })
            ($PID -in $ids), "$ids"
        }
        Test-Rule 'the Restart Manager knows paths with \\?\' {
            $ids = @(Get-Holders "\\?\$path" | ForEach-Object { $_.Id })
            ($PID -in $ids), "$ids"
        }
    } finally {
        $file.Dispose()
    }
    Test-Rule 'the Restart Manager finds processes in other sessions' {
        $holders = @(Get-Holders "$(Read-Text $WINDOWS SystemRoot)\System32\rpcss.dll")
        $own = [Diagnostics.Process]::GetCurrentProcess().SessionId
        $other = @($holders | Where-Object { $_.Session -ne $own })
        ($other.Count -gt 0), "$($other.Count) of $($holders.Count): $($other | ForEach-Object { $_.Name })"
    }
}

function Test-HeldFolder([string] $Folder) {
    $script:held = $null
    $path = [IO.Directory]::CreateDirectory([IO.Path]::Combine($Folder, 'held')).FullName
    Test-Rule 'a folder that is held open can be neither renamed nor removed' {
        $script:held = @(Get-HeldResults $path $Folder)
        ($held[0] -eq 32 -and $held[1] -eq 32), "$held"
    }
    Test-Rule 'nobody can make a junction of an empty folder that is held open' {
        if ($null -eq $held) { return $null, 'it could not be held' }
        ($held[2] -ne 0), "$held"
    }
    if ([IO.Directory]::Exists($path)) { [IO.Directory]::Delete($path) }
}

# As TrustedInstaller's files are: administrators may put files into the folder, but only read those that are there.
function Test-RestoreRight([string] $Folder) {
    Test-Rule 'SeRestorePrivilege suffices to rename a file whose access list denies it' {
        $inner = [IO.Directory]::CreateDirectory([IO.Path]::Combine($Folder, 'guarded')).FullName
        $from, $to = [IO.Path]::Combine($inner, 'old'), [IO.Path]::Combine($inner, 'new')
        [IO.File]::WriteAllText($from, 'a file')
        try {
            Set-Access $from '*S-1-1-0:(RX)'
            Set-Access $inner '*S-1-5-32-544:(M)'
            $without = Move-Path $from $to 8
            if ($without -ne 5) { return $null, "without it the rename ends with $without, not 5" }
            if (-not (Enable-RestoreRight)) { return $null, 'this user does not have it; run this as administrator' }
            $with = Move-Path $from $to 8
            ($with -eq 0), "$without without, $with with it"
        } finally {
            Reset-Access $Folder
        }
    }
}

# Takes off the pairs that name a folder, and nothing else.
function Remove-PendingMoves([string] $Folder) {
    $texts = @(Get-PendingMoves)
    $rest = @(for ($i = 0; $i -lt $texts.Count; $i += 2) {
        if (-not $texts[$i].Contains($Folder)) { $texts[$i, ($i + 1)] }
    })
    if ($rest.Count -ne $texts.Count) { Set-PendingMoves $rest }
}

function Test-PendingMoves([string] $Folder) {
    $script:pending = $null
    Test-Rule 'the list of what Windows renames at its next start can be read' {
        $script:pending = @(Get-PendingMoves)
        $true, "$($pending.Count) texts"
    }
    if ($null -eq $pending) { return }
    $path = [IO.Path]::Combine($Folder, 'first')
    try {
        Test-Rule 'Windows notes a removal at its next start as \??\ with the path, and an empty text' {
            [IO.File]::WriteAllText($path, 'a file')
            $result = Move-Path $path '' 4
            $noted = @(Get-PendingMoves)[-2, -1] -join ', '
            ($result -eq 0 -and $noted -eq "\??\$path, "), "$result; '$noted'"
        }
        Test-Rule 'that list is read as it was written, empty texts too' {
            $list = @(Get-PendingMoves) + "\??\$path", '', "\??\$path 2", "!\??\$path"
            Set-PendingMoves $list
            $now = @(Get-PendingMoves)
            ($now.Count -eq $list.Count -and ($now -join '|') -ceq ($list -join '|')), "$($now.Count) texts"
        }
    } finally {
        Remove-PendingMoves $Folder
    }
    Test-Rule 'what was taken off that list leaves the rest as it was' {
        $now = @(Get-PendingMoves)
        ($now.Count -eq $pending.Count -and ($now -join '|') -ceq ($pending -join '|')),
            "$($pending.Count) texts, then $($now.Count)"
    }
}

function Test-Guest {
    $script:virtual = @()
    Test-VirtualGpus
    Test-GuestService
    Test-TemporaryFolder
    Test-Listing "$(Read-Text $WINDOWS SystemRoot)\System32\HostDriverStore\FileRepository"
    Test-ComponentStore
    $folder = New-Scratch
    try {
        Test-FilesInUse $folder
        Test-HeldFolder $folder
        Test-RestoreRight $folder
        if (Confirm-Step 'Write to the list of what Windows renames at its next start, and take it off again?') {
            Test-PendingMoves $folder
        }
    } finally {
        [IO.Directory]::Delete($folder, $true)
    }
    'unknown the Restart Manager stops the users of a file -- not tried: it would stop other programs'
    'unknown Windows makes some thousand moves as it starts -- not tried: it would have to start'
    'unknown Windows moves a link as such as it starts -- not tried: it would have to start'
}
#endregion

# The main job, and how words get to the program from this PowerShell.
function Test-Program {
    Test-Rule 'the host answers sessions side by side: all VMs at once are read as each alone' {
        $seen = @(& $Program -VM '*' -DO list-gpus-assigned -PARALLEL 16 2>&1)
        $code = $LASTEXITCODE
        $adapters = @($seen -match '^Adapter ID').Count
        $told = 0
        foreach ($line in @(& $Program -DO list-vms) -match '^GPUs') { $told += [int] ($line -replace '\D') }
        ($code -eq 0 -and $adapters -eq $told), "exit code $code, $adapters adapters of $told"
    }
    Test-Rule 'a VM by its name and its ID is one VM' {
        $seen = @(& $Program -VM "$VM,id:$($script:computer.Name)" -DO list-gpus-assigned 2>&1)
        ($LASTEXITCODE -eq 0 -and @($seen -match '^== ').Count -eq 1), "$seen"
    }
    $ErrorActionPreference = 'Continue' # for 5.1, whatever a program writes to standard error is an error
    Test-Rule 'the GPUs are the same after a checkpoint' {
        $null = & $Program -VM $VM -DO add -GPU order:1 2>&1
        $assigned = @(& $Program -VM $VM -DO list-gpus-assigned) -notmatch '^Adapter ID'
        $seen = & $Program -VM $VM 2>&1
        $code = $LASTEXITCODE
        $after = @(& $Program -VM $VM -DO list-gpus-assigned) -notmatch '^Adapter ID'
        ($code -eq 0 -and "$assigned" -match 'Total:1' -and "$assigned" -eq "$after"), "exit code $code; $seen"
    }
    Test-Rule 'the GPUs are the same after detach, a checkpoint meanwhile, and attach' {
        $assigned = @(& $Program -VM $VM -DO list-gpus-assigned) -notmatch '^Adapter ID'
        $null = & $Program -VM $VM -DO detach 2>&1
        $detached = @(& $Program -VM $VM -DO list-gpus-assigned 2>&1)
        $null = & $Program -VM $VM -NAME 'while detached' 2>&1
        $seen = & $Program -VM $VM -DO attach 2>&1
        $code = $LASTEXITCODE
        $after = @(& $Program -VM $VM -DO list-gpus-assigned) -notmatch '^Adapter ID'
        ($code -eq 0 -and "$detached" -match 'Total:0' -and "$seen" -match 'a checkpoint of it has been made' -and
            "$assigned" -eq "$after"), "exit code $code; $seen"
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

$script:system = @(Select-Rows 'SELECT * FROM Win32_OperatingSystem' $CIMV2)[0]
$script:build = [int] $system.BuildNumber
$place = if ($Guest) { 'as a guest' } else { "VM '$VM'" }
"HyperPoint on $($system.Caption), build $build, PowerShell $($PSVersionTable.PSVersion), $place"
if ($Guest) {
    Test-Guest
    return
}
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
Test-Check
Test-Drivers
Test-Captures

if ((Get-State) -ne 3 -or @(Get-Adapters).Count -gt 0 -or @(Get-Checkpoints).Count -gt 0) {
    throw "VM '$VM' has to be off, without GPU partitions and checkpoints."
}
if (-not (Confirm-Step "Change VM '$VM': GPU partitions on and off, checkpoints made and deleted, other settings?")) {
    return
}
try {
    if ($gpu) { Test-Adapters } else { 'unknown all about GPU partitions -- the host has no partitionable GPU' }
    Test-Checkpoints
    Test-DataItems
    Test-Interface
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
'unknown Ctrl-C ends a question of the program, and nothing is changed -- not tried: somebody has to press it'
