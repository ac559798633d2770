"""The port of the renderer: scenes in, files and measurements out. As in `making`, all calls are coroutines, and errors
are those of `domain.errors`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from ..content.findings import SegmentFindings, SoundFindings
from ..content.style import RenderStyle
from ..content.video import FormatCut, Inspection, RenderJob, RenderPlan, SegmentFile, ThumbnailVariant
from ..formats import VideoFormat

Progress = Callable[[float], None]
"""Called with the progress of a long step, 0.0 to 1.0. Safe to call from any thread."""


@dataclass(frozen=True)
class MixedSound:
    """A mixed soundtrack: the mix itself, the same as it is delivered (AAC in MP4), its measured loudness, and what was
    mended in it."""

    path: Path
    encoded: Path
    duration_s: float
    integrated_lufs: float
    true_peak_dbtp: float
    notes: tuple[str, ...] = ()
    found: SoundFindings | None = None
    """What was measured on `encoded`."""


@dataclass(frozen=True)
class EncodedVideo:
    """A finished video file."""

    path: Path
    width: int
    height: int
    fps: int
    frames: int
    duration_s: float


@dataclass(frozen=True)
class WrittenCaptions:
    """A caption file in one language."""

    language: str
    kind: Literal["srt", "vtt"]
    path: Path


@dataclass(frozen=True)
class WrittenHls:
    """An HLS package: its files, of which `master` is the name of the playlist to open, and the pictures' sizes."""

    files: Sequence[Path]
    master: str
    sizes: tuple[tuple[int, int], ...]


TOOLCHAIN_FIELD = "render worker"
"""The field of the error by which a worker refuses segments that were planned by another build of it."""


class Renderer(Protocol):
    """Scenes in, files and measurements out. `files` maps each `AssetRef.sha256` of the plan to a local file;
    results are written into `workdir`. A cancelled call ends its processes before it returns."""

    async def check_style(self, style: RenderStyle, files: Mapping[str, Path]) -> None:
        """Opens the files a style names and looks for its font families, before there is any material. Raises
        `InvalidInput` or `RenderFailed` naming the field."""
        ...

    async def look(
        self, plan: RenderPlan, files: Mapping[str, Path], workdir: Path, progress: Progress
    ) -> Sequence[str]:
        """Opens all pictures and reads all words before anything is spent on them. The lines are for people: what is
        mended on the way. What cannot be mended raises `InvalidInput` or `RenderFailed` naming scene and field."""
        ...

    async def mix(
        self, plan: RenderPlan, files: Mapping[str, Path], workdir: Path, progress: Progress
    ) -> MixedSound: ...

    async def cut(self, plan: RenderPlan, format: VideoFormat, files: Mapping[str, Path] = ...) -> FormatCut:
        """One format's segments. Light: pure arithmetic and the measuring of text, no picture is opened. Of `files`
        only the style's fonts are needed."""
        ...

    async def segments(
        self, plan: RenderPlan, cut: FormatCut, files: Mapping[str, Path], workdir: Path, progress: Progress
    ) -> Mapping[str, Path]:
        """Encodes the segments of `cut`; the files by digest. Beside each is its `SegmentFindings`, a file of the same
        name with the ending `.json`. Raises `RenderFailed` (field `TOOLCHAIN_FIELD`) when
        `cut` was made with other versions or encoder settings than this renderer's."""
        ...

    async def join(
        self,
        plan: RenderPlan,
        format: VideoFormat,
        parts: Sequence[tuple[Path, int]],
        sound: Path,
        workdir: Path,
        progress: Progress,
    ) -> EncodedVideo:
        """The segments (each with its number of frames, in order) and the sound as one file, nothing re-encoded."""
        ...

    async def captions(
        self, plan: RenderPlan, workdir: Path, files: Mapping[str, Path] = ...
    ) -> Sequence[WrittenCaptions]:
        """Both kinds of file for the spoken language and for each translation of the plan. Of `files` only the style's
        fonts are needed."""
        ...

    async def thumbnails(
        self, plan: RenderPlan, format: VideoFormat, files: Mapping[str, Path], workdir: Path
    ) -> Mapping[ThumbnailVariant, Path]:
        """A JPEG under 2 MB of every variant, the one for posts first."""
        ...

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
        """A baseline JPEG of the format's size for each of the scenes (by index), with its card's text, then for each
        of the user's own pictures (by sha256)."""
        ...

    async def hls(self, plan: RenderPlan, video: Path, workdir: Path, progress: Progress) -> WrittenHls:
        """A streaming ladder of a finished video, opened again and checked."""
        ...

    async def inspect(
        self, job: RenderJob, video: Path, progress: Progress, findings: Sequence[SegmentFindings] = ()
    ) -> Inspection:
        """Opens and measures the finished file; raises `RenderFailed` with the reason when it is not as planned. With
        the `findings` on its segments, in order, it is not decoded: its packets must be the ones they are of."""
        ...

    async def inspect_segment(
        self, plan: RenderPlan, format: VideoFormat, segment: SegmentFile, path: Path, progress: Progress
    ) -> SegmentFindings:
        """Decodes the file of a segment whose findings are lost; raises `RenderFailed` where it is not that segment."""
        ...
