#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The guest's service as users have it: set up, asked by a host that is played here, stopped, killed, taken away. On
Linux it serves a folder; under Wine it is a service of Wine's service manager in the prefix's own Windows, and answers
through the prefix's registry. HP_RACES: rounds of kills.

    test_service.py INSTALLDRIVERS [--exec-prefix 'tests/wine/run-wine PREFIX'] [part of a case's name]

The prefix is the guest: nobody else can work in it."""

import contextlib
import fcntl
import hashlib
import json
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "install"))

import place as places
import terminal
from place import (OLDER_LIBRARY, OWN, STORE, check, failures, make_zip, manifest, parse_command_line, program,
                   run_program, said)

VM = "f65d0775-1ca1-4804-9305-71f4a38bdd83"
EXCHANGE = "SOFTWARE\\Microsoft\\Virtual Machine\\"
SWITCHES = "SOFTWARE\\HyperPoint\\Guest"
LIBRARY = "Windows/System32/nvapi64.dll"
SPELLED = {False: LIBRARY, True: "windows/system32/nvapi64.dll"}  # on the disk, under Wine
ROUNDS = int(os.environ.get("HP_RACES", "3"))
ARGUMENTS = None


def make_package(name, text, size=0):
    """A zip as the host brings it."""
    files = [(STORE + "nvapi64.dll", text + b"x" * size), (LIBRARY, text)]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "package.zip")
        make_zip(path, [*files, (f"{OWN}{name}.json", manifest(files, name))])
        return pathlib.Path(path).read_bytes()


def wait_until(what, condition, may_end=None):
    """Polls until the condition gives something; gives up when nothing can come any more."""
    end = time.monotonic() + program.HANGS
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        if may_end is not None and may_end():
            break
        time.sleep(0.05)
    raise RuntimeError(f"never: {what}")


class Guest:
    """What both kinds have in common."""

    def __enter__(self):
        return self

    def install_service(self):
        return self.run("-SERVICE", "install", "-YES")

    def inbox(self, number):
        return os.path.join(self.root, "ProgramData/HyperPoint-inbox", f"{number:032x}.zip")

    def bring(self, number, data):
        os.makedirs(os.path.dirname(self.inbox(number)), exist_ok=True)
        pathlib.Path(self.inbox(number)).write_bytes(data)

    def ask(self, number, data, vm=VM):
        self.set(EXCHANGE + "External", "HyperPoint.Request",
                 f"version=1;id={number:032x};vm={vm};do=install;sha256={hashlib.sha256(data).hexdigest()};"
                 f"size={len(data)}")

    def take_back(self):
        self.set(EXCHANGE + "External", "HyperPoint.Request", None)

    def status(self):
        text = self.get(EXCHANGE + "Guest", "HyperPoint.Status")
        return dict(field.split("=") for field in text.split(";")) if text else {}

    def answer(self, number):
        def last():
            status = self.status()
            return status if status.get("id") == f"{number:032x}" and \
                status["phase"] in ("done", "failed", "refused") else None
        status = wait_until(f"an answer to {number}", last)
        return status["phase"], status["reason"]

    def library(self):
        return pathlib.Path(self.root, SPELLED[places.installdrivers.is_windows]).read_bytes()

    def reset_library(self):
        path = pathlib.Path(self.root, SPELLED[places.installdrivers.is_windows])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(OLDER_LIBRARY)


class Folder(Guest):
    """On Linux."""

    def __init__(self):
        self.place = places.Place()
        self.root = self.place.guest
        self.registry = os.path.join(self.root, "registry.reg")
        self.service = None

    def __exit__(self, *_):
        self.kill()
        self.place.__exit__()

    def run(self, *words):
        return self.place.run(*words)

    def start(self):
        command = [places.installdrivers.path, "-ROOT", self.root, "-SERVICE", "run"]
        self.service = subprocess.Popen(command, env=self.place.environment, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def stop(self):
        self.service.send_signal(signal.SIGTERM)
        output = self.service.communicate()[0]
        check("stop", self.service.returncode == 0, output)
        self.service = None

    def kill(self):
        if self.service is not None:
            self.service.kill()
            self.service.communicate()
            self.service = None

    def values(self):
        """{(key, name): text as in the file}"""
        found, key = {}, ""
        for line in pathlib.Path(self.registry).read_text(encoding="utf-8").splitlines():
            if line.startswith("["):
                key = line[1:-1].removeprefix("HKEY_LOCAL_MACHINE\\")
            elif line.startswith('"'):
                name, value = re.fullmatch(r'"((?:[^"\\]|\\.)*)"=(.*)', line).groups()
                found[key.lower(), name] = value
        return found

    def get(self, key, name):
        value = self.values().get((key.lower(), name))
        return value[1:-1].replace("\\\\", "\\") if value and value.startswith('"') else None

    def set(self, key, name, text):
        with open(self.registry + ".lock", "a", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            values = self.values()
            values.pop((key.lower(), name), None)
            if text is not None:
                values[key.lower(), name] = '"' + text.replace("\\", "\\\\") + '"'
            lines = ["Windows Registry Editor Version 5.00", ""]
            for folder in sorted({key for key, _ in values}):
                lines.append(f"[HKEY_LOCAL_MACHINE\\{folder}]")
                lines += [f'"{value}"={data}' for (where, value), data in values.items() if where == folder] + [""]
            pathlib.Path(self.registry + ".new").write_text("\n".join(lines), encoding="utf-8")
            os.replace(self.registry + ".new", self.registry)


class Prefix(Guest):
    """Under Wine."""

    def __init__(self):
        self.prefix = ARGUMENTS.exec_prefix[1]
        self.environment = {**os.environ}
        self.wine("wineboot")  # made, if it is missing
        self.root = os.path.join(self.prefix, "drive_c")

    def __exit__(self, *_):
        self.run("-SERVICE", "remove")
        self.run("-UNINSTALL")

    def wine(self, *words):
        return run_program(list(words), env=self.environment)

    def run(self, *words):
        return self.wine(places.installdrivers.path, "-ROOT", "C:\\", *words)

    def start(self):
        run = self.wine("net", "start", "HyperPointGuest")
        check("start", "successfully" in run.stdout, said(run))

    def presence(self):
        return json.loads(self.run("-SERVICE", "status", "-JSON").stdout)["service"]["service"]

    def stop(self):
        run = self.wine("net", "stop", "HyperPointGuest")
        check("stop", self.presence() == "stopped", said(run))

    def processes(self):
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                words = (folder / "cmdline").read_bytes().split(b"\0")
                prefix = f"WINEPREFIX={self.prefix}".encode()
                if b"-SERVICE" in words and b"run" in words and prefix in (folder / "environ").read_bytes().split(b"\0"):
                    yield int(folder.name)

    def kill(self):
        killed = list(self.processes())
        check("kill", killed, "no such process")
        for process in killed:
            os.kill(process, signal.SIGKILL)
        wait_until("the service is dead", lambda: not list(self.processes()))
        self.wine("net", "stop", "HyperPointGuest")  # only then Wine notices

    def get(self, key, name):
        run = self.wine("reg", "query", "HKLM\\" + key, "/v", name)
        match = re.search(re.escape(name) + r"\s+REG_SZ\s+(\S+)", run.stdout)
        return match.group(1) if match else None

    def set(self, key, name, text):
        words = ["delete", "HKLM\\" + key, "/v", name, "/f"] if text is None else \
            ["add", "HKLM\\" + key, "/v", name, "/d", text, "/f"]
        run = self.wine("reg", *words)
        check("reg", run.returncode == 0, said(run))


@contextlib.contextmanager
def served():
    """A guest that is set up, and knows which VM it is; its service runs."""
    with (Prefix if places.installdrivers.is_windows else Folder)() as guest:
        guest.reset_library()
        run = guest.install_service()
        check("set up", run.returncode == 0, said(run))
        guest.set(EXCHANGE + "Guest\\Parameters", "VirtualMachineId", VM.upper())
        if not places.installdrivers.is_windows:
            guest.start()
        yield guest


number = random.SystemRandom().getrandbits(64)


def next_number():
    """Requests of one guest have different ids, in a prefix that stays, too."""
    global number
    number += 1
    return number


# ---- cases ----

def test_install(guest):
    name = "install"
    wait_until("the guest tells of itself", lambda: guest.get(EXCHANGE + "Guest", "HyperPoint.Agent"))
    for text in (b"MZ one", b"MZ two"):
        data, request = make_package("NVIDIA_20240814", text), next_number()
        guest.bring(request, data)
        guest.ask(request, data)
        check(name, guest.answer(request) == ("done", "none"), guest.status())
        check(name, guest.library() == text)
        check(name, not os.path.exists(guest.inbox(request)), "the file is there")
        package = guest.get(EXCHANGE + "Guest", "HyperPoint.Package.1")
        check(name, "driver=32.0.15.6094;" in package and "packages=1" in
              guest.get(EXCHANGE + "Guest", "HyperPoint.Agent"), package)
    guest.take_back()


def test_refusals(guest):
    """Other VMs' requests, and what a host that went back to an old checkpoint asks again."""
    name = "refusals"
    before = guest.library()
    data, request = make_package("NVIDIA_20240814", b"MZ three"), next_number()
    guest.bring(request, data)
    guest.ask(request, data, vm=VM.replace("f65d", "0000"))
    check(name, guest.answer(request) == ("refused", "other-vm"), guest.status())
    guest.take_back()
    second = next_number()
    guest.ask(second, data, vm=VM.replace("f65d", "0000"))
    guest.answer(second)
    guest.bring(request, data)
    guest.ask(request, data)
    check(name, guest.answer(request) == ("refused", "older"), guest.status())
    check(name, guest.library() == before, "installed")
    guest.take_back()


def test_hostile(guest):
    """Files that are none, and packages that are none."""
    name = "hostile"
    before = guest.library()
    good = make_package("NVIDIA_20240814", b"MZ four")
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "evil.zip")
        make_zip(path, [("../../evil.txt", b"evil"), ("C:/evil.txt", b"evil")])
        evil = path.read_bytes()
        path.write_bytes(good)
        os.chmod(path, 0o644)

        secret = pathlib.Path(guest.inbox(0)).parent / "secret"  # on the disk of the inbox
        secret.write_bytes(b"secret" * len(good))

        def link(where):
            os.symlink(path, where)

        def sparse(where):
            with open(where, "wb") as file:
                file.truncate(1 << 40)

        cases = [("garbage", lambda where: pathlib.Path(where).write_bytes(b"x" * 1000), b"x" * 1000, "package"),
                 ("escapes", lambda where: pathlib.Path(where).write_bytes(evil), evil, "package"),
                 ("other content", lambda where: pathlib.Path(where).write_bytes(good[::-1]), good, "hash"),
                 ("too long", lambda where: pathlib.Path(where).write_bytes(good + b"x"), good, "short"),
                 ("a terabyte", sparse, good, "short"),
                 ("another name of a file", lambda where: os.link(secret, where), good, "short"),
                 ("a folder", os.mkdir, good, "missing")]
        if not places.installdrivers.is_windows:
            cases += [("a link", link, good, "missing"), ("a pipe", os.mkfifo, good, "missing")]
        for what, make, data, reason in cases:
            request = next_number()
            make(guest.inbox(request))
            guest.ask(request, data)
            check(name, guest.answer(request) == ("failed", reason), f"{what}: {guest.status()}")
            check(name, guest.library() == before, f"{what}: installed")
            if os.path.isdir(guest.inbox(request)):
                os.rmdir(guest.inbox(request))
            check(name, not os.path.lexists(guest.inbox(request)), f"{what}: stays")
        check(name, path.exists(), "what a link leads to is gone")
        check(name, secret.read_bytes() == b"secret" * len(good), "a file with another name in the inbox was changed")
        secret.unlink()
    guest.take_back()


def test_crowd(guest):
    """An inbox that a user has filled before: files that look like packages go with the next request, others stay."""
    name = "crowd"
    inbox = pathlib.Path(guest.inbox(0)).parent
    crowd = [inbox / f"{i:032x}.zip" for i in range(1, 500)]
    folder = inbox / f"{1000:032x}.zip"
    kept = [inbox / f"{1:032x}.ZIP.txt", inbox / "0.zip", folder / "inside"]
    folder.mkdir()
    for path in crowd + kept:
        path.write_bytes(b"x")
    data, request = make_package("NVIDIA_20240814", b"MZ crowd"), next_number()
    guest.bring(request, data)
    guest.ask(request, data)
    check(name, guest.answer(request) == ("done", "none"), guest.status())
    check(name, guest.library() == b"MZ crowd")
    guest.take_back()
    wait_until("they are gone", lambda: sorted(inbox.iterdir()) == sorted([*kept[:2], folder]))
    check(name, all(path.exists() for path in kept), "a file that is somebody's is gone")
    shutil.rmtree(folder)
    for path in kept[:2]:
        path.unlink()


def test_owned(guest):
    """The inbox and the file are another user's: it is the hash that counts."""
    name = "owned"
    if places.installdrivers.is_windows or os.geteuid() != 0:
        return
    inbox = os.path.dirname(guest.inbox(0))
    os.chown(inbox, program.NOBODY, program.NOBODY)
    for data, answer in ((make_package("NVIDIA_20240814", b"MZ owned"), ("done", "none")),
                         (make_package("NVIDIA_20240814", b"MZ other"), ("failed", "hash"))):
        request = next_number()
        guest.bring(request, data)
        os.chown(guest.inbox(request), program.NOBODY, program.NOBODY)
        guest.ask(request, data if answer[0] == "done" else data[::-1])
        check(name, guest.answer(request) == answer, guest.status())
        check(name, guest.library() == b"MZ owned")
    guest.take_back()


def test_stopped(guest):
    """A request that comes while the service is stopped is carried out when it starts."""
    name = "stopped"
    guest.stop()
    data, request = make_package("NVIDIA_20240814", b"MZ five"), next_number()
    guest.bring(request, data)
    guest.ask(request, data)
    guest.start()
    check(name, guest.answer(request) == ("done", "none"), guest.status())
    check(name, guest.library() == b"MZ five")
    guest.take_back()


def test_killed(guest):
    """At any moment, again and again: the last one goes on, and the guest has all of it."""
    name = "killed"
    for i in range(ROUNDS):
        text = b"MZ killed %d" % i
        data, request = make_package("NVIDIA_20240814", text, 3_000_000), next_number()
        guest.bring(request, data)
        guest.ask(request, data)
        time.sleep(random.uniform(0, 0.3))  # anywhere; what it hits makes no difference to what is asked for
        guest.kill()
        guest.start()
        check(name, guest.answer(request) == ("done", "none"), guest.status())
        check(name, guest.library() == text)
        check(name, guest.run("-VERIFY").returncode == 0, "not all is right")
    guest.take_back()


def test_exchanged(guest):
    """Somebody exchanges the file while it is read: it is the right one that is installed, or none."""
    name = "exchanged"
    good, bad = (make_package("NVIDIA_20240814", text, 500_000) for text in (b"MZ good", b"MZ evil"))
    bad = bad[:len(good)].ljust(len(good), b"\0")
    for _ in range(ROUNDS):
        request, stop = next_number(), threading.Event()
        where = guest.inbox(request)

        def race():
            while not stop.is_set():
                for data in (bad, good):
                    with contextlib.suppress(OSError):
                        pathlib.Path(where + ".x").write_bytes(data)
                        os.replace(where + ".x", where)

        guest.bring(request, good)
        racer = threading.Thread(target=race)
        racer.start()
        guest.ask(request, good)
        phase, reason = guest.answer(request)
        stop.set()
        racer.join()
        check(name, phase == "done" or reason in ("hash", "missing", "short"), guest.status())
        check(name, guest.library() != b"MZ evil", "the wrong one is installed")
        for left in (where, where + ".x"):
            with contextlib.suppress(OSError):
                os.remove(left)
    guest.take_back()


def test_removed(guest):
    """Nothing of it is left, and drivers stay."""
    name = "removed"
    library = guest.library()
    if not places.installdrivers.is_windows:
        guest.stop()
    run = guest.run("-SERVICE", "remove")
    check(name, run.returncode == 0, said(run))
    for item in ("Agent", "Status", "Package.1"):
        check(name, guest.get(EXCHANGE + "Guest", f"HyperPoint.{item}") is None, item)
    state = json.loads(guest.run("-SERVICE", "status", "-JSON").stdout)["service"]
    check(name, state["service"] == "absent" and not state["setUp"] and not state["allowUpdate"], state)
    for path in ("ProgramData/HyperPoint/guest", "ProgramData/HyperPoint-inbox", "Program Files/HyperPoint"):
        check(name, not os.path.exists(os.path.join(guest.root, path)), path)
    check(name, guest.library() == library)


# ---- consent ----

def test_consent(guest):
    """Nothing is set up unless somebody wants it."""
    name = "consent"

    def is_set_up():
        return json.loads(guest.run("-SERVICE", "status", "-JSON").stdout)["service"]["setUp"]

    for words, code, part in ((["-WHATIF"], 0, "Nothing has been changed"), ([], 2, "nobody can be asked"),
                              (["-JSON"], 2, "nobody can be asked"), (["-S"], 2, "nobody can be asked")):
        run = guest.run("-SERVICE", "install", *words)
        check(name, run.returncode == code and part in run.stdout + run.stderr, said(run))
        check(name, not is_set_up(), f"{words}: it was set up")
    for words in (["install", "-FORCE"], ["install", "-DRV", "x"], ["status", "-YES"], ["installed"],
                  ["install", "-VERIFY"]):
        check(name, guest.run("-SERVICE", *words).returncode == 2, words)
    if not places.installdrivers.is_windows:
        for answer, code in (("no\n", 1), ("\n", 1), ("yes\n", 0)):
            command = [places.installdrivers.path, "-ROOT", guest.root, "-SERVICE", "install"]
            found, shown = terminal.run(command, guest.root, guest.place.environment, typed=answer)
            check(name, found == code and "Type yes" in shown, f"{answer!r}: {found}: {shown}")
            check(name, is_set_up() == (code == 0), answer)
        check(name, guest.run("-SERVICE", "remove").returncode == 0 and not is_set_up())
        # Of a folder that is no guest nothing is told, least of all that it has no consent any more.
        os.makedirs(os.path.join(guest.place.folder, "other"))
        for folder in ("other", "nowhere"):
            root = os.path.join(guest.place.folder, folder)
            for word in ("status", "remove", "run", "install"):
                run = places.run_program([places.installdrivers.path, "-ROOT", root, "-SERVICE", word],
                                         env=guest.place.environment)
                check(name, run.returncode == 1 and run.stdout == "" and f"{root}'" in run.stderr, word + said(run))
                check(name, not os.path.exists(os.path.join(root, "registry.reg")), word)
    else:
        run = guest.run("-SERVICE", "run")
        check(name, run.returncode == 1 and "-SERVICE install" in run.stderr, said(run))


CASES = [test_install, test_refusals, test_hostile, test_crowd, test_owned, test_stopped, test_killed, test_exchanged, test_removed]


def main():
    global ARGUMENTS
    ARGUMENTS = parse_command_line(__doc__)
    if ARGUMENTS.chosen in "test_consent":
        with (Prefix if places.installdrivers.is_windows else Folder)() as guest:
            test_consent(guest)
    with served() as guest:
        for case in CASES:
            if ARGUMENTS.chosen in case.__name__:
                case(guest)
                if failures:
                    break
    if not failures:
        print("all as it should be")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
