#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What is gathered from drivers in the layouts that users of real ones have reported, and what is said about it."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "install"))

import harness
import pe_image
from sim_host import ACCELERATOR, GUEST_STORE, OWN, STORE, SimHost, inf

S, W = "Windows/System32/", "Windows/SysWOW64/"
DAY, VERSION = "07/28/2026", "32.0.31035.1003"


# name: maker, package, its files (the first is the user-mode driver), values that name files, what is promoted
LAYOUTS = {
    "NVIDIA GeForce RTX 4080 (DCH)": (
        "NVIDIA", "nv_dispi.inf_amd64_9e2a1d4c5b6f7081",
        ["nvldumdx.dll", "nvldumd.dll", "nvlddmkm.sys", "nvapi64.dll", "nvapi.dll", "nvcuda_loader64.dll",
         "nvcuda_loader32.dll", "nvcuda64.dll", "nvoglv64.dll", "nvml_loader.dll", "nvidia-smi.exe", "nv-vk64.json",
         "nvngx.dll", "_nvngx.dll", "nv_dispi.cat", "Display.NvContainer/plugins/NvXDCore.dll", "NvCamera/NvCamera64.dll",
         "libcuda_loader.so", "nvcubins.bin"],
        {"OpenGLDriverName": "nvoglv64.dll", "VulkanDriverName": "nv-vk64.json", "OpenCLDriverName": "nvcuda64.dll"},
        f"{S}nvapi64.dll {S}nvcuda.dll {S}nvml.dll {S}nvidia-smi.exe {W}nvapi.dll {W}nvcuda.dll {S}lxss/lib/libcuda.so "
        f"{S}lxss/lib/libcuda.so.1 {S}lxss/lib/libcuda.so.1.1"),
    "AMD Radeon RX 6800 XT (before the split)": (
        "AMD", "u0400975.inf_amd64_77c1b0a9e5d4f213",
        ["B400821/amdxx64.dll", "B400821/amdkmdag.sys", "B400821/amdxc64.dll", "B400821/amdxcstub64.dll",
         "B400821/amdxcstub32.dll", "B400821/atio6axx.dll", "B400821/amdvlk64.dll", "B400821/amd-vulkan64.json",
         "B400821/amf-mft-mjpeg-decoder32.dll", "u0400975.cat"],
        {"OpenGLDriverName": "B400821\\atio6axx.dll", "VulkanDriverName": "B400821\\amd-vulkan64.json"},
        f"{S}atio6axx.dll {S}amdxc64.dll {W}amdxc32.dll {W}amf-mft-mjpeg-decoder32.dll"),
    "Intel(R) Arc(TM) 140T GPU": (
        "INTEL", "iigd_dch.inf_amd64_a35f92e9f7f89b10",
        ["igd10iumd64.dll", "igd12umd64.dll", "igdkmdn64.sys", "igvk64.json", "igvk64.dll", "igdrcl64.dll", "ig9icd64.dll",
         "ze_intel_gpu64.dll", "ze_loader.dll", "ControlLib.dll", "mfx_loader_dll_hw64.dll", "vpl_dispatcher_32.dll",
         "iigd_dch.cat"],
        {"OpenGLDriverName": "ig9icd64.dll", "VulkanDriverName": "igvk64.json", "OpenCLDriverName": "igdrcl64.dll",
         "LevelZeroDriverPath": "ze_intel_gpu64.dll", "DriverStorePathForVPL": ""},
        f"{S}ze_loader.dll {S}ControlLib.dll {S}libmfxhw64.dll {W}libvpl.dll"),
    "Qualcomm(R) Adreno(TM) X1-85 GPU": (
        "QUALCOMM", "qcdx8380.inf_arm64_0f1e2d3c4b5a6978",
        ["qcdx11arm64xum.dll", "qcdxkmsuc8380.mbn", "qcdx11x86um.dll", "qcdx11chpeum.dll", "qcvidencx86um.DLL",
         "qcdx8380.cat"], {},
        f"{S}qcdxkmsuc8380.mbn {W}qcdx11x86um.dll {W}qcvidencum.DLL Windows/SyChpe32/qcdx11x86um.dll"),
}


class Gathering(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hyperpoint-gathering-")).resolve()
        self.addCleanup(shutil.rmtree, self.folder)
        self.host = SimHost(harness.hyperpoint, self.folder)

    def gathered(self, *words, **how):
        """(what is packed, below the store or outside of it; what was said besides the result)"""
        self.host.save()
        done = self.host.gather(*words, **how)
        return set(self.host.packed()), done.stderr

    def nvidia(self, names, **how):
        self.main = "nv_dispi.inf_amd64_16678c565d093b7e"
        how.setdefault("text", inf("02/26/2025", "32.0.15.7000"))
        self.host.package(self.main, names, how.pop("text"))
        self.host.gpu("NVIDIA GeForce RTX 3060", "NVIDIA", self.main, [STORE + self.main + "\\" + names[0]] * 3, **how)

    # ---- companions ----

    def radeon(self, copy_infs, values=None, companions_version=VERSION, setup_class="SoftwareComponent"):
        """AMD's driver of 2026: OpenGL, Vulkan, OpenCL and more are in packages of their own."""
        self.main = "u0202643.inf_amd64_0123456789abcdef"
        self.parts = {"amdogl.inf_amd64_1111111111111111": ["atio6axx.dll", "atioglxx.dll"],
                      "amdvlk.inf_amd64_2222222222222222": ["amdvlk64.dll", "amd-vulkan64.json"],
                      "amdocl.inf_amd64_3333333333333333": ["amdocl64.dll", "sub/amdhip64_6.dll"],
                      "amdwin-u0202643.inf_amd64_4444444444444444": ["amdave64.dll"]}
        for folder, names in self.parts.items():
            self.host.package(folder, names, inf(DAY, companions_version, setup_class))
        names = ["B026261/amdxx64.dll", "B026261/amfrt64.dll", "B026261/amd_opencl64.dll"]
        self.host.package(self.main, names, inf(DAY, VERSION, lines=copy_infs))
        self.host.gpu("AMD Radeon RX 9070 XT", "AMD", self.main, [STORE + self.main + "\\B026261\\amdxx64.dll"],
                      version=VERSION, date="7-28-2026", values=values,
                      copies={"CopyToVmOverwrite": {"1": "B026261\\amfrt64.dll", "2": "B026261\\atio6axx.dll"},
                              "CopyToVmOverwriteWow64": {"1": "B026261\\atioglxx.dll"}})

    def assert_radeon_is_whole(self):
        packed, said = self.gathered()
        self.assertEqual(said, "")
        for folder, names in self.parts.items():
            for name in names:
                self.assertIn(f"{GUEST_STORE}/{folder}/{name}", packed)
        for name in ("amfrt64.dll", "atio6axx.dll", "amdave64.dll", "OpenCL.dll", "amdhip64_6.dll"):
            self.assertIn(S + name, packed)
        self.assertIn(W + "atioglxx.dll", packed)

    def test_companions_in_every_form(self):
        forms = {
            "relative": ["CopyINF = .\\amdogl\\amdogl.inf", "CopyINF = .\\amdvlk\\amdvlk.inf", "CopyINF = amdocl/amdocl.inf",
                         "CopyINF = .\\amdwin\\amdwin-u0202643.inf"],
            "plain": ["CopyINF = amdogl.inf", "copyinf=amdvlk.inf", "CopyINF = amdocl.inf ; OpenCL",
                      "CopyINF=amdwin-u0202643.inf"],
            "lists": ['CopyINF = "amdogl.inf", .\\amdvlk\\amdvlk.inf, \\', "  amdocl.inf,\\", " amdwin-u0202643.inf"],
            "strings": ["CopyINF = %OGL%,%VLK%, .\\%Dir%\\amdocl.inf, \"amdwin-%Build%.inf\"", "[Strings]",
                        'OGL = "amdogl.inf"', "VLK=.\\x\\amdvlk.inf", "dir=amdocl", "Build = u0202643"],
            "sections": ["[ati2mtag_Navi48.NTamd64]", "CopyINF=amdogl.inf", "[ati2mtag_Navi48.NTamd64.10.0...16299]",
                         "CopyINF=amdvlk.inf", "[ati2mtag_Navi44.NT]", "CopyINF=amdocl.inf,amdwin-u0202643.inf",
                         "[ati2mtag_Navi48.NTarm64]", "CopyINF=amdarm.inf"],
        }
        for name, lines in forms.items():
            with self.subTest(name):
                self.setUp()
                self.radeon(lines)
                self.assert_radeon_is_whole()

    def test_version_is_date_and_number(self):
        """Written another way it is the same one; another date or number it is not."""
        self.radeon(["CopyINF=amdogl.inf,amdvlk.inf,amdocl.inf,amdwin-u0202643.inf"])
        for folder in self.parts:
            self.host.package(folder, (), inf("7-28-2026", "32.00.031035.1003", "SoftwareComponent"))
        self.assert_radeon_is_whole()
        for other in (("07/29/2026", VERSION), (DAY, "32.0.31035.1004")):
            self.host.package("amdocl.inf_amd64_3333333333333333", (), inf(*other, "SoftwareComponent"))
            packed, said = self.gathered("-S")
            self.assertFalse([name for name in packed if "amdocl" in name])
            self.assertRegex(said, "^warning: .*'amdocl.inf'.*\n$")

    def test_folders_of_values(self):
        """What the display key leads into is taken whatever its version and its class are, in each form of a value."""
        forms = [
            {"OpenGLDriverName": [STORE + "amdogl.inf_amd64_1111111111111111\\atio6axx.dll"],
             "VulkanDriverName": STORE + "amdvlk.inf_amd64_2222222222222222\\amd-vulkan64.json",
             "OpenCLDriverName": {"expand": "%SystemRoot%\\System32\\DriverStore\\FileRepository\\"
                                            "amdocl.inf_amd64_3333333333333333\\amdocl64.dll"},
             "Whatever": [STORE + "amdwin-u0202643.inf_amd64_4444444444444444"]},
            {"OpenGLDriverName": '"' + STORE.replace("\\", "/") + 'amdogl.inf_amd64_1111111111111111/atio6axx.dll"',
             "VulkanDriverNameWow": ["", "<>", STORE.lower() + "AMDVLK.INF_AMD64_2222222222222222\\amdvlk64.dll"],
             "LevelZeroDriverPath": "\\SystemRoot\\System32\\DriverStore\\FileRepository\\"
                                    "amdocl.inf_amd64_3333333333333333\\amdocl64.dll",
             "DriverStorePathForVPL": ["\\??\\" + STORE + ".\\x\\..\\amdwin-u0202643.inf_amd64_4444444444444444\\"]},
            {"InstalledDisplayDrivers": ",".join(STORE + folder + "\\" + name for folder, name in (
                ("amdogl.inf_amd64_1111111111111111", "atio6axx.dll"),
                ("amdvlk.inf_amd64_2222222222222222", "amdvlk64.dll"))),
             "OpenCLDriverName": ["%windir%\\Sysnative\\DriverStore\\FileRepository\\"
                                  "amdocl.inf_amd64_3333333333333333\\amdocl64.dll"],
             "MFT": ["\\Windows\\System32\\DriverStore\\FileRepository\\amdwin-u0202643.inf_amd64_4444444444444444\\"
                     "amdave64.dll"]},
        ]
        for values in forms:
            with self.subTest(values):
                self.setUp()
                self.radeon([], values, companions_version="1.0", setup_class="MEDIA")
                self.assert_radeon_is_whole()

    def test_what_is_needed_and_missing(self):
        self.radeon([], {"VulkanDriverName": [STORE + "gone.inf_amd64_5555555555555555\\x.json"] * 2,
                         "OpenGLDriverName": [STORE + "amdogl.inf_amd64_1111111111111111\\gone.dll"]})
        _, said = self.gathered("-S")
        self.assertRegex(said, "warning: .*VulkanDriverName.*gone.inf_amd64_5555555555555555")
        self.assertRegex(said, "warning: .*OpenGLDriverName.*gone.dll")
        self.assertEqual(said.count("warning:"), 2)

    def test_companions_of_companions(self):
        self.radeon(["CopyINF=amdogl.inf"])
        self.host.package("amdogl.inf_amd64_1111111111111111", (),
                          inf(DAY, VERSION, "SoftwareComponent", ["CopyINF=amdvlk.inf,amdogl.inf,u0202643.inf"]))
        packed, said = self.gathered()
        self.assertTrue([name for name in packed if "amdvlk64" in name])
        self.assertFalse([name for name in packed if "amdocl" in name])
        self.assertEqual(said, "")

    def test_other_processors(self):
        self.radeon(["CopyINF=amdogl.inf"])
        self.host.package("amdogl.inf_x86_1111111111111111", ["x86.dll"], inf(DAY, VERSION, "SoftwareComponent"))
        packed, _ = self.gathered()
        self.assertFalse([name for name in packed if "x86" in name])

    def test_what_no_guest_needs(self):
        """Sound, USB-C and power devices of a card are not spoken of."""
        self.nvidia(["nvldumdx.dll"], text=inf("02/26/2025", "32.0.15.7000",
                                               lines=["CopyINF = nvhda.inf,nvppc.inf", "CopyINF = nvpcf.inf"]))
        self.host.package("nvhda.inf_amd64_5465f77a9a8448b4", ["nvhda64v.sys"], inf("01/15/2021", "1.3.38.40", "MEDIA"))
        self.host.package("nvppc.inf_amd64_5465f77a9a8448b4", ["nvppc.sys"], inf("02/26/2025", "32.0.15.7000", "USB"))
        packed, said = self.gathered()
        self.assertEqual(said, "")
        self.assertFalse([name for name in packed if "nvppc" in name or "nvhda" in name])
        _, said = self.gathered("-VERBOSE")
        for name in ("nvhda.inf", "nvppc.inf", "nvpcf.inf"):
            self.assertIn(f"'{name}' is left out", said)

    # ---- declared files ----

    def test_large_file_of_windows(self):
        """A file of System32 that a driver names is read as a whole, up to a limit."""
        self.nvidia(["nvldumdx.dll"], copies={"CopyToVmOverwrite": {"1": "C:\\Windows\\System32\\large.dll"}})
        path = self.host.write("Windows/System32/large.dll")
        self.host.save()
        limit = 256 * 1024 * 1024
        os.truncate(path, limit)
        self.host.gather("-ZIP")
        self.assertTrue(any(name.endswith(".zip") for name in os.listdir(self.folder / "made")))
        os.truncate(path, limit + 1)
        self.assertIn("large.dll", self.host.gather("-ZIP", code=1).stderr)

    def test_declared_by_full_path(self):
        self.nvidia(["nvldumdx.dll", "OpenCL64.dll"], copies={
            "CopyToVmWhenNewer": {"OpenCLFiles": ["OpenCL64.dll", "OpenCL.dll"],
                                  "VulkanFiles": ["C:\\Windows\\system32\\vulkan-1.dll"],
                                  "Renamed": ["%SystemRoot%/System32/drivers/a.dll", "b.dll"]},
            "CopyToVmWhenNewerWow64": {"VulkanFiles": "C:\\Windows\\syswow64\\vulkan-1.dll"}})
        for path in ("System32/vulkan-1.dll", "SysWOW64/vulkan-1.dll", "System32/drivers/a.dll", "System32/other.dll"):
            self.host.write("Windows/" + path, path)
        packed, said = self.gathered()
        self.assertEqual(said, "")
        self.assertEqual({name for name in packed if GUEST_STORE not in name},
                         {S + "OpenCL.dll", S + "vulkan-1.dll", S + "b.dll", W + "vulkan-1.dll"})
        self.assertEqual(self.host.packed()[W + "vulkan-1.dll"], b"SysWOW64/vulkan-1.dll")

    def test_declared_elsewhere(self):
        """Nothing from any other place, and nothing of Microsoft's; no word about a file that the package has."""
        self.nvidia(["nvldumdx.dll", "vulkan-1-x64.dll"], copies={"CopyToVmOverwrite": {
            "1": "C:\\Program Files\\a.dll", "2": "C:\\Windows\\explorer.exe", "3": "..\\..\\..\\drivers\\x.sys",
            "4": "\\\\server\\share\\b.dll", "5": "C:\\Windows\\System32\\..\\..\\c.dll", "6": "", "7": ["", "x.dll"],
            "8": ["nvldumdx.dll", "..\\d.dll"], "9": ["C:\\Windows\\System32\\vulkan-1.dll"],
            "10": ["C:\\Windows\\System32\\cmd.exe"]}})
        for path in ("Program Files/a.dll", "Windows/explorer.exe", "Windows/System32/drivers/x.sys", "c.dll"):
            self.host.write(path)
        self.host.write("Windows/System32/cmd.exe",
                        pe_image.library(10 << 16, company="Microsoft Corporation"))
        packed, said = self.gathered()
        self.assertEqual({name for name in packed if GUEST_STORE not in name},
                         {S + "vulkan-1.dll", S + "vulkan-1-999-0-0-0.dll"})
        self.assertEqual(said.count("warning:"), 6)
        self.assertNotIn("vulkan-1", said)
        self.assertNotIn("cmd.exe", said)

    def test_declared_in_every_form(self):
        self.nvidia(["nvldumdx.dll", "x64/a.dll", "b.dll", "c.dll", "d.dll"], copies={
            "CopyToVmOverwrite": {"1": ".\\x64/a.dll", "2": '"b.dll"', "3": {"expand": "c.dll"},
                                  "4": [STORE + "nv_dispi.inf_amd64_16678c565d093b7e\\d.dll", "e.dll", "ignored"]}},
                    service_copies={"CopyToVmOverwriteWow64": {"1": ["moved\\b.dll", "C:\\Windows\\SysWOW64\\f.dll"]}})
        packed, said = self.gathered()
        self.assertEqual(said, "")
        self.assertEqual({name for name in packed if GUEST_STORE not in name},
                         {S + "a.dll", S + "b.dll", S + "c.dll", S + "e.dll", W + "f.dll"})

    def test_values_name_files_of_windows(self):
        """A library that the display key names, by its full path or its name alone."""
        self.nvidia(["nvldumdx.dll", "inside.dll"], values={
            "OpenGLDriverName": "C:\\Windows\\System32\\nvoglv64.dll", "OpenGLDriverNameWow": ["nvoglv32.dll"],
            "VulkanDriverName": ["inside.dll"], "OpenCLDriverName": "gone.dll", "Else": "C:\\Program Files\\x.dll"})
        for name in ("System32/nvoglv64.dll", "System32/nvoglv32.dll", "SysWOW64/nvoglv32.dll", "System32/inside.dll"):
            self.host.write("Windows/" + name)
        packed, said = self.gathered()
        self.assertEqual(said, "")
        self.assertEqual({name for name in packed if GUEST_STORE not in name}, {S + "nvoglv64.dll", W + "nvoglv32.dll"})

    # ---- what is no driver ----

    def test_leftovers(self):
        left = ["AMD/EeuDumps/R-gpu-0-0.log", "EeuDumps/x.bin", "a.LOG", "b.log.1", "c.etl", "d.etl.001", "e.dmp",
                "f.tmp", "nv_dispi.PNF", "g.log.old", "~h.dll"]
        kept = ["nvldumdx.dll", "catalog.dll", "log.dll", "dialog", "x.1", "a.login"]
        self.nvidia([*kept, *left])
        packed, said = self.gathered("-VERBOSE")
        names = {name.partition(self.main + "/")[2] for name in packed if GUEST_STORE in name}
        self.assertEqual(names, {*kept, "nv_dispi.inf"})
        self.assertIn("EeuDumps", said)
        self.assertIn("a.LOG", said)

    def test_growing_log(self):
        self.nvidia(["nvldumdx.dll", "driver.log"])
        log = self.host.disk / STORE[3:].replace("\\", "/") / self.main / "driver.log"
        over = threading.Event()

        def grow():
            with open(log, "ab", 0) as file:
                while not over.is_set():
                    file.write(b"x")
        writer = threading.Thread(target=grow)
        writer.start()
        try:
            self.gathered()
        finally:
            over.set()
            writer.join()

    def test_many_values(self):
        """A key of the registry holds as many values as the limit, and not one more."""
        few = 5  # those that the key has anyhow
        self.nvidia(["nvldumdx.dll"], values={f"v{i}": i for i in range(1024 - few)})
        self.host.save()
        self.gathered()
        key = next(values for values in self.host.registry.values() if "v0" in values)
        self.assertEqual(len(key), 1024)
        key["one more"] = 1
        self.host.save()
        self.assertIn("has more than 1024 values", self.host.gather(code=1).stderr)

    # ---- names and links ----

    def test_names_that_no_package_may_hold(self):
        """They are left out and told, at most ten one by one; the rest of the driver is packed."""
        bad = ["NVAPI~1.DLL"]
        if not harness.hyperpoint.is_windows:  # it makes no such files, and Wine cannot look at those that are there
            bad += ["sub/nul.dll", "con", "dot.", "blank ", " blank.dll", "a:b.dll", "tab\t.dll", "AB~1/x.dll", "bin./y.dll"]
        bad += [f"MORE~{i}.DLL" for i in range(12 - len(bad))]
        self.nvidia(["nvldumdx.dll", "sub/good.dll", *bad])
        self.host.save()
        packed, said = self.gathered()
        self.assertEqual(said.count("is left out: the name "), 10)
        self.assertEqual(said.count("2 more are left out like that"), 1)
        names = {path.rsplit("/", 1)[1] for path in packed}
        self.assertEqual(names & {"nvldumdx.dll", "good.dll"}, {"nvldumdx.dll", "good.dll"})
        self.assertEqual(names & {name.rsplit("/", 1)[-1] for name in bad}, set())
        self.assertIn(" current ", self.host.check("-DEST", self.host.known(self.folder / "made")).stdout)

    def test_names_that_differ_in_case(self):
        if harness.hyperpoint.is_windows:
            self.skipTest("such names cannot be opened there")
        store = "Windows/System32/DriverStore/FileRepository/"
        self.nvidia(["nvldumdx.dll", "Bin/a.dll", "bin/b.dll"])
        for name in ("x.dll", "X.dll", "Bin/\u00e4.dll", "bin/\u00c4.dll"):
            self.host.write(store + self.main + "/" + name, "the same")
        self.host.save()
        packed, said = self.gathered("-VERBOSE")
        self.assertEqual(said.count("' is the same"), 2, said)
        base = f"{GUEST_STORE}/{self.main}/"
        self.assertEqual({path for path in packed if path.startswith(base)},
                         {base + name for name in ("X.dll", "Bin/\u00e4.dll", "Bin/a.dll", "bin/b.dll", "nvldumdx.dll",
                                                   "nv_dispi.inf")})
        for name, data in (("x.dll", "other one"), ("nvldumdx.dll/inside", "a file and a folder")):
            path = self.host.write(store + self.main + "/" + name.replace("nvldumdx", "NVLDUMDX"), data)
            said = self.host.gather(code=1).stderr
            self.assertIn("for one file, and they are two", said)
            path.unlink()
            if "/" in name:
                path.parent.rmdir()
            else:
                self.host.write(store + self.main + "/" + name, "the same")

    def test_links_on_the_way(self):
        """Of the store nothing is read through a link, be it the driver's folder or one above."""
        if harness.hyperpoint.is_windows:
            self.skipTest("Wine shows a link to a folder as that folder")
        self.nvidia(["nvldumdx.dll"])
        self.host.save()
        self.gathered()
        for path in (f"FileRepository/{self.main}", "FileRepository", ""):
            folder = self.host.disk / "Windows/System32/DriverStore" / path
            away = folder.with_name("away")
            folder.rename(away)
            folder.symlink_to(away)
            said = self.host.gather(code=1, dest="other").stderr
            self.assertIn("is a link, which is not followed", said)
            folder.unlink()
            away.rename(folder)
        self.gathered()

    # ---- which GPUs, which packages ----

    def test_two_drivers_of_one_date(self):
        for name, folder in (("AMD Radeon 780M Graphics", "c0202643.inf_amd64_aaaaaaaaaaaaaaaa"),
                             ("AMD Radeon RX 7600M XT", "u0202643.inf_amd64_bbbbbbbbbbbbbbbb")):
            self.host.package(folder, ["B1/amdxx64.dll"])
            self.host.gpu(name, "AMD", folder, [STORE + folder + "\\B1\\amdxx64.dll"], date="7-24-2026")
        self.host.save()
        for order in ("order:2", "order:1", "order:2", "order:1,order:2", "all"):
            self.host.gather(gpu=order)
            self.host.gather(gpu=order, dest=order.replace(":", ""))
        made = {path.name for path in (self.folder / "made").iterdir()} - {".hyperpoint.lock"}
        self.assertEqual(made, {"AMD_20260724", "AMD_20260724_2"})
        self.assertEqual(len({name.split("/")[4] for name in self.host.packed()}), 2)

    def test_unchanged(self):
        self.nvidia(["nvldumdx.dll"])
        self.host.save()
        for zip_word in ((), ("-ZIP",)):
            self.assertIn(" made: ", self.host.gather(*zip_word).stdout)
            self.assertIn("nothing has changed", self.host.gather(*zip_word).stdout)
        self.host.package(self.main, ["new.dll"])
        self.assertIn(" made: ", self.host.gather("-ZIP").stdout)

    def made(self):
        return {path.name for path in (self.folder / "made").iterdir()} - {".hyperpoint.lock"}

    def test_what_is_no_package_keeps_its_name(self):
        """Somebody's own things, whatever they are, and another GPU's package that somebody has put something into."""
        self.nvidia(["nvldumdx.dll"])
        other = "nv_dispi.inf_amd64_bbbbbbbbbbbbbbbb"
        self.host.package(other, ["nvldumdx.dll"])
        self.host.gpu("NVIDIA GeForce RTX 3070", "NVIDIA", other, [STORE + other + "\\nvldumdx.dll"])
        self.host.save()
        made = self.folder / "made"
        name = "NVIDIA_20250226"

        def notes():
            (made / name).mkdir()
            (made / name / "my notes.txt").write_text("precious")

        def theirs():
            self.host.gather(gpu="order:2")
            (made / name / "desktop.ini").write_text("")
        makers = {"notes": notes, "file": lambda: (made / name).write_text("precious"),
                  "zip": lambda: (made / f"{name}.zip").write_text("precious"), "theirs": theirs,
                  "folder called zip": lambda: (made / f"{name}.zip").mkdir(),
                  "leftovers": lambda: (made / f".{name}.old").write_text("precious")}
        if not harness.hyperpoint.is_windows:
            makers["pipe"] = lambda: os.mkfifo(made / f"{name}.zip")
            makers["link to nothing"] = lambda: (made / name).symlink_to("gone")
        for kind, make in makers.items():
            for words in ((), ("-ZIP",)):
                with self.subTest(kind, words=words):
                    shutil.rmtree(made, ignore_errors=True)
                    made.mkdir()
                    make()
                    before = {path: path.lstat() for path in made.rglob("*") if path.name != ".hyperpoint.lock"}
                    done = self.host.gather(*words)
                    for path, status in before.items():
                        self.assertEqual(path.lstat().st_ino, status.st_ino)
                    number = "" if kind == "leftovers" else "_2"
                    self.assertIn(f"Package '{name}{number}' ", done.stdout)
                    self.assertEqual("is left alone" in done.stderr, kind != "leftovers")
                    self.assertIn("nothing has changed", self.host.gather(*words).stdout)

    def test_zip_and_folder_are_of_one_driver(self):
        """A zip hides the folder of its name: of an older driver it must not stay."""
        self.nvidia(["nvldumdx.dll"])
        self.host.save()
        for first, second in ((("-ZIP",), ()), ((), ("-ZIP",))):
            shutil.rmtree(self.folder / "made", ignore_errors=True)
            self.host.gather(*first)
            done = self.host.gather(*second)
            self.assertEqual(done.stderr, "")
            self.assertEqual(self.made(), {"NVIDIA_20250226", "NVIDIA_20250226.zip"})
            self.host.package(self.main, [f"new{len(first)}.dll"])
            done = self.host.gather(*second)
            self.assertIn("has been removed", done.stderr)
            self.assertEqual(self.made(), {"NVIDIA_20250226.zip" if second else "NVIDIA_20250226"})
            self.assertIn(" current ", self.host.check("-DEST", self.host.known(self.folder / "made")).stdout)

    def test_stale_zip_beside_unchanged_folder(self):
        self.nvidia(["nvldumdx.dll"])
        self.host.save()
        self.host.gather("-ZIP")
        old = (self.folder / "made" / "NVIDIA_20250226.zip").read_bytes()
        self.host.package(self.main, ["new.dll"])
        self.host.gather()
        (self.folder / "made" / "NVIDIA_20250226.zip").write_bytes(old)
        done = self.host.gather()
        self.assertIn("nothing has changed", done.stdout)
        self.assertIn("has been removed", done.stderr)
        self.assertEqual(self.made(), {"NVIDIA_20250226"})

    def test_what_is_called_like_a_zip(self):
        """Only a file hides the folder of its name."""
        self.nvidia(["nvldumdx.dll"])
        self.host.save()
        self.host.gather()
        zip_file = self.folder / "made" / "NVIDIA_20250226.zip"
        (self.folder / "guest" / "Windows").mkdir(parents=True)
        zip_file.mkdir()
        self.assertIn(" current ", self.host.check("-DEST", self.host.known(self.folder / "made")).stdout)
        self.assertIn("'NVIDIA_20250226' would be", self.install("-WHATIF").stdout)
        zip_file.rmdir()
        if not harness.hyperpoint.is_windows:
            os.mkfifo(zip_file)
            done = self.install("-WHATIF")
            self.assertIn("'NVIDIA_20250226' would be", done.stdout)
            self.assertIn("'NVIDIA_20250226.zip' is no driver package", done.stderr)

    def test_packages_behind_links(self):
        if harness.hyperpoint.is_windows:
            self.skipTest("Wine shows a link as what it leads to")
        self.nvidia(["nvldumdx.dll"])
        self.host.save()
        self.host.gather(dest="folder")
        self.host.gather("-ZIP", dest="zip")
        (self.folder / "guest" / "Windows").mkdir(parents=True)
        made = self.folder / "made"
        for target in ("folder/NVIDIA_20250226", "zip/NVIDIA_20250226.zip"):
            with self.subTest(target):
                shutil.rmtree(made, ignore_errors=True)
                made.mkdir()
                (made / pathlib.Path(target).name).symlink_to(pathlib.Path("..") / target)
                (made / "gone").symlink_to("nowhere")
                self.assertIn(" current ", self.host.check("-DEST", self.host.known(made)).stdout)
                done = self.install("-WHATIF")
                self.assertIn("'NVIDIA_20250226' would be", done.stdout)
                self.assertIn("'gone' is a link to nothing", done.stderr)

    def install(self, *words, code=0):
        """In the folder guest, from made."""
        program = harness.installdrivers
        done = subprocess.run([*program.prefix, str(program.path), "-SRC", self.host.known(self.folder / "made"), "-ROOT",
                               self.host.known(self.folder / "guest"), *words], capture_output=True, encoding="utf-8",
                              cwd=self.folder, env=program.environment(self.folder / "state"))
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def test_damaged_package(self):
        """Of the right size and time, it is taken for good; what installdrivers advises then leads to a good one."""
        self.nvidia(["nvldumdx.dll"])
        self.host.save()
        (self.folder / "guest" / "Windows").mkdir(parents=True)
        own = f"{OWN}/NVIDIA_20250226.json"
        for words, name in (((), f"{GUEST_STORE}/{self.main}/nvldumdx.dll"), ((), own), (("-ZIP",), None)):
            with self.subTest(name or "zip"):
                shutil.rmtree(self.folder / "made", ignore_errors=True)
                self.host.gather(*words)
                package = self.folder / "made" / ("NVIDIA_20250226" if name else "NVIDIA_20250226.zip")
                path = package / name if name else package
                data, times = path.read_bytes(), path.stat()
                spot = (data.index(b'"sha256"') + 12 if name == own else
                        data.index(b"nvldumdx.dll") + 30 if name is None else 4)
                path.write_bytes(data[:spot] + bytes([data[spot] ^ 1]) + data[spot + 1:])
                os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
                self.assertIn("nothing has changed", self.host.gather(*words).stdout)
                self.assertRegex(self.install(code=1).stderr, "hint: copy .* again; .* remove it there and gather it anew")
                shutil.rmtree(package) if package.is_dir() else package.unlink()
                self.host.gather(*words)
                self.assertIn("has been installed", self.install().stdout)
                shutil.rmtree(self.folder / "guest" / S / "HostDriverStore")

    def test_all_but_one(self):
        """A GPU whose driver cannot be gathered does not spoil the others."""
        self.nvidia(["nvldumdx.dll"])
        self.host.gpu("Intel(R) AI Boost", "INTEL", setup_class=ACCELERATOR)
        self.host.save()
        done = self.host.gather(gpu="all")
        self.assertRegex(done.stderr, "warning: left out: Intel.R. AI Boost: .* has no driver")
        self.host.gpu("Radeon", "AMD")
        self.host.gpu("Radeon 2", "AMD", "gone.inf_amd64_1", [STORE + "gone.inf_amd64_1\\x.dll"])
        self.host.save()
        done = self.host.gather(gpu="all", code=3)
        self.assertEqual(done.stderr.count("left out:"), 3)
        self.assertIn("nothing has changed", done.stdout)
        self.assertIn("has no driver", self.host.gather(gpu="Radeon", code=1).stderr)
        self.assertIn("has no driver", self.host.gather(gpu="Radeon,order:2", code=1).stderr)

    def test_other_kinds(self):
        folder = "npu.inf_amd64_635ba25932c61b03"
        self.host.package(folder, ["npu_umd.dll"])
        self.host.gpu("Intel(R) AI Boost", "INTEL", folder, [STORE + folder + "\\npu_umd.dll"], setup_class=ACCELERATOR)
        folder = "nvgridswhci.inf_amd64_0011223344556677"
        self.host.package(folder, ["nvldumdx.dll"])
        self.host.gpu("NVIDIA A2", "NVIDIA", folder, [STORE + folder + "\\nvldumdx.dll"], suffix="")
        self.host.save()
        self.assertEqual(self.host.gather().stderr.count("'Intel(R) AI Boost' is no display adapter"), 1)
        done = self.host.gather(gpu="NVIDIA A2")
        self.assertIn("'NVIDIA A2' is partitioned by SR-IOV", done.stderr)
        self.assertIn("vendor's own guest driver", done.stderr)

    # ---- layouts of 2026 ----

    def test_layouts(self):
        """What each maker's package of today looks like, and what must come out of it: folders and promoted files."""
        for name, (maker, package, names, values, promoted) in LAYOUTS.items():
            with self.subTest(name):
                self.setUp()
                self.host.package(package, names, inf("02/26/2026", "32.0.1.2"))
                first = STORE + package + "\\" + names[0].replace("/", "\\")
                self.host.gpu(name, maker, package, [first] * 3, values={
                    key: STORE + package + "\\" + value for key, value in values.items()})
                packed, said = self.gathered()
                self.assertEqual(said, "")
                self.assertEqual({path for path in packed if GUEST_STORE not in path}, set(promoted.split()))
                self.assertEqual(len([path for path in packed if GUEST_STORE in path]), len(names) + 1)

    # ---- the table ----

    def test_table(self):
        """What docs/drivers.md says of each maker's files is what happens to them."""
        rows = re.findall(r"^\| (NVIDIA|AMD|Intel|Qualcomm) \| `([^`]+)` \| (.+) \| [^|]+ \|$", self.document(), re.M)
        self.assertGreater(len(rows), 9)
        for maker in ("NVIDIA", "AMD", "Intel", "Qualcomm"):
            expected, sources = set(), {}
            for _, folder, files in (row for row in rows if row[0] == maker):
                for source, target in re.findall(r"`([^`]+)`(?: as `([^`]+)`)?", files):
                    sources[source.lower()] = source
                    expected.add(f"Windows/{folder}/{target or source}".replace("\\", "/"))
            self.setUp()
            folder = "x.inf_amd64_0123456789abcdef"
            self.host.package(folder, ["umd.dll", *("B1/" + name for name in sources.values())])
            self.host.gpu("GPU", maker.upper(), folder, [STORE + folder + "\\umd.dll"])
            packed, _ = self.gathered()
            self.assertEqual({name for name in packed if GUEST_STORE not in name}, expected)

    @staticmethod
    def document():
        return (pathlib.Path(__file__).resolve().parents[2] / "docs" / "drivers.md").read_text(encoding="utf-8")


if __name__ == "__main__":
    harness.run(__file__)
