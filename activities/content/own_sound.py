"""The user's own narration and music, once their files are in the media store."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from pydantic import Field
from temporalio import activity

from reelwright.domain.assets import AssetRef
from reelwright.domain.base import Grown, Model
from reelwright.domain.content.story import OWN, Mood, Music, Narration, Story
from reelwright.domain.evidence import Noted
from reelwright.domain.ids import effect_key
from reelwright.domain.ports.making import Catalog, MediaStore
from reelwright.domain.ports.own_sound import RecordedScene, Recordings

from ..heartbeat import beating
from ..made import Made, once, recalled
from .spoken import read_texts, recorded_narration


class TakeNarration(Grown, Model):
    """A recording of `scenes` (indices from 0, rising; empty: all) of a story that is given, or named by its key on
    record. `field` is the request's field that names the file."""

    added: ClassVar[frozenset[str]] = frozenset()

    content_id: str
    file: AssetRef
    field: str
    story: Story | None = None
    record: str = ""
    scenes: tuple[int, ...] = ()
    pronunciations: dict[str, str] = Field(default={})


class TakenNarration(Model):
    """One narration per scene that was recorded. The notes are for people."""

    narrations: tuple[Narration, ...]
    notes: tuple[str, ...] = ()


class TakeMusic(Model):
    """Music from `start_s` on, of which at most `most_s` seconds are kept."""

    content_id: str
    file: AssetRef
    mood: Mood
    start_s: float
    most_s: float


class TakenMusic(Model):
    """The music as it is mixed. The notes are for people."""

    music: Music
    notes: tuple[str, ...] = ()


@dataclass
class OwnSound:
    """Lays texts along recordings and makes music ready, on the render or gpu pool, in a scratch folder that is always
    removed. The same file with the same text is taken once."""

    catalog: Catalog
    media: MediaStore
    recordings: Recordings
    scratch: Path

    @activity.defn
    async def take_narration(self, job: TakeNarration) -> TakenNarration:
        """The scenes' narrations. Raises `InvalidInput` naming the field for a file that cannot be used."""
        story = job.story or await recalled(self.catalog, job.record)
        scenes = [scene for scene in story.scenes if not job.scenes or scene.index in job.scenes]
        texts = [scene.text for scene in scenes]

        async def make() -> Made[TakenNarration]:
            async with self._local(job.file) as path, beating("laying the text along the recording") as progress:
                made = await self.recordings.narration(
                    path,
                    await read_texts(texts, story.language, job.pronunciations),
                    language=story.language,
                    field=job.field,
                    workdir=path.parent,
                    progress=progress,
                )
                narrations = [
                    await self._narration(scene.index, part) for scene, part in zip(scenes, made.scenes, strict=True)
                ]
            taken = TakenNarration(narrations=tuple(narrations), notes=made.notes)
            noted = tuple(
                Noted(
                    kind="narration",
                    file=one.audio,
                    scene=one.scene,
                    language=story.language,
                    made_of=(job.file.sha256,),
                )
                for one in narrations
            )
            return Made(taken, tuple(narration.audio for narration in narrations), OWN, noted=noted)

        key = effect_key(
            job.content_id, "own-narration", job.file.sha256, texts, story.language, sorted(job.pronunciations.items())
        )
        kept = await once(self.catalog, key, make, TakenNarration, content_id=job.content_id, step="own-narration")
        # What is on record has the places that these texts had then: after a revision they may have moved.
        placed = zip(scenes, kept.result.narrations, strict=True)
        narrations = tuple(narration.model_copy(update={"scene": scene.index}) for scene, narration in placed)
        return TakenNarration(narrations=narrations, notes=kept.result.notes)

    async def _narration(self, scene: int, part: RecordedScene) -> Narration:
        return recorded_narration(scene, await self.media.put(part.wav, "audio/wav"), part.duration_s, part)

    @activity.defn
    async def take_music(self, job: TakeMusic) -> TakenMusic:
        """The music. Raises `InvalidInput` for a file that cannot be used, or is shorter than a second."""

        async def make() -> Made[TakenMusic]:
            async with self._local(job.file) as path, beating("taking in the music") as progress:
                made = await self.recordings.music(
                    path,
                    start_s=job.start_s,
                    most_s=job.most_s,
                    field="music",
                    workdir=path.parent,
                    progress=progress,
                )
                audio = await self.media.put(made.wav, "audio/wav")
            music = Music(
                audio=audio, duration_s=made.duration_s, mood=job.mood, provider=OWN, overlap_s=made.overlap_s
            )
            noted = Noted(kind="music", file=audio, made_of=(job.file.sha256,))
            return Made(TakenMusic(music=music, notes=made.notes), (audio,), OWN, noted=(noted,))

        key = effect_key(job.content_id, "own-music", job.file.sha256, job.start_s, job.most_s, job.mood)
        kept = await once(self.catalog, key, make, TakenMusic, content_id=job.content_id, step="own-music")
        return kept.result

    @asynccontextmanager
    async def _local(self, file: AssetRef) -> AsyncIterator[Path]:
        """A local copy of a file, in a folder of its own."""
        self.scratch.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.scratch, prefix="own-sound-") as folder:
            yield await self.media.fetch(file, Path(folder) / "file")
