"""The books: which content exists, who decided what, what it cost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import Field
from temporalio import activity

from reelwright.domain.base import Model
from reelwright.domain.content.changes import TextChange
from reelwright.domain.content.decision import ReviewDecision
from reelwright.domain.content.remake import Takes
from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.status import BoardState, ContentResult, Cost
from reelwright.domain.content.story import WriteTask
from reelwright.domain.errors import InvalidInput
from reelwright.domain.formats import Platform
from reelwright.domain.ids import effect_key, sha256_of
from reelwright.domain.ports.ledgers import Approvals
from reelwright.domain.ports.making import Catalog
from reelwright.domain.publishing.posting import ApprovePosts
from reelwright.domain.publishing.schedule import check_schedule

from ..made import Made, once

BOUND = "(named no artifact: it counts for the one that was open when it arrived)"


class OpenContent(Model):
    """Claims a content id for a request."""

    content_id: str
    workflow_id: str
    request: ContentRequest


class RecordDecision(Model):
    """A reviewer's word on one artifact."""

    content_id: str
    artifact_sha256: str
    decision: ReviewDecision
    bound: bool = False
    """The decision named no artifact, and counts for the one that was open when it arrived."""


class Place(Model):
    """Where a content stands whose run `run_id` is continued by another."""

    content_id: str
    run_id: str
    task: WriteTask
    takes: Takes
    revision: int
    board: BoardState
    texts: dict[Platform, TextChange] = Field(default_factory=dict)
    """What reviewers have changed of the posts' texts."""


class FindPlace(Model):
    """Requests the `Place` that run `run_id` has left."""

    content_id: str
    run_id: str


@dataclass
class Records:
    """Writes the catalog. Every write is idempotent by its key."""

    catalog: Catalog
    approvals: Approvals

    @activity.defn
    async def open_content(self, opening: OpenContent) -> None:
        """Raises `InvalidInput` when the content id or the request key belongs to another request, or when a post's
        time is past already; a time that passes later, while a reviewer is away, is no such error."""
        if activity.info().attempt == 1:
            for publish_at in (opening.request.publish_at, *(own.publish_at for own in opening.request.posts.values())):
                check_schedule(publish_at, datetime.now(UTC))
        await self.catalog.open_content(
            opening.content_id,
            workflow_id=opening.workflow_id,
            request_json=opening.request.model_dump_json(),
            # Whether it may be posted again, and what it may cost, makes no other content.
            request_sha256=sha256_of(opening.request.model_copy(update={"post_again": False, "max_usd": None})),
            request_key=opening.request.request_key,
        )

    @activity.defn
    async def record_decision(self, record: RecordDecision) -> None:
        """Records a decision, its author and its artifact. A repeated decision in another run (after a reset) is a new
        record, since the last one about an artifact counts."""
        run = activity.info().workflow_run_id
        await self.catalog.record_decision(
            effect_key(record.content_id, "decision", record.artifact_sha256, record.decision, run),
            content_id=record.content_id,
            kind="review",
            decision=record.decision.decision,
            by=record.decision.reviewer,
            note=" ".join(filter(None, (record.decision.note, BOUND if record.bound else ""))),
            artifact_sha256=record.artifact_sha256,
        )

    @activity.defn
    async def approve_posts(self, approve: ApprovePosts) -> None:
        """Keeps which posts are made from which approved material; nothing else is uploaded. Raises `InvalidInput`
        when no approval of the material is on record, or what is to be posted is not what was approved."""
        check_shown(approve)
        await self.approvals.record(
            approve.content_id, approve.artifact_sha256, approve.digests, approvers=approve.approvers
        )

    @activity.defn
    async def keep_place(self, place: Place) -> None:
        """Keeps where a content stands for the run that continues it."""

        async def make() -> Made[Place]:
            return Made(place, provider="pipeline")

        key = _place_key(place.content_id, place.run_id)
        await once(self.catalog, key, make, Place, content_id=place.content_id, step="review")

    @activity.defn
    async def find_place(self, asked: FindPlace) -> Place:
        """What `keep_place` kept. Raises `InvalidInput` when there is nothing."""
        kept = await self.catalog.find_result(_place_key(asked.content_id, asked.run_id))
        if kept is None:
            raise InvalidInput(
                f"run {asked.run_id} of content {asked.content_id} has left no place to go on from",
                field="workflow",
                remedy="start the content anew under the same id: what was made is kept",
            )
        return Place.model_validate_json(kept)

    @activity.defn
    async def close_content(self, result: ContentResult) -> ContentResult:
        """Puts the books' own costs on the result and files it."""
        by_step = await self.catalog.costs(result.content_id)
        cost = Cost(usd=round(sum(by_step.values()), 6), by_step=by_step)
        filed = result.model_copy(update={"cost": cost})
        await self.catalog.close_content(
            result.content_id, status=result.status.value, result_json=filed.model_dump_json()
        )
        return filed


def check_shown(approve: ApprovePosts) -> None:
    """Raises `InvalidInput` where anything has changed since it was approved, or a text was never shown."""
    shown = approve.shown
    if shown is None:
        return
    unseen = [text for text in approve.texts if text not in shown.texts.values()]
    if shown.sha256 != approve.artifact_sha256 or unseen:
        raise InvalidInput(
            f"what is to be posted ({shown.sha256[:12]}) is not what was approved ({approve.artifact_sha256[:12]})",
            field="approval",
            remedy="have it reviewed again",
        )


def _place_key(content_id: str, run_id: str) -> str:
    return f"{content_id}/place/{run_id}"
