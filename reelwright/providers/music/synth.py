"""`SynthComposer`: background music out of arithmetic, free, offline, and the same for the same seed."""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass
from typing import get_args

import numpy as np

from reelwright.domain.content.story import Mood
from reelwright.domain.errors import InvalidInput
from reelwright.domain.ports.making import Score

from .arranging import BEATS, RATE, Arrangement, Note, arrange
from .drums import SOUNDS, strike
from .mixing import Ring, finish, to_wav
from .styles import STYLES
from .tones import Instruments, Wave

_LEVELS = {"pad": 0.036, "figure": 0.30, "bass": 0.17, "melody": 0.36, "beat": 0.5}
"""Linear gain of each part before its own dB; a pad's tones have RMS 1, the others peak 1."""
_SENDS = {"pad": 0.55, "figure": 0.7, "bass": 0.05, "melody": 0.9, "beat": 0.25}
"""How much of each part goes to the room."""
_BOWED_AGAINST_STRUCK = 0.42
"""A bowed tone of RMS 1 sounds far louder than a struck one of peak 1."""


@dataclass(frozen=True)
class SynthComposer:
    """Composes and plays on this machine; the work is done in a thread, at least fifteen times faster than real time.

    The score is a whole number of bars, as many as just reach `duration_s` or 32 seconds, whichever is less, and is
    made to be played round and round. Same mood, duration and seed: same bytes.
    """

    name = "synth"

    async def compose(self, mood: Mood, *, duration_s: float, seed: int) -> Score:
        """Raises `InvalidInput` (fields `mood`, `duration_s`)."""
        if mood not in STYLES:
            raise InvalidInput(
                f"unknown mood {str(mood)[:40]!r}", field="mood", remedy=f"choose from {', '.join(get_args(Mood))}"
            )
        if not (math.isfinite(duration_s) and duration_s > 0):
            raise InvalidInput(
                f"{duration_s} is not a length", field="duration_s", remedy="give a number of seconds above 0"
            )
        return await asyncio.to_thread(_score, mood, duration_s, seed)


def _score(mood: Mood, duration_s: float, seed: int) -> Score:
    arrangement = arrange(mood, duration_s=duration_s, seed=seed)
    return Score(wav=to_wav(perform(arrangement)), duration_s=arrangement.samples / RATE)


def perform(arrangement: Arrangement) -> Wave:
    """The arrangement as sound: shape (2, samples), float, ready for `to_wav`."""
    style = STYLES[arrangement.mood]
    beat_s = arrangement.bar_samples / BEATS / RATE
    instruments = Instruments()
    ring = Ring(arrangement.samples)
    for number, note in enumerate(arrangement.notes):
        sound = _sound(instruments, note, beat_s, number)
        gain = _LEVELS[note.part] * note.velocity * 10 ** (note.gain_db / 20)
        if note.part != "pad" and sound.shape[0] == 2:
            gain *= _BOWED_AGAINST_STRUCK
        start = round(note.start * beat_s * RATE)
        ring.add(sound, start, gain=gain, pan=note.pan, send=_SENDS[note.part])
    return finish(ring, room_s=style.room.seconds, wet=style.room.wet, tilt_db=style.tilt_db)


def _sound(instruments: Instruments, note: Note, beat_s: float, number: int) -> Wave:
    if note.tone in SOUNDS:
        return strike(note.tone)[np.newaxis, :]
    # Multiples of the golden ratio's part of a table are spread as evenly as can be.
    return instruments.play(note.tone, note.pitch, note.length * beat_s, offset=number * 161_999)
