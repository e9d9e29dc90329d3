#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Whatever a verb asks a host for, a capture has taken (src/capture/taken.c), and every verb of the program is among
those that are tried on captures (captures.py).

    test_taken.py --program build/debug/hyperpoint [--exec-prefix ...]"""

import argparse
import json
import re
import shlex
import sys

import captures
import program

# They write files of their own, or need a guest or driver files; and capture itself.
NOT_REHEARSED = {"get-drivers", "check-drivers", "capture"}
# Read by path where the others tell of them, or kept by the recorder.
RECORDED = {"stdregprov"}


def asked_classes(trace):
    """The classes of the calls that -VERBOSE shows. What an association without ResultClass brings, it does not show."""
    for call in re.findall(r"^verbose: (.*)$", trace, re.MULTILINE):
        for pattern in (r"\bFROM (\w+)", r"\bResultClass = (\w+)", r"^get \S+ (?:[^:]*:)?(\w+)\.", r"^invoke \S+ (\w+) "):
            yield from re.findall(pattern, call)


def missing_verbs(place):
    _, text, _ = place.run("-HELP")
    verbs = re.findall(r"^  ([a-z][a-z-]+) +\w", text[text.index("Verbs"):] if "Verbs" in text else text, re.MULTILINE)
    tried = {words[words.index("-DO") + 1] for words in captures.READING + captures.READING_OF_VM + captures.CHANGING
             if "-DO" in words} | {"checkpoint", "update-drivers"} | NOT_REHEARSED
    assert len(verbs) > 10, f"the verbs are not found in the help: {text}"
    return [f"verb '{verb}' is not tried on captures: add it to captures.py" for verb in verbs if verb not in tried]


def missing_classes(place):
    failures = []
    place.make_host("data items", "host.json")
    code, stdout, stderr = place.capture("sim:host.json", "copy.json", "-JSON")
    assert code == 0, stdout + stderr
    taken = {row["class"].lower() for row in json.loads(stdout)["classes"]} | RECORDED
    for words in [*captures.commands(["my vm", "render", "lab"], "data items"),
                  *(["-VM", "my vm", "-DO", verb, "-DEST", "none"] for verb in ("get-drivers", "check-drivers"))]:
        _, _, trace = place.run("-HOST", "sim:host.json", *(word for word in words if word != "-JSON"), "-VERBOSE")
        failures += [f"{shlex.join(words)} asks for {name}, which no capture has: add it to src/capture/taken.c"
                     for name in asked_classes(trace) if name.lower() not in taken]
    return sorted(set(failures))


def main():
    _, under_test = program.parse_command_line(argparse.ArgumentParser(description=__doc__))
    with captures.new_place(under_test) as place:
        return captures.tell(missing_verbs(place) + missing_classes(place))


if __name__ == "__main__":
    sys.exit(main())
