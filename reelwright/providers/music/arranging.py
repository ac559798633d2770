"""From a mood, a length and a seed to notes. Pure: no sound here, only who plays what and when."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

import scipy

from reelwright.domain.content.story import Mood

from .melody import Slot, tune
from .styles import STYLES, Bass, Beat, Figure, Progression, Style
from .theory import Chord, Key, chord, clashes, lead_voices

RATE = 48_000
"""Samples a second."""
BEATS = 4
"""Beats a bar; all of it is in four."""
PHRASE = 4
"""Bars a phrase."""
LONGEST_S = 32.0
"""Longer videos repeat the round: past this length repetition is no longer noticed under speech."""

_STEPS = 16
_STROKES = {"X": 1.0, "x": 0.75, "o": 0.5}
_BASS_LOW = 33
"""A1, 55 Hz: lower is inaudible on a telephone."""


@dataclass(frozen=True)
class Note:
    """One note or stroke. `start` and `length` in beats, `start` in the whole round; `velocity` a linear factor from
    0 to about 1; `pan` from -1 (left) to 1 (right). Percussion has pitch 0."""

    part: str
    tone: str
    start: float
    length: float
    pitch: int
    velocity: float
    gain_db: float = 0.0
    pan: float = 0.0


@dataclass(frozen=True)
class Arrangement:
    """A whole round, ready to be played. `levels`: how full each bar is, from 0 to 2."""

    mood: Mood
    key: Key
    bars: int
    bar_samples: int
    chords: tuple[Chord, ...]
    voicings: tuple[tuple[int, ...], ...]
    levels: tuple[int, ...]
    notes: tuple[Note, ...]

    @property
    def samples(self) -> int:
        """Length of the round in samples."""
        return self.bars * self.bar_samples

    @property
    def bpm(self) -> float:
        """Beats a minute."""
        return BEATS * 60 * RATE / self.bar_samples


def arrange(mood: Mood, *, duration_s: float, seed: int) -> Arrangement:
    """The round for a mood: as many bars as reach `duration_s` (at most `LONGEST_S`), none more."""
    style = STYLES[mood]

    def dice(part: str) -> Random:
        # A stream of its own for every part, so that a new part does not change the others. Text seeds are hashed
        # by sha512, the same everywhere.
        return Random(f"{mood}/{seed}/{part}")

    form = dice("form")
    bars, bar_samples = _metre(style.tempo, min(duration_s, LONGEST_S), form)
    progression = form.choice(style.progressions)
    key = Key(form.choice(style.tonics), progression.mode)
    chords = [chord(written, key) for written in _written(progression, bars)]
    pad = style.pad
    voicings = lead_voices(chords, low=pad.low, high=pad.high, voices=pad.voices, start=form.randrange(3))
    levels = _levels(bars)

    notes = _pad(style, voicings, levels)
    notes += _bass(style.bass, chords, levels, dice("bass"))
    for number, figure in enumerate(style.figures):
        notes += _figure(figure, voicings, levels, dice(f"figure{number}"))
    for number, beat in enumerate(style.beats):
        notes += _beat(beat, levels, dice(f"beat{number}"))
    part = style.melody
    slots = [Slot(chords[bar], voicings[bar], levels[bar] >= part.from_level) for bar in range(bars)]
    notes += [
        Note("melody", part.tone, start, length, pitch, velocity, part.gain_db, -0.08)
        for start, length, pitch, velocity in tune(part, slots, key, dice("melody"))
    ]
    return Arrangement(
        mood=mood,
        key=key,
        bars=bars,
        bar_samples=bar_samples,
        chords=tuple(chords),
        voicings=tuple(voicings),
        levels=tuple(levels),
        notes=tuple(notes),
    )


def _metre(tempo: tuple[float, float], target_s: float, dice: Random) -> tuple[int, int]:
    """(bars, samples a bar) such that the bars just reach `target_s`, whole phrases preferred.

    Each number of bars is right for a stretch of tempi; of those within the mood's, a multiple of four bars is best,
    then of two. The bar is then made up to a length that Fourier transforms like, some hundredths of a percent longer.
    """
    low, high = tempo
    bar_s_at_one_bpm = BEATS * 60
    choices: list[tuple[int, int, float, float]] = []
    for bars in range(1, math.ceil(high * target_s / bar_s_at_one_bpm) + 1):
        slowest = max(low, bar_s_at_one_bpm * (bars - 1) / target_s)
        fastest = min(high, bar_s_at_one_bpm * bars / target_s)
        if fastest > slowest:
            whole = 0 if bars % PHRASE == 0 else 1 if bars % 2 == 0 else 2
            choices.append((whole, bars, slowest, fastest))
    _, bars, slowest, fastest = min(choices, key=lambda choice: (choice[0], choice[2] - choice[3]))
    bpm = slowest + (fastest - slowest) * dice.uniform(0.2, 0.95)
    exact = math.ceil(bar_s_at_one_bpm * RATE / bpm)
    fast = scipy.fft.next_fast_len(exact)
    return bars, fast if (bars - 1) * fast < target_s * RATE else exact


def _written(progression: Progression, bars: int) -> list[str]:
    """The chords of every bar: whole phrases, every second one with the turn for an ending; what is left over is a turn
    of its own back to the beginning."""
    phrase, turn = progression.bars.split(), progression.turn.split()
    rest = bars % PHRASE
    if bars < PHRASE:
        return [phrase[0], *turn[len(turn) - bars + 1 :]] if bars > 1 else [phrase[0]]
    written: list[str] = []
    for number in range(bars // PHRASE):
        before_turn = rest and number == bars // PHRASE - 1
        written += [*phrase[:2], *turn[-2:]] if number % 2 and not before_turn else phrase
    return written + turn[len(turn) - rest :]


def _levels(bars: int) -> list[int]:
    """How full each bar is: phrases alternate between half and full, a turn draws breath."""
    phrases = bars // PHRASE
    if phrases < 2:
        return [2] * bars
    levels = [level for phrase in range(phrases) for level in [1 + phrase % 2] * PHRASE]
    return levels + [1] * (bars % PHRASE)


def _pad(style: Style, voicings: list[tuple[int, ...]], levels: list[int]) -> list[Note]:
    """Held chords; a voice that keeps its pitch is not struck again, and the voices stand side by side in the room."""
    notes: list[Note] = []
    voices = style.pad.voices
    for voice in range(voices):
        pan = 0.5 * (2 * voice / (voices - 1) - 1) * (-1) ** voice
        held_from = 0
        for bar in range(1, len(voicings) + 1):
            if bar < len(voicings) and voicings[bar][voice] == voicings[held_from][voice]:
                continue
            velocity = (0.85, 0.95, 1.0)[levels[held_from]] * (1.0 if voice else 0.9)
            pitch = voicings[held_from][voice]
            notes.append(
                Note("pad", style.pad.tone, BEATS * held_from, BEATS * (bar - held_from), pitch, velocity, 0.0, pan)
            )
            held_from = bar
    return notes


def _bass(part: Bass, chords: list[Chord], levels: list[int], dice: Random) -> list[Note]:
    """Roots, fifths and octaves, each held until the next or the end of the bar."""
    pattern = dice.choice(part.patterns)
    notes: list[Note] = []
    for bar, harmony in enumerate(chords):
        root = _BASS_LOW + (harmony.root - _BASS_LOW) % 12
        fifth = next((pitch for pitch in (root + 7, root - 5) if pitch % 12 in harmony.classes), root)
        steps = [step for step, sign in enumerate(pattern) if sign != "."]
        if levels[bar] == 0:
            steps = steps[:1]
        for step, following in zip(steps, [*steps[1:], _STEPS], strict=True):
            pitch = (root, fifth, root + 12)[int(pattern[step])]
            velocity = (1.0 if step == 0 else 0.85) * dice.uniform(0.95, 1.0)
            start, length = BEATS * bar + step / 4, (following - step) / 4
            notes.append(Note("bass", part.tone, start, length * 0.96, pitch, velocity, part.gain_db))
    return notes


def _figure(part: Figure, voicings: list[tuple[int, ...]], levels: list[int], dice: Random) -> list[Note]:
    """Broken chords over the pad's own voicings, so that they move as smoothly; two patterns take turns."""
    patterns = dice.sample(part.patterns, min(2, len(part.patterns)))
    side = dice.choice((-1, 1))
    notes: list[Note] = []
    for bar, voicing in enumerate(voicings):
        if levels[bar] < part.from_level:
            continue
        pattern = patterns[-1] if bar % PHRASE == PHRASE - 1 else patterns[0]
        for step, sign in enumerate(pattern):
            if sign == ".":
                continue
            tones = [pitch + 12 * part.octave for pitch in voicing]
            tones = [pitch for pitch in tones if not clashes(pitch, voicing)]
            pitch = tones[int(sign) % len(tones)]
            accent = 1.0 if step == 0 else 0.88 if step % 8 == 0 else 0.78 if step % 4 == 0 else 0.68
            velocity = accent * dice.uniform(0.9, 1.05) * (0.9, 0.95, 1.0)[levels[bar]]
            # A few milliseconds early or late, as hands are; never enough to smear the beat.
            start = BEATS * bar + step / 4 + dice.uniform(-0.008, 0.012)
            pan = side * 0.35 * (2 * int(sign) / 3 - 1)
            notes.append(Note("figure", part.tone, start, part.length, pitch, velocity, part.gain_db, pan))
    return notes


def _beat(part: Beat, levels: list[int], dice: Random) -> list[Note]:
    pattern = dice.choice(part.patterns)
    return [
        Note(
            "beat",
            part.sound,
            BEATS * bar + step / 4 + dice.uniform(0.0, 0.008),
            0.25,
            0,
            _STROKES[sign] * dice.uniform(0.88, 1.0),
            part.gain_db,
            part.pan,
        )
        for bar, level in enumerate(levels)
        if level >= part.from_level
        for step, sign in enumerate(pattern)
        if sign != "."
    ]
