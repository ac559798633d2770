"""The mixing desk, bent into a ring: whatever runs past the end comes in again at the beginning.

Adding wraps around, and reverberation and equaliser are products of Fourier transforms over exactly the round's
length, which is circular convolution. So the last sample goes over into the first as any sample into its next, and
the loop has no seam by construction.
"""

from __future__ import annotations

import io
import wave as wavefile

import numpy as np
import scipy  # its parts are loaded where they are used first: `scipy.signal` alone takes a second
from numpy.typing import NDArray

from .arranging import RATE
from .tones import Wave, ease

PEAK_DBFS = -4.0
"""No sample is louder: a decibel under what the mixer was promised, for peaks between samples and codecs."""
RMS_DBFS = -20.0
DIP_DB = -4.5
"""How far the middle of the speech band is taken back, so that consonants stay clear (centre 2 kHz)."""

_DIP_HZ, _DIP_OCTAVES = 2_000.0, 0.85
_LOW_CUT_HZ = 42.0
_ROOM_BANDS = ((150.0, 600.0, 1.0, 1.0), (600.0, 2_500.0, 0.8, 0.8), (2_500.0, 24_001.0, 0.45, 0.35))
"""From Hz, to Hz, share of the room's full decay time, level. Nothing below 150 Hz: bass gets no reverberation."""


class Ring:
    """A stereo loop of `samples` that sounds are laid into, dry and (by their send) into the room."""

    def __init__(self, samples: int) -> None:
        self.dry: Wave = np.zeros((2, samples), dtype=np.float32)
        self.send: Wave = np.zeros((2, samples), dtype=np.float32)

    def add(self, sound: Wave, start: int, *, gain: float, pan: float, send: float) -> None:
        """Lays a sound of shape (1, n) or (2, n) in at any sample. `pan` keeps the power constant."""
        angle = (pan + 1.0) * np.pi / 4.0
        sides = np.array([[np.cos(angle)], [np.sin(angle)]], dtype=np.float32) * np.float32(gain * 2**0.5)
        placed = sound * sides
        total, at, done = self.dry.shape[1], start % self.dry.shape[1], 0
        while done < placed.shape[1]:
            piece = placed[:, done : done + total - at]
            self.dry[:, at : at + piece.shape[1]] += piece
            if send:
                self.send[:, at : at + piece.shape[1]] += np.float32(send) * piece
            done, at = done + piece.shape[1], 0


def room(samples: int, seconds: float, seed: int) -> Wave:
    """A hall's impulse response on the ring, energy 1 a side. `seconds` to fall by 60 dB at 500 Hz; treble falls
    sooner, as in air. Left and right are independent noise, which is what makes it wide."""
    count = round(seconds * 1.3 * RATE)
    dice = np.random.default_rng(seed)
    spectrum = scipy.fft.rfft(dice.standard_normal((2, count)).astype(np.float32))
    hertz = scipy.fft.rfftfreq(count, 1 / RATE)
    t = np.arange(count, dtype=np.float32) / RATE
    response = np.zeros((2, count), dtype=np.float32)
    for low, high, share, level in _ROOM_BANDS:
        band = scipy.fft.irfft(spectrum * ((hertz >= low) & (hertz < high)), count)
        # exp(-6.908) is -60 dB.
        response += np.float32(level) * band * np.exp(np.float32(-6.908 / (seconds * share)) * t)
    delay = round(0.018 * RATE)
    response[:, : 4 * delay] *= ease(4 * delay)
    folded = np.zeros((2, samples), dtype=np.float32)
    for start in range(0, count, samples):
        piece = response[:, start : start + samples]
        folded[:, : piece.shape[1]] += piece
    result: Wave = np.roll(folded / np.sqrt(np.sum(folded * folded, axis=1, keepdims=True)), delay, axis=1)
    return result


def tone_curve(hertz: NDArray[np.floating], tilt_db: float) -> NDArray[np.float32]:
    """The equaliser's gain (linear) at each frequency: no DC, a low cut, the dip for speech, a shelf above 3 kHz."""
    safe = np.maximum(hertz, 1e-3)
    low_cut = 1.0 / np.sqrt(1.0 + (_LOW_CUT_HZ / safe) ** 8)
    dip = DIP_DB * np.exp(-0.5 * (np.log2(safe / _DIP_HZ) / _DIP_OCTAVES) ** 2)
    shelf = tilt_db / (1.0 + (3_000.0 / safe) ** 2)
    curve = low_cut * 10.0 ** ((dip + shelf) / 20.0)
    curve[hertz == 0] = 0.0
    result: NDArray[np.float32] = curve.astype(np.float32)
    return result


def finish(ring: Ring, *, room_s: float, wet: float, tilt_db: float) -> Wave:
    """Room, equaliser and level. Shape (2, samples), RMS near `RMS_DBFS`, no peak above `PEAK_DBFS`."""
    samples = ring.dry.shape[1]
    spectrum = scipy.fft.rfft(ring.dry)
    spectrum += np.float32(wet) * scipy.fft.rfft(ring.send) * scipy.fft.rfft(room(samples, room_s, seed=5))
    spectrum *= tone_curve(scipy.fft.rfftfreq(samples, 1 / RATE), tilt_db)
    mixed: Wave = scipy.fft.irfft(spectrum, samples)
    mixed *= np.float32(10 ** (RMS_DBFS / 20) / np.sqrt(np.mean(mixed * mixed)))
    limited = limit(mixed, 10 ** (PEAK_DBFS / 20))
    limited -= limited.mean(axis=1, keepdims=True)
    return limited


def limit(sound: Wave, ceiling: float) -> Wave:
    """Turns the gain down smoothly around peaks above `ceiling`, both sides alike, around the seam as well."""
    peaks = np.abs(sound).max(axis=0)
    if float(peaks.max()) <= ceiling:
        return sound
    # The gain is held low for `reach` before and after a peak and then smoothed by less than that, so that it has
    # come all the way down when the peak arrives.
    reach = min(round(0.012 * RATE), sound.shape[1] // 4)
    wanted = np.minimum(1.0, ceiling * 0.985 / np.maximum(peaks, 1e-9))
    held = scipy.ndimage.minimum_filter1d(wanted, 2 * reach + 1, mode="wrap")
    smooth = scipy.ndimage.uniform_filter1d(
        scipy.ndimage.uniform_filter1d(held, reach, mode="wrap"), reach, mode="wrap"
    )
    limited: Wave = sound * smooth.astype(np.float32)
    return limited


def to_wav(sound: Wave) -> bytes:
    """A 16-bit PCM WAV file at 48 kHz of shape (channels, samples)."""
    pcm = np.rint(np.clip(sound, -1.0, 1.0) * 32_767.0).astype("<i2")
    target = io.BytesIO()
    with wavefile.open(target, "wb") as file:
        file.setnchannels(pcm.shape[0])
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.ascontiguousarray(pcm.T).tobytes())
    return target.getvalue()
