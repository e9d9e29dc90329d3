# SPDX-License-Identifier: MIT
"""The program under test: where it lies in a case's folder, how it is started, and where it keeps its files.
Everything that would differ for a program of another platform (--exec-prefix wine) is in here."""

import argparse
import contextlib
import fcntl
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import time

# Seconds after which a run counts as hanging: no limit for slow machines, which take a few at most.
HANGS = 30 * 60
WINDOWS_LOCK_BYTE = 0x7FFFFFFF << 32  # src/platform/fs_win32.c
NOBODY = 65534
# What Wine calls an error that cases have in the words of POSIX.
SYSTEM_TEXTS = {"Path not found": "No such file or directory", "Directory name invalid": "Not a directory"}


def windows_path(path, separator="\\"):
    """The path as Wine's programs know it."""
    return "Z:" + str(path).replace("/", separator)


class Program:
    def __init__(self, path, exec_prefix):
        self.path = path
        self.prefix = list(exec_prefix)
        self.is_windows = path.suffix == ".exe"

    def install(self, folder):
        """Puts the program into the folder: config files are looked for and logs are written beside it."""
        target = folder / self.path.name
        try:
            os.link(self.path, target)
        except OSError:  # another file system
            shutil.copy2(self.path, target)
        return target

    def can_run(self, steps):
        """Devices and users are those of POSIX."""
        return not self.is_windows or not {"posix-only", "output-to", "as-nobody", "mode"} & steps

    def host_words(self, host_file):
        """How the simulated host in the current folder is named."""
        return ["-HOST", f"sim:{host_file}"]

    def hide_folder(self, text, folder):
        """The text with <DIR> for the case's folder, and the separators of POSIX behind it."""
        if not self.is_windows:
            return text.replace(str(folder), "<DIR>")
        for separator in ("\\\\", "\\"):  # in JSON, and elsewhere
            shown = windows_path(folder, separator)
            text = re.sub(re.escape(shown) + "[^'\"]*", lambda match: match.group().replace(shown, "<DIR>")
                          .replace(separator, "/"), text)
        text = re.sub(r"\bmade\\{1,2}(?!\")", "made/", text)  # the folder that cases write to, as they name it
        text = text.replace("<DIR>/state/HyperPoint", "<DIR>/state/hyperpoint")
        for wine, posix in SYSTEM_TEXTS.items():
            text = text.replace(wine, posix)
        return text

    def state_folder(self, root):
        """Where journals and locks are, when environment() is given the same folder."""
        return root / ("HyperPoint" if self.is_windows else "hyperpoint")

    @contextlib.contextmanager
    def lock(self, file):
        """The lock under which the program reads and writes the state file. Who edits the file without it may undo what
        the program writes meanwhile, and the program may take the edited file for the one it has just written. No
        program has used a file that has no lock beside it."""
        try:
            lock = open(f"{file}.lock", "r+b")
        except FileNotFoundError:
            yield
            return
        with lock:
            if self.is_windows:
                fcntl.lockf(lock, fcntl.LOCK_EX, 1, WINDOWS_LOCK_BYTE)
            else:
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def environment(self, root):
        values = {name: os.environ[name] for name in ("PATH", "HOME", "ASAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS",
                                                     "WINEPREFIX") if name in os.environ}
        values.update(TZ="UTC", LC_ALL="C.UTF-8", XDG_STATE_HOME=str(root), LOCALAPPDATA=windows_path(root))
        return values

    def start(self, installed, arguments, folder, root, stdout=subprocess.PIPE, as_nobody=False):
        user = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if as_nobody and os.geteuid() == 0 else {}
        return subprocess.Popen([*self.prefix, str(installed), *arguments], cwd=folder, env=self.environment(root),
                                stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE, **user)


def finish(process):
    """(exit code, stdout, stderr) of a started program; the code is None if it hangs."""
    try:
        stdout, stderr = process.communicate(timeout=HANGS)
    except subprocess.TimeoutExpired:
        process.kill()
        stdout, stderr = process.communicate()
        return None, stdout or b"", stderr
    return process.returncode, stdout or b"", stderr


def threads(process):
    """Of each thread: whether Ctrl-C waits for it or is being handled by it. Only the first one handles it."""
    states = []
    for status in pathlib.Path(f"/proc/{process.pid}/task").glob("*/status"):
        with contextlib.suppress(OSError):  # it has ended
            signals = dict(re.findall(r"(ShdPnd|SigPnd|SigBlk):\t(\w+)", status.read_text()))
            if status.parent.name != str(process.pid):
                del signals["SigBlk"]
            states.append(any(int(mask, 16) >> signal.SIGINT - 1 & 1 for mask in signals.values()))
    return states


def interrupt(process):
    """Ctrl-C, and the program knows of it: Wine tells it in a new thread, which has come and gone then."""
    before = len(threads(process))
    process.send_signal(signal.SIGINT)
    wait_until(lambda: len(states := threads(process)) <= before and not any(states), process)


def kill(process):
    process.kill()
    process.communicate()


def wait_until(condition, process):
    """Whether it came true: the program may come to its end before."""
    started = time.monotonic()
    while not condition():
        if process.poll() is not None:
            return condition()
        if time.monotonic() - started > HANGS:
            return False
        time.sleep(0.002)
    return True


def parse_command_line(parser, kind=Program):
    """The arguments, among them --program PATH [--exec-prefix WORDS], and the program that these are."""
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("--exec-prefix", type=shlex.split, default=[])
    arguments = parser.parse_args()
    return arguments, kind(arguments.program.resolve(), arguments.exec_prefix)


def both_programs(description):
    """What a test of both programs is started with: the programs by name, and a part of the names of its cases ("": all)."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("hyperpoint", type=pathlib.Path)
    parser.add_argument("installdrivers", type=pathlib.Path)
    parser.add_argument("--exec-prefix", type=shlex.split, default=[])
    parser.add_argument("chosen", nargs="?", default="")
    arguments = parser.parse_args()
    programs = {name: Program(getattr(arguments, name).resolve(), arguments.exec_prefix)
                for name in ("hyperpoint", "installdrivers")}
    return programs, arguments.chosen
