"""From material to files: what a render is asked for and what it answers."""

from __future__ import annotations

from typing import Literal

from .assets import AssetRef
from .base import Model
from .formats import VideoFormat
from .story import Material
from .style import RenderStyle

DRAFT_SCALE = 2
"""A draft has half the width and half the height: a quarter of the pixels to compose and to encode."""
_SMALLEST_SIDE, _LARGEST_SIDE = 240, 3840


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

    def canvas(self, format: VideoFormat) -> VideoFormat:
        """The picture that is really drawn for a format: the format itself, or half its size in a draft."""
        if self.style.preset != "draft":
            return format
        width, height = (_half(side) for side in format.size)
        return VideoFormat(f"{width}x{height}")


def _half(side: int) -> int:
    # Even, as 4:2:0 wants it, and within what a custom format may be.
    return min(max(2 * round(side / DRAFT_SCALE / 2), _SMALLEST_SIDE), _LARGEST_SIDE)


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


class Segment(Model):
    """A run of `frames` frames from frame `first` on that is encoded by itself.

    `digest` is over all that decides its pixels and its bits, counted from its own beginning: it stays the same when
    only its place in the video changes. `name` is what people see ("scene 3"); `scenes` are the indices of the scenes
    whose pictures are seen in it, two in a transition, none in a card.
    """

    digest: str
    first: int
    frames: int
    name: str
    scenes: tuple[int, ...] = ()


class FormatCut(Model):
    """Segments of one format in order; all of them, without gaps, or those that are to be made.

    `toolchain` is a digest over versions and encoder settings: only segments of one toolchain can be joined.
    """

    format: VideoFormat
    toolchain: str
    segments: tuple[Segment, ...]

    @property
    def frames(self) -> int:
        """How many frames there are in them."""
        return sum(segment.frames for segment in self.segments)

    @property
    def title(self) -> str:
        """For people: "16:9 scene 3", or "16:9 scene 3 to scene 5"."""
        names = [self.segments[0].name, self.segments[-1].name]
        return f"{self.format} {' to '.join(dict.fromkeys(names))}"


class SegmentFile(Model):
    """One encoded segment in the media store: pictures only, an MP4."""

    digest: str
    frames: int
    file: AssetRef


class SegmentTask(Model):
    """The work of one activity: segments that are still to be made. The plan is in the media store, because it would
    weigh down the history of a long video if every task carried it."""

    content_id: str
    plan: AssetRef
    cut: FormatCut


class SegmentFiles(Model):
    """What came of a task."""

    files: tuple[SegmentFile, ...]


class FormatOrder(Model):
    """The segments of one format by digest, in order."""

    format: VideoFormat
    digests: tuple[str, ...]


class RenderCut(Model):
    """A plan, cut up: the order of every format's segments, those that exist already, and the tasks that make the
    others, longest first."""

    plan: AssetRef
    orders: tuple[FormatOrder, ...]
    made: tuple[SegmentFile, ...]
    tasks: tuple[SegmentTask, ...]


class JoinJob(Model):
    """One format's segments in order and its soundtrack, to become one file."""

    content_id: str
    plan: AssetRef
    format: VideoFormat
    segments: tuple[SegmentFile, ...]
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
