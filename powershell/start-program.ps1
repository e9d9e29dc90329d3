# SPDX-License-Identifier: MIT
# Starts a program of the folder above with the parameters that PowerShell has bound, for the scripts beside this one.
#
# Each value becomes one word, "-DEST:my folder", and each item of a list one in single quotes, "-GPU:'order:5'", but for
# names of VMs, which may hold quotes and commas, "-VM:my vm": these forms reach the program whole in every PowerShell
# (src/cli/params.h). Needs nothing but the language, from version 5.1 on.
param([string] $Name, [System.Collections.IDictionary] $Bound)

Set-StrictMode -Off # PSNativeCommandArgumentPassing is not there before 7.3
$words = @(
    foreach ($word in $Bound['Others']) {
        $word -join ',' # before the others: behind a list it would be taken for an item of it
    }
    foreach ($parameter in $Bound.Keys -ne 'Others') {
        $value = $Bound[$parameter]
        if ($value -is [array]) {
            foreach ($item in $value) {
                if ($parameter -eq 'VM') { "-${parameter}:$item" }
                else { "-${parameter}:'" + $item.Replace("'", "''") + "'" }
            }
        } else {
            "-${parameter}:$value"
        }
    }
)
if ("$PSNativeCommandArgumentPassing" -in '', 'Legacy') {
    # Words are put into a command line as they are, between quotes where they have blanks.
    $words = @($words -replace '(\\*)"', '$1$1\"')
    if ($PSVersionTable.PSVersion.Major -lt 6) {
        $words = @($words -replace '(?<=\s.*?)(\\+)$', '$1$1') # else they keep the closing quote from closing
    }
}

$folder = [System.IO.Path]::GetDirectoryName($PSScriptRoot)
foreach ($file in "$Name.exe", $Name) {
    $file = [System.IO.Path]::Combine($folder, $file)
    if ([System.IO.File]::Exists($file)) {
        & $file $words
        exit $LASTEXITCODE
    }
}
throw "There is no $Name.exe in the folder $folder."
