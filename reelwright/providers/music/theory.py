"""Keys, chords and voice leading: what is in tune with what, and how a chord moves to the next.

Pitches are MIDI note numbers (69 is A4, 440 Hz, 12 to the octave). Degrees of a scale count from 0 inside the code
and from 1 in the written progressions, as musicians write them. Chords are diatonic: stacked from their key's own
scale, so that nothing foreign sounds. Source of modes and of the doubling and spacing rules: any harmony textbook,
for instance Aldwell and Schachter, *Harmony and Voice Leading*.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Literal

ModeName = Literal["ionian", "lydian", "dorian", "aeolian", "phrygian"]

MODES: dict[ModeName, tuple[int, ...]] = {
    "ionian": (0, 2, 4, 5, 7, 9, 11),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "aeolian": (0, 2, 3, 5, 7, 8, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
}
"""Semitones above the tonic of the seven degrees."""

_QUALITIES: dict[str, tuple[int, ...]] = {
    "": (0, 2, 4),
    "7": (0, 2, 4, 6),
    "add9": (0, 2, 4, 8),
    "sus2": (0, 1, 4),
    "sus4": (0, 3, 4),
}
"""Scale steps above a chord's root, by what is written after the dot."""

_HARSH = (1, 13)
"""Intervals in semitones that grate between two held voices. Eleven, the open major seventh, does not."""

_LOW_LIMIT = 52
"""Below this pitch (E3) two held voices closer than a fourth sound muddy."""


@dataclass(frozen=True)
class Key:
    """A tonic (0 is C, 11 is B) and a mode."""

    tonic: int
    mode: ModeName

    def pitch(self, degree: int) -> int:
        """Semitones above C of any scale degree; degree 7 is the octave."""
        octave, step = divmod(degree, 7)
        return self.tonic + 12 * octave + MODES[self.mode][step]

    @property
    def classes(self) -> frozenset[int]:
        """The seven pitch classes (0 to 11) of the scale."""
        return frozenset(self.pitch(degree) % 12 for degree in range(7))

    def scale(self, low: int, high: int) -> list[int]:
        """The scale's pitches from `low` to `high`, both included."""
        return [pitch for pitch in range(low, high + 1) if pitch % 12 in self.classes]


@dataclass(frozen=True)
class Chord:
    """The pitch classes (0 to 11) of one harmony, its root first."""

    classes: tuple[int, ...]

    @property
    def root(self) -> int:
        """The root's pitch class."""
        return self.classes[0]


def chord(written: str, key: Key) -> Chord:
    """`"6.7"` is the seventh chord on the sixth degree; without a dot it is a triad."""
    degree, _, quality = written.partition(".")
    root = int(degree) - 1
    return Chord(tuple(key.pitch(root + step) % 12 for step in _QUALITIES[quality]))


def _well_spaced(voicing: tuple[int, ...]) -> bool:
    gaps = [above - below for below, above in pairwise(voicing)]
    if max(gaps) > 9 or any(gap < 5 and below < _LOW_LIMIT for below, gap in zip(voicing, gaps, strict=False)):
        return False
    return not any(high - low in _HARSH for low, high in combinations(voicing, 2))


def clashes(pitch: int, held: tuple[int, ...]) -> bool:
    """Whether a note grates against what is held: a semitone or a minor ninth from any of it."""
    return any(abs(pitch - other) in _HARSH for other in held)


def voicings(harmony: Chord, *, low: int, high: int, voices: int) -> list[tuple[int, ...]]:
    """Every well-spaced way, low to high, to sing all of the chord's tones with `voices` voices in a range."""
    tones = [pitch for pitch in range(low, high + 1) if pitch % 12 in harmony.classes]
    wanted = set(harmony.classes)
    return [
        voicing
        for voicing in combinations(tones, voices)
        if {pitch % 12 for pitch in voicing} >= wanted and _well_spaced(voicing)
    ]


def _motion(a: tuple[int, ...], b: tuple[int, ...]) -> float:
    """How far the voices move, in semitones; leaps cost more than as many steps, and parallel fifths and octaves,
    which make two voices sound like one, cost as much as a leap."""
    moves = [after - before for before, after in zip(a, b, strict=True)]
    parallels = sum(
        moves[low] == moves[high] != 0 and (a[high] - a[low]) % 12 in (0, 7)
        for low, high in combinations(range(len(a)), 2)
    )
    return sum(abs(move) + 0.15 * move * move for move in moves) + 4.0 * parallels


def lead_voices(chords: list[Chord], *, low: int, high: int, voices: int, start: int) -> list[tuple[int, ...]]:
    """One voicing a chord such that the voices move least in all, the step from the last to the first included.

    A Viterbi search; `start` (any number) picks which of the first chord's voicings the round begins and ends on.
    """
    layers = [voicings(harmony, low=low, high=high, voices=voices) for harmony in chords]
    centre = (low + high) / 2
    openings = sorted(layers[0], key=lambda voicing: abs(sum(voicing) / voices - centre))
    first = openings[start % min(3, len(openings))]
    paths: dict[tuple[int, ...], tuple[float, list[tuple[int, ...]]]] = {first: (0.0, [first])}
    for layer in layers[1:]:
        reached: dict[tuple[int, ...], tuple[float, list[tuple[int, ...]]]] = {}
        for voicing in layer:
            cost, path = min((cost + _motion(last, voicing), path) for last, (cost, path) in paths.items())
            reached[voicing] = (cost, [*path, voicing])
        paths = reached
    return min((cost + _motion(last, first), path) for last, (cost, path) in paths.items())[1]
