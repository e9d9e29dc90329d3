#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""update-drivers under Wine with nothing of the tests' own between its ends: hyperpoint.exe speaks through COM to WMI
(the stand-in, ../wine/wmi_provider, with a simulated Hyper-V behind it), which puts items of the data exchange into the
prefix's registry and files onto its drive C:, where the service HyperPointGuest, as Wine's service manager runs it,
finds them, installs and answers. The prefix is host and guest at once, and nobody else's.

    test_whole_way.py HYPERPOINT INSTALLDRIVERS WMI_PROVIDER --exec-prefix 'tests/wine/run-wine PREFIX'"""

import argparse
import json
import os
import pathlib
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "install"))

import place as places
import program
import test_service
from place import check, failures, said
from test_service import EXCHANGE, wait_until
from test_update_drivers import Stage

WMI = "HKLM\\Software\\Classes\\CLSID\\{4590f811-1d3a-11d0-891f-00aa004b2e24}\\InprocServer32"
FILES = ("nvlddmkm.sys", "nvldumdx.dll", "nvapi64.dll", "nvapi.dll", "nvcuda_loader64.dll", "nvcuda_loader32.dll",
         "nvml_loader.dll", "nvidia-smi.exe")
LIBRARY = "windows/system32/nvapi64.dll"
# Of the sample's driver, and what takes its place in the driver of a round.
VERSION, DATE, STORE = "32.0.15.6094", "20240814", "nv_dispi.inf_amd64_4a1b6d2f0c9e8d37"


class Host(Stage):
    guest_folder = ""  # this computer

    def __init__(self, arguments, folder):
        self.round = 0
        arguments.through_wmi = True
        super().__init__(arguments, folder)
        self.guest = self.drive

    def driver(self):
        """Version, date and folder of the driver that the host has now."""
        if self.round == 0:
            return VERSION, DATE, STORE
        return VERSION[:-4] + str(7000 + self.round), str(int(DATE) + self.round), STORE[:-4] + f"{self.round:04x}"

    def store(self):
        return super().store().parent / self.driver()[2]

    def put_driver(self, folder):
        """With a file that takes the guest a while."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "nv_dispi.inf").write_text(f"[Version]\nDriverVer = 08/14/2024, {self.driver()[0]}\n", encoding="utf-8")
        for name in FILES:
            (folder / name).write_bytes(self.content(name))
        (folder / "nvbig.bin").write_bytes(os.urandom(1 << 20) * 16)

    def content(self, name):
        return f"MZ {name} {self.round} ".encode() * 1000

    def new_driver(self):
        shutil.rmtree(self.store())
        before = self.driver()
        self.round += 1
        text = self.state.read_text(encoding="utf-8")
        for old, new in zip(before, self.driver(), strict=True):
            text = text.replace(old, new)
        self.state.write_text(text, encoding="utf-8")
        self.put_driver(self.store())

    def begin_update(self):
        return subprocess.Popen(
            self.command(self.arguments.hyperpoint, *self.where(), "-VM", "render", "-DO", "update-drivers", "-JSON"),
            env=self.environment, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, start_new_session=True)

    def check_guest(self, guest, when):
        """The driver of now, whole: every file of it, and the records of the installation."""
        folder = self.drive / "windows/system32/HostDriverStore/FileRepository"
        check(when, [path.name for path in folder.iterdir()] == [self.driver()[2]], "other folders in the store")
        for path in self.store().iterdir():
            check(when, (folder / self.driver()[2] / path.name).read_bytes() == path.read_bytes(), path.name)
        check(when, (self.drive / LIBRARY).read_bytes() == self.content("nvapi64.dll"), LIBRARY)
        run = guest.run("-VERIFY")
        check(when, run.returncode == 0, said(run))
        inbox = self.drive / "ProgramData" / "HyperPoint-inbox"
        wait_until("the inbox is empty", lambda: not list(inbox.iterdir()))
        self.check_closed(when)

    def check_updated(self, guest, when, code, output):
        result = json.loads(output)
        check(when, code in (0, 8) and result["drivers"][0]["outcome"] == "installed", output)
        check(when, [package["driverVersion"] for package in result["guest"]["packages"]] == [self.driver()[0]], output)
        self.check_guest(guest, when)

    def check_nothing_to_do(self, when):
        code, result, _ = self.update()
        check(when, code in (0, 8) and result["drivers"][0]["outcome"] == "current", f"{code} {result}")
        self.check_closed(when)


def update(host, guest, when):
    run = host.host("-VM", "render", "-DO", "update-drivers", "-JSON")
    host.check_updated(guest, when, run.returncode, run.stdout)


def end_update(host, guest, process, when):
    output, errors = process.communicate()
    check(when, output, errors)
    host.check_updated(guest, when, process.returncode, output)


# ---- the story, in its order ----

def without_service(host, guest):
    code, result, _ = host.update()
    check("no service", code == 1 and "does not run in the guest" in json.dumps(result), f"{code} {result}")
    host.check_closed("no service")


def first_update(host, guest):
    run = guest.install_service()
    check("set up", run.returncode == 0, said(run))
    update(host, guest, "updated")
    host.check_nothing_to_do("again")


def restarted(host, guest):
    guest.stop()
    guest.start()
    host.check_nothing_to_do("after a restart of the service")


def stopped(host, guest):
    """Nobody answers until the service is started again."""
    host.new_driver()
    guest.stop()
    process = host.begin_update()
    wait_until("the guest is asked", host.is_asking, lambda: process.poll() is not None)
    guest.start()
    end_update(host, guest, process, "stopped")


def killed(host, guest, phases):
    """In the middle, as one of these phases is told; it comes back, and the host hears its answer."""
    host.new_driver()
    process = host.begin_update()
    wait_until(f"one of {phases}", lambda: guest.status().get("phase") in phases and host.is_asking(),
               lambda: process.poll() is not None)
    guest.kill()
    guest.start()
    end_update(host, guest, process, f"killed at {phases}")
    host.check_nothing_to_do(f"again, killed at {phases}")


def host_killed(host, guest):
    host.new_driver()
    process = host.begin_update()
    wait_until("the guest is asked", host.is_asking, lambda: process.poll() is not None)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    code, result, _ = host.update()
    check("host killed", code == 5, f"an unfinished update is not in the way: {code} {result}")
    run = host.host("-VM", "render", "-DO", "recover")
    check("host killed", run.returncode == 0, said(run))
    host.check_closed("recovered")
    run = host.host("-VM", "render", "-DO", "update-drivers")
    check("host killed", run.returncode in (0, 8), said(run))
    host.check_guest(guest, "after recover")
    host.check_nothing_to_do("after recover, again")


def removed(host, guest):
    library = (host.drive / LIBRARY).read_bytes()
    run = guest.run("-SERVICE", "remove")
    check("removed", run.returncode == 0, said(run))
    values = guest.wine("reg", "query", "HKLM\\" + EXCHANGE + "Guest").stdout
    check("removed", "HyperPoint" not in values, values)
    check("removed", guest.get(EXCHANGE + "External", "HyperPoint.Request") is None, "a request is left")
    check("removed", guest.wine("reg", "query", "HKLM\\SOFTWARE\\HyperPoint").returncode != 0, "switches are left")
    check("removed", guest.presence() == "absent", "the service is there")
    check("removed", not list(guest.processes()), "it runs")
    for path in ("ProgramData/HyperPoint/guest", "ProgramData/HyperPoint-inbox", "Program Files/HyperPoint"):
        check("removed", not (host.drive / path).exists(), path)
    check("removed", (host.drive / LIBRARY).read_bytes() == library, "the driver went, too")
    without_service(host, guest)


def story(host, guest):
    without_service(host, guest)
    first_update(host, guest)
    restarted(host, guest)
    stopped(host, guest)
    killed(host, guest, ("seen", "taking", "checking"))
    killed(host, guest, ("installing", "device"))
    host_killed(host, guest)
    removed(host, guest)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for word in ("hyperpoint", "installdrivers", "wmi_provider"):
        parser.add_argument(word, type=pathlib.Path)
    parser.add_argument("--exec-prefix", type=shlex.split, required=True)
    arguments = parser.parse_args()
    places.installdrivers = program.Program(arguments.installdrivers.resolve(), arguments.exec_prefix)
    test_service.ARGUMENTS = arguments
    arguments.hyperpoint = arguments.hyperpoint.resolve()
    arguments.installdrivers = arguments.installdrivers.resolve()
    with tempfile.TemporaryDirectory(prefix="hyperpoint-") as folder, test_service.Prefix() as guest:
        for words in (("-SERVICE", "remove"), ("-UNINSTALL",)):  # of a run before this one that was cut short
            guest.run(*words)
        run = guest.wine("reg", "add", WMI, "/ve", "/d", program.windows_path(arguments.wmi_provider.resolve()), "/f")
        check("the stand-in for WMI", run.returncode == 0, said(run))
        host = Host(arguments, pathlib.Path(folder))
        try:
            story(host, guest)
        finally:
            host.close()
    print("failed" if failures else "passed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
