# SPDX-License-Identifier: MIT
"""The program under test: where it lies in a case's folder, how it is started, and where it keeps its files.
Everything that would differ for a program of another platform (--exec-prefix wine) is in here."""

import os
import re
import shutil
import signal
import subprocess
import time

TIME_LIMIT = 60  # seconds for one run
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
        text = re.sub(r"\bmade\\{1,2}", "made/", text)  # the folder that cases write to, as they name it
        text = text.replace("<DIR>/state/HyperPoint", "<DIR>/state/hyperpoint")
        for wine, posix in SYSTEM_TEXTS.items():
            text = text.replace(wine, posix)
        return text

    def state_folder(self, root):
        """Where journals and locks are, when environment() is given the same folder."""
        return root / ("HyperPoint" if self.is_windows else "hyperpoint")

    def environment(self, root):
        values = {name: os.environ[name] for name in ("PATH", "HOME", "ASAN_OPTIONS", "UBSAN_OPTIONS", "WINEPREFIX")
                  if name in os.environ}
        values.update(TZ="UTC", LC_ALL="C.UTF-8", XDG_STATE_HOME=str(root), LOCALAPPDATA=windows_path(root))
        return values

    def start(self, installed, arguments, folder, root, stdout=subprocess.PIPE, as_nobody=False):
        user = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if as_nobody and os.geteuid() == 0 else {}
        return subprocess.Popen([*self.prefix, str(installed), *arguments], cwd=folder, env=self.environment(root),
                                stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE, **user)


def finish(process):
    """(exit code, stdout, stderr) of a started program."""
    try:
        stdout, stderr = process.communicate(timeout=TIME_LIMIT)
    except subprocess.TimeoutExpired:
        process.kill()
        stdout, stderr = process.communicate()
        return None, stdout or b"", stderr
    return process.returncode, stdout or b"", stderr


def interrupt(process):
    process.send_signal(signal.SIGINT)


def kill(process):
    process.kill()
    process.communicate()


def wait_until(condition, what):
    deadline = time.monotonic() + 30
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited in vain for {what}")
        time.sleep(0.002)
