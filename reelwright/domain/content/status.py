"""What `status` answers and what the report says."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from ..base import Model
from ..publishing.posting import PostResult
from .video import CaptionFile, HlsPackage, RenderedVideo, Thumbnail


class Stage(StrEnum):
    """Where a content is, in the order of the process; the final ones come last.

    `incomplete` has all its files, but not every post that was asked for.
    """

    ACCEPTED = "accepted"
    WRITING = "writing"
    MODERATION = "moderation"
    MATERIAL = "material"
    REVIEW = "review"
    RENDERING = "rendering"
    PUBLISHING = "publishing"
    DONE = "done"
    INCOMPLETE = "incomplete"
    REJECTED = "rejected"
    BLOCKED = "blocked"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        """Whether nothing more will happen."""
        return list(Stage).index(self) >= list(Stage).index(Stage.DONE)


class ReviewWanted(Model):
    """An open question to a person. `artifact_sha256` names exactly what is to be judged.

    `reasons` say why a person must look although auto-approval was asked for, or what moderation found; with any, a
    decision must carry `artifact_sha256`. `note_effect` tells what a revision with nothing but a note changes; `scenes`
    is how many there are.
    """

    artifact_sha256: str
    revision: int
    reasons: tuple[str, ...] = ()
    title: str = ""
    text: str = ""
    note_effect: str = ""
    scenes: int = 0


class BoardState(Model):
    """What a content's next run takes over of what people see: its cost in US dollars, steps and notes."""

    title: str = ""
    steps: dict[str, str] = Field(default_factory=dict)
    notes: tuple[str, ...] = ()
    usd: float = 0.0


class PipelineStatus(Model):
    """A person's view of a running content. `percent` is 0 to 100 over the whole."""

    content_id: str
    stage: Stage
    percent: int
    detail: str = ""
    title: str = ""
    cost_usd: float = 0.0
    review: ReviewWanted | None = None
    steps: dict[str, str] = Field(default_factory=dict)
    posts: tuple[PostResult, ...] = ()
    notes: tuple[str, ...] = ()
    error: str = ""


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
