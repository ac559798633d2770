"""From material to files: what a render is asked for and what it answers."""

from __future__ import annotations

from typing import Literal

from .assets import AssetRef
from .base import Model
from .formats import VideoFormat
from .story import Material
from .style import RenderStyle


class Translation(Model):
    """The narration in another language, a text per scene, for caption files besides the spoken language's own."""

    language: str
    scenes: tuple[str, ...]


class RenderPlan(Model):
    """All that decides the pixels and the sound of one content's videos.

    `seed` feeds every choice that is left to chance, so that the same plan gives the same bytes.
    """

    content_id: str
    material: Material
    formats: tuple[VideoFormat, ...]
    seed: int = 0
    style: RenderStyle = RenderStyle()
    translations: tuple[Translation, ...] = ()
    pool: Literal["render", "gpu"] = "render"


class Soundtrack(Model):
    """The mix: stereo 48 kHz FLAC of exactly the timeline's length. Loudness in LUFS, peak in dBTP."""

    audio: AssetRef
    duration_s: float
    integrated_lufs: float
    true_peak_dbtp: float


class RenderJob(Model):
    """One format of a plan, with its soundtrack."""

    plan: RenderPlan
    format: VideoFormat
    soundtrack: Soundtrack


class RenderedVideo(Model):
    """One delivered file."""

    format: VideoFormat
    file: AssetRef
    width: int
    height: int
    fps: int
    frames: int
    duration_s: float


class InspectJob(Model):
    """What to measure, and the plan it has to agree with."""

    plan: RenderPlan
    video: RenderedVideo
    soundtrack: Soundtrack


class Inspection(Model):
    """What was measured on the finished file. A file that does not pass raises `RenderFailed` instead."""

    format: VideoFormat
    duration_s: float
    frames: int
    integrated_lufs: float
    true_peak_dbtp: float
    longest_silence_s: float
    black_s: float
    frozen_s: float


class CaptionFile(Model):
    """A caption track. `kind` is `srt` or `vtt`."""

    language: str
    kind: Literal["srt", "vtt"]
    file: AssetRef


class Thumbnail(Model):
    """A still to show for the video."""

    format: VideoFormat
    file: AssetRef
    width: int
    height: int


class RenderedContent(Model):
    """All files of one content."""

    videos: tuple[RenderedVideo, ...]
    captions: tuple[CaptionFile, ...]
    thumbnails: tuple[Thumbnail, ...]
    inspections: tuple[Inspection, ...] = ()
