# SPDX-License-Identifier: MIT
"""What the tests of installdrivers share: packages, and a guest in a folder, on Linux and under Wine."""

import argparse
import contextlib
import hashlib
import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "scenario"))

import program
from pe_image import library

STORE = "Windows/System32/HostDriverStore/FileRepository/nv_dispi.inf_amd64_0123456789abcdef/"
OWN = "Windows/System32/HostDriverStore/HyperPoint/"
GOOD = STORE + "nvapi64.dll"
OLDER_LIBRARY = library(1, b" an older one")
failures = []
installdrivers = None  # a program.Program


def parse_command_line(description, *more):
    """PROGRAM [--exec-prefix 'tests/wine/run-wine PREFIX'] [part of a case's name], and what the caller adds."""
    global installdrivers
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("program", type=pathlib.Path)
    for word in more:
        parser.add_argument(word, type=pathlib.Path)
    parser.add_argument("--exec-prefix", type=shlex.split, default=[])
    parser.add_argument("chosen", nargs="?", default="")
    arguments = parser.parse_intermixed_args()
    installdrivers = program.Program(arguments.program.resolve(), arguments.exec_prefix)
    return arguments


def check(name, condition, detail=""):
    if not condition:
        failures.append(name)
        print(f"FAILED: {name}: {detail}")


def said(run):
    """What a run of the program came to, for a message."""
    return f"exit code {run.returncode}, output '{run.stdout}', error '{run.stderr}'"


def tree(root):
    """Every file, folder and link below the root: what it is and what is in it."""
    found = {}
    for folder, folders, files in os.walk(root):
        for name in folders + files:
            path = os.path.join(folder, name)
            key = os.path.relpath(path, root)
            if os.path.islink(path):
                found[key] = ("link", os.readlink(path))
            elif os.path.isdir(path):
                found[key] = ("folder", "")
            elif not os.path.isfile(path):
                found[key] = ("other", "")
            else:
                with open(path, "rb") as file:
                    found[key] = ("file", file.read())
    return found


def fill(folder, files):
    for path, data in files.items():
        os.makedirs(os.path.dirname(os.path.join(folder, path)), exist_ok=True)
        with open(os.path.join(folder, path), "wb") as file:
            file.write(data)


def make_zip(path, entries, compression=zipfile.ZIP_DEFLATED):
    """entries: (name or ZipInfo, data)"""
    with zipfile.ZipFile(path, "w", compression) as package:
        for name, data in entries:
            info = name if isinstance(name, zipfile.ZipInfo) else zipfile.ZipInfo(name, (2024, 8, 14, 1, 2, 4))
            if not isinstance(name, zipfile.ZipInfo):
                info.compress_type = compression
                info.filename = name  # as it is: ZipInfo() would mend it
            package.writestr(info, data)


def manifest(files, name="NVIDIA_20240814", **members):
    listed = [{"path": path, "size": str(len(data)), "modified": "2024-08-14T01:02:04.000Z",
               "sha256": hashlib.sha256(data).hexdigest(), "rule": "always"} for path, data in files]
    gpu = {"name": "NVIDIA GeForce RTX 4060", "deviceId": "PCI\\VEN_10DE&DEV_2882&SUBSYS_1&REV_A1\\4&1&0&0008"}
    value = {"format": "hyperpoint-package/1", "program": "0.1.0", "created": "2024-08-15T00:00:00.000Z", "name": name,
             "provider": "NVIDIA", "driverVersion": "32.0.15.6094", "driverDate": "2024-08-14", "inf": "oem12.inf",
             "packageFolders": ["nv_dispi.inf_amd64_0123456789abcdef"], "gpus": [gpu], "registry": [], "files": listed}
    value.update(members)
    return json.dumps(value).encode()


def known(path):
    """The path as the program knows it."""
    return program.windows_path(path) if installdrivers.is_windows else str(path)


def run_program(command, text="", **options):
    """Runs a program of the platform under test to its end; text is its input."""
    with contextlib.ExitStack() as files:
        # Files, since what Wine starts beside a program has its pipes open for longer than the program.
        streams = {name: files.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8", newline=""))
                   for name in ("stdin", "stdout", "stderr")}
        streams["stdin"].write(text)
        streams["stdin"].seek(0)
        run = subprocess.run([*installdrivers.prefix, *command], **streams, **options, timeout=program.HANGS,
                             check=False)
        for name in ("stdout", "stderr"):
            streams[name].seek(0)
            setattr(run, name, streams[name].read())
    return run


class Place:
    """A guest, a folder for packages, and a home for locks, all new. "inside": folders between the temporary one and
    these."""

    def __init__(self, inside=""):
        self.top = tempfile.mkdtemp(prefix="packages.")
        self.folder = os.path.join(self.top, inside) if inside else self.top
        self.guest = os.path.join(self.folder, "guest")
        self.root = known(self.guest)
        self.program = installdrivers.path
        self.environment = installdrivers.environment(pathlib.Path(self.top, "state"))
        os.makedirs(self.guest + "/Windows/System32")
        os.makedirs(self.guest + "/Windows/SysWOW64")
        self.write("Windows/System32/kernel32.dll", b"MZ kernel")
        self.write("Windows/System32/nvapi64.dll", OLDER_LIBRARY)

    def write(self, path, data):
        fill(self.guest, {path: data})

    def package(self, name="NVIDIA_20240814.zip"):
        return os.path.join(self.folder, name)

    def run(self, *words):
        """Absolute paths among the words become those that the program knows."""
        words = [known(word) if os.path.isabs(word) else word for word in words]
        return run_program([self.program, "-ROOT", self.root, *words], env=self.environment)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.top)
