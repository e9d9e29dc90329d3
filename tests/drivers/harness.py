# SPDX-License-Identifier: MIT
"""The program that the tests here run, from the words of the command line."""

import argparse
import pathlib
import shlex
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "scenario"))

import program

hyperpoint = None  # a program.Program
installdrivers = None


def run(file):
    global hyperpoint, installdrivers
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("--exec-prefix", type=shlex.split, default=[])
    arguments, rest = parser.parse_known_args()
    path = arguments.program.resolve()
    hyperpoint = program.Program(path, arguments.exec_prefix)
    installdrivers = program.Program(path.with_name("installdrivers" + path.suffix), arguments.exec_prefix)
    unittest.main(argv=[pathlib.Path(file).name, *rest], module="__main__")
