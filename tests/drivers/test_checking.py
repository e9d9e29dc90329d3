#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check-drivers compares files: that a folder has the right name proves nothing."""

import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "install"))

import harness
from pe_image import library
from sim_host import ACCELERATOR, DISPLAY, GUEST_STORE, OWN, STORE, SimHost, inf

MAIN = "u0202643.inf_amd64_0123456789abcdef"
OPENGL = "amdogl.inf_amd64_1111111111111111"
FILES = 11  # what the package holds of the driver below
S = "Windows/System32/"


class Checking(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hyperpoint-checking-")).resolve()
        self.addCleanup(shutil.rmtree, self.folder)
        self.host = SimHost(harness.hyperpoint, self.folder)
        self.host.package(OPENGL, ["atio6axx.dll"], inf("07/28/2026", "32.0.31035.1003", "SoftwareComponent"))
        self.host.package(MAIN, ["B1/amdxx64.dll", "B1/amfrt64.dll", "B1/amd_opencl64.dll", "B1/deep/er/x.dll"],
                          inf("07/28/2026", "32.0.31035.1003", lines=["CopyINF = .\\amdogl\\amdogl.inf"]))
        self.host.gpu("AMD Radeon RX 9070 XT", "AMD", MAIN, [STORE + MAIN + "\\B1\\amdxx64.dll"], date="7-28-2026",
                      copies={"CopyToVmOverwrite": {"1": "B1\\amfrt64.dll", "2": "atio6axx.dll", "3": "B1\\amdxx64.dll"}})
        self.host.save()
        self.host.gather()
        self.package = self.folder / "made" / "AMD_20260728"
        self.guest = self.folder / "guest"

    def state(self, where, *words, code, faults=()):
        """Checks the state of a package or guest: faults name files, as they end, and what is said of them."""
        done = self.host.check(*words, "-JSON", code=code)
        found = json.loads(done.stdout)["drivers"][0][where]
        told = {problem["path"]: problem["problem"] for problem in found["problems"]}
        self.assertEqual(found["state"], "incomplete" if faults else "current", told)
        self.assertEqual(len(told), len(faults), told)
        for end, fault in dict(faults).items():
            self.assertEqual([problem for path, problem in told.items() if path.endswith(end)], [fault], told)
        if faults:
            self.assertIn(f": incomplete: {found['filesRight']} of {found['filesExpected']} files",
                          self.host.check(*words, code=code).stdout)
        return found

    def in_package(self, **how):
        return self.state("package", "-DEST", self.host.known(self.folder / "made"), **how)

    def in_guest(self, **how):
        return self.state("guest", "-ROOT", self.host.known(self.guest), **how)

    def install(self):
        (self.guest / "Windows/System32").mkdir(parents=True, exist_ok=True)
        program = harness.installdrivers
        subprocess.run([*program.prefix, str(program.path), "-SRC", self.host.known(self.folder / "made"), "-ROOT",
                        self.host.known(self.guest)], check=True, capture_output=True,
                       env=program.environment(self.folder / "state"))

    def copy_by_hand(self):
        shutil.copytree(self.package, self.guest, dirs_exist_ok=True)
        shutil.rmtree(self.guest / OWN)

    # ---- packages ----

    def test_package(self):
        self.assertEqual(self.in_package(code=0)["filesExpected"], FILES)
        damage(self.package, f"{GUEST_STORE}/{MAIN}/B1/amdxx64.dll", None)
        damage(self.package, f"{GUEST_STORE}/{MAIN}/B1/amfrt64.dll", b"")
        damage(self.package, f"{GUEST_STORE}/{MAIN}/B1/deep/er/x.dll", b"MZ")
        damage(self.package, f"{GUEST_STORE}/{OPENGL}/atio6axx.dll", b"X", append=True)
        damage(self.package, S + "amfrt64.dll", b"X")
        found = self.in_package(code=8, faults={
            f"{MAIN}/B1/amdxx64.dll": "is missing", f"{MAIN}/B1/amfrt64.dll": "is empty", "/x.dll": "is too short",
            f"{OPENGL}/atio6axx.dll": "is another one", "System32/amfrt64.dll": "is another one"})
        self.assertEqual(found["filesRight"], FILES - 5)

    def test_zip(self):
        self.host.gather("-ZIP")
        shutil.rmtree(self.package)
        self.in_package(code=0)
        path = self.folder / "made" / "AMD_20260728.zip"
        with zipfile.ZipFile(path) as package:
            contents = {entry: package.read(entry) for entry in package.infolist()}
        with zipfile.ZipFile(path, "w") as package:
            for entry, data in contents.items():
                if not entry.filename.endswith("/x.dll"):
                    package.writestr(entry, data[:-1] if entry.filename.endswith(MAIN + "/B1/amfrt64.dll") else data)
        self.in_package(code=8, faults={"/x.dll": "is missing", f"{MAIN}/B1/amfrt64.dll": "is too short"})

    def test_package_of_less(self):
        """A package that never had what the driver consists of, with a manifest that says so, or with none."""
        path = self.package / OWN / "AMD_20260728.json"
        manifest = json.loads(path.read_text(encoding="utf-8"))
        manifest["files"] = [file for file in manifest["files"] if "atio6axx.dll" not in file["path"]]
        path.write_text(json.dumps(manifest), encoding="utf-8")
        for name in (f"{GUEST_STORE}/{OPENGL}/atio6axx.dll", S + "atio6axx.dll"):
            damage(self.package, name, None)
        faults = {f"{OPENGL}/atio6axx.dll": "is missing", "System32/atio6axx.dll": "is missing"}
        self.in_package(code=8, faults=faults)
        path.unlink()
        self.in_package(code=8, faults=faults)

    def test_refused_package(self):
        """What installdrivers refuses is not current."""
        path = self.package / OWN / "AMD_20260728.json"
        whole = path.read_text(encoding="utf-8")
        extra = self.package / S / "extra.dll"
        extra.write_bytes(b"MZ")
        self.in_package(code=8, faults={"extra.dll": "is not in the package's manifest"})
        extra.unlink()
        for change, faults in (
                (lambda files: files.clear(), FILES),
                (lambda files: files.pop(0), 1),
                (lambda files: files[0].update(size="1"), 1),
                (lambda files: files[0].update(sha256="0" * 64), 1)):
            manifest = json.loads(whole)
            change(manifest["files"])
            path.write_text(json.dumps(manifest), encoding="utf-8")
            done = self.host.check("-DEST", self.host.known(self.folder / "made"), "-JSON", code=8)
            told = json.loads(done.stdout)
            self.assertEqual(len(told["drivers"][0]["package"]["problems"]), faults, done.stdout)
            self.assertIn("remove the package that is incomplete", told["error"]["hint"])

    def test_gathered_later(self):
        """A package that installdrivers leaves out is not current."""
        shutil.copytree(self.package, self.folder / "made" / "AMD_20260729")
        folder = self.folder / "made" / "AMD_20260729" / OWN
        manifest = json.loads((folder / "AMD_20260728.json").read_text(encoding="utf-8"))
        version = manifest["driverVersion"]
        manifest.update(name="AMD_20260729", driverVersion="33", created="2999-01-01T00:00:00.000Z")
        (folder / "AMD_20260729.json").write_text(json.dumps(manifest), encoding="utf-8")
        (folder / "AMD_20260728.json").unlink()
        words = "-DEST", self.host.known(self.folder / "made")
        done = self.host.check(*words, code=8)
        self.assertIn("left-out: 'AMD_20260729' was gathered later", done.stdout)
        self.assertIn('installdrivers -DRV "AMD_20260728"', done.stderr)
        # The host had that driver in between, and has this one again.
        manifest.update(created="2020-01-01T00:00:00.000Z")
        (folder / "AMD_20260729.json").write_text(json.dumps(manifest), encoding="utf-8")
        manifest.update(name="AMD_20260728", driverVersion=version, created="2019-01-01T00:00:00.000Z")
        own = self.package / OWN / "AMD_20260728.json"
        own.write_text(json.dumps(manifest), encoding="utf-8")
        self.assertIn("left-out", self.host.check(*words, code=8).stdout)
        self.assertIn(" made: ", self.host.gather().stdout)
        self.host.check(*words, code=0)
        self.assertIn("nothing has changed", self.host.gather().stdout)

    def test_the_whole_one_counts(self):
        shutil.copytree(self.package, self.folder / "made" / "A")
        (self.folder / "made" / "A" / OWN / "AMD_20260728.json").unlink()
        damage(self.folder / "made" / "A", f"{GUEST_STORE}/{MAIN}/B1/amdxx64.dll", None)
        self.in_package(code=0)

    # ---- a guest's disk ----

    def test_installed(self):
        self.install()
        self.in_guest(code=0)
        damage(self.guest, f"{GUEST_STORE}/{MAIN}/B1/amdxx64.dll", None)
        damage(self.guest, S + "atio6axx.dll", None)
        damage(self.guest, S + "amfrt64.dll", b"X")  # as long as before
        self.in_guest(code=8, faults={f"{MAIN}/B1/amdxx64.dll": "is missing",
                                      "System32/atio6axx.dll": "is missing", "System32/amfrt64.dll": "is another one"})

    def test_what_was_left_alone(self):
        """The installer leaves alone what does not tell whose it is: it is not right for that."""
        self.install()
        (self.guest / S / "amfrt64.dll").write_bytes(b"of nobody")
        self.in_guest(code=8, faults={"System32/amfrt64.dll": "is too short"})
        self.install()
        self.in_guest(code=8, faults={"System32/amfrt64.dll": "is another one, and does not tell whose it is"})
        done = self.host.check("-ROOT", self.host.known(self.guest), code=8)
        self.assertIn("hint: move away in the guest", done.stderr)
        (self.guest / S / "amfrt64.dll").unlink()
        self.install()
        self.in_guest(code=0)

    def test_records_of_another_driver(self):
        """They make no file of this one right."""
        old = b"of an older driver"
        self.copy_by_hand()
        (self.guest / S / "amfrt64.dll").write_bytes(old)
        self.in_guest(code=8, faults={"System32/amfrt64.dll": "is too short"})
        record = {"format": "hyperpoint-installed/1", "program": "1", "name": "OLD", "provider": "AMD",
                  "driverVersion": "1", "deviceIds": [], "installed": "", "values": [], "files": [
                      {"path": S + "amfrt64.dll", "size": str(len(old)), "before": "nothing",
                       "sha256": hashlib.sha256(old).hexdigest()}]}
        (self.guest / OWN).mkdir(parents=True)
        (self.guest / OWN / "OLD.installed.json").write_text(json.dumps(record), encoding="utf-8")
        self.in_guest(code=8, faults={"System32/amfrt64.dll": "is too short"})

    def test_unfinished(self):
        """Before anything else helps, what installdrivers began has to be ended."""
        self.install()
        work = self.guest / OWN / "work"
        work.mkdir()
        steps = [{"path": S + "amfrt64.dll", "fresh": f"{OWN}/work/new/0", "old": f"{OWN}/work/old/0"}]
        (work / "old").mkdir()
        (work / "old" / "0").write_bytes(b"X")
        (work / "journal.json").write_text(json.dumps({
            "format": "hyperpoint-install/1", "what": "installation of 'X'", "folders": [], "steps": steps}))
        done = self.host.check("-ROOT", self.host.known(self.guest), code=8)
        self.assertIn("an interrupted installation of 'X' has to be", done.stderr)
        self.assertIn("installdrivers -RECOVER", done.stderr)
        self.running({name: len(data) for name, data in self.host.packed().items()} | {f"{OWN}/work/journal.json": 9})
        done = self.host.check("-GUEST", f"sim:{self.host.known(self.folder / 'guest.json')}", code=8)
        self.assertIn("error: an installation in the guest is not finished", done.stderr)
        self.assertIn("hint: restart the guest, and run installdrivers -RECOVER", done.stderr)

    def test_copied_by_hand(self):
        self.copy_by_hand()
        self.in_guest(code=0)
        for path in self.guest.rglob("*"):  # copied in a way that loses the times
            os.utime(path, (1, 1))
        damage(self.guest, S + "OpenCL.dll", library(7, b"of another maker", "Khronos Group"))
        self.in_guest(code=0)
        damage(self.guest, S + "OpenCL.dll", b"of nobody")
        self.in_guest(code=8, faults={"OpenCL.dll": "is another one, and does not tell whose it is"})
        damage(self.guest, S + "OpenCL.dll", library(7, b"of another maker", "Khronos Group"))
        damage(self.guest, f"{GUEST_STORE}/{MAIN}/B1/amdxx64.dll", b"X")
        damage(self.guest, S + "amfrt64.dll", b"X")
        self.in_guest(code=8, faults={f"{MAIN}/B1/amdxx64.dll": "is another one",
                                      "System32/amfrt64.dll": "is another one"})

    def test_empty_folder(self):
        (self.guest / GUEST_STORE / MAIN).mkdir(parents=True)
        self.in_guest(code=8, faults=EVERYTHING)

    def test_links(self):
        if harness.hyperpoint.is_windows:
            self.skipTest("Wine shows a link to a file as that file")
        self.copy_by_hand()
        path = self.guest / S / "amfrt64.dll"
        path.unlink()
        path.symlink_to("atio6axx.dll")
        self.in_guest(code=8, faults={"System32/amfrt64.dll": "is no plain file"})
        path.unlink()
        shutil.copy(self.package / S / "amfrt64.dll", path)
        folder = self.guest / GUEST_STORE / MAIN
        folder.rename(self.folder / "elsewhere")
        folder.symlink_to(self.folder / "elsewhere")  # one line for all of it, and what helps
        done = self.host.check("-ROOT", self.host.known(self.guest), code=8)
        self.assertEqual(done.stdout.count("is no plain folder"), 1, done.stdout)
        self.assertIn("move away in the guest", done.stderr)

    def test_manifest_without_the_host(self):
        """The host's own files are gone: the manifest tells, and without one nothing is proven."""
        self.install()
        shutil.rmtree(self.host.disk)
        self.assertEqual(self.in_guest(code=0)["filesExpected"], FILES)
        damage(self.guest, f"{GUEST_STORE}/{MAIN}/B1/amdxx64.dll", None)
        self.in_guest(code=8, faults={f"{MAIN}/B1/amdxx64.dll": "is missing"})
        shutil.rmtree(self.guest / OWN)
        done = self.host.check("-ROOT", self.host.known(self.guest), "-JSON", code=8)
        self.assertEqual(json.loads(done.stdout)["drivers"][0]["guest"]["state"], "unproven")
        self.assertIn("could be compared", json.loads(done.stdout)["error"]["message"])
        self.assertNotIn("get-drivers", done.stderr)

    # ---- a running guest ----

    def running(self, sizes, problem=0):
        """A guest with these files, path -> size, and a GPU with that problem code."""
        rows = [{"class": "Win32_OperatingSystem", "Name": "W", "SystemDrive": "C:", "BuildNumber": "22631"},
                {"class": "Win32_PnPEntity", "Name": "Radeon", "ClassGuid": DISPLAY, "ConfigManagerErrorCode": problem,
                 "DeviceID": "PCI\\VEN_1414&DEV_008E&SUBSYS_00000000&REV_00\\5&1&0&0"}]
        folders = {parent.as_posix() for path in sizes for parent in pathlib.PurePosixPath(path).parents} - {"."}
        folders.add(f"{GUEST_STORE}/{MAIN}")
        for folder in sorted(folders):
            rows.append({"class": "Win32_Directory", "Name": "c:\\" + folder.lower().replace("/", "\\")})
        for path, size in sizes.items():
            rows.append({"class": "CIM_DataFile", "Name": "c:\\" + path.lower().replace("/", "\\"), "FileSize": str(size)})
        (self.folder / "guest.json").write_text(json.dumps({
            "hyperpointSim": 1, "name": "MYVM", "build": 22631, "server": False, "variant": "guest",
            "instances": {"root\\cimv2": rows}, "jobs": []}), encoding="utf-8")

    def in_running(self, **how):
        return self.state("guest", "-GUEST", f"sim:{self.host.known(self.folder / 'guest.json')}", **how)

    def test_running_guest(self):
        sizes = {name: len(data) for name, data in self.host.packed().items()}
        self.running(sizes)
        self.in_running(code=0)
        sizes[S + "OpenCL.dll"] = 1
        sizes[f"{GUEST_STORE}/{MAIN}/B1/deep/er/x.dll"] = 0
        sizes[f"{GUEST_STORE}/{MAIN}/B1/amdxx64.dll"] += 1
        del sizes[S + "atio6axx.dll"], sizes[f"{GUEST_STORE}/{OPENGL}/atio6axx.dll"]
        self.running(sizes)
        self.in_running(code=8, faults={
            "/x.dll": "is empty", f"{MAIN}/B1/amdxx64.dll": "is another one", "System32/atio6axx.dll": "is missing",
            f"{OPENGL}/atio6axx.dll": "is missing"})
        self.running({})
        self.in_running(code=8, faults=EVERYTHING)

    def test_few_questions(self):
        """One for each folder of the driver, and one for System32."""
        sizes = {name: len(data) for name, data in self.host.packed().items()}
        self.running(sizes)
        words = ("-GUEST", f"sim:{self.host.known(self.folder / 'guest.json')}", "-VERBOSE")
        said = self.host.check(*words).stderr
        questions = [line for line in said.splitlines() if "CIM_DataFile" in line and "HyperPoint" not in line]
        folders = {name.rpartition("/")[0] for name in sizes if GUEST_STORE in name}
        self.assertEqual(len(questions), len(folders) + 1, questions)

    def test_manifests_of_a_guest(self):
        """As many as a guest can have packages: the installer's limit (limits.h), and one more."""
        self.install()
        own = self.guest / OWN
        written = next(path for path in own.glob("*.json") if path.stem == self.package.name)
        for number in range(255):
            shutil.copy(written, own / f"OTHER_{number}.json")
        self.in_guest(code=0)
        shutil.copy(written, own / "OTHER_255.json")
        refused = self.host.check("-ROOT", self.host.known(self.guest), code=1).stderr
        self.assertIn("has manifests of more than 256 packages", refused)
        self.assertIn("hint: remove those whose packages are gone", refused)

    # ---- which GPUs ----

    def test_all_but_one(self):
        self.host.gpu("Intel(R) AI Boost", "INTEL", setup_class=ACCELERATOR)
        self.host.save()
        words = ("-DEST", self.host.known(self.folder / "made"))
        self.assertIn("not compared: it is no display adapter", self.host.check(*words, gpu="all").stdout)
        self.host.gpu("Radeon", "AMD")
        self.host.save()
        done = self.host.check(*words, "-JSON", gpu="all", code=3)
        told = json.loads(done.stdout)["drivers"]
        self.assertEqual([row["gpu"] for row in told], ["AMD Radeon RX 9070 XT", "Intel(R) AI Boost", "Radeon"])
        self.assertIn("has no driver on the host", told[2]["notCompared"])
        self.host.check(*words, gpu="Radeon", code=1)

    def test_one_that_cannot_be_looked_at(self):
        """What get-drivers leaves out does not end the check of the others."""
        self.host.gpu("Odd", "AMD", MAIN, [STORE + MAIN + "\\B1\\amdxx64.dll"], date="7-28-2026",
                      values={f"Value{number}": "x" for number in range(1100)})
        self.host.gpu("Radeon", "AMD", MAIN, [STORE + MAIN + "\\B1\\amdxx64.dll"], date="7-28-2026")
        self.host.save()
        made = self.host.known(self.folder / "made")
        done = self.host.run("-DO", "check-drivers", "-GPU", "all", "-DEST", made, "-JSON", host=True)
        self.assertEqual([row["gpu"] for row in json.loads(done.stdout)["drivers"]],
                         ["AMD Radeon RX 9070 XT", "Odd", "Radeon"])
        self.assertIn(done.returncode, (3, 8), done.stdout)

    def test_sriov(self):
        """The vendor's own guest driver is what a guest takes: nothing is missing, whatever it has."""
        self.host.gpu("AMD Radeon Pro V710", "AMD", MAIN, [STORE + MAIN + "\\B1\\amdxx64.dll"], suffix="")
        self.host.save()
        self.running({}, problem=43)
        done = self.host.check("-GUEST", f"sim:{self.host.known(self.folder / 'guest.json')}", gpu="order:2", code=8)
        self.assertIn("not compared: it is partitioned by SR-IOV", done.stdout)
        self.assertNotIn("get-drivers", done.stderr)
        (self.guest / "Windows").mkdir(parents=True)
        self.host.check("-ROOT", self.host.known(self.guest), gpu="order:2")

    def test_what_the_host_lacks(self):
        """It is told as get-drivers tells it, once for all GPUs of a driver."""
        for name in ("One", "Two"):
            self.host.gpu(name, "AMD", MAIN, [STORE + MAIN + "\\B1\\amdxx64.dll"], date="7-28-2026",
                          copies={"CopyToVmOverwrite": {"1": "B1\\nowhere.dll"}})
        self.host.save()
        done = self.host.run("-DO", "check-drivers", "-GPU", "order:2", "-GPU", "order:3", "-DEST",
                             self.host.known(self.folder / "made"), host=True)
        self.assertEqual(done.stderr.count("nowhere.dll"), 1, done.stdout + done.stderr)

    def test_bounded(self):
        names = [f"file{number}.dll" for number in range(30)]
        self.host.package(MAIN, ["many/" + name for name in names])
        shown = self.host.check("-DEST", self.host.known(self.folder / "made"), code=8).stdout
        self.assertIn("and 20 more", shown)
        self.assertEqual(shown.count("is missing"), 10)
        (self.guest / GUEST_STORE / MAIN).mkdir(parents=True)
        self.assertIn(f"{MAIN} has none of its 35 files",
                      self.host.check("-ROOT", self.host.known(self.guest), code=8).stdout)


class RollingBack(unittest.TestCase):
    """The host's driver was rolled back: the older package takes the place of the newer one in the guest."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hyperpoint-rollback-")).resolve()
        self.addCleanup(shutil.rmtree, self.folder)
        self.guest = self.folder / "guest"
        (self.guest / "Windows/System32").mkdir(parents=True)

    def host_with(self, name, date, version, when):
        """A host with an NVIDIA driver of that date, whose files were last written then, and a package of it."""
        (self.folder / name).mkdir()
        host = SimHost(harness.hyperpoint, self.folder / name)
        folder = f"nv_dispi.inf_amd64_{version.replace('.', ''):0>16}"
        host.package(folder, ["nvldumdx.dll", "nvcuda_loader64.dll", "nvapi64.dll", f"only-in-{name}.dll"],
                     inf(date.replace("-", "/"), version))
        host.gpu("NVIDIA GeForce RTX 3060", "NVIDIA", folder, [f"{STORE}{folder}\\nvldumdx.dll"], date=date,
                 version=version)
        for path in (host.disk / "Windows").rglob("*.dll"):
            os.utime(path, (when, when))
        host.save()
        host.gather()
        return host, folder

    def install(self, host, *words):
        program = harness.installdrivers
        return subprocess.run([*program.prefix, str(program.path), "-SRC", host.known(host.folder / "made"), "-ROOT",
                               host.known(self.guest), *words], check=True, capture_output=True, encoding="utf-8",
                              env=program.environment(self.folder / "state"))

    def test_older_over_newer(self):
        newer, new_folder = self.host_with("newer", "2-26-2021", "27.21.14.7005", 1614297600)
        older, old_folder = self.host_with("older", "9-16-2020", "27.21.14.5638", 1600214400)
        self.install(newer)
        newer.check("-ROOT", newer.known(self.guest), code=0)
        older.check("-ROOT", older.known(self.guest), code=8)
        done = self.install(older)
        older.check("-ROOT", older.known(self.guest), code=0)
        newer.check("-ROOT", newer.known(self.guest), code=8)
        self.assertNotIn("stay", done.stderr)  # all that was the newer package's went with it
        store = self.guest / GUEST_STORE
        self.assertTrue((store / old_folder / "nvapi64.dll").exists())
        self.assertFalse((store / new_folder).exists())
        self.assertEqual((self.guest / S / "nvapi64.dll").read_text(), f"MZ {old_folder} nvapi64.dll")
        # And forward again.
        self.install(newer)
        newer.check("-ROOT", newer.known(self.guest), code=0)
        self.assertFalse((store / old_folder).exists())


EVERYTHING = {f"{MAIN}/B1/amdxx64.dll": "is missing", f"{MAIN}/B1/amfrt64.dll": "is missing",
              f"{MAIN}/B1/amd_opencl64.dll": "is missing", "/x.dll": "is missing",
              f"{MAIN}/u0202643.inf": "is missing", f"{OPENGL}/atio6axx.dll": "is missing",
              f"{OPENGL}/amdogl.inf": "is missing", "System32/amfrt64.dll": "is missing",
              "System32/atio6axx.dll": "is missing", "System32/OpenCL.dll": "is missing",
              "System32/amdxx64.dll": "is missing"}


def damage(root, name, data, append=False):
    """Removes a file, or writes other data of the same length into it (one byte: over the first), or appends."""
    path = root / name
    old = path.read_bytes()
    if data is None:
        path.unlink()
    elif append:
        path.write_bytes(old + data)
    elif len(data) == 1:
        path.write_bytes(data + old[1:])
    else:
        path.write_bytes(data)
    if data is not None:
        os.utime(path, (1, 1))


if __name__ == "__main__":
    harness.run(__file__)
