# SPDX-License-Identifier: MIT
"""Case files: reading them into steps, and writing them back with new blocks (README.md describes the format)."""

import shlex

import sim_state

# A directive prepares something, runs the program, or says what is expected of the run before it.
SETUP = sim_state.EDITS | {"host", "file", "journal-text", "journal-members", "memo-members",
                            "former-journal", "cut", "mode", "as-nobody", "interrupt", "posix-only"}
RUNS = {"run", "bare", "typed", "start", "end", "kill"}
EXPECT = {"exit", "stdout", "stderr", "state", "trips", "journal", "loses", "remembers", "log", "output-to",
          "checkpoints"}
WITH_BLOCK = {"file", "journal-text", "stdout", "stderr", "state", "log", "checkpoints"}
# Blocks that --accept rewrites. An exit code is an intention, and is not.
ACCEPTED = {"stdout", "stderr", "state", "log", "checkpoints"}


class CaseError(Exception):
    """The case file is wrong (as opposed to the program)."""


class Step:
    def __init__(self, number, name, text):
        self.number = number  # line
        self.name = name
        self.text = text      # the rest of the line
        self.block = None     # list of lines
        self.expect = []      # of a run: the steps that follow it

    def words(self):
        try:
            return shlex.split(self.text)
        except ValueError as problem:
            raise CaseError(f"line {self.number}: {problem}") from problem

    def find(self, name):
        return [step for step in self.expect if step.name == name]

    def lines(self):
        yield f"{self.name} {self.text}".rstrip()
        for line in self.block or []:
            yield f"| {line}" if line else "|"


def block_of(text):
    """A text as the lines of a block. Blanks at the end of a line and a missing last line feed are made visible."""
    if text == "":
        return []
    lines = [line + "<END>" if line.endswith((" ", "\t")) else line for line in text.split("\n")]
    return lines[:-1] if lines[-1] == "" else lines + ["<NO LINE FEED>"]


class Case:
    def __init__(self, path):
        self.path = path
        self.items = []  # comment and blank lines as str, setup and run steps as Step
        step = run = None
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if line.startswith("|"):
                if step is None or step.name not in WITH_BLOCK:
                    raise CaseError(f"line {number}: a block belongs to nothing")
                step.block = (step.block or []) + [line[2:]]
                continue
            if line.strip() == "" or line.startswith("#"):
                self.items.append(line)
                step = None
                continue
            name, _, text = line.partition(" ")
            step = Step(number, name, text.strip())
            if name in EXPECT:
                if run is None:
                    raise CaseError(f"line {number}: '{name}' needs a run before it")
                run.expect.append(step)
            elif name in SETUP or name in RUNS:
                self.items.append(step)
                run = step if name in RUNS else run
            else:
                raise CaseError(f"line {number}: unknown directive '{name}'")
        if not self.items or not str(self.items[0]).startswith("#"):
            raise CaseError("line 1: a case begins with a comment that says what it shows")

    def steps(self):
        return [item for item in self.items if isinstance(item, Step)]

    def write(self):
        lines = []
        for item in self.items:
            if isinstance(item, str):
                lines.append(item)
                continue
            lines.extend(item.lines())
            for step in item.expect:
                lines.extend(step.lines())
        self.path.write_text("\n".join(lines) + "\n", encoding="utf-8")
