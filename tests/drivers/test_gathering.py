#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What is gathered from drivers in the layouts that users of real ones have reported, and what is said about it."""

import json
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
        """Of a file of System32 that a driver names only the version is read, however large the file is."""
        self.nvidia(["nvldumdx.dll"], copies={"CopyToVmOverwrite": {"1": "C:\\Windows\\System32\\large.dll"}})
        path = self.host.write("Windows/System32/large.dll")
        self.host.save()
        os.truncate(path, 256 * 1024 * 1024 + 1)
        self.assertEqual(self.host.gather("-ZIP").stderr, "")
        self.assertTrue(any(name.endswith(".zip") for name in os.listdir(self.folder / "made")))

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

    def test_declared_in_the_same_place(self):
        """A full path into Windows' folders is that place in the guest, whichever subkey names it."""
        places = ("System32/lxss/lib/libcuda.so.1.1", "System32/drivers/x.sys", "SysWOW64/nvapi.dll", "System32/a.dll")
        self.nvidia(["nvldumdx.dll", "sub/late.dll"], copies={
            "CopyToVmOverwrite": {str(i): "C:\\Windows\\" + place.replace("/", "\\") for i, place in enumerate(places)},
            "CopyToVmWhenNewer": {"1": "C:\\Windows\\SysWOW64\\late.dll"}})
        for place in places:
            self.host.write("Windows/" + place, place)
        packed, said = self.gathered()
        self.assertEqual(said, "")
        self.assertEqual({name for name in packed if GUEST_STORE not in name},
                         {"Windows/" + place for place in places} | {W + "late.dll"})

    def test_why_declared_files_are_left_out(self):
        """That the host does not have it is said of nothing that it has."""
        self.nvidia(["nvldumdx.dll", "sub/a.dll", "x.log"], copies={"CopyToVmOverwrite": {
            "1": ["nvldumdx.dll", "..\\d.dll"], "2": "sub", "3": "..\\b.dll", "4": "C:\\Program Files\\o.dll",
            "5": "gone.dll", "6": "x.log", "7": "link.dll", "8": "<>"}},
            values={"VulkanDriverName": [STORE + "nv_dispi.inf_amd64_16678c565d093b7e\\link.dll"],
                    "OpenGLDriverName": [STORE + "link.inf_amd64_1\\x.dll"]})
        store = self.host.disk / "Windows/System32/DriverStore/FileRepository"
        if not harness.hyperpoint.is_windows:
            (store / self.main / "link.dll").symlink_to("nvldumdx.dll")
            (store / "link.inf_amd64_1").symlink_to(self.main)
        self.host.write("Program Files/o.dll")
        _, said = self.gathered()
        for name, why in (("'nvldumdx.dll'", "cannot be called '..\\d.dll' there"), ("'sub'", "is a folder on the host"),
                          ("'..\\b.dll'", "leads out of the driver's folder"),
                          ("'C:\\Program Files\\o.dll'", "lies in a folder that nothing is taken from"),
                          ("'gone.dll'", "the host does not have"), ("'x.log'", "is left out as no part of the driver"),
                          ("'<>'", "is no path of a file on a disk of the host")):
            self.assertIn(f"the driver declares {name} for the guest, which {why}", said)
        if not harness.hyperpoint.is_windows:  # Wine shows a link as what it leads to
            self.assertEqual(said.count("is a link on the host"), 3, said)

    def test_bitness(self):
        """Of files of one name, each goes where programs of its kind look for it."""
        def image(bits):
            data = bytearray(pe_image.library(5 << 16, bits.encode()))
            if bits == "32":
                data[0x58:0x5A] = b"\x0b\x01"
            return bytes(data)
        for a, b in (("x64", "x86"), ("amd64", "i386"), ("first", "second"), ("z", "a"), (".", "x86"), (".", "sub")):
            for both in (True, False):
                with self.subTest(a, both=both):
                    self.setUp()
                    self.nvidia(["nvldumdx.dll"], copies={"CopyToVmOverwrite": {"1": "foo.dll"},
                                                          "CopyToVmOverwriteWow64": {"1": "foo.dll"}})
                    store = "Windows/System32/DriverStore/FileRepository/" + self.main
                    told = a in ("x64", "amd64")  # by the folder alone
                    self.host.write(f"{store}/{a}/foo.dll", "64" if told else image("64"))
                    if both:
                        self.host.write(f"{store}/{b}/foo.dll", "32" if told else image("32"))
                    packed, said = self.gathered()
                    content = self.host.packed()
                    self.assertIn(b"64", content[S + "foo.dll"][:60])
                    if both:
                        self.assertIn(b"32", content[W + "foo.dll"][:60])
                        self.assertEqual(said, "")
                    elif a != ".":
                        self.assertNotIn(W + "foo.dll", packed)
                        self.assertIn("for programs of the other kind only", said)

    # ---- where the driver is ----

    def test_user_mode_driver_in_a_component(self):
        """The folder of the INF is a part of the driver, though the user-mode driver lies in another one."""
        own, part = "u0999999.inf_amd64_0123456789abcdef", "amdum.inf_amd64_5555555555555555"
        self.host.package(own, ["kernel.sys", "B9/amfrt64.dll"], inf(DAY, VERSION, lines=["CopyINF = amdogl.inf"]))
        self.host.package(part, ["amdxx64.dll"], inf(DAY, VERSION, "SoftwareComponent"))
        self.host.package("amdogl.inf_amd64_1111111111111111", ["ogl.dll"], inf(DAY, VERSION, "SoftwareComponent"))
        self.host.gpu("AMD", "AMD", own, [STORE + part + "\\amdxx64.dll"],
                      copies={"CopyToVmOverwrite": {"1": "B9\\amfrt64.dll"}})
        packed, said = self.gathered()
        self.assertEqual(said, "")
        for name in (f"{GUEST_STORE}/{own}/kernel.sys", f"{GUEST_STORE}/{part}/amdxx64.dll", S + "amfrt64.dll",
                     f"{GUEST_STORE}/amdogl.inf_amd64_1111111111111111/ogl.dll"):
            self.assertIn(name, packed)
        self.assertIn(" current ", self.host.check("-DEST", self.host.known(self.folder / "made")).stdout)

    def test_values_that_outlived_their_folder(self):
        main = "nv_dispi.inf_amd64_16678c565d093b7e"
        gone = STORE + "gone.inf_amd64_0000000000000000\\x.dll"
        for paths in ([gone, STORE + main + "\\nvldumdx.dll"], [gone]):
            with self.subTest(paths):
                self.setUp()
                self.host.package(main, ["nvldumdx.dll"])
                self.host.gpu("GPU", "NVIDIA", main, paths)
                packed, said = self.gathered()
                self.assertIn(f"{GUEST_STORE}/{main}/nvldumdx.dll", packed)
                self.assertIn("'gone.inf_amd64_0000000000000000' of the driver store, which the host does not have", said)
                self.assertIn(" current ", self.host.check("-DEST", self.host.known(self.folder / "made")).stdout)

    def test_service_path_in_every_form(self):
        main = "nv_dispi.inf_amd64_16678c565d093b7e"
        below = f"System32\\DriverStore\\FileRepository\\{main}\\nv.sys"
        for path in (below, below.lower(), "\\SystemRoot\\" + below, "\\??\\C:\\Windows\\" + below, f'"C:\\Windows\\{below}"',
                     "\\Windows\\" + below, "\\Device\\HarddiskVolume3\\Windows\\" + below,
                     "\\\\?\\GLOBALROOT\\Device\\HarddiskVolume12\\Windows\\" + below,
                     "\\\\?\\Volume{01234567-0000-0000-0000-100000000000}\\Windows\\" + below,
                     f"C:\\Windows\\{below} -k x", "\\GLOBAL??\\C:\\Windows\\" + below):
            with self.subTest(path):
                self.setUp()
                self.host.package(main, ["nvldumdx.dll", "nv.sys"])
                self.host.gpu("GPU", "NVIDIA", main)
                self.host.registry["SYSTEM\\CurrentControlSet\\Services\\svc0"] = {"ImagePath": {"expand": path}}
                packed, said = self.gathered()
                self.assertEqual(said, "")
                self.assertIn(f"{GUEST_STORE}/{main}/nvldumdx.dll", packed)
        self.setUp()
        self.host.gpu("GPU", "NVIDIA", main)
        self.host.registry["SYSTEM\\CurrentControlSet\\Services\\svc0"] = {"ImagePath": "System32\\drivers\\nv.sys"}
        self.host.save()
        said = self.host.gather(code=1).stderr
        self.assertIn("is not in the host's driver store", said)
        self.assertIn("hint: ", said)

    def test_values_in_every_form(self):
        """Of each text the paths are found, or it is told that one is none."""
        folder = "ogl.inf_amd64_1111111111111111"
        full = STORE + folder + "\\x.dll"
        below = full[len("C:\\Windows\\"):]
        for text in (below, f"\\\\HOST\\C$\\Windows\\{below}", f"@{full},-100", f"rundll32.exe {full},Entry", f"'{full}'",
                     f"a.dll|{full}", f"C:\\a b.dll {full}", f"x={full}", f"\\Device\\HarddiskVolume3\\Windows\\{below}",
                     below[len("System32\\"):], f"..\\{folder}\\x.dll", f"{folder}\\x.dll", "file:///" + full.replace("\\", "/"),
                     f'"{STORE}{folder}\\a, b\\x.dll" -k', f"?{full}"):
            with self.subTest(text):
                self.setUp()
                self.host.package(folder, ["x.dll", "a, b/x.dll"])
                self.nvidia(["nvldumdx.dll"], values={"OpenGLDriverName": text})
                packed, said = self.gathered()
                if text[0] == "?":
                    self.assertIn("OpenGLDriverName names '", said)
                    self.assertIn("which is no path into this host's driver store", said)
                else:
                    self.assertIn(f"{GUEST_STORE}/{folder}/x.dll", packed)
                    self.assertEqual(said, "")

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

    def test_keys_of_several_gpus(self):
        """GPUs with one driver have a class key each: what any of them names is gathered, and told once."""
        main = "iigd_dch.inf_amd64_a35f92e9f7f89b10"
        parts = [f"part{i}.inf_amd64_1111111111111111" for i in range(3)]
        self.host.package(main, ["umd.dll", *(f"d{i}.dll" for i in range(3))])
        for i, part in enumerate(parts):
            self.host.package(part, [f"ogl{i}.dll"])
            self.host.gpu(f"Arc {i}", "INTEL", main, [STORE + main + "\\umd.dll"],
                          values={"OpenGLDriverName": [STORE + part + f"\\ogl{i}.dll"],
                                  "VulkanDriverName": [STORE + main + "\\gone.json"],
                                  "OpenCLDriverName": [STORE + main + f"\\d{i}.dll"]},
                          copies={"CopyToVmOverwrite": {"1": f"d{i}.dll", "2": "gone.dll"}})
        packed, said = self.gathered(gpu="all")
        for i, part in enumerate(parts):
            self.assertIn(f"{GUEST_STORE}/{part}/ogl{i}.dll", packed)
            self.assertIn(f"{S}d{i}.dll", packed)
        self.assertEqual(said.count("warning:"), 2, said)  # gone.json and gone.dll
        manifest = next((self.folder / "made").rglob(f"{OWN}/*.json")).read_text(encoding="utf-8")
        for i in range(3):
            self.assertEqual(manifest.count('}\\\\000%d"' % i), 3, manifest)
        self.assertEqual(self.host.check("-DEST", self.host.known(self.folder / "made"), gpu="all").stdout.count(" current "), 3)
        self.assertIn("nothing has changed", self.host.gather(gpu="all").stdout)

    def test_package_keeps_its_gpus(self):
        """One for several GPUs does not become one for fewer, as long as they have its driver: VMs may share a folder."""
        main = "nv_dispi.inf_amd64_16678c565d093b7e"
        self.host.package(main, ["nvldumdx.dll", "a.dll", "b.dll"])
        for name in ("a", "b"):
            self.host.gpu(name, "NVIDIA", main, [STORE + main + "\\nvldumdx.dll"],
                          copies={"CopyToVmOverwrite": {"1": f"{name}.dll"}})
        self.host.save()
        self.host.gather(gpu="order:1")
        self.assertNotIn(S + "b.dll", self.host.packed())
        self.host.gather(gpu="order:2")
        for words in ((), ("-ZIP",)):
            for gpu in ("order:1", "order:2", "all"):
                done = self.host.gather(*words, gpu=gpu)
                self.assertTrue("  for a\n" in done.stdout and "  for b\n" in done.stdout, done.stdout)
                self.assertEqual("nothing has changed" in done.stdout, (words, gpu) != (("-ZIP",), "order:1"))
                self.assertTrue({S + "a.dll", S + "b.dll"} <= set(self.host.packed()))
        other = "nv_dispi.inf_amd64_bbbbbbbbbbbbbbbb"
        self.host.package(other, ["nvldumdx.dll"])
        key = next(key for key in self.host.registry if key.endswith("\\0001"))
        self.host.registry[key]["UserModeDriverName"] = [STORE + other + "\\nvldumdx.dll"]
        service = self.host.registry["SYSTEM\\CurrentControlSet\\Services\\svc1"]
        service["ImagePath"] = {"expand": "\\SystemRoot\\System32\\DriverStore\\FileRepository\\" + other + "\\x.sys"}
        self.host.save()
        done = self.host.gather(gpu="order:1")
        self.assertNotIn("  for b\n", done.stdout)

    def test_key_of_one_gpu_is_broken(self):
        """It does not spoil the others that have its driver."""
        self.nvidia(["nvldumdx.dll"])
        for i, how in enumerate(({"values": {f"v{i}": "x" for i in range(1100)}}, {"copies": {
                "CopyToVmOverwrite": {f"v{i}": "x" for i in range(1100)}}})):
            self.host.gpu(f"Broken {i}", "NVIDIA", self.main, [STORE + self.main + "\\nvldumdx.dll"], **how)
        self.host.save()
        done = self.host.gather(gpu="all", code=3)
        self.assertEqual(done.stderr.count("has more than 1024 values"), 2)
        self.assertIn("for NVIDIA GeForce RTX 3060", done.stdout)
        self.assertNotIn("for Broken", done.stdout)

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

    def test_no_word_about_packages_that_are_not_made(self):
        self.nvidia(["nvldumdx.dll"])
        self.host.gpu("Intel(R) AI Boost", "INTEL", setup_class=ACCELERATOR)
        self.host.gpu("NVIDIA A2", "NVIDIA", suffix="")
        self.host.save()
        said = self.host.gather(gpu="all", code=3).stderr
        self.assertEqual(said.count("left out:"), 2)
        self.assertNotIn("notice:", said)

    def test_gpu_that_is_gone(self):
        """A VM's GPU that the host does not have any more leaves its request half done."""
        self.nvidia(["nvldumdx.dll"])
        self.host.save()
        self.host.run("-VM", "my vm", "-DO", "add-auto", "-GPU", "order:1", host=True, code=0)
        dest = ("-DEST", self.host.known(self.folder / "made"))
        self.host.run("-VM", "my vm", "-DO", "get-drivers", *dest, host=True, code=0)
        data = json.loads(self.host.state.read_text(encoding="utf-8"))
        rows = data["instances"]["root\\virtualization\\v2"]
        row = next(row for row in rows if row["class"] == "Msvm_GpuPartitionSettingData" and row.get("HostResource") and
                   "Definition" not in row["InstanceID"])
        twin = json.loads(json.dumps(row).replace("DEV_2000", "DEV_9999"))
        twin["InstanceID"] = row["InstanceID"][:-4] + "9999"
        rows.append(twin)
        self.host.state.write_text(json.dumps(data), encoding="utf-8")
        for verb in ("get-drivers", "check-drivers"):
            with self.subTest(verb):
                done = self.host.run("-VM", "my vm", "-DO", verb, *dest, host=True, code=3)
                self.assertIn("or its GPU is gone: left out", done.stderr)

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
