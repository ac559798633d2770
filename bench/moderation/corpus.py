"""The corpus: short texts with the rule that has to find them, or `clean`.

One half is to tune on and one is held out: which is which follows from the sha256 of the text (`Case.held_out`), so
that a text stays in its half whatever is added.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "tests" / "corpus" / "moderation"
CLEAN = "clean"
INVISIBLE = {r"\u200b": "\u200b", r"\u00ad": "\u00ad", r"\u2060": "\u2060"}
"""Written out in the files, since nobody would see them there."""


@dataclass(frozen=True)
class Case:
    """One text; `rule` is the rule that has to find it, or `clean`."""

    language: str
    rule: str
    text: str

    @cached_property
    def held_out(self) -> bool:
        """Whether it is in the half that nothing was tuned on."""
        return hashlib.sha256(self.text.encode()).digest()[0] % 2 == 1


def read_corpus(folder: Path = FOLDER) -> list[Case]:
    """All cases, by language and in the order of the files."""
    found: list[Case] = []
    for path in sorted(folder.glob("*.tsv")):
        for line in path.read_text(encoding="utf-8").splitlines():
            rule, _, text = line.partition("\t")
            for written, meant in INVISIBLE.items():
                text = text.replace(written, meant)
            found.append(Case(path.stem, rule, text))
    return found
