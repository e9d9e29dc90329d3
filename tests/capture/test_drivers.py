#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A capture with -DRIVERS decides about drivers as the host does, although it has no file of theirs: hosts with drivers
made at random (tests/drivers/generator.py).

    test_drivers.py --program build/debug/hyperpoint [--exec-prefix ...] [--seeds FIRST COUNT]"""

import argparse
import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
for name in ("scenario", "drivers"):
    sys.path.insert(0, str(HERE.parent / name))

import captures
import generator
import program

AT_ONCE = 12


def answers(place, file, made, gpus):
    """What the host of that state file says about its drivers."""
    host = ["-HOST", f"sim:{file}"]
    gather = ["-DO", "get-drivers", "-DEST", "new", "-WHATIF"]
    for words in (gather, [*gather, "-ZIP"], ["-DO", "check-drivers", "-DEST", made], ["-DO", "check-drivers", "-DEST", "new"]):
        for more in ([], ["-JSON"]):
            for gpu in gpus:
                code, stdout, stderr = place.run(*host, *words, *more, "-GPU", gpu)
                yield (code, captures.without_host(stdout, file), captures.without_host(stderr, file))


def nameless(answer):
    """Without what an anonymous capture has another name for: instances of devices."""
    return [re.sub(r"(DEV_[^\\#\s'\"]+)\\+[^\s'\"\\]+", r"\1", str(part)) for part in answer]


def compare(place, seeds):
    generator.make_host(place.program, place.folder, seeds)
    failures = []
    for file, more in (("copy.json", []), ("anonymous.json", ["-ANONYMOUS"])):
        code, stdout, stderr = place.capture("sim:host.json", file, "-DRIVERS", "-JSON", *more)
        if code != 0:
            return [f"seeds {seeds}: capture ends with {code}: {stdout}{stderr}"]
        if json.loads(stdout)["driverFiles"] < 10:
            failures.append(f"seeds {seeds}: hardly a file has been captured")
    place.run("-HOST", "sim:host.json", "-DO", "get-drivers", "-GPU", "all", "-DEST", "made")
    gpus = ["all", "order:1", "order:4"]
    of_host, of_copy, of_anonymous = (list(answers(place, file, "made", gpus))
                                      for file in ("host.json", "copy.json", "anonymous.json"))
    assert any("would be made" in stdout for _, stdout, _ in of_host)
    for one, copy, anonymous in zip(of_host, of_copy, of_anonymous):
        if one != copy:
            failures.append(f"seeds {seeds}:\n  host: {one}\n  copy: {copy}")
        elif nameless(one) != nameless(anonymous):
            failures.append(f"seeds {seeds}:\n  host: {nameless(one)}\n  anonymous: {nameless(anonymous)}")
    code, stdout, stderr = place.run("-HOST", "sim:copy.json", "-DO", "get-drivers", "-GPU", "all", "-DEST", "none")
    if code == 0 or "a captured host has no contents of files" not in stderr:
        failures.append(f"seeds {seeds}: a package of nothing: {code} {stdout}{stderr}")
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs=2, default=(0, 24))
    arguments, under_test = program.parse_command_line(parser)
    failures = []
    first, count = arguments.seeds
    for start in range(first, first + count, AT_ONCE):
        with captures.new_place(under_test) as place:
            failures += compare(place, range(start, min(start + AT_ONCE, first + count)))
    return captures.tell(failures)


if __name__ == "__main__":
    sys.exit(main())
