#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Breaks rules of the sources, one at a time, and looks whether a test notices.

    tests/mutation/run.py                 all of tests/mutation/rules.toml
    tests/mutation/run.py NAME...         those whose names contain one of the words
    tests/mutation/run.py --look          only whether the lines are there; breaks nothing

Each rule names a file, a line in it, what the line becomes, and the tests of which one has to fail. It works on a copy
of the sources, in build/mutation. The exit code is 1 if a rule survived, or if its line is not there any more."""

import argparse
import pathlib
import shutil
import subprocess
import sys
import tomllib

SOURCE = pathlib.Path(__file__).resolve().parents[2]
TREE = SOURCE / "build" / "mutation" / "sources"
BUILD = SOURCE / "build" / "mutation" / "build"


def run(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def copy_sources():
    """Only what has changed is written, so that a second run builds little."""
    files = subprocess.check_output(["git", "-C", SOURCE, "ls-files", "-z"], text=True).split("\0")
    for name in filter(None, files):
        source, target = SOURCE / name, TREE / name
        if not source.exists():
            continue
        if not target.exists() or target.read_bytes() != source.read_bytes():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)


def build():
    return run("cmake", "--build", BUILD, "--parallel")


def broken(text, rule):
    """The text with the one line that the rule names replaced, or why that is not possible."""
    lines = text.split("\n")
    found = [i for i, line in enumerate(lines) if line.strip() == rule["line"]]
    if len(found) != 1:
        return None, f"its line is there {len(found)} times"
    indent = lines[found[0]][: len(lines[found[0]]) - len(lines[found[0]].lstrip())]
    lines[found[0]] = indent + rule["becomes"]
    return "\n".join(lines), None


def try_rule(rule):
    path = TREE / rule["file"]
    if not path.exists():
        return "its file is gone"
    original = path.read_text()
    text, problem = broken(original, rule)
    if problem:
        return problem
    path.write_text(text)
    try:
        result = build()
        if result.returncode != 0:
            return "does not compile:\n" + result.stdout[-2000:]
        tests = run("ctest", "--test-dir", BUILD, "-R", rule["tests"], "--stop-on-failure", "--no-tests=error", "-j2")
        if "No tests were found" in tests.stdout:
            return f"no test is called {rule['tests']}"
        return None if tests.returncode != 0 else "survived"
    finally:
        path.write_text(original)


def look(rules):
    """So that a line that somebody changes does not make its rule useless unseen."""
    bad = 0
    for rule in rules:
        path = SOURCE / rule["file"]
        problem = broken(path.read_text(), rule)[1] if path.exists() else "its file is gone"
        if problem:
            bad += 1
            print(f"{rule['name']}: {problem}")
    print(f"{len(rules) - bad} passed, {bad} failed")
    return 1 if bad else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--look", action="store_true")
    arguments = parser.parse_args()
    rules = tomllib.loads((SOURCE / "tests" / "mutation" / "rules.toml").read_text())["rule"]
    rules = [r for r in rules if not arguments.names or any(n in r["name"] for n in arguments.names)]
    if arguments.look:
        return look(rules)
    copy_sources()
    result = run("cmake", "-S", TREE, "-B", BUILD, "-DCMAKE_BUILD_TYPE=Debug")
    if result.returncode == 0:
        result = build()
    if result.returncode != 0:
        sys.exit(result.stdout)
    bad = 0
    for rule in rules:
        problem = try_rule(rule)
        bad += problem is not None
        print(f"{problem or 'killed':8}  {rule['name']}", flush=True)
    build()
    print(f"{len(rules) - bad} passed, {bad} failed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
