"""The difference between two revisions of a script: which scene was which, and what changed in it, word by word."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

# Chinese, Japanese and Thai put no spaces between words: there each sign counts by itself.
_TOKEN = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W_]+|\s+|.", re.DOTALL)
MOST_TOKENS = 4_000
"""Above it a scene is told as a whole: the comparison takes time with the square of its length."""


@dataclass(frozen=True)
class Part:
    """A run of text that is in both revisions, in the earlier alone, or in the later alone."""

    kind: Literal["same", "removed", "added"]
    text: str


def words_changed(before: str, after: str) -> tuple[Part, ...]:
    """Both texts in one row of parts, changes as removals followed by what came in their place."""
    if before == after:
        return (Part("same", after),) if after else ()
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    if len(old) + len(new) > MOST_TOKENS:
        return tuple(part for part in (Part("removed", before), Part("added", after)) if part.text)
    parts: list[Part] = []
    for tag, first, last, begin, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            parts.append(Part("same", "".join(new[begin:end])))
            continue
        if last > first:
            parts.append(Part("removed", "".join(old[first:last])))
        if end > begin:
            parts.append(Part("added", "".join(new[begin:end])))
    return tuple(parts)


@dataclass(frozen=True)
class ScenePair:
    """A scene's index in the earlier and in the later revision; None where it has no counterpart there."""

    before: int | None
    after: int | None


def scenes_paired(before: Sequence[str], after: Sequence[str]) -> tuple[ScenePair, ...]:
    """The scenes of both revisions in one row: equal ones together, and of changed runs the first with the first."""
    pairs: list[ScenePair] = []
    for tag, first, last, begin, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            pairs += [ScenePair(first + step, begin + step) for step in range(last - first)]
            continue
        for step in range(max(last - first, end - begin)):
            old = first + step if first + step < last else None
            new = begin + step if begin + step < end else None
            pairs.append(ScenePair(old, new))
    return tuple(pairs)
