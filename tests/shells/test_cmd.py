#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Starts hyperpoint.exe through cmd, under Wine: what people type there, damage included, and the words that PowerShell
is recorded to pass on.

    test_cmd.py --program build/windows/hyperpoint.exe --runner tests/wine/run-wine build/wine"""

import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from recordings import MODES, recorded_lines, words_of

ADD = '-VM "my vm" -DO add '
BOTH = ["-VM:my vm", "-DO:add", "-GPU:'NVIDIA GeForce RTX 3080'", "-GPU:'order:5'"]
# What is typed, and the words that must have the same outcome, or a part of the refusal, or ("part of the result",).
TYPED = [
    (ADD + '-GPU "NVIDIA GeForce RTX 3080","order:5"', BOTH),
    (ADD + '-GPU "NVIDIA GeForce RTX 3080", "order:5"', BOTH),
    (ADD + '-GPU "NVIDIA GeForce RTX 3080" , order:5', BOTH),
    (ADD + '-GPU "NVIDIA GeForce RTX 3080,order:5"', BOTH),
    (ADD + '-GPU "NVIDIA GeForce RTX 3080" -GPU order:5', BOTH),
    (ADD + '-GPU "NVIDIA GeForce RTX 3080" order:5', BOTH),
    (ADD + '-GPU:"NVIDIA GeForce RTX 3080","order:5"', BOTH),
    ('-vm:"my vm" -do:add -gpu "\\"NVIDIA GeForce RTX 3080\\",\\"order:5\\""', BOTH),
    (ADD + '-GPU "order:3, order:5"', "cannot tell whether 'order:3, order:5' is one value or several"),
    (ADD + "-GPU deviceid:PCI\\VEN_10DE&rem DEV_2206", "'deviceid:PCI\\VEN_10DE' is cut off at the '&'"),
    (ADD + "-GPU instanceid:\\\\?\\PCI#VEN_10DE&rem DEV_2206",
     "'instanceid:\\\\?\\PCI#VEN_10DE' is cut off at the '&'"),
    ('-VM "my vm\\" -DO list-gpus', "-VM: there is a quote inside 'my vm\" -DO list-gpus'"),
    (ADD + '-GPU "order:3\\" -JSON', "-GPU: there is a quote inside 'order:3\" -JSON'"),
    ("-VM my vm", "put a name with blanks in quotes: -VM \"my vm\""),
    ("-VM 'my vm'", ("Plan for VM 'my vm'",)),
    ('-VM "" -DO add-all', "-VM needs a value"),
]
FIRST = "-HOST sim: -WHATIF "  # nothing is changed, and the plan names VM and GPUs


def line_of(words):
    """A line for cmd, so that the program's start-up code finds the words in it."""
    words = [re.sub(r"(\\+)$", r"\1\1", re.sub(r'(\\*)"', r'\1\1\\"', word)) for word in words]
    # For cmd, each quote begins or ends a quotation, whatever is before it.
    parts = " ".join(f'"{word}"' for word in words).split('"')
    return '"'.join(part if i % 2 else re.sub("[&|<>^]", r"^\g<0>", part) for i, part in enumerate(parts))


def recorded():
    """(the line typed into PowerShell, the words that came, the words or the refusal that they must lead to)"""
    for line in recorded_lines():
        if line.program != "hyperpoint" or not line.typed.isascii():
            continue  # test_unicode()
        for mode in MODES:
            meaning = line.meaning[mode]
            yield line.typed, line.argv[mode], meaning[1:] if meaning.startswith("!") else words_of(meaning)


class Cmd:
    """Command lines for the program, to be run by one batch file."""

    def __init__(self, folder, runner):
        self.folder = folder
        self.runner = runner
        self.lines = []

    def add(self, line):
        """Its number."""
        if line not in self.lines:
            self.lines.append(line)
        return self.lines.index(line)

    def start(self, *words):
        """cmd /c WORDS: what it prints."""
        done = subprocess.run([*self.runner, "cmd", "/c", *words], cwd=self.folder, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.stdout.decode("utf-8", "replace").replace("\r\n", "\n")

    def run(self):
        """What each line printed, and the program's exit code behind it."""
        lines = [line.replace("%", "%%") for line in self.lines]
        batch = "@echo off\n" + "".join(f"hyperpoint.exe {FIRST}{line}\necho == %ERRORLEVEL%\n" for line in lines)
        pathlib.Path(self.folder, "lines.cmd").write_bytes(batch.replace("\n", "\r\n").encode())
        return re.findall(r"(.*?)== (\d+)\n", self.start("lines.cmd"), re.DOTALL)


def test_lines(cmd):
    """How many failed."""
    checks = []
    help_text = cmd.add("-HELP")
    for what, line, expected in [*((line, line, expected) for line, expected in TYPED),
                                 *((what, line_of(words), expected) for what, words, expected in recorded())]:
        wanted = cmd.add(line_of(expected)) if isinstance(expected, list) else expected
        checks.append((what, cmd.add(line), wanted))
    outcomes = cmd.run()
    if len(outcomes) != len(cmd.lines):
        print(f"{len(cmd.lines)} lines were run, {len(outcomes)} came to an end")
        return 1
    known = re.findall(r"(?m)^  (-[A-Z]+)", outcomes[help_text][0])
    failed = 0
    for what, number, wanted in checks:
        if any(name not in known for name in re.findall(r"(?<!\S)-[A-Z]+", what)):
            continue  # -ZIP and -DEST are not part of every version
        text, code = outcomes[number]
        if isinstance(wanted, int):
            passed = outcomes[wanted] == (text, code)
        elif isinstance(wanted, tuple):
            passed = wanted[0] in text and code == "0"
        else:
            passed = wanted in text and code != "0"
        if not passed:
            failed += 1
            print(f"{what}\n    typed: {cmd.lines[number]}\n    expected: "
                  f"{outcomes[wanted] if isinstance(wanted, int) else wanted}\n    got: {(text, code)}")
    return failed


def test_unicode(cmd):
    """Not in a batch file, which is in the code page of the machine."""
    text = cmd.start("hyperpoint.exe", "-HOST", "sim:", "-VM", "мой вм")
    if "no VM named 'мой вм'" in text:
        return 0
    print(f"-VM 'мой вм'\n    got: {text}")
    return 1


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True, type=pathlib.Path)
    parser.add_argument("--runner", required=True, nargs="+")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(options.program, pathlib.Path(folder, "hyperpoint.exe"))
        cmd = Cmd(folder, options.runner)
        return 1 if test_lines(cmd) + test_unicode(cmd) > 0 else 0


sys.exit(main())
