# SPDX-License-Identifier: MIT
# Stands in for what scripts/verify-on-windows.ps1 asks of WMI and of Windows: a host with one VM, and a guest, that are
# as HyperPoint has them. $contrary: the host takes checkpoints of VMs with GPU partitions, and of drivers and the guest
# nothing is as expected. $stranger: the user has no rights. $global:calls counts calls that may change something.
$fakeVm = 'F65D0775-1CA1-4804-9305-71F4A38BDD83'
$fake = @{
    State = 3; Status = , 2; Adapters = @(); Checkpoints = @(); Parent = $null; Running = @(); Applied = 1
    Items = @(); Interface = [uint16] 3
    Settings = @{ AutomaticSnapshotsEnabled = $true; UserSnapshotType = [uint16] 3; GuestControlledCacheTypes = $false
                  LowMmioGapSize = [uint64] 128; HighMmioGapSize = [uint64] 512; HighMmioGapBase = [uint64] 65024 }
}

# The first two GPUs of the simulated host, their drivers and files; and a guest with the first one.
$fakeWindows = 'C:\Windows\System32'
$fakeStore = "$fakeWindows\DriverStore\FileRepository"
$fakeFolders = @(
    @{ Name = 'nv_dispi.inf_amd64_4a1b6d2f0c9e8d37'; Inf = "[Version]`r`nDriverVer = 08/14/2024, 32.0.15.6094`r`n" }
    @{ Name = 'u0400975.inf_amd64_77c1b0a9e5d4f213'
       Inf = "[Version]`r`nDriverVer=03/12/2024, 31.0.1`r`n[NT]`r`nCopyINF = \`r`n  `"amdocl.inf`" ; OpenCL`r`n" }
    @{ Name = 'amdocl.inf_amd64_0d4c2b1a99887766'; Inf = "DriverVer = 03/12/2024,31.0.1`r`n" }
    @{ Name = 'amdocl.inf_amd64_5e5e5e5e11112222'; Inf = "DriverVer = 11/02/2023,31.0.0`r`n" })
$fakeGpus = @(
    @{ DeviceID = 'PCI\VEN_10DE&DEV_2882&SUBSYS_11111462&REV_A1\4&11111111&0&0008'; Name = 'GeForce'
       Folder = $fakeFolders[0].Name; Files = 'nvldumdx.dll', 'nvcuda_loader64.dll', 'nvapi64.dll' }
    @{ DeviceID = 'PCI\VEN_1002&DEV_73BF&SUBSYS_0E3A1002&REV_C1\6&22222222&0&00000008'; Name = 'Radeon'
       Folder = $fakeFolders[1].Name; Files = , 'B400821\amdxc64.dll' })
$fakeVirtualGpu = @{
    DeviceID = 'PCI\VEN_1414&DEV_008E&SUBSYS_00000000&REV_00\5&1&0&0'; Name = 'GeForce'; PNPClass = 'Display'
    PNPDeviceID = 'PCI\VEN_1414&DEV_008E&SUBSYS_00000000&REV_00\5&1&0&0'; Service = 'vrd'; Present = $true
    ConfigManagerErrorCode = [uint32] 43
}
$fakeRegistry = @{ # a text: REG_SZ; several: REG_MULTI_SZ
    'SOFTWARE\Microsoft\Windows NT\CurrentVersion' = @{ SystemRoot = 'C:\Windows' }
    'SYSTEM\CurrentControlSet\Control\Session Manager\Environment' = @{ ComSpec = "$fakeWindows\cmd.exe" }
    'SYSTEM\CurrentControlSet\Services\HyperPointGuest' = @{
        ImagePath = 'installdrivers.exe'
        RequiredPrivileges = 'SeChangeNotifyPrivilege', 'SeRestorePrivilege', 'SeLoadDriverPrivilege' }
    'SOFTWARE\Microsoft\Virtual Machine\Guest' = @{
        'HyperPoint.Agent' = 'version=1;program=0.1.0;update=yes;restart=no;windows=22631.1;problem=0;packages=0' }
}
if ($contrary) {
    $fakeRegistry['SYSTEM\CurrentControlSet\Services\HyperPointGuest'].RequiredPrivileges = 'SeDebugPrivilege', 'x'
    $fakeRegistry['SOFTWARE\Microsoft\Virtual Machine\Guest'].'HyperPoint.Agent' = 'hello'
    $fakeFolders[0].Name = $fakeGpus[0].Folder = 'nv_dispi.inf_amd64_0000000000000000'
    $fakeFolders[3].Inf = $fakeFolders[2].Inf
    $fakeGpus[0].Files = 'no file', 'nvapi64.dll'
    $fakeVirtualGpu = @{ DeviceID = $fakeVirtualGpu.DeviceID + '\1'; PNPDeviceID = 'PCI'; ConfigManagerErrorCode = 1
                         Name = 'Microsoft Virtual Render Device'; Service = 'render' }
    $fakeRegistry['SYSTEM\CurrentControlSet\Control\Session Manager\Environment'].ComSpec = '%SystemRoot%\cmd.exe'
}
foreach ($number in 0, 1) {
    $gpu = $fakeGpus[$number]
    $class = "SYSTEM\CurrentControlSet\Control\Class\{4d36e968-e325-11ce-bfc1-08002be10318}\000$number"
    $file = "$fakeStore\$($gpu.Folder)\$($gpu.Files[0])"
    $fakeRegistry["SYSTEM\CurrentControlSet\Enum\$($gpu.DeviceID)"] = @{
        Driver = $class -replace '.*Class\\'; Service = if (-not $contrary) { "service$number" } }
    $other = if ($contrary) { "$fakeWindows\d3d.dll" } else { '<>' }
    $fakeRegistry[$class] = @{ UserModeDriverName = [string[]] ($file, $other, $file) }
    $fakeRegistry["SYSTEM\CurrentControlSet\Services\service$number"] = @{
        ImagePath = "\SystemRoot\System32\DriverStore\FileRepository\$($gpu.Folder)\driver.sys" }
}
$class = $class -replace '1$', '0'
$fakeRegistry["$class\CopyToVmWhenNewer"] = @{
    nvcuda = [string[]] ('nvcuda_loader64.dll', 'nvcuda.dll'); nvapi64 = 'nvapi64.dll' }

function Read-FakeRegistry([string] $Method, [hashtable] $Values) {
    $key = $fakeRegistry[$Values.sSubKeyName]
    $missing, $otherKind = if ($contrary) { 5, 5 } else { 2, 1 }
    if ($null -eq $key) { return @{ ReturnValue = $missing } }
    if ($Method -eq 'EnumValues') {
        $names = @($key.Keys)
        $types = @($names | ForEach-Object { if ($key[$_] -is [array]) { 7 } else { 1 } })
        return @{ ReturnValue = 0; sNames = $names; Types = $types }
    }
    $value = $key[$Values.sValueName]
    if ($null -eq $value) { return @{ ReturnValue = $missing } }
    if ($Method -eq 'GetDWORDValue' -or ($Method -eq 'GetMultiStringValue') -ne ($value -is [array])) {
        return @{ ReturnValue = $otherKind }
    }
    @{ ReturnValue = 0; sValue = $value }
}

function Get-FakeSettings {
    $row = @{ InstanceID = "Microsoft:$fakeVm"; VirtualSystemIdentifier = $fakeVm; Parent = $fake.Parent
              VirtualSystemType = 'Microsoft:Hyper-V:System:Realized'; ElementName = 'my vm'
              Version = '10.0'
              __PATH = '\\H\n:Settings' }
    $row + $fake.Settings
}

function Select-Rows([string] $Query, [string] $Namespace) {
    if ($stranger -and $Query -match 'Msvm_') { return }
    switch -Regex ($Query) {
        'FROM No_Such_Class' { throw 'InvalidClass' }
        'no such folder' { throw 'NotFound' }
        'FROM Win32_PnPEntity WHERE DeviceID LIKE .PCI\\\\VEN\[_\]1414&DEV\[_\]008E%' {
            if (-not $contrary) { $fakeVirtualGpu }
        }
        'FROM Win32_PnPEntity( WHERE PNPClass|$)' {
            $fakeGpus
            $fakeVirtualGpu
            @{ DeviceID = 'ROOT\BASICDISPLAY\0000'; Name = 'Microsoft Basic Display Driver' }
        }
        'Win32_PnPSignedDriver.DeviceID="(.*)"' {
            $gpu = $fakeGpus | Where-Object { $_.DeviceID -eq $Matches[1].Replace('\\', '\') }
            @{ Name = 'c:\windows\system32\nvcuda.dll' }
            foreach ($file in $gpu.Files) {
                $name = "$fakeStore\$($gpu.Folder)\$file"
                @{ Name = if ($contrary) { $name } else { $name.ToLower() } }
            }
        }
        'Win32_Directory.Name="(.*)"' {
            $folder = $Matches[1].Replace('\\', '\').ToLower()
            @{ Name = $folder -replace '\\[^\\]*$' } # the folder above
            if (-not $contrary) { Get-FolderNames $folder | ForEach-Object { @{ Name = "$folder\$_" } } }
        }
        'FROM Win32_OperatingSystem' { @{ Caption = 'Windows 11'; BuildNumber = '22631'; ProductType = 1 } }
        'FROM Msvm_ComputerSystem' {
            if ($Query -notmatch 'WHERE') { @{ Name = 'H'; __PATH = '\\H\n:Host' } }
            @{ Name = $fakeVm; InstallDate = '2026'; EnabledState = $fake.State; EnhancedSessionModeState = [uint16] 2
               __PATH = '\\H\n:Vm' }
        }
        'FROM Msvm_AllocationCapabilities' { @{ InstanceID = 'Microsoft:0DCC3FD1-21BD-423E-AB0B-A3A7451CE985' } }
        'FROM Msvm_VirtualSystemManagementService' { @{ __PATH = 'Manager' } }
        'FROM Msvm_VirtualSystemSnapshotService' { @{ __PATH = 'Snapshots' } }
        'FROM Msvm_PartitionableGpu' { @{ Name = '\\?\PCI#VEN_10DE&DEV_1#4'; AvailableVRAM = [uint64] 1000000000 } }
        'FROM Msvm_GpuPartition ' { $fake.Running }
        'FROM Msvm_GpuPartitionSettingData' { @{ InstanceID = 'Microsoft:Definition\X\Default' }; $fake.Adapters }
        'FROM Msvm_VirtualSystemSettingData' {
            Get-FakeSettings
            if ($Query -match 'VirtualSystemIdentifier') { $fake.Checkpoints }
        }
        'Msvm_VirtualSystemSettingDataComponent' {
            $isBranch = $fake.Checkpoints.Count -gt 0 -and $Query -notmatch '{Checkpoint'
            @{ InstanceID = 'Microsoft:checkpoint 1\disk'
               HostResource = , $(if ($isBranch) { "C:\d_$($fake.Applied).avhdx" } else { 'C:\d.vhdx' }) }
        }
        'FROM CIM_DataFile' {
            foreach ($match in [regex]::Matches($Query, "Name = 'C:\\\\d")) { @{ FileSize = [uint64] 4194304 } }
        }
        'FROM Win32_VideoController' { @{ PNPDeviceID = 'PCI\VEN_10DE&DEV_1\4' } }
        'FROM Msvm_ConcreteJob' {
            @{ JobType = [uint16] 12; JobState = [uint16] 10; ErrorDescription = "'my vm' ($fakeVm) did not start." }
        }
        'FROM Msvm_KvpExchangeComponent$' {
            @{ GuestIntrinsicExchangeItems = @(foreach ($item in ('OSName', 'Windows 11'), ('OSVersion', '10.0.22631')) {
                "<INSTANCE><PROPERTY NAME=`"Name`"><VALUE>$($item[0])</VALUE></PROPERTY>" +
                "<PROPERTY NAME=`"Data`"><VALUE>$($item[1])</VALUE></PROPERTY></INSTANCE>" }) }
        }
        'FROM Msvm_KvpExchangeComponentSettingData' {
            @{ InstanceID = "Microsoft:$fakeVm\KVP"; HostExchangeItems = @($fake.Items) }
        }
        'FROM Msvm_GuestServiceInterfaceComponentSettingData' {
            @{ InstanceID = "Microsoft:$fakeVm\Interface"; EnabledState = $fake.Interface }
        }
        'FROM Msvm_GuestServiceInterfaceComponent ' {
            if ($fake.State -eq 2 -and $fake.Interface -eq 2) { @{ OperationalStatus = , 12 } }
        }
        'FROM Msvm_(Shutdown|Heartbeat)Component' {
            if ($fake.State -eq 2) { @{ OperationalStatus = , 12; __PATH = 'Component' } }
        }
        'Msvm_MostCurrentSnapshotInBranch' { $fake.Checkpoints[-1] }
    }
}

function Get-Row([string] $Path) {
    switch -Regex ($Path) {
        'No_Such_Class' { throw 'InvalidClass' }
        'NoSuchKey' { throw 'InvalidObjectPath' }
        'no such folder' { if (-not $contrary) { throw 'NotFound' } }
        '^Refused$' { @{ JobState = 10; ErrorCode = 32775; ErrorDescription = "Not now.`r`n`r`nNot at all." } }
        '^TooMuchMmio$' { @{ JobState = 10; ErrorCode = 32773; ErrorDescription = 'Not started.' } }
        '^NotStarted$' { @{ JobState = 10; ErrorCode = 32768; ErrorDescription = 'Not started.' } }
        '^SaveFailed$' { @{ JobState = 10; ErrorCode = 32768; ErrorDescription = 'Not saved.' } }
        '^Done$' { @{ JobState = 7; ErrorCode = 0 } }
        ':Vm$' {
            @{ OperationalStatus = $fake.Status }
            $fake.Status = , 2 # a merge is soon over
        }
        '^Checkpoint' { $fake.Checkpoints | Where-Object { $_.__PATH -eq $Path } }
    }
}

function Invoke-Method([string] $Path, [string] $Method, [hashtable] $Values) {
    if ($Path -like '*:StdRegProv') { return Read-FakeRegistry $Method $Values }
    $text = "$($Values.ResourceSettings)$($Values.SystemSettings)$($Values.SnapshotSettings)"
    $global:calls++
    $done = @{ ReturnValue = 4096; Job = 'Done' }
    switch ($Method) {
        'AddResourceSettings' {
            if ($fake.State -ne 3) { return @{ ReturnValue = 32775 } }
            if ($text -match '&amp;') { return @{ ReturnValue = 32768 } }
            $id = "Microsoft:$fakeVm\$global:calls"
            $resource = [regex]::Match($text, 'Msvm_PartitionableGpu\.[^<]*').Value
            $fake.Adapters += @{ InstanceID = $id; __PATH = "Adapter$id"; HostResource = @($resource) }
            return @{ ReturnValue = 0 }
        }
        'RemoveResourceSettings' {
            $left = @($fake.Adapters | Where-Object { $_.__PATH -notin $Values.ResourceSettings })
            if ($left.Count -eq $fake.Adapters.Count) { return @{ ReturnValue = 32773 } }
            $fake.Adapters = $left
            return @{ ReturnValue = 0 }
        }
        'ModifyResourceSettings' {
            if ($text -match 'NoSuchProperty') { return @{ ReturnValue = 32773 } }
            if ($text -match 'Msvm_GuestServiceInterface.*"EnabledState".*<VALUE>(\d)<') {
                $fake.Interface = [uint16] $Matches[1]
            }
            if ($text -match 'Msvm_MemorySettingData' -and $fake.Adapters.Count -gt 0) {
                return @{ ReturnValue = 32773 }
            }
            return @{ ReturnValue = 0 }
        }
        'AddKvpItems' {
            if ($fake.Items.Count -gt 0) { return @{ ReturnValue = 32773 } }
            $fake.Items = @($Values.DataItems)
            return $done
        }
        { $_ -in 'ModifyKvpItems', 'RemoveKvpItems' } {
            if ($fake.Items.Count -eq 0) { return @{ ReturnValue = 32773 } }
            $fake.Items = @(if ($Method -like 'Modify*') { $Values.DataItems })
            return $done
        }
        'InitiateShutdown' { return @{ ReturnValue = 32780 } }
        'ModifySystemSettings' {
            if ($text -match 'checkpoint 1') {
                if ($text -notmatch '"ElementName"') { return @{ ReturnValue = 32773 } }
                $name, $note = [regex]::Matches($text, '<VALUE>([^<]*)<')[1, 2] | ForEach-Object { $_.Groups[1].Value }
                $fake.Checkpoints[0].ElementName = $name
                $fake.Checkpoints[0].Notes = , $note
                return @{ ReturnValue = 0 }
            }
            foreach ($match in [regex]::Matches($text, 'NAME="(\w+)" TYPE="(\w+)"><VALUE>([^<]*)<')) {
                $name, $type, $value = $match.Groups[1..3].Value
                if ($type -eq 'boolean') { $fake.Settings[$name] = $value -eq 'true' }
                if ($type -like 'uint*') { $fake.Settings[$name] = $value -as "System.$type" }
            }
            return $done
        }
        'CreateSnapshot' {
            if ($fake.Settings.UserSnapshotType -eq 2) { return @{ ReturnValue = 32775 } }
            if ($fake.Adapters.Count -gt 0 -and -not $contrary) { return @{ ReturnValue = 4096; Job = 'Refused' } }
            $name = [regex]::Match($text, 'ElementName.*<VALUE>(.*)</VALUE>').Groups[1].Value
            $fake.Parent = "Checkpoint$global:calls"
            $fake.Checkpoints += @{ ElementName = $name; __PATH = $fake.Parent; InstanceID = 'Microsoft:checkpoint 1'
                                    VirtualSystemType = 'Microsoft:Hyper-V:Snapshot:Realized' }
            return $done
        }
        'ApplySnapshot' {
            if ($fake.Adapters.Count -gt 0) { return @{ ReturnValue = 4096; Job = 'Refused' } }
            $fake.Parent = $Values.Snapshot
            $fake.Applied++
            return $done
        }
        'DestroySnapshot' {
            $fake.Checkpoints = @($fake.Checkpoints | Where-Object { $_.__PATH -ne $Values.AffectedSnapshot })
            $fake.Status = 2, 32772
            return $done
        }
        'RequestStateChange' {
            if ($Values.RequestedState -eq 6 -and $fake.Adapters.Count -gt 0) {
                return @{ ReturnValue = 4096; Job = 'SaveFailed' }
            }
            if ($Values.RequestedState -eq 2 -and $fake.Settings.HighMmioGapSize -ge 1048576) {
                return @{ ReturnValue = 4096; Job = 'TooMuchMmio' }
            }
            if ($Values.RequestedState -eq 2 -and $fake.Adapters.Count -gt 0 -and
                $fake.Settings.AutomaticSnapshotsEnabled) {
                return @{ ReturnValue = 4096; Job = 'NotStarted' }
            }
            $fake.Checkpoints = @($fake.Checkpoints | Where-Object { -not $_.IsAutomaticSnapshot })
            if ($Values.RequestedState -eq 2 -and $fake.Settings.AutomaticSnapshotsEnabled) {
                $fake.Checkpoints += @{ __PATH = 'Automatic'; IsAutomaticSnapshot = $true
                                        VirtualSystemType = 'Microsoft:Hyper-V:Snapshot:Realized' }
            }
            $fake.State = $Values.RequestedState
            $fake.Running = @(foreach ($adapter in $fake.Adapters) {
                if ($fake.State -eq 2) { @{ DeviceID = $adapter.InstanceID -replace '^.*\\', 'Microsoft:' } }
            })
            return $done
        }
    }
}

# Windows; paths are those of this computer, or of the table above.
$fakePending = [Collections.Generic.List[string]] ('\??\C:\old', '', '\??\C:\fresh', '!\??\C:\place')

function Get-FolderNames([string] $Folder) {
    if ($Folder -eq $fakeStore) { $fakeFolders.Name } else { $fakeFolders[0].Name }
}

function Get-TreeNames([string] $Folder) {
    'nvldumdx.dll', 'Display.NvContainer\plugins\NvXDCore.dll', 'nv_dispi.PNF', 'Display.NvContainer\driver.log.1'
    if ($contrary) { 'not packed.dll' }
}

function Get-Text([string] $Path) {
    $name = $Path.Substring($fakeStore.Length + 1) -replace '\\.*'
    ($fakeFolders | Where-Object { $_.Name -eq $name }).Inf
}

function Test-File([string] $Path) {
    @($fakeGpus | Where-Object { $gpu = $_; $gpu.Files | Where-Object { $Path -eq "$fakeStore\$($gpu.Folder)\$_" } })
}

function Get-LinkNames([string] $Path) {
    '\Windows\System32\l_intl.nls'
    if (-not $contrary) { '\Windows\WinSxS\amd64_nls_1\l_intl.nls' }
}

function Get-Holders([string] $Path) {
    if ($contrary) { return }
    if ($Path -like '*\rpcss.dll') { return @{ Id = 4; Session = -1; Name = 'RPC' } }
    if (-not [IO.File]::Exists($Path.Replace('\\?\', ''))) { throw 'no such file' }
    @{ Id = $PID; Session = [Diagnostics.Process]::GetCurrentProcess().SessionId }
}

function Get-HeldResults([string] $Folder, [string] $Target) { if ($contrary) { 0, 0, 0 } else { 32, 32, 32 } }

function Restart-Device([string] $Id) { if ($contrary) { throw "refused" } else { $true, 'CM_PROB_NONE' } }

function Set-Access([string] $Path, [string] $Rights) { $script:fakeGuarded = $true }
function Reset-Access { $script:fakeGuarded = $false }
function Enable-RestoreRight { $script:fakeGuarded = [bool] $contrary; $true }

function Move-Path([string] $From, [string] $To, [uint32] $Flags) {
    if (-not [IO.File]::Exists($From)) { return 2 }
    if ($Flags -eq 4) {
        $global:calls++
        $fakePending.Add($(if ($contrary) { $From } else { "\??\$From" }))
        $fakePending.Add($To)
    } elseif ($fakeGuarded) {
        return 5
    } else {
        [IO.File]::Move($From, $To)
    }
    0
}

function Get-PendingMoves { $fakePending }

function Set-PendingMoves([string[]] $Texts) {
    $global:calls++
    $script:fakePending = [Collections.Generic.List[string]] @($Texts | Where-Object { $_ -or -not $contrary })
}

# What a whole PowerShell has besides.
function Start-Sleep { }
function Read-Host { $answer }
function Get-Acl([string] $Path) {
    $users = if ($contrary) { '(A;OICI;FR;;;BU)' } else { '(A;CI;0x100026;;;BU)(A;OICIIO;GR;;;BU)' }
    $others = if ($Path -like '*\Temp') { $users } else { '(A;OICI;FA;;;S-1-5-32-578)' }
    @{ Sddl = "O:BAG:SYD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)$others" }
}
