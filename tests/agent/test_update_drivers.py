#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""update-drivers with both programs as users have them: hyperpoint on a simulated host, and beside it the service of
installdrivers on the folder that is that host's guest.

    test_update_drivers.py HYPERPOINT INSTALLDRIVERS [--exec-prefix 'tests/wine/run-wine PREFIX' [--through-wmi]]

With --through-wmi the host is this computer, which WMI (the stand-in, ../wine/wmi_provider) serves from the state file: its
drivers and HyperPoint's packages lie on the prefix's own drive then."""

import argparse
import contextlib
import json
import os
import pathlib
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "install"))

from place import check, failures

RENDER = "0F0E0D0C-0B0A-4908-8706-050403020100"
DRIVER = "Windows/System32/HostDriverStore/FileRepository/nv_dispi.inf_amd64_4a1b6d2f0c9e8d37/nvlddmkm.sys"
KVP = "Msvm_KvpExchangeComponentSettingData"
FILES = "Msvm_GuestServiceInterfaceComponentSettingData"


class Stage:
    guest_folder = "guest"  # of the simulated host's VM, as the state file has it

    def __init__(self, arguments, folder):
        self.arguments = arguments
        self.folder = folder
        self.guest = folder / "guest"
        self.state = folder / "sim.json"
        self.environment = {**os.environ, "XDG_STATE_HOME": str(folder / "state"), "LOCALAPPDATA": self.named("state")}
        (self.guest / "Windows" / "System32").mkdir(parents=True)
        self.run(arguments.hyperpoint, "-HOST", "sim:sim.json", "-DO", "list-vms")
        if arguments.through_wmi:
            self.environment["WMI_PROVIDER_STATE"] = self.named("sim.json")
            self.drive = pathlib.Path(arguments.exec_prefix[-1]) / "drive_c"
            self.put_driver(self.store())
        host = json.loads(self.state.read_text(encoding="utf-8"))
        host["guests"] = [{"vm": RENDER, "folder": self.guest_folder}]
        self.state.write_text(json.dumps(host), encoding="utf-8")
        self.service = None

    @staticmethod
    def put_driver(folder):
        """The host's own, where its registry says it is."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "nv_dispi.inf").write_text("[Version]\nDriverVer = 08/14/2024, 32.0.15.6094\n", encoding="utf-8")
        for name in ("nvlddmkm.sys", "nvldumdx.dll", "nvapi64.dll", "nvapi.dll", "nvcuda_loader64.dll",
                     "nvcuda_loader32.dll", "nvml_loader.dll", "nvidia-smi.exe"):
            (folder / name).write_bytes(name.encode() * 1000)

    def store(self):
        return self.drive / "windows" / "system32" / "DriverStore" / "FileRepository" / DRIVER.split("/")[-2]

    def close(self):
        self.kill_service()
        if self.arguments.through_wmi:  # other tests have the prefix, too
            shutil.rmtree(self.store(), ignore_errors=True)
            shutil.rmtree(self.drive / "ProgramData" / "HyperPoint", ignore_errors=True)

    def named(self, name):
        """As the programs know it."""
        path = str(self.folder / name)
        return "Z:" + path.replace("/", "\\") if self.arguments.exec_prefix else path

    def command(self, program, *words):
        return [*self.arguments.exec_prefix, str(program), *words]

    def run(self, program, *words):
        return subprocess.run(self.command(program, *words), env=self.environment, cwd=self.folder,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)

    def host(self, *words):
        return self.run(self.arguments.hyperpoint, *self.where(), *words)

    def where(self):
        return ["-HOST", "localhost"] if self.arguments.through_wmi else ["-HOST", "sim:sim.json"]

    def update(self, *words):
        run = self.host("-VM", "render", "-DO", "update-drivers", "-JSON", *words)
        return run.returncode, json.loads(run.stdout), run.stderr

    def start_service(self):
        self.service = subprocess.Popen(
            self.command(self.arguments.installdrivers, "-ROOT", self.named("guest"), "-SERVICE", "run"),
            env=self.environment, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True)

    def kill_service(self):
        if self.service is not None:
            os.killpg(self.service.pid, signal.SIGKILL)
            self.service.wait()
            self.service = None

    def has_driver(self):
        wanted = DRIVER.lower()
        return any(str(path.relative_to(self.guest)).replace("\\", "/").lower() == wanted
                   for path in self.guest.rglob("*") if path.is_file())

    def setting(self, class_name):
        rows = json.loads(self.state.read_text(encoding="utf-8"))["instances"]["root\\virtualization\\v2"]
        return next(row for row in rows if row["class"] == class_name and RENDER in row["InstanceID"])

    def check_closed(self, when):
        check(f"{when}: no item of ours", not self.setting(KVP).get("HostExchangeItems"))
        check(f"{when}: the interface is off", self.setting(FILES).get("EnabledState", 3) == 3)
        check(f"{when}: no journal", not self.journals())

    def journals(self):
        folder = self.folder / "state"
        if self.arguments.through_wmi:
            folder = self.drive / "ProgramData" / "HyperPoint"
        return list(folder.rglob("journal/*.json"))

    def is_asking(self):
        """A journal shows that the guest is being asked; one that has just gone shows nothing."""
        for path in self.journals():
            with contextlib.suppress(FileNotFoundError):
                if '"asking"' in path.read_text(encoding="utf-8", errors="replace"):
                    return True
        return False

    def kill_in_the_middle(self):
        """The host's end, once its journal shows that the guest is being asked; false: it was too quick."""
        process = subprocess.Popen(
            self.command(self.arguments.hyperpoint, *self.where(), "-VM", "render", "-DO", "update-drivers"),
            env=self.environment, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True)
        while process.poll() is None:
            if self.is_asking():
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                return True
            time.sleep(0.02)
        return False


def conversation(stage):
    run = stage.run(stage.arguments.installdrivers, "-ROOT", stage.named("guest"), "-SERVICE", "install", "-YES")
    check("the service is set up", run.returncode == 0, run.stdout + run.stderr)
    stage.start_service()
    if stage.kill_in_the_middle():
        code, result, _ = stage.update()
        check("an update of before is unfinished", code == 5, result)
        run = stage.host("-VM", "render", "-DO", "recover")
        check("recover", run.returncode == 0, run.stdout + run.stderr)
        stage.check_closed("recovered")
    code, result, errors = stage.update()
    check("updated", code in (0, 8) and result["drivers"][0]["outcome"] in ("installed", "current"),
          f"{code} {result} {errors}")
    check("the guest has the driver", stage.has_driver())
    check("the guest tells so", len(result.get("guest", {}).get("packages", [])) == 1, result)
    stage.check_closed("updated")
    stage.kill_service()
    stage.start_service()
    code, result, errors = stage.update()
    check("nothing to do", result["drivers"][0]["outcome"] == "current", f"{code} {result} {errors}")
    inbox = stage.guest / "ProgramData" / "HyperPoint-inbox"
    check("the inbox is empty", not inbox.exists() or not list(inbox.iterdir()))


def parse_command_line(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("hyperpoint", type=lambda text: pathlib.Path(text).resolve())
    parser.add_argument("installdrivers", type=lambda text: pathlib.Path(text).resolve())
    parser.add_argument("--exec-prefix", type=shlex.split, default=[])
    parser.add_argument("--through-wmi", action="store_true")
    return parser.parse_args()


def run_cases(make_stage, arguments, cases):
    """Each on a stage of its own; the exit code."""
    for case in cases:
        with tempfile.TemporaryDirectory(prefix="hyperpoint-") as folder, \
             contextlib.closing(make_stage(arguments, pathlib.Path(folder))) as stage:
            case(stage)
    print("failed" if failures else "passed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(run_cases(Stage, parse_command_line(__doc__), [conversation]))
