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
        """Signals, devices and users are those of POSIX."""
        return not self.is_windows or not {"interrupt", "output-to", "as-nobody", "mode"} & steps

    def hide_folder(self, text, folder):
        """The text with <DIR> for the case's folder, and the separators of POSIX behind it."""
        if self.is_windows:
            shown = "Z:" + str(folder).replace("/", "\\")
            text = re.sub(re.escape(shown) + r"[^']*", lambda match: match.group().replace(shown, "<DIR>")
                          .replace("\\", "/"), text)
        return text.replace(str(folder), "<DIR>")

    @staticmethod
    def state_folder(root):
        """Where journals and locks are, when environment() is given the same folder."""
        return root / "hyperpoint"

    def environment(self, root):
        values = {name: os.environ[name] for name in ("PATH", "HOME", "ASAN_OPTIONS", "UBSAN_OPTIONS", "WINEPREFIX")
                  if name in os.environ}
        values.update(TZ="UTC", LC_ALL="C.UTF-8", XDG_STATE_HOME=str(root), LOCALAPPDATA=str(root), WINEDEBUG="-all")
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
