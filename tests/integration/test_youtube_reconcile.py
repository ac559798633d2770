"""What YouTube itself tells of a post: whether it exists, and what its processing makes of it."""

from __future__ import annotations

import httpx
import pytest

from reelwright.domain.errors import (
    OutcomeUnknown,
    PostRejected,
)
from reelwright.domain.posting import ProcessingState, PublishedPost
from reelwright.platforms.youtube import YouTubePublisher

from .conftest import Sandbox
from .youtube import Source, begun, draft, post_with_retries, publish, publisher_for, upload


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
