"""The finisher that runs on this machine: `LocalFinisher`, the port `domain.ports.finishing.Finisher`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, Self

from reelwright.domain.content.finished import DeliveryRules
from reelwright.domain.content.story import Narration, Story
from reelwright.domain.formats import VideoFormat
from reelwright.domain.ports.finishing import ReadyVideo
from reelwright.domain.ports.rendering import Progress, WrittenCaptions

from ..captions.subtitles import write_tracks
from ..encode.encoders import EncodeSettings
from ..process.jobs import FinishJob
from ..process.parent import Children, make_scratch
from .spoken import spoken_timeline


class LocalFinisher:
    """Each call in a process that does nothing else meanwhile: a file that breaks a decoder takes no worker along."""

    def __init__(self, *, threads: int = 1, preset: str = EncodeSettings().preset) -> None:
        self._settings = EncodeSettings(threads=threads, preset=preset)
        self._children = Children()

    async def __aenter__(self) -> Self:
        self._children.keep = True
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._children.close()

    async def finish(
        self, video: Path, format: VideoFormat, rules: DeliveryRules, workdir: Path, progress: Progress
    ) -> ReadyVideo:
        """Writes `ready.mp4`, where the file is not posted as it is, and `thumbnail.jpg`."""
        told = await self._run("finish", video, workdir, progress, rules=rules, box=format.size)
        paths = {name: Path(told[name]) for name in ("path", "thumbnail")}
        lists = {"thumbnail_size": tuple(told["thumbnail_size"]), "notes": tuple(told["notes"])}
        return ReadyVideo(**{**told, **paths, **lists})

    async def sound(self, video: Path, workdir: Path, progress: Progress) -> Path:
        """Writes `sound.wav`."""
        return Path((await self._run("hear", video, workdir, progress))["path"])

    async def captions(
        self, story: Story, spoken: Narration, formats: Sequence[VideoFormat], seconds: float, workdir: Path
    ) -> Sequence[WrittenCaptions]:
        """Writes `captions.<language>.srt` and `.vtt`."""
        return await asyncio.to_thread(_written, story, spoken, formats, seconds, workdir)

    async def _run(
        self, task: Literal["finish", "hear"], video: Path, workdir: Path, progress: Progress, **fields: Any
    ) -> dict[str, Any]:
        workdir = workdir.resolve()
        scratch = make_scratch(workdir)
        job = FinishJob(
            task=task, video=video.resolve(), workdir=workdir, scratch=scratch, settings=self._settings, **fields
        )
        return await self._children.run(job, progress)


def _written(
    story: Story, spoken: Narration, formats: Sequence[VideoFormat], seconds: float, workdir: Path
) -> list[WrittenCaptions]:
    timeline = spoken_timeline(story, spoken, seconds)
    files = write_tracks(timeline, story.language, story.translations, formats, workdir)
    return [WrittenCaptions(file.language, file.kind, file.path) for file in files]
