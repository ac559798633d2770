"""A renderer that answers at once, and counts what was asked of it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal

from reelwright.domain.content.style import RenderStyle
from reelwright.domain.content.video import (
    VARIANTS,
    FormatCut,
    Inspection,
    RenderJob,
    RenderPlan,
    Segment,
    ThumbnailVariant,
)
from reelwright.domain.errors import RenderFailed
from reelwright.domain.formats import FPS, VideoFormat
from reelwright.domain.ids import sha256_of
from reelwright.domain.ports.rendering import TOOLCHAIN_FIELD, EncodedVideo, MixedSound, WrittenCaptions, WrittenHls
from reelwright.render.plan.preflight import check_style
from reelwright.render.text.preferred import NO_FILES


class FakeRenderer:
    """Writes files that say what they would have been. A scene's segments are what its text and its picture are.

    `fail` fails every segment; `fail_once` those of the named scenes, or the next one (`*`), once; `hold` keeps a
    segment until it is set.
    """

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.fail: Exception | None = None
        self.fail_once: dict[str, Exception] = {}
        self.hold: asyncio.Event | None = None
        self.cancelled = 0
        self.toolchain = "t"
        self.unusable: Exception | None = None
        self.notes: list[str] = []
        self.sound_notes: list[str] = []

    async def check_style(self, style: RenderStyle, files: Mapping[str, Path]) -> None:
        self.calls["check_style"] += 1
        check_style(style, files)

    async def mix(
        self, plan: RenderPlan, files: Mapping[str, Path], workdir: Path, progress: Callable[[float], None]
    ) -> MixedSound:
        self.calls["mix"] += 1
        path = workdir / "mix.flac"
        path.write_bytes(b"".join(files[n.audio.sha256].read_bytes() for n in plan.material.narrations))
        levels = {"integrated_lufs": -14.0, "true_peak_dbtp": -1.5}
        encoded = path.with_suffix(".m4a")
        encoded.write_bytes(b"aac" + path.read_bytes())
        return MixedSound(path=path, encoded=encoded, duration_s=1.0, **levels, notes=tuple(self.sound_notes))

    async def cut(self, plan: RenderPlan, format: VideoFormat, files: Mapping[str, Path] = NO_FILES) -> FormatCut:
        self.calls["cut"] += 1
        pictures = {picture.scene: picture.image.sha256 for picture in plan.material.pictures}
        segments = [
            Segment(
                digest=sha256_of([self.toolchain, format, plan.style.preset, scene.text, pictures[scene.index]]),
                first=30 * place,
                frames=30 + place,
                name=f"scene {scene.index + 1}",
                scenes=(scene.index,),
            )
            for place, scene in enumerate(plan.material.story.scenes)
        ]
        return FormatCut(format=format, toolchain=self.toolchain, segments=tuple(segments))

    async def segments(
        self,
        plan: RenderPlan,
        cut: FormatCut,
        files: Mapping[str, Path],
        workdir: Path,
        progress: Callable[[float], None],
    ) -> Mapping[str, Path]:
        if cut.toolchain != self.toolchain:
            raise RenderFailed("another build", field=TOOLCHAIN_FIELD)
        self.calls[f"segment {cut.title}"] += 1
        progress(0.5)
        try:
            if self.hold is not None:
                await self.hold.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        failure = self.fail or self.fail_once.pop(cut.segments[0].name, None) or self.fail_once.pop("*", None)
        if failure:
            raise failure
        made = {}
        for segment in cut.segments:
            assert all(plan.material.pictures[scene].image.sha256 in files for scene in segment.scenes)
            made[segment.digest] = workdir / segment.digest
            made[segment.digest].write_text(f"{cut.title} {segment.digest}\n")
        return made

    async def join(
        self,
        plan: RenderPlan,
        format: VideoFormat,
        parts: Sequence[tuple[Path, int]],
        sound: Path,
        workdir: Path,
        progress: Callable[[float], None],
    ) -> EncodedVideo:
        self.calls[f"render {format.value}"] += 1
        path = workdir / "video.mp4"
        path.write_bytes(b"".join(part.read_bytes() for part, _ in parts) + plan.content_id.encode() * 100)
        width, height = format.size
        return EncodedVideo(path=path, width=width, height=height, fps=FPS, frames=30, duration_s=1.0)

    async def captions(
        self, plan: RenderPlan, workdir: Path, files: Mapping[str, Path] = NO_FILES
    ) -> list[WrittenCaptions]:
        kinds: tuple[Literal["srt", "vtt"], ...] = ("srt", "vtt")
        for kind in kinds:
            (workdir / f"c.{kind}").write_text(kind)
        languages = [plan.material.story.language, *(translation.language for translation in plan.translations)]
        return [WrittenCaptions(language, kind, workdir / f"c.{kind}") for language in languages for kind in kinds]

    async def thumbnails(
        self, plan: RenderPlan, format: VideoFormat, files: Mapping[str, Path], workdir: Path
    ) -> Mapping[ThumbnailVariant, Path]:
        paths = {variant: workdir / f"{variant}.jpg" for variant in VARIANTS}
        for variant, path in paths.items():
            path.write_text(f"{format} {variant}")
        return paths

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
        self.calls[f"pictures {','.join(map(str, scenes))}"] += 1
        assert set(own) <= set(files)
        texts = [*(f"picture {scene}" for scene in scenes), *(f"own picture {sha256}" for sha256 in own)]
        paths = [workdir / f"{number}.jpg" for number in range(len(texts))]
        for path, text in zip(paths, texts, strict=True):
            path.write_text(text)
        return paths

    async def hls(self, plan: RenderPlan, video: Path, workdir: Path, progress: Callable[[float], None]) -> WrittenHls:
        self.calls["hls"] += 1
        files = [workdir / name for name in ("master.m3u8", "1080p.m3u8", "1080p-0000.m4s")]
        for path in files:
            path.write_bytes(path.name.encode() + video.read_bytes())
        return WrittenHls(files, "master.m3u8", ((1920, 1080),))

    async def look(
        self, plan: RenderPlan, files: Mapping[str, Path], workdir: Path, progress: Callable[[float], None]
    ) -> list[str]:
        self.calls["look"] += 1
        if self.unusable:
            raise self.unusable
        assert all(picture.image.sha256 in files for picture in plan.material.pictures)
        return list(self.notes)

    async def inspect(self, job: RenderJob, video: Path, progress: Callable[[float], None]) -> Inspection:
        self.calls["inspect"] += 1
        return Inspection(
            format=job.format,
            duration_s=1.0,
            frames=30,
            integrated_lufs=-14.0,
            true_peak_dbtp=-1.5,
            longest_silence_s=0.0,
            black_s=0.0,
            frozen_s=0.0,
        )
