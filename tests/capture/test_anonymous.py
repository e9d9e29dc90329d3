#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""An anonymous capture holds no name, GUID, serial number, path or text of the host that it was made of; two of one user
compare; and it behaves as the host, but for names.

What is searched for is collected here from the state of the host, by a walk of its own.

    test_anonymous.py --program build/debug/hyperpoint [--exec-prefix ...]"""

import argparse
import json
import re
import shlex
import sys

import captures
import program
import sim_state

GUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
DEVICE = re.compile(r"VEN_[^\\#\"]+(?:\\+|#)([^\\#\"{]+)")
# The same on many computers.
PUBLIC_GUIDS = {guid.lower() for guid in (
    "064092B3-625E-43BF-9EB5-DC845897DD59", "4D36E968-E325-11CE-BFC1-08002BE10318", "F01A9D53-3FF6-48D2-9F97-C8A7004BE10C",
    "9F8233AC-BE49-4C79-8EE3-E7E1985B2077", "84EAAE65-2F2E-45F5-9BB5-0E857DC8EB47", "2A34B1C2-FD73-4043-8A5B-DD2159BC743F",
    "6C09BB55-D683-4DA0-8931-C9BF705F6480")}
PUBLIC_FOLDERS = {"c:", "programdata", "microsoft", "windows", "hyper-v", "virtual hard disks", "virtual machines",
                  "snapshots", "users", "clusterstorage", "system32", "driverstore", "filerepository", "systemroot"}
NAMED = {"ElementName", "Notes", "CSName", "SystemName", "PrimaryOwnerName", "BIOSSerialNumber", "ChassisSerialNumber",
         "BaseBoardSerialNumber", "ChassisAssetTag", "RegisteredUser", "Organization", "SerialNumber", "DNSHostName"}
GUID_OF_MINE = "E51CA000-1111-4222-8333-ABCDEFABCDEF"
ERROR = ("'Erika Geheim' could not start. (Virtual machine ID F65D0775-1CA1-4804-9305-71F4A38BDD83)\n\n"
         "The device '\\\\?\\PCI#VEN_10DE&DEV_2882#4&deadbeef&0&0008#{064092b3-625e-43bf-9eb5-dc845897dd59}\\GPUPARAV' "
         "failed (0x80070005).")


def make_host(place):
    """Everything that people and hosts may write somewhere."""
    place.run("-HOST", "sim:host.json?checkpoints+unplugged", "-DO", "list-vms")
    host = sim_state.Host(place.folder / "host.json")
    for edit in (("rename", "my vm", "Erika Geheim"), ("rename", "render", "Steuer 2025"), ("rename", "lab", "O'Hara \\ x"),
                 ("item", "guest", "Steuer 2025", "FullyQualifiedDomainName", "pc-erika.geheim.example"),
                 ("item", "guest", "Steuer 2025", "NetworkAddressIPv4", "192.168.77.12"),
                 ("item", "guest", "Steuer 2025", "OSName", "Windows 11 Pro"),
                 ("item", "guest", "Steuer 2025", "HyperPoint.Agent", captures.AGENT),
                 ("item", "guest", "Steuer 2025", "HyperPoint.Status", captures.STATUS),
                 ("item", "guest", "Steuer 2025", "HyperPoint.Note", "erika;was=Here now"),
                 ("item", "host", "Erika Geheim", "Konto von Erika", "DE89370400440532013000"),
                 ("set", "Msvm_VirtualSystemSettingData", "Erika Geheim", 'Notes=["Passwort: hunter2secret"]',
                  r'ConfigurationDataRoot="C:\\ClusterStorage\\Volume1\\Erika Geheim"', "BIOSSerialNumber=4711-0815-ERIKA",
                  r'SnapshotDataRoot="\\\\fileserver\\erikas share\\snaps"', "BIOSGUID={" + GUID_OF_MINE + "}",
                  "ChassisAssetTag=INV-998877"),
                 ("set", "Msvm_ComputerSystem", "Steuer 2025", "PrimaryOwnerName=ERIKAS-PC\\\\erika",
                  "Description=Erikas Kiste"),
                 ("set", "Win32_OperatingSystem", "Windows", "RegisteredUser=Erika Mustermann", "Organization=Geheim GmbH",
                  "SerialNumber=00330-80000-00000-AA123"),
                 ("add", "Msvm_ConcreteJob", "InstanceID=" + GUID_OF_MINE, "JobType=12", "JobState=10", "ErrorCode=32768",
                  "ErrorDescription=" + json.dumps(ERROR), "ElementName=Start of Erika Geheim")):
        host.edit(edit[0], edit[1:])
    for row in host.rows("Msvm_StorageAllocationSettingData"):
        row["HostResource"] = [path.replace("my vm", "Erika Geheim") for path in row["HostResource"]]
    host.save()
    # The host's own name stands everywhere.
    text = (place.folder / "host.json").read_text(encoding="utf-8")
    (place.folder / "host.json").write_text(text.replace("HV1", "ERIKAS-PC"), encoding="utf-8")


def texts_of(value, name=""):
    """(member, text) of all that is in the JSON; names of members are texts, too."""
    if isinstance(value, dict):
        for member, inner in value.items():
            yield "", member
            yield from texts_of(inner, member)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_of(inner, name)
    elif isinstance(value, str):
        yield name, value


def secrets_of(root):
    """What must not be found, in lower case."""
    found = {"erika", "geheim", "hunter2", "konto", "de8937", "fileserver", "192.168", "4711-0815", "inv-998877",
             "mustermann", "00330-80000", "kiste", "steuer", "deadbeef", "hara", "volume1", "here now"}
    for name, text in texts_of({key: root[key] for key in ("name", "instances", "registry", "disks") if key in root}):
        found |= {guid.lower() for guid in GUID.findall(text)} - PUBLIC_GUIDS
        found |= {part.lower() for part in DEVICE.findall(text.replace("\\\\", "\\"))}
        if name in NAMED and not text.startswith("Microsoft:"):
            found.add(text.lower())
        for path in re.findall(r"(?:[A-Za-z]:\\|\\\\)[^\"<>|]*", text.replace("\\\\", "\\")):
            if "driverstore" not in path.lower() and "ven_" not in path.lower() and "root\\virtualization" not in path:
                found |= {part.lower() for part in path.split("\\") if part.lower() not in PUBLIC_FOLDERS
                          and not part.lower().endswith((".dll", ".exe", ".sys"))}
    # Windows' own words for what every VM has, which people have not written.
    return {text for text in found if len(text) > 3 and text not in COMMON}


COMMON = {"hyper-v", "vmms", "true", "false", "nvlddmkm.sys", "parameters"}


def find_secrets(place):
    failures = []
    root = json.loads((place.folder / "host.json").read_text(encoding="utf-8"))
    raw = (place.folder / "anonymous.json").read_text(encoding="utf-8")
    anonymous = json.loads(raw)
    haystack = "\n".join(text.lower() for _, text in texts_of(anonymous)) + raw.lower()
    secrets = secrets_of(root)
    assert len(secrets) > 60, f"hardly anything to look for: {secrets}"
    constants = {row["ElementName"].lower() for row in root["instances"]["root\\virtualization\\v2"]
                 if "ElementName" in row and row["class"] not in ("Msvm_ComputerSystem", "Msvm_VirtualSystemSettingData",
                                                                 "Msvm_ConcreteJob")}
    for secret in sorted(secrets - constants):
        if secret in haystack:
            at = haystack.index(secret)
            failures.append(f"'{secret}' is in the anonymous capture: ...{haystack[max(0, at - 60):at + 60]!r}")
    return failures


def alike(expected, found, words, place=""):
    """The same but for names: each has one other name, and no two have the same."""
    if isinstance(expected, dict) and isinstance(found, dict) and expected.keys() == found.keys():
        for name in expected:
            if name not in ("host", "notices", "warnings", "why", "command", "message", "hint", "advice", "reason"):
                yield from alike(expected[name], found[name], words, f"{place}.{name}")
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for number, (one, other) in enumerate(zip(expected, found)):
            yield from alike(one, other, words, f"{place}[{number}]")
    elif isinstance(expected, str) and isinstance(found, str):
        if words.setdefault(expected.casefold(), found.casefold()) != found.casefold():
            yield f"{place}: '{expected}' is '{found}' here, and '{words[expected.casefold()]}' elsewhere"
    elif expected != found:
        yield f"{place}: {expected!r} became {found!r}"


def rehearse(place):
    """Text by text the two say the same, with the names exchanged."""
    words, failures = {}, []
    vms = [captures.vm_words(place.folder / file) for file in ("host.json", "anonymous.json")]
    lists = [list(captures.commands(names, "anonymous")) for names in vms]
    assert len(lists[0]) == len(lists[1])
    for of_host, of_copy in zip(*lists):
        if "-JSON" not in of_host or "before the update" in of_host or "check" in of_host:
            continue
        one, other = (place.run("-HOST", f"sim:{file}", *command)
                      for file, command in (("host.json", of_host), ("anonymous.json", of_copy)))
        failures += [f"{shlex.join(of_host)}: {what}" for what in
                     ([f"exit code {other[0]}, not {one[0]}: {one[1]} {other[1]}"] if one[0] != other[0] else
                      alike(json.loads(one[1]), json.loads(other[1]), words))]
    names = list(words.values())
    failures += [f"'{name}' stands for two" for name in set(names) if names.count(name) > 1]
    return failures


def check_findings(place):
    """The same rules find something."""
    codes = []
    for file in ("host.json", "anonymous.json"):
        _, stdout, _ = place.run("-HOST", f"sim:{file}", "-DO", "check", "-JSON")
        codes.append(sorted(finding["code"] for finding in json.loads(stdout)["findings"]))
    assert codes[0], "there is something to find"
    return [] if codes[0] == codes[1] else [f"check finds {codes[1]}, not {codes[0]}"]


def compare_twice(place):
    first, second = ((place.folder / file).read_text(encoding="utf-8") for file in ("anonymous.json", "again.json"))
    other = (place.folder / "other.json").read_text(encoding="utf-8")
    failures = [] if first == second else ["two captures of one user differ"]
    own = {guid for guid in GUID.findall(first) if guid.lower() not in PUBLIC_GUIDS}
    return failures + [f"'{guid}' is the same for another user" for guid in own if guid in other]


def main():
    _, under_test = program.parse_command_line(argparse.ArgumentParser(description=__doc__))
    with captures.new_place(under_test) as place:
        make_host(place)
        user = place.folder / "user"
        user.mkdir()
        for file, root in (("anonymous.json", user), ("again.json", user), ("other.json", None)):
            code, stdout, stderr = place.capture("sim:host.json", file, "-ANONYMOUS", root=root)
            assert code == 0, stdout + stderr
        return captures.tell(find_secrets(place) + compare_twice(place) + rehearse(place) + check_findings(place))


if __name__ == "__main__":
    sys.exit(main())
