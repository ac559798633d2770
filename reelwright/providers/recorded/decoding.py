"""Sound files of any kind as 48 kHz 32-bit floats on disk, so that half an hour takes no more memory than ten seconds.

Repairs, each reported through `note`: another rate or channel layout is converted; a voice whose two channels cancel
each other out is read from its louder one. What cannot be used raises `InvalidInput`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TypeAlias

import av
import numpy as np
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

from reelwright.domain.errors import InvalidInput
from reelwright.domain.ports.rendering import Progress

from ..own.clips import CONTAINERS

Note = Callable[[str], None]
F32: TypeAlias = NDArray[np.float32]

RATE = 48_000
NARROW_HZ = 16_000
"""Below this rate a recording sounds like a telephone: usable, but a note is made."""
_FULL_SCALE = 0.98
_CLIPPED_SHARE = 0.001
_CANCELS = 0.1
"""The middle of two channels with less than this share of the louder one's power has cancelled out."""
_READ_OPTIONS = {"protocol_whitelist": "file", "format_whitelist": CONTAINERS}


@dataclass(frozen=True)
class Sound:
    """Interleaved 32-bit floats at 48 kHz in a file. `pick` is the channel to read where the middle cancels out."""

    path: Path
    channels: int
    samples: int
    peak: float
    pick: int | None = None

    @property
    def seconds(self) -> float:
        """Its length."""
        return self.samples / RATE

    def all(self) -> F32:
        """samples x channels, mapped from the file: nothing is read before it is used."""
        if not self.samples:
            return np.zeros((0, self.channels), np.float32)
        return np.memmap(self.path, "<f4", "r", shape=(self.samples, self.channels))

    def mono(self, first: int, last: int) -> F32:
        """The samples [first, last) of one channel, or of the mean of both."""
        part = self.all()[max(first, 0) : last]
        if self.pick is not None:
            return np.asarray(part[:, self.pick])
        return np.asarray(part.mean(axis=1) if self.channels > 1 else part[:, 0], np.float32)


def decode(
    path: Path,
    out: Path,
    *,
    field: str,
    note: Note,
    progress: Progress,
    channels: int = 2,
    start_s: float = 0.0,
    most_s: float,
) -> Sound:
    """Writes at most `most_s` seconds of a sound file from `start_s` on to `out`: with one channel where the file has
    no more and `channels` is 1, else with two."""
    skip, most = round(start_s * RATE), round(most_s * RATE)
    seen = written = flat = 0
    peak, powers, middle = 0.0, np.zeros(2), 0.0
    with _opened(path, field) as container, out.open("wb") as file:
        stream = container.streams.audio[0]
        mono = channels == 1 and stream.layout.nb_channels == 1
        rate = stream.rate or RATE
        total_s = min(float(container.duration or 0) / av.time_base or most_s, start_s + most_s)
        for piece in _resampled(container, field, "mono" if mono else "stereo"):
            if not np.isfinite(piece).all():
                raise _unusable(field, "it holds samples that are no numbers")
            wanted = piece[:, max(skip - seen, 0) :][:, : most - written]
            seen += piece.shape[1]
            if wanted.size:
                flat += _flat_tops(wanted)
                peak = max(peak, float(np.abs(wanted).max()))
                if len(wanted) == 2:
                    powers += np.square(wanted, dtype=np.float64).sum(axis=1)
                    middle += float(np.square(wanted.mean(axis=0), dtype=np.float64).sum())
                file.write(np.ascontiguousarray(wanted.T, "<f4").tobytes())
                written += wanted.shape[1]
            progress(min(seen / RATE / max(total_s, 1.0), 1.0))
            if written >= most:
                break
    made = 1 if mono else 2
    if rate < NARROW_HZ:
        note(f"{field}: the recording has only {rate} samples a second and will sound dull")
    if flat > _CLIPPED_SHARE * max(written * made, 1):
        note(f"{field}: the recording is clipped in {flat / (written * made):.1%} of its samples and will sound harsh")
    cancels = made == 2 and middle < _CANCELS * powers.max()
    return Sound(out, made, written, peak, int(powers.argmax()) if cancels else None)


def _flat_tops(samples: F32) -> int:
    """Samples at full scale that repeat the one before: the mark of a recording that was cut off at the top."""
    loud = np.abs(samples[:, 1:]) >= _FULL_SCALE
    return int((loud & (np.abs(np.diff(samples, axis=1)) < 1e-4)).sum())


def _opened(path: Path, field: str) -> av.container.InputContainer:
    try:
        container = av.open(str(path), options=_READ_OPTIONS)
    except (OSError, av.FFmpegError) as error:
        raise _unusable(field, f"it is no sound file that can be read ({_reason(error)})") from error
    if not container.streams.audio:
        container.close()
        raise _unusable(field, "it has no sound")
    return container


def _resampled(container: av.container.InputContainer, field: str, layout: str) -> Iterator[F32]:
    resampler = AudioResampler(format="fltp", layout=layout, rate=RATE)
    shape: tuple[int, int] | None = None
    try:
        for frame in chain(container.decode(audio=0), (None,)):
            if frame is not None:
                shape = shape or (frame.sample_rate, frame.layout.nb_channels)
                if shape != (frame.sample_rate, frame.layout.nb_channels):
                    raise _unusable(field, "its rate or its channels change in the middle")
            for piece in resampler.resample(frame):
                yield np.asarray(piece.to_ndarray(), np.float32)
    except (OSError, av.FFmpegError) as error:
        raise _unusable(field, f"it cannot be read to its end ({_reason(error)})") from error


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or type(error).__name__)


def _unusable(field: str, what: str) -> InvalidInput:
    return InvalidInput(f"the file is not usable: {what}", field=field, remedy="give a WAV, FLAC, MP3, AAC or Ogg file")
