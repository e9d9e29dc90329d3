# SPDX-License-Identifier: MIT
"""The command lines of tests/data/powershell-argv.tsv and what they mean (powershell-meaning.tsv)."""

import dataclasses
import json
import pathlib
import re

DATA = pathlib.Path(__file__).resolve().parent.parent / "data"
MODES = ("Legacy", "Windows", "Standard")  # of $PSNativeCommandArgumentPassing, in the order of the columns


@dataclasses.dataclass
class Line:
    typed: str
    argv: dict  # mode: words that a program gets
    bound: str  # by PowerShell itself
    meaning: dict  # mode: what the program makes of its words; "!" and a text: a refusal

    @property
    def program(self):
        return "installdrivers" if self.typed.startswith(("-DRV", "-SRC")) else "hyperpoint"


def rows_of(name):
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if not line.startswith("#")]


def recorded_lines():
    lines = []
    for (typed, *forms), (_, bound, *rest) in zip(rows_of("powershell-argv.tsv"), rows_of("powershell-meaning.tsv"),
                                                  strict=True):
        program, legacy = (*rest, "", "")[:2]
        argv = {mode: json.loads(form) for mode, form in zip(MODES, forms, strict=True)}
        meaning = dict.fromkeys(MODES, program or bound)
        if legacy:
            meaning["Legacy"] = legacy
        lines.append(Line(typed, argv, bound, meaning))
    return lines


def words_of(meaning):
    """'VM=my vm|GPU=[a][b]|S' as words that leave nothing to guess, as the scripts of powershell/ write them."""
    words = []
    for part in meaning.split("|"):
        name, equals, value = part.partition("=")
        items = re.findall(r"\[([^]]*)\]", value)
        if name == "Others":
            words += items
        elif items:
            words += [f"-{name}:'{item}'" for item in items]
        else:
            words.append(f"-{name}:{value if equals else True}")
    return words
