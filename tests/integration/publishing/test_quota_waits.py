"""The real ledger under a real Temporal server whose time is skipped: a spent day is slept through, to the minute."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from temporalio.client import WorkflowHandle
from temporalio.testing import WorkflowEnvironment

from activities.publishing.quota import QuotaBooking
from reelwright.domain.content.video import RenderedVideo
from reelwright.domain.formats import Platform, VideoFormat
from reelwright.domain.publishing.posting import PostDraft, PostResult, PublishTask
from reelwright.domain.publishing.quota import Booking, Slot
from reelwright.storage.quota.ledger import PostgresQuotaLedger
from tests.workflow.conftest import FakeStudio
from workers.pools import cpu_workers
from workflows import policies

PACIFIC = ZoneInfo("America/Los_Angeles")


class SkippingLedger(PostgresQuotaLedger):
    """The ledger, told the time by the workflow's own skipped clock."""

    env: WorkflowEnvironment
    handle: WorkflowHandle[Any, Any] | None = None
    now = datetime.now(UTC)

    async def reserve(self, booking: Booking) -> Slot:
        if self.handle is not None and booking.key.startswith("post-"):
            self.now = await self.env.get_current_time(self.handle)
        return await super().reserve(booking)


@pytest.fixture
async def ledger(pool: Any, temporal: WorkflowEnvironment) -> AsyncIterator[SkippingLedger]:
    await pool.execute("truncate quota_limits, quota_buckets, quota_windows, quota_bookings cascade")
    ledger = SkippingLedger(pool, clock=lambda: ledger.now)
    ledger.env = temporal
    yield ledger
    await pool.execute("truncate quota_limits, quota_buckets, quota_windows, quota_bookings cascade")


async def spend_day(ledger: SkippingLedger, day: datetime) -> None:
    """All of YouTube's uploads of the Pacific day that begins at `day` are booked by others."""
    for number in range(100):
        booking = Booking(
            key=f"other-{day:%m%d}-{number}", platform=Platform.YOUTUBE, account="default",
            costs={"inserts": 1}, not_before=day,
        )  # fmt: skip
        await ledger.reserve(booking)


async def publish(studio: FakeStudio, ledger: SkippingLedger, at: datetime) -> tuple[PostResult, datetime]:
    """A publication that is asked for `at`; its result, and the skipped time at which it had been posted."""
    file = await studio.media.put_bytes(b"a video", "video/mp4")
    video = RenderedVideo(
        format=VideoFormat.TALL, file=file, width=1080, height=1920, fps=30, frames=30, duration_s=1.0
    )
    draft = PostDraft(platform=Platform.YOUTUBE, account="default", title="t", description="d", marker="rw1")
    key = f"post-{uuid.uuid4().hex[:8]}"
    task = PublishTask(content_id="quota", key=key, draft=draft, video=video, publish_at=at)
    await studio.catalog.record_decision(
        key, content_id="quota", kind="review", decision="approve", by="ana", note="", artifact_sha256="a"
    )
    await studio.approvals.record("quota", "a", [task.approval_digest])
    ledger.handle = studio.client.get_workflow_handle(f"quota-{key}")
    handle = await studio.client.start_workflow(
        "PublishYouTube", task, id=f"quota-{key}", task_queue=policies.MAIN_QUEUE, result_type=PostResult
    )
    result = await handle.result()
    return result, await studio.env.get_current_time(handle)


@pytest.mark.parametrize(
    ("day", "hours"),
    [(datetime(2027, 3, 14, tzinfo=PACIFIC), 23), (datetime(2027, 11, 7, tzinfo=PACIFIC), 25),
     (datetime(2027, 6, 1, tzinfo=PACIFIC), 24)],
)  # fmt: skip
async def test_a_spent_day_is_over_at_the_next_pacific_midnight(
    temporal: WorkflowEnvironment,
    ledger: SkippingLedger,
    tmp_path: Path,
    day: datetime,
    hours: int,
) -> None:
    midnight = datetime(day.year, day.month, day.day + 1, tzinfo=PACIFIC).astimezone(UTC)
    assert midnight - day.astimezone(UTC) == timedelta(hours=hours)
    await spend_day(ledger, day)
    studio = FakeStudio(temporal, tmp_path)
    staff = studio.cpu()
    clearance = QuotaBooking(ledger, studio.platforms)
    async with AsyncExitStack() as stack:
        for worker in cpu_workers(studio.client, type(staff)(**{**vars(staff), "quota": clearance})):
            await stack.enter_async_context(worker)
        result, posted = await publish(studio, ledger, day + timedelta(hours=1))
    assert result.status == "posted"
    assert len(studio.youtube.posts) == 1
    assert timedelta() <= posted - midnight < timedelta(minutes=5), f"{posted} for {midnight}"
