#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""installdrivers with packages from other programs, and with hostile ones: a guest is exactly what the package says, or
exactly as it was."""

import hashlib
import io
import json
import os
import random
import re
import shutil
import struct
import subprocess
import sys
import warnings
import zipfile

import place as places
from pe_image import library
from place import GOOD, OLDER_LIBRARY, OWN, STORE, Place, check, failures, fill, make_zip, manifest, said, tree

warnings.filterwarnings("ignore", message="Duplicate name")


# ---- packages ----

def patched(data, at_central, offset, value, size=2):
    """A zip with one number of its first entry changed, in the local header or in the directory."""
    data = bytearray(data)
    start = data.index(b"PK\x01\x02") if at_central else 0
    data[start + offset:start + offset + size] = value.to_bytes(size, "little")
    return bytes(data)


def zip_bytes(entries, compression=zipfile.ZIP_DEFLATED):
    buffer = io.BytesIO()
    make_zip(buffer, entries, compression)
    return buffer.getvalue()


def link_entry(target):
    info = zipfile.ZipInfo(STORE + "link.dll")
    info.create_system = 3
    info.external_attr = 0o120777 << 16
    return info, target


def quine_like_bomb():
    """Many entries of the directory that all point to the same packed bytes."""
    data = zip_bytes([(STORE + "00000", b"\0" * 1_000_000)])
    start = data.index(b"PK\x01\x02")
    end = data.index(b"PK\x05\x06")
    central = data[start:end]
    records = b"".join(central.replace(b"/00000", b"/%05d" % i) for i in range(3000))
    tail = bytearray(data[end:])
    tail[8:12] = struct.pack("<HH", 3000, 3000)
    tail[12:20] = struct.pack("<II", len(records), start)
    return data[:start] + records + bytes(tail)


BAD_NAMES = [
    "../evil.dll", "Windows/../../evil.dll", STORE + "../../../../../evil.dll", STORE + "..",
    "/Windows/System32/evil.dll", "C:/Windows/System32/evil.dll", "C:evil.dll", "//server/share/evil.dll",
    "\\\\server\\share\\evil.dll",
    "\\\\?\\C:\\Windows\\evil.dll", "\\Windows\\System32\\evil.dll", "Windows\\..\\..\\evil.dll", STORE + "CON",
    STORE + "nul.txt", STORE + "COM1.dll", STORE + "LPT\u00b9", STORE + "aux .txt", STORE + "a.dll:stream",
    STORE + "a.dll::$DATA", STORE + "a.dll.", STORE + "a.dll ", STORE + " a.dll", STORE + "a<b", STORE + "a|b",
    STORE + "a\x01b", STORE + "a\nb", STORE + "a//b", STORE + "./a", STORE + "x" * 300, "a/" * 50 + "b",
    "Windows/explorer.exe", "Windows/System32/config/SAM", "Windows/System32/drivers/etc/hosts",
    "Windows/System32/wbem/x.dll", "Windows/SysWOW64/config/x", "evil.dll",
    "Users/Public/evil.exe", "ProgramData/evil.exe", "Windows/System32/HostDriverStore/FileRepository/evil.dll",
    "Windows/System32/HostDriverStore/evil.dll", OWN + "work/journal.json", OWN + "originals/Windows/System32/x",
    "Windows/System32/Tasks/evil",
]


def renamed(data, old, new, at_local=True, at_central=True):
    """A zip with other bytes in the place of a name, of the same length, before the data or in the directory."""
    start = data.index(b"PK\x01\x02")
    local, central = data[:start], data[start:]
    return (local.replace(old, new) if at_local else local) + (central.replace(old, new) if at_central else central)


def two_directories():
    """The comment of a zip is the end of another one, which readers that search differently take for the zip's."""
    first = zip_bytes([(GOOD, b"good")])
    second = zip_bytes([(GOOD, b"good"), (STORE + "evil.dll", b"evil")])
    end = bytearray(second[second.index(b"PK\x05\x06"):])
    whole = bytearray(first + bytes(end))
    whole[len(first) - 2:len(first)] = struct.pack("<H", len(end))
    return bytes(whole)


def hostile():
    good = (GOOD, b"good")
    for name in BAD_NAMES:
        yield f"name {name[-60:]!r}", zip_bytes([good, (name, b"evil")])
    yield "folder that climbs", zip_bytes([good, ("../evil/", b"")])
    yield "same name twice", zip_bytes([good, (STORE + "a.dll", b"1"), (STORE + "a.dll", b"2")])
    yield "same name in other case", zip_bytes([good, (STORE + "a.dll", b"1"), (STORE + "A.DLL", b"2")])
    yield "same name, other case, not ASCII", zip_bytes([(STORE + "\u00e4.dll", b"1"), (STORE + "\u00c4.dll", b"2")])
    yield "same name with the other separator", zip_bytes([good, (GOOD.replace("/", "\\"), b"2")])
    yield "file that is a folder, too", zip_bytes([(STORE + "a", b"1"), (STORE + "A/b", b"2"), (STORE + "a!", b"3")])
    yield "symbolic link", zip_bytes([good, link_entry("/etc/passwd")])
    yield "encrypted", patched(patched(zip_bytes([good]), True, 8, 1), False, 6, 1)
    yield "unknown method", patched(patched(zip_bytes([good]), True, 10, 99), False, 8, 99)
    yield "bad CRC", patched(patched(zip_bytes([good]), True, 16, 0x12345678, 4), False, 14, 0x12345678, 4)
    yield "size too small", patched(patched(zip_bytes([good]), True, 24, 3, 4), False, 22, 3, 4)
    yield "size too large", patched(patched(zip_bytes([good]), True, 24, 5, 4), False, 22, 5, 4)
    yield "size of a bomb", patched(patched(zip_bytes([good]), True, 24, 0xFFFFFFF0, 4), False, 22, 0xFFFFFFF0, 4)
    yield "packed size too large", patched(zip_bytes([good]), True, 20, 0x7FFFFFFF, 4)
    yield "stored with another size", patched(zip_bytes([good], zipfile.ZIP_STORED), True, 24, 9, 4)
    yield "overlapping files", quine_like_bomb()
    yield "truncated", zip_bytes([good, (STORE + "b.dll", os.urandom(5000))])[:-40]
    yield "cut in the middle", zip_bytes([(STORE + "b.dll", os.urandom(5000)), good])[2000:]
    whole = bytearray(zip_bytes([good, (STORE + "b.dll", os.urandom(5000) * 2)]))
    whole[len(whole) // 2] ^= 0x55
    yield "a flipped bit", bytes(whole)
    files = zip_bytes([good, (STORE + "a_.dll", b"evil")])
    yield "NUL in a name", renamed(files, b"a_.dll", b"a\0.dll")
    yield "NUL in a name before the data", renamed(files, b"a_.dll", b"a\0.dll", at_central=False)
    yield "another name before the data", renamed(files, b"a_.dll", b"b_.dll", at_central=False)
    yield "more than one directory", two_directories()
    yield "something behind the zip", files + b"something"
    yield "short name of another file", zip_bytes([good, ("Windows/System32/KERNEL~1.DLL", b"evil")])
    yield "too many files of System32", zip_bytes([(f"Windows/System32/{i}.dll", b"") for i in range(10001)])
    yield "not a zip", b"MZ" + os.urandom(4000)
    yield "empty file", b""
    yield "empty zip", zip_bytes([])
    yield "no file in it", zip_bytes([("Windows/", b"")])
    files = [(GOOD, b"good"), ("Windows/System32/nvapi64.dll", b"MZ a newer one")]
    own = OWN + "NVIDIA_20240814.json"
    yield "manifest: a file too many", zip_bytes(files + [(STORE + "evil", b"")] + [(own, manifest(files))])
    yield "manifest: a file is missing", zip_bytes(files[:1] + [(own, manifest(files))])
    yield "manifest: altered file", zip_bytes([(GOOD, b"evil"), files[1], (own, manifest(files))])
    yield "manifest: altered size", zip_bytes([(GOOD, b"evil!"), files[1], (own, manifest(files))])
    yield "manifest: of another package", zip_bytes(files + [(OWN + "AMD_20240312.json", manifest(files))])
    yield "manifest: no JSON", zip_bytes(files + [(own, b"{")])
    yield "manifest: another format", zip_bytes(files + [(own, manifest(files, format="hyperpoint-package/9"))])


def test_hostile(name, data):
    with Place() as place:
        with open(place.package(), "wb") as file:
            file.write(data)
        before = tree(place.guest)
        run = place.run("-DRVSRC", place.package())
        check(name, run.returncode == 1, f"exit code {run.returncode}: {run.stderr}")
        check(name, "error:" in run.stderr, said(run))
        check(name, tree(place.guest) == before, "the guest has changed")


# The parts of a zip, each with its beginning and the numbers in it: where, and how many bytes.
ZIP_PARTS = [(b"PK\x03\x04", [(6, 2), (8, 2), (14, 4), (18, 4), (22, 4), (26, 2), (28, 2)]),
             (b"PK\x01\x02", [(4, 2), (8, 2), (10, 2), (16, 4), (20, 4), (24, 4), (28, 2), (30, 2), (32, 2), (38, 4),
                              (42, 4)]),
             (b"PK\x05\x06", [(8, 2), (10, 2), (12, 4), (16, 4), (20, 2)])]
PIECES = ["..", ".", "", "a.dll", "A.DLL", "NUL", "COM1.x", "a:b", "a~1.b", "x" * 256, "a ", "a.", "\u00e4", "\u00c4",
          "\x01", "\x7f", "\\..\\", "C:", "Windows", "System32", "config", "drivers", "etc", "lxss", "lib"]


def random_zip(chance):
    """A few files at places of drivers and at others, then some numbers and bytes of the zip changed."""
    entries = [(GOOD, b"good")]
    for _ in range(chance.randrange(4)):
        start = chance.choice([STORE, "Windows/System32/", "Windows/SysWOW64/", OWN, ""])
        name = start + "/".join(chance.choice(PIECES) for _ in range(chance.randrange(1, 4)))
        entries.append((name, chance.randbytes(chance.randrange(50))))
    data = bytearray(zip_bytes(entries, chance.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])))
    for _ in range(chance.choice([0, 0, 1, 1, 2, 5])):
        beginning, numbers = chance.choice(ZIP_PARTS)
        places = [found.start() for found in re.finditer(re.escape(beginning), data)]
        offset, size = chance.choice(numbers)
        value = chance.choice([0, 1, 8, 0x800, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFF0, chance.randrange(len(data))])
        start = chance.choice(places or [0]) + offset
        data[start:start + size] = (value % (1 << 8 * size)).to_bytes(size, "little")
    if chance.random() < 0.2:
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(data)


def test_random():
    """Random packages: refused with the guest untouched, or files at places of drivers and nowhere else."""
    first = int(os.environ.get("HP_HOSTILE_SEED", "1"))
    allowed = re.compile("Windows/(SysWOW64|SyChpe32|System32)/[^/]+$|"
                         "Windows/System32/(drivers|lxss/lib|HostDriverStore)/")
    with Place() as place:
        before = tree(place.guest)
        for seed in range(first, first + int(os.environ.get("HP_HOSTILE_COUNT", "40"))):
            name = f"random package, seed {seed}"
            with open(place.package(), "wb") as file:
                file.write(random_zip(random.Random(seed)))
            run = place.run("-DRVSRC", place.package())
            after = tree(place.guest)
            check(name, run.returncode in (0, 1), f"exit code {run.returncode}: {run.stderr}")
            check(name, all(after.get(path) == found for path, found in before.items()), "the guest's own has changed")
            new = [path for path, (kind, _) in after.items() if path not in before and kind != "folder"]
            check(name, all(allowed.match(path) and "/etc/" not in path for path in new), f"made: {new}")
            check(name, run.returncode == 0 or not new, f"refused, and made: {new}")
            if run.returncode == 0:
                check(name, place.run("-UNINSTALL").returncode == 0, "cannot be removed")
                left = [path for path, (kind, _) in tree(place.guest).items() if kind == "file" and path not in before]
                check(name, not left, f"left behind: {left}")


def test_hostile_folder(name, prepare):
    with Place() as place:
        package = place.package("NVIDIA_20240814")
        os.makedirs(os.path.join(package, STORE))
        with open(os.path.join(package, GOOD), "wb") as file:
            file.write(b"good")
        prepare(place, package)
        before = tree(place.folder)
        run = place.run("-DRVSRC", package)
        after = {path: value for path, value in tree(place.folder).items() if not path.startswith("state")}
        check(name, run.returncode == 1, f"exit code {run.returncode}: {run.stderr}")
        check(name, after == before, "something has changed")


def hostile_folders():
    def link_in_package(_, package):
        os.symlink("/etc/passwd", os.path.join(package, STORE, "link.dll"))

    def folder_link_in_package(_, package):
        os.symlink("/etc", os.path.join(package, STORE, "etc"))

    def backslash_in_package(_, package):
        with open(os.path.join(package, "..\\..\\evil.dll"), "wb"):
            pass

    def fifo_in_package(_, package):
        os.mkfifo(os.path.join(package, STORE, "fifo"))

    def link_in_guest(place, _):
        os.makedirs(os.path.join(place.folder, "elsewhere"))
        os.symlink(os.path.join(place.folder, "elsewhere"), place.guest + "/Windows/System32/HostDriverStore")

    def folder_in_the_way(place, _):
        os.makedirs(os.path.join(place.guest, GOOD))

    def file_in_the_way(place, _):
        place.write("Windows/System32/HostDriverStore", b"")

    cases = {"folder link in a folder package": folder_link_in_package, "link in the guest": link_in_guest,
             "name with backslashes in a folder package": backslash_in_package,
             "pipe in a folder package": fifo_in_package,
             "folder in the way": folder_in_the_way, "file in the way": file_in_the_way}
    if not places.installdrivers.is_windows:  # Wine shows a link to a file as that file
        cases["link in a folder package"] = link_in_package
    return cases


# ---- packages of other programs ----

# Far beyond the 260 letters that a path had once, above the guest and below it; more than one unit of UTF-16; and what
# looks the same and is not.
LONG = "a folder with quite a long name, so that few of them are needed to leave all old limits behind"
ABOVE = f"{LONG}/\u0141\u00f3d\u017a \u958b\u767a \U0001f5a5/{LONG}/{LONG}"
BELOW = STORE + f"{LONG}/" * 5
NAMES = ["\u00dcml\u00e4ut \u4e2d\u6587.txt", "U\u0308mla\u0308ut \u4e2d\u6587.txt", "\U0001f600.dll",
         "\u05d0\u05d1\u05d2.dll", "\ufb01\u00df\u0130.dll"]


def contents(seed):
    chance = random.Random(seed)
    files = {GOOD: b"MZ" + chance.randbytes(70000), STORE + "empty.bin": b"",
             STORE + "sub/deep/er/zeros.dll": b"\0" * 3_000_000,
             "Windows/System32/nvapi64.dll": b"MZ a newer one", "Windows/SysWOW64/nvapi.dll": chance.randbytes(10)}
    files |= {folder + name: name.encode() for folder in (STORE, BELOW) for name in NAMES}
    for i in range(60):
        files[STORE + f"{chance.choice(['a', 'b', 'c/d'])}/{i}.dll"] = chance.randbytes(chance.randrange(20000)) * 2
    return files


def make_with_python(folder, package):
    make_zip(package, [(path, data) for path, data in read(folder)])


def make_as_powershell_5(folder, package):
    make_zip(package, [(path.replace("/", "\\"), data) for path, data in read(folder)])


def make_zip64(folder, package):
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as target:
        for path, data in read(folder):
            with target.open(zipfile.ZipInfo(path), "w", force_zip64=True) as file:
                file.write(data)


def make_stored(folder, package):
    make_zip(package, [(path, data) for path, data in read(folder)], zipfile.ZIP_STORED)


def read(folder):
    for path, (kind, data) in sorted(tree(folder).items()):
        if kind == "file":
            yield path, data


def by_command(*command):
    def make(folder, package):
        subprocess.run([word.replace("PACKAGE", package) for word in command], cwd=folder, check=True,
                       stdout=subprocess.DEVNULL)

    return make if shutil.which(command[0]) else None


def test_round_trip(name, make):
    if make is None:
        print(f"skipped: {name} (not installed here)")
        return
    package_name = "NVIDIA \u017a\U0001f600"
    with Place(ABOVE) as place:
        files = contents(7)
        folder = place.package(package_name)
        fill(folder, files)
        before = tree(place.guest)
        package = folder
        if make:
            package = place.package(package_name + ".zip")
            make(folder, package)
        run = place.run("-DRVSRC", package)
        check(name, run.returncode == 0, said(run))
        after = tree(place.guest)
        for path, data in files.items():
            check(name, after.get(path) == ("file", data), f"{path} is wrong")
        check(name, after["Windows/System32/kernel32.dll"] == before["Windows/System32/kernel32.dll"])
        expected = set(files) | set(before) | {OWN + package_name + ".installed.json"}
        extra = [path for path, (kind, _) in after.items() if kind != "folder" and path not in expected]
        original = re.fullmatch(OWN + "originals/[0-9a-f]+/Windows/System32/nvapi64.dll", extra[0] if extra else "")
        check(name, len(extra) == 1 and original, f"left behind: {extra}")
        again = place.run("-DRVSRC", package)
        check(name, again.returncode == 0 and "installed already" in again.stdout, again.stdout)
        check(name, tree(place.guest) == after, "the second installation changed something")
        check(name, place.run("-VERIFY").returncode == 0)
        removal = place.run("-UNINSTALL")
        check(name, removal.returncode == 0 and tree(place.guest) == before, f"not as before: {removal.stderr}")


def test_replacement():
    """A newer package of the same GPU takes the older one's place; what was there before the first one comes back."""
    name = "replacement"
    with Place() as place:
        before = tree(place.guest)
        older = {GOOD: b"old", STORE + "only-old.dll": b"1", "Windows/System32/nvapi64.dll": b"old api",
                 "Windows/System32/nvold.dll": b"x"}
        newer_store = STORE.replace("0123456789abcdef", "fedcba9876543210")
        newer = {newer_store + "nvapi64.dll": b"new", "Windows/System32/nvapi64.dll": b"new api"}
        for package, files, version in (("NVIDIA_20240814", older, "1"), ("NVIDIA_20241001", newer, "2")):
            listed = list(files.items())
            make_zip(place.package(package + ".zip"),
                     listed + [(OWN + package + ".json", manifest(listed, package, driverVersion=version))])
            run = place.run("-DRVSRC", place.package(package + ".zip"))
            check(name, run.returncode == 0, said(run))
        after = tree(place.guest)
        check(name, all(after.get(path) == ("file", data) for path, data in newer.items()))
        gone = [path for path in after if "0123456789abcdef" in path or "nvold" in path or "20240814" in path]
        check(name, not gone, f"still there: {gone}")
        check(name, place.run("-VERIFY").returncode == 0)
        check(name, place.run("-UNINSTALL").returncode == 0 and tree(place.guest) == before, "not as before")


def test_newer_rule():
    """A vendor's "newer" file does not replace a newer one: by version, and without one by time."""
    for name, there, comes, replaced in (
            ("newer rule: older version there", library(1, b"a"), library(2, b"b"), True),
            ("newer rule: newer version there", library(3, b"a"), library(2, b"b"), False),
            ("newer rule: no version, time decides", b"MZ aa", b"MZ bb", False)):
        with Place() as place:
            place.write("Windows/System32/vulkan-1.dll", there)  # its time is now, the package's is 2024
            files = [("Windows/System32/vulkan-1.dll", comes)]
            listed = json.loads(manifest(files))
            listed["files"][0]["rule"] = "newer"
            make_zip(place.package(), files + [(OWN + "NVIDIA_20240814.json", json.dumps(listed))])
            run = place.run("-DRVSRC", place.package())
            check(name, run.returncode == 0, said(run))
            expected = comes if replaced else there
            check(name, tree(place.guest)["Windows/System32/vulkan-1.dll"] == ("file", expected))


def test_replace_newer():
    """What stays because it is newer is named once, and is replaced if that is asked for; Windows' own stays."""
    name = "-REPLACENEWER"
    theirs = {f"Windows/System32/nv{i:02}.dll": library(3, b"theirs") for i in range(12)}
    theirs["Windows/System32/nv99.dll"] = library(3, b"theirs", "Microsoft Corporation")
    files = [(path, library(2, b"ours")) for path in theirs] + [(GOOD, b"x")]
    listed = json.loads(manifest(files))
    for entry in listed["files"]:
        entry["rule"] = "newer"
    with Place() as place:
        fill(place.guest, theirs)
        make_zip(place.package(), files + [(OWN + "NVIDIA_20240814.json", json.dumps(listed))])
        for words in (["-WHATIF"], [], []):
            run = place.run("-DRVSRC", place.package(), *words)
            told = [line for line in run.stderr.splitlines() if "newer" in line]
            check(name, run.returncode == 0 and len(told) == 1, said(run))
            check(name, told[0].count("'Windows/System32/nv") == 10 and " and 2 more;" in told[0], told[0])
        result = json.loads(place.run("-DRVSRC", place.package(), "-WHATIF", "-JSON").stdout)["packages"][0]
        taken = [path for path in theirs if "nv99" not in path]  # what is advised takes no more
        check(name, sorted(result["newer"]) == sorted(taken) and result["leftNewer"] == 13, result)
        before = tree(place.guest)
        result = json.loads(place.run("-DRVSRC", place.package(), "-REPLACENEWER", "-WHATIF", "-JSON").stdout)
        check(name, result["packages"][0]["written"] == 12 and result["packages"][0]["newer"] == [], result)
        check(name, tree(place.guest) == before, "-WHATIF changed something")
        run = place.run("-DRVSRC", place.package(), "-REPLACENEWER")
        check(name, run.returncode == 0 and "newer" not in run.stderr, said(run))
        check(name, "nv99.dll' belongs to Windows" in run.stderr, said(run))
        after = tree(place.guest)
        check(name, all(after[path][1] == (theirs[path] if "nv99" in path else library(2, b"ours")) for path in theirs))
        check(name, place.run("-VERIFY").returncode == 0)
        check(name, place.run("-UNINSTALL").returncode == 0)
        after = tree(place.guest)
        check(name, all(after[path] == ("file", data) for path, data in theirs.items()), "not as before")
        for verb in ("-VERIFY", "-UNINSTALL", "-RECOVER"):
            check(name, place.run(verb, "-REPLACENEWER").returncode == 2)


def test_shared_files():
    """A file that two vendors' packages have: the newest stays, whatever the order, and serves both."""
    name = "shared files"
    with Place() as place:
        before = tree(place.guest)
        loader = "Windows/System32/OpenCL.dll"
        for package, data, version in (("AMD_1", b" amd", 2), ("NVIDIA_1", b" nv", 1)):
            make_zip(place.package(package + ".zip"), [(loader, library(version, data)), (STORE + package, b"x")])
        for package in ("NVIDIA_1", "AMD_1", "NVIDIA_1"):
            run = place.run("-DRVSRC", place.package(package + ".zip"))
            check(name, run.returncode == 0, said(run))
        check(name, tree(place.guest)[loader][1].startswith(b"MZ amd"))
        run = place.run("-VERIFY")
        check(name, run.returncode == 0, said(run))
        check(name, "installed already" in place.run("-DRVSRC", place.package("NVIDIA_1.zip")).stdout)
        check(name, place.run("-UNINSTALL", "-DRV", "AMD_1").returncode == 0)
        check(name, loader in tree(place.guest), "removed although the other package has it")
        check(name, place.run("-UNINSTALL").returncode == 0 and tree(place.guest) == before, "not as before")


def test_altered_since():
    """A file that somebody else has replaced since stays at the removal; those of the store go."""
    name = "altered since"
    with Place() as place:
        make_zip(place.package(), [("Windows/System32/vulkan-1.dll", b"ours"), (GOOD, b"x")])
        check(name, place.run("-DRVSRC", place.package()).returncode == 0)
        place.write("Windows/System32/vulkan-1.dll", b"somebody else's")
        check(name, place.run("-VERIFY").returncode == 8)
        run = place.run("-UNINSTALL")
        check(name, run.returncode == 0 and "stays" in run.stderr, said(run))
        after = tree(place.guest)
        check(name, after["Windows/System32/vulkan-1.dll"] == ("file", b"somebody else's") and GOOD not in after)


def test_damaged():
    """What a crash leaves of a package's file is mended by the next installation, and goes with the package."""
    path, whole = "Windows/System32/nvinfo.pb", b"a table without a version, " * 100
    for rule in ("always", "newer"):
        for what, rest, mended in (("cut off", whole[:300], True), ("empty", b"", True),
                                   ("zeros behind it", whole[:300] + bytes(1000), True),
                                   ("zeros alone", bytes(len(whole)), True), ("longer", whole + b"x", False),
                                   ("another beginning", b"X" + whole[1:300], False)):
            name = f"damaged: {what}, {rule}"
            with Place() as place:
                before = tree(place.guest)
                files = [(GOOD, b"x"), (path, whole)]
                listed = json.loads(manifest(files))
                listed["files"][1]["rule"] = rule
                make_zip(place.package(), files + [(OWN + "NVIDIA_20240814.json", json.dumps(listed))])
                check(name, place.run("-DRVSRC", place.package()).returncode == 0)
                place.write(path, rest)
                check(name, place.run("-VERIFY").returncode == 8)
                run = place.run("-DRVSRC", place.package())
                check(name, run.returncode == 0 and tree(place.guest)[path][1] == (whole if mended else rest), said(run))
                told = "" if mended else "does not tell whose it is, and is left alone; if it is nobody's, remove it"
                check(name, told in run.stderr and (mended or "warning" in run.stderr), said(run))
                run = place.run("-VERIFY")
                check(name, run.returncode == 0 and (f"'{path}'" in run.stderr) != mended, said(run))
                run = place.run("-UNINSTALL")
                left = {} if mended else {path: ("file", rest)}
                check(name, run.returncode == 0 and tree(place.guest) == before | left, said(run))


def gpu_package(place, package, model, folder, version="1", gathered="2024-08-15T00:00:00.000Z", shared=b"x"):
    """A package for these models of GPUs, with one file of the store and one of System32."""
    store = f"Windows/System32/HostDriverStore/FileRepository/{folder}/"
    listed = [(store + "a.dll", folder.encode()), ("Windows/System32/nvshared.dll", shared)]
    name = os.path.basename(package)
    gpus = [{"name": letter, "deviceId": f"PCI\\VEN_10DE&DEV_000{letter}&SUBSYS_1\\4&1"} for letter in model]
    os.makedirs(os.path.dirname(place.package(package)), exist_ok=True)
    make_zip(place.package(package + ".zip"), listed + [(OWN + name + ".json", manifest(
        listed, name, driverVersion=version, gpus=gpus, created=gathered, packageFolders=[folder]))])
    return store + "a.dll"


def test_other_gpus():
    """A package stays, and is installed, while it is for a GPU that no later one is for."""
    name = "packages for several GPUs"
    with Place() as place:
        both = gpu_package(place, "all/NVIDIA_1", "AB", "nv.inf_amd64_1")
        check(name, place.run("-SRC", place.package("all")).returncode == 0)
        one = gpu_package(place, "all/NVIDIA_2", "A", "nv.inf_amd64_2", gathered="2024-08-16T00:00:00.000Z")
        for _ in range(2):
            run = place.run("-SRC", place.package("all"))
            check(name, run.returncode == 0 and "left out" not in run.stderr and "replaces" not in run.stdout, said(run))
            check(name, both in tree(place.guest) and one in tree(place.guest), said(run))
        check(name, run.stdout.count("is installed already") == 2, said(run))
        other = gpu_package(place, "all/NVIDIA_3", "B", "nv.inf_amd64_3", gathered="2024-08-17T00:00:00.000Z")
        run = place.run("-SRC", place.package("all"))
        check(name, "'NVIDIA_1' is left out" in run.stderr and "it replaces 'NVIDIA_1'" in run.stdout, said(run))
        after = tree(place.guest)
        check(name, both not in after and one in after and other in after)
        check(name, place.run("-VERIFY").returncode == 0)


def test_gathered_last():
    """Of two for one GPU that is installed which was gathered last: the driver that the host has now."""
    name = "gathered last"
    with Place() as place:
        newer = gpu_package(place, "all/NVIDIA_2", "A", "nv.inf_amd64_2", version="2")
        older = gpu_package(place, "all/NVIDIA_1", "A", "nv.inf_amd64_1", gathered="2024-08-16T00:00:00.000Z")
        run = place.run("-SRC", place.package("all"))
        check(name, "'NVIDIA_2' is left out: 'NVIDIA_1' is for the same GPU, and was gathered later" in run.stderr, said(run))
        check(name, older in tree(place.guest) and newer not in tree(place.guest))
        check(name, place.run("-SRC", place.package("all"), "-DRV", "NVIDIA_2").returncode == 0)
        check(name, newer in tree(place.guest) and older not in tree(place.guest))


def test_one_name():
    """Packages of one name for different GPUs lie beside each other, each under a name of its own."""
    name = "two packages of one name"
    with Place() as place:
        before = tree(place.guest)
        first = gpu_package(place, "one/NVIDIA_1", "A", "nv.inf_amd64_1")
        second = gpu_package(place, "two/NVIDIA_1", "B", "nv.inf_amd64_2")
        for folder in ("one", "two", "two", "one"):
            run = place.run("-SRC", place.package(folder))
            check(name, run.returncode == 0, said(run))
        check(name, "'NVIDIA_1' is installed already" in run.stdout, said(run))
        after = tree(place.guest)
        check(name, first in after and second in after and OWN + "NVIDIA_1.json" in after and
              OWN + "NVIDIA_1_2.json" in after, sorted(after))
        run = place.run("-VERIFY")
        check(name, run.returncode == 0 and "'NVIDIA_1_2' is OK" in run.stdout, said(run))
        later = gpu_package(place, "two/NVIDIA_1", "B", "nv.inf_amd64_3", gathered="2024-08-16T00:00:00.000Z")
        run = place.run("-SRC", place.package("two"))
        after = tree(place.guest)
        check(name, first in after and second not in after and later in after and place.run("-VERIFY").returncode == 0)
        check(name, place.run("-UNINSTALL", "-DRV", "NVIDIA_1").returncode == 0)
        after = tree(place.guest)
        check(name, first not in after and later in after and place.run("-VERIFY").returncode == 0)
        check(name, place.run("-UNINSTALL").returncode == 0 and tree(place.guest) == before, "not as before")


def test_shared_store():
    """A file of the store that two packages have is the right one for the one that stays, and goes with it."""
    name = "shared files of the store"
    with Place() as place:
        before = tree(place.guest)
        for package, version in (("OLDTOOL", 1), ("NVIDIA_1", 2)):
            make_zip(place.package(package + ".zip"), [(GOOD, library(version)), (STORE + package, b"x")])
            check(name, place.run("-DRVSRC", place.package(package + ".zip")).returncode == 0)
        check(name, place.run("-UNINSTALL", "-DRV", "NVIDIA_1").returncode == 0)
        run = place.run("-VERIFY")
        check(name, run.returncode == 0 and tree(place.guest)[GOOD] == ("file", library(2)), said(run))
        run = place.run("-UNINSTALL")
        check(name, run.returncode == 0 and tree(place.guest) == before, "not as before")


def test_all_in_the_way():
    """All that is in the way of a package is told by one run."""
    name = "all that is in the way"
    with Place() as place:
        os.makedirs(place.guest + "/Windows/System32/HostDriverStore")
        place.write("Windows/System32/HostDriverStore/FileRepository", b"")
        os.makedirs(os.path.join(place.folder, "elsewhere"))
        os.symlink(os.path.join(place.folder, "elsewhere"), place.guest + "/Windows/System32/lxss")
        os.makedirs(place.guest + "/Windows/SysWOW64/nvapi.dll")
        make_zip(place.package(), [(GOOD, b"1"), (STORE + "b.dll", b"2"), ("Windows/System32/lxss/lib/libcuda.so", b"3"),
                                   ("Windows/SysWOW64/nvapi.dll", b"4")])
        run = place.run("-DRVSRC", place.package())
        warnings = [line for line in run.stderr.splitlines() if line.startswith("warning:")]
        check(name, run.returncode == 1 and len(warnings) == 3 and "4 of the package's files" in run.stderr, said(run))
        for part in ("FileRepository'", "lxss'", "nvapi.dll'"):
            check(name, sum(part in line for line in warnings) == 1, said(run))


def company(name):
    return lambda text: library(2 if text == b"other" else 1, b" " + text, name)


def large(make):
    return lambda text: make(text) + bytes(65 << 20)


def no_version(text):
    return b"\x09\x00 a table of letters, " + text


MICROSOFT, NVIDIA = company("Microsoft Corporation"), company("NVIDIA Corporation")
LARGE = large(MICROSOFT), large(NVIDIA)
OWNERS = [  # a file of the guest's own, what is in it, and whether a package may take its place
    ("System32/kernel32.dll", MICROSOFT, False), ("System32/MRT.exe", LARGE[0], False),
    ("System32/l_intl.nls", no_version, False), ("System32/lxss/lib/libd3d12.so", no_version, False),
    ("System32/other.dll", company("Realtek Semiconductor"), False),
    ("System32/intelligent.dll", company("Intelligent Systems"), False),
    ("System32/nocompany.dll", company(""), False),
    ("System32/drivers/iaStorV.sys", company("Intel Corporation"), False),
    ("System32/drivers/UMDF/sensors.dll", company("Intel Corporation"), False),
    ("System32/drivers/NVIDIA Corporation/Drs/dbInstaller.exe", NVIDIA, True),
    ("System32/nvapi64.dll", NVIDIA, True), ("SysWOW64/nvapi.dll", LARGE[1], True),
    ("System32/amdxc64.dll", company("Advanced Micro Devices, Inc. "), True),
    ("System32/ControlLib.dll", company("Intel(R) Corporation"), True),
    ("System32/OpenCL.dll", company("Khronos Group"), True), ("SysWOW64/vulkan-1.dll", company("LunarG, Inc."), True)]


def there(place, path, make):
    """The guest has another one."""
    place.write(path, make(b"guest's"))


def the_same_first(place, path, make):
    """A package has the very one of the guest, the next one another."""
    place.write(path, make(b"guest's"))
    place.install("A", {path: make(b"guest's"), STORE + "a": b"x"})


def the_same_in_this_run(place, path, make):
    """Both in one run."""
    place.write(path, make(b"guest's"))
    make_zip(place.package("packages/A.zip"), [(path, make(b"guest's")), (STORE + "a", b"x")])


def replaced_since(place, path, make):
    """A package's file, where nothing was, has been replaced by somebody since."""
    place.install("B", {path: make(b"older"), STORE + "a": b"x"})
    place.write(path, make(b"guest's"))


def renewed_since(place, path, make):
    """The guest's own, which a package has as well, has been renewed since."""
    place.write(path, make(b"older"))
    place.install("B", {path: make(b"older"), STORE + "a": b"x"})
    place.write(path, make(b"guest's"))


def renewed_to_the_package_s(place, path, make):
    """A package's file has been replaced by what another package has as well, and then comes a third one."""
    place.install("A", {path: make(b"older"), STORE + "a": b"x"})
    place.write(path, make(b"guest's"))
    place.install("C", {path: make(b"guest's"), STORE + "a": b"x"})
    place.run("-UNINSTALL", "-DRV", "A")


class Packages(Place):
    def __init__(self):
        super().__init__()
        os.mkdir(self.package("packages"))

    def install(self, package, files):
        make_zip(self.package(package + ".zip"), list(files.items()), zipfile.ZIP_STORED)
        return self.run("-DRVSRC", self.package(package + ".zip"))


def test_owner(name, case):
    """Whose a file of System32 is decides, whatever was installed before; the removal brings back the guest's."""
    state, (file, make, gives_way) = case
    path = "Windows/" + file
    with Packages() as place:
        state(place, path, make)
        make_zip(place.package("packages/B.zip"), [(path, make(b"other")), (GOOD, b"y")], zipfile.ZIP_STORED)
        run = place.run("-S", "-SRC", place.package("packages"))
        after = tree(place.guest)
        check(name, run.returncode == 0 and after[GOOD] == ("file", b"y"), said(run))
        check(name, after[path][1] == make(b"other" if gives_way else b"guest's"), "another file than expected")
        check(name, gives_way or f"{path}'" in run.stderr, said(run))
        run = place.run("-UNINSTALL")
        after = tree(place.guest)
        check(name, run.returncode == 0, said(run))
        check(name, after.get(path) == ("file", make(b"guest's")), "the removal took it")
        check(name, OWN + "originals" not in after, "an original is left behind")


def files_of(place):
    return {path: data for path, (kind, data) in tree(place.guest).items() if kind == "file"}


def test_package_file():
    """A package's own file gives way to the next version, also where it does not tell whose it is."""
    name = "a package's own file"
    for make in (no_version, NVIDIA, company("Realtek")):
        for file in ("System32/nvinfo.pb", "System32/drivers/nvlddmkm.sys", "System32/lxss/lib/libcuda.so"):
            with Packages() as place:
                before = files_of(place)
                for package, text in (("A", b"one"), ("A", b"two")):
                    run = place.install(package, {"Windows/" + file: make(text)})
                    check(name, tree(place.guest)["Windows/" + file][1] == make(text), said(run))
                check(name, place.run("-UNINSTALL").returncode == 0 and files_of(place) == before, "not as before")


def test_forged_record():
    """A record of the guest claims files that no package wrote: they are neither replaced nor removed."""
    name = "forged record"
    for file, make in (("System32/kernel32.dll", MICROSOFT), ("System32/nvapi64.dll", NVIDIA)):
        path = "Windows/" + file
        with Packages() as place:
            place.write(path, make(b"guest's"))
            is_the_file = make is MICROSOFT
            listed = {"path": path, "size": "5", "before": "nothing",
                      "sha256": hashlib.sha256(make(b"guest's" if is_the_file else b"another")).hexdigest()}
            record = {"format": "hyperpoint-installed/1", "program": "1", "name": "A", "provider": "",
                      "driverVersion": "", "deviceIds": [], "installed": "", "files": [listed], "values": []}
            place.write(OWN + "A.installed.json", json.dumps(record).encode())
            if is_the_file:
                run = place.install("B", {path: make(b"other"), STORE + "a": b"x"})
                check(name, tree(place.guest)[path][1] == make(b"guest's"), f"replaced: {run.stderr}")
            run = place.run("-UNINSTALL")
            check(name, tree(place.guest).get(path) == ("file", make(b"guest's")), f"removed: {run.stderr}")
            check(name, f"{file.split('/')[1]}' " in run.stderr, said(run))


def test_component_store():
    """A maker's file that Windows has in its component store is Windows' own, one that is linked elsewhere is not."""
    for name, folder, stays in (("component store", "WinSxS/amd64_vulkan_1.0_none", True),
                                ("a link elsewhere", "Temp", False)):
        with Packages() as place:
            path = "Windows/System32/vulkan-1.dll"
            place.write(path, NVIDIA(b"guest's"))
            os.makedirs(f"{place.guest}/Windows/{folder}")
            os.link(f"{place.guest}/{path}", f"{place.guest}/Windows/{folder}/vulkan-1.dll")
            run = place.install("A", {path: NVIDIA(b"other")})
            check(name, tree(place.guest)[path][1] == NVIDIA(b"guest's" if stays else b"other"), said(run))
            check(name, ("belongs to Windows" in run.stderr) == stays, said(run))


def test_in_use():
    """Under Wine, where nobody can tell who has a file open, test_in_use.py does more."""
    name = "files in use"
    with Place() as place:
        make_zip(place.package(), [("Windows/System32/nvapi64.dll", b"new")])
        path = place.guest + "/Windows/System32/nvapi64.dll"
        before = tree(place.guest)
        holder = subprocess.Popen([sys.executable, "-c", f"f = open({path!r}); print(flush=True); input()"],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        holder.stdout.readline()
        run = place.run("-DRVSRC", place.package())
        check(name, run.returncode == 1 and f"process {holder.pid}" in run.stderr, said(run))
        check(name, tree(place.guest) == before, "something was changed")
        check(name, place.run("-DRVSRC", place.package(), "-FORCE").returncode == 0)
        check(name, tree(place.guest)["Windows/System32/nvapi64.dll"] == ("file", b"new"))
        holder.communicate(b"\n")


def test_recover():
    """What an interrupted run left is undone by -RECOVER, and by the next installation; a damaged journal by nobody."""
    name = "-RECOVER"
    path = "Windows/System32/nvapi64.dll"

    def interrupt(place, journal=None):
        place.write(OWN + "work/new/1", b"not put in place yet")
        place.write(OWN + "work/old/0", OLDER_LIBRARY)
        place.write(path, b"new")
        steps = [{"path": path, "fresh": OWN + "work/new/0", "old": OWN + "work/old/0"}]
        value = {"format": "hyperpoint-install/1", "what": "installation of 'X'", "folders": [], "steps": steps}
        place.write(OWN + "work/journal.json", journal or json.dumps(value).encode())

    with Place() as place:
        before = tree(place.guest)
        make_zip(place.package(), [(GOOD, b"x")])
        interrupt(place)
        run = place.run("-DRVSRC", place.package(), "-WHATIF")
        check(name, run.returncode == 1 and "-RECOVER" in run.stderr, said(run))
        check(name, place.run("-VERIFY").returncode == 1)
        check(name, "would be undone" in place.run("-RECOVER", "-WHATIF").stdout)
        run = place.run("-RECOVER")
        check(name, run.returncode == 0 and "has been undone" in run.stdout, said(run))
        check(name, tree(place.guest) == before, "not as before")
        check(name, "Nothing to recover" in place.run("-RECOVER").stdout)
        interrupt(place)
        check(name, place.run("-DRVSRC", place.package()).returncode == 0)
        after = tree(place.guest)
        check(name, after[path] == before[path] and after[GOOD] == ("file", b"x"))
        for journal in (b"{", b'{"format": "hyperpoint-install/1", "what": "x", "folders": [], "steps": '
                              b'[{"path": "../../outside", "old": "a"}]}',
                        b'{"format": "hyperpoint-journal/2", "program": "9.5", "kind": "repair/1", "record": {}}'):
            interrupt(place, journal)
            damaged = tree(place.guest)
            check(name, place.run("-RECOVER").returncode == 5 and place.run("-DRVSRC", place.package()).returncode == 5)
            check(name, tree(place.guest) == damaged, "a damaged journal was acted upon")


def test_read_only():
    """Files that may not be written are replaced, removed and put back like others."""
    name = "read-only files"
    with Place() as place:
        files = {GOOD: b"x", "Windows/System32/nvapi64.dll": b"new"}
        make_zip(place.package(), list(files.items()))
        os.chmod(place.guest + "/Windows/System32/nvapi64.dll", 0o444)
        before = tree(place.guest)
        run = place.run("-DRVSRC", place.package())
        check(name, run.returncode == 0 and "warning" not in run.stderr, said(run))
        for path in files:
            os.chmod(os.path.join(place.guest, path), 0o444)
        run = place.run("-UNINSTALL")
        check(name, run.returncode == 0 and "warning" not in run.stderr, said(run))
        check(name, tree(place.guest) == before, "not as before")


def test_what_if():
    name = "-WHATIF"
    with Place() as place:
        make_zip(place.package(), [(GOOD, b"x"), ("Windows/System32/nvapi64.dll", b"new")])
        before = tree(place.folder)
        run = place.run("-DRVSRC", place.package(), "-WHATIF", "-JSON")
        check(name, run.returncode == 0 and json.loads(run.stdout)["packages"][0]["written"] == 2, run.stdout)
        check(name, tree(place.folder) == before, "something was changed")


def test_choice():
    """-SRC, -DRV, and a zip that beats the folder of its name."""
    name = "choice of packages"
    with Place(ABOVE) as place:
        source = os.path.join(place.folder, "hostdrivers")
        fill(source, {"NVIDIA_1/" + GOOD: b"folder", "AMD_1/Windows/System32/amd.dll": b"amd", ".new/x": b""})
        make_zip(os.path.join(source, "NVIDIA_1.zip"), [(GOOD, b"zip")])
        check(name, place.run("-SRC", source, "-DRV", "none").returncode == 1)
        check(name, place.run("-SRC", source, "-DRV", "AMD_1").returncode == 0)
        check(name, GOOD not in tree(place.guest))
        check(name, place.run("-SRC", source).returncode == 0)
        check(name, tree(place.guest)[GOOD] == ("file", b"zip"))


def test_many_packages():
    """A folder of packages holds as many things as its limit, and not one more."""
    name = "many things beside packages"
    with Place() as place:
        source = os.path.join(place.folder, "hostdrivers")
        fill(source, {"AMD_1/" + GOOD: b"x", **{f"{i}.txt": b"" for i in range(1023)}})
        check(name, place.run("-SRC", source, "-WHATIF").returncode == 0)
        fill(source, {"one more.txt": b""})
        run = place.run("-SRC", source, "-WHATIF")
        check(name, run.returncode == 1 and "more than 1024 things" in run.stderr, said(run))


def test_many_files():
    """More than a zip has numbers for. Wine reads the whole folder for each new name: there they are only looked at."""
    name = "70,000 files"
    plan = ["-WHATIF"] if places.installdrivers.is_windows else []
    with Place() as place:
        make_zip(place.package(), [(STORE + f"{i % 100}/{i}", b"") for i in range(70000)], zipfile.ZIP_STORED)
        run = place.run("-DRVSRC", place.package(), *plan)
        check(name, run.returncode == 0 and "70000 files" in run.stdout, said(run))


def test_many_folders():
    """A package has as many files and folders as the limit says, and not one more."""
    name = "200,000 folders"
    with Place() as place:
        package = place.package().removesuffix(".zip")
        for i in range(199_000):  # a thousand in each, with Windows, System32, HostDriverStore...
            os.makedirs(os.path.join(package, STORE, f"{i // 1000}", f"{i % 1000}"))
        fill(package, {GOOD: b"x"})
        run = place.run("-DRVSRC", package, "-WHATIF")
        check(name, run.returncode == 0, said(run))
        for i in range(1000):
            os.makedirs(os.path.join(package, STORE, "more", f"{i}"))
        run = place.run("-DRVSRC", package, "-WHATIF")
        check(name, run.returncode == 1 and "larger than any driver" in run.stderr, said(run))


def main():
    chosen = places.parse_command_line(__doc__).chosen
    cases = [(name, test_hostile, data) for name, data in hostile()]
    cases += [(name, test_hostile_folder, prepare) for name, prepare in hostile_folders().items()]
    cases += [("round trip: " + name, test_round_trip, make) for name, make in (
        ("folder", False), ("Python", make_with_python), ("PowerShell 5.1", make_as_powershell_5),
        ("zip64", make_zip64), ("stored", make_stored), ("Info-ZIP", by_command("zip", "-qr", "PACKAGE", ".")),
        ("7-Zip", by_command("7zz", "a", "-tzip", "-bd", "PACKAGE", ".")),
        ("bsdtar", by_command("bsdtar", "-caf", "PACKAGE", "Windows")))]
    tests = [test_replacement, test_newer_rule, test_replace_newer, test_shared_files, test_damaged, test_other_gpus,
             test_gathered_last, test_one_name, test_shared_store, test_all_in_the_way, test_altered_since, test_package_file, test_forged_record, test_random, test_recover,
             test_read_only, test_what_if, test_choice, test_many_packages, test_many_files]
    if not places.installdrivers.is_windows:
        tests += [test_in_use, test_component_store, test_many_folders]
    states = [there, the_same_first, the_same_in_this_run, replaced_since, renewed_since, renewed_to_the_package_s]
    cases += [(f"owner: {state.__name__} {row[0]}", test_owner, (state, row)) for state in states for row in OWNERS
              if state is there or row[1] not in LARGE]
    cases += [(test.__doc__ or test.__name__, lambda _, test: test(), test) for test in tests]
    count = 0
    for name, test, argument in cases:
        if chosen in name:
            test(name, argument)
            count += 1
    print(f"{count} cases, {len(failures)} failures")
    return 1 if failures or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
