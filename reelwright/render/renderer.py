"""The renderer that runs on this machine: `LocalRenderer`, the port `domain.ports.Renderer`."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from pydantic import ValidationError

from reelwright.domain.content.findings import SegmentFindings, SoundFindings
from reelwright.domain.content.style import RenderStyle
from reelwright.domain.content.video import (
    VARIANTS,
    FormatCut,
    Inspection,
    RenderJob,
    RenderPlan,
    Segment,
    SegmentFile,
    ThumbnailVariant,
)
from reelwright.domain.errors import RenderFailed
from reelwright.domain.explain import explain
from reelwright.domain.formats import VideoFormat
from reelwright.domain.ports.rendering import (
    TOOLCHAIN_FIELD,
    EncodedVideo,
    MixedSound,
    Progress,
    WrittenCaptions,
    WrittenHls,
)

from .captions.subtitles import write_all
from .encode.encoders import EncodeSettings, find_encoder
from .encode.segments import cut_format, toolchain
from .process.jobs import ChildJob
from .process.parent import Children, make_scratch
from .text.preferred import NO_FILES, family_digests


def _ignore(share: float) -> None:
    """Progress of steps too short to report."""


class LocalRenderer:
    """Renders with OpenCV and FFmpeg's libraries, each call in a process that does nothing else meanwhile.

    One x264 thread by default: segments are encoded side by side, which uses the cores better than threads do.
    `threads`, `preset` and `crf` hold for the style preset `standard`; `encoder` is one of `encoders.CHOICES`.
    `async with` keeps the processes for the next call and ends them at last; without it each call has a new one.
    Errors: `InvalidInput` (the plan, the encoder), `RenderFailed` (a file or the encoding), `OutOfSpace` (the disk
    or `workdir`).
    """

    def __init__(self, threads: int = 1, preset: str = "veryfast", crf: int = 20, encoder: str = "x264") -> None:
        try:
            self._settings = EncodeSettings(threads=threads, preset=preset, crf=crf)
        except ValidationError as error:
            raise explain(error) from error
        self._encoder = encoder
        self._children = Children()
        self.inspecting_s = 0.0
        """Seconds of a processor that inspection has taken so far, in all calls together."""

    async def __aenter__(self) -> Self:
        self._children.keep = True
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._children.close()

    async def check(self) -> str:
        """The encoder that is used. Raises `InvalidInput` when the configured one does not work here."""
        return await asyncio.to_thread(find_encoder, self._encoder)

    async def check_style(self, style: RenderStyle, files: Mapping[str, Path]) -> None:
        """Opens the look-up table, the logo and the fonts."""
        from .plan.preflight import check_style  # here, because it loads what otherwise only the child processes load

        await asyncio.to_thread(check_style, style, files)

    async def look(
        self, plan: RenderPlan, files: Mapping[str, Path], workdir: Path, progress: Progress
    ) -> Sequence[str]:
        """What is mended in the plan's pictures, words and texts."""
        told = await self._run(progress, workdir, task="look", plan=plan, files=_absolute(files))
        return tuple(told["notes"])

    async def mix(self, plan: RenderPlan, files: Mapping[str, Path], workdir: Path, progress: Progress) -> MixedSound:
        """Writes `soundtrack.flac` and `soundtrack.m4a`."""
        told = await self._run(progress, workdir, task="mix", plan=plan, files=_absolute(files))
        levels = told["integrated_lufs"], told["true_peak_dbtp"]
        found = SoundFindings.model_validate(told["found"])
        return MixedSound(
            Path(told["path"]), Path(told["encoded"]), told["duration_s"], *levels, tuple(told["notes"]), found
        )

    async def cut(self, plan: RenderPlan, format: VideoFormat, files: Mapping[str, Path] = NO_FILES) -> FormatCut:
        """One format's segments, named by all that decides them."""
        settings = await self._settings_here()
        return await asyncio.to_thread(cut_format, plan, format, settings, files)

    async def segments(
        self, plan: RenderPlan, cut: FormatCut, files: Mapping[str, Path], workdir: Path, progress: Progress
    ) -> Mapping[str, Path]:
        """Writes `<digest>.mp4` and `<digest>.json` for each segment of `cut`."""
        settings = (await self._settings_here()).styled(plan.style)
        if toolchain(settings, family_digests(plan.style.families)) != cut.toolchain:
            raise RenderFailed(
                "this worker's build or encoder is not the one these segments were planned with",
                field=TOOLCHAIN_FIELD,
                remedy="give all render workers the same build and the same REELWRIGHT_ENCODER settings",
            )
        told = await self._run(
            progress,
            workdir,
            task="segments",
            plan=plan,
            format=cut.format,
            files=_absolute(files),
            segments=cut.segments,
            settings=settings,
        )
        self.inspecting_s += told["inspecting_s"]
        return {digest: Path(path) for digest, path in told["paths"].items()}

    async def join(
        self,
        plan: RenderPlan,
        format: VideoFormat,
        parts: Sequence[tuple[Path, int]],
        sound: Path,
        workdir: Path,
        progress: Progress,
    ) -> EncodedVideo:
        """Writes `<format>.mp4`, for instance `16x9.mp4`, out of segments and sound."""
        told = await self._run(
            progress,
            workdir,
            task="join",
            plan=plan,
            format=format,
            parts=tuple((path.resolve(), frames) for path, frames in parts),
            sound=sound.resolve(),
            settings=self._settings.styled(plan.style),
        )
        return _encoded(plan, format, told)

    async def render(
        self, job: RenderJob, files: Mapping[str, Path], workdir: Path, progress: Progress
    ) -> EncodedVideo:
        """Writes `<format>.mp4` in one process: the same bytes as `segments` and `join`, without the detour."""
        settings = await self._settings_here()
        parts = await asyncio.to_thread(cut_format, job.plan, job.format, settings, files)
        told = await self._run(
            progress,
            workdir,
            task="video",
            plan=job.plan,
            files=_absolute(files),
            format=job.format,
            soundtrack=job.soundtrack,
            segments=parts.segments,
            settings=settings.styled(job.plan.style),
        )
        return _encoded(job.plan, job.format, told)

    async def captions(
        self, plan: RenderPlan, workdir: Path, files: Mapping[str, Path] = NO_FILES
    ) -> Sequence[WrittenCaptions]:
        """Writes `captions.<language>.srt` and `.vtt`."""
        written = await asyncio.to_thread(write_all, plan, workdir, files)
        return [WrittenCaptions(file.language, file.kind, file.path) for file in written]

    async def thumbnails(
        self, plan: RenderPlan, format: VideoFormat, files: Mapping[str, Path], workdir: Path
    ) -> Mapping[ThumbnailVariant, Path]:
        """Writes `thumbnail-<format>-<variant>.jpg`."""
        told = await self._run(_ignore, workdir, task="thumbnails", plan=plan, files=_absolute(files), format=format)
        return {variant: Path(told[variant]) for variant in VARIANTS}

    async def pictures(
        self,
        plan: RenderPlan,
        format: VideoFormat,
        scenes: Sequence[int],
        own: Sequence[str],
        files: Mapping[str, Path],
        workdir: Path,
        *,
        most_bytes: int,
    ) -> Sequence[Path]:
        """Writes `picture-<number>.jpg`."""
        told = await self._run(
            _ignore,
            workdir,
            task="pictures",
            plan=plan,
            files=_absolute(files),
            format=format,
            scenes=tuple(scenes),
            own=tuple(own),
            most_bytes=most_bytes,
        )
        return [Path(path) for path in told["files"]]

    async def hls(self, plan: RenderPlan, video: Path, workdir: Path, progress: Progress) -> WrittenHls:
        """Writes the folder `hls`."""
        told = await self._run(progress, workdir, task="hls", plan=plan, video=video.resolve())
        sizes = tuple((width, height) for width, height in told["sizes"])
        return WrittenHls([Path(path) for path in told["files"]], told["master"], sizes)

    async def inspect(
        self,
        job: RenderJob,
        video: Path,
        progress: Progress = _ignore,
        findings: Sequence[SegmentFindings] = (),
    ) -> Inspection:
        """Measures a finished file."""
        told = await self._run(
            progress,
            # The video's own folder may be read-only.
            Path(tempfile.gettempdir()),
            task="inspect",
            plan=job.plan,
            format=job.format,
            soundtrack=job.soundtrack,
            video=video.resolve(),
            findings=tuple(findings),
        )
        self.inspecting_s += told["inspecting_s"]
        return Inspection.model_validate({**told["inspection"], "format": job.format})

    async def inspect_segment(
        self, plan: RenderPlan, format: VideoFormat, segment: SegmentFile, path: Path, progress: Progress = _ignore
    ) -> SegmentFindings:
        """Decodes a segment's file."""
        wanted = Segment(digest=segment.digest, first=0, frames=segment.frames, name="")
        told = await self._run(
            progress,
            Path(tempfile.gettempdir()),
            task="inspect segment",
            plan=plan,
            format=format,
            segments=(wanted,),
            video=path.resolve(),
        )
        self.inspecting_s += told["inspecting_s"]
        return SegmentFindings.model_validate(told["findings"])

    async def _settings_here(self) -> EncodeSettings:
        return self._settings.model_copy(update={"encoder": await self.check()})

    async def _run(self, progress: Progress, workdir: Path, **fields: Any) -> dict[str, Any]:
        workdir = workdir.resolve()
        job = ChildJob(workdir=workdir, scratch=make_scratch(workdir), **fields)
        return await self._children.run(job, progress)


def _encoded(plan: RenderPlan, format: VideoFormat, told: Mapping[str, Any]) -> EncodedVideo:
    width, height = plan.canvas(format).size
    frames, fps = int(told["frames"]), plan.style.fps
    return EncodedVideo(Path(told["path"]), width, height, fps, frames, frames / fps)


def _absolute(files: Mapping[str, Path]) -> dict[str, Path]:
    return {sha256: path.resolve() for sha256, path in files.items()}
