"""The port of the user's own recordings: a narration that is not spoken by a voice, music that is not composed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ..content.story import TimingSource, WordTiming
from ..text.spoken.reading import Reading
from .rendering import Progress


@dataclass(frozen=True)
class TimedWords:
    """One timing per white-space token of a text as it is written, and the confidence, 0 to 1, that they are what is
    heard."""

    words: tuple[WordTiming, ...]
    timing: TimingSource
    certainty: float


@dataclass(frozen=True)
class RecordedScene(TimedWords):
    """The part of a recording that belongs to one text: a mono 48 kHz 16-bit WAV file and its seconds. `began_s` and
    `ended_s` are its place in the recording."""

    wav: Path
    duration_s: float
    began_s: float
    ended_s: float


@dataclass(frozen=True)
class RecordedSpeech:
    """The parts of one recording, in the order of its texts, and what a person should know about it."""

    scenes: tuple[RecordedScene, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class RecordedMusic:
    """A stereo 48 kHz 16-bit WAV file and its seconds. Each repetition begins `overlap_s` before the end of the one
    before."""

    wav: Path
    duration_s: float
    overlap_s: float
    notes: tuple[str, ...] = ()


class Recordings(Protocol):
    """Reads sound files of any kind. Raises `InvalidInput` naming `field` for what cannot be used."""

    async def narration(
        self,
        path: Path,
        readings: Sequence[Reading],
        *,
        language: str,
        field: str,
        workdir: Path,
        progress: Progress,
    ) -> RecordedSpeech:
        """A recording of all texts in their order, cut at the pauses between them."""
        ...

    async def words(self, wav: bytes, reading: Reading, *, language: str) -> TimedWords:
        """The times of a text's words in a WAV file's bytes: the sound is neither cut nor refused."""
        ...

    async def music(
        self, path: Path, *, start_s: float, most_s: float, field: str, workdir: Path, progress: Progress
    ) -> RecordedMusic:
        """A piece from `start_s` on, at most `most_s` seconds of it. Shorter than a second it is refused."""
        ...
