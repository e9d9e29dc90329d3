#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures get-drivers against programs that pack the same files.

    cmake --build build/release --target bench_pack
    bench/pack.py --program build/release/hyperpoint --corpus /usr/lib/x86_64-linux-gnu/wine/x86_64-windows

The corpus stands for a driver package: files of the kind and number that GPU drivers have. Each round runs all programs
one after the other, so that all see the same load; the medians of --runs rounds are compared. The corpus is in the
page cache, nothing is flushed but what a program flushes itself."""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

STORE = "Windows/System32/DriverStore/FileRepository"
FOLDER = "nv_dispi.inf_amd64_4a1b6d2f0c9e8d37"


def make_host(program, corpus, folder):
    """A simulated host whose NVIDIA driver is the corpus."""
    state = folder / "host.json"
    subprocess.run([program, "-HOST", f"sim:{state}", "-DO", "list-vms"], check=True, stdout=subprocess.DEVNULL)
    package = folder / "drives" / "C" / STORE / FOLDER
    package.parent.mkdir(parents=True)
    shutil.copytree(corpus, package, symlinks=True)
    host = json.loads(state.read_text(encoding="utf-8"))
    host["drives"] = "drives"
    state.write_text(json.dumps(host), encoding="utf-8")
    return state, package


def run(command, folder, environment):
    """Seconds, and the peak of memory in MB."""
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    elapsed = time.perf_counter() - start
    if status != 0:
        sys.exit(f"{' '.join(map(str, command))} failed: {errors.decode(errors='replace')}")
    return elapsed, usage.ru_maxrss / 1024


def remove(path):
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def size_of(path):
    return path.stat().st_size if path.is_file() else sum(f.stat().st_size for f in path.rglob("*") if f.is_file())


def measure(arguments, folder):
    program = folder / "hyperpoint"
    shutil.copy2(arguments.program, program)
    environment = {**os.environ, "XDG_STATE_HOME": str(folder / "state"), "LC_ALL": "C.UTF-8"}
    state, package = make_host(program, arguments.corpus, folder)
    gather = [program, "-HOST", f"sim:{state}", "-DO", "get-drivers", "-GPU", "order:1", "-DEST", folder / "made"]
    made, out = folder / "made" / "NVIDIA_20240814", folder / "out"
    commands = {
        "get-drivers -ZIP": ([*gather, "-ZIP"], made.with_suffix(".zip")),
        "the same again, -ZIP": ([*gather, "-ZIP"], None),
        "7zz a -tzip -mx1": (["7zz", "a", "-tzip", "-mx1", folder / "7zz.zip", package], folder / "7zz.zip"),
        "zip -r": (["zip", "-q", "-r", folder / "zip.zip", package], folder / "zip.zip"),
        "get-drivers": (gather, made),
        "the same again": (gather, None),
        "cp -r": (["cp", "-r", package, out], out),
    }
    times = {name: [] for name in commands}
    memory, sizes = {}, {}
    for _ in range(arguments.runs):
        for name, (command, result) in commands.items():
            if result is not None:
                remove(result)
            elapsed, memory[name] = run(command, folder, environment)
            times[name].append(elapsed)
            sizes[name] = size_of(result) if result is not None else 0
    return [{"name": name, "medianSeconds": round(statistics.median(times[name]), 3),
             "minSeconds": round(min(times[name]), 3), "peakMegabytes": round(memory[name]), "bytes": sizes[name]}
            for name in commands], size_of(package)


def judge(rows):
    """Name, what was measured, what it may be at most."""
    by_name = {row["name"]: row for row in rows}

    def ratio(name, peer, member="medianSeconds"):
        return round(by_name[name][member] / by_name[peer][member], 2)

    return [("time of get-drivers -ZIP : 7zz a -tzip -mx1", ratio("get-drivers -ZIP", "7zz a -tzip -mx1"), 0.80),
            ("time of get-drivers -ZIP : zip -r", ratio("get-drivers -ZIP", "zip -r"), 0.22),
            ("size of get-drivers -ZIP : zip -r", ratio("get-drivers -ZIP", "zip -r", "bytes"), 1.00),
            ("time of get-drivers : cp -r", ratio("get-drivers", "cp -r"), 1.30),
            ("time of the same again : get-drivers", ratio("the same again", "get-drivers"), 0.20),
            ("time of the same again : get-drivers, -ZIP", ratio("the same again, -ZIP", "get-drivers -ZIP"), 0.20),
            ("peak memory of get-drivers -ZIP, MB", by_name["get-drivers -ZIP"]["peakMegabytes"], 600)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True, type=pathlib.Path)
    parser.add_argument("--corpus", required=True, type=pathlib.Path)
    parser.add_argument("--output", type=pathlib.Path, help="write the result there as JSON")
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hyperpoint-bench-") as folder:
        rows, corpus_size = measure(arguments, pathlib.Path(folder).resolve())
    print(f"corpus: {corpus_size / 1e6:.0f} MB")
    for row in rows:
        print(f"{row['name']:20} {row['medianSeconds']:8.3f} s (best {row['minSeconds']:.3f})"
              f" {row['peakMegabytes']:6} MB {row['bytes'] / 1e6:8.1f} MB made")
    checks = judge(rows)
    for name, value, limit in checks:
        print(f"{'good' if value <= limit else 'MISSED':7} {name}: {value}, at most {limit}")
    if arguments.output:
        result = {"format": "hyperpoint-bench-pack/1", "processors": os.cpu_count(), "runs": arguments.runs,
                  "corpusBytes": corpus_size, "results": rows}
        arguments.output.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    return 0 if all(value <= limit for _, value, limit in checks) else 1


if __name__ == "__main__":
    sys.exit(main())
