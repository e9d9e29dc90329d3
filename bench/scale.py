#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures how get-drivers and installdrivers grow: larger files, and more files.

    cmake --build build/release --target bench_scale
    bench/scale.py --hyperpoint build/release/hyperpoint --installdrivers build/release/installdrivers \\
                   --corpus FOLDER [--megabytes 600,2500,10000] [--counts 5000,15000,50000] [--folder FOLDER]

The files are made of pieces of the corpus, so that they pack as programs do, and lie in folders of ten. One row has
--files files, as large as the corpus' files are beside each other, with so many megabytes in all; or so many files of
8 to 24 KB. "growth" is the program's own processor time for one megabyte, or one file, as a multiple of the first
row's: 1 is linear. What it takes on the clock, and of the system, is told beside it, but depends on what the disk,
fresh memory and other programs do. Needs twice the largest row on the disk, and removes what it made."""

import argparse
import json
import multiprocessing
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

import pack

PIECE = 64 * 1024
NAME = "NVIDIA_20240814"


def list_corpus(folder):
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return files, [path.stat().st_size for path in files]


def keep(path):
    """In the place of remove()."""


def sizes_of_large(sizes, count, total):
    chosen = [sizes[i * len(sizes) // count] for i in range(count)]
    return [size * total // sum(chosen) for size in chosen]


def sizes_of_small(count):
    return [8192 + i * 16384 // count for i in range(count)]


def make_files(folder, sizes, corpus):
    """Ten in a folder, of pieces of the first 100 MB of the corpus."""
    chance = random.Random(1)
    blob = bytearray()
    for path in list_corpus(corpus)[0]:
        blob += path.read_bytes() if len(blob) < 100_000_000 else b""
    for i, size in enumerate(sizes):
        path = folder / f"part{i // 10}" / f"file{i}.dll"
        path.parent.mkdir(exist_ok=True, parents=True)
        with path.open("wb") as file:
            while size > 0:
                start = chance.randrange(len(blob) - PIECE)
                size -= file.write(blob[start:start + min(size, PIECE)])


def make_apart(make, *words):
    """In another process, since the memory of this one counts as that of the programs it starts."""
    maker = multiprocessing.Process(target=make, args=words)
    maker.start()
    maker.join()


def run(command, environment):
    """Seconds, those of the processors (the program's, the system's), and the peak of memory in MB."""
    os.sync()
    start = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    elapsed = time.perf_counter() - start
    if status != 0:
        sys.exit(f"{' '.join(map(str, command))} failed: {errors.decode(errors='replace')}")
    return elapsed, usage.ru_utime, usage.ru_stime, usage.ru_maxrss / 1024


def measure(arguments, folder, sizes, remove):
    """What each step took."""
    folder.mkdir()
    program = folder / "hyperpoint"
    shutil.copy2(arguments.hyperpoint, program)
    environment = {**os.environ, "XDG_STATE_HOME": str(folder / "state"), "LC_ALL": "C.UTF-8"}
    (folder / "nothing").mkdir()
    state, package = pack.make_host(program, folder / "nothing", folder)
    make_apart(make_files, package, sizes, arguments.corpus)
    gather = [program, "-HOST", f"sim:{state}", "-DO", "get-drivers", "-GPU", "order:1", "-DEST", folder / "made"]
    zipped, root = folder / "made" / f"{NAME}.zip", folder / "root"
    install = [arguments.installdrivers, "-ROOT", root]
    steps = {"get-drivers": run(gather, environment)}
    remove(folder / "made" / NAME)
    steps["get-drivers -ZIP"] = run([*gather, "-ZIP"], environment)
    remove(folder / "drives")
    (root / "Windows").mkdir(parents=True)
    steps["install"] = run([*install, "-DRVSRC", zipped], environment)
    steps["install again"] = run([*install, "-DRVSRC", zipped], environment)
    steps["-VERIFY"] = run([*install, "-VERIFY"], environment)
    steps["-UNINSTALL"] = run([*install, "-UNINSTALL"], environment)
    remove(folder)
    return steps


def measure_row(arguments, folder, label, sizes, units, first, remove):
    """Prints the row and returns its steps. "first" is the row that the others are compared with, or None."""
    steps = measure(arguments, folder / label.replace(" ", "-"), sizes, remove)
    print(f"{label}: {len(sizes)} files, {sum(sizes) / 1e6:.0f} MB, the largest {max(sizes) / 1e6:.0f} MB")
    rows = []
    for name, (elapsed, user, system, memory) in steps.items():
        row = {"row": label, "name": name, "seconds": round(elapsed, 2), "userSeconds": round(user, 2),
               "systemSeconds": round(system, 2), "perUnit": max(user, 0.01) / units, "peakMegabytes": round(memory)}
        row["growth"] = round(row["perUnit"] / first[len(rows)]["perUnit"], 2) if first else 1.0
        print(f"  {name:17} {elapsed:8.2f} s, {user:7.2f} s of processors and {system:7.2f} s of the system, "
              f"growth {row['growth']:5.2f}, {row['peakMegabytes']:4} MB", flush=True)
        rows.append(row)
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hyperpoint", required=True, type=lambda path: pathlib.Path(path).resolve())
    parser.add_argument("--installdrivers", required=True, type=lambda path: pathlib.Path(path).resolve())
    parser.add_argument("--corpus", required=True, type=pathlib.Path)
    parser.add_argument("--files", type=int, default=700)
    parser.add_argument("--megabytes", default="600,2500,10000", help="rows of larger files")
    parser.add_argument("--counts", default="5000,15000,50000", help="rows of more files")
    parser.add_argument("--folder", type=pathlib.Path, help="on the disk that is to be used")
    parser.add_argument("--output", type=pathlib.Path, help="write the result there as JSON")
    arguments = parser.parse_args()
    corpus_sizes = list_corpus(arguments.corpus)[1]
    megabytes = [int(text) for text in arguments.megabytes.split(",") if text]
    counts = [int(text) for text in arguments.counts.split(",") if text]
    needed = 2 * max([size * 1_000_000 for size in megabytes] + [2 * 16384 * sum(counts)]) + 1_000_000_000
    results = []
    with tempfile.TemporaryDirectory(prefix="hyperpoint-bench-", dir=arguments.folder) as name:
        folder = pathlib.Path(name).resolve()
        if shutil.disk_usage(folder).free < needed:
            sys.exit(f"{needed / 1e9:.0f} GB of free space are needed in {folder.parent}")
        first = None
        for size in megabytes:
            sizes = sizes_of_large(corpus_sizes, arguments.files, size * 1_000_000)
            rows = measure_row(arguments, folder, f"{size} MB", sizes, size, first, pack.remove)
            first = first or rows
            results += rows
        first = None
        for count in counts:
            # All stay to the end: where many files were removed a moment ago, ext4 takes long to make new ones.
            rows = measure_row(arguments, folder, f"{count} files", sizes_of_small(count), count, first, keep)
            first = first or rows
            results += rows
    if arguments.output:
        result = {"format": "hyperpoint-bench-scale/1", "processors": os.cpu_count(), "results": results}
        arguments.output.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    # What takes next to nothing tells nothing.
    missed = [row for row in results if (row["growth"] > 1.5 and row["userSeconds"] > 0.5) or row["peakMegabytes"] > 600]
    for row in missed:
        print(f"MISSED  {row['row']}, {row['name']}: growth {row['growth']}, {row['peakMegabytes']} MB")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
