# SPDX-License-Identifier: MIT
"""What a VM has to be like after each command, by the words of docs/safety.md and docs/commands.md alone: nothing of the
program's or of the simulated host's own code is in here."""

import copy
import dataclasses
import fnmatch

DEFAULT = ("80000000", "100000000", "100000000") * 4
LOW_MMIO, HIGH_MMIO = 1024, 32768
REMOVING = ("remove-checkpoint", "prune")
WHILE_ON = ("rename-checkpoint", *REMOVING, "forget", "start")  # the others change GPUs
ALWAYS_CHANGE = ("checkpoint", "restore", "reset")
DONE, REFUSED, SOME, UNFINISHED = 0, 1, 3, 5


class Refused(Exception):
    """The command is refused, and nothing is changed."""


@dataclasses.dataclass
class Checkpoint:
    parent: str  # name; None: a root
    maker: str  # "ours", "safety", "others"
    kind: str  # "user", "memory", "automatic", "backup", "replica"
    type: int  # of the VM's checkpoints then: a setting that a restore takes back

    def is_users(self):
        return self.kind not in ("backup", "replica")


@dataclasses.dataclass
class Command:
    verb: str
    gpus: tuple = ()
    name: str = None  # of -NAME
    checkpoint: str = None  # of -CHECKPOINT
    flags: frozenset = frozenset()  # "STOP", "START", "TURNOFF", "DISCARDSAVED", "DISCARD", "SUBTREE"
    keep: int = 0


class Vm:
    """Adapters are pairs of a GPU and its twelve limits (a limit may be None), in the host's order."""

    def __init__(self, gpus):
        self.gpus = gpus  # of the host, in the order of the partitionable list; one that is gone counts no more
        self.gone = None
        self.guest_refuses = False
        self.adapters = []
        self.detached = None
        self.checkpoints = {}  # by name, the oldest first
        self.now = None  # the checkpoint that it stands on
        self.automatic = True
        self.low, self.high, self.cache, self.type = 128, 512, False, 3
        self.power = "off"

    def copy(self):
        return copy.deepcopy(self)

    def facts(self):
        return {name: value for name, value in vars(self).items() if name not in ("gpus", "gone", "guest_refuses")}

    def present(self):
        return [gpu for gpu in self.gpus if gpu != self.gone]

    def lacks_any(self, adapters):
        return any(gpu == self.gone for gpu, _limits in adapters)

    # ---- commands ----

    def do(self, command, only_look=False):
        """(exit code, the VM after a command)."""
        after = self.copy()
        try:
            if command.verb not in WHILE_ON:
                self.check_power(command.flags)
            getattr(after, "do_" + command.verb.replace("-", "_"))(command)
            if only_look:
                return DONE, self
            if command.verb == "start":
                return (DONE, after) if after.starts() else (REFUSED, self)
            is_changed = command.verb in ALWAYS_CHANGE or after.adapters != self.adapters
            if command.verb in WHILE_ON or self.power == "off" or not is_changed:
                return DONE, after
            if self.power == "running" and self.guest_refuses and "TURNOFF" not in command.flags:
                raise Refused
        except Refused:
            return REFUSED, self
        after.power = "off"
        if self.power == "saved" or "START" not in command.flags or after.starts():
            return DONE, after
        return SOME, after

    def check_power(self, flags):
        needed = {"off": set(), "running": {"STOP"}, "paused": {"STOP", "TURNOFF"}, "saved": {"STOP", "DISCARDSAVED"}}
        if not needed[self.power] <= flags:
            raise Refused

    def starts(self):
        if self.adapters and (self.automatic or self.lacks_any(self.adapters)) and self.power == "off":
            return False
        self.power = "running"
        return True

    def stages(self, command, there):
        """What a command that is cut short may have come to, with the checkpoints that are there, besides nothing and
        all."""
        stage = self.copy()
        if command.verb in REMOVING:
            for name in self.doomed(command):
                if name not in there:
                    stage.remove(name)
        elif command.verb == "restore" and command.name is not None:
            stage.add_checkpoint(command.name, "safety")
        return [stage]

    # ---- GPUs ----

    def settle(self, puts_new):
        """The settings that go with what has been done."""
        if self.adapters:
            self.automatic = False
        if puts_new:
            self.cache = True
            self.low, self.high = max(self.low, LOW_MMIO), max(self.high, HIGH_MMIO)

    def first_of(self, gpu):
        return next((adapter for adapter in self.adapters if adapter[0] == gpu), None)

    def add_gpus(self, gpus):
        new = [(gpu, DEFAULT) for gpu in gpus if not self.first_of(gpu)]
        self.adapters = self.adapters + new
        if new:
            self.settle(puts_new=True)

    def exchange_gpus(self, gpus):
        """Off and on again: the same, or others instead."""
        before = self.adapters
        if not gpus and self.lacks_any(before):
            raise Refused
        if gpus:
            self.adapters = [self.first_of(gpu) or (gpu, DEFAULT) for gpu in gpus]
        self.settle(any(adapter not in before for adapter in self.adapters))

    def do_add(self, command):
        self.add_gpus(command.gpus)

    def do_add_auto(self, _command):
        self.add_gpus(self.present()[:1])

    def do_add_all(self, _command):
        self.add_gpus(self.present())

    def do_remove(self, command):
        left = [adapter for adapter in self.adapters if adapter[0] not in command.gpus]
        if len(left) == len(self.adapters):
            raise Refused
        self.adapters = left
        self.settle(puts_new=False)

    def do_remove_all(self, _command):
        self.adapters = []

    def do_reset(self, _command):
        self.adapters = [(self.present()[0], DEFAULT)]
        self.settle(puts_new=True)

    # ---- detached ones ----

    def compare(self):
        """Of what is remembered: what is not on, and whether anything of it is on with other limits."""
        there = list(self.adapters)
        missing = []
        for adapter in self.detached:
            if adapter in there:
                there.remove(adapter)
            else:
                missing.append(adapter)
        return missing, any(gpu == other for gpu, _limits in missing for other, _other_limits in there)

    def do_detach(self, _command):
        if not self.adapters:
            return
        missing = self.compare()[0] if self.detached is not None else []
        others = len(self.adapters) - (len(self.detached or []) - len(missing))
        if self.lacks_any(self.adapters) or (missing and others > 0):
            raise Refused
        self.detached, self.adapters = self.detached if missing else self.adapters, []

    def do_attach(self, _command):
        if self.detached is None:
            if not self.adapters:
                raise Refused
            return
        missing, is_changed = self.compare()
        if is_changed or self.lacks_any(missing):
            raise Refused
        self.adapters, self.detached = self.adapters + missing, None
        if missing:
            self.settle(puts_new=False)

    def do_forget(self, _command):
        self.detached = None

    # ---- checkpoints ----

    def add_checkpoint(self, name, maker):
        self.checkpoints[name] = Checkpoint(self.now, maker, "user", self.type)
        self.now = name

    def latest(self):
        return next((name for name, checkpoint in reversed(self.checkpoints.items())
                     if checkpoint.kind in ("user", "memory") and checkpoint.maker != "safety"), None)

    def find(self, command):
        name = self.latest() if command.checkpoint == "latest" else command.checkpoint
        if name not in self.checkpoints:
            raise Refused
        return name

    def is_below(self, name, top):
        while name is not None and name != top:
            name = self.checkpoints[name].parent
        return name == top

    def depth(self, name):
        parent = self.checkpoints[name].parent
        return 0 if parent is None else self.depth(parent) + 1

    def do_checkpoint(self, command):
        self.exchange_gpus(command.gpus)
        self.add_checkpoint(command.name, "ours")

    def do_restore(self, command):
        target = self.find(command)
        checkpoint = self.checkpoints[target]
        is_going = checkpoint.kind == "automatic" and self.power != "off"
        if not checkpoint.is_users() or checkpoint.kind == "memory" or is_going:
            raise Refused
        self.exchange_gpus(command.gpus)
        if "DISCARD" not in command.flags:
            self.add_checkpoint(command.name, "safety")
        self.now, self.type = target, checkpoint.type

    def do_rename_checkpoint(self, command):
        old = self.find(command)
        if not self.checkpoints[old].is_users():
            raise Refused
        new = {old: command.name}
        self.checkpoints = {new.get(name, name): dataclasses.replace(
            checkpoint, parent=new.get(checkpoint.parent, checkpoint.parent))
            for name, checkpoint in self.checkpoints.items()}
        self.now = new.get(self.now, self.now)

    def remove(self, name):
        parent = self.checkpoints.pop(name).parent
        for checkpoint in self.checkpoints.values():
            checkpoint.parent = parent if checkpoint.parent == name else checkpoint.parent
        self.now = parent if self.now == name else self.now

    def doomed(self, command):
        """What goes, in an order in which it may go: what is below goes first."""
        if command.verb == "remove-checkpoint":
            top = self.find(command)
            if self.checkpoints[top].kind == "replica":
                raise Refused
            names = [name for name in self.checkpoints if "SUBTREE" in command.flags and self.is_below(name, top)]
            if any(not self.checkpoints[name].is_users() for name in names if name != top):
                raise Refused
            names = names or [top]
        else:
            names = []
            for makers in (("ours",), ("safety",)) if command.name is None else (("ours", "safety", "others"),):
                group = [name for name, checkpoint in self.checkpoints.items()
                         if checkpoint.is_users() and checkpoint.maker in makers
                         and (command.name is None or fnmatch.fnmatchcase(name.lower(), command.name.lower()))]
                names += group[:max(len(group) - command.keep, 0)]
        return sorted(names, key=self.depth, reverse=True)

    def do_remove_checkpoint(self, command):
        for name in self.doomed(command):
            self.remove(name)

    def do_prune(self, command):
        self.do_remove_checkpoint(command)

    def do_start(self, _command):
        pass
