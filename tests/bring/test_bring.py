#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""update-drivers for a guest without the service: hyperpoint brings the package and the program into the folder that is a
simulated host's guest, and the program that was brought is started there with the words that it was told to be.

    test_bring.py HYPERPOINT INSTALLDRIVERS [--exec-prefix 'tests/wine/run-wine PREFIX']"""

import argparse
import contextlib
import json
import os
import pathlib
import pty
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time

RENDER = "0F0E0D0C-0B0A-4908-8706-050403020100"
LIBRARY = "Windows/System32/nvapi64.dll"
INTERFACE = "Msvm_GuestServiceInterfaceComponentSettingData"
failures = []


def check(what, condition, detail=""):
    if not condition:
        failures.append(what)
        print(f"FAILED: {what}: {detail}")


class Stage:
    def __init__(self, arguments, folder):
        self.prefix = arguments.exec_prefix
        self.folder = folder
        self.guest = folder / "guest"
        self.state = folder / "sim.json"
        self.hyperpoint = folder / "program" / arguments.hyperpoint.name
        self.environment = {**os.environ, "XDG_STATE_HOME": str(folder / "state"), "LOCALAPPDATA": self.named("state")}
        (self.guest / "Windows" / "System32").mkdir(parents=True)
        self.hyperpoint.parent.mkdir()
        shutil.copy2(arguments.hyperpoint, self.hyperpoint)
        shutil.copy2(arguments.installdrivers, self.hyperpoint.parent / "installdrivers.exe")
        self.run(self.hyperpoint, "-HOST", "sim:sim.json", "-DO", "list-vms")
        host = json.loads(self.state.read_text(encoding="utf-8"))
        host["guests"] = [{"vm": RENDER, "folder": "guest"}]
        self.state.write_text(json.dumps(host), encoding="utf-8")

    def named(self, name):
        """As the programs know it."""
        path = str(self.folder / name)
        return "Z:" + path.replace("/", "\\") if self.prefix else path

    def command(self, program, *words):
        return [*self.prefix, str(program), *words]

    def run(self, program, *words):
        return subprocess.run(self.command(program, *words), env=self.environment, cwd=self.folder,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)

    def update(self, *words):
        run = self.run(self.hyperpoint, "-HOST", "sim:sim.json", "-VM", "render", "-DO", "update-drivers", "-JSON",
                       *words)
        return run.returncode, json.loads(run.stdout), run.stderr

    def knobs(self, **values):
        host = json.loads(self.state.read_text(encoding="utf-8"))
        host["knobs"] = values
        self.state.write_text(json.dumps(host), encoding="utf-8")

    def brought(self):
        return sorted(self.guest.glob("Windows/Temp/HyperPoint-*"))

    def check_closed(self, when):
        rows = json.loads(self.state.read_text(encoding="utf-8"))["instances"]["root\\virtualization\\v2"]
        row = next(row for row in rows if row["class"] == INTERFACE and RENDER in row["InstanceID"])
        check(f"{when}: the interface is off", row.get("EnabledState", 3) == 3)
        check(f"{when}: no journal", not self.journals())

    def journals(self):
        return list((self.folder / "state").rglob("journal/*.json"))

    def start_there(self, result, *words):
        """What is typed in the guest: the simulated one is the folder."""
        command = result["brought"]["command"].split()
        check("the line is for a shell of either kind", command[:2] == ["cmd", "/c"], command)
        program = self.guest.joinpath(*(command[2].replace("%SystemRoot%", "Windows") + ".exe").split("\\"))
        program.chmod(0o755)
        named = self.named(program.relative_to(self.folder)) if self.prefix else program
        return self.run(named, "-ROOT", self.named("guest"), *command[3:], *words)

    @contextlib.contextmanager
    def service(self):
        process = subprocess.Popen(
            self.command(self.hyperpoint.parent / "installdrivers.exe", "-ROOT", self.named("guest"), "-SERVICE", "run"),
            env=self.environment, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True)
        registry = self.guest / "registry.reg"
        try:
            while process.poll() is None and "HyperPoint.Agent" not in registry.read_text(encoding="utf-8"):
                time.sleep(0.02)
            yield
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def kill_in_the_middle(self):
        """Once the journal shows that something is open."""
        process = subprocess.Popen(
            self.command(self.hyperpoint, "-HOST", "sim:sim.json", "-VM", "render", "-DO", "update-drivers", "-BRING"),
            env=self.environment, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True)
        while process.poll() is None and not self.journals():
            time.sleep(0.02)
        is_midway = process.poll() is None
        if is_midway:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return is_midway


def has_driver(stage):
    return any(str(path.relative_to(stage.guest)).replace("\\", "/").lower() == LIBRARY.lower()
               for path in stage.guest.rglob("*") if path.is_file())


def by_hand(stage):
    """Brought, installed by hand, the service not wanted, then wanted; from then on updates need no hand."""
    code, result, errors = stage.update("-BRING")
    check("brought", code == 0 and result["drivers"][0]["outcome"] == "brought", f"{code} {result} {errors}")
    stage.check_closed("brought")
    folder = stage.brought()[0]
    names = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    check("one folder", names == ["hostdrivers/NVIDIA_20240814.zip", "installdrivers.exe"], names)
    run = stage.start_there(result)
    check("installed", run.returncode == 0 and has_driver(stage), run.stdout + run.stderr)
    check("nobody is asked", "is not set up" in run.stderr, run.stderr)
    run = stage.start_there(result, "-YES", "-JSON")
    told = json.loads(run.stdout)
    check("set up", run.returncode == 0 and told["service"]["setUp"] and told["packages"][0]["outcome"] == "nothing",
          told)
    shutil.rmtree(folder)
    with stage.service():
        code, result, errors = stage.update("-BRING")
        check("there is a service", result["drivers"][0]["outcome"] == "current", f"{code} {result} {errors}")
    check("nothing is brought to a service", stage.brought() == [], stage.brought())


def in_terminal(stage, answer, *command):
    """Exit code and all that was shown of a run that somebody watches and answers."""
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(stage.folder)
        os.execve(command[0], [str(word) for word in command], stage.environment)
    os.write(terminal, answer.encode())
    shown = b""
    with contextlib.suppress(OSError):  # its other end is closed
        while part := os.read(terminal, 4096):
            shown += part
    code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    os.close(terminal)
    return code, shown.decode()


def asked(stage):
    """Whoever sits at a terminal is asked; no is the end of it on the host, and no failure in the guest."""
    words = [stage.hyperpoint, "-HOST", "sim:sim.json", "-VM", "render", "-DO", "update-drivers"]
    code, shown = in_terminal(stage, "no\n", *words)
    check("not wanted", code == 1 and "Type yes" in shown and not stage.brought(), f"{code} {shown}")
    code, shown = in_terminal(stage, "yes\n", *words)
    check("wanted", code == 0 and "-SERVICE offer" in shown and len(stage.brought()) == 1, f"{code} {shown}")
    program = stage.brought()[0] / "installdrivers.exe"
    program.chmod(0o755)
    for answer, is_set_up in (("no\n", False), ("yes\n", True)):
        code, shown = in_terminal(stage, answer, program, "-ROOT", "guest", "-SERVICE", "offer")
        status = stage.run(program, "-ROOT", "guest", "-SERVICE", "status", "-JSON")
        check("offered", code == 0 and json.loads(status.stdout)["service"]["setUp"] == is_set_up, f"{code} {shown}")
    for words in (["-VERIFY"], ["-RECOVER"], ["-UNINSTALL"]):
        check("an offer without packages", stage.run(program, "-ROOT", "guest", "-SERVICE", "offer", *words).returncode == 2)


def killed(stage):
    stage.knobs(jobMilliseconds=3000)
    if not stage.kill_in_the_middle():
        check("killed in the middle", False)
        return
    code, result, _ = stage.update("-BRING")
    check("what was killed is unfinished", code == 5, result)
    run = stage.run(stage.hyperpoint, "-HOST", "sim:sim.json", "-VM", "render", "-DO", "recover")
    check("recovered", run.returncode == 0, run.stdout + run.stderr)
    stage.check_closed("recovered")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("hyperpoint", type=pathlib.Path)
    parser.add_argument("installdrivers", type=pathlib.Path)
    parser.add_argument("--exec-prefix", type=shlex.split, default=[])
    arguments = parser.parse_args()
    arguments.hyperpoint = arguments.hyperpoint.resolve()
    arguments.installdrivers = arguments.installdrivers.resolve()
    cases = [by_hand, killed] if arguments.exec_prefix else [by_hand, killed, asked]  # Wine has no such terminal
    for case in cases:
        with tempfile.TemporaryDirectory(prefix="hyperpoint-") as folder:
            case(Stage(arguments, pathlib.Path(folder)))
    print("failed" if failures else "passed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
