#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Drivers made at random (generator.py): exactly what was made is in their packages, and nothing else. Seeds that fail
are printed; --seeds FIRST COUNT tries others."""

import json
import pathlib
import re
import shutil
import sys
import tempfile
import unittest

import harness
import generator
from sim_host import OWN

AT_ONCE = 25
first, count = 0, 200


class GeneratedDrivers(unittest.TestCase):
    def packages(self, made):
        """Device ID -> (path in the guest -> content)."""
        found = {}
        for package in sorted(made.iterdir()):
            manifests = list((package / OWN).glob("*.json")) if package.is_dir() else []
            for path in manifests:
                manifest = json.loads(path.read_text(encoding="utf-8"))
                files = {file["path"]: (package / file["path"]).read_bytes() for file in manifest["files"]}
                on_disk = sum(1 for file in package.rglob("*") if file.is_file()) - 1
                self.assertEqual(len(files), on_disk)
                for gpu in manifest["gpus"]:
                    found[gpu["deviceId"]] = files
        return found

    def check(self, driver, files):
        self.assertEqual(set(files), set(driver.expected))
        for path, content in driver.expected.items():
            self.assertEqual(files[path], content, path)

    def test_seeds(self):
        for start in range(first, first + count, AT_ONCE):
            folder = pathlib.Path(tempfile.mkdtemp(prefix="hyperpoint-generated-")).resolve()
            self.addCleanup(shutil.rmtree, folder)
            seeds = range(start, min(start + AT_ONCE, first + count))
            host, drivers = generator.make_host(harness.hyperpoint, folder, seeds)
            said = host.gather("-S", gpu="all").stderr
            packages = self.packages(folder / "made")
            for driver in drivers:
                with self.subTest(seed=driver.seed):
                    self.check(driver, packages[driver.device])
            with self.subTest(seeds=seeds, what="warnings"):
                warned = sorted(name for driver in drivers for name in driver.warned)
                told = sorted(re.findall("companion '([^']+)'", said))
                self.assertEqual(told, warned)
                self.assertEqual(len(said.splitlines()), len(warned) + 1, said)  # and the one without a driver
            self.assertEqual(host.check("-DEST", host.known(folder / "made"), gpu="all", code=0).stdout.count(" current "),
                             len(drivers))


if __name__ == "__main__":
    if "--seeds" in sys.argv:
        at = sys.argv.index("--seeds")
        first, count = int(sys.argv[at + 1]), int(sys.argv[at + 2])
        del sys.argv[at:at + 3]
    print(f"seeds {first} to {first + count - 1}")
    harness.run(__file__)
