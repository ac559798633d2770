"""Finished videos of the user's own: checked, made ready and captioned on the render pool. Nothing is generated."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from temporalio import activity

from reelwright.domain.assets import AssetRef
from reelwright.domain.base import Grown, Model
from reelwright.domain.content.finished import DeliveryRules, FinishedVideo, HeardVideo
from reelwright.domain.content.story import Narration, Story
from reelwright.domain.content.taken import StoredMedia
from reelwright.domain.content.video import CaptionFile, RenderedVideo, Thumbnail
from reelwright.domain.errors import InvalidInput
from reelwright.domain.evidence import Noted
from reelwright.domain.formats import VideoFormat
from reelwright.domain.ids import effect_key
from reelwright.domain.marking import finished_mark
from reelwright.domain.ports.finishing import Finisher
from reelwright.domain.ports.making import Catalog, MediaStore
from reelwright.domain.ports.marking import Marker

from ..heartbeat import beating
from ..made import Made, once
from .captions import CAPTION_TYPES, CaptionFiles, kept_captions
from .local_copies import LocalCopies
from .marking import key_of, marked

STEP = "finished"


class FinishVideo(Grown, Model):
    """One finished video of a content, and what its platforms take. With `made_with_ai` it is signed as that, under its
    title."""

    added: ClassVar[frozenset[str]] = frozenset({"made_with_ai", "title"})

    content_id: str
    format: VideoFormat
    media: StoredMedia
    rules: DeliveryRules
    made_with_ai: bool = False
    title: str = ""


class HearVideo(Model):
    """The video whose words are to be timed."""

    content_id: str
    video: RenderedVideo


class CaptionVideos(Model):
    """The words of a finished video with their times; `seconds` is its length, `formats` are its shapes."""

    content_id: str
    story: Story
    spoken: Narration
    formats: tuple[VideoFormat, ...]
    seconds: float


@dataclass
class Finishing:
    """Works on local copies, in a scratch folder that is always removed. Without a `marker` nothing is signed."""

    catalog: Catalog
    media: MediaStore
    finisher: Finisher
    scratch: Path
    marker: Marker | None = None

    @activity.defn
    async def finish_video(self, job: FinishVideo) -> FinishedVideo:
        """The file that is posted, and a thumbnail of its frames. Raises `InvalidInput` naming the field for a video
        that cannot be posted in this format."""
        field = f"video.{job.format}"
        mark = finished_mark(job.title) if job.made_with_ai and self.marker else None

        async def make() -> Made[FinishedVideo]:
            async with (
                self._local.workdir() as folder,
                beating(f"checking the finished video {job.format}") as progress,
            ):
                source = await self._fetch(job.media.used, folder)
                try:
                    ready = await self.finisher.finish(source, job.format, job.rules, folder, progress)
                except InvalidInput as error:
                    raise InvalidInput(
                        f"{job.media.name}: {error.message}", field=field, remedy=error.remedy
                    ) from error
                path = await marked(self.marker, ready.path, "video/mp4", mark, source)
                file = await self.media.put(path, "video/mp4") if path != source.resolve() else job.media.used
                still_mark = mark.model_copy(update={"edited": False}) if mark else None
                still = await self.media.put(
                    await marked(self.marker, ready.thumbnail, "image/jpeg", still_mark), "image/jpeg"
                )
            video = RenderedVideo(
                format=job.format,
                file=file,
                width=ready.width,
                height=ready.height,
                fps=round(ready.fps),
                frames=ready.frames,
                duration_s=ready.duration_s,
            )
            width, height = ready.thumbnail_size
            image = Thumbnail(format=job.format, file=still, width=width, height=height, variant="frame")
            notes = tuple(f"video {job.format}: {note}" for note in ready.notes)
            made_of = (job.media.used.sha256,) if file != job.media.used else ()
            noted = (
                Noted(kind="video", file=file, format=job.format.value, name=job.media.name, made_of=made_of),
                Noted(kind="thumbnail", file=still, format=job.format.value, made_of=(file.sha256,)),
            )
            return Made(FinishedVideo(video=video, thumbnail=image, notes=notes), (file, still), noted=noted)

        decides = [job.format.value, job.media.used.sha256, job.rules]
        key = await key_of(self.catalog, job.content_id, STEP, decides, [mark])
        return (await once(self.catalog, key, make, FinishedVideo, content_id=job.content_id, step=STEP)).result

    @activity.defn
    async def hear_video(self, job: HearVideo) -> HeardVideo:
        """The sound of a video, for the times of its words."""

        async def make() -> Made[HeardVideo]:
            async with self._local.workdir() as folder, beating("reading the sound") as progress:
                source = await self._fetch(job.video.file, folder)
                audio = await self.media.put(await self.finisher.sound(source, folder, progress), "audio/wav")
            return Made(HeardVideo(audio=audio, duration_s=job.video.duration_s), (audio,))

        key = effect_key(job.content_id, f"{STEP}-sound", job.video.file.sha256)
        return (await once(self.catalog, key, make, HeardVideo, content_id=job.content_id, step=STEP)).result

    @activity.defn
    async def caption_videos(self, job: CaptionVideos) -> CaptionFiles:
        """SRT and VTT files of the script."""
        files = []
        async with self._local.workdir() as folder, beating("writing captions"):
            for track in await self.finisher.captions(job.story, job.spoken, job.formats, job.seconds, folder):
                file = await self.media.put(track.path, CAPTION_TYPES[track.kind])
                files.append(CaptionFile(language=track.language, kind=track.kind, file=file))
        return await kept_captions(self.catalog, job.content_id, files)

    async def _fetch(self, ref: AssetRef, folder: Path) -> Path:
        return await self.media.fetch(ref, folder / f"source{Path(ref.key).suffix}")

    @property
    def _local(self) -> LocalCopies:
        return LocalCopies(self.media, self.scratch)
