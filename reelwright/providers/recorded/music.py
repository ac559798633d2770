"""Music of the user's own: decoded, without the silence at its ends, and how its repetitions are joined.

A piece that ends as it is played (a loop, or a part cut out of something) is joined where it ends: at once where it
goes on without a step, over a few milliseconds otherwise. One that fades out, or dies away, begins again while it does.
"""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np

from reelwright.domain.errors import InvalidInput
from reelwright.domain.ports.own_sound import RecordedMusic
from reelwright.domain.ports.rendering import Progress

from ..own.clips import SILENCE
from .decoding import F32, RATE, Sound, decode

SHORTEST_S = 1.0
JOIN_S = 0.02
LONGEST_OVERLAP_S = 8.0
_BLOCK = RATE // 50
_HEARD_DB = 50.0
"""Silence at the ends is what is further below the loud parts than this."""
_PLAYING_DB = 12.0
"""Music that is further below the loud parts than this at an end has begun to die away, or not quite begun."""
_LOUDEST = 0.98


def take(path: Path, *, start_s: float, most_s: float, field: str, workdir: Path, progress: Progress) -> RecordedMusic:
    """The piece from `start_s` on as a stereo WAV file. Raises `InvalidInput`: shorter than a second, or silent."""
    notes: list[str] = []
    made = decode(
        path,
        workdir / "music.f32",
        field=f"{field}.file",
        note=notes.append,
        progress=lambda share: progress(0.8 * share),
        start_s=start_s,
        most_s=most_s,
    )
    begins = f" from {start_s:g} s on" if start_s else ""
    where, remedy = (f"{field}.start_s", "begin earlier") if start_s else (f"{field}.file", "give a longer piece")
    if made.seconds < SHORTEST_S:
        raise InvalidInput(f"the music{begins} lasts {made.seconds:.2f} s", field=where, remedy=remedy)
    if made.peak < SILENCE:
        raise InvalidInput(f"the music{begins} is silent", field=where, remedy="give a piece with sound")
    levels = _levels(made)
    heard = np.flatnonzero(levels > levels.max() - _HEARD_DB)
    first, last = int(heard[0]) * _BLOCK, min((int(heard[-1]) + 1) * _BLOCK, made.samples)
    if last - first < SHORTEST_S * RATE:
        raise InvalidInput(
            f"the music{begins} has {(last - first) / RATE:.2f} s of sound between silences", field=where, remedy=remedy
        )
    out = workdir / "music.wav"
    _write(made, first, last, out)
    overlap = _overlap(made.all()[first:last], levels[heard[0] : heard[-1] + 1])
    progress(1.0)
    return RecordedMusic(out, (last - first) / RATE, overlap, tuple(notes))


def _levels(made: Sound) -> np.ndarray:
    """The level in dBFS of each 20 ms, the louder channel's."""
    samples = made.all()
    powers = [
        np.square(samples[at : at + _BLOCK], dtype=np.float64).mean(axis=0).max()
        for at in range(0, made.samples, _BLOCK)
    ]
    return 10 * np.log10(np.array(powers) + 1e-12)


def _overlap(samples: F32, levels: np.ndarray) -> float:
    """How long before its end the music begins again."""
    # By the louder half: music with breaks is loud between them.
    playing = np.flatnonzero(levels > float(np.median(levels[levels >= np.median(levels)])) - _PLAYING_DB)
    before, after = int(playing[0]), len(levels) - 1 - int(playing[-1])
    away = (before + after) * _BLOCK / RATE
    if away > JOIN_S * 5:
        return round(min(away, LONGEST_OVERLAP_S, len(samples) / RATE / 3), 3)
    return 0.0 if _goes_on(samples) else JOIN_S


def _goes_on(samples: F32) -> bool:
    """Whether the first sample follows the last as smoothly as samples do around both."""
    near = RATE // 20
    bends = np.abs(np.diff(np.concatenate([samples[-near:], samples[:near]]), n=2, axis=0))
    usual = np.quantile(np.concatenate([bends[: near - 2], bends[near:]]), 0.95, axis=0)
    return bool((bends[near - 2 : near] <= usual + 1e-4).all())


def _write(made: Sound, first: int, last: int, path: Path) -> None:
    """As 16-bit WAV, turned down where it is louder than that can hold."""
    gain = min(1.0, _LOUDEST / made.peak) if made.peak > 1.0 else 1.0
    samples = made.all()
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        for at in range(first, last, 10 * RATE):
            part = samples[at : min(at + 10 * RATE, last)] * gain
            file.writeframes(np.clip(np.rint(part * 32_767), -32_768, 32_767).astype("<i2").tobytes())
