#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Packages that hyperpoint gathers from a simulated host whose driver is a tree of files made at random: every file
comes out as it went in, and other programs take the zips."""

import hashlib
import json
import os
import pathlib
import random
import shutil
import subprocess
import tempfile
import unittest
import zipfile

import harness
import program

PACKAGE = "nv_dispi.inf_amd64_4a1b6d2f0c9e8d37"
STORE = f"Windows/System32/DriverStore/FileRepository/{PACKAGE}"
GUEST_STORE = f"Windows/System32/HostDriverStore/FileRepository/{PACKAGE}"
MANIFEST = "Windows/System32/HostDriverStore/HyperPoint/NVIDIA_20240814.json"
LARGE = 64 * 1024 * 1024 + 1  # above this a file is streamed
# Above the files and below the package: far beyond the 260 letters that a path had once.
LONG = "/".join(letter * 60 for letter in "xyzvw")


def make_tree(root, seed):
    """Files of all sorts; returns path below the root: content."""
    rng = random.Random(seed)
    folders = ["", "a/", "a/b/", "a-b/", "a.b/c d/", "Łódź/開発/", LONG + "/"]
    # More than one unit of UTF-16, and what looks the same and is not.
    files = {"nv_dispi.inf": b"[Version]\r\nDriverVer = 08/14/2024, 32.0.15.6094\r\n", "\U0001f600.dll": b"emoji",
             "\u00fc.dll": b"one letter", "u\u0308.dll": b"letter and mark"}
    for number in range(60):
        size = rng.choice([0, 1, 100, 4096, 70000, rng.randrange(300000)])
        data = rng.randbytes(size) if number % 2 else bytes(rng.choices(b"abc\0", k=size))
        files[f"{rng.choice(folders)}file {number}.dll"] = data
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, (1723593600 + 60, 1723593600 + 60))
    return files


class Packages(unittest.TestCase):
    def setUp(self):
        top = pathlib.Path(tempfile.mkdtemp(prefix="hyperpoint-packages-")).resolve()
        self.addCleanup(shutil.rmtree, top)
        self.folder = top / "gr\u00f6\u00dfe \U0001f5a5" / LONG
        self.folder.mkdir(parents=True)
        self.package = self.folder / "drives" / "C" / STORE
        self.state = self.folder / "host.json"
        self.run_program("-DO", "list-vms")
        host = json.loads(self.state.read_text(encoding="utf-8"))
        host["drives"] = self.known(self.folder / "drives")
        self.state.write_text(json.dumps(host), encoding="utf-8")

    @staticmethod
    def known(path):
        return program.windows_path(path) if harness.hyperpoint.is_windows else str(path)

    def run_program(self, *arguments, code=0):
        words = [*harness.hyperpoint.prefix, harness.hyperpoint.path, "-HOST", f"sim:{self.known(self.state)}", *arguments]
        done = subprocess.run(words, capture_output=True, encoding="utf-8",
                              env=harness.hyperpoint.environment(self.folder / "state"))
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def gather(self, *arguments, code=0):
        return self.run_program("-DO", "get-drivers", "-GPU", "order:1", "-DEST", self.known(self.folder / "made"),
                                *arguments, code=code)

    def made(self):
        return {path.name for path in (self.folder / "made").iterdir()} - {".hyperpoint.lock"}

    def check(self, files, contents, manifest):
        """contents: what the package holds, without the manifest."""
        for name, data in files.items():
            self.assertEqual(contents.get(f"{GUEST_STORE}/{name}"), data, name)
        listed = {entry["path"]: entry for entry in manifest["files"]}
        self.assertEqual(set(listed), set(contents))
        for path, data in contents.items():
            self.assertEqual(listed[path]["size"], str(len(data)))
            self.assertEqual(listed[path]["sha256"], hashlib.sha256(data).hexdigest())
            self.assertEqual(listed[path]["modified"], "2024-08-14T00:01:00.000Z")

    def check_zip(self, files):
        path = self.folder / "made" / "NVIDIA_20240814.zip"
        with zipfile.ZipFile(path) as package:
            self.assertIsNone(package.testzip())
            names = package.namelist()
            self.assertEqual(names[-1], MANIFEST)
            contents = {name: package.read(name) for name in names[:-1]}
            self.check(files, contents, json.loads(package.read(MANIFEST)))
        for command in (["unzip", "-tq"], ["7zz", "t"], ["bsdtar", "-tf"]):
            if shutil.which(command[0]):
                done = subprocess.run([*command, path], capture_output=True, text=True)
                self.assertEqual(done.returncode, 0, f"{command[0]}: {done.stdout}{done.stderr}")

    def check_folder(self, files):
        root = self.folder / "made" / "NVIDIA_20240814"
        contents = {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}
        self.check(files, contents, json.loads(contents.pop(MANIFEST)))
        self.assertEqual((root / GUEST_STORE / "nv_dispi.inf").stat().st_mtime, 1723593660)

    def test_round_trip(self):
        for seed in range(3):
            with self.subTest(seed=seed):
                shutil.rmtree(self.package, ignore_errors=True)
                files = make_tree(self.package, seed)
                self.gather("-ZIP")
                self.check_zip(files)
                self.gather()
                self.check_folder(files)
                self.assertEqual(self.made(), {"NVIDIA_20240814", "NVIDIA_20240814.zip"})

    def test_declared_files(self):
        """Letter case of the registry and of the disk may differ."""
        files = make_tree(self.package, 1)
        (self.package / "NVCUDA_loader64.DLL").write_bytes(b"cuda")
        os.utime(self.package / "NVCUDA_loader64.DLL", (1723593660, 1723593660))
        files["NVCUDA_loader64.DLL"] = b"cuda"
        self.gather("-ZIP")
        self.check_zip(files)
        with zipfile.ZipFile(self.folder / "made" / "NVIDIA_20240814.zip") as package:
            self.assertEqual(package.read("Windows/System32/nvcuda.dll"), b"cuda")

    def test_large_file(self):
        files = make_tree(self.package, 2)
        files["large.dll"] = bytes(LARGE)
        (self.package / "large.dll").write_bytes(files["large.dll"])
        os.utime(self.package / "large.dll", (1723593660, 1723593660))
        self.gather("-ZIP")
        self.check_zip(files)
        self.gather()
        self.check_folder(files)

    def test_links_are_left_out(self):
        files = make_tree(self.package, 3)
        if not harness.hyperpoint.is_windows:  # Wine shows a link to a file as that file
            (self.package / "link.dll").symlink_to("/etc/passwd")
        (self.package / "folder").symlink_to("/etc")
        self.gather("-ZIP")
        self.check_zip(files)
        with zipfile.ZipFile(self.folder / "made" / "NVIDIA_20240814.zip") as package:
            self.assertFalse([name for name in package.namelist() if "link.dll" in name or "folder" in name])

    def test_leftovers_of_a_killed_run(self):
        files = make_tree(self.package, 4)
        self.gather("-ZIP")
        made = self.folder / "made"
        (made / ".hyperpoint.NVIDIA_20240814.zip.new").write_bytes(b"half")
        (made / "NVIDIA_20240814.zip").rename(made / ".hyperpoint.NVIDIA_20240814.zip.old")
        self.gather("-ZIP")
        self.check_zip(files)
        self.assertEqual(self.made(), {"NVIDIA_20240814.zip"})

    def test_no_files(self):
        """The driver's folder is not there: an error that names it, and no package."""
        done = self.gather("-ZIP", code=1)
        self.assertIn(PACKAGE, done.stderr)
        self.assertFalse((self.folder / "made").exists())


if __name__ == "__main__":
    harness.run(__file__)
