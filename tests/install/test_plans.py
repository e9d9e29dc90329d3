#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What -WHATIF tells of several packages is what the run then does: each package is planned against the guest as those
before it would leave it."""

import json
import random
import shutil

import place as places
from pe_image import library
from place import GOOD, OWN, STORE, Place, check, failures, fill, make_zip, manifest, said, tree

ROUNDS = 40
LOADER = "Windows/System32/OpenCL.dll"
STORES = "Windows/System32/HostDriverStore/FileRepository/"


def package_of(place, name, files, with_manifest=True, rules=None, **members):
    """A package in the folder "all"; rules: by path."""
    entries = list(files)
    if with_manifest:
        text = json.loads(manifest(files, name, **members))
        for file in text["files"]:
            file["rule"] = (rules or {}).get(file["path"], "always")
        entries.append((OWN + name + ".json", json.dumps(text).encode()))
    fill(place.folder, {"all/.keep": b""})
    make_zip(place.package(f"all/{name}.zip"), entries)


def gpus(letters):
    return [{"name": letter, "deviceId": f"PCI\\VEN_10DE&DEV_000{letter}&SUBSYS_1\\4&1"} for letter in letters]


def told(run):
    """Of each package what was told, be it a plan or done."""
    result = json.loads(run.stdout)
    for package in result["packages"]:
        package["outcome"] = {"installed": "planned", "uninstalled": "planned"}.get(package["outcome"], package["outcome"])
    error = result.get("error") or {}
    notices = [text for text in result["notices"] if "start the VM" not in text]
    return {"packages": result["packages"], "warnings": result["warnings"], "notices": notices, "error": error}


def compare(name, place, *words):
    """The plan, then the run; of both every word. Returns what was told."""
    before = tree(place.folder)
    plan = place.run(*words, "-WHATIF", "-JSON", "-VERBOSE")
    check(name, tree(place.folder) == before, "-WHATIF has changed something")
    run = place.run(*words, "-JSON", "-VERBOSE")
    files = [[line for line in text.stderr.splitlines() if ": " in line and "HostDriverStore/HyperPoint" not in line and
              ("Windows/" in line or "Windows\\" in line)] for text in (plan, run)]
    check(name, told(plan) == told(run), f"\nplanned: {told(plan)}\ndone:    {told(run)}")
    check(name, files[0] == files[1], f"\nplanned: {files[0]}\ndone:    {files[1]}")
    check(name, (plan.returncode == 0) == (run.returncode == 0), said(plan) + said(run))
    return told(run)["packages"]


def test_shared():
    """A file that is the same in both is written once, and goes with the last one."""
    name = "shared files"
    with Place() as place:
        for package in ("AMD_1", "NVIDIA_1"):
            package_of(place, package, [(LOADER, library(1)), (STORES + package + "/a.dll", b"x")], False)
        first, second = compare(name, place, "-SRC", place.package("all"))
        check(name, (first["written"], second["written"], second["alreadyThere"]) == (2, 1, 1), (first, second))
        first, second = compare(name, place, "-UNINSTALL")
        check(name, (first["removed"], second["removed"]) == (1, 2), (first, second))


def test_conflict():
    """Of a file that both have the newest stays, whatever the order."""
    name = "conflicts"
    for versions in ((1, 2), (2, 1)):
        with Place() as place:
            for package, version in zip(("AMD_1", "NVIDIA_1"), versions):
                files = [(LOADER, library(version)), (STORES + package + "/a.dll", b"x")]
                package_of(place, package, files, gpus=gpus(package[0]), provider=package)
            second = compare(name, place, "-SRC", place.package("all"))[1]
            check(name, second["leftNewer"] == (versions[1] < versions[0]), second)


def test_originals():
    """What the guest had comes back with the last package, and is the guest's own then."""
    name = "originals"
    with Place() as place:
        before = tree(place.guest)
        for package, version in (("AMD_1", 5), ("NVIDIA_1", 6)):
            package_of(place, package, [("Windows/System32/nvapi64.dll", library(version))], False)
        compare(name, place, "-SRC", place.package("all"))
        compare(name, place, "-UNINSTALL")
        check(name, tree(place.guest) == before, "not as before")


def test_superseded():
    """One takes the place of one before it, and its files go, in the plan as well."""
    name = "one replaces another of the run"
    with Place() as place:
        for package, store in (("NVIDIA_1", "nv_1"), ("NVIDIA_2", "nv_2")):
            package_of(place, package, [(STORES + store + "/a.dll", b"x"), (LOADER, library(1))], gpus=gpus("A"),
                       packageFolders=[store])
        words = ("-SRC", place.package("all"), "-DRV", "NVIDIA_1,NVIDIA_2")
        second = compare(name, place, *words)[1]
        check(name, second["replaced"] == ["NVIDIA_1"] and second["removed"] > 0, second)
        check(name, compare(name, place, *words)[0]["replaced"] == ["NVIDIA_2"])


def test_in_the_way():
    """A folder where the next one has a file, and a file where it has a folder."""
    name = "in the way"
    for paths in (("x", "x/y"), ("x/y", "x")):
        with Place() as place:
            for package, path in zip(("AMD_1", "NVIDIA_1"), paths):
                package_of(place, package, [(STORE + path, b"x")], False)
            check(name, compare(name, place, "-SRC", place.package("all"))[1]["outcome"] == "failed")


def test_case():
    """The same file by names in other case."""
    name = "names in other case"
    with Place() as place:
        for package, path in (("AMD_1", "OpenCL.dll"), ("NVIDIA_1", "OPENCL.DLL")):
            package_of(place, package, [("Windows/System32/" + path, library(1)),
                                        (STORES + path[:2] + "/Sub/a.dll", b"x")], False)
        check(name, compare(name, place, "-SRC", place.package("all"))[1]["alreadyThere"] == 2)


def random_files(rng, number):
    files = {}
    for _ in range(rng.randrange(1, 7)):
        path = rng.choice([LOADER, "Windows/System32/nvapi64.dll", "Windows/System32/NVAPI64.dll",
                           "Windows/SysWOW64/vulkan-1.dll", "Windows/System32/kernel32.dll", "Windows/System32/made/a.dll",
                           f"{STORES}nv_{rng.randrange(3)}/a.dll", f"{STORES}nv_{number}/b.dll", f"{STORES}nv_0/sub/c"])
        data = rng.choice([library(rng.randrange(4), company=rng.choice(["NVIDIA Corporation", "Khronos Group", "Other"])),
                           b"text", b"other text", b""])
        if path.upper() not in {known.upper() for known in files}:
            files[path] = data
    return list(files.items())


def test_random(seed):
    """Packages that share, contradict and supersede each other as it comes, in a guest that has something already."""
    rng = random.Random(seed)
    name = f"random packages {seed}"
    with Place() as place:
        for path in (LOADER, "Windows/SysWOW64/vulkan-1.dll"):
            if rng.random() < 0.5:
                place.write(path, rng.choice([library(rng.randrange(4)), library(2, company="Other"), b"nobody's"]))
        for step in range(3):
            shutil.rmtree(place.package("all"), ignore_errors=True)
            names = [f"{rng.choice(['NVIDIA', 'AMD'])}_{number}" for number in range(rng.randrange(2, 5))]
            for number, package in enumerate(names):
                files = random_files(rng, number)
                package_of(place, package, files, rng.random() < 0.7, {path: rng.choice(["always", "newer"]) for path, _ in files},
                           gpus=gpus(rng.sample("ABC", rng.randrange(1, 3))), packageFolders=[f"nv_{rng.randrange(3)}"],
                           provider=package.split("_")[0], created=f"2024-08-{rng.randrange(10, 20)}T00:00:00.000Z")
            words = [["-SRC", place.package("all")], ["-SRC", place.package("all"), "-DRV", ",".join(names)]][rng.random() < 0.6]
            compare(f"{name}, step {step}", place, *words, *(["-REPLACENEWER"] if rng.random() < 0.2 else []))
            if rng.random() < 0.3:
                place.write(rng.choice([LOADER, "Windows/System32/nvapi64.dll"]), library(rng.randrange(6)))
        compare(f"{name}, removal", place, "-UNINSTALL")


def main():
    chosen = places.parse_command_line(__doc__).chosen
    cases = [(test.__doc__, test) for test in (test_shared, test_conflict, test_originals, test_superseded,
                                               test_in_the_way, test_case)]
    rounds = ROUNDS // 10 if places.installdrivers.is_windows else ROUNDS
    cases += [(f"random {seed}", lambda seed=seed: test_random(seed)) for seed in range(rounds)]
    count = 0
    for name, test in cases:
        if chosen in name:
            test()
            count += 1
    print(f"{count} cases, {len(failures)} failures")
    return 1 if failures or count == 0 else 0


if __name__ == "__main__":
    raise SystemExit(main())
