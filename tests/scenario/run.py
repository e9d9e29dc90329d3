#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs command-line scenarios: the real program against simulated hosts, everything it prints compared word for word.

    run.py --program build/debug/hyperpoint cases/add/*.case
    run.py --program ... --accept cases/add/one.case      writes what is printed now into the case; read the difference

Exit code 0: all passed; 1: some failed; 77: all were skipped. README.md describes case files."""

import argparse
import csv
import difflib
import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import sys
import tempfile

import program
import sim_state
from case_file import ACCEPTED, SETUP, Case, CaseError, Step, block_of

HERE = pathlib.Path(__file__).resolve().parent
TYPED = HERE.parent / "data" / "powershell-argv.tsv"
HOST_FILE = "host.json"
GUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
LISTS = ("list-gpus", "list-gpus-partitionable", "list-gpus-assigned", "list-vms")


class Failure(Exception):
    """The program did something else than the case says."""


class Skip(Exception):
    """The case cannot be run here."""


# ---- command lines ----

def recorded_lines():
    with TYPED.open(encoding="utf-8", newline="") as lines:
        rows = csv.reader((text for text in lines if not text.startswith("#")), delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row[0]: [json.loads(column) for column in row[1:]] for row in rows if row}


def typed_forms(line):
    """What a program gets when the line is typed into PowerShell: one list of words per way of passing them."""
    head, gpu, values = line.partition(" -GPU ")
    words = re.findall(r"\"[^\"]*\"|'[^']*'|[^\s\"',]+|,", head if "," in values else line)
    words = [word.strip("\"'") for word in words]
    if "," not in values:
        return [words]
    # Only the list is passed in different ways; it was recorded with one verb or another before it.
    for text, forms in recorded_lines().items():
        if text.endswith(gpu + values):
            return [words + form[form.index("-GPU"):] for form in forms]
    raise CaseError(f"what PowerShell makes of the list in '{line}' is not recorded in {TYPED.name}")


def words_of(step, form):
    if step.name == "typed":
        forms = typed_forms(step.text)
        return forms[min(form, len(forms) - 1)]
    if step.text.startswith("["):
        return json.loads(step.text)
    return step.words()


def number_of_forms(case):
    """A case with typed lines is run once for each different way in which PowerShell passes them."""
    lines = [typed_forms(step.text) for step in case.steps() if step.name == "typed"]
    ways = [[forms[min(i, len(forms) - 1)] for forms in lines] for i in range(3)]
    return [i for i in range(3) if ways[i] not in ways[:i]]


# ---- one run of a case ----

class Result:
    def __init__(self, arguments, code, stdout, stderr):
        self.arguments = arguments
        self.code = code
        self.stdout = stdout
        self.stderr = stderr
        upper = [word.upper() for word in arguments]
        self.is_json = "-JSON" in upper
        self.is_json_lines = "-JSONLINES" in upper and not self.is_json
        self.verb = next((upper[i + 1].lower() for i in range(len(upper) - 1) if upper[i] == "-DO"), "checkpoint")
        self.only_looks = "-WHATIF" in upper or self.verb in LISTS
        self.is_plain_checkpoint = self.verb == "checkpoint" and not {"-GPU", "-WHATIF"} & set(upper)


class Scenario:
    def __init__(self, case, under_test, form, folder):
        self.case = case
        self.program = under_test
        self.form = form
        self.folder = folder
        self.installed = under_test.install(self.make("program"))
        self.state_root = self.make("state")
        self.cwd = self.make("cwd")
        self.host_file = self.cwd / HOST_FILE
        self.known_guids = set()
        self.new_guids = []
        self.process = None
        self.as_nobody = False
        self.before = None  # the host before the last run

    def make(self, name):
        path = self.folder / name
        path.mkdir()
        path.chmod(0o777)
        return path

    def start(self, arguments, stdout=None):
        self.before = self.read_host()
        return self.program.start(self.installed, arguments, self.cwd, self.state_root, as_nobody=self.as_nobody,
                                  **({"stdout": stdout} if stdout else {}))

    def finish(self, process, arguments):
        code, stdout, stderr = program.finish(process)
        if code is None:
            raise Failure("the program did not come to an end")
        return Result(arguments, code, stdout.decode("utf-8"), stderr.decode("utf-8"))

    def read_host(self):
        try:
            return sim_state.Host(self.host_file)
        except (OSError, ValueError):
            return None  # a case about broken state files

    def guids(self):
        host = self.read_host()
        return host.guids() if host else set()

    def journals(self):
        folder = self.program.state_folder(self.state_root) / "journal"
        return sorted(folder.glob("*.json")) if folder.is_dir() else []

    def memos(self):
        folder = self.program.state_folder(self.state_root) / "memos"
        return sorted(folder.glob("*.json")) if folder.is_dir() else []

    def journal_steps(self):
        """The step of each journal by its file, with the kind of its record."""
        steps = {}
        for path in self.journals():
            try:
                journal = json.loads(path.read_text())
                steps[path] = f"{journal['record']['step']} {journal.get('kind', '')}"
            except (OSError, ValueError, KeyError):
                steps[path] = "unreadable"
        return steps

    # ---- what varies from run to run ----

    def plain(self, text):
        text = self.program.hide_folder(text, self.folder)
        text = re.sub(r"\d{4}/\d{1,2}/\d{1,2} - \d{1,2}:\d\d:\d\d|\d\d\.\d\d\.\d{4} - \d\d:\d\d:\d\d", "<TIME>", text)
        text = re.sub(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?Z?", "<TIME>", text)
        text = re.sub(r"\d+\.\d{3} ms", "<MS> ms", text)
        text = re.sub(r'("seconds": ?)\d+\.\d+', r"\1<S>", text)
        text = re.sub(r" +\d+\.\d s$", "  <S>", text, flags=re.MULTILINE)
        text = re.sub(r"\bprocess \d+", "process <PID>", text)
        text = re.sub(r"(HyperPoint |\"version\": ?\")\d+\.\d+\.\d+", r"\1<VERSION>", text)
        text = re.sub(r"@[0-9a-f]{16}\.json", "@<HASH>.json", text)
        text = re.sub(r"HyperPoint-[0-9a-f]{8}\b", "HyperPoint-<ID>", text)
        return GUID.sub(self.plain_guid, text)

    def plain_guid(self, match):
        guid = match.group().upper()
        if guid in self.known_guids:
            return match.group()
        if guid not in self.new_guids:
            self.new_guids.append(guid)
        return f"<GUID {self.new_guids.index(guid) + 1}>"


# ---- preparing ----

def set_up_host(scenario, step):
    words = step.words()
    command = ["-HOST", f"sim:{HOST_FILE}?{words[0]}", "-DO", "list-vms", "-JSON"]
    result = scenario.finish(scenario.start(command), command)
    host = scenario.read_host()
    if host is None:
        raise Failure(f"no simulated host was made: {result.stdout}{result.stderr}")
    host.set_knobs(dict(word.split("=", 1) for word in words[1:]))
    host.save()


def set_up_file(scenario, step):
    name, *encoding = step.words()
    path = scenario.folder / name if name.startswith(("cwd/", "state/")) else scenario.installed.parent / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(("\n".join(step.block or []) + "\n").encode(encoding[0] if encoding else "utf-8"))


def set_up_mode(scenario, step):
    name, mode = step.words()
    if not scenario.as_nobody:
        raise CaseError(f"line {step.number}: 'mode' means nothing to an administrator; say 'as-nobody' before")
    (scenario.folder / name).chmod(int(mode, 8))


def set_up_nobody(scenario, _step):
    if os.geteuid() != 0:
        scenario.as_nobody = True  # whoever runs the tests will do
        return
    scenario.as_nobody = True
    for path in [scenario.folder, *scenario.folder.rglob("*")]:
        if path != scenario.installed:  # shares its owner with the file it is linked to
            os.chown(path, program.NOBODY, program.NOBODY)


def set_up_cut(scenario, step):
    name, size = step.words()
    os.truncate(scenario.folder / name, int(size))


def only_file(files, step):
    if len(files) != 1:
        raise CaseError(f"line {step.number}: there is no such file to overwrite")
    return files[0]


def change_members(path, step):
    journal = json.loads(path.read_text(encoding="utf-8"))
    for word in step.words():
        name, text = word.split("=", 1)
        *outer, last = name.split(".") # "record.since" is a member of the member "record"
        members = journal
        for member in outer:
            members = members[member]
        members[last] = text
    path.write_text(json.dumps(journal), encoding="utf-8")


def set_up_journal_text(scenario, step):
    only_file(scenario.journals(), step).write_text("\n".join(step.block or []) + "\n", encoding="utf-8")


def set_up_journal_members(scenario, step):
    change_members(only_file(scenario.journals(), step), step)


def set_up_memo_members(scenario, step):
    change_members(only_file(scenario.memos(), step), step)


def set_up_former_journal(scenario, step):
    """Before there were kinds, a journal could only hold a change, and the VM's name was in the record alone."""
    path = only_file(scenario.journals(), step)
    journal = json.loads(path.read_text(encoding="utf-8"))
    if journal.pop("kind") != "change/1" or journal.pop("name") != journal["record"]["vmName"]:
        raise CaseError(f"line {step.number}: an earlier version could not have written this journal")
    path.write_text(json.dumps(journal | {"format": "hyperpoint-journal/1"}, indent=1), encoding="utf-8")


def set_up_interrupt(scenario, _step):
    program.interrupt(scenario.process)


def set_up(scenario, step):
    others = {"host": set_up_host, "file": set_up_file, "mode": set_up_mode, "as-nobody": set_up_nobody,
              "cut": set_up_cut, "journal-text": set_up_journal_text, "journal-members": set_up_journal_members,
              "memo-members": set_up_memo_members, "former-journal": set_up_former_journal, "interrupt": set_up_interrupt,
              "posix-only": lambda _scenario, _step: None}
    if step.name in others:
        others[step.name](scenario, step)
        return
    with scenario.program.lock(scenario.host_file):
        host = sim_state.Host(scenario.host_file)
        try:
            host.edit(step.name, step.words())
        except (KeyError, ValueError) as problem:
            raise CaseError(f"line {step.number}: {problem}") from problem
        host.save()


# ---- running ----

def run_step(scenario, step):
    """The result of the run, or None for steps that only start or kill a program."""
    if step.name == "end":
        return scenario.finish(scenario.process, scenario.process.args)
    if step.name == "kill":
        program.kill(scenario.process)
        return None
    host = scenario.program.host_words(HOST_FILE)
    if step.name == "start":
        wanted, _, text = step.text.partition(" ")
        old = scenario.journals()
        jobs = scenario.read_host().running_jobs()
        scenario.process = scenario.start(host + shlex.split(text))

        def is_there():
            steps = [step.split()[0] for path, step in scenario.journal_steps().items() if path not in old]
            return wanted in steps and scenario.read_host().running_jobs() > jobs
        if not program.wait_until(is_there, scenario.process):
            result = scenario.finish(scenario.process, [])
            raise Failure(f"the step '{wanted}' has not come, but exit code {result.code}\n"
                          f"{result.stdout}{result.stderr}")
        return None
    arguments = words_of(step, scenario.form)
    if step.name != "bare":
        arguments = host + arguments
    target = step.find("output-to")
    if target:
        with open(target[0].text, "wb") as stdout:
            return scenario.finish(scenario.start(arguments, stdout), arguments)
    return scenario.finish(scenario.start(arguments), arguments)


# ---- checking ----

def difference(expected, found, what):
    lines = difflib.unified_diff(expected, found, f"{what} expected", f"{what} found", lineterm="")
    return "\n".join(lines)


def check_json(result):
    if not result.stdout.isascii():
        raise Failure("the JSON is not plain ASCII")
    try:
        root = json.loads(result.stdout)
    except ValueError as problem:
        raise Failure(f"the JSON is none: {problem}\n{result.stdout}") from problem
    if root.get("format") != "hyperpoint/1" or root.get("exitCode") != result.code:
        raise Failure(f"the JSON has format {root.get('format')}, exit code {root.get('exitCode')}")
    for name in ("notices", "warnings"):
        if not isinstance(root.get(name), list) or not all(isinstance(text, str) for text in root[name]):
            raise Failure(f"the JSON's '{name}' is no list of texts")
    check_ending(root, result.code)


def check_ending(root, code):
    """An object that tells of a failure tells what it is; of several, each does for itself. What was left out of something
    that is done is a warning."""
    error = root.get("error")
    if error is None and "results" in root:
        for part in root["results"]:
            check_ending(part, part["exitCode"])
        return
    if error is None and code == 3 and root["warnings"]:
        return
    if (error is None) != (code == 0):
        raise Failure(f"exit code {code}, but the JSON's error is {error}")
    if error is not None and not (isinstance(error.get("code"), str) and isinstance(error.get("message"), str)):
        raise Failure(f"the JSON's error is {error}")


def check_json_lines(result):
    """Each line an object, and the last one tells the exit code."""
    if not result.stdout.isascii():
        raise Failure("the JSON is not plain ASCII")
    events = [json.loads(line) for line in result.stdout.splitlines()]
    if not events or events[-1] != {"event": "end", "exitCode": result.code}:
        raise Failure(f"the last event is not the end with exit code {result.code}:\n{result.stdout}")
    for event in events:
        if event["event"] == "result":
            check_ending(event, event["exitCode"])


def check_host(scenario, step, result):
    """What holds after every run, whatever the case is about."""
    before, after = scenario.before, scenario.read_host()
    if before is None or after is None:
        return
    code = result.code if result else None
    if result and (code in (1, 2, 6) or result.only_looks) and before.essence() != after.essence():
        raise Failure(f"exit code {code}, but the host has changed:\n"
                      + difference(before.essence(), after.essence(), "host"))
    config_files = list(scenario.installed.parent.glob("*.config"))
    keeps_gpus = code == 0 and result.is_plain_checkpoint and not config_files
    if keeps_gpus and before.adapter_rows() != after.adapter_rows():
        raise Failure("the GPU partitions are not what they were:\n"
                      + difference(before.adapter_rows(), after.adapter_rows(), "host"))
    if code == 4 and before.essence(new_ids=True) != after.essence(new_ids=True):
        raise Failure("not everything has been put back:\n"
                      + difference(before.essence(new_ids=True), after.essence(new_ids=True), "host"))
    lost = sum((before.adapters() - after.adapters()).values())
    expected = sum(int(expect.text) for expect in step.find("loses"))
    if lost != expected:
        raise Failure(f"{lost} GPU partitions are gone, {expected} expected")


def check_journal(scenario, step):
    expected = [expect.text for expect in step.find("journal")]
    found = list(scenario.journal_steps().values())
    if len(found) == len(expected):  # the kind counts where a case names it
        found = [text if " " in wanted else text.split()[0] for text, wanted in zip(found, expected)]
    if found != expected:
        raise Failure(f"journals: {found}, expected {expected}")


def check_memos(scenario, step):
    remembered = sum(len(json.loads(path.read_text(encoding="utf-8"))["record"]["partitions"])
                     for path in scenario.memos())
    expected = sum(int(expect.text) for expect in step.find("remembers"))
    if remembered != expected:
        raise Failure(f"{remembered} detached GPUs are remembered, {expected} expected")


def check_files(scenario):
    """No half-written file has been left behind."""
    left = [str(path) for path in scenario.folder.rglob("*.tmp")]
    if left:
        raise Failure(f"left behind: {', '.join(left)}")


def newest_log(scenario):
    logs = sorted((scenario.installed.parent / "logs").glob("*.log"), key=lambda path: path.stat().st_mtime_ns)
    if not logs:
        return ""
    return f"{re.sub('_[0-9-]+', '_<TIME>', logs[-1].name)}\n" + logs[-1].read_text(encoding="utf-8-sig")


def check_trips(step, result):
    for expect in step.find("trips"):
        found = re.search(r'"roundTrips": (\d+)|(\d+) round trips', result.stdout if result.is_json else result.stderr)
        if found is None:
            raise CaseError(f"line {expect.number}: only runs with -JSON or -VERBOSE tell their round trips")
        if int(found.group(found.lastindex)) > int(expect.text):
            raise Failure(f"{found.group(found.lastindex)} round trips, at most {expect.text} expected")


def found_block(scenario, expect, result):
    if expect.name == "stdout":
        return scenario.plain(result.stdout)
    if expect.name == "stderr":
        return scenario.plain(result.stderr)
    if expect.name == "log":
        return scenario.plain(newest_log(scenario))
    host = sim_state.Host(scenario.host_file)
    describe = host.describe_checkpoints if expect.name == "checkpoints" else host.describe
    return scenario.plain(describe(*expect.words()))


def add_missing(step, name):
    """Output that the case says nothing about is expected to be empty."""
    if not step.find(name):
        place = 1 + max([i for i, expect in enumerate(step.expect) if expect.name in ("exit", "stdout")], default=-1)
        step.expect.insert(place, Step(step.number, name, ""))


def check_blocks(scenario, step, result, accept):
    if result:
        for name in ("stdout", "stderr"):
            add_missing(step, name)
    for expect in [expect for expect in step.expect if expect.name in ACCEPTED]:
        found = block_of(found_block(scenario, expect, result))
        expected = expect.block or []
        if expect.text == "has":
            rest = iter(found)
            missing = [line for line in expected if line not in rest]
            if missing:
                raise Failure(f"{expect.name} lacks, or has not in this order: {missing[0]}")
        elif expect.text == "any":
            continue
        elif accept:
            expect.block = found
        elif found != expected:
            raise Failure(f"{expect.name} differs:\n" + difference(expected, found, expect.name))
    step.expect = [expect for expect in step.expect
                   if expect.name not in ("stdout", "stderr") or expect.block or expect.text]


def check(scenario, step, result, accept):
    if result:
        expected = int(step.find("exit")[0].text) if step.find("exit") else 0
        if result.code != expected:
            raise Failure(f"exit code {result.code}, expected {expected}\n{result.stdout}{result.stderr}")
        if result.is_json_lines:
            check_json_lines(result)
        if result.is_json and not step.find("output-to"):
            check_json(result)
        check_trips(step, result)
    check_host(scenario, step, result)
    check_journal(scenario, step)
    check_memos(scenario, step)
    if step.name != "kill":
        check_files(scenario)
    check_blocks(scenario, step, result, accept)


def run_form(case, under_test, form, accept, folder):
    scenario = Scenario(case, under_test, form, folder)
    try:
        for step in case.steps():
            try:
                if step.name in SETUP:
                    before = scenario.guids()
                    set_up(scenario, step)
                    scenario.known_guids |= scenario.guids() - before
                    continue
                result = run_step(scenario, step)
                if step.name != "start":
                    check(scenario, step, result, accept)
            except Failure as problem:
                raise Failure(f"line {step.number}: {step.name} {step.text}\n{problem}") from problem
    finally:
        if scenario.process and scenario.process.poll() is None:
            program.kill(scenario.process)


def remove_folder(folder):
    for path, _, _ in os.walk(folder):
        os.chmod(path, 0o755)  # a case may have made it read-only
    shutil.rmtree(folder)


def run_case(path, under_test, arguments):
    case = Case(path)
    names = {name for step in case.steps() for name in [step.name, *(expect.name for expect in step.expect)]}
    if not under_test.can_run(names):
        raise Skip("not on this platform")
    for form in number_of_forms(case):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="hyperpoint-")).resolve()
        folder.chmod(0o755)
        try:
            run_form(case, under_test, form, arguments.accept and form == 0, folder)
        finally:
            if arguments.keep:
                print(folder)
            else:
                remove_folder(folder)
    if arguments.accept:
        case.write()


def main(make_program=program.Program):
    # Whoever runs the tests in the background ignores Ctrl-C; the programs started from here shall not inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True, type=pathlib.Path)
    parser.add_argument("--exec-prefix", default="", help="what starts the program, for example wine")
    parser.add_argument("--accept", action="store_true", help="write what is found into the cases")
    parser.add_argument("--keep", action="store_true", help="keep the folders of the runs")
    parser.add_argument("cases", nargs="+", type=pathlib.Path)
    arguments = parser.parse_args()
    under_test = make_program(arguments.program.resolve(), shlex.split(arguments.exec_prefix))
    failed = skipped = 0
    for path in arguments.cases:
        try:
            run_case(path, under_test, arguments)
        except (Failure, CaseError) as problem:
            failed += 1
            print(f"FAILED {path}\n{problem}\n")
        except Skip as reason:
            skipped += 1
            print(f"skipped {path}: {reason}")
    print(f"{len(arguments.cases) - failed - skipped} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 77 if skipped == len(arguments.cases) else 0


if __name__ == "__main__":
    sys.exit(main())
