"""Gentle percussion, computed. Every sound has peak 1 and shape (samples,)."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import scipy  # its parts are loaded where they are used first: `scipy.signal` alone takes a second

from .arranging import RATE
from .tones import Wave, decaying, ease


def _drop(high: float, low: float, fall_s: float, decay_s: float, seconds: float) -> Wave:
    """A skin: a sine whose pitch falls from `high` to `low` Hz and decays."""
    t = np.arange(round(seconds * RATE)) / RATE
    phase = 2 * np.pi * (low * t + (high - low) * fall_s * (1 - np.exp(-t / fall_s)))
    return (np.sin(phase) * np.exp(-t / decay_s)).astype(np.float32)


def _noise(low: float, high: float, decay_s: float, seconds: float, *, attack_s: float = 0.002, seed: int) -> Wave:
    """A breath of noise between two frequencies (smooth edges)."""
    count = round(seconds * RATE)
    spectrum = scipy.fft.rfft(np.random.default_rng(seed).standard_normal(count))
    hertz = scipy.fft.rfftfreq(count, 1 / RATE)
    spectrum *= 1 / (1 + (hertz / high) ** 4) * (hertz / low) ** 4 / (1 + (hertz / low) ** 4)
    wave = scipy.fft.irfft(spectrum, count) * np.exp(-np.arange(count) / (decay_s * RATE))
    attack = round(attack_s * RATE)
    wave[:attack] *= ease(attack)
    result: Wave = (wave / np.abs(wave).max()).astype(np.float32)
    return result


def _sum(*layers: tuple[float, Wave]) -> Wave:
    wave = np.zeros(max(len(layer) for _, layer in layers), dtype=np.float32)
    for level, layer in layers:
        wave[: len(layer)] += np.float32(level) * layer
    return wave


def _clap() -> Wave:
    wave = np.zeros(round(0.25 * RATE), dtype=np.float32)
    for number, (delay_s, level) in enumerate(((0.0, 0.5), (0.011, 0.6), (0.023, 1.0))):
        start = round(delay_s * RATE)
        burst = _noise(900, 3600, 0.05 if number == 2 else 0.006, 0.2, seed=20 + number)
        wave[start : start + len(burst)] += np.float32(level) * burst
    return wave


_MAKERS = {
    "kick": lambda: _sum((1.0, _drop(140, 52, 0.03, 0.14, 0.5)), (0.06, _noise(700, 4000, 0.006, 0.05, seed=10))),
    "heart": lambda: _drop(100, 52, 0.04, 0.12, 0.5),
    "taiko": lambda: _sum((1.0, _drop(120, 58, 0.05, 0.32, 1.3)), (0.12, _noise(120, 900, 0.05, 0.2, seed=11))),
    "tom": lambda: _sum((1.0, _drop(170, 98, 0.04, 0.2, 0.8)), (0.08, _noise(200, 1500, 0.03, 0.15, seed=12))),
    "rim": lambda: decaying([(1720, 1.0, 0.014), (2750, 0.5, 0.009), (480, 0.5, 0.02)], round(0.12 * RATE)),
    "tick": lambda: decaying([(3100, 1.0, 0.006), (5200, 0.5, 0.004)], round(0.05 * RATE)),
    "shaker": lambda: _noise(4500, 11000, 0.028, 0.16, attack_s=0.012, seed=13),
    "hat": lambda: _noise(7000, 14000, 0.02, 0.12, seed=14),
    "clap": _clap,
}

SOUNDS = frozenset(_MAKERS)
"""The names that `strike` accepts."""


@lru_cache(maxsize=len(_MAKERS))
def strike(name: str) -> Wave:
    """One stroke."""
    wave = _MAKERS[name]()
    end = round(0.01 * RATE)
    wave[-end:] *= ease(end)[::-1]
    wave /= np.abs(wave).max()
    wave.setflags(write=False)
    return wave
