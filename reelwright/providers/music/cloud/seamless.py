"""Makes a score of a sound file as a provider sends it: decoded, without silence at its ends, and a loop."""

from __future__ import annotations

import asyncio
import io
import wave
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from reelwright.domain.errors import InvalidInput
from reelwright.domain.ports.making import Score

from ...common.answers import reject
from ...recorded import music
from ...recorded.decoding import RATE

MOST_S = 600.0
_LONGEST_BLEND = 0.25
"""Of the piece: what it is blended over with itself."""
_FADE_S = 0.25
"""A piece that ends as it plays, with a step, is blended over this long: two different bars meet there."""


async def score_of(data: bytes, *, vendor: str, usd: float, request_id: str, prompt: str) -> Score:
    """The score in a provider's answer. Raises `ProviderRefused` (`nonsense`, with `usd`, which was spent) where it is
    no sound, silent or shorter than a second: the same is not bought again."""
    with TemporaryDirectory(prefix="reelwright-music-") as folder:
        file = Path(folder) / "answer"
        file.write_bytes(data)
        try:
            wav, seconds = await asyncio.to_thread(_looped, file, Path(folder))
        except InvalidInput as error:
            reject(vendor, f"what it sent is of no use: {error.message}", usd=usd)
    return Score(wav, seconds, usd, request_id, prompt)


def _looped(file: Path, workdir: Path) -> tuple[bytes, float]:
    """The piece as a stereo WAV at 48 kHz that can be played round and round."""
    taken = music.take(file, start_s=0.0, most_s=MOST_S, field="music", workdir=workdir, progress=lambda share: None)
    with wave.open(str(taken.wav), "rb") as read:
        samples = np.frombuffer(read.readframes(read.getnframes()), "<i2").reshape(-1, 2).astype(np.float32)
    overlap_s = taken.overlap_s if taken.overlap_s == 0 else max(taken.overlap_s, _FADE_S)
    looped = blended(samples, round(overlap_s * RATE))
    made = io.BytesIO()
    with wave.open(made, "wb") as written:
        written.setnchannels(2)
        written.setsampwidth(2)
        written.setframerate(RATE)
        written.writeframes(np.clip(np.rint(looped), -32_768, 32_767).astype("<i2").tobytes())
    return made.getvalue(), len(looped) / RATE


def blended(samples: np.ndarray, overlap: int) -> np.ndarray:
    """The piece (samples x 2) without its last `overlap` samples, which are mixed under its first with equal power: its
    end goes on into its beginning."""
    overlap = min(overlap, int(len(samples) * _LONGEST_BLEND))
    if overlap <= 0:
        return samples
    angle = (np.arange(overlap, dtype=np.float32)[:, None] + 0.5) / overlap * np.float32(np.pi / 2)
    kept = samples[: len(samples) - overlap].copy()
    kept[:overlap] = kept[:overlap] * np.sin(angle) + samples[len(samples) - overlap :] * np.cos(angle)
    return kept
