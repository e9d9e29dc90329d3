#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""installdrivers.exe while another process uses the files, and what waits for the next start of Windows: a guest is
exactly as before or exactly as asked. Wine tells nobody who has a file open; where that matters, a stand-in for the
Restart Manager does.

    test_in_use.py INSTALLDRIVERS NEIGHBOUR RSTRTMGR.DLL --exec-prefix 'tests/wine/run-wine PREFIX'

Drive C: of the prefix is the guest that runs. It is restarted, so nobody else can work in it."""

import os
import pathlib
import shutil
import subprocess
import sys

import place as places
from place import GOOD, OLDER_LIBRARY, OWN, Place, check, failures, fill, make_zip, run_program, tree

LIBRARY = "Windows/System32/nvapi64.dll"
NEW_LIBRARY = "Windows/System32/nvcuda.dll"
DONE, REFUSED, PUT_BACK, UNFINISHED, WAITS = 0, 1, 4, 5, 7  # exit codes
NT_PREFIX = "\\??\\"
neighbour_program = restart_manager = None  # paths


class Neighbour:
    """Another process that uses the file."""

    def __init__(self, role, path):
        command = [*places.installdrivers.prefix, neighbour_program, role, places.known(path)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")
        words = self.process.stdout.readline().split()
        if words[:1] != ["held"]:
            raise RuntimeError(f"{path} cannot be held")
        self.id = words[1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.communicate()


# ---- a guest in a folder ----

class Folder(Place):
    def __init__(self):
        super().__init__()
        shutil.copy(neighbour_program, os.path.join(self.guest, LIBRARY))  # any program can be loaded as a library
        make_zip(self.package(), [(GOOD, b"good"), (LIBRARY, b"new"), (NEW_LIBRARY, b"new, too")])

    def library(self):
        return os.path.join(self.guest, LIBRARY)


def files_in_place(found):
    return {path: data for path, (kind, data) in found.items() if kind == "file" and not path.startswith(OWN + "work")}


def test_held(words):
    """Nobody may move the file: nothing is changed."""
    name = " ".join(["held,", *words])
    with Folder() as place:
        before = tree(place.guest)
        with Neighbour("hold", place.library()):
            run = place.run("-DRVSRC", place.package(), *words)
            check(name, run.returncode == PUT_BACK and "nvapi64.dll" in run.stderr, f"{run.returncode}: {run.stderr}")
            check(name, tree(place.guest) == before, "something was changed")
        run = place.run("-DRVSRC", place.package())
        check(name, run.returncode == DONE and tree(place.guest)[LIBRARY] == ("file", b"new"), run.stderr)


def test_moved_while_in_use(role):
    """The old file makes place under another name, and goes when its user has ended."""
    name = f"{role}d"
    with Folder() as place:
        before = tree(place.guest)
        with Neighbour(role, place.library()):
            run = place.run("-DRVSRC", place.package())
            check(name, run.returncode == DONE, f"{run.returncode}: {run.stderr}")
            after = tree(place.guest)
            check(name, after[LIBRARY] == ("file", b"new") and after[NEW_LIBRARY] == ("file", b"new, too"))
            check(name, place.run("-VERIFY").returncode == DONE)
            removal = place.run("-UNINSTALL")
            check(name, removal.returncode == DONE, removal.stderr)
            check(name, files_in_place(tree(place.guest)) == files_in_place(before), "not as before")
        check(name, "Nothing to recover" in place.run("-RECOVER").stdout)
        check(name, tree(place.guest) == before, "leftovers")


def test_right_already():
    """What is right already is nobody's business."""
    name = "held, and right already"
    with Folder() as place:
        check(name, place.run("-DRVSRC", place.package()).returncode == DONE)
        before = tree(place.guest)
        with Neighbour("hold", place.library()):
            run = place.run("-DRVSRC", place.package())
            check(name, run.returncode == DONE and "installed already" in run.stdout, run.stdout + run.stderr)
        check(name, tree(place.guest) == before, "something was changed")


# ---- who can be asked to end ----

class RestartManager:
    """What it tells of who uses which file, and what it was asked to do. For one place."""

    def __init__(self, place, *users):
        """users: (neighbour, kind, name, path as the program knows it); kinds as in ../wine/restart_manager"""
        place.program = shutil.copy(places.installdrivers.path, place.top)
        shutil.copy(restart_manager, place.top)
        self.state = pathlib.Path(place.top, "users")
        self.state.write_text("".join(f"{user.id}\t{kind}\t{name}\t{path}\n" for user, kind, name, path in users),
                              encoding="utf-8")
        place.environment.update(WINEDLLOVERRIDES="rstrtmgr=n", RESTART_MANAGER_STATE=places.known(self.state))

    def deeds(self, name):
        """Since the last time. Sessions are few and have to be ended."""
        log = pathlib.Path(str(self.state) + ".log")
        lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        check(name, lines.count("session") == lines.count("end") > 0, f"sessions: {lines}")
        return [line for line in lines if line not in ("session", "end")]


def test_asked_to_end():
    """With -FORCE programs and services are asked to end, and started again; without it they are named."""
    name = "asked to end"
    with Folder() as place:
        before = tree(place.guest)
        library, other = place.library(), os.path.join(place.guest, "Windows/System32/kernel32.dll")
        with Neighbour("hold", library) as program, Neighbour("load", library) as service, \
                Neighbour("hold", other) as bystander:
            manager = RestartManager(place, (program, "app", "B\u00fcro.exe", places.known(library)),
                                     (service, "service", "GpuSvc", places.known(library)),
                                     (bystander, "app", "by.exe", places.known(other)))
            for words, code in (([], REFUSED), (["-WHATIF"], DONE)):
                run = place.run("-DRVSRC", place.package(), *words)
                check(name, run.returncode == code, f"{words}: {run}")
                check(name, f"B\u00fcro.exe (process {program.id})" in run.stderr, run.stderr)
                check(name, f"the service GpuSvc (process {service.id})" in run.stderr, run.stderr)
                check(name, "by.exe" not in run.stderr, run.stderr)
                check(name, manager.deeds(name) == [], "somebody was asked to end")
                check(name, tree(place.guest) == before, "something was changed")
            run = place.run("-DRVSRC", place.package(), "-FORCE")
            check(name, run.returncode == DONE, f"{run}")
            check(name, tree(place.guest)[LIBRARY] == ("file", b"new"))
            deeds = [f"{deed} {user.id}" for deed in ("stop", "restart") for user in (program, service)]
            check(name, manager.deeds(name) == deeds, "not asked to end and restarted")
            check(name, bystander.process.poll() is None, "a bystander was ended")


def test_put_back_and_restarted():
    """What fails in between is put back, and whoever was stopped runs again."""
    name = "put back and restarted"
    with Folder() as place:
        before = tree(place.guest)
        with Neighbour("hold", place.library()) as program, Neighbour("hold", place.library()) as unseen:
            manager = RestartManager(place, (program, "app", "a.exe", places.known(place.library())))
            run = place.run("-DRVSRC", place.package(), "-FORCE")
            check(name, run.returncode == PUT_BACK and tree(place.guest) == before, f"{run}")
            check(name, manager.deeds(name) == [f"stop {program.id}", f"restart {program.id}"])
            check(name, unseen.process.poll() is None)


# ---- the guest that runs ----

class Windows(Place):
    """Drive C: of the Wine prefix. Somebody else's moves are in the list already."""

    def __init__(self):
        super().__init__()
        self.guest = os.path.join(places.installdrivers.prefix[-1], "drive_c")
        self.root = "C:\\"
        self.system = os.path.join(self.guest, "windows/system32")
        self.temp = os.path.join(self.guest, "windows/temp")
        self.clear()
        fill(self.system, {"nvapi64.dll": OLDER_LIBRARY})
        fill(self.temp, {"theirs.tmp": b"moves", "theirs.log": b"goes", "theirs.dat": b"is replaced"})
        temp = NT_PREFIX + "C:\\windows\\temp\\"
        self.theirs = [temp + "theirs.tmp", "!" + temp + "theirs.dat", temp + "theirs.log", ""]
        self.set_list(self.theirs)
        make_zip(self.package(), [(GOOD, b"good"), (LIBRARY, b"new"), (NEW_LIBRARY, b"new, too")])

    def clear(self):
        """Takes away what an earlier case, or an earlier run of this, has left."""
        self.set_list([])
        shutil.rmtree(os.path.join(self.system, "HostDriverStore"), ignore_errors=True)
        for folder, beginning in ((self.system, "nv"), (self.temp, "theirs")):
            for name in os.listdir(folder):
                if name.startswith(beginning):
                    os.remove(os.path.join(folder, name))

    def __exit__(self, *_):
        self.clear()
        super().__exit__()

    def list(self):
        run = run_program([neighbour_program, "list"])
        run.check_returncode()
        return run.stdout.split("\n")[:-1]

    def set_list(self, texts):
        run_program([neighbour_program, "set-list"], "".join(text + "\n" for text in texts)).check_returncode()

    def library(self):
        return os.path.join(self.system, "nvapi64.dll")

    def state(self):
        """What installdrivers could have changed: all names of System32, the contents of what is its own."""
        found = {name: "" for name in os.listdir(self.system)}
        found.update(tree(os.path.join(self.system, "HostDriverStore")))
        found.update((name, pathlib.Path(self.system, name).read_bytes()) for name in found if name.startswith("nv"))
        return found

    def is_new(self):
        state = self.state()
        return state["nvapi64.dll"] == b"new" and state["nvcuda.dll"] == b"new, too" and \
            state[GOOD.split("HostDriverStore/")[1]] == ("file", b"good")

    def wait(self, name, *words):
        """An installation (or what the words say) that waits. Returns the moves that it has added to the list."""
        with Neighbour("hold", self.library()):
            run = self.run(*(words or ("-DRVSRC", self.package())), "-FORCE")
        check(name, run.returncode == WAITS, f"exit code {run.returncode}: {run.stdout}{run.stderr}")
        texts = self.list()
        check(name, texts[:len(self.theirs)] == self.theirs, f"the others' moves are no longer the first: {texts}")
        check(name, len(texts) > len(self.theirs), "nothing was added to the list")
        return texts[len(self.theirs):]


def play_session_manager(place):
    """What Windows does with the list when it starts: one move after the other, whatever becomes of each."""
    def on_linux(text):
        return os.path.join(place.guest, text.removeprefix(NT_PREFIX + "C:\\").replace("\\", "/"))

    texts = place.list()
    for source, target in zip(texts[::2], texts[1::2]):
        if target == "":
            os.remove(on_linux(source))
        elif target.startswith("!") or not os.path.exists(on_linux(target)):
            os.rename(on_linux(source), on_linux(target.removeprefix("!")))
    place.set_list([])


def restart_wine(place):
    """Wine does the same before its first program."""
    environment = dict(os.environ, WINEPREFIX=places.installdrivers.prefix[-1])
    for word in ("-k", "-w"):
        subprocess.run(["wineserver", word], check=False, env=environment)
    check("restart_wine", place.list() == [], "Wine has left the list as it was")


def check_theirs(name, place):
    """Somebody else's moves were made."""
    check(name, {file: pathlib.Path(place.temp, file).read_bytes() for file in os.listdir(place.temp)
                 if file.startswith("theirs")} == {"theirs.dat": b"moves"}, "somebody else's moves were not made")


def test_finished(restart, words):
    """After the restart everything is in place, whoever looks first."""
    name = " ".join([restart.__name__, "then", *words])
    with Windows() as place:
        before = place.state()
        place.wait(name)
        after = place.state()
        check(name, {path: after.get(path) for path in before} == before, "a file was changed before the restart")
        restart(place)
        run = place.run(*words or ("-DRVSRC", place.package()))
        check(name, run.returncode == DONE, f"exit code {run.returncode}: {run.stdout}{run.stderr}")
        check(name, place.is_new(), f"not as asked: {sorted(place.state())}")
        check(name, place.list() == [], place.list())
        check_theirs(name, place)
        check(name, place.run("-VERIFY").returncode == DONE)
        check(name, "Nothing to recover" in place.run("-RECOVER").stdout)
        run = place.run("-UNINSTALL")
        check(name, run.returncode == DONE and place.state() == before, f"not as before: {run.stderr}")


def test_called_off():
    """Before the restart -RECOVER calls it off, and nobody else can begin."""
    name = "called off"
    with Windows() as place:
        before = place.state()
        added = place.wait(name)
        waiting = place.state()
        for words in (["-DRVSRC", place.package()], ["-DRVSRC", place.package(), "-FORCE"], ["-UNINSTALL"], ["-VERIFY"],
                      ["-DRVSRC", place.package(), "-WHATIF"]):
            run = place.run(*words)
            check(name, run.returncode == REFUSED and "-RECOVER" in run.stderr, f"{words}: {run}")
        check(name, place.state() == waiting and place.list() == place.theirs + added, "something was changed")
        check(name, "would be called off" in place.run("-RECOVER", "-WHATIF").stdout)
        check(name, place.list() == place.theirs + added, "-WHATIF changed the list")
        run = place.run("-RECOVER")
        check(name, run.returncode == DONE, run.stderr)
        check(name, place.state() == before, "not as before")
        check(name, place.list() == place.theirs, place.list())


def test_not_asked_to_wait():
    """Without -FORCE nothing waits; nor is there a need to where the file can be moved."""
    name = "no need to wait"
    with Windows() as place:
        before = place.state()
        with Neighbour("hold", place.library()):
            run = place.run("-DRVSRC", place.package())
        check(name, run.returncode == PUT_BACK and place.state() == before, f"{run.returncode}: {run.stderr}")
        check(name, place.list() == place.theirs, place.list())
        with Neighbour("share", place.library()):
            run = place.run("-DRVSRC", place.package(), "-FORCE")
        check(name, run.returncode == DONE and place.is_new(), f"{run.returncode}: {run.stderr}")
        check(name, place.list() == place.theirs, place.list())


def test_does_not_end(kind):
    """Whoever does not end when asked, or must not be asked, is waited for; the others end and start again."""
    name = f"does not end: {kind}"
    library = "C:\\windows\\system32\\nvapi64.dll"
    with Windows() as place:
        with Neighbour("hold", place.library()) as stubborn, Neighbour("share", place.library()) as program:
            manager = RestartManager(place, (stubborn, kind, "dwm.exe", library), (program, "app", "a.exe", library))
            run = place.run("-DRVSRC", place.package(), "-FORCE")
            check(name, run.returncode == WAITS, f"{run}")
            check(name, manager.deeds(name) == [f"stop {program.id}", f"restart {program.id}"])
            check(name, stubborn.process.poll() is None)
        play_session_manager(place)
        check(name, place.run("-RECOVER").returncode == DONE and place.is_new(), "not as asked")


def test_removal(restart):
    """A removal can wait as well."""
    name = f"removal, {restart.__name__}"
    with Windows() as place:
        before = place.state()
        check(name, place.run("-DRVSRC", place.package()).returncode == DONE)
        place.wait(name, "-UNINSTALL")
        check(name, place.is_new(), "removed before the restart")
        restart(place)
        run = place.run("-RECOVER")
        check(name, run.returncode == DONE and place.state() == before, f"not as before: {run.stdout}{run.stderr}")


def test_move_fails(restart):
    """One of the moves cannot be made at the restart: the next run undoes the others, as soon as it can."""
    name = f"a move fails, {restart.__name__}"
    with Windows() as place:
        before = place.state()
        place.wait(name)
        fill(place.system, {"nvcuda.dll": b"somebody else's"})
        restart(place)
        check(name, place.state()["nvapi64.dll"] == b"new", "the other moves were not made")
        with Neighbour("hold", place.library()):
            for words in (["-RECOVER"], ["-DRVSRC", place.package(), "-FORCE"]):
                run = place.run(*words)
                check(name, run.returncode == UNFINISHED, f"{words}: {run}")
        run = place.run("-RECOVER")
        after = place.state()
        check(name, run.returncode == DONE and "undone" in run.stdout, f"{run.returncode}: {run.stdout}{run.stderr}")
        check(name, after.pop("nvcuda.dll", None) == b"somebody else's" and after == before, "not as before")


def main():
    global neighbour_program, restart_manager
    arguments = places.parse_command_line(__doc__, "neighbour", "restart_manager")
    neighbour_program = arguments.neighbour.resolve()
    restart_manager = arguments.restart_manager.resolve()
    cases = [(test_held, []), (test_held, ["-FORCE"]), (test_moved_while_in_use, "share"),
             (test_moved_while_in_use, "load"), (test_right_already,), (test_asked_to_end,),
             (test_put_back_and_restarted,), (test_called_off,), (test_not_asked_to_wait,),
             (test_does_not_end, "stays"), (test_does_not_end, "critical")]
    for restart in (play_session_manager, restart_wine):
        cases += [(test_finished, restart, ["-RECOVER"]), (test_finished, restart, []), (test_removal, restart),
                  (test_move_fails, restart)]
    count = 0
    for test, *words in cases:
        if arguments.chosen in f"{test.__name__} {words}":
            test(*words)
            count += 1
    print(f"{count} cases, {len(failures)} failures")
    return 1 if failures or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
