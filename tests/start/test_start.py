#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How the programs are started: through symbolic links, from folders that nobody may write, without standard streams, with
a full disk behind one, with libraries that are broken. They find what lies beside the real file, and no file gets what a stream was meant to get."""

import itertools
import os
import pathlib
import re
import sys
import tempfile
import zipfile

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS / "scenario"))

import program

HOST = ["-HOST", "sim:host.json"]
RESET = [*HOST, "-VM", "my vm", "-DO", "reset"]
GATHER = [*HOST, "-GPU", "order:1", "-DO", "get-drivers"]
failures = []


def check(name, condition, detail=""):
    if not condition:
        failures.append(name)
        print(f"FAILED: {name}: {detail}")


class Place:
    """Both programs in a folder of their own, links to them, and a guest."""

    def __init__(self, top, programs):
        self.top = top
        self.programs = programs
        for folder in ("real", "links", "cwd", "state", "guest/Windows/System32", "guest/Windows/SysWOW64"):
            (top / folder).mkdir(parents=True)
        self.real = {name: one.install(top / "real") for name, one in programs.items()}

    def guest_words(self):
        guest = self.top / "guest"
        return ["-ROOT", program.windows_path(guest) if self.programs["installdrivers"].is_windows else str(guest)]

    def run(self, name, path, words, redirections="", as_nobody=False):
        """(exit code, stdout, stderr). The redirections are a shell's."""
        one = self.programs[name]
        shell = program.Program(pathlib.Path("/bin/sh"), [])
        line = f'exec "$@" {redirections}'
        words = ["-c", line, "sh", *one.prefix, str(path), *words]
        process = shell.start("/bin/sh", words, self.top / "cwd", self.top / "state", as_nobody=as_nobody)
        code, stdout, stderr = program.finish(process)
        return code, stdout.decode(errors="replace"), stderr.decode(errors="replace")


def names_in(folder):
    return sorted(one.name for one in folder.iterdir()) if folder.is_dir() else []


# ---- links ----

def links_to(place, name):
    """A chain: an absolute link to a relative one to the file, under names of their own."""
    real = place.real[name]
    first = place.top / "links" / f"first-{real.name}"
    second = place.top / "links" / f"second-{real.name}"
    second.symlink_to(pathlib.Path("..") / "real" / real.name)
    first.symlink_to(second)
    return [second, first]


def test_links(place):
    hyperpoint, installdrivers = links_to(place, "hyperpoint"), links_to(place, "installdrivers")
    for link, config, least in zip(hyperpoint, ("adapter.config", "NVIDIA GeForce RTX 4060.config"), (71, 72)):
        (place.top / "real" / config).write_text(f"MinPartitionVRAM = {least}\n")
        code, _, stderr = place.run("hyperpoint", link, RESET)
        check(f"{link.name}: reset", code == 0, stderr)
        stdout = place.run("hyperpoint", link, [*HOST, "-VM", "my vm", "-DO", "list-gpus-assigned"])[1]
        check(f"{link.name}: the limits of {config}", f"min {least}," in stdout, stdout)
        code, _, stderr = place.run("hyperpoint", link, GATHER)
        check(f"{link.name}: get-drivers", code == 0, stderr)
    packages = [one for one in names_in(place.top / "real/hostdrivers") if not one.startswith(".")]
    check("the package lies beside the real program", len(packages) == 1, packages)
    for link in installdrivers:
        code, stdout, stderr = place.run("installdrivers", link, place.guest_words())
        check(f"{link.name}: finds it", code == 0 and packages[0] in stdout, stdout + stderr)
    logs = names_in(place.top / "real/logs")
    check("the logs lie beside the real program", len(logs) == 6, logs)
    check("nothing lies beside the links", len(names_in(place.top / "links")) == 4, names_in(place.top / "links"))


# ---- a folder that nobody may write ----

def test_read_only(place):
    """As it is below /usr and in Program Files: quietly, the log is among the user's own files."""
    if place.programs["hyperpoint"].is_windows:
        return  # Wine shows no rights to a program that root has started
    place.run("hyperpoint", place.real["hyperpoint"], GATHER)
    for folder, _, files in os.walk(place.top):
        for one in [folder, *(os.path.join(folder, name) for name in files)]:
            os.chmod(one, 0o777)
    for folder in ("logs", "hostdrivers", "."):
        os.chmod(place.top / "real" / folder, 0o555)
    before = names_in(place.top / "real/logs")
    state = place.programs["hyperpoint"].state_folder(place.top / "state")
    for name, words in (("hyperpoint", RESET), ("installdrivers", place.guest_words())):
        code, _, stderr = place.run(name, place.real[name], [*words, "-VERBOSE"], as_nobody=True)
        logs = [one for one in names_in(state / "logs") if one.startswith("reset" if name == "hyperpoint" else name)]
        check(f"{name}: no warning", code == 0 and "warning" not in stderr, stderr)
        check(f"{name}: one log in the state folder", len(logs) == 1, names_in(state / "logs"))
        check(f"{name}: tells where", logs and logs[0] in stderr, stderr)
    check("nothing beside the program", names_in(place.top / "real/logs") == before)
    check("the state folder is the user's alone", state.stat().st_mode & 0o77 == 0, oct(state.stat().st_mode))
    for folder in ("logs", "hostdrivers", "."):
        os.chmod(place.top / "real" / folder, 0o755)


# ---- standard streams ----

def is_whole(place):
    """Nothing of what the streams were to get is in a file."""
    return not any("verbose:" in path.read_text() or "Virtual machines" in path.read_text()
                   for path in place.top.rglob("*") if path.suffix in (".json", ".lock"))


def test_closed_streams(place):
    hyperpoint = place.real["hyperpoint"]
    place.run("hyperpoint", hyperpoint, RESET)
    # Where several are closed, Wine's own loader gets files in their place.
    for count in [1] if place.programs["hyperpoint"].is_windows else [1, 2, 3]:
        for closed in itertools.combinations(("<&-", ">&-", "2>&-"), count):
            redirections, is_out_closed = " ".join(closed), ">&-" in closed
            for words, code_unwritten in (([*HOST, "-DO", "list-vms"], 1), ([*HOST, "-DO", "list-vms", "-JSON"], 1),
                                          ([*RESET, "-VERBOSE"], 3), ([*RESET, "-S"], 0)):
                code, _, stderr = place.run("hyperpoint", hyperpoint, words, redirections)
                wanted = code_unwritten if is_out_closed else 0
                what = f"{redirections} {' '.join(words)}"
                check(f"{what}: exit code {wanted}", code == wanted, f"{code} {stderr}")
                check(f"{what}: no file gets it", is_whole(place))
                if wanted and "2>&-" not in closed:
                    check(f"{what}: says why", "cannot write the result" in stderr, stderr)
    code, _, stderr = place.run("installdrivers", place.real["installdrivers"], ["-VERSION"], ">&-")
    check("installdrivers: exit code 1", code == 1, f"{code} {stderr}")


def test_full_disk(place):
    if place.programs["hyperpoint"].is_windows or not os.path.exists("/dev/full"):
        return
    for words, wanted in (([*HOST, "-DO", "list-vms"], 1), ([*HOST, "-DO", "list-vms", "-JSON"], 1), (RESET, 3)):
        code, _, stderr = place.run("hyperpoint", place.real["hyperpoint"], words, ">/dev/full")
        check(f"full: {words}", code == wanted and "No space left" in stderr, f"{code} {stderr}")


# ---- libraries that are loaded when they are used ----

def break_libraries(place):
    """Files in the place of libzip and libcrypto that are no libraries."""
    folder = place.top / "broken"
    folder.mkdir()
    content = place.real["installdrivers"].read_bytes()
    names = set(re.findall(rb"lib(?:zip|crypto)\.so[.0-9]*", content))
    check("libraries: both are named", len(names) == 2, str(names))
    for name in names:
        (folder / name.decode()).write_bytes(b"no library")
    return f"LD_LIBRARY_PATH={folder}"


def test_libraries(place):
    if place.programs["hyperpoint"].is_windows:
        return
    broken = break_libraries(place)
    for words in (["-VERSION"], [*HOST, "-DO", "list-vms"], [*HOST, "-VM", "my vm"]):
        code, _, stderr = place.run("hyperpoint", "/usr/bin/env", [broken, place.real["hyperpoint"], *words])
        check(f"libraries: {words} needs none", code == 0, f"{code} {stderr}")
    with zipfile.ZipFile(place.top / "AMD_1.zip", "w") as made:
        made.writestr("Windows/System32/HostDriverStore/FileRepository/a.inf_amd64_1/a.dll", "a")
    folder = place.top / "AMD_2/Windows/System32/HostDriverStore/FileRepository/a.inf_amd64_1"
    folder.mkdir(parents=True)
    (folder / "a.dll").write_text("a")
    before = names_in(place.top / "guest/Windows/System32")
    for package, library in (("AMD_1.zip", "libzip"), ("AMD_2", "libcrypto")):
        words = [broken, place.real["installdrivers"], "-DRVSRC", place.top / package, *place.guest_words()]
        code, _, stderr = place.run("installdrivers", "/usr/bin/env", words)
        check(f"libraries: {package} is refused", code == 1, f"{code} {stderr}")
        check(f"libraries: {package} needs {library}", f"{library}.so" in stderr and "hint: install" in stderr, stderr)
    check("libraries: nothing was changed", names_in(place.top / "guest/Windows/System32") == before)


def main():
    programs, chosen = program.both_programs(__doc__)
    for test in (test_links, test_read_only, test_closed_streams, test_full_disk, test_libraries):
        if chosen not in test.__name__:
            continue
        with tempfile.TemporaryDirectory(prefix="start.") as top:
            os.chmod(top, 0o755)
            test(Place(pathlib.Path(top), programs))
    print(f"{len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
