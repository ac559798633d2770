"""When each word is spoken, in seconds from the video's beginning."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from reelwright.domain.content.story import Narration, PartTiming, Scene, WordTiming
from reelwright.domain.errors import InvalidInput
from reelwright.domain.text.incoming import one_line


@dataclass(frozen=True)
class Word:
    """One spoken word, `start` and `end` in seconds from the video's beginning; `parts` as in `WordTiming`."""

    text: str
    start: float
    end: float
    parts: tuple[PartTiming, ...] = ()


def words_of(scene: Scene, narration: Narration, offset: float) -> tuple[Word, ...]:
    """The scene's words at their place in the video, which its narration begins at `offset` seconds. A voice that gave
    no timings gets them spread by length. Raises `InvalidInput` for a time that is not finite."""
    timed: Sequence[WordTiming] = narration.words or _spread(one_line(scene.text).split(), narration.duration_s)
    words: list[Word] = []
    earliest = 0.0
    for word in timed:
        text, start, end = one_line(word.text), word.start, word.end
        seconds = (start, end, *(second for part in word.parts for second in (part.start, part.end)))
        if not all(map(math.isfinite, seconds)):
            raise InvalidInput(
                f"a word of scene {scene.index + 1} has no finite time",
                field="material.narrations.words",
                remedy="give start and end in seconds",
            )
        # A voice's timings may stand a few milliseconds over; captions need an order.
        start = min(max(start, earliest), narration.duration_s)
        end = min(max(end, start), narration.duration_s)
        earliest = end
        if text:
            words.append(Word(text, offset + start, offset + end, _parts(word, text, offset)))
    return tuple(words)


def _parts(word: WordTiming, shown: str, offset: float) -> tuple[PartTiming, ...]:
    """The times inside a word; none if signs were taken out of it, since they no longer match its characters."""
    if shown != word.text:
        return ()
    return tuple(PartTiming(part.at, offset + part.start, offset + part.end) for part in word.parts)


def _spread(tokens: list[str], duration: float) -> list[WordTiming]:
    total = sum(len(token) + 1 for token in tokens)
    timed: list[WordTiming] = []
    done = 0
    for token in tokens:
        start, done = done, done + len(token) + 1
        timed.append(WordTiming(text=token, start=duration * start / total, end=duration * done / total))
    return timed
