"""Makes a raw synthetic voice fit to be mixed: rate, rumble, sibilance, level, peaks, silence at the ends.

All filters run forwards and backwards (no delay), so word timings stay true; only the trimmed start shifts them.
"""

from __future__ import annotations

import io
import wave
from dataclasses import dataclass
from math import gcd
from typing import TypeAlias

import numpy as np
import scipy  # its parts are loaded where they are used first: `scipy.signal` alone takes a second
from numpy.typing import NDArray

Samples: TypeAlias = NDArray[np.float64]
"""Mono, full scale is 1.0."""

SAMPLE_RATE = 48_000
TARGET_RMS_DB = -20.0
"""Level of the spoken parts, dB below full scale. The mix brings the whole to its final loudness."""
CEILING_DB = -3.5
"""Half a dB below the -3 dBFS that is promised, for the limiter's rounding to 16 bit and peaks between samples."""
HIGH_PASS_HZ = 70.0
"""Below any voice's fundamental; takes away rumble and offset."""
SIBILANCE_HZ = 5_500.0
EDGE_S = 0.04
"""Silence left at both ends: a breath, under the 60 ms that is promised."""
_SILENCE_DB = -50.0
_FADE_S = 0.005


@dataclass(frozen=True)
class Finished:
    """48 kHz samples, and how many seconds were cut off the start."""

    samples: Samples
    cut_s: float


def finish(raw: NDArray[np.int16], rate: int) -> Finished:
    """`raw` mono samples at `rate` Hz to finished ones at 48 kHz."""
    common = gcd(rate, SAMPLE_RATE)
    voice: Samples = scipy.signal.resample_poly(raw.astype(np.float64) / 32768.0, SAMPLE_RATE // common, rate // common)
    if voice.size < SAMPLE_RATE // 20:
        voice = np.pad(voice, (0, SAMPLE_RATE // 20 - voice.size))
    voice = scipy.signal.sosfiltfilt(
        scipy.signal.butter(2, HIGH_PASS_HZ, "highpass", fs=SAMPLE_RATE, output="sos"), voice
    )
    voice, cut = _trim(voice)
    voice = _soften_sibilance(voice)
    voice = _level(voice)
    voice = limited(voice)
    ramp = min(int(_FADE_S * SAMPLE_RATE), voice.size // 2)
    voice[:ramp] *= np.linspace(0.0, 1.0, ramp)
    voice[voice.size - ramp :] *= np.linspace(1.0, 0.0, ramp)
    return Finished(samples=voice, cut_s=cut / SAMPLE_RATE)


def wav_bytes(samples: Samples) -> bytes:
    """A mono 16-bit 48 kHz WAV file."""
    pcm = np.clip(np.rint(samples * 32767.0), -32768, 32767).astype("<i2")
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(pcm.tobytes())
    return buffer.getvalue()


def read_wav(data: bytes) -> tuple[Samples, int]:
    """The samples of a mono 16-bit WAV file, and its rate in Hz."""
    with wave.open(io.BytesIO(data)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
        return samples.astype(np.float64) / 32768.0, file.getframerate()


def heard_span(samples: Samples, rate: int) -> tuple[int, int]:
    """The samples [first, last) without the silence at both ends but for `EDGE_S`; nothing where all is silent."""
    peak = float(np.max(np.abs(samples), initial=0.0))
    heard = np.flatnonzero(_envelope(samples, 0.005, rate) > max(peak * 10 ** (_SILENCE_DB / 20), 1e-5))
    if not heard.size:
        return 0, 0
    edge = int(EDGE_S * rate)
    return max(0, int(heard[0]) - edge), min(samples.size, int(heard[-1]) + edge)


def _envelope(samples: Samples, seconds: float, rate: int = SAMPLE_RATE) -> Samples:
    """Root mean square over a sliding window."""
    power: Samples = scipy.ndimage.uniform_filter1d(samples * samples, max(1, int(seconds * rate)), mode="constant")
    return np.sqrt(np.maximum(power, 0.0))


def _spoken(samples: Samples) -> NDArray[np.bool_]:
    """Where there is speech: within 30 dB of the loud parts."""
    envelope = _envelope(samples, 0.05)
    loud = float(np.quantile(envelope, 0.95))
    mask: NDArray[np.bool_] = envelope > max(loud * 10 ** (-30 / 20), 1e-5)
    return mask


def _trim(samples: Samples) -> tuple[Samples, int]:
    """Without the silence at both ends but for `EDGE_S`, and how many samples went from the start."""
    first, last = heard_span(samples, SAMPLE_RATE)
    return (samples[first:last].copy(), first) if last else (samples[: SAMPLE_RATE // 20], 0)


def _soften_sibilance(samples: Samples) -> Samples:
    """Turns the band above 5.5 kHz down, by 6 dB at most, while it alone makes up the sound (an `s` or a `sh`)."""
    split = scipy.signal.butter(2, SIBILANCE_HZ, "highpass", fs=SAMPLE_RATE, output="sos")
    band: Samples = scipy.signal.sosfiltfilt(split, samples)
    share = _envelope(band, 0.01) / np.maximum(_envelope(samples, 0.01), 1e-6)
    # From half of the sound's amplitude upwards, smoothly, down to half of the band.
    down = 1.0 - 0.5 * np.clip((share - 0.5) / 0.3, 0.0, 1.0)
    gain: Samples = scipy.ndimage.uniform_filter1d(down, int(0.01 * SAMPLE_RATE), mode="nearest")
    return samples - band * (1.0 - gain)


def _level(samples: Samples) -> Samples:
    """Evens out loud and faint phrases by 4 dB at most, then brings the spoken parts to `TARGET_RMS_DB`."""
    mask = _spoken(samples)
    if not mask.any():
        return samples
    mean = float(np.sqrt(np.mean(samples[mask] ** 2)))
    phrase = np.maximum(_envelope(samples, 0.8), mean * 10 ** (-12 / 20))
    most = 10 ** (4 / 20)
    gain: Samples = np.clip(np.sqrt(mean / phrase), 1 / most, most)
    even: Samples = samples * scipy.ndimage.uniform_filter1d(gain, int(0.3 * SAMPLE_RATE), mode="nearest")
    rms = float(np.sqrt(np.mean(even[mask] ** 2)))
    return even * (10 ** (TARGET_RMS_DB / 20) / rms)


def limited(samples: Samples) -> Samples:
    """Look-ahead limiter: no sample above `CEILING_DB`.

    The gain each sample needs is first spread over a window (minimum), then averaged over a window of the same
    length; every value averaged at a peak already covers that peak, so the average is never too large.
    """
    ceiling = 10 ** (CEILING_DB / 20)
    needed = np.minimum(1.0, ceiling / np.maximum(np.abs(samples), 1e-9))
    window = int(0.004 * SAMPLE_RATE) | 1
    lowest = scipy.ndimage.minimum_filter1d(needed, window, mode="nearest")
    gain: Samples = scipy.ndimage.uniform_filter1d(lowest, window, mode="nearest")
    return samples * np.minimum(gain, 1.0)
