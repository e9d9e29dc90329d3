#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures work on many VMs side by side, on simulated hosts.

    cmake --build build/release --target bench_many
    bench/many.py --program build/release/hyperpoint [--vms 200] [--hosts 4] [--parallel 40] [--job-seconds 2]
                  [--folder FOLDER]

checkpoints: of all VMs, with jobs that take so long; beside what the parallelism allows, which is as many rounds as it
takes, each as long as a single checkpoint on such a host. "over" is what it takes beyond that.
growth: the same with jobs that end at once, of a quarter of the VMs and of all: the processor time for each VM, and the
memory. list-vms: the calls to a host, with few VMs and with a thousand. The hosts' files are written at each change, so
the disk of the folder counts; without --folder it is /dev/shm, where there is one."""

import argparse
import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests" / "scenario"))
import sim_state  # pylint: disable=wrong-import-position

SAMPLE = "my vm"
# What the time may be beyond what the parallelism allows, and the growth for each VM.
MOST_OVER, MOST_GROWTH = 0.10, 1.5


class Bench:
    def __init__(self, program, folder):
        self.program = program
        self.folder = folder
        self.environment = {**os.environ, "XDG_STATE_HOME": str(folder / "state"), "TZ": "UTC", "LC_ALL": "C.UTF-8"}

    def run(self, hosts, words):
        """The JSON object, seconds, those of processors, and the peak of memory in MB."""
        names = ",".join(f"sim:{name}" for name in hosts)
        with tempfile.TemporaryFile(dir=self.folder) as result:
            started = time.perf_counter()
            process = subprocess.Popen([self.program, "-HOST", names, *words, "-JSON"], cwd=self.folder,
                                       env=self.environment, stdout=result)
            _, status, usage = os.wait4(process.pid, 0)
            elapsed = time.perf_counter() - started
            result.seek(0)
            found = json.load(result)
        if status != 0:
            sys.exit(f"failed: {json.dumps(found)[:2000]}")
        return found, elapsed, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024

    def make_host(self, name, vms, job_milliseconds):
        """So many VMs, all of them off and with a GPU."""
        path = self.folder / name
        path.unlink(missing_ok=True)
        self.run([name], ["-DO", "list-vms"])
        host = sim_state.Host(path)
        guids = [vm["Name"].upper() for vm in host.vms() if vm["ElementName"] != SAMPLE]
        for rows in host.root["instances"].values():
            rows[:] = [row for row in rows if not any(guid in json.dumps(row).upper() for guid in guids)]
        for number in range(1, vms):
            host.edit("clone", [SAMPLE, f"{path.stem} {number}"])
        host.set_knobs({"jobMilliseconds": str(job_milliseconds)})
        host.save()
        return name

    def make_hosts(self, count, vms, job_milliseconds):
        return [self.make_host(f"host{number}.json", vms // count + (number < vms % count), job_milliseconds)
                for number in range(count)]


def measure_checkpoints(bench, arguments):
    job_milliseconds = int(arguments.job_seconds * 1000)
    alone = bench.run([bench.make_host("alone.json", arguments.vms // arguments.hosts, job_milliseconds)],
                      ["-VM", SAMPLE])[1]
    hosts = bench.make_hosts(arguments.hosts, arguments.vms, job_milliseconds)
    words = ["-VM", "*", "-PARALLEL", str(arguments.parallel)]
    found, elapsed, processors, memory = bench.run(hosts, words)
    assert len(found["results"]) == arguments.vms
    allowed = math.ceil(arguments.vms / arguments.parallel) * alone
    over = elapsed / allowed - 1
    print(f"checkpoints: {arguments.vms} VMs on {arguments.hosts} hosts, {arguments.parallel} at once: {elapsed:.2f} s; "
          f"alone {alone:.2f} s, so {allowed:.2f} s are allowed: {over:+.1%}; "
          f"{processors:.2f} s of processors, {memory:.0f} MB", flush=True)
    return {"name": "checkpoints", "seconds": elapsed, "alone": alone, "over": over, "processorSeconds": processors,
            "peakMegabytes": memory}


def measure_growth(bench, arguments):
    rows = []
    for vms in (arguments.vms // 4, arguments.vms):
        # As many on each host, so that a VM costs the host the same.
        hosts = bench.make_hosts(arguments.hosts * vms // arguments.vms, vms, 0)
        _, _, processors, memory = bench.run(hosts, ["-VM", "*", "-PARALLEL", str(arguments.parallel // 4)])
        rows.append({"name": "growth", "vms": vms, "perVm": processors / vms, "peakMegabytes": memory})
        growth = rows[-1]["perVm"] / rows[0]["perVm"]
        rows[-1]["growth"] = growth
        print(f"growth: {vms} VMs: {1000 * processors / vms:.1f} ms of processors for each ({growth:.2f}), {memory:.0f} MB",
              flush=True)
    return rows


def measure_trips(bench):
    rows = []
    for vms in (10, 1000):
        found, elapsed, _, memory = bench.run([bench.make_host("large.json", vms, 0)], ["-DO", "list-vms"])
        rows.append({"name": "list-vms", "vms": vms, "roundTrips": found["roundTrips"], "seconds": elapsed})
        print(f"list-vms: {vms} VMs: {found['roundTrips']} round trips, {elapsed:.2f} s, {memory:.0f} MB", flush=True)
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True, type=lambda path: pathlib.Path(path).resolve())
    parser.add_argument("--vms", type=int, default=200)
    parser.add_argument("--hosts", type=int, default=4)
    parser.add_argument("--parallel", type=int, default=40)
    parser.add_argument("--job-seconds", type=float, default=2)
    parser.add_argument("--folder", help="on the disk that is to be used")
    parser.add_argument("--output", type=pathlib.Path, help="write the result there as JSON")
    arguments = parser.parse_args()
    folder = arguments.folder or ("/dev/shm" if os.path.isdir("/dev/shm") else None)
    with tempfile.TemporaryDirectory(prefix="hyperpoint-bench-", dir=folder) as name:
        bench = Bench(arguments.program, pathlib.Path(name).resolve())
        results = [measure_checkpoints(bench, arguments), *measure_growth(bench, arguments), *measure_trips(bench)]
    if arguments.output:
        result = {"format": "hyperpoint-bench-many/1", "processors": os.cpu_count(), "results": results}
        arguments.output.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    trips = {row["roundTrips"] for row in results if row["name"] == "list-vms"}
    missed = [row for row in results if row.get("over", 0) > MOST_OVER or row.get("growth", 0) > MOST_GROWTH]
    for row in missed:
        print(f"MISSED  {row}")
    if len(trips) != 1:
        print(f"MISSED  the calls of list-vms depend on the number of VMs: {trips}")
    return 1 if missed or len(trips) != 1 else 0


if __name__ == "__main__":
    sys.exit(main())
