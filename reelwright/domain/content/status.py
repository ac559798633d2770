"""The answer of `status` and the content of the report."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from ..base import Grown, Model
from ..publishing.outcomes import PostResult
from ..publishing.platform_text import PlatformText
from .manifest import ReviewManifest
from .rendered import CaptionFile, HlsPackage, RenderedVideo, Thumbnail
from .stages import Stage as Stage


class ReviewWanted(Model):
    """An open question to a person. `artifact_sha256` names exactly what is to be judged.

    `reasons` are why a person must review although auto-approval was requested, or moderation's findings; with any, a
    decision must carry `artifact_sha256`. `note_effect` is what a revision with nothing but a note changes; `scenes` is
    the number of scenes; `pictures` what each scene's picture shows and how certain that is, one line per scene.

    `manifest` has the digests that `artifact_sha256` is made of, None in contents of earlier releases; `texts` are the
    posts' texts as they will be posted; `thumbnails` are the sha256 of those offered, in order. `own_pictures`: a
    revision may bring pictures for scenes. `approved_by` has approved, and another person must. `escalated` and
    `parked` say how far the wait has come.
    """

    artifact_sha256: str
    revision: int
    reasons: tuple[str, ...] = ()
    title: str = ""
    text: str = ""
    note_effect: str = ""
    scenes: int = 0
    pictures: tuple[str, ...] = ()
    manifest: ReviewManifest | None = None
    texts: tuple[PlatformText, ...] = ()
    thumbnails: tuple[str, ...] = ()
    own_pictures: bool = False
    approved_by: str = ""
    escalated: bool = False
    parked: bool = False


class BoardState(Grown, Model):
    """What a content's next run takes over of what people see: its cost in US dollars, steps and notes."""

    added: ClassVar[frozenset[str]] = frozenset({"made"})

    title: str = ""
    steps: dict[str, str] = Field(default_factory=dict)
    notes: tuple[str, ...] = ()
    usd: float = 0.0
    made: dict[str, int] = Field(default_factory=dict)


class PipelineStatus(Model):
    """A person's view of a running content. `percent` is 0 to 100 over the whole. `made` counts the pieces of those
    steps that are made of many: their lines in `steps` change with each piece."""

    content_id: str = Field(description="the content's id")
    stage: Stage = Field(description="where it is; from `done` on nothing more happens")
    percent: int = Field(description="0 to 100 over the whole")
    detail: str = Field(default="", description="what is being done or waited for")
    title: str = Field(default="", description="the title, once it is known")
    cost_usd: float = Field(default=0.0, description="what was spent so far, in US dollars")
    review: ReviewWanted | None = Field(default=None, description="the open question to a reviewer")
    steps: dict[str, str] = Field(default_factory=dict, description="each step's state, in words")
    made: dict[str, int] = Field(
        default_factory=dict, description="how many pieces of those steps are made that are made of many"
    )
    posts: tuple[PostResult, ...] = Field(default=(), description="the posts that have ended")
    notes: tuple[str, ...] = Field(default=(), description="what a person should know")
    error: str = Field(default="", description="why it failed")


class Cost(Model):
    """US dollars, in all and by step."""

    usd: float
    by_step: dict[str, float]


class ContentResult(Model):
    """How a content ended; the command line turns it into `report.json`. `status` is a final `Stage`."""

    content_id: str
    workflow_id: str
    status: Stage
    title: str = ""
    notice: str = ""
    reason: str = ""
    videos: tuple[RenderedVideo, ...] = ()
    captions: tuple[CaptionFile, ...] = ()
    thumbnails: tuple[Thumbnail, ...] = ()
    hls: tuple[HlsPackage, ...] = ()
    notes: tuple[str, ...] = ()
    posts: tuple[PostResult, ...] = ()
    cost: Cost = Cost(usd=0.0, by_step={})
