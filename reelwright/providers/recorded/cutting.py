"""Where a recording of several texts is cut: at the pause that lies nearest to where one text ends and the next begins.

espeak-ng speaks all the texts; its sound is aligned with the recording (`speech/warping.py`), which gives the ends
of the texts to within a few hundredths of a second. The cut is made in the longest pause around that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import scipy
from numpy.typing import NDArray

from reelwright.domain.content.story import WordTiming

from ..speech.espeak import RawSpeech
from ..speech.warping import HOP_S, RATE, Floats, frames_of, warp

LONGEST_PAUSE_S = 0.8
"""A longer pause is shortened to this before the sounds are aligned: the reference has none, and the path would not
lead across it."""
SHORTEST_PAUSE_S = 0.06
"""Shorter ones are inside of words."""
SEARCH_S = 0.6
"""How far from the aligned end of a text its pause is looked for."""
EDGE_S = 0.1
"""Left of the pause on both sides of a cut: breath, and the ends of words that are as faint as the room."""
_PAUSE_DB = 35.0
"""More than this below the loud parts is a pause."""
_FLOOR_DB = 8.0
"""So is what lies within this of the quietest parts, where these are nearer to the loud ones: a room with noise."""


@dataclass(frozen=True)
class Piece:
    """A part of a recording, in seconds."""

    start: float
    end: float


@dataclass(frozen=True)
class Levels:
    """Which hundredths of a second of a recording are pauses."""

    quiet: NDArray[np.bool_]

    @classmethod
    def of(cls, samples: Floats) -> Levels:
        """Of mono samples at `RATE` Hz."""
        block = round(HOP_S * RATE)
        power = np.square(samples[: samples.size // block * block].reshape(-1, block), dtype=np.float64).mean(axis=1)
        level = 10 * np.log10(scipy.ndimage.uniform_filter1d(power, 3) + 1e-12)
        loud, floor = (float(np.quantile(level, share)) for share in (0.95, 0.05))
        return cls(level < max(loud - _PAUSE_DB, min(floor + _FLOOR_DB, loud - 15.0)))

    @property
    def spoken_s(self) -> float:
        """The seconds that are no pauses."""
        return float((~self.quiet).sum() * HOP_S)

    def pauses(self) -> list[tuple[int, int]]:
        """The pauses as [first, last) hundredths of a second, those at both ends of the recording included."""
        edges = np.flatnonzero(np.diff(np.concatenate([[False], self.quiet, [False]]).astype(np.int8)))
        return [(int(first), int(last)) for first, last in edges.reshape(-1, 2)]


def joined(references: Sequence[RawSpeech]) -> RawSpeech:
    """Several spoken texts as one."""
    rate, at = references[0].rate, 0.0
    words: list[WordTiming] = []
    for reference in references:
        words += [_moved(word, at) for word in reference.words]
        at += reference.samples.size / rate
    return RawSpeech(np.concatenate([reference.samples for reference in references]), rate, tuple(words))


def shares(reference: RawSpeech, counts: Sequence[int]) -> list[RawSpeech]:
    """A reference divided among texts of so many words each, half of the pauses between them with each."""
    bounds = [0.0]
    last = 0
    for count in counts[:-1]:
        last += count
        bounds.append((reference.words[last - 1].end + reference.words[last].start) / 2)
    bounds.append(reference.samples.size / reference.rate)
    parts: list[RawSpeech] = []
    first = 0
    for count, (begin, end) in zip(counts, pairwise(bounds), strict=True):
        samples = reference.samples[round(begin * reference.rate) : round(end * reference.rate)]
        own = reference.words[first : first + count]
        parts.append(RawSpeech(samples, reference.rate, tuple(_moved(word, -begin) for word in own)))
        first += count
    return parts


def _moved(word: WordTiming, by: float) -> WordTiming:
    return word.retimed(lambda second: second + by)


def cut(samples: Floats, reference: RawSpeech, counts: Sequence[int]) -> list[Piece]:
    """The pieces of a recording (mono, `RATE` Hz) that belong to texts of so many words each of the reference."""
    levels = Levels.of(samples)
    pauses = levels.pauses()
    whole = _spoken(pauses, len(levels.quiet))
    if len(counts) == 1:
        return [whole]
    heard, times = _without_long_pauses(samples, pauses)
    path = warp(frames_of(reference.samples, reference.rate), frames_of(heard, RATE)).path

    def placed(second: float) -> float:
        frame = min(max(round(second / HOP_S), 0), len(path) - 1)
        return float(times[min(int(path[frame]), len(times) - 1)] * HOP_S)

    starts, ends = [whole.start], []
    last = 0
    for count in counts[:-1]:
        last += count
        before, after = placed(reference.words[last - 1].end), placed(reference.words[last].start)
        end, start = _pause_near(pauses, levels.quiet, before, max(before, after))
        ends.append(max(end, starts[-1]))
        starts.append(max(start, ends[-1]))
    ends.append(max(whole.end, starts[-1]))
    return [Piece(start, end) for start, end in zip(starts, ends, strict=True)]


def _spoken(pauses: Sequence[tuple[int, int]], count: int) -> Piece:
    """The recording without the pauses at its ends."""
    first = pauses[0][1] if pauses and pauses[0][0] == 0 else 0
    last = pauses[-1][0] if pauses and pauses[-1][1] == count else count
    edge = round(EDGE_S / HOP_S)
    return Piece(max(first - edge, 0) * HOP_S, min(last + edge, count) * HOP_S)


def _without_long_pauses(samples: Floats, pauses: Sequence[tuple[int, int]]) -> tuple[Floats, NDArray[np.int64]]:
    """The samples with their long pauses shortened, and which hundredth of a second each one left is."""
    count, block = samples.size // round(HOP_S * RATE), round(HOP_S * RATE)
    kept = np.ones(count, np.bool_)
    half = round(LONGEST_PAUSE_S / HOP_S / 2)
    for first, last in pauses:
        # Of a pause at an end of the recording only the half beside the speech is left.
        begin, end = (0 if first == 0 else first + half), (last if last >= count else last - half)
        kept[begin : max(end, begin)] = False
    return samples[: count * block].reshape(-1, block)[kept].reshape(-1), np.flatnonzero(kept)


def _pause_near(
    pauses: Sequence[tuple[int, int]], quiet: NDArray[np.bool_], before: float, after: float
) -> tuple[float, float]:
    """Where the text before ends and the next one begins: the ends of the pause between them, `EDGE_S` of it left with
    each. The pause that is longest for its distance; where there is none, the middle of both times."""

    def worth(pause: tuple[int, int]) -> float:
        first, last = pause[0] * HOP_S, pause[1] * HOP_S
        distance = max(before - last, first - after, 0.0)
        return min(last - first, LONGEST_PAUSE_S) - distance if distance <= SEARCH_S else -SEARCH_S

    near = [pause for pause in pauses if pause[1] - pause[0] >= SHORTEST_PAUSE_S / HOP_S and worth(pause) > -SEARCH_S]
    if not near:
        middle = (before + after) / 2
        return middle, middle
    first, last = max(near, key=worth)
    edge = min(EDGE_S, (last - first) * HOP_S / 2)
    return first * HOP_S + edge, last * HOP_S - edge
