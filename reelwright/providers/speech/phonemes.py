"""From the phonemes of a spoken sentence, each with its length, to one time span per token.

A sentence's phonemes are not those of its words side by side: "of the" is one group, "1969" five, and "the" sounds
otherwise before a vowel. So the tokens' own phonemes, each token spoken alone, are laid along the sentence's with the
fewest changes (Needleman and Wunsch 1970), and each phoneme belongs to the token whose phoneme it was laid on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Span:
    """`start` and `end` in samples."""

    start: int
    end: int


_STRESS = frozenset("ˈˌ")
_SILENT = frozenset(" ^$.,;:!?…—–-\"'()")
"""Phonemes of Piper that stand for pauses and punctuation: no word's sound."""
_VOWELS = frozenset("aeiouyæøœɐɑɒɔəɘɚɛɜɝɞɤɨɪɯɵɶʉʊʌʏᵻ" + "AEIOUVWY@&0368")
"""Of the IPA, and of espeak-ng's own names for phonemes, by their first sign."""
_GAP, _OTHER, _NEAR = 0.7, 1.2, 0.5
_SPACE_GAP = 0.25
"""Words run together: a space that one side lacks is a small change."""
_STRESS_GAP = 0.1


def phoneme_spans(heard: Sequence[tuple[str, int]], tokens: Sequence[Sequence[str]]) -> list[Span]:
    """One span per token in samples from the sentence's start, in order, not overlapping. `heard` has the sentence's
    phonemes and their lengths, `tokens` each token's own phonemes; one that has none gets an empty span."""
    expected = [(phoneme, index) for index, token in enumerate(tokens) for phoneme in (*token, " ")]
    owners = _owners([phoneme for phoneme, _ in heard], expected)
    firsts: dict[int, int] = {}
    lasts: dict[int, int] = {}
    at = 0
    for (_, length), owner in zip(heard, owners, strict=True):
        if owner is not None:
            firsts.setdefault(owner, at)
            lasts[owner] = at + length
        at += length
    return _filled(firsts, lasts, [sum(p not in _SILENT for p in token) for token in tokens])


def _owners(heard: Sequence[str], expected: Sequence[tuple[str, int]]) -> list[int | None]:
    """For each phoneme in the sound its token; None for pauses."""
    rows, columns = len(heard) + 1, len(expected) + 1
    cost = [[0.0] * columns for _ in range(rows)]
    for j in range(1, columns):
        cost[0][j] = cost[0][j - 1] + _gap(expected[j - 1][0])
    for i in range(1, rows):
        sound, row, above = heard[i - 1], cost[i], cost[i - 1]
        gap = _gap(sound)
        row[0] = above[0] + gap
        for j in range(1, columns):
            other = expected[j - 1][0]
            row[j] = min(above[j - 1] + _change(sound, other), above[j] + gap, row[j - 1] + _gap(other))
    owners: list[int | None] = [None] * len(heard)
    i, j = rows - 1, columns - 1
    while i > 0:
        sound = heard[i - 1]
        owner = expected[max(0, j - 1)][1] if expected else None
        if j > 0 and cost[i][j] == cost[i - 1][j - 1] + _change(sound, expected[j - 1][0]):
            j -= 1
        elif j > 0 and cost[i][j] == cost[i][j - 1] + _gap(expected[j - 1][0]):
            j -= 1
            continue
        i -= 1
        owners[i] = None if sound in _SILENT else owner
    return owners


def _gap(sound: str) -> float:
    if sound in _STRESS:
        return _STRESS_GAP
    return _SPACE_GAP if sound in _SILENT else _GAP


def _change(sound: str, other: str) -> float:
    if sound == other:
        return 0.0
    if (sound in _SILENT) or (other in _SILENT):
        return _SPACE_GAP if sound in _SILENT and other in _SILENT else 2 * _OTHER
    if (sound in _STRESS) != (other in _STRESS):
        return 2 * _OTHER
    return _NEAR if (sound[:1] in _VOWELS) == (other[:1] in _VOWELS) else _OTHER


def _filled(firsts: dict[int, int], lasts: dict[int, int], weights: Sequence[int]) -> list[Span]:
    """The spans found; a token that sounds but was found nowhere shares the one before it (or behind it, at the start)
    by the number of its phonemes, a silent one is empty where the last sound ended."""
    found = sorted(firsts)
    if not found:
        return [Span(0, 0)] * len(weights)
    spans: list[Span] = []
    for owner, following in zip(found, [*found[1:], len(weights)], strict=True):
        begin = 0 if owner == found[0] else owner
        start = max(firsts[owner], spans[-1].end if spans else 0)
        spans += _dealt(start, max(start, lasts[owner]), weights[begin:following])
    return spans


def _dealt(start: int, end: int, weights: Sequence[int]) -> list[Span]:
    total, gone, spans = max(1, sum(weights)), 0, []
    for weight in weights:
        left = start + (end - start) * gone // total
        gone += weight
        spans.append(Span(left, start + (end - start) * gone // total))
    return spans
