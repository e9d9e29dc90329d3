#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""installdrivers -ROOT with a guest that somebody has prepared: planted journals, records and links, and folders that
are exchanged for links while it works. Nothing outside of the guest is changed. HP_RACES: runs of each race.

    test_planted.py INSTALLDRIVERS [part of a case's name]"""

import contextlib
import ctypes
import hashlib
import json
import multiprocessing
import os
import pathlib
import shutil
import subprocess
import sys

import place as places
from place import GOOD, OWN, STORE, Place, check, failures, fill, make_zip, parse_command_line, tree

AT_FDCWD, RENAME_EXCHANGE = -100, 2
RUNS = int(os.environ.get("HP_RACES", "3"))  # of each race
SYSTEM = "Windows/System32/"


class Prepared(Place):
    """A guest with a link to a folder outside, and a package."""

    def __init__(self):
        super().__init__()
        self.outside = os.path.join(self.folder, "outside")
        self.fill_outside()
        os.symlink(self.outside, os.path.join(self.guest, "Windows/link"))
        make_zip(self.package(), [(GOOD, b"good"), (SYSTEM + "nvapi64.dll", b"MZ new")])

    def fill_outside(self):
        fill(self.outside, {"secret.txt": b"secret", "x.dll": b"x", "HyperPoint/a": b"a", "FileRepository/b": b"b",
                            "work/c": b"c", "nvapi64.dll": b"theirs"})

    def plant_journal(self, **members):
        value = {"format": "hyperpoint-install/1", "program": "0.1.0", "what": "installation of 'X'", "waits": False,
                 "folders": [], "steps": [], "values": []}
        self.write(OWN + "work/journal.json", json.dumps(value | members).encode())

    def plant_record(self, path, data, **members):
        file = {"path": path, "size": str(len(data)), "sha256": hashlib.sha256(data).hexdigest(), "before": "nothing"}
        value = {"format": "hyperpoint-installed/1", "program": "0.1.0", "name": "X", "provider": "",
                 "driverVersion": "", "deviceIds": [], "installed": "2024-01-01T00:00:00.000Z",
                 "files": [file | members], "values": []}
        self.write(OWN + "X.installed.json", json.dumps(value).encode())


def bad_steps():
    old, fresh = OWN + "work/old/0", OWN + "work/new/0"
    for path in ("Windows/link/secret.txt", SYSTEM + "config/SAM", "Users/Public/Startup/evil.exe", "../x", "/etc/x",
                 "Windows/explorer.exe", SYSTEM + "drivers/etc/hosts", SYSTEM + "../x.dll", "C:/x"):
        yield f"path {path}", {"path": path, "fresh": fresh, "old": old}
    for path in ("Windows/link/x", SYSTEM + "config/SAM", OWN + "../../config/SAM", SYSTEM + "kernel32.dll"):
        yield f"fresh {path}", {"path": SYSTEM + "a.dll", "fresh": path, "old": old}
        yield f"old {path}", {"path": SYSTEM + "a.dll", "old": path}


def test_bad_step(name, step):
    for words in (["-RECOVER"], ["-UNINSTALL"], ["-DRVSRC"]):
        with Prepared() as place:
            place.write(SYSTEM + "config/SAM", b"sam")
            place.write(OWN + "work/old/0", b"evil")
            place.plant_journal(steps=[step])
            before = tree(place.guest), tree(place.outside)
            run = place.run(*words, *([place.package()] if words == ["-DRVSRC"] else []))
            check(name, run.returncode == 5 and "journal.json" in run.stderr and "hint:" in run.stderr, str(run))
            check(name, (tree(place.guest), tree(place.outside)) == before, f"{words}: something was changed")


def test_bad_folders(name, folder):
    with Prepared() as place:
        os.makedirs(os.path.join(place.outside, "empty"))
        os.makedirs(os.path.join(place.guest, "Users/empty"))
        place.plant_journal(folders=[folder])
        before = tree(place.guest), tree(place.outside)
        run = place.run("-RECOVER")
        check(name, run.returncode == 5, str(run))
        check(name, (tree(place.guest), tree(place.outside)) == before, "something was changed")


def test_link_on_the_way(name, folder):
    """The places are right, and a folder of them is a link."""
    with Prepared() as place:
        place.plant_journal(steps=[{"path": folder + "/secret.txt", "old": OWN + "work/old/0"}])
        place.write(OWN + "work/old/0", b"evil")
        path = os.path.join(place.guest, folder)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        shutil.rmtree(path, ignore_errors=True)
        os.symlink(place.outside, path)
        before = tree(place.outside)
        run = place.run("-RECOVER")
        check(name, run.returncode != 0 and "is a link" in run.stderr, str(run))
        check(name, tree(place.outside) == before, "something outside was changed")


def test_forged_records():
    name = "forged records"
    kernel = b"MZ kernel"
    for path, data, members in ((SYSTEM + "kernel32.dll", b"another", {}),
                                (SYSTEM + "config/SAM", b"sam", {}),
                                (SYSTEM + "kernel32.dll", kernel, {"before": "original",
                                                                   "original": SYSTEM + "config/SAM"}),
                                (SYSTEM + "kernel32.dll", kernel, {"before": "original",
                                                                   "original": "Windows/link/secret.txt"})):
        with Prepared() as place:
            place.write(SYSTEM + "config/SAM", b"sam")
            place.plant_record(path, data, **members)
            run = place.run("-UNINSTALL")
            found = tree(place.guest)
            check(name, found[SYSTEM + "kernel32.dll"] == ("file", kernel), f"{path}: {run}")
            check(name, found[SYSTEM + "config/SAM"] == ("file", b"sam"), f"{path}: {run}")


def test_another_tools_file():
    """A record's file in the store is removed only while it is the record's."""
    name = "another tool's file"
    path = STORE + "theirs.dll"
    for text, stays in ((b"of another tool", True), (b"claimed", False)):
        with Prepared() as place:
            place.write(path, text)
            place.plant_record(path, b"claimed")
            run = place.run("-UNINSTALL")
            check(name, run.returncode == 0 and (path in tree(place.guest)) == stays, f"{text}: {run}")
            check(name, ("is not the package's any more" in run.stderr) == stays, run.stderr)


# ---- what is in the place of a file ----

LINKED = {SYSTEM + "nvcuda.dll": "HostDriverStore/old.dll", SYSTEM + "nvml.dll": "C:/Windows/gone.dll",
          SYSTEM + "nvapi.dll": "kernel32.dll", SYSTEM + "nvfolder.dll": "HostDriverStore"}


class Linked(Prepared):
    """Another tool has left links in System32: to files, to nothing, to a folder."""

    def __init__(self):
        super().__init__()
        for path, target in LINKED.items():
            os.symlink(target, os.path.join(self.guest, path))
        self.write(SYSTEM + "HostDriverStore/old.dll", b"old")
        make_zip(self.package(), [(GOOD, b"good")] + [(path, b"MZ new") for path in LINKED])


def test_links_to_files():
    """They are replaced as files are, and come back."""
    name = "links to files"
    with Linked() as place:
        before = tree(place.guest)
        run = place.run("-DRVSRC", place.package())
        found = tree(place.guest)
        check(name, run.returncode == 0 and all(found[path] == ("file", b"MZ new") for path in LINKED), str(run))
        check(name, found[SYSTEM + "kernel32.dll"] == before[SYSTEM + "kernel32.dll"], "the target was changed")
        check(name, place.run("-VERIFY").returncode == 0)
        run = place.run("-DRVSRC", place.package())
        check(name, run.returncode == 0 and tree(place.guest) == found, f"once more: {run}")
        run = place.run("-UNINSTALL")
        check(name, run.returncode == 0 and tree(place.guest) == before, f"{run}")


def test_links_since():
    """Somebody has put a link in the place of a package's file: it is his."""
    name = "links since"
    for words in (["-UNINSTALL"], ["-DRVSRC"]):
        with Linked() as place:
            before = tree(place.guest)
            place.run("-DRVSRC", place.package())
            os.remove(os.path.join(place.guest, SYSTEM + "nvml.dll"))
            os.symlink("mine.dll", os.path.join(place.guest, SYSTEM + "nvml.dll"))
            run = place.run("-VERIFY")
            check(name, run.returncode == 8 and "nvml.dll' was changed" in run.stdout + run.stderr, str(run))
            place.run(*words, *([place.package()] if words == ["-DRVSRC"] else []))
            run = place.run("-UNINSTALL")
            check(name, tree(place.guest) == before | {SYSTEM + "nvml.dll": ("link", "mine.dll")}, f"{words}: {run}")


def test_links_that_stay():
    """The place of a driver that the guest may start from is no package's, link or not."""
    name = "links that stay"
    path = SYSTEM + "drivers/nvboot.sys"
    with Prepared() as place:
        place.write(SYSTEM + "drivers/x", b"")
        os.symlink("x", os.path.join(place.guest, path))
        make_zip(place.package(), [(GOOD, b"good"), (path, b"MZ new")])
        run = place.run("-DRVSRC", place.package())
        check(name, run.returncode == 0 and tree(place.guest)[path] == ("link", "x"), str(run))
        check(name, "nvboot.sys' is in the folder of Windows' own drivers" in run.stderr, run.stderr)


def test_obstacles():
    """What is no file is told at once, all of it, and nothing is changed."""
    name = "obstacles"
    with Prepared() as place:
        names = [SYSTEM + f"nv{i}.dll" for i in range(3)]
        os.mkdir(os.path.join(place.guest, names[0]))
        os.mkfifo(os.path.join(place.guest, names[1]))
        make_zip(place.package(), [(GOOD, b"good")] + [(path, b"MZ new") for path in names])
        before = tree(place.guest)
        run = place.run("-DRVSRC", place.package())
        check(name, run.returncode == 1 and "2 of the package's files have no place" in run.stderr, str(run))
        check(name, "nv0.dll' is a folder" in run.stderr and "nv1.dll' is not a file" in run.stderr, run.stderr)
        check(name, "hint:" in run.stderr and tree(place.guest) == before, run.stderr)


# ---- what comes back, and what goes ----

def test_original_gone():
    """What cannot come back is told, and the exit code tells it."""
    name = "an original that is gone"
    with Prepared() as place:
        place.run("-DRVSRC", place.package())
        shutil.rmtree(os.path.join(place.guest, OWN, "originals"))
        run = place.run("-UNINSTALL", "-WHATIF")
        check(name, run.returncode == 0 and "nvapi64.dll' before cannot be put back" in run.stderr, str(run))
        run = place.run("-UNINSTALL")
        check(name, run.returncode == 3 and "nvapi64.dll' before cannot be put back" in run.stderr, str(run))
        check(name, SYSTEM + "nvapi64.dll" not in tree(place.guest), "the package's file is left")


def test_folders():
    """Folders that were made for packages go with the last one that uses them; others stay, empty or not."""
    name = "folders"
    made, theirs = SYSTEM + "drivers/NVIDIA Corporation", SYSTEM + "drivers/NVIDIA"
    with Prepared() as place:
        os.rmdir(os.path.join(place.guest, "Windows/SysWOW64"))
        os.makedirs(os.path.join(place.guest, theirs))
        before = tree(place.guest)
        make_zip(place.package("A_1.zip"), [(GOOD, b"good"), (made + "/Drs/a.bin", b"a"), (theirs + "/b.bin", b"b")])
        make_zip(place.package("B_1.zip"), [(made + "/b.bin", b"b"), ("Windows/SysWOW64/nvapi.dll", b"MZ")])
        for package in ("A_1", "B_1"):
            run = place.run("-DRVSRC", place.package(package + ".zip"))
            check(name, run.returncode == 0, str(run))
        place.run("-UNINSTALL", "-DRV", "A_1")
        found = tree(place.guest)
        check(name, made + "/Drs" not in found and made + "/b.bin" in found and theirs in found, f"{list(found)}")
        run = place.run("-UNINSTALL")
        check(name, run.returncode == 0 and tree(place.guest) == before, f"{run} {set(tree(place.guest)) ^ set(before)}")
    with Prepared() as place:
        make_zip(place.package(), [(GOOD, b"good"), (made + "/a.bin", b"a")])
        place.run("-DRVSRC", place.package())
        place.write(made + "/mine.txt", b"mine")
        place.run("-UNINSTALL")
        check(name, tree(place.guest)[made + "/mine.txt"] == ("file", b"mine"), "somebody's file is gone")


def test_many_records():
    """As many records as the limit are read, and not one more."""
    name = "many records"
    with Prepared() as place:
        place.plant_record(SYSTEM + "x.dll", b"x")
        place.write(SYSTEM + "x.dll", b"x")
        path = os.path.join(place.guest, OWN)
        record = pathlib.Path(path, "X.installed.json")
        for i in range(255):
            shutil.copy(record, os.path.join(path, f"Y{i}.installed.json"))
        run = place.run("-VERIFY")
        check(name, run.returncode == 0, run.stderr)
        shutil.copy(record, os.path.join(path, "Z.installed.json"))
        for words in (["-VERIFY"], ["-UNINSTALL"], ["-DRVSRC", place.package()]):
            run = place.run(*words)
            check(name, run.returncode == 1 and "records of more than 256 packages" in run.stderr, run.stderr)


# ---- races ----

def exchange_for_ever(path, link):
    libc = ctypes.CDLL(None)
    one, two = path.encode(), link.encode()
    while True:
        libc.renameat2(AT_FDCWD, one, AT_FDCWD, two, RENAME_EXCHANGE)


@contextlib.contextmanager
def exchanging(path, target):
    """The folder and a link beside it change places."""
    link = path + ".link"
    os.symlink(target, link)
    racer = multiprocessing.Process(target=exchange_for_ever, args=(path, link), daemon=True)
    racer.start()
    yield
    racer.kill()
    racer.join()


def test_race(name, folder, prepare, words):
    for _ in range(RUNS):
        with Prepared() as place:
            prepare(place)
            path = os.path.join(place.guest, folder)
            os.makedirs(path, exist_ok=True)
            before = tree(place.outside)
            with exchanging(path, place.outside):
                run = place.run(*[place.package() if word == "PACKAGE" else word for word in words])
            check(name, run.returncode in (0, 1, 3, 4, 5), str(run))
            check(name, tree(place.outside) == before, f"something outside was changed: {tree(place.outside)}")


def races():
    def nothing(_):
        pass

    def installed(place):
        place.run("-DRVSRC", place.package())

    def journal(place):
        place.write(OWN + "work/old/0", b"old")
        place.write(OWN + "work/new/1", b"new")
        place.plant_journal(steps=[{"path": SYSTEM + "secret.txt", "old": OWN + "work/old/0"},
                                   {"path": SYSTEM + "x.dll", "fresh": OWN + "work/new/9"}])

    def leftovers(place):
        for i in range(40):
            place.write(OWN + f"work/old/{i % 4}/c/{i}", b"")

    store = SYSTEM + "HostDriverStore"
    for folder in ("Windows/System32", store, OWN.rstrip("/"), OWN + "work", OWN + "work/new"):
        yield f"race: installation, {folder}", folder, nothing, ["-DRVSRC", "PACKAGE"]
        yield f"race: recovery, {folder}", folder, journal, ["-RECOVER"]
        yield f"race: removal, {folder}", folder, installed, ["-UNINSTALL"]
        yield f"race: cleaning, {folder}", folder, leftovers, ["-RECOVER"]


def test_race_package():
    """A folder of the package becomes a link: none of what is behind it gets into the guest."""
    name = "race: a folder of the package"
    for _ in range(RUNS):
        with Prepared() as place:
            package = os.path.join(place.folder, "NVIDIA_1")
            fill(package, {GOOD: b"good", SYSTEM + "nvapi64.dll": b"MZ new"})
            with exchanging(os.path.join(package, SYSTEM.rstrip("/")), place.outside):
                place.run("-DRVSRC", package)
            found = [path for path, (_, data) in tree(place.guest).items() if data in (b"theirs", b"secret", b"x")]
            check(name, not found, f"{found}")


# ---- two at once ----

def start(place, environment, *words):
    return subprocess.Popen([places.installdrivers.path, "-ROOT", place.root, *words], env=environment, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_two_users():
    """Each has a state folder of his own. While one installs, the other recovers, and installs something else, over and
    over: nobody takes the other one's work for something interrupted, and both get what they asked for."""
    name = "two users"
    met = 0
    for _ in range(RUNS):
        with Prepared() as place:
            other = places.installdrivers.environment(pathlib.Path(place.top, "other"))
            files = {STORE + f"{i}.dll": os.urandom(1000) for i in range(300)} | {SYSTEM + "nvapi64.dll": b"MZ new"}
            make_zip(place.package(), files.items())
            make_zip(place.package("B_1.zip"), [(SYSTEM + "b.dll", b"MZ b")])
            wanted = tree(place.guest)[SYSTEM + "kernel32.dll"]
            first = start(place, place.environment, "-DRVSRC", place.package())
            runs = []
            while first.poll() is None:
                words = (["-RECOVER"], ["-DRVSRC", place.package("B_1.zip")])[len(runs) % 4 == 3]
                run = start(place, other, *words)
                runs.append((run, run.communicate()))
            runs.append((first, first.communicate()))
            for run, (out, err) in runs:
                refused = run.returncode == 1 and "another installdrivers is at work" in err
                met += refused
                check(name, run.returncode == 0 or refused, f"{run.args}: {run.returncode} {err}")
                check(name, "has been undone" not in out + err and "has been finished" not in out + err, out + err)
            if first.returncode != 0:  # the other one was just at work
                place.run("-DRVSRC", place.package())
            found = tree(place.guest)
            check(name, all(found.get(path) == ("file", data) for path, data in files.items()), "a mixture")
            check(name, found[SYSTEM + "kernel32.dll"] == wanted and OWN + "work" not in found, f"{list(found)}")
            check(name, place.run("-VERIFY").returncode == 0)
    check(name, met > 0, "they have never met")


def test_disk_space():
    """What cannot fit is refused before anything is written."""
    name = "disk space"
    with Prepared() as place:
        package = os.path.join(place.folder, "NVIDIA_1")
        fill(package, {GOOD: b""})
        free = os.statvfs(place.guest)
        os.truncate(os.path.join(package, GOOD), free.f_bavail * free.f_frsize + 1)
        before = tree(place.guest)
        run = place.run("-DRVSRC", package)
        check(name, run.returncode == 1 and "MB are needed" in run.stderr, str(run))
        check(name, tree(place.guest) == before, "something was changed")


def main():
    arguments = parse_command_line(__doc__)
    cases = [(f"journal: {name}", test_bad_step, step) for name, step in bad_steps()]
    cases += [(f"journal: folder {folder}", test_bad_folders, folder)
              for folder in ("Users/empty", "Windows/link/empty", "../x", SYSTEM + "config")]
    cases += [(f"journal: link at {folder}", test_link_on_the_way, folder)
              for folder in (SYSTEM + "drivers", SYSTEM + "HostDriverStore/FileRepository/x", "Windows/SysWOW64")]
    cases += [(name, test_race, *case) for name, *case in races()]
    count = 0
    for name, test, *words in cases:
        if arguments.chosen in name:
            test(name, *words)
            count += 1
    for test in (test_forged_records, test_another_tools_file, test_links_to_files, test_links_since,
                 test_links_that_stay, test_obstacles, test_original_gone, test_folders, test_many_records, test_race_package,
                 test_two_users, test_disk_space):
        if arguments.chosen in test.__name__:
            test()
            count += 1
    print(f"{count} cases, {len(failures)} failures")
    return 1 if failures or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
