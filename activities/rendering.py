"""Material in, finished files out. Runs on the render pool; the media store is how its machines share."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from temporalio import activity

from reelwright.domain.assets import AssetRef
from reelwright.domain.base import Model
from reelwright.domain.formats import VideoFormat
from reelwright.domain.ids import effect_key
from reelwright.domain.ports import Catalog, MediaStore, Renderer
from reelwright.domain.video import (
    CaptionFile,
    Inspection,
    InspectJob,
    RenderedVideo,
    RenderJob,
    RenderPlan,
    Soundtrack,
    Thumbnail,
)

from .heartbeat import beating
from .memo import once


class CaptionFiles(Model):
    """The caption tracks of one plan."""

    files: tuple[CaptionFile, ...]


class DrawThumbnail(Model):
    """A thumbnail in one format."""

    plan: RenderPlan
    format: VideoFormat


@dataclass
class Rendering:
    """Runs the renderer on local copies of the material, in a scratch folder that is always removed."""

    catalog: Catalog
    media: MediaStore
    renderer: Renderer
    scratch: Path

    @activity.defn
    async def mix_sound(self, plan: RenderPlan) -> Soundtrack:
        """Narration over ducked music at delivery loudness."""

        async def make() -> tuple[Soundtrack, tuple[AssetRef, ...], str, float]:
            async with self._workdir() as folder, beating("mixing sound") as progress:
                files = await self._fetch(folder, *_sounds(plan))
                mixed = await self.renderer.mix(plan, files, folder, progress)
                audio = await self.media.put(mixed.path, "audio/flac")
            soundtrack = Soundtrack(
                audio=audio,
                duration_s=mixed.duration_s,
                integrated_lufs=mixed.integrated_lufs,
                true_peak_dbtp=mixed.true_peak_dbtp,
            )
            return soundtrack, (audio,), "local", 0.0

        key = effect_key(plan.content_id, "sound", plan.material, plan.seed)
        return await once(self.catalog, key, make, Soundtrack, content_id=plan.content_id, step="sound")

    @activity.defn
    async def render_format(self, job: RenderJob) -> RenderedVideo:
        """One finished video file."""

        async def make() -> tuple[RenderedVideo, tuple[AssetRef, ...], str, float]:
            async with self._workdir() as folder, beating(f"rendering {job.format.value}") as progress:
                files = await self._fetch(folder, *_pictures(job.plan), job.soundtrack.audio)
                encoded = await self.renderer.render(job, files, folder, progress)
                file = await self.media.put(encoded.path, "video/mp4")
            video = RenderedVideo(
                format=job.format,
                file=file,
                width=encoded.width,
                height=encoded.height,
                fps=encoded.fps,
                frames=encoded.frames,
                duration_s=encoded.duration_s,
            )
            return video, (file,), "local", 0.0

        key = effect_key(job.plan.content_id, "render", job)
        return await once(self.catalog, key, make, RenderedVideo, content_id=job.plan.content_id, step="render")

    @activity.defn
    async def write_captions(self, plan: RenderPlan) -> CaptionFiles:
        """SRT and VTT files."""
        async with self._workdir() as folder:
            written = await self.renderer.captions(plan, folder)
            types = {"srt": "application/x-subrip", "vtt": "text/vtt"}
            files = [
                CaptionFile.model_validate(
                    {
                        "language": plan.material.story.language,
                        "kind": kind,
                        "file": await self.media.put(path, types[kind]),
                    }
                )
                for kind, path in sorted(written.items())
            ]
        return CaptionFiles(files=tuple(files))

    @activity.defn
    async def draw_thumbnail(self, job: DrawThumbnail) -> Thumbnail:
        """A JPEG of the format's size."""
        async with self._workdir() as folder, beating("thumbnail"):
            files = await self._fetch(folder, *_pictures(job.plan))
            path = await self.renderer.thumbnail(job.plan, job.format, files, folder)
            file = await self.media.put(path, "image/jpeg")
        width, height = job.format.size
        return Thumbnail(format=job.format, file=file, width=width, height=height)

    @activity.defn
    async def inspect_video(self, job: InspectJob) -> Inspection:
        """Measures the file as delivered; a file that is not as planned raises `RenderFailed`."""
        async with self._workdir() as folder, beating(f"inspecting {job.video.format.value}"):
            path = await self.media.fetch(job.video.file, folder / "video.mp4")
            render = RenderJob(plan=job.plan, format=job.video.format, soundtrack=job.soundtrack)
            return await self.renderer.inspect(render, path)

    @asynccontextmanager
    async def _workdir(self) -> AsyncIterator[Path]:
        self.scratch.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.scratch, ignore_cleanup_errors=True) as folder:
            yield Path(folder)

    async def _fetch(self, folder: Path, *refs: AssetRef) -> dict[str, Path]:
        wanted = {ref.sha256: ref for ref in refs}
        paths = await asyncio.gather(
            *(self.media.fetch(ref, folder / f"{sha}{Path(ref.key).suffix}") for sha, ref in wanted.items())
        )
        return dict(zip(wanted, paths, strict=True))


def _sounds(plan: RenderPlan) -> list[AssetRef]:
    return [n.audio for n in plan.material.narrations] + [plan.material.music.audio]


def _pictures(plan: RenderPlan) -> list[AssetRef]:
    return [picture.image for picture in plan.material.pictures]
