"""What a render delivers: the files of a content, and how far it has come. Without what they are made from: a command
that shows a content's state needs none of that."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, get_args

from pydantic import Field

from ..assets import AssetRef
from ..base import Grown, Model
from ..formats import VideoFormat


class RenderedVideo(Model):
    """One delivered file."""

    format: VideoFormat
    file: AssetRef
    width: int
    height: int
    fps: int
    frames: int
    duration_s: float


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
    notes: tuple[str, ...] = ()
    """What is not as it should be and could not be otherwise, a line each for people."""


class CaptionFile(Model):
    """A caption track. `kind` is `srt` or `vtt`."""

    language: str
    kind: Literal["srt", "vtt"]
    file: AssetRef


ThumbnailVariant = Literal["text", "frame", "brand"]
VARIANTS: tuple[ThumbnailVariant, ...] = get_args(ThumbnailVariant)
"""The title beside the strongest picture's subject; a close-up of it with the stressed word or number; a panel in the
brand's accent beside a picture. The first is for posts."""


class Thumbnail(Model):
    """A still to show for the video. Of each format the first in a row is the one that goes with posts."""

    format: VideoFormat
    file: AssetRef
    width: int
    height: int
    variant: ThumbnailVariant = "text"


class HlsFile(Model):
    """One file of an HLS package; `name` is what its playlists call it."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+\.(m3u8|mpd|m4s|mp4)$")]
    file: AssetRef


class HlsManifest(Model):
    """All files of an HLS package. It lies in the media store: ten minutes are hundreds of files."""

    files: tuple[HlsFile, ...]


class HlsPackage(Grown, Model):
    """One format for HTTP Live Streaming: where its `HlsManifest` is, the name of the playlist to open, the pictures'
    sizes, the largest first, and how many bytes there are in all its files. `dash` is the name of the DASH manifest
    over the same segments; empty without one."""

    added: ClassVar[frozenset[str]] = frozenset({"dash"})

    format: VideoFormat
    manifest: AssetRef
    master: str
    sizes: tuple[tuple[int, int], ...]
    bytes: int
    dash: str = ""


class RenderedContent(Model):
    """All files of one content, and the notes about them."""

    videos: tuple[RenderedVideo, ...]
    captions: tuple[CaptionFile, ...]
    thumbnails: tuple[Thumbnail, ...]
    inspections: tuple[Inspection, ...] = ()
    hls: tuple[HlsPackage, ...] = ()
    notes: tuple[str, ...] = ()


class RenderProgress(Model):
    """How far a render is: `done` of `total` frames-times-pixels are encoded; `running` is what each task under way
    weighs, by the title its heartbeats carry."""

    done: int
    total: int
    running: dict[str, int] = Field(default_factory=dict)
