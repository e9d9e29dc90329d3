# SPDX-License-Identifier: MIT
"""What a VM has to be like after each command, by the words of docs/safety.md and docs/commands.md alone: nothing of the
program's or of the simulated host's own code is in here."""

import copy

DEFAULT = ("80000000", "100000000", "100000000") * 4
LOW_MMIO, HIGH_MMIO = 1024, 32768
WHILE_ON = ("rename-checkpoint", "remove-checkpoint")  # the others change GPUs


class Refused(Exception):
    """The command is refused, and nothing is changed."""


class Vm:
    """Adapters are pairs of a GPU and its twelve limits (a limit may be None), in the host's order."""

    def __init__(self, gpus):
        self.gpus = gpus  # of the host, in the order of the partitionable list; one that is gone counts no more
        self.gone = None
        self.adapters = []
        self.detached = None
        self.checkpoints = []  # names, each below the one before it
        self.automatic = True
        self.low, self.high, self.cache = 128, 512, False
        self.is_on = False

    def copy(self):
        return copy.deepcopy(self)

    def facts(self):
        return {name: value for name, value in vars(self).items() if name not in ("gpus", "gone")}

    def present(self):
        return [gpu for gpu in self.gpus if gpu != self.gone]

    def lacks_any(self, adapters):
        return any(gpu == self.gone for gpu, _limits in adapters)

    # ---- what verbs do ----

    def do(self, verb, orders=(), name=None):
        """The VM after a command; raises Refused. orders: of -GPU, from 1."""
        after = self.copy()
        if self.is_on and verb not in WHILE_ON:
            raise Refused
        getattr(after, "do_" + verb.replace("-", "_"))([self.present()[order - 1] for order in orders], name)
        return after

    def settle(self, puts_new):
        """The settings that go with what has been done."""
        if self.adapters:
            self.automatic = False
        if puts_new:
            self.cache = True
            self.low, self.high = max(self.low, LOW_MMIO), max(self.high, HIGH_MMIO)

    def first_of(self, gpu):
        return next((adapter for adapter in self.adapters if adapter[0] == gpu), None)

    def do_checkpoint(self, gpus, name):
        before = self.adapters
        if not gpus and self.lacks_any(before):
            raise Refused
        if gpus:
            self.adapters = [self.first_of(gpu) or (gpu, DEFAULT) for gpu in gpus]
        self.checkpoints.append(name)
        self.settle(any(adapter not in before for adapter in self.adapters))

    def do_add(self, gpus, _name):
        new = [(gpu, DEFAULT) for gpu in gpus if not self.first_of(gpu)]
        self.adapters = self.adapters + new
        if new:
            self.settle(puts_new=True)

    def do_add_auto(self, _gpus, _name):
        self.do_add(self.present()[:1], None)

    def do_add_all(self, _gpus, _name):
        self.do_add(self.present(), None)

    def do_remove(self, gpus, _name):
        left = [adapter for adapter in self.adapters if adapter[0] not in gpus]
        if len(left) == len(self.adapters):
            raise Refused
        self.adapters = left
        self.settle(puts_new=False)

    def do_remove_all(self, _gpus, _name):
        self.adapters = []

    def do_reset(self, _gpus, _name):
        self.adapters = [(self.present()[0], DEFAULT)]
        self.settle(puts_new=True)

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

    def do_detach(self, _gpus, _name):
        if not self.adapters:
            return
        if self.lacks_any(self.adapters) or (self.detached is not None and self.compare()[0]):
            raise Refused
        self.detached, self.adapters = self.adapters, []

    def do_attach(self, _gpus, _name):
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

    def do_rename_checkpoint(self, _gpus, name):
        self.checkpoints[-1] = name

    def do_remove_checkpoint(self, _gpus, _name):
        self.checkpoints.pop()
