"""Reviews: what waits, what is shown, what was decided."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from reelwright.domain.content.changes import TextChange
from reelwright.domain.content.decision import ReviewDecision
from reelwright.domain.content.fields import PlatformName, Script
from reelwright.domain.content.media import MEDIA_SCENES, MediaAddress
from reelwright.domain.content.shown import ShownMaterial
from reelwright.domain.content.status import ReviewWanted
from reelwright.domain.formats import Platform

from .common import Answer, Body, Sha256
from .contents import ContentRow


class ReviewList(Answer):
    """The contents with an open question, newest first."""

    items: tuple[ContentRow, ...]


class OpenReview(Answer):
    """An open question: what is asked, and all that is shown with it. `shown` is null where the content's workers are
    of a release that cannot tell."""

    content_id: str
    workflow_id: str
    title: str
    cost_usd: float
    review: ReviewWanted
    shown: ShownMaterial | None = None


class Decision(Body):
    """A decision on exactly what `artifact_sha256` names. Who decides is who the token or the session belongs to.
    docs/review.md tells what each field of a revision changes."""

    decision: Literal["approve", "reject", "revise"]
    artifact_sha256: Sha256
    note: Annotated[str, Field(max_length=2_000)] = ""
    script: Script | None = None
    scenes: tuple[Annotated[int, Field(ge=1, le=1_000)], ...] = Field(default=(), max_length=200)
    pictures: dict[Annotated[int, Field(ge=1, le=1_000)], MediaAddress] = Field(default={}, max_length=MEDIA_SCENES)
    texts: dict[PlatformName, TextChange] = Field(default={}, max_length=len(Platform))
    thumbnail: Annotated[int, Field(ge=1, le=100)] | None = None

    def by(self, reviewer: str) -> ReviewDecision:
        """As the content takes it."""
        return ReviewDecision.model_validate({**self.model_dump(exclude_unset=True), "reviewer": reviewer})


class Decided(Answer):
    """What was handed in."""

    content_id: str
    decision: str
    reviewer: str
    artifact_sha256: str
