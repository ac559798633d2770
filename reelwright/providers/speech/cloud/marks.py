"""Word times out of what a vendor tells: the time of each character, or of each word, of the text that it spoke.

A vendor's text is not ours to the letter: it has normalised quotes, spelled out a number, or left a sign out. Both are
laid along each other character by character. Where that fails for a single word, nothing is made up: the answer is
None, and the aligner finds the times in the sound.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from reelwright.domain.content.story import PartTiming, WordTiming
from reelwright.domain.text.phrases import language_of, phrases

from .texts import Fragment

LEAST_SHARE = 0.5
"""Of a word's letters so many must be found."""
_LATE_S = 0.35
"""A vendor's last time may lie so far behind the end of its sound: of what is cut off by an MP3 encoder."""
_BACK_S = 0.06
"""Times may run back by so much, where sounds overlap."""
_DIFFERENT = 4_000_000
"""Two texts that differ in more pairs of characters than this are not compared: they are not the same text."""


@dataclass(frozen=True)
class Mark:
    """A run of text and when it is heard, in seconds of the vendor's sound."""

    text: str
    start: float
    end: float


Times = tuple[PartTiming, ...]
"""Those of one fragment; `at` counts from its token's beginning."""


def times_of(
    fragments: Sequence[Fragment], marks: Sequence[Mark], duration: float, language: str
) -> list[Times] | None:
    """The times of each fragment, in order and inside the sound; None where the marks do not cover the text."""
    told = _characters(marks, duration)
    if not told:
        return None
    ours = [
        (number, at, char.lower()[:1])
        for number, fragment in enumerate(fragments)
        for at, char in enumerate(fragment.text)
        if not char.isspace()
    ]
    found = _laid([char for _, _, char in ours], [char for char, _, _ in told])
    if found is None:
        return None
    placed: list[dict[int, tuple[float, float]]] = [{} for _ in fragments]
    for (number, at, _), index in zip(ours, found, strict=True):
        if index is not None:
            placed[number][at] = told[index][1:]
    forms = language_of(" ".join(fragment.text for fragment in fragments), language)
    times: list[Times] = []
    latest = 0.0
    for fragment, known in zip(fragments, placed, strict=True):
        heard = [at for at, char in enumerate(fragment.text) if char.isalnum()]
        hits = [at for at in heard if at in known]
        if heard and len(hits) < LEAST_SHARE * len(heard):
            return None
        own = _phrased(fragment, known, forms, latest, duration) if heard else ()
        times.append(own or (PartTiming(fragment.at, latest, latest),))
        latest = times[-1][-1].end
    return times if latest > 0 else None


def words_of(tokens: Sequence[str], fragments: Sequence[Fragment], times: Sequence[Times]) -> tuple[WordTiming, ...]:
    """One timing for each token out of those of all fragments."""
    parts: list[list[PartTiming]] = [[] for _ in tokens]
    for fragment, own in zip(fragments, times, strict=True):
        parts[fragment.token] += own
    return tuple(
        WordTiming(text=text, start=own[0].start, end=own[-1].end, parts=tuple(own) if len(own) > 1 else ())
        for text, own in zip(tokens, parts, strict=True)
    )


def aligned_times(fragments: Sequence[Fragment], words: Sequence[WordTiming]) -> list[Times]:
    """The aligner's words as those of the fragments that they are."""
    return [
        tuple(PartTiming(fragment.at + at, start, end) for at, start, end in word.parts)
        or (PartTiming(fragment.at, word.start, word.end),)
        for fragment, word in zip(fragments, words, strict=True)
    ]


def _characters(marks: Sequence[Mark], duration: float) -> list[tuple[str, float, float]]:
    """Each character that is no space, with its time; nothing where a time is none, or lies outside the sound."""
    told: list[tuple[str, float, float]] = []
    latest = 0.0
    for mark in marks:
        text = "".join(mark.text.split())
        if not text:
            continue
        start, end = mark.start, max(mark.start, mark.end)
        if not (math.isfinite(start) and math.isfinite(end)) or start < latest - _BACK_S or end > duration + _LATE_S:
            return []
        latest = start
        step = (end - start) / len(text)
        told += [(char.lower()[:1], start + step * at, start + step * (at + 1)) for at, char in enumerate(text)]
    return told


def _laid(ours: Sequence[str], theirs: Sequence[str]) -> list[int | None] | None:
    """For each of our characters theirs; None where the two are too different to be compared."""
    if ours == theirs:
        return list(range(len(ours)))
    before = 0
    while before < min(len(ours), len(theirs)) and ours[before] == theirs[before]:
        before += 1
    after = 0
    while after < min(len(ours), len(theirs)) - before and ours[-1 - after] == theirs[-1 - after]:
        after += 1
    found: list[int | None] = [None] * len(ours)
    found[:before] = range(before)
    for back in range(1, after + 1):
        found[-back] = len(theirs) - back
    left, right = ours[before : len(ours) - after], theirs[before : len(theirs) - after]
    if len(left) * len(right) > _DIFFERENT:
        return None
    for block in SequenceMatcher(None, left, right, autojunk=False).get_matching_blocks():
        for at in range(block.size):
            found[before + block.a + at] = before + block.b + at
    return found


def _phrased(
    fragment: Fragment, known: dict[int, tuple[float, float]], forms: str, latest: float, duration: float
) -> Times:
    """The times of a fragment's phrases: of a word as a rule one."""
    times: list[PartTiming] = []
    at = 0
    for phrase in phrases(fragment.text, forms):
        hits = [known[place] for place in range(at, at + len(phrase)) if place in known]
        if hits:
            start = min(max(hits[0][0], latest), duration)
            latest = end = min(max(hits[-1][1], start), duration)
            times.append(PartTiming(fragment.at + (at if times else 0), round(start, 4), round(end, 4)))
        at += len(phrase)
    return tuple(times)
