#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Many VMs on several hosts at once: nothing is lost and nothing mixed up, whatever some of them run into, whoever
interrupts or kills the program.

    test_many.py --program build/debug/hyperpoint [--vms 50] [--hosts 4] [--only NAME]"""

import argparse
import collections
import contextlib
import json
import pathlib
import re
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "scenario"))
import program  # pylint: disable=wrong-import-position
import sim_state  # pylint: disable=wrong-import-position
import terminal  # pylint: disable=wrong-import-position

SAMPLE = "my vm"  # it has two GPUs; those that are made are like it
CHECKPOINT = "side by side"


class Stage:
    """Hosts with many VMs, and the program beside them."""

    def __init__(self, under_test, folder, hosts, vms, knobs):
        self.program = under_test
        self.folder = folder
        (folder / "program").mkdir()
        self.installed = under_test.install(folder / "program")
        self.state = folder / "state"
        self.state.mkdir()
        self.files = [folder / f"host{number}.json" for number in range(hosts)]
        for path in self.files:
            self.run(["-HOST", f"sim:{path.name}", "-DO", "list-vms", "-JSON"])
            with self.edit(path) as host:
                for number in range(vms):
                    host.edit("clone", [SAMPLE, f"{path.stem} vm {number}"])
                host.set_knobs(knobs)
        self.before = {path: sim_state.Host(path) for path in self.files}

    @contextlib.contextmanager
    def edit(self, path):
        with self.program.lock(path):
            host = sim_state.Host(path)
            yield host
            host.save()

    def look(self, path):
        with self.program.lock(path):
            return sim_state.Host(path)

    def look_all(self):
        return {path: self.look(path) for path in self.files}

    def words(self, *more):
        return ["-HOST", ",".join(f"sim:{path.name}" for path in self.files), *more]

    def start(self, words):
        return self.program.start(self.installed, words, self.folder, self.state)

    def run(self, words, code=0):
        return self.finish(self.start(words), code)

    def finish(self, process, code):
        found, stdout, stderr = program.finish(process)
        text = stdout.decode("utf-8")
        assert found == code, f"exit code {found}, not {code}\n{text}\n{stderr.decode()}"
        return json.loads(text) if text.startswith("{") else text

    def journals(self):
        return sorted((self.program.state_folder(self.state) / "journal").glob("*.json"))

    def logs(self):
        return [path.read_text(encoding="utf-8-sig") for path in (self.folder / "program" / "logs").glob("*.log")]

    def start_until(self, words, condition):
        """Starts the program and waits for what it does."""
        process = self.start(words)
        if not program.wait_until(condition, process):
            self.finish(process, None)
        return process


def names_of(host):
    return {row["Name"].upper(): row["ElementName"] for row in host.vms()}


def check_same_gpus(stage, before, after):
    for path in stage.files:
        lost = before[path].adapter_rows(), after[path].adapter_rows()
        assert lost[0] == lost[1], f"the GPU partitions of {path.name} are not what they were"


def check_results(result, expected):
    """Each VM of each host once, in the order asked for, with its own name, ID, host and outcome."""
    found = [(part["host"], part["vm"]["name"], part["vm"]["id"], part["exitCode"]) for part in result["results"]]
    assert len(set(found)) == len(found)
    assert sorted(found) == sorted(expected), f"{sorted(set(found) ^ set(expected))[:10]}"
    assert result["exitCode"] == 3 if len({row[3] for row in expected}) > 1 else True


def test_mixed(stage):
    """Some VMs run, some have checkpoints disabled, and some have what keeps a checkpoint from being made."""
    kinds = collections.OrderedDict()
    for path in stage.files:
        with stage.edit(path) as host:
            for number, vm in enumerate(sorted(host.vms(), key=lambda row: row["ElementName"])):
                name = vm["ElementName"]
                if not name.startswith("host"):
                    continue
                kinds[path, vm["Name"].upper()] = number % 7
                if number % 7 == 1:
                    host.edit("power", [name, "running"])
                elif number % 7 == 2:
                    host.settings_of(vm["Name"])["UserSnapshotType"] = 2
                elif number % 7 == 3:
                    host.edit("hide", [name])
    codes = {1: 1, 2: 1, 3: 4}
    before = stage.look_all()
    result = stage.run(stage.words("-VM", "host*", "-NAME", CHECKPOINT, "-PARALLEL", "16", "-JSON"), 3)
    after = stage.look_all()
    expected = [(f"sim:{path.name}", names_of(before[path])[guid], guid, codes.get(kind, 0))
                for (path, guid), kind in kinds.items()]
    check_results(result, expected)
    made = {(part["host"], part["vm"]["id"]): part["checkpoint"]["id"] for part in result["results"]
            if part["exitCode"] == 0}
    for (path, guid), kind in kinds.items():
        found = [row for row in after[path].checkpoints_of(guid) if row["ElementName"] == CHECKPOINT]
        assert len(found) == (0 if kind in codes else 1), f"{names_of(before[path])[guid]}: {len(found)} checkpoints"
        for row in found:
            assert made[f"sim:{path.name}", guid] in row["InstanceID"].upper()
    check_same_gpus(stage, before, after)
    assert not stage.journals()
    check_logs(stage, kinds, before)
    return f"{len(expected)} VMs, {sum(row[3] == 0 for row in expected)} done, " \
           f"{sum(row[3] == 4 for row in expected)} put back"


def check_logs(stage, kinds, before):
    """A log is of one VM, and each VM that something was begun with has one."""
    guids = {guid: names_of(before[path])[guid] for path, guid in kinds}
    with_log = collections.Counter()
    for text in stage.logs():
        mentioned = {guid for guid in guids if guid in text.upper()}
        assert len(mentioned) == 1, f"a log is of {len(mentioned)} VMs:\n{text}"
        assert text.count("HyperPoint ") == 1
        with_log.update(mentioned)
    for (path, guid), kind in kinds.items():
        least = 0 if kind in (1, 2) else 1  # refused before anything was begun, perhaps
        assert least <= with_log[guid] <= 1, f"{guids[guid]}: {with_log[guid]} logs"


def test_killed(stage):
    """Killed in the middle; recover of all hosts at once puts everything back, or finishes it."""
    before = stage.look_all()
    words = stage.words("-VM", "host*", "-NAME", CHECKPOINT, "-PARALLEL", "16")
    rounds = 0
    while rounds < 3:
        seen = len(stage.journals())
        process = stage.start_until(words, lambda: len(stage.journals()) >= seen + 8)
        program.kill(process)
        rounds += 1
        assert stage.journals()
        result = stage.run(stage.words("-DO", "recover", "-JSON"))
        assert not stage.journals(), f"{len(stage.journals())} journals stand"
        assert len(result["results"]) == len(stage.files)
        check_same_gpus(stage, before, stage.look_all())
        recovered = sum(len(part["vms"]) for part in result["results"])
        assert recovered >= 8, recovered
    return f"killed {rounds} times"


def test_unfinished(stage):
    """A journal that stands outweighs what went well, and each journal is its own VM's."""
    with stage.edit(stage.files[0]) as host:
        host.set_knobs({"jobMilliseconds": "600000"})
    name = f"{stage.files[0].stem} vm 0"
    process = stage.start_until(["-HOST", f"sim:{stage.files[0].name}", "-VM", name], lambda: bool(stage.journals()))
    program.kill(process)
    with stage.edit(stage.files[0]) as host:
        host.set_knobs({"jobMilliseconds": "1"})
        host.edit("jobs", ["finish"])
    result = stage.run(stage.words("-VM", "host*", "-NAME", CHECKPOINT, "-JSON"), 5)
    codes = collections.Counter(part["exitCode"] for part in result["results"])
    assert codes[5] == 1 and codes[0] == len(result["results"]) - 1, codes
    assert [part["vm"]["name"] for part in result["results"] if part["exitCode"] == 5] == [name]
    stage.run(stage.words("-VM", "host*", "-DO", "recover", "-JSON"))
    assert not stage.journals()
    return f"{len(result['results'])} VMs"


def finish_jobs(stage, process):
    """What the hosts do comes to its end, as long as the program runs."""
    while process.poll() is None:
        for path in stage.files:
            with stage.edit(path) as host:
                host.edit("jobs", ["finish"])
        time.sleep(0.05)


def is_at_work(stage, count):
    """So many are taking GPUs off, and the jobs are under way."""
    def look():
        steps = []
        for path in stage.journals():
            with contextlib.suppress(OSError, ValueError, KeyError):
                steps.append(json.loads(path.read_text())["record"]["step"])
        jobs = sum(stage.look(path).running_jobs() for path in stage.files)
        return steps.count("removal") == count and jobs == count
    return look


def set_long_jobs(stage):
    for path in stage.files:
        with stage.edit(path) as host:
            host.set_knobs({"jobMilliseconds": "600000", "asyncResources": "true"})
            for vm in host.vms():
                host.settings_of(vm["Name"]).pop("AutomaticSnapshotsEnabled", None)


def interrupted(stage, times):
    set_long_jobs(stage)
    before = stage.look_all()
    words = stage.words("-VM", "host*", "-NAME", CHECKPOINT, "-PARALLEL", "3", "-JSON")
    process = stage.start_until(words, is_at_work(stage, 3))
    for _ in range(times):
        program.interrupt(process)
    finish_jobs(stage, process)
    after = stage.look_all()
    check_same_gpus(stage, before, after)
    assert not stage.journals()
    return process, after


def test_interrupted_once(stage):
    """The first Ctrl-C: those that are under way go on to their end, and no other is begun."""
    process, after = interrupted(stage, 1)
    result = stage.finish(process, 3)
    codes = [part["exitCode"] for part in result["results"]]
    assert codes.count(0) == 3 and codes.count(1) == len(codes) - 3, codes
    assert all(part["error"]["code"] == "cancelled" for part in result["results"] if part["exitCode"] == 1)
    made = sum(row["ElementName"] == CHECKPOINT for host in after.values() for vm in host.vms()
               for row in host.checkpoints_of(vm["Name"]))
    assert made == 3, made
    assert any("interrupted" in text for text in result["notices"]), result["notices"]
    return f"3 of {len(codes)} came to their end"


def test_interrupted_twice(stage):
    """The second one: those that are under way are put back."""
    process, _ = interrupted(stage, 2)
    result = stage.finish(process, 4)
    codes = [part["exitCode"] for part in result["results"]]
    assert codes.count(4) == 3 and codes.count(1) == len(codes) - 3, codes
    return f"3 of {len(codes)} were put back"


def test_interrupted_mending(stage):
    """Ctrl-C while -FIX mends a second VM: that is put back, and the first one is told to be mended."""
    path = stage.files[0]
    with stage.edit(path) as host:
        host.set_knobs({"jobMilliseconds": "600000"})
    words = ["-HOST", f"sim:{path.name}", "-VM", "host*", "-DO", "check", "-FIX", "-YES", "-JSON"]
    process = stage.start_until(words, lambda: stage.look(path).running_jobs() == 1)
    first = stage.journals()
    with stage.edit(path) as host:
        host.edit("jobs", ["finish"])
    second = program.wait_until(lambda: stage.journals() not in ([], first) and stage.look(path).running_jobs() == 1,
                                process)
    assert second, "the second VM was not begun"
    program.interrupt(process)
    finish_jobs(stage, process)
    result = stage.finish(process, 3)
    mended = {row["vm"] for row in result["mended"]}
    assert len(mended) == 1 and result["error"]["code"] == "cancelled" and not stage.journals(), result
    return "1 mended, 1 put back"


def test_drivers(stage):
    """Packages of the same drivers for many VMs, into the same folder: each is made once, and whole."""
    words = ["-VM", "host*", "-DO", "get-drivers", "-DEST", "made", "-PARALLEL", "16", "-JSON"]
    result = stage.run(stage.words(*words))
    found = collections.defaultdict(list)
    for part in result["results"]:
        for package in part["packages"]:
            found[package["path"]].append(package)
    assert len(found) == 2 and all(len(packages) == len(result["results"]) for packages in found.values())
    for packages in found.values():
        assert sum(not package["unchanged"] for package in packages) == 1
        assert len({package["size"] for package in packages}) == 1
    made = sorted(path.name for path in (stage.folder / "made").iterdir() if not path.name.startswith("."))
    assert made == sorted(pathlib.PureWindowsPath(path).name for path in found), made
    stage.run(["-HOST", f"sim:{stage.files[0].name}", "-VM", "my vm", "-DO", "check-drivers", "-DEST", "made", "-JSON"])
    return f"{len(result['results'])} VMs, 2 packages"


def test_renamed(stage):
    """A VM that is renamed before its turn comes is the one that was meant."""
    set_long_jobs(stage)
    path = stage.files[0]
    names = [f"{path.stem} vm {number}" for number in (0, 1)]
    words = ["-HOST", f"sim:{path.name}", "-VM", ",".join(names), "-NAME", CHECKPOINT, "-PARALLEL", "1", "-JSON"]
    guids = {name: guid for guid, name in names_of(stage.look(path)).items()}
    process = stage.start_until(words, is_at_work(stage, 1))
    with stage.edit(path) as host:
        host.edit("rename", [names[1], "another name"])
        host.edit("clone", [SAMPLE, names[1]])
    finish_jobs(stage, process)
    result = stage.finish(process, 0)
    assert [part["vm"]["id"] for part in result["results"]] == [guids[name] for name in names]
    assert [part["vm"]["name"] for part in result["results"]] == [names[0], "another name"]
    made = {vm["ElementName"]: len(stage.look(path).checkpoints_of(vm["Name"])) for vm in stage.look(path).vms()}
    assert (made["another name"], made[names[1]]) == (1, 0), made
    return "one of two"


def set_job_length(stage, milliseconds):
    """Of all jobs to come; those that are under way end."""
    for path in stage.files:
        with stage.edit(path) as host:
            host.set_knobs({"jobMilliseconds": milliseconds})
            host.edit("jobs", ["finish"])


class Screen:
    """What is left to see on a terminal that obeys as much as the program asks of it."""

    def __init__(self, columns):
        self.columns = columns
        self.lines, self.row = [""], 0
        self.widest = 0

    def write(self, text):
        for part in re.findall(r"\x1b\[\d*[A-Z]|\r|\n|[^\x1b\r\n]+", text):
            if part == "\n":
                self.row += 1
                self.lines += [""] * (self.row + 1 - len(self.lines))
            elif part.endswith("A") and part.startswith("\x1b"):
                self.row -= int(part[2:-1])
                assert self.row >= 0
            elif part == "\x1b[J":
                self.lines[self.row:] = [""]
            elif part != "\r":
                self.lines[self.row] += part
                self.widest = max(self.widest, len(self.lines[self.row]))


def test_terminal(stage):
    """While they are at work each has a line, as many as there is room for; what is left is blocks and the table."""
    if stage.program.is_windows:
        return "not under Wine"
    rows, columns = 8, 50
    with stage.edit(stage.files[0]) as host:
        host.edit("rename", [f"{stage.files[0].stem} vm 0", "a VM with a name that is longer than the terminal is wide"])
    words = stage.words("-VM", "*vm*", "-NAME", "x", "-PARALLEL", "12")
    has_seen = False

    def look(sent, _):
        nonlocal has_seen
        if not has_seen and re.search(rb"change the VM's[^\x1b]*%\r\n", sent):
            has_seen = True
            set_job_length(stage, "20")

    set_job_length(stage, "600000")  # until they have been seen
    code, sent = terminal.run([stage.installed, *words], stage.folder,
                              {**stage.program.environment(stage.state), "TERM": "xterm"}, look=look, size=(rows, columns))
    assert code == 0, sent
    live = [part for part in sent.split("\x1b[J") if "change the VM's" in part]
    assert live and re.search(r"and \d+ more\r\n", sent)
    assert max(part.partition("==")[0].count("\n") for part in live) < rows
    assert any(re.search(r"\d+%\r\n", part) for part in live)
    screen = Screen(columns)
    screen.write(sent)
    left = [line for line in screen.lines if re.search(r": (at work|.*%$)|^and \d+ more", line)]
    assert not left, left
    blocks = "\n".join(screen.lines).split("\n\n")
    names = [block.splitlines()[0] for block in blocks if block.startswith("== ")]
    vms = len(stage.files) * (len(stage.look(stage.files[0]).vms()) - 4)
    assert len(names) == len(set(names)) == vms, (len(names), vms)
    assert blocks[-1].splitlines()[0].split() == ["VM", "Host", "Result", "Time"]
    assert screen.lines[-2] == f"{vms} done"
    return f"{vms} VMs"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--vms", type=int, default=50)
    parser.add_argument("--hosts", type=int, default=4)
    parser.add_argument("--only")
    arguments, under_test = program.parse_command_line(parser)
    tests = [(test_mixed, arguments.vms), (test_killed, arguments.vms), (test_unfinished, 5),
             (test_drivers, 3), (test_terminal, 3), (test_renamed, 3), (test_interrupted_once, 3),
             (test_interrupted_twice, 3), (test_interrupted_mending, 3)]
    for test, vms in tests:
        if arguments.only and arguments.only not in test.__name__:
            continue
        with tempfile.TemporaryDirectory(prefix="hyperpoint-many-", ignore_cleanup_errors=True) as name:
            started = time.monotonic()
            stage = Stage(under_test, pathlib.Path(name).resolve(), arguments.hosts, vms, {"jobMilliseconds": "20"})
            told = test(stage)
            print(f"{test.__name__}: {told}, {time.monotonic() - started:.1f} s", flush=True)


if __name__ == "__main__":
    main()
