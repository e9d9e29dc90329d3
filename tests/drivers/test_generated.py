#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Drivers made at random (generator.py): exactly what was made is in their packages, and nothing else; and what
get-drivers makes, installdrivers takes. Seeds that fail are printed; --seeds FIRST COUNT tries others."""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import harness
import generator
import program
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
                unfit = sum(driver.unfit for driver in drivers)
                self.assertEqual(said.count("is left out: the name "), unfit)
                self.assertEqual(len(said.splitlines()), len(warned) + unfit + 1, said)  # and the one without a driver
            # Qualcomm's are often of one model, of which the last one wins.
            rivals = len(drivers) - len({driver.device.partition("&SUBSYS")[0] for driver in drivers})
            checked = host.check("-DEST", host.known(folder / "made"), gpu="all", code=8 if rivals > 0 else 0).stdout
            self.assertEqual(checked.count(" current "), len(drivers) - rivals, checked)
            self.assertEqual(checked.count(" left-out: "), rivals, checked)
            if start < first + 2 * AT_ONCE:
                self.install(folder, drivers)

    def install(self, folder, drivers):
        """Qualcomm's here are of few models, and replace each other."""
        guest = folder / "guest"
        (guest / "Windows/System32").mkdir(parents=True)
        words = [*harness.installdrivers.prefix, str(harness.installdrivers.path)]
        for path in (folder / "made", guest):
            words += ["-SRC" if path.name == "made" else "-ROOT", program.windows_path(path)
                      if harness.installdrivers.is_windows else str(path)]
        done = subprocess.run(words, capture_output=True, encoding="utf-8",
                              env=harness.installdrivers.environment(folder / "state"))
        self.assertEqual(done.returncode, 0, done.stderr)
        for driver in drivers:
            if driver.maker == "QUALCOMM":
                continue
            with self.subTest(seed=driver.seed, what="installed"):
                for path, content in driver.expected.items():
                    self.assertEqual((guest / path).read_bytes(), content, path)


if __name__ == "__main__":
    if "--seeds" in sys.argv:
        at = sys.argv.index("--seeds")
        first, count = int(sys.argv[at + 1]), int(sys.argv[at + 2])
        del sys.argv[at:at + 3]
    print(f"seeds {first} to {first + count - 1}")
    harness.run(__file__)
