"""The words of captions: their times put in order, and those divided that cannot or need not stay whole."""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Literal

from reelwright.domain.content.story import PartTiming
from reelwright.domain.text.phrases import phrases, words_inside
from reelwright.domain.text.sentence_ends import bound_to_next
from reelwright.domain.text.shortening import elided, is_string_of_signs, short_address

from ..text.fonts import clusters

Measure = Callable[[str], float]

SMALLEST = 0.62
"""A line is shrunk to no less than this; a word that does not fit even then is broken."""
MIN_CUE_S = 0.7
"""No caption should be seen for less."""

_MARKS = 4
"""At most so many signs at the end of a word are taken for its punctuation."""
_OVERRIDE = re.compile(r"\{\\[^{}]{0,300}\}")
_SIGNS_PER_WORD = 3.3
"""So many signs of a script without spaces count as a word: it takes the eye about as long."""


@dataclass(frozen=True)
class CueWord:
    """A word in a caption: `text` as written, `shown` as drawn (without symbols the font lacks; may be empty).

    `joined` has no space before it: the rest of a broken word, or, where it is `soft`, the next phrase in a script
    without spaces, which a line may as well begin with. `cut` is what was done to one that is too long. `parts` are
    the times inside a word without spaces that has not been divided yet, as in `WordTiming`."""

    text: str
    shown: str
    start: float
    end: float
    joined: bool = False
    soft: bool = False
    cut: Literal["", "shortened", "broken"] = ""
    parts: tuple[PartTiming, ...] = ()

    @property
    def weight(self) -> float:
        """How many words it counts for."""
        return len(clusters(self.text)) / _SIGNS_PER_WORD if self.soft else 1.0


def repair_times(times: Sequence[tuple[float, float]], first: float, last: float) -> list[tuple[float, float]]:
    """Words' (start, end) put in order, between `first` and `last`; good times come back as they are.

    The order of the words is the text's, so only the times are moved: they are clamped, the starts sorted and given
    out anew in the order of the words, each word then ends no later than the next begins. Words that begin together
    share the time there is until the next one. The same input always gives the same output.
    """
    begins = sorted(min(max(start, first), last) for start, _ in times)
    lasting = [max(end - start, 0.0) for start, end in times]
    repaired: list[tuple[float, float]] = []
    at = 0
    while at < len(begins):
        after = at + 1
        while after < len(begins) and begins[after] <= begins[at]:
            after += 1
        limit = begins[after] if after < len(begins) else last
        count = after - at
        if count == 1:
            repaired.append((begins[at], min(begins[at] + lasting[at], limit)))
        else:
            share = (limit - begins[at]) / count
            repaired += [(begins[at] + share * k, begins[at] + share * (k + 1)) for k in range(count)]
        at = after
    return repaired


def split_unspaced(words: Iterable[CueWord], language: str) -> list[CueWord]:
    """Words of scripts without spaces as phrases that may stand on different lines, each with its time as spoken."""
    return [piece for word in words for piece in _divide(word, phrases(word.text, language), soft=True)]


def strike_overrides(words: Iterable[CueWord]) -> list[CueWord]:
    """Words without the override tags of subtitle formats typed among them (a backslash and a command in braces):
    they set position and style of a text and are no part of it. A word of nothing else is left out."""
    given = list(words)
    text = " ".join(word.text for word in given)
    struck = {at for match in _OVERRIDE.finditer(text) for at in range(*match.span())}
    if not struck:
        return given
    kept: list[CueWord] = []
    at = 0
    for word in given:
        left = [index for index in range(len(word.text)) if at + index not in struck]
        at += len(word.text) + 1
        text = "".join(word.text[index] for index in left)
        if text == word.text:
            kept.append(word)
        elif text:
            moved = (part._replace(at=bisect_left(left, part.at)) for part in word.parts)
            kept.append(replace(word, text=text, shown=text if word.shown else "", parts=tuple(moved)))
    return kept


def hold_marks(words: Iterable[CueWord], language: str) -> list[CueWord]:
    """Words with the marks that stand alone beside them, so that no line begins with what closes (French `»` and `!`)
    or ends with what opens. The time is the word's own."""
    given = list(words)
    bound = bound_to_next([word.text for word in given], language)
    held: list[CueWord] = []
    holds = False
    for word, holds_next in zip(given, bound, strict=True):
        held.append(_together(held.pop(), word) if holds else word)
        holds = holds_next
    return held


def _together(one: CueWord, other: CueWord) -> CueWord:
    said = [word for word in (one, other) if any(c.isalnum() for c in word.text)] or [one, other]
    return replace(
        one,
        text=f"{one.text} {other.text}",
        shown=" ".join(filter(None, (one.shown, other.shown))),
        start=said[0].start,
        end=max(said[0].start, said[-1].end),
        parts=_one_after_other(one, other) if one.parts or other.parts else (),
    )


def _one_after_other(one: CueWord, other: CueWord) -> tuple[PartTiming, ...]:
    """The times inside of two words with a space between them; a mark has no time of its own."""
    parts: list[PartTiming] = []
    for word, offset in ((one, 0), (other, len(one.text) + 1)):
        if any(c.isalnum() for c in word.text):
            own = word.parts or (PartTiming(0, word.start, word.end),)
            parts += (part._replace(at=part.at + offset) for part in own)
    return tuple(parts)


def fit_words(words: Iterable[CueWord], measure: Measure, width: float) -> list[CueWord]:
    """Words made to fit lines of `width`. A phrase of a script without spaces is divided between its words. An address
    or a string of signs is shortened, and so is a word whose pieces would each be seen for a moment only; any other is
    broken, each piece with its share of the time."""
    fitted: list[CueWord] = []
    for word in _words_of_long_phrases(words, measure, width):
        if measure(word.shown) > width:
            word = _shortened(word, lambda text: measure(text) <= width)
        limit = width / SMALLEST
        if measure(word.shown) <= limit:
            fitted.append(word)
            continue
        # Symbols outside the fonts cannot be placed among the pieces; the subtitle text is then the drawn one.
        whole = word if word.shown == word.text else replace(word, text=word.shown, parts=())
        captions = math.ceil(measure(word.shown) / limit / 2)
        if captions > 1 and word.end - word.start < captions * MIN_CUE_S:
            short = elided(word.shown, lambda text: measure(text) <= width)
            fitted.append(replace(word, text=short, shown=short, cut="broken"))
        else:
            pieces = pieces_of(word.shown, measure, limit)
            fitted += [replace(piece, cut="broken") for piece in _divide(whole, pieces, soft=False)]
    return fitted


def _words_of_long_phrases(words: Iterable[CueWord], measure: Measure, width: float) -> Iterator[CueWord]:
    for word in words:
        if word.shown == word.text and measure(word.shown) > width:
            yield from _divide(word, words_inside(word.text), soft=True)
        else:
            yield word


def _shortened(word: CueWord, fits: Callable[[str], bool]) -> CueWord:
    short = short_address(word.shown, fits)
    if short == word.shown and is_string_of_signs(word.shown):
        short = elided(word.shown, fits)
    return word if short == word.shown else replace(word, text=short, shown=short, cut="shortened")


def _divide(word: CueWord, pieces: Sequence[str], *, soft: bool) -> list[CueWord]:
    if len(pieces) < 2:
        return [word]
    starts, ends = _bounds(word, pieces)
    return [
        CueWord(
            piece,
            piece,
            starts[index],
            ends[index],
            joined=index > 0 or word.joined,
            soft=(soft and index > 0) or (index == 0 and word.soft),
        )
        for index, piece in enumerate(pieces)
    ]


def _bounds(word: CueWord, pieces: Sequence[str]) -> tuple[list[float], list[float]]:
    """When each piece begins and ends: as spoken where that is known, by its characters where not."""
    if not word.parts:
        counts = [0, *accumulate(len(clusters(piece)) for piece in pieces)]
        moments = [word.start + (word.end - word.start) * count / counts[-1] for count in counts]
        return moments[:-1], moments[1:]
    lasts = [*(part.at for part in word.parts[1:]), len(word.text)]

    def moment(at: int, *, ending: bool) -> float:
        """When the character at `at` begins, or the one before it ends."""
        known = bisect_left(lasts, at if ending else at + 1)
        part, last = word.parts[known], lasts[known]
        share = (at - part.at) / max(last - part.at, 1)
        return min(max(part.start + (part.end - part.start) * min(max(share, 0.0), 1.0), word.start), word.end)

    edges = [0, *accumulate(len(piece) for piece in pieces)]
    starts = [word.start, *(moment(at, ending=False) for at in edges[1:-1])]
    ends = [*(moment(at, ending=True) for at in edges[1:-1]), word.end]
    return starts, ends


def pieces_of(text: str, measure: Measure, limit: float) -> list[str]:
    """A word in as few pieces as it takes for each to be no wider than `limit`, no grapheme cluster divided."""
    pieces: list[str] = []
    rest = clusters(text)
    while rest:
        # Bisect the longest beginning that fits; one cluster always goes, so this ends.
        low, high = 1, len(rest)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if measure("".join(rest[:middle])) <= limit else (low, middle - 1)
        if 0 < len(rest) - low <= _MARKS and not any(c.isalnum() for c in "".join(rest[low:])):
            low = max(low - 1, 1)  # the marks at the end of a word do not stand alone
        pieces.append("".join(rest[:low]))
        rest = rest[low:]
    return pieces
