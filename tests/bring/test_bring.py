#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""update-drivers for a guest without the service: hyperpoint brings the package and the program into the folder that is a
simulated host's guest, and the program that was brought is started there with the words that it was told to be.

    test_bring.py HYPERPOINT INSTALLDRIVERS [--exec-prefix 'tests/wine/run-wine PREFIX' [--through-wmi]]

With --through-wmi the host is this computer, as of ../agent/test_update_drivers.py."""

import argparse
import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "agent"))

from test_update_drivers import Stage, check, parse_command_line, run_cases

import terminal


class Bringing(Stage):
    def __init__(self, arguments, folder):
        programs = folder / "program"
        programs.mkdir()
        own = argparse.Namespace(**vars(arguments))
        own.hyperpoint = programs / arguments.hyperpoint.name
        shutil.copy2(arguments.hyperpoint, own.hyperpoint)
        shutil.copy2(arguments.installdrivers, programs / "installdrivers.exe")
        super().__init__(own, folder)

    def knobs(self, **values):
        host = json.loads(self.state.read_text(encoding="utf-8"))
        host["knobs"] = values
        self.state.write_text(json.dumps(host), encoding="utf-8")

    def brought(self):
        return sorted(self.guest.glob("Windows/Temp/HyperPoint-*"))

    def start_there(self, result, *words):
        """What is typed in the guest: the simulated one is the folder."""
        command = result["brought"]["command"].split()
        check("the line is for a shell of either kind", command[:2] == ["cmd", "/c"], command)
        program = self.guest.joinpath(*(command[2].replace("%SystemRoot%", "Windows") + ".exe").split("\\"))
        program.chmod(0o755)
        return self.run(self.named(program.relative_to(self.folder)), "-ROOT", self.named("guest"), *command[3:], *words)

    @contextlib.contextmanager
    def served(self):
        """By a service that has told of itself."""
        self.start_service()
        registry = self.guest / "registry.reg"
        while self.service.poll() is None and "HyperPoint.Agent" not in registry.read_text(encoding="utf-8"):
            time.sleep(0.02)
        yield
        self.kill_service()

    def kill_bringing(self):
        """Once the journal shows that something is open; false: it was too quick."""
        process = subprocess.Popen(
            self.command(self.arguments.hyperpoint, *self.where(), "-VM", "render", "-DO", "update-drivers", "-BRING"),
            env=self.environment, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True)
        while process.poll() is None and not self.journals():
            time.sleep(0.02)
        is_midway = process.poll() is None
        if is_midway:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return is_midway

    def in_terminal(self, answer, *command):
        return terminal.run(command, self.folder, self.environment, typed=answer)


def by_hand(stage):
    """Brought, installed by hand, the service not wanted, then wanted; from then on updates need no hand."""
    code, result, errors = stage.update("-BRING")
    check("brought", code == 0 and result["drivers"][0]["outcome"] == "brought", f"{code} {result} {errors}")
    stage.check_closed("brought")
    folder = stage.brought()[0]
    names = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    check("one folder", names == [f"hostdrivers/{result['drivers'][0]['package']}.zip", "installdrivers.exe"], names)
    run = stage.start_there(result)
    check("installed", run.returncode == 0 and stage.has_driver(), run.stdout + run.stderr)
    check("nobody is asked", "is not set up" in run.stderr, run.stderr)
    run = stage.start_there(result, "-YES", "-JSON")
    told = json.loads(run.stdout)
    check("set up", run.returncode == 0 and told["service"]["setUp"] and told["packages"][0]["outcome"] == "nothing",
          told)
    shutil.rmtree(folder)
    with stage.served():
        code, result, errors = stage.update("-BRING")
        check("there is a service", result["drivers"][0]["outcome"] == "current", f"{code} {result} {errors}")
    check("nothing is brought to a service", stage.brought() == [], stage.brought())


def killed(stage):
    stage.knobs(jobMilliseconds=3000)
    if not stage.kill_bringing():
        check("killed in the middle", False)
        return
    code, result, _ = stage.update("-BRING")
    check("what was killed is unfinished", code == 5, result)
    run = stage.host("-VM", "render", "-DO", "recover")
    check("recovered", run.returncode == 0, run.stdout + run.stderr)
    stage.check_closed("recovered")


def asked(stage):
    """Whoever sits at a terminal is asked; no is the end of it on the host, and no failure in the guest."""
    words = [stage.arguments.hyperpoint, *stage.where(), "-VM", "render", "-DO", "update-drivers"]
    code, shown = stage.in_terminal("no\n", *words)
    check("not wanted", code == 1 and "Type yes" in shown and not stage.brought(), f"{code} {shown}")
    code, shown = stage.in_terminal("yes\n", *words)
    check("wanted", code == 0 and "-SERVICE offer" in shown and len(stage.brought()) == 1, f"{code} {shown}")
    program = stage.brought()[0] / "installdrivers.exe"
    program.chmod(0o755)
    for answer, is_set_up in (("no\n", False), ("yes\n", True)):
        code, shown = stage.in_terminal(answer, program, "-ROOT", "guest", "-SERVICE", "offer")
        status = stage.run(program, "-ROOT", "guest", "-SERVICE", "status", "-JSON")
        check("offered", code == 0 and json.loads(status.stdout)["service"]["setUp"] == is_set_up, f"{code} {shown}")
    for word in ("-VERIFY", "-RECOVER", "-UNINSTALL"):
        run = stage.run(program, "-ROOT", "guest", "-SERVICE", "offer", word)
        check("an offer without packages", run.returncode == 2, word)


def main():
    arguments = parse_command_line(__doc__)
    cases = [by_hand, killed] if arguments.exec_prefix else [by_hand, killed, asked]  # Wine has no such terminal
    return run_cases(Bringing, arguments, cases)


if __name__ == "__main__":
    sys.exit(main())
