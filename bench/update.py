#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures update-drivers, both ends of it: what it takes beside the wire, and the peak of memory.

    cmake --build build/release --target bench_update
    bench/update.py --hyperpoint build/release/hyperpoint --installdrivers build/release/installdrivers \\
                    --corpus FOLDER [--megabytes 250,1000,4000] [--piece-us 300] [--folder FOLDER]

A simulated host brings its driver into a guest that is a folder, in which the service of installdrivers runs. The
driver's files are made of pieces of the corpus, so that they pack as programs do. The wire is the guest file service's:
one piece of 6 KiB under way at a time, each --piece-us microseconds until it is acknowledged (how long that takes on
real hosts is not known). Everything else is ours: gathering, packing, hashing, taking, checking and installing, and
waiting for each other. Each driver is brought twice: "new" packs it, "kept" brings the package that was made before into
a guest that has nothing yet. Needs four times the largest driver on the disk, and removes what it made."""

import argparse
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import pack
import scale

VM = "0F0E0D0C-0B0A-4908-8706-050403020100"
PIECE_KIB = 6
FILES = 700


def make_host(arguments, folder, megabytes):
    program = folder / "hyperpoint"
    shutil.copy2(arguments.hyperpoint, program)
    (folder / "nothing").mkdir()
    state, package = pack.make_host(program, folder / "nothing", folder)
    sizes = scale.sizes_of_large(scale.list_corpus(arguments.corpus)[1], FILES, megabytes * 1_000_000)
    scale.make_apart(scale.make_files, package, sizes, arguments.corpus)
    (package / "nv_dispi.inf").write_text("[Version]\nDriverVer = 08/14/2024, 32.0.15.6094\n", encoding="utf-8")
    host = json.loads(state.read_text(encoding="utf-8"))
    host["guests"] = [{"vm": VM, "folder": "guest"}]
    host["knobs"]["guestCopyRate"] = PIECE_KIB * 1_000_000 // arguments.piece_us
    state.write_text(json.dumps(host), encoding="utf-8")
    return [program, "-HOST", f"sim:{state}", "-VM", "render", "-DO", "update-drivers", "-JSON"]


def peak_of(usage):
    """In MB. The memory of this program counts, too: less than 20."""
    return usage.ru_maxrss / 1024


def bring(arguments, folder, update, environment):
    """Into a new guest: what it took."""
    shutil.rmtree(folder / "guest", ignore_errors=True)
    (folder / "guest" / "Windows" / "System32").mkdir(parents=True)
    guest = [arguments.installdrivers, "-ROOT", folder / "guest", "-SERVICE"]
    subprocess.run([*guest, "install", "-YES"], env=environment, check=True, stdout=subprocess.DEVNULL)
    service = subprocess.Popen([*guest, "run"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.sync()
    start = time.perf_counter()
    host = subprocess.Popen(update, env=environment, stdout=subprocess.PIPE)
    output = host.stdout.read()
    _, status, host_usage = os.wait4(host.pid, 0)
    seconds = time.perf_counter() - start
    service.send_signal(signal.SIGTERM)
    _, _, guest_usage = os.wait4(service.pid, 0)
    result = json.loads(output)
    if os.waitstatus_to_exitcode(status) not in (0, 8) or result["drivers"][0]["outcome"] != "installed":
        sys.exit(f"update-drivers failed: {output.decode()}")
    size = int(result["drivers"][0]["size"])
    wire = size / 1024 / PIECE_KIB * arguments.piece_us / 1_000_000
    return size / 1_000_000, wire, seconds - wire, peak_of(host_usage), peak_of(guest_usage), result["roundTrips"]


def measure(arguments, folder, megabytes):
    folder.mkdir()
    environment = {**os.environ, "XDG_STATE_HOME": str(folder / "state"), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    update = make_host(arguments, folder, megabytes)
    for name in ("new", "kept"):
        size, wire, ours, host, guest, calls = bring(arguments, folder, update, environment)
        print(f"{megabytes:6} {name:>5} {size:8.0f} {wire:7.1f} {ours:7.1f} {ours / wire:9.2f} {ours / size * 100:9.2f} "
              f"{host:6.0f} {guest:6.0f} {calls:6}", flush=True)
    shutil.rmtree(folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hyperpoint", type=pathlib.Path, required=True)
    parser.add_argument("--installdrivers", type=pathlib.Path, required=True)
    parser.add_argument("--corpus", type=pathlib.Path, required=True)
    parser.add_argument("--megabytes", default="250,1000,4000")
    parser.add_argument("--piece-us", type=int, default=300)
    parser.add_argument("--folder", type=pathlib.Path, help="where to work; a folder that is removed afterwards otherwise")
    arguments = parser.parse_args()
    arguments.installdrivers = arguments.installdrivers.resolve()
    print("driver       package    wire    ours            ours by     host  guest\n"
          "    MB            MB       s       s ours/wire  100 MB, s     MB     MB  calls")
    with tempfile.TemporaryDirectory(prefix="hyperpoint-bench-", dir=arguments.folder) as folder:
        for megabytes in map(int, arguments.megabytes.split(",")):
            measure(arguments, pathlib.Path(folder) / str(megabytes), megabytes)


if __name__ == "__main__":
    main()
