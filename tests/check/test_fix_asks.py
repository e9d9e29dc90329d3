#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""-DO check -FIX on a terminal: each finding that it can mend is asked for, what is not wanted stays and is told, and no
answer is no consent.

    test_fix_asks.py HYPERPOINT"""

import os
import pathlib
import sys
import tempfile

for folder in ("scenario", "install"):
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / folder))

import terminal
from place import check, failures

KEYS = ("\x03", "\x04") # Ctrl-C, Ctrl-D
QUESTIONS = ["automatic checkpoints are on. Mend it?", "high MMIO space is 512 MB", "low MMIO space is 128 MB",
             "cache types are not controlled by the guest. Mend it?", "is to be saved when the host shuts down. Mend it?"]


def run(program, folder, answers):
    """What the terminal shows, and the exit code. Each answer is typed when its question is there; at the end Ctrl-D."""
    answers = [*answers]

    def answer(shown, type_text):
        if shown.endswith(b"to go on: "):
            text = answers.pop(0) if answers else "\x04"
            type_text(text if text in KEYS else text + "\n")

    code, shown = terminal.run([program, "-HOST", "sim:host.json", "-DO", "check", "-FIX"], folder,
                               {**os.environ, "XDG_STATE_HOME": str(folder / "state")}, look=answer)
    return shown, code


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="hyperpoint-check-") as name:
        folder = pathlib.Path(name)
        shown, code = run(program, folder, ["no", "yes", "", "y", "YES"])
        places = [shown.find(question) for question in QUESTIONS]
        check("each is asked for, in the order of the findings", -1 not in places and places == sorted(places), shown)
        check("what was wanted is mended", "Mended: high-mmio-small" in shown and "Mended: cache-types" in shown and
              "Mended: stop-action-save" in shown, shown)
        check("what was not wanted is left, and told", code == 8 and "Findings (Total:2)" in shown and
              "Mended: automatic" not in shown and "Mended: low" not in shown, f"{code}: {shown}")
        shown, code = run(program, folder, [])
        check("the end of the input is no consent", code == 8 and "Mended" not in shown and
              "Findings (Total:2)" in shown, f"{code}: {shown}")
        check("nobody is asked after that", shown.count("Type yes") == 1, shown)
        shown, code = run(program, folder, ["yes"])
        check("nothing is mended where only a part was answered", code == 8 and "Mended" not in shown, f"{code}: {shown}")
        shown, code = run(program, folder, ["yes", "\x03"])
        check("Ctrl-C at a question ends it, and nothing is changed", code == 1 and "nothing was changed" in shown and
              "Mended" not in shown and shown.count("Type yes") == 2, f"{code}: {shown}")
        shown, code = run(program, folder, ["yes and " + "y" * 200, "no"])
        check("a long line is one answer", code == 8 and "Mended" not in shown and shown.count("Type yes") == 2, shown)
        shown, code = run(program, folder, ["yes", "yes"])
        check("the rest is mended when it is wanted", code == 0 and "Nothing wrong" in shown, f"{code}: {shown}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
