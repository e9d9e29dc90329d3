# SPDX-License-Identifier: MIT
"""Reads, changes and describes the state file of a simulated host (docs/simulator.md). A row lacks the properties that
are as the simulator's defaults say."""

import collections
import copy
import json
import re
import uuid

VIRTUALIZATION = "root\\virtualization\\v2"
CIMV2 = "root\\cimv2"
SYSTEM = "Msvm_ComputerSystem"
SETTINGS = "Msvm_VirtualSystemSettingData"
ADAPTER = "Msvm_GpuPartitionSettingData"
MEMORY = "Msvm_MemorySettingData"
GPU = "Msvm_PartitionableGpu"
STORAGE = "Msvm_StorageAllocationSettingData"
PARTITION = "Msvm_GpuPartition"
JOBS = ("Msvm_ConcreteJob", "Msvm_CopyFileToGuestJob")
KVP = "Msvm_KvpExchangeComponent"
# Of a guest that answers.
COMPONENTS = {"Msvm_ShutdownComponent": "9F8233AC-BE49-4C79-8EE3-E7E1985B2077",
              "Msvm_HeartbeatComponent": "84EAAE65-2F2E-45F5-9BB5-0E857DC8EB47"}

# The devices that a VM has while it runs.
RUNTIME = {PARTITION, KVP, *COMPONENTS}

STATES = {"running": 2, "off": 3, "saved": 6, "paused": 9}
CHECKPOINT_TYPES = {2: "disabled", 3: "production", 4: "production only", 5: "standard"}
KINDS = ("VRAM", "Encode", "Decode", "Compute")
# What a row is known by in case files.
NAMES = ("ElementName", "Name", "InstanceID", "DeviceID", "DeviceName")
# Changes without anybody's doing.
VOLATILE = {"TimeOfLastConfigurationChange", "TimeOfLastStateChange", "RequestedState", "ProcessID", "Parent"}

EDITS = {"set", "add", "delete", "hide", "jobs", "crowd", "adapters", "clone", "rename", "power", "knobs", "head",
         "item"}


def value_of(text):
    """A property's value as written in a case: JSON, or just text. Not every reader of JSON keeps large numbers."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return text if isinstance(value, int) and abs(value) > 2**53 else value


def assignments(words):
    return {name: value_of(text) for name, _, text in (word.partition("=") for word in words)}


class Host:
    def __init__(self, path):
        self.path = path
        self.root = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(self.root, dict) or "instances" not in self.root:
            raise ValueError("no simulated host")

    def save(self):
        """Replaces the file as a whole, because a program may be looking at it."""
        new = self.path.with_suffix(".new")
        new.write_text(json.dumps(self.root, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        new.replace(self.path)

    # ---- looking ----

    def rows(self, *classes):
        return [row for rows in self.root["instances"].values() for row in rows
                if not classes or row["class"] in classes]

    def find(self, class_name, who):
        """The only row of the class with that name, or else with the text in its name."""
        rows = self.rows(class_name)
        names = [[str(row[name]).lower() for name in NAMES if name in row] for row in rows]
        for fits in (lambda name: name == who.lower(), lambda name: who.lower() in name):
            found = [row for row, texts in zip(rows, names) if any(fits(text) for text in texts)]
            if len(found) == 1:
                return found[0]
        raise ValueError(f"not exactly one {class_name} is '{who}'")

    def settings_of(self, vm_guid):
        return next(row for row in self.rows(SETTINGS) if row["VirtualSystemIdentifier"].upper() == vm_guid.upper()
                    and "Snapshot" not in row.get("VirtualSystemType", ""))

    def checkpoints_of(self, vm_guid):
        return [row for row in self.rows(SETTINGS) if row["VirtualSystemIdentifier"].upper() == vm_guid.upper()
                and "Snapshot" in row.get("VirtualSystemType", "")]

    def vms(self):
        return [row for row in self.rows(SYSTEM) if len(row["Name"]) == 36]

    def resources_of(self, settings, *classes):
        prefix = settings["InstanceID"].upper() + "\\"
        return [row for row in self.rows(*classes)
                if row["class"].endswith("SettingData") and row["InstanceID"].upper().startswith(prefix)]

    def device_names(self):
        return {row["DeviceID"].upper(): row.get("Name", "?") for row in self.rows("Win32_PnPEntity")}

    def gpu_name(self, adapter):
        """The friendly name of an adapter's GPU, with the part of its address that tells it from its like."""
        resource = (adapter.get("HostResource") or [None])[0]
        if resource is None:
            return "chosen by the host"
        path = resource.rpartition('Name="')[2].replace("\\\\", "\\")
        device = path.replace("\\\\?\\", "").partition("#{")[0].replace("#", "\\").upper()
        return f"{self.device_names().get(device, 'unknown')} [{device.rpartition(chr(92))[2]}]"

    def adapters(self):
        """How many adapters each VM has of each GPU."""
        return collections.Counter((row["Name"], self.gpu_name(adapter)) for row in self.vms()
                                   for adapter in self.resources_of(self.settings_of(row["Name"]), ADAPTER))

    def guids(self):
        return {guid.upper() for guid in re.findall(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}",
                                                    json.dumps(self.root))}

    def running_jobs(self):
        return sum("end" not in job for job in self.root.get("jobs", []))

    @staticmethod
    def is_branch(row):
        """The file of a differencing disk: there is one more for each checkpoint."""
        return row["class"] == "CIM_DataFile" and row["Name"].endswith(".avhdx")

    def essence(self, new_ids=False):
        """All rows but jobs, comparable. new_ids: whatever the IDs of GPU partitions, and without checkpoints and the
        devices that a VM has while it runs."""
        skipped = set()
        if new_ids:
            skipped = {id(row) for vm in self.vms() for checkpoint in self.checkpoints_of(vm["Name"])
                       for row in [checkpoint, *self.resources_of(checkpoint)]}
        rows = []
        for row in self.rows():
            if row["class"] in JOBS or id(row) in skipped or (new_ids and self.is_branch(row)):
                continue
            if new_ids and row["class"] in RUNTIME: # of a VM that was off meanwhile
                continue
            # A case may have written a number that the simulator writes as a string.
            kept = {name: str(value) if type(value) is int else value for name, value in row.items()
                    if name not in VOLATILE}
            if new_ids and row["class"] == STORAGE:
                kept.pop("HostResource", None)
            if new_ids and row["class"] == ADAPTER:
                kept["InstanceID"] = row["InstanceID"].partition("\\")[0]
                kept = {name: value for name, value in kept.items() if value is not None}
            rows.append(json.dumps(kept, sort_keys=True, ensure_ascii=False))
        return sorted(rows)

    def adapter_rows(self):
        """All GPU partitions of VMs with all their settings, whatever their IDs."""
        return [row for row in self.essence(new_ids=True) if f'"class": "{ADAPTER}"' in row]

    # ---- describing ----

    def describe(self, name):
        """A VM as a case's state block shows it."""
        vm = self.find(SYSTEM, name)
        settings = self.settings_of(vm["Name"])
        number = vm.get("EnabledState", 3)
        state = next((word for word, value in STATES.items() if value == number), number)
        kind = CHECKPOINT_TYPES[settings.get("UserSnapshotType", 3)]
        automatic = "on" if settings.get("AutomaticSnapshotsEnabled") else "off"
        cache = "yes" if settings.get("GuestControlledCacheTypes") else "no"
        low, high = settings.get("LowMmioGapSize", "128"), settings.get("HighMmioGapSize", "512")
        lines = [f"{vm.get('ElementName')}: {state}; checkpoints {kind}, automatic ones {automatic}",
                 f"MMIO low {low}, high {high}; guest controls cache types: {cache}"]
        for memory in self.resources_of(settings, MEMORY):
            if memory.get("DynamicMemoryEnabled"):
                lines.append("dynamic memory: starts with {VirtualQuantity}, minimum {Reservation}".format(**memory))
        for adapter in self.resources_of(settings, ADAPTER):
            lines.append(f"GPU {self.gpu_name(adapter)}" + self.describe_extras(adapter))
            lines.extend(self.describe_limits(adapter))
        for row in self.checkpoints_of(vm["Name"]):
            gpus = len(self.resources_of(row, ADAPTER))
            lines.append(f"checkpoint '{row['ElementName']}'" + (f" with {gpus} GPU partitions" if gpus else ""))
        return "\n".join(lines) + "\n"

    def describe_checkpoints(self, name):
        """The tree as a case's checkpoints block shows it: each below the one it was made after."""
        vm = self.find(SYSTEM, name)
        current = self.settings_of(vm["Name"])
        nodes = [*self.checkpoints_of(vm["Name"]), current]
        ids = {row["InstanceID"].upper() for row in nodes}
        lines = []

        def add(parent, depth):
            for row in (row for row in nodes if self.parent_of(row, ids) == parent):
                title = "now" if row is current else f"'{row['ElementName']}'"
                lines.append("    " * depth + title + "".join(f"; {fact}" for fact in self.checkpoint_facts(row)))
                add(row["InstanceID"].upper(), depth + 1)

        add(None, 0)
        return "\n".join(lines) + "\n"

    @staticmethod
    def parent_of(row, ids):
        """The ID of the checkpoint that the row is below; None: of none that there is."""
        parent = row.get("Parent") or ""
        return next((name for name in ids if f'"{name}"' in parent.upper()), None)

    def checkpoint_facts(self, row):
        kind = row.get("VirtualSystemType", "").rpartition("Snapshot:")[2]
        if kind not in ("", "Realized"):
            yield kind.lower()
        if row.get("IsAutomaticSnapshot"):
            yield "automatic"
        if row.get("IsSaved"):
            yield "memory"
        for adapter in self.resources_of(row, ADAPTER):
            yield f"GPU {self.gpu_name(adapter)}"
        for storage in self.resources_of(row, STORAGE):
            yield "disk " + storage["HostResource"][0].rpartition("\\")[2]
        if any(row.get("Notes") or []):
            yield f"notes {json.dumps(row['Notes'][0], ensure_ascii=False)}"

    @staticmethod
    def describe_extras(adapter):
        text = ""
        if adapter.get("PoolID"):
            text += f", pool {adapter['PoolID']}"
        if adapter.get("NumaAwarePlacement") is not None:
            text += f", NUMA aware: {'yes' if adapter['NumaAwarePlacement'] else 'no'}"
        return text

    @staticmethod
    def describe_limits(adapter):
        limits = [[adapter.get(f"{which}Partition{kind}") for which in ("Min", "Max", "Optimal")] for kind in KINDS]
        texts = [" ".join("-" if value is None else str(value) for value in three) for three in limits]
        if len(set(texts)) == 1:
            return [f"    each limit: {texts[0]}"]
        return [f"    {kind}: {text}" for kind, text in zip(KINDS, texts)]

    # ---- changing ----

    def set_knobs(self, knobs):
        self.root.setdefault("knobs", {}).update({name: value_of(text) for name, text in knobs.items()})

    def edit(self, name, words):
        getattr(self, "edit_" + name.replace("-", "_"))(*words)

    def edit_knobs(self, *words):
        self.set_knobs(dict(word.split("=", 1) for word in words))

    def edit_head(self, *words):
        self.root.update(assignments(words))

    def edit_set(self, class_name, who, *words):
        row = self.find(class_name, who)
        for name, value in assignments(words).items():
            if value == "default":
                row.pop(name, None)
            else:
                row[name] = value

    def edit_add(self, class_name, *words):
        namespace = CIMV2 if class_name.startswith("Win32_") else VIRTUALIZATION
        self.root["instances"][namespace].append({"class": class_name, **assignments(words)})

    def edit_delete(self, class_name, who):
        row = self.find(class_name, who)
        for rows in self.root["instances"].values():
            rows[:] = [other for other in rows if other is not row]

    def edit_hide(self, name):
        self.root.setdefault("hiddenAdapters", []).append(self.find(SYSTEM, name)["Name"])

    def edit_jobs(self, what):
        """finish: they end at the next look; drop: they are gone, and what they were about has not happened."""
        for job in self.root.get("jobs", []):
            job["due"] = job["start"]
        if what == "drop":
            self.root["jobs"] = []
            rows = self.root["instances"][VIRTUALIZATION]
            rows[:] = [row for row in rows if row["class"] not in JOBS]
            for vm in self.vms():
                vm.pop("OperationalStatus", None)
                vm.pop("StatusDescriptions", None)

    def edit_rename(self, name, new_name):
        vm = self.find(SYSTEM, name)
        vm["ElementName"] = self.settings_of(vm["Name"])["ElementName"] = str(value_of(new_name))

    def edit_power(self, name, state):
        vm = self.find(SYSTEM, name)
        vm["EnabledState"] = STATES[state]
        rows = self.root["instances"][VIRTUALIZATION]
        rows[:] = [row for row in rows if row["class"] != PARTITION or row["SystemName"] != vm["Name"]]
        rows[:] = [row for row in rows if row["class"] not in COMPONENTS or row["SystemName"] != vm["Name"]]
        if state in ("running", "paused"):
            rows.extend({"class": name, "SystemName": vm["Name"], "DeviceID": f"Microsoft:{guid}"}
                        for name, guid in COMPONENTS.items())
        adapters = self.resources_of(self.settings_of(vm["Name"]), ADAPTER)
        for adapter in adapters if state in ("running", "paused") else []:
            path = adapter["HostResource"][0].rpartition('Name="')[2].rstrip('"').replace("\\\\", "\\")
            rows.append({"class": PARTITION, "SystemName": vm["Name"], "DeviceInstancePath": path,
                         "DeviceID": "Microsoft:" + adapter["InstanceID"].rpartition("\\")[2]})

    def copies(self, vm, new_name, number):
        """The rows of a copy of a VM that is off, without its checkpoints. The number makes its GUID."""
        settings = self.settings_of(vm["Name"])
        new_guid = str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{new_name} {number}")).upper()
        for row in [vm, settings, *self.resources_of(settings)]:
            new = json.loads(json.dumps(row).replace(vm["Name"], new_guid))
            if row in (vm, settings):
                new["ElementName"] = new_name
            new.pop("Parent", None)
            yield new

    def edit_item(self, end, name, item, text):
        """A data item that the host, or the guest, has for the other."""
        vm = self.find(SYSTEM, name)["Name"]
        if end == "host":
            row, member = self.resources_of(self.settings_of(vm), KVP + "SettingData")[0], "HostExchangeItems"
        else:
            row, member = next(row for row in self.rows(KVP) if row["SystemName"] == vm), "GuestExchangeItems"
        xml = "".join(f'<PROPERTY NAME="{key}" TYPE="string"><VALUE>{value}</VALUE></PROPERTY>'
                      for key, value in (("Name", item), ("Data", text)))
        items = [old for old in row.get(member, []) if f"<VALUE>{item}</VALUE>" not in old]
        row[member] = items + [f'<INSTANCE CLASSNAME="Msvm_KvpExchangeDataItem">{xml}</INSTANCE>']

    def edit_clone(self, name, new_name):
        new = list(self.copies(self.find(SYSTEM, name), new_name, len(self.vms())))
        self.root["instances"][VIRTUALIZATION].extend(new)

    def edit_crowd(self, vms, gpus):
        """More VMs without GPUs, and more GPUs, up to the given numbers."""
        template = next(vm for vm in self.vms() if not self.resources_of(self.settings_of(vm["Name"]), ADAPTER))
        one = json.dumps(list(self.copies(template, "machine", 0)))
        guid = json.loads(one)[0]["Name"]
        rows = self.root["instances"][VIRTUALIZATION]
        for number in range(len(self.vms()), int(vms)):
            new_guid = str(uuid.uuid5(uuid.NAMESPACE_DNS, str(number))).upper()
            rows.extend(json.loads(one.replace(guid, new_guid).replace('"machine"', f'"machine {number}"')))
        for number in range(len(self.rows(GPU)), int(gpus)):
            self.add_gpu(number)

    def edit_adapters(self, name, count):
        """The VM's first GPU adapter again and again, up to that number."""
        adapters = self.resources_of(self.settings_of(self.find(SYSTEM, name)["Name"]), ADAPTER)
        for number in range(len(adapters), int(count)):
            new = copy.deepcopy(adapters[0])
            place = new["InstanceID"].rpartition("\\")[0]
            new["InstanceID"] = place + "\\" + str(uuid.uuid5(uuid.NAMESPACE_DNS, str(number))).upper()
            self.root["instances"][VIRTUALIZATION].append(new)

    def add_gpu(self, number):
        gpu = copy.deepcopy(self.rows(GPU)[0])
        device = f"PCI\\VEN_10DE&DEV_2882&SUBSYS_11111462&REV_A1\\4&{number:08X}&0&0008"
        gpu["Name"] = "\\\\?\\" + device.replace("\\", "#") + "#{064092b3-625e-43bf-9eb5-dc845897dd59}\\GPUPARAV"
        self.root["instances"][VIRTUALIZATION].append(gpu)
        self.root["instances"][CIMV2].append({"class": "Win32_PnPEntity", "DeviceID": device, "Name": f"GPU {number}",
                                              "ClassGuid": "{4d36e968-e325-11ce-bfc1-08002be10318}"})
