"""The books: which content exists, who decided what, what it cost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from temporalio import activity

from reelwright.domain.base import Model
from reelwright.domain.ids import effect_key, sha256_of
from reelwright.domain.ports import Catalog
from reelwright.domain.request import ContentRequest, ReviewDecision
from reelwright.domain.schedule import check_schedule
from reelwright.domain.status import ContentResult, Cost


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


@dataclass
class Records:
    """Writes the catalog. Every write is idempotent by its key."""

    catalog: Catalog

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
            request_sha256=sha256_of(opening.request),
            request_key=opening.request.request_key,
        )

    @activity.defn
    async def record_decision(self, record: RecordDecision) -> None:
        """Keeps who decided what about which artifact."""
        await self.catalog.record_decision(
            effect_key(record.content_id, "decision", record.artifact_sha256, record.decision),
            content_id=record.content_id,
            kind="review",
            decision=record.decision.decision,
            by=record.decision.reviewer,
            note=record.decision.note,
            artifact_sha256=record.artifact_sha256,
        )

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
