"""What YouTube itself tells of a post: whether it exists, and what its processing makes of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from reelwright.domain.errors import (
    OutcomeUnknown,
    PostRejected,
    SessionLost,
)
from reelwright.domain.publishing.posting import ProcessingState, PublishedPost
from reelwright.platforms.youtube.publisher import YouTubePublisher

from ...conftest import Sandbox
from .kit import Source, begun, draft, post_with_retries, publish, publisher_for, upload


@pytest.fixture
def publisher(sandbox: Sandbox, http: httpx.AsyncClient) -> YouTubePublisher:
    return publisher_for(sandbox, http)


async def test_unknown_outcome_is_found_by_the_marker(publisher: YouTubePublisher, sandbox: Sandbox) -> None:
    """The last byte arrives, its answer does not, and then the session is gone: only the channel itself can tell."""
    for n in range(3):  # other videos of the same title stand before and after it
        await post_with_retries(publisher, await begun(publisher, marker=f"rwother{n}"), Source())
    session = await begun(publisher)
    await upload(publisher, session, Source())
    await sandbox.fault("after_commit_before_reply", op="final")
    await sandbox.fault("expire_session", op="probe", skip=1)
    with pytest.raises(OutcomeUnknown) as caught:
        await publish(publisher, session, Source())
    assert not caught.value.retryable
    await post_with_retries(publisher, await begun(publisher, marker="rwlater"), Source())
    found = (await publisher.reconcile(draft(), session, None)).post
    posts = await sandbox.posts()
    assert len(posts) == 5 and found is not None
    assert [p["post_id"] for p in posts if draft().marker in p["meta"]["snippet"]["tags"]] == [found.post_id]
    assert (await publisher.reconcile(draft(), None, None)).post == found
    assert (await publisher.reconcile(draft(marker="rwnobody"), None, None)).outcome == "unknown"
    assert (await publisher.reconcile(draft("second"), None, None)).outcome == "unknown"


async def test_reconcile_reads_page_after_page(publisher: YouTubePublisher, sandbox: Sandbox) -> None:
    data = b"tiny"
    first = await publish(publisher, await begun(publisher, len(data)), Source(data))
    for n in range(51):
        await publish(publisher, await begun(publisher, len(data), marker=f"rw{n}"), Source(data))
    assert (await publisher.reconcile(draft(), None, None)).post == first


async def test_reconcile_believes_a_live_session(publisher: YouTubePublisher, sandbox: Sandbox) -> None:
    session = await begun(publisher)
    assert (await publisher.reconcile(draft(), session, None)).outcome == "absent"
    post = await post_with_retries(publisher, session, Source())
    await sandbox.settings(listed_after_s=3600)
    assert (await publisher.reconcile(draft(), session, None)).post == post
    assert (await publisher.reconcile(draft(), None, None)).outcome == "unknown"


async def test_processing(publisher: YouTubePublisher, sandbox: Sandbox) -> None:
    await sandbox.settings(processing_polls=2)
    post = await post_with_retries(publisher, await begun(publisher), Source())
    states = [(await publisher.processing(draft(), post)).state for _ in range(4)]
    assert states == [ProcessingState.PROCESSING] * 2 + [ProcessingState.LIVE] * 2
    await sandbox.settings(outcome="rejected", outcome_reason="duplicate")
    rejected = await publisher.processing(draft(), post)
    assert rejected.state is ProcessingState.FAILED and not rejected.again
    assert rejected.reason == "rejected: duplicate (the channel has this very video already)"
    await sandbox.settings(outcome="failed", outcome_reason="codec")
    assert (await publisher.processing(draft(), post)).reason.startswith("failed: codec")
    assert (
        await publisher.processing(draft(), PublishedPost(post_id="AAAAAAAAAAA"))
    ).state is ProcessingState.PROCESSING
    with pytest.raises(PostRejected):
        await publisher.processing(draft(), PublishedPost(post_id="../x"))


async def test_an_upload_that_is_never_listed_is_absent_at_last(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    """The session is gone and nobody can finish it any more; a day later the channel's list would have the video."""
    now = datetime.now(UTC)
    publisher = publisher_for(sandbox, http, clock=lambda: now)
    session = await begun(publisher)
    await upload(publisher, session, Source())
    await sandbox.fault("expire_session", op="final")
    with pytest.raises(SessionLost):
        await publish(publisher, session, Source())
    armed = now - timedelta(hours=23, minutes=59)
    early = await publisher.reconcile(draft(), session, armed)
    assert early.outcome == "unknown" and early.reason
    late = await publisher.reconcile(draft(), session, armed - timedelta(minutes=2))
    assert late.outcome == "absent" and late.reason
    without = await publisher.reconcile(draft(), None, armed - timedelta(minutes=2))
    assert without.outcome == "unknown", "an unknown session may still be finished by somebody"


@pytest.mark.parametrize(("reason", "words"), [("duplicate", "rejected"), ("codec", "failed"), ("", "failed: codec")])
async def test_processing_that_fails_late(
    publisher: YouTubePublisher, sandbox: Sandbox, reason: str, words: str
) -> None:
    await sandbox.fault("fail_processing", reason=reason)
    post = await post_with_retries(publisher, await begun(publisher), Source())
    seen = [await publisher.processing(draft(), post) for _ in range(2)]
    assert [one.state for one in seen] == [ProcessingState.PROCESSING, ProcessingState.FAILED]
    assert words in seen[1].reason and not seen[1].again, "a second upload would be a second video"


async def test_the_same_bytes_twice_are_a_duplicate(publisher: YouTubePublisher, sandbox: Sandbox) -> None:
    await sandbox.settings(reject_duplicates=True, processing_polls=0)
    first = await post_with_retries(publisher, await begun(publisher), Source())
    second = await post_with_retries(publisher, await begun(publisher), Source())
    assert (await publisher.processing(draft(), first)).state is ProcessingState.LIVE
    assert "has this very video already" in (await publisher.processing(draft(), second)).reason
