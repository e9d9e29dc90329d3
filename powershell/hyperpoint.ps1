# SPDX-License-Identifier: MIT
# hyperpoint.exe for those who call the original script: the parameters of that script, and any other of hyperpoint.exe
# as it is written. It stands in a folder of its own: beside the program, ".\hyperpoint" would find the script first.
[CmdletBinding(PositionalBinding = $false)]
param(
    [string[]] $VM,
    [string] $DO,
    [string[]] $GPU,
    [switch] $ZIP,
    [string] $DEST,
    [switch] $S,
    [Parameter(ValueFromRemainingArguments = $true)] [object[]] $Others
)

& "$PSScriptRoot/start-program.ps1" hyperpoint $PSBoundParameters
exit $LASTEXITCODE
