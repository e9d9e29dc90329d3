#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks a program's image with the binutils, which have no part in making it a good one: it imports DLLs of Windows
alone, runs at a random address, and carries its version and manifest. Prints its size and its imports."""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

# What every Windows 10 and Server 2016 has, Nano Server and containers aside.
SYSTEM_DLLS = {"advapi32.dll", "bcrypt.dll", "cfgmgr32.dll", "kernel32.dll", "msvcrt.dll", "ntdll.dll", "ole32.dll",
               "oleaut32.dll", "rstrtmgr.dll", "setupapi.dll", "shell32.dll", "user32.dll", "version.dll",
               "wintrust.dll"}
HEADER = ["HIGH_ENTROPY_VA", "DYNAMIC_BASE", "NX_COMPAT", "(Windows CUI)", "large address aware"]
MANIFEST = ['level=""asInvoker"" uiAccess=""false""', "{8e0f7a12-bfb3-4fe8-b9a5-48fd50a15a9a}",
            'WindowsSettings"">true</longPathAware>']


def output_of(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--version", required=True)
    parser.add_argument("--objdump", required=True)
    parser.add_argument("--windres", required=True)
    arguments = parser.parse_args()
    problems = []

    def expect(words, text, what):
        problems.extend(f"{what} lacks {word}" for word in words if word not in text)

    header = output_of(arguments.objdump, "-p", str(arguments.program))
    imports = sorted(name.lower() for name in re.findall(r"DLL Name: (\S+)", header))
    problems.extend(f"{name} is not a DLL of Windows" for name in imports if name not in SYSTEM_DLLS)
    expect(HEADER, header, "the header")
    if not re.search(r"Entry 5 [0-9a-f]+ 0*[1-9a-f]", header):
        problems.append("no base relocations: it cannot run at a random address")

    resources = output_of(arguments.windres, "-J", "coff", "-O", "rc", "-i", str(arguments.program))
    expect(MANIFEST, resources, "the manifest")
    expect([f'VALUE "ProductVersion", "{arguments.version}"', f'VALUE "OriginalFilename", "{arguments.program.name}"',
            f"FILEVERSION {arguments.version.replace('.', ', ')}, 0"], resources, "the version resource")

    with tempfile.TemporaryDirectory() as folder:
        stripped = pathlib.Path(folder, "stripped.exe")
        output_of(arguments.objdump.replace("objdump", "strip"), "-o", str(stripped), str(arguments.program))
        size = stripped.stat().st_size
    print(f"{arguments.program.name}: {size} bytes without debugging information, imports {', '.join(imports)}")
    for problem in problems:
        print(f"FAILED: {problem}")
    return 1 if problems or not imports else 0


if __name__ == "__main__":
    sys.exit(main())
