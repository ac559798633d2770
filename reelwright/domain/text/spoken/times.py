"""Assigns the times of spoken words to the written words that they were spoken for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...content.story import PartTiming, WordTiming

_AHEAD = 60
"""A voice that normalises further words may be found again within so many characters."""


@dataclass(frozen=True)
class _Stretch:
    """Characters `[first, last)` of the spoken form, and their time. `inner`: it begins inside a word of the
    voice's."""

    first: int
    last: int
    start: float
    end: float
    inner: bool


def brought_home(written: Sequence[str], said: Sequence[str], spoken: Sequence[WordTiming]) -> tuple[WordTiming, ...]:
    """One timing for each written word. `said` has the text given to the voice for each; `spoken` is its answer,
    in order, in its own words: they are matched by their letters, and the time between them is divided.

    A silent word has an empty span where the last word ended. Where the voice has times inside its words, the written
    word keeps those whose characters are written as they are spoken.
    """
    bounds, stream = [0], ""
    for text in said:
        stream += _letters(text)
        bounds.append(len(stream))
    stretches = _placed(stream, spoken)
    timings: list[WordTiming] = []
    latest, at = 0.0, 0
    for text, spelled, first, last in zip(written, said, bounds, bounds[1:], strict=False):
        parts: tuple[PartTiming, ...] = ()
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
            parts = _parts(text, spelled, first, (start, end), stretches[at : until + 1])
        timings.append(WordTiming(text=text, start=start, end=end, parts=parts))
        latest = end
    return tuple(timings)


def _parts(
    written: str, said: str, first: int, span: tuple[float, float], stretches: Sequence[_Stretch]
) -> tuple[PartTiming, ...]:
    """The times inside a written word whose spoken form begins at `first`, from the stretches of its speech."""
    places = _places(written, said)
    ends = [min(max(stretch.end, span[0]), span[1]) for stretch in stretches]
    parts = [PartTiming(0, span[0], ends[0])]
    for stretch, end in zip(stretches[1:], ends[1:], strict=True):
        at = places.get(stretch.first - first) if stretch.inner else None
        if at is None:
            parts[-1] = parts[-1]._replace(end=end)
        else:
            parts.append(PartTiming(at, min(max(stretch.start, span[0]), span[1]), end))
    parts[-1] = parts[-1]._replace(end=span[1])
    return tuple(parts) if len(parts) > 1 else ()


def _places(written: str, said: str) -> dict[int, int]:
    """For letters of the spoken form, by number, their position in the written word: those before and after the part
    that is spoken differently, and its first, or all where it has as many letters."""
    own = [(at, letter) for at, char in enumerate(written) for letter in _letters(char)]
    spoken = _letters(said)
    if len(own) == len(spoken):
        return {number: at for number, (at, _) in enumerate(own)}
    alike = 0
    while alike < min(len(own), len(spoken)) and own[alike][1] == spoken[alike]:
        alike += 1
    places = {number: own[number][0] for number in range(min(alike + 1, len(own)))}
    for back in range(1, min(len(own), len(spoken)) - alike + 1):
        if own[-back][1] != spoken[-back]:
            break
        places[len(spoken) - back] = own[-back][0]
    return places


def _letters(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def _placed(stream: str, spoken: Sequence[WordTiming]) -> list[_Stretch]:
    """Where in the stream of letters each word of the voice stands; they cover it without gaps."""
    heard = [
        (letters, part, at > 0)
        for word in spoken
        for at, (text, part) in enumerate(_own(word))
        if (letters := _letters(text))
    ]
    if not heard:
        return []
    places: list[int] = []
    at = 0
    for letters, _, _ in heard:
        # The word before may have had fewer letters than the voice gave it.
        begins = (at, places[-1] + 1) if places else (at,)
        found = (stream.find(letters, begin, at + _AHEAD + len(letters)) for begin in begins)
        at = next((place for place in found if place >= 0), at)
        places.append(min(at, len(stream)))
        at = min(at + len(letters), len(stream))
    return [
        _Stretch(0 if index == 0 else place, after, part.start, part.end, inner)
        for index, ((_, part, inner), place, after) in enumerate(
            zip(heard, places, [*places[1:], len(stream)], strict=True)
        )
    ]


def _own(word: WordTiming) -> Iterator[tuple[str, PartTiming]]:
    """A voice's word in the parts that have times of their own."""
    parts = word.parts or (PartTiming(0, word.start, word.end),)
    for part, after in zip(parts, [*(part.at for part in parts[1:]), len(word.text)], strict=True):
        yield word.text[part.at : after], part


def _when(stretch: _Stretch, at: int) -> float:
    """The time of a character of a stretch, in proportion."""
    length = stretch.last - stretch.first
    share = min(max((at - stretch.first) / length, 0.0), 1.0) if length else 1.0
    return stretch.start + (stretch.end - stretch.start) * share
