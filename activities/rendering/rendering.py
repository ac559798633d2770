"""Material in, finished files out. Runs on the render pool; the media store is how its machines share."""

from __future__ import annotations

import asyncio
import math
import tempfile
from collections.abc import AsyncIterator, Container, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import chain, groupby
from pathlib import Path

from temporalio import activity

from reelwright.domain.assets import AssetRef
from reelwright.domain.base import Model
from reelwright.domain.content.style import RenderStyle
from reelwright.domain.content.video import (
    CaptionFile,
    FormatCut,
    FormatOrder,
    HlsFile,
    HlsManifest,
    HlsPackage,
    Inspection,
    InspectJob,
    JoinJob,
    RenderCut,
    RenderedVideo,
    RenderJob,
    RenderPlan,
    Segment,
    SegmentFile,
    SegmentFiles,
    SegmentTask,
    Soundtrack,
    Thumbnail,
)
from reelwright.domain.errors import AssetCorrupt, InvalidInput
from reelwright.domain.formats import VideoFormat
from reelwright.domain.ids import effect_key
from reelwright.domain.ports.making import Catalog, MediaStore, Progress, Renderer

from ..heartbeat import beating
from ..made import once

MAX_TASKS = 192
"""Each task is three events of the workflow's history; this many keep it small and replaying it quick."""

HLS_TYPES = {".m3u8": "application/vnd.apple.mpegurl", ".m4s": "video/iso.segment", ".mp4": "video/mp4"}


class CaptionFiles(Model):
    """The caption tracks of one plan."""

    files: tuple[CaptionFile, ...]


class DrawThumbnails(Model):
    """The thumbnails of one format."""

    plan: RenderPlan
    format: VideoFormat


class Thumbnails(Model):
    """One format's thumbnails, the one for posts first."""

    images: tuple[Thumbnail, ...]


class PackageHls(Model):
    """A finished video, to become a streaming ladder."""

    content_id: str
    plan: AssetRef
    video: RenderedVideo


class CheckStyle(Model):
    """The style of a request whose files are in the media store already."""

    style: RenderStyle


@dataclass
class Rendering:
    """Runs the renderer on local copies of the material, in a scratch folder that is always removed."""

    catalog: Catalog
    media: MediaStore
    renderer: Renderer
    scratch: Path

    @activity.defn
    async def check_style(self, check: CheckStyle) -> None:
        """Opens the files that a request's style names, before anything is made of it. Raises `InvalidInput` or
        `RenderFailed` naming the field."""
        named = {"style.lut": check.style.lut, "style.brand.logo": check.style.brand.logo}
        async with self._workdir() as folder, beating("looking at the style's files"):
            files: dict[str, Path] = {}
            for field, ref in named.items():
                try:
                    files |= await self._fetch(folder, *([ref] if ref else []))
                except AssetCorrupt as error:
                    raise InvalidInput(error.message, field=field, remedy="store the file, then name it") from error
            await self.renderer.check_style(check.style, files)

    @activity.defn
    async def mix_sound(self, plan: RenderPlan) -> Soundtrack:
        """Narration over ducked music at delivery loudness."""

        async def make() -> tuple[Soundtrack, tuple[AssetRef, ...], str, float]:
            async with self._workdir() as folder, beating("mixing sound") as progress:
                files = await self._fetch(folder, *_sounds(plan))
                mixed = await self.renderer.mix(plan, files, folder, progress)
                audio = await self.media.put(mixed.path, "audio/flac")
                encoded = await self.media.put(mixed.encoded, "audio/mp4")
            soundtrack = Soundtrack(
                audio=audio,
                encoded=encoded,
                duration_s=mixed.duration_s,
                integrated_lufs=mixed.integrated_lufs,
                true_peak_dbtp=mixed.true_peak_dbtp,
                notes=mixed.notes,
            )
            return soundtrack, (audio, encoded), "local", 0.0

        # What is heard: another picture, heading or colour does not mix the sound anew.
        material, style = plan.material, plan.style
        heard = [*material.narrations, material.music, [scene.index for scene in material.story.scenes]]
        pace = [plan.seed, style.fps, style.brand.intro, style.brand.outro]
        key = effect_key(plan.content_id, "sound", *heard, pace)
        return await once(self.catalog, key, make, Soundtrack, content_id=plan.content_id, step="sound")

    @activity.defn
    async def plan_render(self, plan: RenderPlan) -> RenderCut:
        """Looks over the material, cuts every format into segments, and says which are made already and what is left
        to do. Material that cannot be used fails here, before an encoder runs."""
        async with self._workdir() as folder, beating("planning the render") as progress:
            notes = await self.renderer.look(plan, await self._fetch(folder, *_pictures(plan)), folder, progress)
            stored = await self.media.put_bytes(plan.model_dump_json().encode(), "application/json")
            cuts = [await self.renderer.cut(plan, format) for format in plan.formats]
            segments = {segment.digest: segment for cut in cuts for segment in cut.segments}
            known = [await self._known(plan.content_id, segment) for segment in segments.values()]
        made = {file.digest: file for file in known if file}
        tasks = [
            SegmentTask(content_id=plan.content_id, plan=stored, cut=part)
            for part in tasks_of([missing_of(cut, made) for cut in cuts])
        ]
        return RenderCut(
            plan=stored,
            orders=tuple(
                FormatOrder(format=cut.format, digests=tuple(segment.digest for segment in cut.segments))
                for cut in cuts
            ),
            made=tuple(made.values()),
            tasks=tuple(tasks),
            notes=tuple(notes),
        )

    @activity.defn
    async def render_segment(self, task: SegmentTask) -> SegmentFiles:
        """Encodes the segments of a task; those that an earlier attempt has finished are not made again."""
        files: list[SegmentFile] = []
        async with beating(f"rendering {task.cut.title}") as progress:
            plan = await self._plan(task.plan)
            for part in by_name(task.cut):
                done = sum(file.frames for file in files)
                files += await self._make(plan, part, _within(progress, done, part.frames, task.cut.frames))
        return SegmentFiles(files=tuple(files))

    @activity.defn
    async def join_format(self, job: JoinJob) -> RenderedVideo:
        """One finished video file out of its segments and the soundtrack."""

        async def make() -> tuple[RenderedVideo, tuple[AssetRef, ...], str, float]:
            async with self._workdir() as folder, beating(f"joining {job.format.value}") as progress:
                plan = await self._plan(job.plan)
                refs = [segment.file for segment in job.segments]
                files = await self._fetch(folder, *refs, job.soundtrack.delivered)
                parts = [(files[segment.file.sha256], segment.frames) for segment in job.segments]
                sound = files[job.soundtrack.delivered.sha256]
                encoded = await self.renderer.join(plan, job.format, parts, sound, folder, progress)
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

        digests = [segment.file.sha256 for segment in job.segments]
        key = effect_key(job.content_id, "render", job.format.value, digests, job.soundtrack.delivered.sha256)
        return await once(self.catalog, key, make, RenderedVideo, content_id=job.content_id, step="render")

    async def _make(self, plan: RenderPlan, cut: FormatCut, progress: Progress) -> list[SegmentFile]:
        """The segments that one process makes: a scene and the transition that leads to it."""
        known = [await self._known(plan.content_id, segment) for segment in cut.segments]
        made = {file.digest: file for file in known if file}
        missing = missing_of(cut, made)
        if missing.segments:
            async with self._workdir() as folder:
                files = await self._fetch(folder, *_pictures(plan, missing.segments))
                paths = await self.renderer.segments(plan, missing, files, folder, progress)
                for segment in missing.segments:
                    made[segment.digest] = await self._record(plan.content_id, segment, paths[segment.digest])
        return [made[segment.digest] for segment in cut.segments]

    async def _record(self, content_id: str, segment: Segment, path: Path) -> SegmentFile:
        file = await self.media.put(path, "video/mp4")
        made = SegmentFile(digest=segment.digest, frames=segment.frames, file=file)

        async def make() -> tuple[SegmentFile, tuple[AssetRef, ...], str, float]:
            return made, (file,), "local", 0.0

        await once(
            self.catalog, _segment_key(content_id, segment), make, SegmentFile, content_id=content_id, step="render"
        )
        # Not what is on record: that may name a file which is lost, or else this one would not have been made.
        return made

    async def _known(self, content_id: str, segment: Segment) -> SegmentFile | None:
        """The segment, if it is on record and in the media store."""
        known = await self.catalog.find_result(_segment_key(content_id, segment))
        if known is None:
            return None
        made = SegmentFile.model_validate_json(known)
        return made if await self.media.exists(made.file) else None

    async def _plan(self, ref: AssetRef) -> RenderPlan:
        async with self._workdir() as folder:
            path = await self.media.fetch(ref, folder / "plan.json")
            return RenderPlan.model_validate_json(path.read_bytes())

    @activity.defn
    async def write_captions(self, plan: RenderPlan) -> CaptionFiles:
        """SRT and VTT files."""
        async with self._workdir() as folder:
            types = {"srt": "application/x-subrip", "vtt": "text/vtt"}
            files = [
                CaptionFile(
                    language=written.language,
                    kind=written.kind,
                    file=await self.media.put(written.path, types[written.kind]),
                )
                for written in await self.renderer.captions(plan, folder)
            ]
        return CaptionFiles(files=tuple(files))

    @activity.defn
    async def draw_thumbnails(self, job: DrawThumbnails) -> Thumbnails:
        """JPEGs of the format's size."""
        width, height = job.format.size
        async with self._workdir() as folder, beating(f"drawing thumbnails {job.format}"):
            files = await self._fetch(folder, *_pictures(job.plan))
            drawn = await self.renderer.thumbnails(job.plan, job.format, files, folder)
            images = [
                Thumbnail(
                    format=job.format,
                    file=await self.media.put(path, "image/jpeg"),
                    width=width,
                    height=height,
                    variant=variant,
                )
                for variant, path in drawn.items()
            ]
        return Thumbnails(images=tuple(images))

    @activity.defn
    async def package_hls(self, job: PackageHls) -> HlsPackage:
        """A streaming ladder of a finished video: its files in the media store, and a manifest that names them."""

        async def make() -> tuple[HlsPackage, tuple[AssetRef, ...], str, float]:
            format = job.video.format
            async with self._workdir() as folder, beating(f"packaging {format} for HLS") as progress:
                plan = await self._plan(job.plan)
                video = await self.media.fetch(job.video.file, folder / "video.mp4")
                made = await self.renderer.hls(plan, video, folder, progress)
                files = [
                    HlsFile(name=path.name, file=await self.media.put(path, HLS_TYPES[path.suffix]))
                    for path in made.files
                ]
            manifest = HlsManifest(files=tuple(files)).model_dump_json().encode()
            package = HlsPackage(
                format=format,
                manifest=await self.media.put_bytes(manifest, "application/json"),
                master=made.master,
                sizes=made.sizes,
                bytes=sum(file.file.size for file in files),
            )
            return package, (package.manifest, *(file.file for file in files)), "local", 0.0

        key = effect_key(job.content_id, "hls", job.video.file.sha256)
        return await once(self.catalog, key, make, HlsPackage, content_id=job.content_id, step="render")

    @activity.defn
    async def inspect_video(self, job: InspectJob) -> Inspection:
        """Measures the file as delivered; a file that is not as planned raises `RenderFailed`."""
        async with self._workdir() as folder, beating(f"inspecting {job.video.format.value}") as progress:
            path = await self.media.fetch(job.video.file, folder / "video.mp4")
            render = RenderJob(plan=job.plan, format=job.video.format, soundtrack=job.soundtrack)
            return await self.renderer.inspect(render, path, progress)

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


def _pictures(plan: RenderPlan, segments: Iterable[Segment] | None = None) -> list[AssetRef]:
    """The pictures that are seen in these segments, or in all of the plan, and what lies over all of them."""
    seen = None if segments is None else {scene for segment in segments for scene in segment.scenes}
    stills = [picture.image for picture in plan.material.pictures if seen is None or picture.scene in seen]
    return [*stills, *(ref for ref in (plan.style.lut, plan.style.brand.logo) if ref)]


def _segment_key(content_id: str, segment: Segment) -> str:
    return effect_key(content_id, "segment", segment.digest)


def _within(progress: Progress, done: int, frames: int, total: int) -> Progress:
    """The progress of `frames` frames after `done` others as that of all of them."""
    return lambda share: progress((done + frames * share) / total)


def missing_of(cut: FormatCut, made: Container[str]) -> FormatCut:
    """What of a cut is still to be made."""
    missing = tuple(segment for segment in cut.segments if segment.digest not in made)
    return cut.model_copy(update={"segments": missing})


def by_name(cut: FormatCut) -> list[FormatCut]:
    """A cut in parts of one scene each, with the transition that leads to it."""
    groups = groupby(cut.segments, key=lambda segment: segment.name)
    return [cut.model_copy(update={"segments": tuple(group)}) for _, group in groups]


def tasks_of(cuts: Sequence[FormatCut]) -> list[FormatCut]:
    """The cuts divided into tasks, the longest first: a long one begun last would keep everybody waiting.

    A task is a scene. Where that would be more than `MAX_TASKS`, it is several scenes in a row.
    """
    parts = [by_name(cut) for cut in cuts]
    size = max(math.ceil(sum(map(len, parts)) / MAX_TASKS), 1)
    tasks = [
        scenes[0].model_copy(update={"segments": tuple(chain.from_iterable(scene.segments for scene in scenes))})
        for cut in parts
        for scenes in (cut[first : first + size] for first in range(0, len(cut), size))
    ]
    return sorted(tasks, key=lambda task: task.frames * math.prod(task.format.size), reverse=True)
