"""The instruments: every sound is computed, none is recorded.

Two ways of making a tone, both cheap and both rich:

* *struck* tones (piano, kalimba, guitar, bass) are sums of decaying partials. A decaying partial is a geometric
  series z^n of one complex number, so that a table of (powers of z^256) x (powers z^0..z^255) holds all of it, and
  the sum over partials is one matrix product;
* *bowed* tones (pads, strings, horn) are Nasca Octavian Paul's PADsynth: every harmonic is spread over a narrow
  Gaussian band of random phases, and one inverse Fourier transform gives a table that repeats without a seam.
  (zynaddsubfx.sourceforge.io/doc/PADsynth/PADsynth.htm)
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy  # its parts are loaded where they are used first: `scipy.signal` alone takes a second
from numpy.typing import NDArray

from .arranging import RATE

Wave = NDArray[np.float32]

_TABLE = 1 << 18
"""Samples of a bowed table: 5.5 seconds, long enough that its repetition is inaudible."""
_BLOCK = 256


@dataclass(frozen=True)
class Struck:
    """A tone that rings out. `partials` are (frequency ratio, level); `decay_s` is the time constant of the lowest at
    middle C; `damping` makes higher partials die sooner; `stiffness` stretches them as a string's does; `knock` is
    the level of the soft noise of the stroke; `release_s` is the fade after the note's written end."""

    partials: tuple[tuple[float, float], ...]
    decay_s: float
    damping: float
    attack_s: float = 0.003
    stiffness: float = 0.0
    knock: float = 0.0
    release_s: float = 0.25


@dataclass(frozen=True)
class Bowed:
    """A tone that is held.

    Harmonic n has level n^-slope, falling with 12 dB an octave above `cutoff_hz`. `spread` is each harmonic's width in
    cents, an ensemble's shimmer; `steady` is how much of one unwavering player there is against the ensemble; `width`
    is how much left differs from right (0 to 1)."""

    slope: float
    cutoff_hz: float
    spread: float
    attack_s: float
    release_s: float
    steady: float = 0.5
    width: float = 0.6


def _string(count: int, slope: float, pluck_at: float) -> tuple[tuple[float, float], ...]:
    """Harmonics of a string plucked at a fraction of its length."""
    return tuple((float(n), float(abs(np.sin(np.pi * n * pluck_at)) / n**slope)) for n in range(1, count + 1))


TONES: dict[str, Struck | Bowed] = {
    "warm": Bowed(slope=1.3, cutoff_hz=1500, spread=28, attack_s=0.9, release_s=1.6),
    "airy": Bowed(slope=1.0, cutoff_hz=3600, spread=34, attack_s=0.5, release_s=1.0),
    "dark": Bowed(slope=1.1, cutoff_hz=1000, spread=40, attack_s=0.8, release_s=1.2),
    "strings": Bowed(slope=0.9, cutoff_hz=2800, spread=30, attack_s=0.45, release_s=0.9),
    "spiccato": Bowed(slope=0.8, cutoff_hz=3400, spread=18, attack_s=0.018, release_s=0.16, steady=1.2, width=0.3),
    "bowed": Bowed(slope=1.0, cutoff_hz=900, spread=10, attack_s=0.08, release_s=0.3, steady=3.0, width=0.0),
    "horn": Bowed(slope=0.9, cutoff_hz=1600, spread=9, attack_s=0.14, release_s=0.45, steady=2.0, width=0.25),
    "felt": Struck(_string(12, 1.5, 0.13), 1.1, 0.28, attack_s=0.006, stiffness=0.0004, knock=0.05, release_s=0.5),
    "kalimba": Struck(
        ((1.0, 1.0), (2.0, 0.16), (2.92, 0.22), (5.4, 0.13), (8.9, 0.05)), 0.55, 0.4, attack_s=0.002, knock=0.06
    ),
    "guitar": Struck(_string(18, 1.05, 0.19), 0.7, 0.16, attack_s=0.002, stiffness=0.00008, knock=0.03),
    "pizzicato": Struck(_string(10, 1.25, 0.3), 0.24, 0.3, attack_s=0.003, knock=0.05, release_s=0.12),
    "glass": Struck(((1.0, 1.0), (2.76, 0.24), (5.4, 0.1), (8.93, 0.04)), 1.2, 0.35, attack_s=0.003, release_s=0.8),
    "sub": Struck(((1.0, 1.0), (2.0, 0.42), (3.0, 0.18), (4.0, 0.07)), 4.0, 0.6, attack_s=0.03, release_s=0.25),
    "round": Struck(
        ((1.0, 1.0), (2.0, 0.55), (3.0, 0.3), (4.0, 0.14), (5.0, 0.07)), 1.4, 0.7, attack_s=0.008, release_s=0.1
    ),
}


def frequency(pitch: float) -> float:
    """Hertz of a MIDI note number (equal temperament, A4 = 440 Hz)."""
    return float(440.0 * 2.0 ** ((pitch - 69.0) / 12.0))


def ease(samples: int) -> Wave:
    """A raised-cosine rise from 0 to 1."""
    return (0.5 - 0.5 * np.cos(np.pi * (np.arange(samples) + 0.5) / max(samples, 1))).astype(np.float32)


def decaying(parts: list[tuple[float, float, float]], samples: int) -> Wave:
    """The sum of level * sin(2 pi f t) * exp(-t / decay) over (frequency Hz, level, decay s)."""
    hertz, level, decay = (np.array(column, dtype=np.float64) for column in zip(*parts, strict=True))
    exponent = (2j * np.pi * hertz - 1.0 / decay) / RATE
    fine = np.exp(np.outer(exponent, np.arange(_BLOCK)))
    coarse = level * np.exp(np.outer(np.arange(-(-samples // _BLOCK)) * _BLOCK, exponent))
    table = coarse.real @ fine.imag + coarse.imag @ fine.real
    wave: Wave = table.reshape(-1)[:samples].astype(np.float32)
    return wave


class Instruments:
    """The instruments of one performance. What has been tuned is kept until the performance is over, not longer: the
    tables of one piece are some tens of megabytes."""

    def __init__(self) -> None:
        self._waves: dict[tuple[str, int], Wave] = {}

    def play(self, name: str, pitch: int, length_s: float, *, offset: int) -> Wave:
        """A note: shape (1, samples) for struck, (2, samples) for bowed tones.

        `length_s` is the written length; what fades after it comes on top. `offset` (any number) picks the place in a
        bowed table, so that no two notes beat alike. A struck tone has peak 1, a bowed one RMS 1 where it is held.
        """
        tone = TONES[name]
        held, release = round(length_s * RATE), round(tone.release_s * RATE)
        wave = self._waves.get((name, pitch))
        if wave is None:
            wave = _ringing(tone, pitch) if isinstance(tone, Struck) else _table(tone, pitch)
            self._waves[name, pitch] = wave
        if isinstance(tone, Struck):
            return _cut(wave, held, release)
        start = offset % _TABLE
        note = np.take(wave, np.arange(start, start + held + release), axis=1, mode="wrap")
        attack = min(round(tone.attack_s * RATE), held)
        note[:, :attack] *= ease(attack)
        note[:, held:] *= ease(release)[::-1]
        return note


def _cut(ringing: Wave, held: int, release: int) -> Wave:
    """As much of a ringing tone as is played, damped after `held` samples. Shape (1, samples)."""
    note = ringing[: held + release].copy()
    if len(note) > held:
        note[held:] *= ease(release)[::-1][: len(note) - held]
    end = min(len(note), 480)
    note[-end:] *= ease(end)[::-1]
    return note[np.newaxis, :]


def _ringing(tone: Struck, pitch: int) -> Wave:
    """A struck tone until it has decayed, peak 1. Shape (samples,)."""
    base = frequency(pitch)
    # Higher strings are shorter and ring less long.
    decay = tone.decay_s * (frequency(60) / base) ** 0.45
    parts = [
        (hertz, level, decay / (1.0 + tone.damping * (ratio - 1.0)))
        for ratio, level in tone.partials
        if (hertz := base * ratio * (1.0 + tone.stiffness * ratio * ratio) ** 0.5) < 0.4 * RATE
    ]
    wave = decaying(parts, round(min(7.0 * decay, 8.0) * RATE))
    if tone.knock:
        stroke = _knock() * tone.knock * float(np.abs(wave).max())
        wave[: len(stroke)] += stroke[: len(wave)]
    attack = round(tone.attack_s * RATE)
    wave[:attack] *= ease(attack)
    wave /= np.abs(wave).max()
    return wave


@lru_cache(maxsize=1)
def _knock() -> Wave:
    """Dull noise of 40 ms, as of a felt hammer or a finger."""
    count = round(0.04 * RATE)
    spectrum = scipy.fft.rfft(np.random.default_rng(7).standard_normal(count))
    spectrum /= 1.0 + (scipy.fft.rfftfreq(count, 1 / RATE) / 900.0) ** 2
    wave = scipy.fft.irfft(spectrum, count) * np.exp(-np.arange(count) / (0.008 * RATE))
    wave[-count // 4 :] *= ease(count // 4)[::-1]
    result: Wave = (wave / np.abs(wave).max()).astype(np.float32)
    return result


def _table(tone: Bowed, pitch: int) -> Wave:
    """A bowed tone's endless table, RMS 1. Shape (2, _TABLE), left and right."""
    bins = _TABLE // 2 + 1
    band, line = np.zeros((2, bins), dtype=np.float32)
    hertz_a_bin = RATE / _TABLE
    # On a bin, so that the steady line and its harmonics repeat with the table; at most 3 cents off at 55 Hz.
    base = round(frequency(pitch) / hertz_a_bin) * hertz_a_bin
    for harmonic in range(1, 64):
        centre = base * harmonic
        if centre > min(8.0 * tone.cutoff_hz, 0.4 * RATE):
            break
        level = harmonic**-tone.slope / (1.0 + (centre / tone.cutoff_hz) ** 2)
        sigma = max(0.5 * centre * (2.0 ** (tone.spread / 1200.0) - 1.0) / hertz_a_bin, 0.7)
        middle = centre / hertz_a_bin
        first, last = max(int(middle - 4 * sigma), 1), int(middle + 4 * sigma) + 1
        distance = (np.arange(first, last) - middle) / sigma
        # Equal energy, not equal height, whatever the width of the band.
        band[first:last] += (level / np.sqrt(sigma) * np.exp(-0.5 * distance * distance)).astype(np.float32)
        line[round(middle)] = level * tone.steady * np.pi**0.25
    dice = np.random.default_rng(pitch)
    used = int(np.flatnonzero(band)[-1]) + 1
    phases = np.exp(2j * np.pi * dice.random((2, used))).astype(np.complex64)
    shaped = np.zeros((2, bins), dtype=np.complex64)
    shaped[:, :used] = band[:used] * phases
    shaped[0, :used] += line[:used] * phases[0]
    middle_wave, side_wave = scipy.fft.irfft(shaped, _TABLE)
    stereo = np.stack([middle_wave + tone.width * side_wave, middle_wave - tone.width * side_wave])
    wave: Wave = (stereo / np.sqrt(np.mean(stereo * stereo))).astype(np.float32)
    return wave
