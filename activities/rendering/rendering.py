"""Material in, finished files out. Runs on the render pool; the media store is how its machines share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from temporalio import activity

from reelwright.domain.assets import AssetRef
from reelwright.domain.base import Model
from reelwright.domain.content.style import RenderStyle
from reelwright.domain.content.video import (
    CaptionFile,
    FormatOrder,
    GivenPlan,
    HlsFile,
    HlsManifest,
    HlsPackage,
    Inspection,
    InspectJob,
    JoinJob,
    KeptPlan,
    RenderCut,
    RenderedVideo,
    RenderJob,
    RenderPlan,
    SegmentFile,
    SegmentFiles,
    SegmentTask,
    Soundtrack,
)
from reelwright.domain.errors import AssetCorrupt, InvalidInput
from reelwright.domain.evidence import Noted
from reelwright.domain.ids import effect_key
from reelwright.domain.marking import video_mark
from reelwright.domain.ports.making import Catalog, MediaStore
from reelwright.domain.ports.marking import Marker
from reelwright.domain.ports.rendering import Progress, Renderer
from reelwright.domain.publishing.pictures import DrawPictures, PostPictures

from ..heartbeat import beating
from ..made import Made, once
from .captions import CAPTION_TYPES, CaptionFiles, kept_captions
from .local_copies import LocalCopies
from .marking import key_of, marked
from .material import clips_heard, parts_of, pictures_of, sounds_of
from .segments import Segments, by_name, missing_of
from .stills import DrawThumbnails, Stills, Thumbnails
from .tasks import tasks_of

HLS_TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".mpd": "application/dash+xml",
    ".m4s": "video/iso.segment",
    ".mp4": "video/mp4",
}


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
    """Runs the renderer on local copies of the material, in a scratch folder that is always removed. Without a
    `marker`, as in tests and benchmarks of the render alone, nothing is signed."""

    catalog: Catalog
    media: MediaStore
    renderer: Renderer
    scratch: Path
    marker: Marker | None = None

    @property
    def _local(self) -> LocalCopies:
        return LocalCopies(self.media, self.scratch)

    @property
    def _segments(self) -> Segments:
        return Segments(self.catalog, self.media, self.renderer, self._local)

    @property
    def _stills(self) -> Stills:
        return Stills(self.catalog, self.media, self.renderer, self._local, self.marker)

    @activity.defn
    async def check_style(self, check: CheckStyle) -> None:
        """Opens the files that a request's style names, before anything is made of it. Raises `InvalidInput` or
        `RenderFailed` naming the field."""
        style = check.style
        named = [("style.lut", style.lut), ("style.brand.logo", style.brand.logo)]
        named += [("style.fonts", font) for font in style.font_files]
        async with self._local.workdir() as folder, beating("looking at the style's files"):
            files: dict[str, Path] = {}
            for field, ref in named:
                try:
                    files |= await self._local.fetch(folder, *([ref] if ref else []))
                except AssetCorrupt as error:
                    raise InvalidInput(error.message, field=field, remedy="store the file, then name it") from error
            await self.renderer.check_style(style, files)

    @activity.defn
    async def keep_plan(self, plan: RenderPlan) -> KeptPlan:
        """Puts the plan into the media store, from where all other steps read it. Raises `InvalidInput` where another
        timeline was approved."""
        stored = await self.media.put_bytes(plan.require_approved().model_dump_json().encode(), "application/json")
        return KeptPlan(content_id=plan.content_id, plan=stored)

    @activity.defn
    async def mix_sound(self, given: GivenPlan) -> Soundtrack:
        """Narration over ducked music at delivery loudness."""
        plan = await self._local.plan(given)

        async def make() -> Made[Soundtrack]:
            async with self._local.workdir() as folder, beating("mixing sound") as progress:
                files = await self._local.fetch(folder, *sounds_of(plan))
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
                found=mixed.found,
            )
            return Made(soundtrack, (audio, encoded))

        # Only what is audible: another picture, heading or colour does not mix the sound again.
        material, style = plan.material, plan.style
        heard = [*material.narrations, material.music, [scene.index for scene in material.story.scenes]]
        pace = [plan.seed, style.fps, style.brand.intro, style.brand.outro]
        key = effect_key(plan.content_id, "sound", *heard, pace, *clips_heard(plan))
        return (await once(self.catalog, key, make, Soundtrack, content_id=plan.content_id, step="sound")).result

    @activity.defn
    async def plan_render(self, given: GivenPlan) -> RenderCut:
        """Checks the material, cuts every format into segments, and returns which are made already and what is left to
        do. Material that cannot be used fails here, before an encoder runs."""
        plan = await self._local.plan(given)
        async with self._local.workdir() as folder, beating("planning the render") as progress:
            files = await self._local.fetch(folder, *pictures_of(plan))
            notes = await self.renderer.look(plan, files, folder, progress)
            stored = given.plan if isinstance(given, KeptPlan) else (await self.keep_plan(plan)).plan
            cuts = [await self.renderer.cut(plan, format, files) for format in plan.formats]
            segments = {segment.digest: segment for cut in cuts for segment in cut.segments}
            known = [await self._segments.known(plan.content_id, segment) for segment in segments.values()]
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
            plan = await self._local.plan(task.plan)
            for part in by_name(task.cut):
                done = sum(file.frames for file in files)
                files += await self._segments.make(plan, part, _within(progress, done, part.frames, task.cut.frames))
        return SegmentFiles(files=tuple(files))

    @activity.defn
    async def join_format(self, job: JoinJob) -> RenderedVideo:
        """One finished video file out of its segments and the soundtrack."""
        plan = await self._local.plan(job.plan)
        async with beating(f"checking the segments of {job.format}") as progress:
            checked = await self._segments.checked(plan, job.format, job.segments, progress)
        segments = [segment.file for segment in checked]
        # The marked file is the file: what is inspected, reviewed and posted.
        mark = video_mark(plan.material) if self.marker else None

        async def make() -> Made[RenderedVideo]:
            async with self._local.workdir() as folder, beating(f"joining {job.format.value}") as progress:
                paths = await self._segments.fetch(plan, job.format, segments, folder, progress)
                parts = [(path, segment.frames) for path, segment in zip(paths, segments, strict=True)]
                [sound] = (await self._local.fetch(folder, job.soundtrack.delivered)).values()
                encoded = await self.renderer.join(plan, job.format, parts, sound, folder, progress)
                path = await marked(self.marker, encoded.path, "video/mp4", mark)
                file = await self.media.put(path, "video/mp4")
            video = RenderedVideo(
                format=job.format,
                file=file,
                width=encoded.width,
                height=encoded.height,
                fps=encoded.fps,
                frames=encoded.frames,
                duration_s=encoded.duration_s,
            )
            noted = Noted(kind="video", file=file, format=job.format.value, made_of=parts_of(plan))
            return Made(video, (file,), noted=(noted,))

        digests = [segment.file.sha256 for segment in segments]
        made_of = [job.format.value, digests, job.soundtrack.delivered.sha256]
        key = await key_of(self.catalog, job.content_id, "render", made_of, [mark])
        return (await once(self.catalog, key, make, RenderedVideo, content_id=job.content_id, step="render")).result

    @activity.defn
    async def write_captions(self, given: GivenPlan) -> CaptionFiles:
        """SRT and VTT files."""
        plan = await self._local.plan(given)
        files = []
        async with self._local.workdir() as folder, beating("writing captions") as progress:
            tracks = await self.renderer.captions(plan, folder, await self._local.fetch(folder, *plan.style.font_files))
            for done, track in enumerate(tracks, 1):
                file = await self.media.put(track.path, CAPTION_TYPES[track.kind])
                files.append(CaptionFile(language=track.language, kind=track.kind, file=file))
                progress(done / len(tracks))
        return await kept_captions(self.catalog, plan.content_id, files)

    @activity.defn
    async def draw_thumbnails(self, job: DrawThumbnails) -> Thumbnails:
        """JPEGs of the format's size."""
        async with beating(f"drawing thumbnails {job.format}"):
            return await self._stills.thumbnails(await self._local.plan(job.plan), job.format)

    @activity.defn
    async def draw_pictures(self, job: DrawPictures) -> PostPictures:
        """The pictures of a picture post, in its order, with their alternative texts."""
        async with beating(f"drawing pictures {job.order.format}"):
            return await self._stills.pictures(await self._local.plan(job.plan), job)

    @activity.defn
    async def package_hls(self, job: PackageHls) -> HlsPackage:
        """A streaming ladder of a finished video: its files in the media store, and a manifest that names them."""

        plan = await self._local.plan(job.plan)

        async def make() -> Made[HlsPackage]:
            format = job.video.format
            async with self._local.workdir() as folder, beating(f"packaging {format} for HLS") as progress:
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
                dash=next((file.name for file in files if file.name.endswith(".mpd")), ""),
            )
            return Made(package, (package.manifest, *(file.file for file in files)))

        key = effect_key(job.content_id, "hls", job.video.file.sha256, *(["dash"] if plan.style.dash else []))
        return (await once(self.catalog, key, make, HlsPackage, content_id=job.content_id, step="render")).result

    @activity.defn
    async def inspect_video(self, job: InspectJob) -> Inspection:
        """Measures the file as delivered; a file that is not as planned raises `RenderFailed`. What was found on its
        segments while they were made is not measured again."""
        async with self._local.workdir() as folder, beating(f"inspecting {job.video.format.value}") as progress:
            plan, format = await self._local.plan(job.plan), job.video.format
            path = await self.media.fetch(job.video.file, folder / "video.mp4")
            render = RenderJob(plan=plan, format=format, soundtrack=job.soundtrack)
            checked = await self._segments.checked(plan, format, job.segments, progress)
            findings = [segment.findings for segment in checked if segment.findings]
            if not findings:
                return await self.renderer.inspect(render, path, progress)
            return await self.renderer.inspect(render, path, progress, findings)


def _within(progress: Progress, done: int, frames: int, total: int) -> Progress:
    """The progress of `frames` frames after `done` others as that of all of them."""
    return lambda share: progress((done + frames * share) / total)
