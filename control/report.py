"""The report: one object, the same in `report.json` and on standard output with `--json`.

Its JSON Schema is docs/schemas/report.schema.json (`python -m starter.schemas` writes it). `schema_version` goes up
when a field changes its meaning or goes away; fields may be added without.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from reelwright.domain.assets import AssetRef
from reelwright.domain.content.status import ContentResult, Cost, Stage
from reelwright.domain.content.video import VARIANTS, HlsPackage, Thumbnail, ThumbnailVariant

SCHEMA_VERSION: Literal[1] = 1
REPORT = "report.json"

Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Path = Annotated[str, Field(description="relative to the report's own folder, which `folder` names")]


class Part(BaseModel):
    """A part of the report."""

    model_config = ConfigDict(frozen=True)


class VideoFile(Part):
    """One delivered video. Sizes in pixels and bytes, lengths in seconds."""

    format: str
    path: Path
    width: int
    height: int
    fps: int
    duration_s: float
    size: int
    sha256: Sha256


class CaptionTrack(Part):
    """One caption file."""

    language: str
    kind: Literal["srt", "vtt"]
    path: Path
    size: int
    sha256: Sha256


class Still(Part):
    """One thumbnail. The variant `text` is the one that goes with posts."""

    format: str
    variant: ThumbnailVariant
    path: Path
    width: int
    height: int
    size: int
    sha256: Sha256


class HlsFolder(Part):
    """One format for HTTP Live Streaming; `path` is the playlist to open, `dash` the DASH manifest over the same
    segments, `bytes` the size of all its files."""

    format: str
    path: Path
    sizes: tuple[str, ...]
    bytes: int
    dash: Annotated[str, Field(description="as `path`; empty without a DASH manifest")] = ""


class Post(Part):
    """One post. `status` is `posted` or `failed`, `error` the reason of a failure."""

    platform: str
    account: str
    status: str
    post_id: str
    url: str
    error: str = ""
    notes: tuple[str, ...] = ()


class SceneTime(Part):
    """One scene as it is narrated: its text, the start of its narration in the video and its length, in seconds; and
    the illustrator's reading of its picture, where there is one."""

    index: int
    text: str
    start_s: float
    duration_s: float
    picture: str = ""


class Review(Part):
    """Who decided what, and when. `artifact_sha256` names exactly what was judged."""

    decision: str
    reviewer: str
    note: str
    artifact_sha256: str
    decided_at: datetime


class Times(Part):
    """When the content was opened and closed, and when each step was last finished; as far as it is known."""

    opened: datetime | None = None
    closed: datetime | None = None
    steps: dict[str, datetime] = Field(default_factory=dict)


class Report(Part):
    """How a content ended, and where its files are. `status` is a final stage of the content, or how its run ended
    without one (`terminated`, `timed_out`, `lost`)."""

    schema_version: Literal[1] = SCHEMA_VERSION
    content_id: str
    workflow_id: str
    status: str
    title: str = ""
    notice: str = ""
    reason: str = ""
    folder: Annotated[str, Field(description="where the files were put, as seen from where the command ran")] = ""
    channel: str = ""
    channel_version: Annotated[int, Field(description="of the channel's configuration; 0 is none")] = 0
    language: str = ""
    request: Annotated[
        dict[str, Any] | None, Field(description="what was asked for, without names and passwords in addresses")
    ] = None
    times: Times = Times()
    reviews: tuple[Review, ...] = ()
    scenes: tuple[SceneTime, ...] = ()
    videos: tuple[VideoFile, ...] = ()
    captions: tuple[CaptionTrack, ...] = ()
    thumbnails: tuple[Still, ...] = ()
    hls: tuple[HlsFolder, ...] = ()
    posts: tuple[Post, ...] = ()
    notes: tuple[str, ...] = ()
    cost: Cost = Cost(usd=0.0, by_step={})


class Background(Part):
    """The report's data besides the result; every part of it may be unknown."""

    channel: str = ""
    channel_version: Annotated[int, Field(description="of the channel's configuration; 0 is none")] = 0
    language: str = ""
    request: dict[str, Any] | None = None
    times: Times = Times()
    reviews: tuple[Review, ...] = ()
    scenes: tuple[SceneTime, ...] = ()


def report_of(result: ContentResult, *, folder: str = "", background: Background | None = None) -> Report:
    """The report of a content that has a result."""
    return Report(
        **vars(background or Background()),
        content_id=result.content_id,
        workflow_id=result.workflow_id,
        status=result.status.value,
        title=result.title,
        notice=result.notice,
        reason=result.reason,
        folder=folder,
        videos=tuple(
            VideoFile(
                format=video.format.value, path=video_name(video.format.slug), width=video.width, height=video.height,
                fps=video.fps, duration_s=video.duration_s, **_bytes(video.file),
            )
            for video in result.videos
        ),
        captions=tuple(
            CaptionTrack(
                language=track.language, kind=track.kind, path=caption_name(track.language, track.kind),
                **_bytes(track.file),
            )
            for track in result.captions
        ),
        thumbnails=tuple(
            Still(
                format=image.format.value, variant=image.variant, path=thumbnail_name(image), width=image.width,
                height=image.height, **_bytes(image.file),
            )
            for image in result.thumbnails
        ),
        hls=tuple(
            HlsFolder(
                format=package.format.value, path=f"{hls_folder(package)}/{package.master}", bytes=package.bytes,
                sizes=tuple(f"{width}x{height}" for width, height in package.sizes),
                dash=f"{hls_folder(package)}/{package.dash}" if package.dash else "",
            )
            for package in result.hls
        ),
        posts=tuple(
            Post(
                platform=post.platform.value, account=post.account, status=post.status, post_id=post.post_id,
                url=post.url, error=post.error, notes=post.notes,
            )
            for post in result.posts
        ),
        notes=result.notes,
        cost=result.cost,
    )  # fmt: skip


def failure_report(
    content_id: str, workflow_id: str, reason: str, *, status: str = Stage.FAILED, background: Background | None = None
) -> Report:
    """The same object when there is nothing but a reason."""
    return Report(
        **vars(background or Background()),
        content_id=content_id,
        workflow_id=workflow_id,
        status=str(status),
        reason=reason,
    )


def video_name(slug: str) -> str:
    """The file name of a format's video."""
    return f"video-{slug}.mp4"


def caption_name(language: str, kind: str) -> str:
    """The file name of a caption track."""
    return f"captions.{language}.{kind}"


def thumbnail_name(image: Thumbnail) -> str:
    """The file name of a thumbnail; the one for posts has the plain name."""
    which = "" if image.variant == VARIANTS[0] else f"-{image.variant}"
    return f"thumbnail-{image.format.slug}{which}.jpg"


def hls_folder(package: HlsPackage) -> str:
    """The folder of a streaming package."""
    return f"hls-{package.format.slug}"


def _bytes(file: AssetRef) -> dict[str, Any]:
    return {"size": file.size, "sha256": file.sha256}
