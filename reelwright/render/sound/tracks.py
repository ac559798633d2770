"""Sound files of any kind as 48 kHz float tracks on disk, and what had to be repaired on the way.

A track is a file that is read in blocks, so that ten minutes take no more memory than ten seconds.

Repairs, each reported through `note`: another rate or channel layout is converted; a stereo voice whose channels cancel
out gives its louder channel. A clipped or a telephone-like recording is used as it is (FFmpeg's `adeclip` was tried:
it took the sound further from the original, not nearer) and reported. What cannot be used (no sound, not a sound file,
samples that are no numbers) raises `RenderFailed` naming the field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import av
import numpy as np
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

from reelwright.domain.errors import RenderFailed

from ..picture.yuv import F32
from ..plan.timeline import SAMPLE_RATE
from ..process import program
from ..process.trouble import reason

Note = Callable[[str], None]

BLOCK_S = 0.02
_BLOCK = round(BLOCK_S * SAMPLE_RATE)
_AT_ONCE = 500 * _BLOCK
SILENCE_DB = -60.0
NARROW_HZ = 16_000
"""Below this rate a voice sounds like a telephone: usable, but a note is made."""
JOIN_S = 0.02
_CLIPPED_SHARE = 0.001
_CANCELS = 0.1
"""The middle of a stereo voice with less than this share of its louder channel's power has cancelled out."""
_READ_OPTIONS = {"format_whitelist": "wav,w64,flac,mp3,ogg,mov,aac", "protocol_whitelist": "file"}
"""Only plain sound files are opened: a playlist in a file that calls itself WAV must not make FFmpeg fetch things."""


@dataclass(frozen=True)
class Track:
    """Interleaved little-endian 32-bit floats at 48 kHz in a file, -1..1."""

    path: Path
    channels: int
    samples: int

    def read(self, first: int, count: int) -> F32:
        """count x channels; what lies beyond the end is missing from the answer."""
        count = max(min(count, self.samples - first), 0)
        frame = 4 * self.channels
        with self.path.open("rb") as file:
            file.seek(first * frame)
            return np.frombuffer(file.read(count * frame), "<f4").reshape(-1, self.channels)

    def looped(self, first: int, count: int, overlap: int = 0) -> F32:
        """count x channels, beginning again as often as needed, `overlap` samples before the end. There the end is
        faded out, and the beginning over `JOIN_S` at most faded in. Zeros when the track is empty."""
        made = np.zeros((count, self.channels), np.float32)
        overlap = min(overlap, self.samples // 2)
        period, join = self.samples - overlap, min(overlap, round(JOIN_S * SAMPLE_RATE))
        at = max((first - self.samples) // period + 1, 0) * period if period else first + count
        while at < first + count:
            begin = max(first, at)
            piece = self.read(begin - at, first + count - begin)
            if overlap:
                places = np.arange(begin - at, begin - at + len(piece))
                rise = places / join if at else np.ones(len(piece))
                gains = np.minimum(rise, (self.samples - places) / overlap).clip(0.0, 1.0)
                piece = piece * np.sin(gains * np.pi / 2).astype(np.float32)[:, None]
            made[begin - first : begin - first + len(piece)] += piece
            at += period
        return made

    def powers(self, first: int = 0, samples: int | None = None) -> NDArray[np.float64]:
        """The mean square of each whole 20 ms block from `first` on, over all channels."""
        last = self.samples if samples is None else min(first + samples, self.samples)
        parts = [np.zeros(0)]
        for at in range(first, last, _AT_ONCE):
            piece = self.read(at, min(_AT_ONCE, last - at))
            whole = piece[: len(piece) // _BLOCK * _BLOCK].reshape(-1, _BLOCK * self.channels)
            parts.append(np.square(whole, dtype=np.float64).mean(axis=1))
        return np.concatenate(parts)


def active_level(powers: NDArray[np.float64]) -> float:
    """The level in dBFS of a sound where it sounds: the mean power of the 100 ms within 30 dB of the loudest."""
    tenths = powers[: len(powers) // 5 * 5].reshape(-1, 5).mean(axis=1) if len(powers) >= 5 else powers
    heard = tenths[tenths > tenths.max(initial=0.0) * 1e-3]
    return float(10 * np.log10(heard.mean())) if heard.size else program.SILENT


@dataclass(frozen=True)
class Facts:
    """What a first look at a sound file finds. `pick` is the channel to use where the middle cancels out."""

    rate: int
    channels: int
    samples: int
    clipped: float
    pick: int | None

    @property
    def seconds(self) -> float:
        """Its length."""
        return self.samples / self.rate


def look(path: Path, where: str) -> Facts:
    """Decodes all of a file once. Raises `RenderFailed` (field `material.<where>`) when it is not usable sound."""
    count, flat, rate, channels = 0, 0, 0, 0
    powers, middle = np.zeros(2), 0.0
    with _opened(path, where) as container:
        whole = AudioResampler(format="fltp")
        stream = container.streams.audio[0]
        for frame in _decoded(container, where):
            if rate and (frame.sample_rate, frame.layout.nb_channels) != (rate, channels):
                raise _unusable(where, "its rate or channels change in the middle")
            rate, channels = frame.sample_rate, frame.layout.nb_channels
            for piece in whole.resample(frame):
                samples = np.asarray(piece.to_ndarray(), np.float32)
                if not np.isfinite(samples).all():
                    raise _unusable(where, "it holds samples that are no numbers")
                count += samples.shape[1]
                flat += _flat_tops(samples)
                if channels == 2:
                    powers += np.square(samples, dtype=np.float64).sum(axis=1)
                    middle += float(np.square(samples.mean(axis=0), dtype=np.float64).sum())
        rate, channels = rate or stream.rate or SAMPLE_RATE, channels or 1
    cancels = channels == 2 and middle < _CANCELS * powers.max()
    return Facts(rate, channels, count, flat / max(count * channels, 1), int(powers.argmax()) if cancels else None)


def _flat_tops(samples: F32) -> int:
    """Samples at full scale that repeat the one before: the mark of a recording that was cut off at the top."""
    loud = np.abs(samples[:, 1:]) >= 0.98
    return int((loud & (np.abs(np.diff(samples, axis=1)) < 1e-4)).sum())


def write_track(path: Path, where: str, out: Path, *, mono: bool, most: int, note: Note, at: int = 0) -> Track:
    """Writes at most `most` samples of a sound file to `out` from sample `at` on and returns what was written.

    The answer's `samples` counts from `at`. `out` keeps what it holds elsewhere.
    """
    facts = look(path, where)
    if facts.clipped > _CLIPPED_SHARE:
        note(f"material.{where}: the recording is clipped in {facts.clipped:.1%} of its samples and will sound harsh")
    if facts.rate < NARROW_HZ and facts.samples:
        note(f"material.{where}: the recording has only {facts.rate} samples a second and will sound dull")
    pick = facts.pick if mono else None
    if pick is not None:
        note(f"material.{where}: its two channels cancel each other out; only one of them is used")
    channels = 1 if mono else 2
    layout = "mono" if mono and pick is None else "stereo"
    written = 0
    with out.open("r+b" if out.exists() else "w+b") as file:
        file.seek(4 * channels * at)
        for piece in _resampled(path, where, layout):
            chosen = piece if pick is None else piece[pick : pick + 1]
            file.write(chosen[:, : most - written].T.astype("<f4").tobytes())
            written += min(chosen.shape[1], most - written)
            if written >= most:
                break
    return Track(out, channels, written)


def _resampled(path: Path, where: str, layout: str) -> Iterator[F32]:
    resampler = AudioResampler(format="fltp", layout=layout, rate=SAMPLE_RATE)
    with _opened(path, where) as container:
        for frame in chain(_decoded(container, where), (None,)):
            for piece in resampler.resample(frame):
                yield np.asarray(piece.to_ndarray(), np.float32)


def _opened(path: Path, where: str) -> av.container.InputContainer:
    try:
        container = av.open(str(path), options=_READ_OPTIONS)
    except (OSError, av.FFmpegError) as error:
        raise _unusable(where, f"it cannot be read ({reason(error)})") from error
    if not container.streams.audio:
        container.close()
        raise _unusable(where, "it has no sound")
    return container


def _decoded(container: av.container.InputContainer, where: str) -> Iterator[av.AudioFrame]:
    try:
        yield from container.decode(audio=0)
    except (OSError, av.FFmpegError) as error:
        raise _unusable(where, f"it cannot be read ({reason(error)})") from error


def _unusable(where: str, what: str) -> RenderFailed:
    return RenderFailed(f"the sound file is not usable: {what}", field=f"material.{where}", remedy="make it again")
