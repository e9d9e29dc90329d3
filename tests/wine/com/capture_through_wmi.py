#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""This computer's own Hyper-V, which WMI (the stand-in, ../wmi_provider) serves from a state file, is captured: the same
file comes of it as of the simulated host itself, and listed through WMI the capture is what the host is.

    capture_through_wmi.py --program build/windows/hyperpoint.exe --exec-prefix 'tests/wine/run-wine PREFIX' [HOST...]"""

import argparse
import json
import pathlib
import shlex
import shutil
import sys

HERE = pathlib.Path(__file__).resolve().parent
for folder in ("scenario", "capture"):
    sys.path.insert(0, str(HERE.parent.parent / folder))

import captures
import program

FEW = ["windows10", "server2025", "states", "data items", "no contact", "localized"]


class ProgramThroughWmi(program.Program):
    """The local host is that of "served", a state file in the folder of the runs."""

    served = None

    def start(self, installed, arguments, folder, root, **others):
        self.folder = folder
        return super().start(installed, arguments, folder, root, **others)

    def environment(self, root):
        state = program.windows_path(self.folder / self.served) if self.served else ""
        return super().environment(root) | {"WMI_PROVIDER_STATE": state}


def steady(path):
    """The file, but how far this computer's own processor can address, which only a local session tells."""
    root = json.loads(path.read_text(encoding="utf-8"))
    root["knobs"].pop("addressBits", None)
    return root


def differences(place, name):
    place.make_host(name, "host.json")
    place.program.served = "host.json"
    for source, file in (("sim:host.json", "simulated.json"), ("localhost", "copy.json")):
        code, stdout, stderr = place.capture(source, file, "-JSON")
        if code != 0:
            return [f"{name}: capture of {source} ends with {code}: {stdout}{stderr}"]
    failures = []
    expected, found = (steady(place.folder / file) for file in ("simulated.json", "copy.json"))
    for member in expected.keys() | found.keys():
        if expected.get(member) != found.get(member):
            failures.append(f"{name}: '{member}' through WMI is another one:\n {expected.get(member)}\n {found.get(member)}")
    vm = captures.vm_words(place.folder / "host.json")[0]
    for words in [*captures.READING, *(["-VM", vm, *words] for words in captures.READING_OF_VM),
                  ["-VM", vm, "-WHATIF"], ["-VM", vm, "-DO", "remove-all", "-WHATIF"]]:
        answers = []
        for place.program.served in ("host.json", "copy.json"):
            answers.append(place.run("-HOST", "localhost", *words))
        if answers[0] != answers[1]:
            failures.append(f"{name}: {shlex.join(words)}\n  host: {answers[0]}\n  copy: {answers[1]}")
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    arguments, under_test = program.parse_command_line(parser, ProgramThroughWmi)
    journals = pathlib.Path(arguments.exec_prefix[-1]) / "drive_c" / "ProgramData" / "HyperPoint"
    failures = []
    for name in arguments.names or FEW:
        shutil.rmtree(journals, ignore_errors=True)  # those of other tests
        journals.mkdir()
        with captures.new_place(under_test) as place:
            failures += differences(place, name)
    return captures.tell(failures)


if __name__ == "__main__":
    sys.exit(main())
