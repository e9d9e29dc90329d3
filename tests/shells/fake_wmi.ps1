# SPDX-License-Identifier: MIT
# Stands in for the WMI part of scripts/verify-on-windows.ps1: a host with one VM that is as HyperPoint has it.
# $contrary: it takes checkpoints of VMs with GPU partitions. $stranger: the user has no rights. $global:calls counts
# method calls.
$fakeVm = 'F65D0775-1CA1-4804-9305-71F4A38BDD83'
$fake = @{
    State = 3; Adapters = @(); Checkpoints = @(); Parent = $null; Running = @()
    Settings = @{ AutomaticSnapshotsEnabled = $true; UserSnapshotType = [uint16] 3; GuestControlledCacheTypes = $false
                  LowMmioGapSize = [uint64] 128; HighMmioGapSize = [uint64] 512; HighMmioGapBase = [uint64] 65024 }
}

function Get-FakeSettings {
    $row = @{ InstanceID = "Microsoft:$fakeVm"; VirtualSystemIdentifier = $fakeVm; Parent = $fake.Parent
              VirtualSystemType = 'Microsoft:Hyper-V:System:Realized'; ElementName = 'my vm'
              __PATH = '\\H\n:Settings' }
    $row + $fake.Settings
}

function Select-Rows([string] $Query, [string] $Namespace) {
    if ($stranger -and $Query -match 'Msvm_') { return }
    switch -Regex ($Query) {
        'FROM No_Such_Class' { throw 'InvalidClass' }
        'FROM Win32_OperatingSystem' { @{ Caption = 'Windows 11'; BuildNumber = '22631'; ProductType = 1 } }
        'FROM Msvm_ComputerSystem' {
            if ($Query -notmatch 'WHERE') { @{ Name = 'H'; __PATH = '\\H\n:Host' } }
            @{ Name = $fakeVm; InstallDate = '2026'; EnabledState = $fake.State; __PATH = '\\H\n:Vm' }
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
        'Msvm_VirtualSystemSettingDataComponent' { @{ InstanceID = 'Microsoft:checkpoint 1\disk' } }
        'Msvm_MostCurrentSnapshotInBranch' { $fake.Checkpoints[-1] }
    }
}

function Get-Row([string] $Path) {
    switch -Regex ($Path) {
        'No_Such_Class' { throw 'InvalidClass' }
        'NoSuchKey' { throw 'InvalidObjectPath' }
        '^Refused$' { @{ JobState = 10; ErrorCode = 32775; ErrorDescription = "Not now.`r`n`r`nNot at all." } }
        '^SaveFailed$' { @{ JobState = 10; ErrorCode = 32768; ErrorDescription = 'Not saved.' } }
        '^Done$' { @{ JobState = 7; ErrorCode = 0 } }
        '^Checkpoint' { $fake.Checkpoints | Where-Object { $_.__PATH -eq $Path } }
    }
}

function Invoke-Method([string] $Path, [string] $Method, [hashtable] $Values) {
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
            return @{ ReturnValue = 0 }
        }
        'ModifySystemSettings' {
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
        'ApplySnapshot' { $fake.Adapters = @(); return $done }
        'DestroySnapshot' {
            $fake.Checkpoints = @($fake.Checkpoints | Where-Object { $_.__PATH -ne $Values.AffectedSnapshot })
            return $done
        }
        'RequestStateChange' {
            if ($Values.RequestedState -eq 6 -and $fake.Adapters.Count -gt 0) {
                return @{ ReturnValue = 4096; Job = 'SaveFailed' }
            }
            $fake.State = $Values.RequestedState
            $fake.Running = @(foreach ($adapter in $fake.Adapters) {
                if ($fake.State -eq 2) { @{ DeviceID = $adapter.InstanceID -replace '^.*\\', 'Microsoft:' } }
            })
            return $done
        }
    }
}

# What a whole PowerShell has besides.
function Start-Sleep { }
function Read-Host { $answer }
function Get-Acl { @{ Sddl = 'O:BAG:SYD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;S-1-5-32-578)' } }
