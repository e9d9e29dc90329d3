#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures hyperpoint: round trips and times, beside a program that does nothing.

    cmake --build build/release --target bench
    bench/run.py --program build/release/hyperpoint --empty build/release/bench_empty

    cmake --build build/windows --target bench      under Wine

Each number is the median of --runs runs. The ratio to a C program that does nothing tells more than milliseconds do."""

import argparse
import json
import os
import pathlib
import platform
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests" / "scenario"))
import sim_state  # noqa: E402

VM = "my vm"


def make_host(command, environment, folder, vms, gpus):
    """A simulated host of that size; its jobs take no time, so that only hyperpoint and the simulator are measured."""
    path = folder / "host.json"
    subprocess.run([*command, "-HOST", f"sim:{path}?windows11", "-DO", "list-vms"], env=environment, check=True,
                   stdout=subprocess.DEVNULL)
    host = sim_state.Host(path)
    host.set_knobs({"jobMilliseconds": "0"})
    host.edit_crowd(vms, gpus)
    host.save()
    return path


def time_one(command, environment):
    start = time.perf_counter()
    process = os.posix_spawnp(command[0], command, environment, file_actions=[
        (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0), (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)])
    status = os.waitpid(process, 0)[1]
    elapsed = time.perf_counter() - start
    if status != 0:
        sys.exit(f"{' '.join(command)} failed: {os.waitstatus_to_exitcode(status)}")
    return elapsed * 1000


def round_trips(command, environment):
    done = subprocess.run([*command, "-JSON"], env=environment, check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)["roundTrips"]


def measure(name, command, arguments, environment, host=None):
    """One row of the result. The host is as new before each run; the empty program runs in between, under the same
    load."""
    new = host.read_bytes() if host else None
    empty = [*arguments.exec_prefix, str(arguments.empty.resolve())]
    times, empty_times = [], []
    for _ in range(1 + arguments.runs):
        if host:
            host.write_bytes(new)
        empty_times.append(time_one(empty, environment))
        times.append(time_one(command, environment))
    times, empty_times = times[1:], empty_times[1:]  # the first time they had to be read from the disk
    median, empty_median = statistics.median(times), statistics.median(empty_times)
    row = {"name": name, "medianMs": round(median, 3), "minMs": round(min(times), 3), "maxMs": round(max(times), 3),
           "emptyMedianMs": round(empty_median, 3), "timesEmpty": round(median / empty_median, 1)}
    if host:
        host.write_bytes(new)
        row["roundTrips"] = round_trips(command, environment)
        host.write_bytes(new)
    return row


def measure_all(arguments, folder):
    installed = folder / arguments.program.name
    shutil.copy2(arguments.program, installed)  # its logs go beside it
    program = [*arguments.exec_prefix, str(installed)]
    environment = {**os.environ, "XDG_STATE_HOME": str(folder / "state"), "LC_ALL": "C.UTF-8"}
    sample = [*program, "-HOST", "sim:", "-VM", VM]
    rows = [measure("start-up (-VERSION)", [*program, "-VERSION"], arguments, environment),
            measure("list-gpus (sim:)", [*sample, "-DO", "list-gpus"], arguments, environment)]
    for vms, gpus in ((3, 3), (arguments.vms, arguments.gpus)):
        size = folder / f"{vms}"
        size.mkdir()
        host = make_host(program, environment, size, vms, gpus)
        where = f"{len(sim_state.Host(host).vms())} VMs, {len(sim_state.Host(host).rows(sim_state.GPU))} GPUs"
        base = [*program, "-HOST", f"sim:{host}"]
        rows.append(measure(f"checkpoint, {where}", [*base, "-VM", VM], arguments, environment, host))
        listing = [*base, "-VM", VM, "-DO", "list-gpus"]
        rows.append(measure(f"list-gpus, {where}", listing, arguments, environment, host))
        rows.append(measure(f"list-vms, {where}", [*base, "-DO", "list-vms"], arguments, environment, host))
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True, type=pathlib.Path)
    parser.add_argument("--empty", required=True, type=pathlib.Path, help="the program that does nothing (empty.c)")
    parser.add_argument("--exec-prefix", default=[], type=shlex.split, help="what starts both, for example wine")
    parser.add_argument("--output", type=pathlib.Path, help="write the result there as JSON")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--vms", type=int, default=5000)
    parser.add_argument("--gpus", type=int, default=64)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hyperpoint-bench-") as folder:
        rows = measure_all(arguments, pathlib.Path(folder).resolve())
    version = subprocess.run([*arguments.exec_prefix, arguments.program.resolve(), "-VERSION"], check=True,
                             stdout=subprocess.PIPE, text=True)
    print(f"{'':36} {'median':>12} {'empty program':>14} {'ratio':>7} {'round trips':>12}")
    for row in rows:
        print(f"{row['name']:36} {row['medianMs']:9.3f} ms {row['emptyMedianMs']:11.3f} ms {row['timesEmpty']:7} "
              f"{row.get('roundTrips', ''):>12}")
    if arguments.output:
        result = {"format": "hyperpoint-bench/1", "program": version.stdout.strip(), "system": platform.platform(),
                  "machine": platform.machine(), "processors": os.cpu_count(), "runs": arguments.runs, "results": rows}
        arguments.output.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
