#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures -DO check by the number of VMs: round trips, time, memory. The simulated host's own share of the time is told
by list-vms, which reads a part of the same.

    cmake --build build/release --target bench_check
    bench/check.py --program build/release/hyperpoint [--vms 10,100,1000,3000]"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests" / "scenario"))

import sim_state


def run(program, folder, *words):
    """Seconds, peak of memory in MB, and the result."""
    command = [str(program), "-HOST", "sim:host.json", *words, "-JSON"]
    environment = {**os.environ, "XDG_STATE_HOME": str(folder / "state")}
    start = time.perf_counter()
    with (folder / "out").open("wb") as out:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=out, stderr=subprocess.DEVNULL)
        _, _, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    return seconds, usage.ru_maxrss / 1024, json.loads((folder / "out").read_text(encoding="ascii"))


def measure(program, count, repeats=5):
    with tempfile.TemporaryDirectory(prefix="hyperpoint-bench-") as name:
        folder = pathlib.Path(name)
        run(program, folder, "-DO", "list-vms")
        host = sim_state.Host(folder / "host.json")
        host.edit("crowd", [str(count), "5"])
        host.save()
        rows = {}
        for verb in ("check", "list-vms"):
            runs = [run(program, folder, "-DO", verb) for _ in range(repeats)]
            rows[verb] = min(row[0] for row in runs), max(row[1] for row in runs), runs[0][2]["roundTrips"]
        return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("--vms", default="10,100,1000,3000")
    arguments = parser.parse_args()
    print(f"{'VMs':>6} {'round trips':>12} {'check':>9} {'list-vms':>9} {'memory':>9}")
    trips = set()
    for count in map(int, arguments.vms.split(",")):
        rows = measure(arguments.program.resolve(), count)
        seconds, memory, round_trips = rows["check"]
        trips.add(round_trips)
        print(f"{count:>6} {round_trips:>12} {seconds:>7.3f} s {rows['list-vms'][0]:>7.3f} s {memory:>6.0f} MB")
    return 0 if len(trips) == 1 else 1


if __name__ == "__main__":
    sys.exit(main())
