# SPDX-License-Identifier: MIT
# installdrivers.exe for those who call the original script: the parameters of that script, and any other of
# installdrivers.exe as it is written.
[CmdletBinding(PositionalBinding = $false)]
param(
    [string] $SRC,
    [string[]] $DRV,
    [string] $DRVSRC,
    [switch] $FORCE,
    [switch] $S,
    [Parameter(ValueFromRemainingArguments = $true)] [string[]] $Others
)

& "$PSScriptRoot/start-program.ps1" installdrivers $PSBoundParameters
exit $LASTEXITCODE
