#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Commands in any order, some of them killed, with other hands on the VM in between, against a model (model.py): after
each, GPUs, what is remembered of them, checkpoints, settings and power must be as the model says.

    test_sequences.py PROGRAM [--seeds FIRST COUNT] [--steps N] [--verbose]
"""

import argparse
import json
import pathlib
import random
import shlex
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "scenario")]

import program  # noqa: E402
import sim_state  # noqa: E402
from model import WHILE_ON, Refused, Vm  # noqa: E402

VM = "my vm"
HOST = "host.json"
LIMITS = [f"{which}Partition{kind}" for kind in sim_state.KINDS for which in ("Min", "Max", "Optimal")]
DONE, REFUSED, UNFINISHED = 0, 1, 5


class Mismatch(Exception):
    pass


class World:
    """The real program and its simulated host, in a folder of their own."""

    def __init__(self, under_test, folder):
        self.program = under_test
        for name in ("program", "state", "cwd"):
            (folder / name).mkdir()
        self.installed = under_test.install(folder / "program")
        self.root, self.cwd = folder / "state", folder / "cwd"
        self.host_file = self.cwd / HOST
        self.lines = []

    def start(self, *words):
        self.lines.append("hyperpoint " + shlex.join(words))
        return self.program.start(self.installed, ["-HOST", f"sim:{HOST}", *words], self.cwd, self.root)

    def run(self, *words):
        process = self.start(*words)
        code, stdout, stderr = program.finish(process)
        self.lines[-1] += f"  -> {code}"
        self.said = stdout.decode() + stderr.decode()
        return code

    def edit(self, name, *words):
        self.lines.append(f"{name} {shlex.join(words)}")
        with self.program.lock(self.host_file):
            host = sim_state.Host(self.host_file)
            host.edit(name, words)
            host.save()

    def move_gpu(self, gpu, is_gone):
        """Takes a GPU out of the host, or puts it back in its place."""
        self.lines.append(f"{gpu} is {'gone' if is_gone else 'back'}")
        with self.program.lock(self.host_file):
            host = sim_state.Host(self.host_file)
            rows = host.root["instances"][sim_state.VIRTUALIZATION]
            if is_gone:
                gpus = host.rows(sim_state.GPU)
                row = next(row for row in gpus if gpu.rpartition("[")[2].rstrip("]") in row["Name"].upper())
                self.gone = row, [other["Name"] for other in gpus[gpus.index(row) + 1:]]
                del rows[next(i for i, other in enumerate(rows) if other is row)]
            else:
                row, followers = self.gone
                place = next((i for i, other in enumerate(rows)
                              if other["class"] == sim_state.GPU and other["Name"] in followers), len(rows))
                rows.insert(place, row)
            host.save()

    def host(self):
        with self.program.lock(self.host_file):
            return sim_state.Host(self.host_file)

    def running_jobs(self):
        return {job["id"] for job in self.host().root.get("jobs", []) if "end" not in job}

    def files(self, folder):
        folder = self.program.state_folder(self.root) / folder
        return sorted(folder.glob("*.json")) if folder.is_dir() else []

    # ---- what there is ----

    @staticmethod
    def adapter(host, row):
        return host.gpu_name(row), tuple(None if row.get(name) is None else str(row[name]) for name in LIMITS)

    def facts(self):
        host = self.host()
        vm = host.find(sim_state.SYSTEM, VM)
        settings = host.settings_of(vm["Name"])
        detached = None
        for path in self.files("memos"):
            rows = json.loads(path.read_text(encoding="utf-8"))["record"]["partitions"]
            detached = [self.adapter(host, {"HostResource": [row["hostResource"]], **row["limits"]}) for row in rows]
        return {"adapters": [self.adapter(host, row) for row in host.resources_of(settings, sim_state.ADAPTER)],
                "detached": detached,
                "checkpoints": [row["ElementName"] for row in host.checkpoints_of(vm["Name"])],
                "automatic": bool(settings.get("AutomaticSnapshotsEnabled")),
                "low": int(settings.get("LowMmioGapSize", 128)), "high": int(settings.get("HighMmioGapSize", 512)),
                "cache": bool(settings.get("GuestControlledCacheTypes")),
                "is_on": vm.get("EnabledState", 3) == sim_state.STATES["running"]}

    def others(self):
        """What no command may touch: the adapters of the other VMs."""
        return {key: count for key, count in self.host().adapters().items() if key[0] != self.guid}

    def prepare(self):
        if self.run("-DO", "list-gpus-partitionable", "-JSON") != DONE:
            raise Mismatch(self.said)
        gpus = [f"{gpu['name']} [{gpu['deviceId'].upper().rpartition(chr(92))[2]}]"
                for gpu in json.loads(self.said)["gpus"]]
        self.guid = self.host().find(sim_state.SYSTEM, VM)["Name"]
        self.edit("knobs", "jobMilliseconds=0")
        model = Vm(gpus)
        vars(model).update(self.facts())
        return model


class Sequence:
    def __init__(self, world, seed):
        self.world = world
        self.random = random.Random(seed)
        self.model = world.prepare()
        self.untouched = world.others()
        self.kills = self.names = 0

    # ---- what happens ----

    def choose(self):
        """(verb, orders, name, words) of a command."""
        verbs = ["checkpoint"] * 3 + ["detach", "attach"] * 3 + ["add", "remove"] * 2 + ["add-auto", "add-all", "remove-all",
                                                                                      "reset"]
        if self.model.checkpoints:
            verbs += WHILE_ON
        verb = self.random.choice(verbs)
        orders, name, words = [], None, ["-VM", VM, "-DO", verb]
        if verb in ("add", "remove") or (verb == "checkpoint" and self.random.random() < 0.3):
            orders = self.random.sample(range(1, len(self.model.present()) + 1), self.random.randint(1, 2))
            words += ["-GPU", ",".join(f"order:{order}" for order in orders)]
        if verb in ("checkpoint", "rename-checkpoint"):
            self.names += 1
            name = f"name {self.names}"
            words += ["-NAME", name]
        if verb in WHILE_ON:
            words += ["-CHECKPOINT", self.model.checkpoints[-1]]
        return verb, orders, name, words

    def by_hand(self):
        """Somebody else, with the program not at work."""
        deed = self.random.choice(["power", "automatic", "limits", "remove", "mmio", "gpu"])
        adapters = self.world.facts()["adapters"]
        if deed == "power":
            self.model.is_on = not self.model.is_on
            self.world.edit("power", VM, "running" if self.model.is_on else "off")
        elif deed == "gpu":
            gpu = self.model.gone or self.random.choice(self.model.gpus)
            self.world.move_gpu(gpu, self.model.gone is None)
            self.model.gone = gpu if self.model.gone is None else None
        elif deed == "automatic":
            self.model.automatic = True
            self.set_setting("AutomaticSnapshotsEnabled=true")
        elif deed == "mmio" and not self.model.is_on:
            self.model.low = self.random.choice([128, 2048])
            self.set_setting(f'LowMmioGapSize="{self.model.low}"')
        elif adapters and not self.model.is_on:
            index = self.random.randrange(len(adapters))
            row = self.row_of(index)["InstanceID"]
            if deed == "remove":
                del self.model.adapters[index]
                self.world.edit("delete", sim_state.ADAPTER, row)
            else:
                gpu, limits = self.model.adapters[index]
                self.model.adapters[index] = gpu, ("1000", "3000", "2000", *limits[3:])
                self.world.edit("set", sim_state.ADAPTER, row, 'MinPartitionVRAM="1000"', 'MaxPartitionVRAM="3000"',
                                'OptimalPartitionVRAM="2000"')

    def row_of(self, index):
        host = self.world.host()
        return host.resources_of(host.settings_of(self.world.guid), sim_state.ADAPTER)[index]

    def set_setting(self, assignment):
        self.world.edit("set", sim_state.SETTINGS, f"Microsoft:{self.world.guid}", assignment)

    # ---- commands ----

    def expect(self, verb, orders, name):
        try:
            return DONE, self.model.do(verb, orders, name)
        except Refused:
            return REFUSED, self.model

    def step(self):
        if self.random.random() < 0.2:
            self.by_hand()
            return
        verb, orders, name, words = self.choose()
        code, after = self.expect(verb, orders, name)
        if self.random.random() < 0.15:
            self.check_code(self.world.run(*words, "-WHATIF"), code)
        elif code == DONE and verb not in WHILE_ON and self.model.gone is None and self.random.random() < 0.25:
            self.kill(words, after)
        else:
            self.check_code(self.world.run(*words), code)
            self.model = after

    def check_code(self, found, expected):
        if found != expected:
            raise Mismatch(f"exit code {found}, expected {expected}\n{self.world.said}")

    def kill(self, words, after):
        """In the middle of one of the host's jobs, which is then carried out, or not; and then recover."""
        self.world.edit("knobs", "jobMilliseconds=600000", "asyncResources=true")
        process = self.world.start(*words)
        line = len(self.world.lines) - 1
        left, ended = self.random.randint(0, 3), set()
        while program.wait_until(lambda: self.world.files("journal") and self.world.running_jobs() - ended, process):
            if process.poll() is not None:
                break
            if left == 0:
                program.kill(process)
                self.kills += 1
                break
            left -= 1
            ended |= self.world.running_jobs()
            self.world.edit("jobs", "finish")
        is_killed = process.returncode is not None and process.returncode < 0
        if not is_killed:
            code, stdout, stderr = program.finish(process)
            self.world.said = stdout.decode() + stderr.decode()
            self.check_code(code, DONE)
        self.world.lines[line] += "  -> killed" if is_killed else "  -> 0"
        self.world.edit("jobs", self.random.choice(["finish", "drop"]))
        self.world.edit("knobs", "jobMilliseconds=0", "asyncResources=false")
        if not is_killed:
            self.model = after
            return
        if self.random.random() < 0.5:
            self.check_code(self.world.run(*self.choose()[3]), UNFINISHED)
        self.check_code(self.world.run("-VM", VM, "-DO", "recover"), DONE)
        found = self.world.facts()
        allowed = [self.model, after]
        self.model = next((model for model in allowed if model.facts() == found), None)
        if self.model is None:
            raise Mismatch(f"after recover: {found}\nexpected: {allowed[0].facts()}\n      or: {allowed[1].facts()}")

    def check(self):
        found, expected = self.world.facts(), self.model.facts()
        wrong = [f"{name}: {found[name]}\n  expected: {expected[name]}" for name in expected
                 if found[name] != expected[name]]
        if wrong:
            raise Mismatch("\n".join(wrong))
        if self.world.files("journal"):
            raise Mismatch("a journal stands")
        if self.world.others() != self.untouched:
            raise Mismatch("the GPUs of another VM have changed")


def walk(under_test, seed, steps, verbose):
    """The number of kills; raises Mismatch."""
    with tempfile.TemporaryDirectory(prefix="hyperpoint-") as folder:
        world = World(under_test, pathlib.Path(folder))
        sequence = None
        try:
            sequence = Sequence(world, seed)
            for _ in range(steps):
                sequence.step()
                sequence.check()
            return sequence.kills
        except Mismatch as problem:
            raise Mismatch("\n".join([*world.lines, str(problem)])) from None
        finally:
            if verbose:
                print("\n".join(world.lines))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--exec-prefix", type=shlex.split, default=[])
    parser.add_argument("--seeds", type=int, nargs=2, default=(1, 3), metavar=("FIRST", "COUNT"))
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--verbose", action="store_true", help="print all that happened")
    arguments = parser.parse_args()
    under_test = program.Program(arguments.program.resolve(), arguments.exec_prefix)
    first, count = arguments.seeds
    failed = kills = 0
    for seed in range(first, first + count):
        try:
            kills += walk(under_test, seed, arguments.steps, arguments.verbose)
        except Mismatch as problem:
            failed += 1
            print(f"FAILED: seed {seed}\n{problem}\n")
    print(f"seeds {first} to {first + count - 1}, {arguments.steps} steps each, {kills} kills: "
          f"{count - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
