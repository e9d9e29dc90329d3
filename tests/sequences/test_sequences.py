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
import model  # noqa: E402

HOST = "host.json"
# Each seed has one of these. The second VM has a tree of checkpoints of all kinds, some with GPUs.
VMS = (("my vm", HOST), ("history", HOST + "?windows11+checkpoints"))
LIMITS = [f"{which}Partition{kind}" for kind in sim_state.KINDS for which in ("Min", "Max", "Optimal")]
MAKERS = (("[HyperPoint checkpoint before a restore ", "safety"), ("[HyperPoint checkpoint ", "ours"))
HANDS = ["power", "power", "automatic", "limits", "remove", "mmio", "gpu", "type", "guest"]


class Mismatch(Exception):
    pass


class World:
    """The real program and its simulated host, in a folder of their own."""

    def __init__(self, under_test, folder, vm, host):
        self.program, self.vm, self.new_host = under_test, vm, host
        for name in ("program", "state", "cwd"):
            (folder / name).mkdir()
        self.installed = under_test.install(folder / "program")
        self.root, self.cwd = folder / "state", folder / "cwd"
        self.host_file = self.cwd / HOST
        self.lines = []

    def start(self, *words):
        self.lines.append("hyperpoint " + shlex.join(words))
        host = HOST if self.host_file.exists() else self.new_host
        return self.program.start(self.installed, ["-HOST", f"sim:{host}", *words], self.cwd, self.root)

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

    @staticmethod
    def kind_of(row):
        kind = row["VirtualSystemType"].rpartition("Snapshot:")[2]
        if kind == "Recovery" or kind.startswith("Replica"):
            return "backup" if kind == "Recovery" else "replica"
        return "automatic" if row.get("IsAutomaticSnapshot") else "memory" if row.get("IsSaved") else "user"

    @staticmethod
    def maker_of(row):
        notes = "".join(row.get("Notes") or [])
        guid = row["InstanceID"].rpartition(":")[2]
        return next((maker for mark, maker in MAKERS if f"{mark}{guid}]" in notes), "others")

    def checkpoints(self, host, vm, settings):
        """In the order in which they were made, and where the VM is."""
        rows = sorted(host.checkpoints_of(vm["Name"]), key=lambda row: row["CreationTime"])
        names = {row["InstanceID"].upper(): row["ElementName"] for row in rows}

        def parent(row):
            return names.get(host.parent_of(row, names))

        return {row["ElementName"]: model.Checkpoint(parent(row), self.maker_of(row), self.kind_of(row),
                                                     row.get("UserSnapshotType", 3)) for row in rows}, parent(settings)

    def facts(self):
        host = self.host()
        vm = host.find(sim_state.SYSTEM, self.vm)
        settings = host.settings_of(vm["Name"])
        checkpoints, now = self.checkpoints(host, vm, settings)
        detached = None
        for path in self.files("memos"):
            rows = json.loads(path.read_text(encoding="utf-8"))["record"]["partitions"]
            detached = [self.adapter(host, {"HostResource": [row["hostResource"]], **row["limits"]}) for row in rows]
        state = vm.get("EnabledState", 3)
        return {"adapters": [self.adapter(host, row) for row in host.resources_of(settings, sim_state.ADAPTER)],
                "detached": detached, "checkpoints": checkpoints, "now": now,
                "automatic": bool(settings.get("AutomaticSnapshotsEnabled")),
                "low": int(settings.get("LowMmioGapSize", 128)), "high": int(settings.get("HighMmioGapSize", 512)),
                "cache": bool(settings.get("GuestControlledCacheTypes")), "type": settings.get("UserSnapshotType", 3),
                "power": next((word for word, value in sim_state.STATES.items() if value == state), state)}

    def others(self):
        """What no command may touch: the adapters of the other VMs."""
        return {key: count for key, count in self.host().adapters().items() if key[0] != self.guid}

    def prepare(self):
        if self.run("-DO", "list-gpus-partitionable", "-JSON") != model.DONE:
            raise Mismatch(self.said)
        gpus = [f"{gpu['name']} [{gpu['deviceId'].upper().rpartition(chr(92))[2]}]"
                for gpu in json.loads(self.said)["gpus"]]
        self.guid = self.host().find(sim_state.SYSTEM, self.vm)["Name"]
        self.edit("knobs", "jobMilliseconds=0", "guestShutdownMilliseconds=0", "mergeMilliseconds=0")
        vm = model.Vm(gpus)
        vars(vm).update(self.facts())
        return vm


class Sequence:
    def __init__(self, world, seed):
        self.world = world
        self.random = random.Random(seed)
        self.model = world.prepare()
        self.untouched = world.others()
        self.kills = self.names = 0

    # ---- what happens ----

    def new_name(self):
        self.names += 1
        return f"name {self.names}"

    def some_checkpoint(self):
        return self.random.choice([*self.model.checkpoints, "latest"])

    def power_flags(self):
        flags = ("STOP", "START", "TURNOFF", "DISCARDSAVED")
        if self.random.random() < (0.2 if self.model.power == "off" else 0.8):
            return {"STOP"} | {flag for flag in flags[1:] if self.random.random() < 0.6}
        return set()

    def choose(self):
        """A command, and its words."""
        verbs = (["checkpoint"] * 3 + ["detach", "attach"] * 3 + ["add", "remove"] * 2
                 + ["add-auto", "add-all", "remove-all", "reset", "forget", "prune", "start"])
        if self.model.checkpoints:
            verbs += ["restore"] * 3 + ["rename-checkpoint", "remove-checkpoint"]
        if self.model.power == "saved":
            verbs.remove("start")
        command = model.Command(self.random.choice(verbs))
        flags = set() if command.verb in model.WHILE_ON else self.power_flags()
        if command.verb in ("add", "remove") or (command.verb in ("checkpoint", "restore") and self.random.random() < 0.3):
            command.gpus = tuple(self.random.sample(self.model.present(), self.random.randint(1, 2)))
        if command.verb in ("restore", "rename-checkpoint", "remove-checkpoint"):
            command.checkpoint = self.some_checkpoint()
        if command.verb == "restore" and self.random.random() < 0.4:
            flags.add("DISCARD")
        if command.verb == "remove-checkpoint" and self.random.random() < 0.4:
            flags.add("SUBTREE")
        if command.verb in ("checkpoint", "restore", "rename-checkpoint") and "DISCARD" not in flags:
            command.name = self.new_name()
        if command.verb == "prune":
            command.keep = self.random.randint(0, 4)
            command.name = self.random.choice([None, None, "NAME *", "name ?", "* inst*"])
        command.flags = frozenset(flags)
        return command, self.words_of(command)

    def words_of(self, command):
        words = ["-VM", self.world.vm, "-DO", "attach" if command.verb == "forget" else command.verb]
        if command.verb == "forget":
            words.append("-FORGET")
        if command.gpus:
            words += ["-GPU", ",".join(f"order:{self.model.present().index(gpu) + 1}" for gpu in command.gpus)]
        for word, value in (("-NAME", command.name), ("-CHECKPOINT", command.checkpoint)):
            words += [word, value] if value is not None else []
        if command.verb == "prune":
            words += ["-KEEP", str(command.keep)]
        if "STOP" in command.flags:
            words += ["-TIMEOUT", "20s"]
        return words + [f"-{flag}" for flag in sorted(command.flags)]

    def by_hand(self):
        """Somebody else, with the program not at work."""
        deed = self.random.choice(HANDS)
        adapters = self.world.facts()["adapters"]
        is_off = self.model.power == "off"
        if deed == "power":
            self.model.power = self.random.choice(["off", "off", "running", "paused", "saved"])
            self.world.edit("power", self.world.vm, self.model.power)
        elif deed == "guest":
            self.model.guest_refuses = not self.model.guest_refuses
            self.world.edit("knobs", f'guestShutdown="{"refused" if self.model.guest_refuses else "works"}"')
        elif deed == "gpu":
            gpu = self.model.gone or self.random.choice(self.model.gpus)
            self.world.move_gpu(gpu, self.model.gone is None)
            self.model.gone = gpu if self.model.gone is None else None
        elif deed == "automatic":
            self.model.automatic = True
            self.set_setting("AutomaticSnapshotsEnabled=true")
        elif deed == "type":
            self.model.type = 8 - self.model.type
            self.set_setting(f"UserSnapshotType={self.model.type}")
        elif deed == "mmio" and is_off:
            self.model.low = self.random.choice([128, 2048])
            self.set_setting(f'LowMmioGapSize="{self.model.low}"')
        elif deed in ("remove", "limits") and adapters and is_off:
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

    def step(self):
        if self.random.random() < 0.2:
            self.by_hand()
            return
        command, words = self.choose()
        code, after = self.model.do(command)
        if self.random.random() < 0.15:
            self.check_code(self.world.run(*words, "-WHATIF"), self.model.do(command, only_look=True)[0])
        elif code == model.DONE and self.model.gone is None and self.random.random() < 0.25:
            self.kill(command, words, after)
        else:
            self.check_code(self.world.run(*words), code)
            self.model = after

    def check_code(self, found, expected):
        if found != expected:
            raise Mismatch(f"exit code {found}, expected {expected}\n{self.world.said}")

    def run_and_kill(self, words):
        """True: it has been killed, in the middle of one of the host's jobs; otherwise it came to its end first."""
        process = self.world.start(*words)
        line = len(self.world.lines) - 1
        left, ended = self.random.randint(0, 4), set()
        while True:
            program.wait_until(lambda: self.world.running_jobs() - ended, process)
            if process.poll() is not None:
                break
            if left == 0:
                program.kill(process)
                self.kills += 1
                self.world.lines[line] += "  -> killed"
                return True
            left -= 1
            ended |= self.world.running_jobs()
            self.world.edit("jobs", "finish")
        code, stdout, stderr = program.finish(process)
        self.world.said = stdout.decode() + stderr.decode()
        self.world.lines[line] += f"  -> {code}"
        self.check_code(code, model.DONE)
        return False

    def kill(self, command, words, after):
        """The job is then carried out, or not; and then recover."""
        self.world.edit("knobs", "jobMilliseconds=600000", "asyncResources=true")
        is_killed = self.run_and_kill(words)
        has_journal = bool(self.world.files("journal"))
        # A guest that is going down, or a VM that starts, comes to the end of that.
        may_drop = has_journal or command.verb in model.REMOVING
        self.world.edit("jobs", self.random.choice(["finish", "drop"]) if may_drop else "finish")
        self.world.edit("knobs", "jobMilliseconds=0", "asyncResources=false")
        if not is_killed:
            self.model = after
            return
        if has_journal and self.random.random() < 0.5:
            self.check_code(self.world.run(*self.choose()[1]), model.UNFINISHED)
        self.check_code(self.world.run("-VM", self.world.vm, "-DO", "recover"), model.DONE)
        self.settle_for_one(command, after, {"off"} if has_journal else {self.model.power, "off", after.power})

    def settle_for_one(self, command, after, powers):
        """Nothing of it, all of it, or a part that docs/safety.md tells of."""
        found = self.world.facts()
        allowed = [self.model, after, *self.model.stages(command, found["checkpoints"])]
        for candidate in [candidate.copy() for candidate in allowed]:
            candidate.power = found["power"] if found["power"] in powers else candidate.power
            for name in candidate.checkpoints.keys() - self.model.checkpoints.keys() & found["checkpoints"].keys():
                candidate.checkpoints[name].maker = found["checkpoints"][name].maker  # the mark comes after it
            if candidate.facts() == found:
                self.model = candidate
                return
        raise Mismatch("\n".join([f"after recover: {found}", "expected one of:",
                                  *(str(candidate.facts()) for candidate in allowed)]))

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
        world = World(under_test, pathlib.Path(folder), *VMS[seed % len(VMS)])
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
