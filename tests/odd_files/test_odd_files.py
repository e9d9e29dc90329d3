#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Whatever lies in the place of a file that the programs read, write or lock: a pipe, a socket, a device, a folder, a
link. A run comes to its end by itself, says what is wrong or does without, and leaves alone what a link leads to.

A scene is a folder in which the programs have worked. Each file in it is a place for something odd."""

import itertools
import os
import pathlib
import shutil
import socket
import stat
import subprocess
import sys
import tempfile

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS / "scenario"), str(TESTS / "install")]

import place as places
import program

VM = ["-VM", "my vm"]
GPU = ["-GPU", "order:1"]
failures = []
runs = 0


# ---- what can lie there ----

def make_socket(path, _outside):
    # The name of a socket is short: from inside its folder.
    before = os.getcwd()
    os.chdir(path.parent)
    with socket.socket(socket.AF_UNIX) as end:
        end.bind(path.name)
    os.chdir(before)


KINDS = {
    "pipe": lambda path, outside: os.mkfifo(path),
    "socket": make_socket,
    "folder": lambda path, outside: path.mkdir(),
    "device": lambda path, outside: os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 5)),
    "link to a device": lambda path, outside: path.symlink_to("/dev/zero"),
    "link to a pipe": lambda path, outside: path.symlink_to(outside / "pipe"),
    "link to nothing": lambda path, outside: path.symlink_to(outside / "nothing"),
    "link to itself": lambda path, outside: path.symlink_to(path),
}
# One for each way in which a file can be odd, where the many places are all opened by the same few functions.
FEW_KINDS = ["pipe", "folder", "device", "link to nothing"]
# What Wine lets a program see of them.
WINE_KINDS = ["pipe", "folder"]


def remove(path):
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    elif path.exists() or path.is_symlink():
        path.unlink()


def copy(source, target):
    subprocess.run(["cp", "-a", str(source), str(target)], check=True)


# ---- running ----

class Stage:
    """Both programs in a folder of their own, and what they work with beside it."""

    def __init__(self, top, programs):
        self.top = top
        self.scene = top / "scene"
        self.outside = top / "outside"
        self.programs = programs

    def build(self):
        for folder in ("program", "cwd", "state", "guest/Windows/System32", "guest/Windows/SysWOW64"):
            (self.scene / folder).mkdir(parents=True)
        for one in self.programs.values():
            one.install(self.scene / "program")

    def start(self, name, words):
        one = self.programs[name]
        folders = {f"<{folder}>": self.scene / folder for folder in ("guest", "cwd", "program")}
        for mark, folder in folders.items():
            known = program.windows_path(folder) if one.is_windows else str(folder)
            words = [word.replace(mark, known) for word in words]
        return one.start(self.scene / "program" / one.path.name, words, self.scene / "cwd", self.scene / "state",
                         stdout=subprocess.DEVNULL)

    def run(self, name, words):
        """Exit code (None: it had to be killed) and what it says on stderr."""
        code, _, stderr = program.finish(self.start(name, words))
        return code, stderr.decode(errors="replace")


def hyperpoint(*words):
    return "hyperpoint", ["-HOST", "sim:host.json", *words]


def installdrivers(*words):
    return "installdrivers", ["-ROOT", "<guest>", *words]


# ---- scenes ----
# Each is built in the stage, and gives its commands: with the part of a path that they have to do with.

def used_host(stage):
    """Config files, a state file, logs, locks."""
    (stage.scene / "program/adapter.config").write_text("MinPartitionVRAM = 1\n")
    (stage.scene / "program/NVIDIA GeForce RTX 4060.config").write_text("MinPartitionVRAM = 2\n")
    stage.run(*hyperpoint(*VM, "-DO", "reset"))
    return {"": [hyperpoint(*VM, "-DO", "reset")], "host.json": [hyperpoint("-DO", "list-vms")]}


def unfinished_change(stage):
    """A journal of a run that was killed."""
    process = stage.start(*hyperpoint(*VM))
    journals = stage.programs["hyperpoint"].state_folder(stage.scene / "state") / "journal"
    if not program.wait_until(lambda: any(journals.glob("*.json")), process):
        failures.append("unfinished_change: there is no journal")
    program.kill(process)
    return {"/journal/": [hyperpoint("-DO", "list-vms"), hyperpoint(*VM, "-DO", "add-auto"),
                          hyperpoint(*VM, "-DO", "recover"), hyperpoint("-DO", "recover")]}


def packages(stage):
    """A package that was gathered, as zip and as folder."""
    stage.run(*hyperpoint(*GPU, "-DO", "get-drivers", "-ZIP"))
    stage.run(*hyperpoint(*GPU, "-DO", "get-drivers", "-DEST", "folders"))
    return {"program/hostdrivers": [hyperpoint(*GPU, "-DO", "get-drivers", "-ZIP")],
            "NVIDIA_20240814.zip": [hyperpoint(*GPU, "-DO", "check-drivers"), installdrivers(),
                                    installdrivers("-DRVSRC", "<program>/hostdrivers/NVIDIA_20240814.zip")],
            "folders/": [hyperpoint(*GPU, "-DO", "get-drivers", "-DEST", "folders"),
                         hyperpoint(*GPU, "-DO", "check-drivers", "-DEST", "folders"),
                         installdrivers("-SRC", "folders")]}


def guest(stage):
    """A guest with a package, whose files were there before."""
    stage.run(*hyperpoint(*GPU, "-DO", "get-drivers"))
    for path in (stage.scene / "program/hostdrivers").glob("*/Windows/System32/*.dll"):
        (stage.scene / "guest/Windows/System32" / path.name).write_bytes(places.OLDER_LIBRARY)
    stage.run(*installdrivers())
    return {"guest/": [installdrivers("-VERIFY"), installdrivers(), installdrivers("-RECOVER"),
                       installdrivers("-UNINSTALL"), hyperpoint(*GPU, "-DO", "check-drivers", "-ROOT", "<guest>")]}


def interrupted_guest(stage):
    """What an installation has in its folder while it is at work."""
    guest(stage)
    work = stage.scene / "guest" / places.OWN / "work"
    work.mkdir(exist_ok=True)
    (work / "journal.json").write_text("{}")
    return {"journal.json": [installdrivers("-VERIFY"), installdrivers(), installdrivers("-RECOVER"),
                             installdrivers("-UNINSTALL")]}


def places_of(stage):
    """Every file, but for the programs, most of the drivers' files, and old logs, which nobody reads."""
    found, folders = [], set()
    for path in sorted(stage.scene.rglob("*")):
        folder = path.relative_to(stage.scene).parts[:3]
        is_driver_file = path.suffix in (".dll", ".sys", ".exe", ".cat", ".inf")
        if path.is_file() and path.parent.name != "logs" and not (is_driver_file and folder in folders) and \
                path.name not in {one.path.name for one in stage.programs.values()}:
            found.append(path)
            if is_driver_file:
                folders.add(folder)
    return [*found, stage.scene / "program/logs", stage.scene / "program/hostdrivers"]


# ---- judging ----

def judge(case, code, stderr, outside, before):
    if code is None:
        failures.append(f"{case}: does not end")
    elif not 0 <= code <= 8:
        failures.append(f"{case}: exit code {code}: {stderr[-300:]}")
    elif code != 0 and "error: " not in stderr:
        failures.append(f"{case}: exit code {code} without a word")
    for made in set(outside.iterdir()) - set(before):
        failures.append(f"{case}: made '{made.name}' where a link leads")
        remove(made)


def walk(stage, build, kinds, chosen):
    global runs
    stage.build()
    commands = build(stage)
    kept = stage.top / "kept"
    copy(stage.scene, kept)
    before = list(stage.outside.iterdir())
    for path, kind in itertools.product(places_of(stage), kinds):
        name = path.relative_to(stage.scene).as_posix()
        place = f"{build.__name__}: {kind} as {name}"
        meeting = [command for part, some in commands.items() if part in name for command in some]
        if chosen not in place or not meeting:
            continue
        remove(path)
        KINDS[kind](path, stage.outside)
        for command in meeting:
            code, stderr = stage.run(*command)
            judge(f"{place}: {' '.join([command[0], *command[1]])}", code, stderr, stage.outside, before)
            runs += 1
        shutil.rmtree(stage.scene)
        copy(kept, stage.scene)
    shutil.rmtree(kept)
    shutil.rmtree(stage.scene)


def usable_kinds(is_windows, top):
    kinds = WINE_KINDS if is_windows else list(KINDS)
    try:
        KINDS["device"](top / "device", top)
    except PermissionError:  # not as root, or in a container
        return [kind for kind in kinds if kind != "device"]
    (top / "device").unlink()
    return kinds


def main():
    programs, chosen = program.both_programs(__doc__)
    with tempfile.TemporaryDirectory(prefix="odd.") as top:
        stage = Stage(pathlib.Path(top), programs)
        stage.outside.mkdir()
        os.mkfifo(stage.outside / "pipe")
        kinds = usable_kinds(programs["hyperpoint"].is_windows, stage.top)
        few = [kind for kind in kinds if kind in FEW_KINDS]
        for build in (used_host, unfinished_change, interrupted_guest):
            walk(stage, build, kinds, chosen)
        for build in (packages, guest):
            walk(stage, build, few, chosen)
    print("\n".join(failures))
    print(f"{runs} runs, {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
