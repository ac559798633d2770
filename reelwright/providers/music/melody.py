"""A melody from one small motif: played, answered, and sometimes left out, so that it stays behind the speaker."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from .styles import Melody
from .theory import Chord, Key, clashes

_BEATS = 4
_CONTOURS = (
    (0, 1, 1, -1, -1),
    (0, -1, -1, 2, -1),
    (0, 2, -1, -1, 1),
    (0, 1, -2, 1, 1),
    (0, -2, 1, 1, -1),
)
"""Scale steps from each note to the next, over and over."""


@dataclass(frozen=True)
class Slot:
    """One bar: its chord, what the pad holds, and whether the tune may sound in it."""

    harmony: Chord
    held: tuple[int, ...]
    open: bool


def tune(part: Melody, slots: list[Slot], key: Key, dice: Random) -> list[tuple[float, float, int, float]]:
    """(start, length, pitch, velocity) of every note, starts and lengths in beats.

    Notes on a beat, long notes and last notes are tones of the bar's chord that do not grate against the pad; only
    short ones off the beat may pass between, and those go by step. The same rhythm and contour come back every two
    bars, bent to the new harmony.
    """
    rhythm = dice.choice(part.rhythms)
    contour = dice.choice(_CONTOURS)
    scale = key.scale(part.low, part.high)
    middle = (part.low + part.high) // 2
    last = _nearest(_tones(scale, slots[0]), middle + dice.randint(-3, 3))
    notes: list[tuple[float, float, int, float]] = []
    for bar in range(0, len(slots) - 1, 2):
        if not slots[bar].open or not slots[bar + 1].open:
            continue
        answer = (bar // 2) % 2 == 1
        # The tune leans back to the middle of its range before each question.
        last = last if answer else _nearest(scale, round((last + middle) / 2))
        for number, (start, length) in enumerate(rhythm):
            slot = slots[bar + int(start // _BEATS)]
            step = contour[number % len(contour)] * (-1 if answer and number else 1)
            wanted = scale[min(max(scale.index(last) + step, 0), len(scale) - 1)]
            firm = start % 1 == 0 or length >= 1 or number == len(rhythm) - 1
            last = _nearest(_tones(scale, slot), wanted, but=last if step else None) if firm else wanted
            velocity = (0.9 if start % 2 == 0 else 0.75) * dice.uniform(0.92, 1.0)
            notes.append((_BEATS * bar + start + dice.uniform(0.0, 0.012), length, last, velocity))
    return notes


def _tones(scale: list[int], slot: Slot) -> list[int]:
    return [pitch for pitch in scale if pitch % 12 in slot.harmony.classes and not clashes(pitch, slot.held)]


def _nearest(pitches: list[int], wanted: int, *, but: int | None = None) -> int:
    """The pitch nearest to the target; `but`, the note before, only where the others are far off."""
    return min(pitches, key=lambda pitch: (abs(pitch - wanted) + (2.5 if pitch == but else 0.0), pitch))
