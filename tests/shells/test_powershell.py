#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the scripts of powershell/ in a real PowerShell engine: what PowerShell has bound must reach the program.

    test_powershell.py --program build/debug/hyperpoint --folder build/debug/tests/shells

Exit code 0: all passed; 1: some failed; 77: there is no .NET SDK here that can build the engine (engine/)."""

import argparse
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys

from recordings import MODES, recorded_lines, words_of

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "scenario"))

from program import HANGS

ROOT = HERE.parent.parent
VARIABLES = "$gpus = 'radeon rx 6800 xt','order:5'; $splat = [ordered]@{GPU=$gpus; VM='my vm'}; "
STAND_IN = """#!/bin/sh
[ $# = 0 ] || printf '%s\\0' "$@" >"$0.words"
echo started
exit 42
"""
# What is no parameter of the original goes on as it is written, but for what PowerShell makes of the words.
HANDED_ON = [
    ("-HOST sim:lab.json -DO list-vms -JSON", ["-HOST", "sim:lab.json", "-JSON", "-DO:list-vms"]),
    ("-VM a -WHATIF -LOWMMIO 4GB", ["-WHATIF", "-LOWMMIO", "4GB", "-VM:a"]),
    ("-VERBOSE -VERSION", ["-VERSION", "-Verbose:True"]),
    ("-JSON:$false -NAME:'-x'", ["-JSON:", "False", "-NAME:", "-x"]),
    ("stray -GPU a b", ["stray", "b", "-GPU:'a'"]),
    ("""-VM 'C:\\a "b" c\\\\"' -NAME 'a\\" b'""", ["-NAME", 'a\\" b', '-VM:C:\\a "b" c\\\\"']),
    ("-GPU \"it's\",'a, b'", ["-GPU:'it''s'", "-GPU:'a, b'"]),
    ("-VM ' a  b '", ["-VM: a  b "]),
    ("-VM 'web 1','b, c',d -HOST H1,H2 -PARALLEL 2", ["-HOST", "H1,H2", "-PARALLEL", "2", "-VM:web 1", "-VM:b, c", "-VM:d"]),
    ("", []),
]
# Syntax that came after 5.1. The rest is what the engine's own parser says.
PARSE = """
$tokens = $problems = $null
$null = [System.Management.Automation.Language.Parser]::ParseFile('%s', [ref] $tokens, [ref] $problems)
foreach ($problem in $problems) { "line $($problem.Extent.StartLineNumber): $($problem.Message)" }
foreach ($token in $tokens) {
    if ("$($token.Kind)" -in 'AndAnd', 'OrOr', 'QuestionMark', 'QuestionQuestion', 'QuestionQuestionEquals',
                             'QuestionDot', 'QuestionLBracket', 'Clean') {
        "line $($token.Extent.StartLineNumber): Windows PowerShell 5.1 knows no '$($token.Text)'"
    }
}
"""


class Engine:
    """PowerShell sessions, one for each line."""

    def __init__(self, folder):
        build = ["dotnet", "build", str(HERE / "engine"), "--artifacts-path", str(folder), "-v", "quiet", "-nologo",
                 "-nodeReuse:false", "-p:UseSharedCompilation=false"]  # nothing stays behind
        try:
            done = subprocess.run(build, capture_output=True, text=True,
                                  env=dict(os.environ, DOTNET_CLI_TELEMETRY_OPTOUT="1"), timeout=HANGS)
        except FileNotFoundError:
            self.skip("there is no .NET SDK (dotnet)")
        except subprocess.TimeoutExpired:
            self.skip("the PowerShell engine cannot be built within half an hour")
        if done.returncode != 0:
            self.skip("the PowerShell engine cannot be built: " + done.stdout.strip())
        self.process = subprocess.Popen(["dotnet", str(folder / "bin" / "engine" / "debug" / "engine.dll")],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")

    @staticmethod
    def skip(reason):
        print(f"skipped: {reason}")
        sys.exit(77)

    def run(self, line):
        self.process.stdin.write(json.dumps(line) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


class Test:
    def __init__(self, engine, folder):
        self.engine = engine
        self.folder = folder
        self.failed = 0

    def expect(self, what, expected, got):
        if expected != got:
            self.failed += 1
            print(f"{what}\n    expected: {expected}\n         got: {got}")

    def words(self, command, typed, program, mode):
        """What the stand-in was given; its exit code and its output must have come through."""
        record = self.folder / f"{program}.exe.words"
        record.unlink(missing_ok=True)
        done = self.engine.run(f"$PSNativeCommandArgumentPassing = '{mode}'; {VARIABLES}& '{command}' {typed}")
        self.expect(f"[{mode}] {typed}", {"output": ["started"], "errors": [], "exit": 42}, done)
        return record.read_text(encoding="utf-8").split("\0")[:-1] if record.exists() else []

    def script(self, program):
        return self.folder / "powershell" / f"{program}.ps1"


def write_program(path, text):
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


def test_recordings(test):
    """The scripts hand on what PowerShell binds; without them the program gets what was recorded."""
    for line in recorded_lines():
        for mode in MODES:
            direct = test.words(test.folder / f"{line.program}.exe", line.typed, line.program, mode)
            test.expect(f"[{mode}] without the script: {line.typed}", line.argv[mode], direct)
            words = test.words(test.script(line.program), line.typed, line.program, mode)
            words = sorted(word for word in words if not word.endswith(":False"))
            test.expect(f"[{mode}] {line.typed}", sorted(words_of(line.bound)), words)


def test_verbatim(test):
    """--%: as in cmd with Legacy passing, cut at blanks since."""
    for mode in MODES:
        words = test.words(test.folder / "hyperpoint.exe", '--% -VM "my vm" -GPU "A B","order:3"', "hyperpoint", mode)
        cut = ["-VM", '"my', 'vm"', "-GPU", '"A', 'B","order:3"']
        test.expect(f"[{mode}] --%", ["-VM", "my vm", "-GPU", "A B,order:3"] if mode == "Legacy" else cut, words)


def test_handed_on(test):
    for typed, expected in HANDED_ON:
        for mode in MODES:
            words = test.words(test.script("hyperpoint"), typed, "hyperpoint", mode)
            test.expect(f"[{mode}] {typed}", expected, words)


def test_program(test, program):
    """With the program itself, whose name has no .exe here."""
    script = test.script("hyperpoint")
    (test.folder / "hyperpoint.exe").unlink()
    missing = test.engine.run(f"& '{script}' -VM x")
    test.expect("no program", [f"There is no hyperpoint.exe in the folder {test.folder}."], missing["errors"])
    shutil.copy(program, test.folder / "hyperpoint")
    line = f"& '{script}' -HOST sim: -VM 'my vm' -DO add -GPU 'NVIDIA GeForce RTX 3080','order:%d' -WHATIF"
    done = test.engine.run(line % 5)
    test.expect("the plan", (0, []), (done["exit"], done["errors"]))
    test.expect("the GPUs of the plan", ["(3)", "(5)"],
                [text.split()[0] for text in done["output"] if text.endswith(" (new)")])
    test.expect("a refusal", 1, test.engine.run(line % 99)["exit"])


def test_syntax(test):
    for script in sorted([*ROOT.glob("powershell/*.ps1"), *ROOT.glob("scripts/*.ps1")]):
        test.expect(str(script.relative_to(ROOT)), [], test.engine.run(PARSE % script)["output"])


def rules_in(text, region):
    part = re.search(f"(?s)#region {region}:.*?#endregion", text).group()
    return [rule.replace("''", "'") for rule in re.findall(r"(?m)Test-(?:Driver)?Rule '(.*)' \{$", part)]


def test_verify(test):
    """scripts/verify-on-windows.ps1 on a stand-in for Windows, with the real program on a simulated host: what is as
    expected passes, what is not is told, and in the end the VM is as it was."""
    program = [str(test.folder / "hyperpoint"), "-HOST", f"sim:{test.folder}/host.json"]
    subprocess.run([*program, "-VM", "my vm", "-DO", "remove-all", "-S"], check=True)
    write_program(test.folder / "hyperpoint.exe", f'#!/bin/sh\nexec {shlex.join(program)} "$@"\n')
    text = (ROOT / "scripts" / "verify-on-windows.ps1").read_text(encoding="utf-8")
    fake = (HERE / "fake_wmi.ps1").read_text(encoding="utf-8")
    script = test.folder / "scripts" / "verify.ps1"
    script.parent.mkdir()
    without_wmi = re.sub("(?s)#region WMI.*?#endregion", lambda _: fake, text)
    script.write_text(re.sub("(?s)#region Windows.*?#endregion", "", without_wmi), encoding="utf-8")

    def run(settings, place="-VM 'my vm'"):
        done = test.engine.run(f"{settings}; & '{script}' {place}; \"calls: $global:calls\"")
        test.expect(f"errors of verify with {settings}", [], done["errors"])
        rules = [line.split(" -- ")[0].split(maxsplit=1) for line in done["output"] if " -- " in line]
        return done["output"], [rule for verdict, rule in rules], [rule for rule in rules if rule[0] != "pass"]

    lines, rules, odd = run("$answer = 'y'")
    guest_rules = run("$answer = 'y'", "-Guest")[1]
    unknown = [["unknown", "a user without rights sees no rows at all, or is refused"],
               ["unknown", "the program tells a user without rights so, with exit code 6"],
               ["unknown", "a saved VM cannot be deleted"],
               ["unknown", 'a query says "not found" while the service vmms is stopped'],
               ["unknown", "text of the refusal with a directly assigned device"],
               ["unknown", "Ctrl-C ends a question of the program, and nothing is changed"]]
    test.expect("what is not verified", unknown, odd)
    test.expect("one line for each rule", len(re.findall("Test-(?:Driver)?Rule '|not tried:", text)),
                len({*rules, *guest_rules}))
    test.expect("put back twice", 2, lines.count("VM 'my vm' is as it was."))
    contrary = ["a checkpoint with a GPU partition is refused by its job, with 32775"]
    shared = rules_in(text, "Shared")
    contrary = [["FAIL", rule] for rule in [*shared, *rules_in(text, "Drivers"), *contrary]]
    odd = run("$answer = 'y'; $contrary = $true")[2]
    test.expect("another host", sorted([*unknown, *contrary]), sorted(odd))
    lines, rules, odd = run("$stranger = $true")
    test.expect("rules for a user without rights", [rule for _, rule in unknown[:2]], rules)
    test.expect("the program, for which he has rights", [["FAIL", rules[1]]], odd)
    lines, rules, odd = run("$answer = 'n'; $global:calls = 0")
    test.expect("changes without consent", "calls: 0", lines[-1])
    verify_guest(test, run, [*shared, *rules_in(text, "Guest")])
    script.write_text(without_wmi, encoding="utf-8")
    odd = run("$answer = 'y'", "-Guest")[2]
    test.expect("what only Windows has", {"unknown"}, {verdict for verdict, rule in odd})


def verify_guest(test, run, rules):
    """The same in a guest."""
    not_tried = [["unknown", "the Restart Manager stops the users of a file"],
                 ["unknown", "Windows makes some thousand moves as it starts"],
                 ["unknown", "Windows moves a link as such as it starts"]]
    test.expect("a guest", not_tried, run("$answer = 'y'", "-Guest")[2])
    contrary = [["FAIL", rule] for rule in rules if not rule.endswith("can be read")]
    odd = run("$answer = 'y'; $contrary = $true", "-Guest")[2]
    test.expect("another guest", sorted([*contrary, *not_tried]), sorted(odd))
    test.expect("a list that is changed, changed and put back", "calls: 3", run("$answer = 'y'", "-Guest")[0][-1])
    test.expect("a list without consent", "calls: ", run("$answer = 'n'", "-Guest")[0][-1])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True, type=pathlib.Path)
    parser.add_argument("--folder", required=True, type=pathlib.Path)
    options = parser.parse_args()
    os.environ["XDG_STATE_HOME"] = str(options.folder.resolve() / "state")
    engine = Engine(options.folder.resolve() / "engine")
    folder = options.folder.resolve() / "Program Files"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "powershell", folder / "powershell")
    for name in ("hyperpoint.exe", "installdrivers.exe"):
        write_program(folder / name, STAND_IN)
    test = Test(engine, folder)
    test_syntax(test)
    test_recordings(test)
    test_verbatim(test)
    test_handed_on(test)
    test_program(test, options.program)
    test_verify(test)
    return 1 if test.failed else 0


sys.exit(main())
