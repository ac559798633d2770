"""Sound as vendors send it: decoded, checked, made faster or higher, and several pieces as one without drift or clicks.

Everything is mono at 48 kHz. The place of each piece in the whole is a count of samples, so word times cannot drift.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import av
import numpy as np
import scipy
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.filter import Graph

from ...common.answers import no_use, reject
from ..piper import SENTENCE_PAUSE_S
from ..sound import SAMPLE_RATE, Samples, heard_span

LONGEST_S = 1_800
"""No text that is spoken at once takes half an hour."""
SILENT = 0.001
"""A sound whose peak stays under -60 dBFS says nothing."""
MOST_CHARS_A_SECOND = 45.0
"""The fastest speakers say 25. A sound that is shorter than its text could be said in was cut off."""
FADE_S = 0.004
CUT_PAUSE_S = 0.06
"""Between two parts of a sentence that was cut."""
_READ = {"format_whitelist": "wav,mp3,ogg,flac,aac,w64"}


def decoded(data: bytes, *, vendor: str, pcm_rate: int | None = None, usd: float = 0.0) -> Samples:
    """A sound file's samples; with `pcm_rate` raw 16-bit samples at that rate. Raises `ProviderRefused` (`nonsense`)
    where there is none."""
    if not data:
        reject(vendor, "the sound has no length", usd=usd)
    if pcm_rate is not None:
        whole = np.frombuffer(data[: len(data) // 2 * 2], dtype="<i2").astype(np.float64) / 32768.0
        return _resampled(whole, pcm_rate)
    try:
        with av.open(io.BytesIO(data), "r", options=_READ) as container:
            return _read(container)
    except (OSError, av.FFmpegError, IndexError, ValueError) as error:
        reason = str(getattr(error, "strerror", None) or type(error).__name__)[:80]
        reject(vendor, f"what it sent is no sound ({reason})", usd=usd)


def need_speech(samples: Samples, text: str, *, vendor: str) -> None:
    """Returns for a sound in which the text may be heard. Raises `ProviderRefused` (`nonsense`) for none or silence,
    `NoUse` for one that ends before its text can be said."""
    if not samples.size:
        reject(vendor, "the sound has no length")
    if not np.isfinite(samples).all():
        reject(vendor, "the sound holds samples that are no numbers")
    if float(np.max(np.abs(samples))) < SILENT:
        reject(vendor, "the sound is silent")
    letters = sum(char.isalnum() for char in text)
    if samples.size / SAMPLE_RATE < letters / MOST_CHARS_A_SECOND:
        raise no_use(
            vendor, f"the sound ends before its text: {samples.size / SAMPLE_RATE:.1f} s for {len(text)} characters"
        )


def changed(samples: Samples, speed: float, pitch: float) -> Samples:
    """Spoken `speed` times as fast and `pitch` semitones higher, by FFmpeg's `atempo`; as it is without either."""
    if abs(speed - 1) < 1e-3 and abs(pitch) < 1e-3:
        return samples
    ratio = 2 ** (pitch / 12)
    graph = Graph()
    steps = [
        graph.add_abuffer(format="flt", sample_rate=SAMPLE_RATE, layout="mono", time_base=None),
        graph.add("asetrate", str(round(SAMPLE_RATE * ratio))),
        graph.add("aresample", str(SAMPLE_RATE)),
        # Below half of the tempo the filter leaves parts out.
        *(graph.add("atempo", f"{(speed / ratio) ** 0.5:.6f}") for _ in range(2)),
        graph.add("abuffersink"),
    ]
    graph.link_nodes(*steps).configure()
    frame = AudioFrame.from_ndarray(samples.astype(np.float32)[None, :], format="flt", layout="mono")
    frame.sample_rate = SAMPLE_RATE
    graph.push(frame)
    graph.push(None)
    pieces: list[Samples] = []
    while True:
        try:
            pulled = graph.pull()
        except (av.error.EOFError, av.error.BlockingIOError):
            break
        assert isinstance(pulled, AudioFrame)
        pieces.append(pulled.to_ndarray().reshape(-1).astype(np.float64))
    return np.concatenate(pieces) if pieces else samples


@dataclass(frozen=True)
class Place:
    """Where a piece is in the whole: second 0 of the piece, its first sample that was kept, and one behind its last."""

    zero: int
    first: int
    last: int


def stitched(pieces: Sequence[Samples], sentence_ends: Sequence[bool]) -> tuple[Samples, list[Place]]:
    """The pieces in a row, each without the silence at its ends and faded there, with a pause after each: a longer one
    where its sentence ends. So every join is between two samples of silence."""
    whole: list[Samples] = []
    places: list[Place] = []
    at = 0
    for number, piece in enumerate(pieces):
        first, last = heard_span(piece, SAMPLE_RATE)
        kept = piece[first:last].copy()
        ramp = np.linspace(0.0, 1.0, min(int(FADE_S * SAMPLE_RATE), kept.size // 2))
        kept[: ramp.size] *= ramp
        kept[kept.size - ramp.size :] *= ramp[::-1]
        if whole:
            pause = int((SENTENCE_PAUSE_S if sentence_ends[number - 1] else CUT_PAUSE_S) * SAMPLE_RATE)
            whole.append(np.zeros(pause))
            at += pause
        places.append(Place(at - first, at, at + kept.size))
        whole.append(kept)
        at += kept.size
    return np.concatenate(whole), places


def _read(container: av.container.InputContainer) -> Samples:
    resampler = AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE)
    pieces: list[Samples] = []
    count = 0
    for frame in (*container.decode(audio=0), None):
        for piece in resampler.resample(frame):
            pieces.append(piece.to_ndarray().reshape(-1).astype(np.float64))
            count += pieces[-1].size
        if count > LONGEST_S * SAMPLE_RATE:
            raise ValueError("longer than half an hour")
    return np.concatenate(pieces) if pieces else np.zeros(0)


def _resampled(samples: Samples, rate: int) -> Samples:
    if not samples.size or rate == SAMPLE_RATE:
        return samples
    common = int(np.gcd(rate, SAMPLE_RATE))
    made: Samples = scipy.signal.resample_poly(samples, SAMPLE_RATE // common, rate // common)
    return made
