# SPDX-License-Identifier: MIT
"""Hosts to be captured, and what is asked of them and of their captures: every listing, and the plan of every change."""

import contextlib
import json
import pathlib
import re
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "scenario"))

import program
import sim_state

STATUS = "version=1;id=0123456789abcdef0123456789abcdef;phase=done;percent=100;reason=none;result=0"
AGENT = "version=1;program=1.0.0;update=yes;restart=no;windows=22631.4317;problem=0;packages=0"

# name: variant, and edits as scenarios have them (tests/scenario/README.md)
HOSTS = {
    "windows11": ("windows11", []),
    "windows10": ("windows10+checkpoints+unplugged", []),
    "server2022": ("server2022+checkpoints", []),
    "server2025": ("server2025+unplugged", []),
    "no-gpu": ("no-gpu", []),
    "localized": ("localized+checkpoints", []),
    "stale": ("stale", []),
    "no-hyperv": ("no-hyperv", []),
    "a guest": ("guest", []),
    "dynamic memory": ("windows11", [
        ("set", "Msvm_MemorySettingData", "F65D0775", "DynamicMemoryEnabled=true", 'Reservation="512"')]),
    "direct assignment": ("windows11", [
        ("add", "Msvm_PciExpressSettingData",
         r"InstanceID=Microsoft:F65D0775-1CA1-4804-9305-71F4A38BDD83\0B0B0B0B-0000-4000-8000-00000000D0D0")]),
    "cluster": ("windows11", [
        ("set", "Msvm_VirtualSystemSettingData", "my vm", r'ConfigurationDataRoot="C:\\ClusterStorage\\Volume1\\my vm"')]),
    "states": ("windows11", [
        ("power", "build agent", "saved"), ("power", "lab", "paused"), ("power", "my vm", "running")]),
    "busy": ("windows11", [
        ("set", "Msvm_ComputerSystem", "my vm", "OperationalStatus=[2,32768]"),
        ("set", "Msvm_ComputerSystem", "render", "EnabledState=4"),
        ("set", "Msvm_ComputerSystem", "lab", "ReplicationMode=1")]),
    "no contact": ("windows11", [("power", "my vm", "running"), ("knobs", "guestContact=lost")]),
    "a guest that booted not": ("windows11", [("knobs", "guestContact=none")]),
    "data items": ("windows11", [
        ("item", "guest", "render", "HyperPoint.Agent", AGENT), ("item", "guest", "render", "HyperPoint.Status", STATUS),
        ("item", "host", "my vm", "HyperPoint.Request", "old"), ("item", "guest", "render", "Owner", "Erika Mustermann")]),
    "processor": ("windows11", [("knobs", "addressBits=39"), ("power", "my vm", "off")]),
    "checkpoints off": ("windows11", [
        ("set", "Msvm_VirtualSystemSettingData", "my vm", "UserSnapshotType=2", "AutomaticSnapshotsEnabled=false")]),
    "names": ("windows11", [
        ("rename", "build agent", "MY VM"), ("rename", "lab", "Ünïcode Łab"), ("clone", "render", "render")]),
    "crowd": ("windows11", [("crowd", "40", "9"), ("adapters", "my vm", "6")]),
}

READING = [["-DO", "list-vms"], ["-DO", "list-gpus-partitionable"], ["-DO", "check"], ["-DO", "check", "-JSON"]]
READING_OF_VM = [["-DO", "list-gpus"], ["-DO", "list-gpus-assigned"], ["-DO", "list-checkpoints"],
                 ["-DO", "list-gpus-partitionable"], ["-DO", "check"]]
CHANGING = [
    [], ["-NAME", "new one"], ["-CHECKPOINTTYPE", "standard"], ["-GPU", "order:1"], ["-STOP", "-START"],
    ["-STOP", "-TURNOFF", "-DISCARDSAVED"],
    ["-DO", "add", "-GPU", "order:3"], ["-DO", "add", "-GPU", "NVIDIA GeForce RTX 4060", "-FIXMEMORY"],
    ["-DO", "add", "-GPU", "order:5", "-LOWMMIO", "2GB", "-HIGHMMIO", "64GB"],
    ["-DO", "add-auto"], ["-DO", "add-all", "-FIXMEMORY"], ["-DO", "remove", "-GPU", "order:1"], ["-DO", "remove-all"],
    ["-DO", "reset"], ["-DO", "detach"], ["-DO", "attach"], ["-DO", "start"], ["-DO", "recover"], ["-DO", "check", "-FIX"],
    ["-DO", "restore", "-CHECKPOINT", "latest"],
    ["-DO", "restore", "-CHECKPOINT", "before the update", "-DISCARD", "-STOP"],
    ["-DO", "rename-checkpoint", "-CHECKPOINT", "latest", "-NAME", "renamed"],
    ["-DO", "remove-checkpoint", "-CHECKPOINT", "latest", "-SUBTREE"],
    ["-DO", "prune", "-KEEP", "1", "-NAME", "*"],
]


class Place:
    """A folder with the program, and with states of hosts; no run sees the journals of another one."""

    def __init__(self, under_test, folder):
        self.program = under_test
        self.folder = folder
        (folder / "program").mkdir()
        self.installed = under_test.install(folder / "program")
        self.runs = 0

    def run(self, *words, root=None):
        """(exit code, stdout, stderr)"""
        if root is None:
            self.runs += 1
            root = self.folder / f"state-{self.runs}"
            root.mkdir()
        code, stdout, stderr = program.finish(self.program.start(self.installed, words, self.folder, root))
        return code, stdout.decode("utf-8"), stderr.decode("utf-8")

    def make_host(self, name, file):
        variant, edits = HOSTS[name]
        self.run("-HOST", f"sim:{file}?{variant}", "-DO", "list-vms")
        if edits:
            host = sim_state.Host(self.folder / file)
            for edit, *words in edits:
                host.edit(edit, words)
            host.save()
        return self.folder / file

    def capture(self, source, file, *more, root=None):
        return self.run("-HOST", source, "-DO", "capture", "-DEST", file, *more, root=root)


@contextlib.contextmanager
def new_place(under_test):
    with tempfile.TemporaryDirectory() as folder:
        yield Place(under_test, pathlib.Path(folder).resolve())


def tell(failures):
    """What is wrong; the exit code of the test."""
    print(*failures, sep="\n")
    return bool(failures)


# The others wait for a guest that does not answer, as they should.
ANSWERING = {"data items": ["-VM", "render"]}
MANY = 3


def vm_words(path):
    """How each VM of the state file is named on a command line: its name, and its GUID where that is not unique."""
    root = json.loads(path.read_text(encoding="utf-8"))
    vms = [row for rows in root["instances"].values() for row in rows
           if row["class"] == "Msvm_ComputerSystem" and len(row["Name"]) == 36]
    names = [vm["ElementName"].casefold() for vm in vms]
    words = [vm["ElementName"] if names.count(vm["ElementName"].casefold()) == 1 else "id:" + vm["Name"] for vm in vms]
    return words[:MANY] + words[MANY:][-1:]


def commands(vms, host):
    """All that is asked, in text or as JSON."""
    if host in ANSWERING:
        yield from ([*ANSWERING[host], "-DO", "update-drivers", "-WHATIF", *more] for more in ([], ["-JSON"]))
    yield from READING
    for vm in vms:
        for words in READING_OF_VM:
            yield ["-VM", vm, *words]
            yield ["-VM", vm, *words, "-JSON"]
        for words in CHANGING:
            yield ["-VM", vm, *words, "-WHATIF", "-JSON"]
    for words in CHANGING:
        yield ["-VM", vms[0] if vms else "none", *words, "-WHATIF"]
    yield ["-VM", "no such vm", "-DO", "list-gpus"]
    yield ["-DO", "recover", "-WHATIF"]


def without_host(text, file):
    """What differs because a host's file has another name."""
    text = re.sub(r"sim:[^\s'\"]*" + re.escape(file), "sim:HOST", text)
    return text.replace(f"sim:{file}", "sim:HOST")
