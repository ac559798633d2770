"""What music is asked for by its mood. No artist and no work is named: providers refuse that."""

from __future__ import annotations

import math
from typing import get_args

from reelwright.domain.content.story import Mood
from reelwright.domain.errors import InvalidInput

_MOODS: dict[Mood, str] = {
    "calm": "calm and warm, soft piano and slow pads, 70 bpm",
    "curious": "curious and light, plucked strings and marimba, 96 bpm",
    "bright": "bright and cheerful, acoustic guitar and claps, 112 bpm",
    "tense": "tense and restrained, low pulses and ticking percussion, 100 bpm",
    "sad": "sad and tender, solo piano and distant strings, 64 bpm",
    "epic": "epic and rising, cinematic strings and drums, 90 bpm",
}


def prompt_of(mood: Mood) -> str:
    """At most 200 characters. Raises `InvalidInput`."""
    if mood not in _MOODS:
        raise InvalidInput(
            f"unknown mood {str(mood)[:40]!r}", field="mood", remedy=f"choose from {', '.join(get_args(Mood))}"
        )
    return f"Instrumental background music under a narrator, {_MOODS[mood]}, steady level, no vocals"


def seconds_of(duration_s: float, least: float, most: float) -> float:
    """The length to ask for: a longer video repeats it. Raises `InvalidInput`."""
    if not (math.isfinite(duration_s) and duration_s > 0):
        raise InvalidInput(
            f"{duration_s} is not a length", field="duration_s", remedy="give a number of seconds above 0"
        )
    return min(max(duration_s, least), most)
