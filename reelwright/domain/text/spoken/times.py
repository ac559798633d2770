"""The times of spoken words, brought home to the written words they were said for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...content.story import WordTiming

_AHEAD = 60
"""A voice that normalises further words may be found again within so many characters."""


@dataclass(frozen=True)
class _Stretch:
    """Characters `[first, last)` of what is said, and when they are said."""

    first: int
    last: int
    start: float
    end: float


def brought_home(written: Sequence[str], said: Sequence[str], spoken: Sequence[WordTiming]) -> tuple[WordTiming, ...]:
    """One timing for each written word. `said` has what was given to the voice for each; `spoken` is what it answers,
    in order, in its own words: they are found again by their letters, and what lies between them is shared.

    A word for which nothing is said has an empty span where the last word ended.
    """
    bounds, stream = [0], ""
    for text in said:
        stream += _letters(text)
        bounds.append(len(stream))
    stretches = _placed(stream, spoken)
    timings: list[WordTiming] = []
    latest, at = 0.0, 0
    for text, first, last in zip(written, bounds, bounds[1:], strict=False):
        while at < len(stretches) - 1 and stretches[at].last <= first:
            at += 1
        if first == last or not stretches:
            start = end = latest
        else:
            start = max(_when(stretches[at], first), latest)
            until = at
            while until < len(stretches) - 1 and stretches[until].last < last:
                until += 1
            end = max(_when(stretches[until], last), start)
        timings.append(WordTiming(text=text, start=start, end=end))
        latest = end
    return tuple(timings)


def _letters(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def _placed(stream: str, spoken: Sequence[WordTiming]) -> list[_Stretch]:
    """Where in the stream of letters each word of the voice stands; they cover it without gaps."""
    heard = [(letters, word) for word in spoken if (letters := _letters(word.text))]
    if not heard:
        return []
    places: list[int] = []
    at = 0
    for letters, _ in heard:
        # The word before may have had fewer letters than the voice gave it.
        begins = (at, places[-1] + 1) if places else (at,)
        found = (stream.find(letters, begin, at + _AHEAD + len(letters)) for begin in begins)
        at = next((place for place in found if place >= 0), at)
        places.append(min(at, len(stream)))
        at = min(at + len(letters), len(stream))
    return [
        _Stretch(0 if index == 0 else place, after, word.start, word.end)
        for index, ((_, word), place, after) in enumerate(zip(heard, places, [*places[1:], len(stream)], strict=True))
    ]


def _when(stretch: _Stretch, at: int) -> float:
    """When a character of a stretch is said, in proportion."""
    length = stretch.last - stretch.first
    share = min(max((at - stretch.first) / length, 0.0), 1.0) if length else 1.0
    return stretch.start + (stretch.end - stretch.start) * share
