#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A captured host behaves as the host did: every listing, and the plan of every change, is the same on both.

    test_rehearsal.py --program build/debug/hyperpoint [--exec-prefix 'tests/wine/run-wine PREFIX'] [--few] [NAME...]

--few: some hosts and VMs only, where each run takes its time."""

import argparse
import shlex
import sys

import captures
import program

FEW = ["windows10", "states", "no-hyperv"]


def compare(place, name, few):
    place.make_host(name, "host.json")
    code, stdout, stderr = place.capture("sim:host.json", "copy.json", "-DRIVERS", "-JSON")
    if code != 0:
        return [f"{name}: capture ends with {code}: {stdout}{stderr}"]
    vms = captures.vm_words(place.folder / "host.json")
    failures = []
    for words in captures.commands(vms[:1] + vms[-1:] if few else vms, name):
        of_host, of_copy = (
            [captures.without_host(str(part), file) for part in place.run("-HOST", f"sim:{file}", *words)]
            for file in ("host.json", "copy.json"))
        if of_host != of_copy:
            failures.append(f"{name}: {shlex.join(words)}\n  host: {of_host}\n  copy: {of_copy}")
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--few", action="store_true")
    parser.add_argument("names", nargs="*")
    arguments, under_test = program.parse_command_line(parser)
    failures = []
    for name in arguments.names or (FEW if arguments.few else captures.HOSTS):
        with captures.new_place(under_test) as place:
            failures += compare(place, name, arguments.few)
    return captures.tell(failures)


if __name__ == "__main__":
    sys.exit(main())
