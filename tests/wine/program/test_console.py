#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The program's output in a console, in a pipe and in a file: every script is readable, and progress is for consoles."""

import argparse
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

WINE = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(WINE.parent / "scenario"))

from program import HANGS

IN_CONSOLE = WINE / "run-in-console"
VM = "größe 中文 vm"
COMMANDS = {"unknown VM": ["-VM", VM], "checkpoint": ["-VM", "my vm"], "several": ["-VM", "my vm,lab"]}


def letters(output):
    """What is left when blanks, line ends and all that moves the cursor are taken out: Wine's console draws with
    those."""
    return re.sub(r"\x1b\[[?0-9;]*[A-Za-z]|\s", "", output.decode("utf-8"))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--exec-prefix", type=shlex.split, required=True)
    arguments = parser.parse_args()
    in_console = [str(IN_CONSOLE), *arguments.exec_prefix[1:]]
    problems = []

    def expect(truth, what):
        if not truth:
            problems.append(what)

    with tempfile.TemporaryDirectory() as folder:
        program = shutil.copy2(arguments.program, folder)  # its logs go beside it

        def run(prefix, command, **streams):
            return subprocess.run([*prefix, program, "-HOST", "sim:", *command], stdin=subprocess.DEVNULL,
                                  timeout=HANGS, check=False, **{"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, **streams})

        for name, command in COMMANDS.items():
            console = run(in_console, command)
            pipe = run(arguments.exec_prefix, command)
            with open(pathlib.Path(folder, "output"), "w+b") as file:
                run(arguments.exec_prefix, command, stdout=file)
                file.seek(0)
                written = file.read()
            progress = re.findall(r"[0-9]+%", letters(console.stdout))
            expect(console.returncode == pipe.returncode, f"{name}: exit codes {console.returncode}, {pipe.returncode}")
            expect((len(progress) > 1) == (name != "unknown VM"), f"{name}: progress in the console: {progress}")
            for where, output in (("pipe", pipe.stdout), ("file", written)):
                expect(not re.search(rb"[\x1b\r%]", output), f"{name}: a {where} gets what is for consoles: {output}")
            if name == "unknown VM":
                for where, output in (("console", console.stdout), ("pipe", pipe.stdout), ("file", written)):
                    expect(letters(VM.encode()) in letters(output), f"{name}: the {where} shows {output}")
    for problem in problems:
        print(f"FAILED: {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
