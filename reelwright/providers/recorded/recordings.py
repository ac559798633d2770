"""The user's own recordings as the activities call for them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from reelwright.domain.ports.own_sound import RecordedMusic, RecordedSpeech, TimedWords
from reelwright.domain.ports.rendering import Progress
from reelwright.domain.text.spoken.reading import Reading

from . import music
from .narration import NarrationTaker


class OwnRecordings:
    """Narrations laid along their texts, and music made ready to be repeated."""

    def __init__(self) -> None:
        self._narrations = NarrationTaker()

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
        """A recording of all texts in their order. The recording is compared with the texts as they are read aloud;
        the timings are of the words as they are written."""
        said = [reading.text for reading in readings]
        made = await self._narrations.take(
            path, said, language=language, field=field, workdir=workdir, progress=progress
        )
        scenes = zip(made.scenes, readings, strict=True)
        return replace(
            made, scenes=tuple(replace(scene, words=reading.times(scene.words)) for scene, reading in scenes)
        )

    async def words(self, wav: bytes, reading: Reading, *, language: str) -> TimedWords:
        """The times of the words as they are written, by the same comparison as a narration's."""
        found = await self._narrations.times(wav, reading.text, language=language)
        return TimedWords(reading.times(found.words), found.timing, found.certainty)

    async def music(
        self, path: Path, *, start_s: float, most_s: float, field: str, workdir: Path, progress: Progress
    ) -> RecordedMusic:
        """A piece of music from `start_s` on."""
        return await asyncio.to_thread(
            music.take, path, start_s=start_s, most_s=most_s, field=field, workdir=workdir, progress=progress
        )
