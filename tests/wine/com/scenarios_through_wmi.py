#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the command-line scenarios with this computer's own Hyper-V, which WMI (the stand-in, ../wmi_provider) serves
from the case's state file. What the program prints about "sim:host.json" otherwise, it prints about this computer now;
that, and where its journals are, is all that may differ.

    scenarios_through_wmi.py --program build/windows/hyperpoint.exe --exec-prefix 'tests/wine/run-wine PREFIX' [CASE...]

Without CASE: all of them. One at a time in a prefix: they keep their journals in the same folder."""

import pathlib
import re
import shutil
import socket
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "scenario"))

import program
import run

# About the state file as such, and about drivers, whose files a local host has on its own disks.
NOT_HERE = {"capture/driver-logs", "capture/drivers", "capture/json", "check/packages", "drivers/check-drivers",
            "drivers/check-guest", "drivers/check-guest-advice", "drivers/check-guest-builds", "drivers/check-guest-disk",
            "drivers/check-guest-gpu", "drivers/check-original-packages", "drivers/check-running-guest",
            "drivers/get-drivers", "drivers/get-drivers-log", "host/cut-off", "host/empty", "host/not-json",
            "host/not-ours", "host/unknown-class", "update/bring", "update/gone", "update/plan"}


class ProgramThroughWmi(program.Program):
    def __init__(self, path, exec_prefix):
        super().__init__(path, exec_prefix)
        self.journals = pathlib.Path(exec_prefix[-1]) / "drive_c" / "ProgramData" / "HyperPoint"
        self.host_file = None

    def install(self, folder):
        shutil.rmtree(self.journals, ignore_errors=True)
        self.journals.mkdir()
        return super().install(folder)

    def host_words(self, _host_file):
        return ["-HOST", "localhost"]

    def hide_folder(self, text, folder):
        # The session and the command line have different words for a state file.
        name = socket.gethostname()
        text = re.sub(f"( on |Hyper-V host )'{name}'", f"\\1'sim:<DIR>/cwd/{run.HOST_FILE}'", text)
        text = text.replace(f"host '{name}'", f"host 'sim:{run.HOST_FILE}'")
        text = text.replace("localhost", f"sim:{run.HOST_FILE}")
        for separator in ("\\\\", "\\"):  # in JSON, and elsewhere
            shown = separator.join(("C:", "ProgramData", "HyperPoint"))
            text = text.replace(shown, program.windows_path(folder, separator) + f"{separator}state{separator}HyperPoint")
        return super().hide_folder(text, folder)

    def start(self, installed, arguments, folder, root, **others):
        link = self.state_folder(root)
        if not link.exists():
            link.symlink_to(self.journals)
        self.host_file = program.windows_path(folder / run.HOST_FILE)
        return super().start(installed, arguments, folder, root, **others)

    def environment(self, root):
        return super().environment(root) | {"WMI_PROVIDER_STATE": self.host_file}


def all_cases():
    folder = run.HERE / "cases"
    return [path for path in sorted(folder.rglob("*.case"))
            if path.relative_to(folder).with_suffix("").as_posix() not in NOT_HERE]


if __name__ == "__main__":
    if not any(word.endswith(".case") for word in sys.argv):
        sys.argv += map(str, all_cases())
    sys.exit(run.main(ProgramThroughWmi))
