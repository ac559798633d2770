"""The user's own recordings as the activities call for them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from reelwright.domain.ports.making import Progress
from reelwright.domain.ports.own_sound import RecordedMusic, RecordedSpeech
from reelwright.domain.text.spoken.reading import read_aloud

from . import music
from .narration import NarrationTaker


class OwnRecordings:
    """Narrations laid along their texts, and music made ready to be repeated."""

    def __init__(self) -> None:
        self._narrations = NarrationTaker()

    async def narration(
        self,
        path: Path,
        texts: Sequence[str],
        *,
        language: str,
        pronunciations: Mapping[str, str],
        field: str,
        workdir: Path,
        progress: Progress,
    ) -> RecordedSpeech:
        """A recording of all texts in their order. The recording is compared with the texts as they are read aloud;
        the timings are of the words as they are written."""
        readings = await asyncio.to_thread(lambda: [read_aloud(text, language, pronunciations) for text in texts])
        said = [reading.text for reading in readings]
        made = await self._narrations.take(
            path, said, language=language, field=field, workdir=workdir, progress=progress
        )
        scenes = zip(made.scenes, readings, strict=True)
        return replace(
            made, scenes=tuple(replace(scene, words=reading.times(scene.words)) for scene, reading in scenes)
        )

    async def music(
        self, path: Path, *, start_s: float, most_s: float, field: str, workdir: Path, progress: Progress
    ) -> RecordedMusic:
        """A piece of music from `start_s` on."""
        return await asyncio.to_thread(
            music.take, path, start_s=start_s, most_s=most_s, field=field, workdir=workdir, progress=progress
        )
