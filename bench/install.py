#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures installdrivers against programs that only unpack, each followed by sync: the same zip, empty folders.

    bench/install.py --program build/release/installdrivers [--corpus FOLDER] [--runs 5]

The corpus (Wine's PE files by default) becomes a package with a manifest, so that installdrivers verifies every hash."""

import argparse
import hashlib
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

NAME = "NVIDIA_20240814"
STORE = "Windows/System32/HostDriverStore/FileRepository/nv_dispi.inf_amd64_0123456789abcdef"


def make_package(corpus, folder):
    store = folder / NAME / STORE
    shutil.copytree(corpus, store)
    files = []
    for path in sorted(store.rglob("*")):
        if path.is_file():
            files.append({"path": path.relative_to(folder / NAME).as_posix(), "size": str(path.stat().st_size),
                          "modified": "2024-08-14T00:00:00.000Z", "rule": "always",
                          "sha256": hashlib.sha256(path.read_bytes()).hexdigest()})
    manifest = {"format": "hyperpoint-package/1", "program": "bench", "created": "2024-08-15T00:00:00.000Z",
                "name": NAME, "provider": "NVIDIA", "driverVersion": "1", "driverDate": "2024-08-14", "inf": "oem1.inf",
                "packageFolders": [pathlib.Path(STORE).name], "gpus": [], "registry": [], "files": files}
    own = folder / NAME / "Windows/System32/HostDriverStore/HyperPoint"
    own.mkdir(parents=True)
    (own / (NAME + ".json")).write_text(json.dumps(manifest))
    zipped = folder / (NAME + ".zip")
    subprocess.run(["7zz", "a", "-tzip", "-mx1", "-bd", str(zipped), "."], cwd=folder / NAME, check=True,
                   stdout=subprocess.DEVNULL)
    shutil.rmtree(folder / NAME)
    return zipped, sum(int(file["size"]) for file in files), len(files)


def timed(commands, environment):
    os.sync()
    start = time.monotonic()
    for command in commands:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    return time.monotonic() - start


def empty(root):
    """As much of a system drive as installdrivers asks for."""
    shutil.rmtree(root, ignore_errors=True)
    (root / "Windows").mkdir(parents=True)


def measure(program, zipped, folder, runs):
    environment = dict(os.environ, XDG_STATE_HOME=str(folder / "state"))
    root = folder / "root"
    times = {}
    install = [program, "-DRVSRC", str(zipped), "-ROOT", str(root)]
    peers = {"bsdtar": ["bsdtar", "-xf", str(zipped), "-C", str(root)],
             "7zz": ["7zz", "x", "-bd", "-y", f"-o{root}", str(zipped)]}
    for _ in range(runs):
        for name, command in peers.items():
            empty(root)
            if shutil.which(command[0]):
                times.setdefault(name, []).append(timed([command, ["sync", "-f", str(root)]], environment))
        empty(root)
        times.setdefault("install", []).append(timed([install], environment))
        times.setdefault("again", []).append(timed([install], environment))
    return {name: statistics.median(values) for name, values in times.items()}


def peak_memory(program, zipped, folder):
    root = folder / "root"
    empty(root)
    run = subprocess.Popen([program, "-DRVSRC", str(zipped), "-ROOT", str(root)], stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL, env=dict(os.environ, XDG_STATE_HOME=str(folder / "state")))
    return os.wait4(run.pid, 0)[2].ru_maxrss // 1024


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--corpus", default="/usr/lib/x86_64-linux-gnu/wine/x86_64-windows")
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="bench-install."))
    try:
        zipped, size, count = make_package(arguments.corpus, folder)
        program = str(pathlib.Path(arguments.program).resolve())
        times = measure(program, zipped, folder, arguments.runs)
        print(f"{count} files, {size >> 20} MB, zip {zipped.stat().st_size >> 20} MB, {os.cpu_count()} processors, "
              f"median of {arguments.runs}")
        for name, seconds in times.items():
            print(f"  {name:10} {seconds:6.2f} s")
        failed = False
        for name, base, limit in (("install", "bsdtar", 0.60), ("install", "7zz", 0.55), ("again", "install", 1 / 3)):
            if base in times:
                ratio = times[name] / times[base]
                failed |= ratio > limit
                print(f"  {name} / {base}: {ratio:.2f} (at most {limit:.2f})")
        print(f"  peak memory: {peak_memory(program, zipped, folder)} MB (at most 600)")
        return 1 if failed else 0
    finally:
        shutil.rmtree(folder)


sys.exit(main())
