"""The renderer that runs on this machine: `LocalRenderer`, the port `domain.ports.Renderer`."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from reelwright.domain.explain import explain
from reelwright.domain.formats import FPS, VideoFormat
from reelwright.domain.ports import EncodedVideo, MixedSound, Progress
from reelwright.domain.video import Inspection, RenderJob, RenderPlan

from .captions import caption_cues
from .encode import EncodeSettings
from .jobs import ChildJob
from .layout import LAYOUTS
from .process import make_scratch, run_child
from .subtitles import srt, vtt
from .timeline import build_timeline
from .trouble import writing


class LocalRenderer:
    """Renders with OpenCV, libx264 and FFmpeg on the CPU, each call in a process of its own.

    One x264 thread by default: formats are rendered side by side, which uses two cores better than threads do.
    Errors: `InvalidInput` (the plan), `RenderFailed` (a file or the encoder), `OutOfSpace` (the disk or `workdir`).
    """

    def __init__(self, threads: int = 1, preset: str = "veryfast", crf: int = 20) -> None:
        try:
            self._settings = EncodeSettings(threads=threads, preset=preset, crf=crf)
        except ValidationError as error:
            raise explain(error) from error

    async def mix(self, plan: RenderPlan, files: Mapping[str, Path], workdir: Path, progress: Progress) -> MixedSound:
        """Writes `soundtrack.flac`."""
        told = await self._run(progress, workdir, task="mix", plan=plan, files=_absolute(files))
        return MixedSound(Path(told["path"]), told["duration_s"], told["integrated_lufs"], told["true_peak_dbtp"])

    async def render(
        self, job: RenderJob, files: Mapping[str, Path], workdir: Path, progress: Progress
    ) -> EncodedVideo:
        """Writes `<format>.mp4`, for instance `16x9.mp4`."""
        told = await self._run(
            progress,
            workdir,
            task="video",
            plan=job.plan,
            files=_absolute(files),
            format=job.format,
            soundtrack=job.soundtrack,
        )
        width, height = job.format.size
        frames = int(told["frames"])
        return EncodedVideo(Path(told["path"]), width, height, FPS, frames, frames / FPS)

    async def captions(self, plan: RenderPlan, workdir: Path) -> Mapping[str, Path]:
        """Writes `captions.srt` and `captions.vtt`."""
        return await asyncio.to_thread(_write_captions, plan, workdir)

    async def thumbnail(self, plan: RenderPlan, format: VideoFormat, files: Mapping[str, Path], workdir: Path) -> Path:
        """Writes `thumbnail-<format>.jpg`."""
        told = await self._run(_ignore, workdir, task="thumbnail", plan=plan, files=_absolute(files), format=format)
        return Path(told["path"])

    async def inspect(self, job: RenderJob, video: Path) -> Inspection:
        """Measures a finished file."""
        told = await self._run(
            _ignore,
            # The video's own folder may be read-only.
            Path(tempfile.gettempdir()),
            task="inspect",
            plan=job.plan,
            format=job.format,
            soundtrack=job.soundtrack,
            video=video.resolve(),
        )
        return Inspection.model_validate(told)

    async def _run(self, progress: Progress, workdir: Path, **fields: Any) -> dict[str, Any]:
        workdir = workdir.resolve()
        job = ChildJob(workdir=workdir, scratch=make_scratch(workdir), settings=self._settings, **fields)
        return await run_child(job, progress)


def _absolute(files: Mapping[str, Path]) -> dict[str, Path]:
    return {sha256: path.resolve() for sha256, path in files.items()}


def _ignore(share: float) -> None:
    """Progress of steps too short to report."""


def _write_captions(plan: RenderPlan, workdir: Path) -> dict[str, Path]:
    # A player shows subtitles in its own type over a wide picture in most cases, so that format's lines are used.
    wide = VideoFormat.WIDE
    format = wide if wide in plan.formats or not plan.formats else plan.formats[0]
    cues = caption_cues(build_timeline(plan), LAYOUTS[format])
    texts = {"srt": srt(cues), "vtt": vtt(cues, language=plan.material.story.language)}
    made: dict[str, Path] = {}
    scratch = make_scratch(workdir)
    with writing(workdir, "writing the captions"):
        for kind, text in texts.items():
            part = scratch / kind
            part.write_text(text, encoding="utf-8", newline="\n")
            made[kind] = part.replace(workdir / f"captions.{kind}")
        scratch.rmdir()
    return made
