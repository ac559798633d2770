"""How TikTok's answers are understood: errors by their code, late failures, odd bodies, and looking for a lost post."""

from __future__ import annotations

import hashlib
import json
import os
import tracemalloc
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import psutil
import pytest

from reelwright.domain.errors import (
    NeedsAuthorization,
    OutcomeUnknown,
    PlatformTransient,
    PostRejected,
    QuotaExhausted,
    ReelwrightError,
    SessionLost,
)
from reelwright.domain.ports.publishing import PostFiles
from reelwright.domain.publishing.posting import ProcessingState, PublishedPost, UploadSession
from reelwright.platforms.tiktok.errors import failure, tiktok_error
from reelwright.platforms.tiktok.post import standing_of
from reelwright.platforms.tiktok.publisher import TikTokPublisher

from ...conftest import Sandbox
from .kit import CHUNK, VIDEO, Source, begun, draft, files, post_with_retries, publisher_for, the_one_post, tune

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


@pytest.fixture
async def publisher(sandbox: Sandbox, http: httpx.AsyncClient) -> TikTokPublisher:
    await tune(sandbox, min_chunk=CHUNK)
    return publisher_for(sandbox, http)


# --- errors by their code ---------------------------------------------------------------------------------------------

TABLE: list[tuple[int, str, type[ReelwrightError]]] = [
    (400, "invalid_param", PostRejected),
    (400, "invalid_params", PostRejected),
    (200, "invalid_params", PostRejected),
    (400, "invalid_publish_id", SessionLost),
    (401, "access_token_invalid", NeedsAuthorization),
    (200, "access_token_invalid", NeedsAuthorization),
    (401, "scope_not_authorized", NeedsAuthorization),
    (401, "something_new", NeedsAuthorization),
    (403, "token_not_authorized_for_specified_publish_id", NeedsAuthorization),
    (403, "spam_risk_too_many_posts", QuotaExhausted),
    (200, "spam_risk_too_many_posts", QuotaExhausted),
    (403, "spam_risk_too_many_pending_share", QuotaExhausted),
    (403, "reached_active_user_cap", QuotaExhausted),
    (403, "spam_risk_user_banned_from_posting", PostRejected),
    (403, "unaudited_client_can_only_post_to_private_accounts", PostRejected),
    (403, "url_ownership_unverified", PostRejected),
    (403, "privacy_level_option_mismatch", PostRejected),
    (403, "something_new", PostRejected),
    (429, "rate_limit_exceeded", PlatformTransient),
    (200, "rate_limit_exceeded", PlatformTransient),
    (500, "internal_error", PlatformTransient),
    (200, "internal_error", PlatformTransient),
    (503, "something_new", PlatformTransient),
]


@pytest.mark.parametrize(("status", "code", "kind"), TABLE, ids=lambda value: str(getattr(value, "__name__", value)))
def test_errors_are_told_by_their_code(status: int, code: str, kind: type[ReelwrightError]) -> None:
    body = {"data": {}, "error": {"code": code, "message": "Why\n<b>so</b>", "log_id": "2026"}}
    error = tiktok_error(httpx.Response(status, json=body), NOW, doing="opening the upload")
    assert type(error) is kind
    assert code in error.message and "<b>" not in str(error)
    if isinstance(error, QuotaExhausted):
        assert error.resets_at == NOW + timedelta(hours=24) and error.bucket == "posts"
    if code == "rate_limit_exceeded":
        assert isinstance(error, PlatformTransient) and error.retry_after_s == 60.0


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("internal", SessionLost),
        ("spam_risk_too_many_posts", QuotaExhausted),
        ("auth_removed", NeedsAuthorization),
        *((reason, PostRejected) for reason in ("file_format_check_failed", "duration_check_failed", "spam_risk")),
        *((reason, PostRejected) for reason in ("frame_rate_check_failed", "picture_size_check_failed", "")),
        *((reason, PostRejected) for reason in ("publish_cancelled", "spam_risk_text", "something_new")),
    ],
)
def test_fail_reasons(reason: str, kind: type[ReelwrightError]) -> None:
    assert type(failure(reason, NOW)) is kind


ODD: list[bytes] = [b"", b"<html><title>Sorry</title></html>", b"[]", b'"ok"', b"{}", b'{"error": "invalid"}', b'{"da']


@pytest.mark.parametrize("body", [*ODD, b'{"error": {"code": 5}}', b'{"data": {}, "error": {"code": "ok"}}'])
async def test_odd_answers_to_init(publisher: TikTokPublisher, sandbox: Sandbox, body: bytes) -> None:
    await sandbox.fault("status", platform="tiktok", op="start", status=200, body=body.decode())
    with pytest.raises(PlatformTransient):
        await begun(publisher)


@pytest.mark.parametrize("body", [*ODD, b'{"data": [], "error": {"code": "ok"}}'])
async def test_odd_answers_after_the_last_chunk(publisher: TikTokPublisher, sandbox: Sandbox, body: bytes) -> None:
    """Work done, a 500 answered, and the status unreadable: nobody can tell, until it can be read again."""
    stored = await begun(publisher)
    await publisher.upload(draft(), stored.session, files(), stored)
    await sandbox.fault("error_though_done", platform="tiktok", op="final", status=500)
    await sandbox.fault("status", platform="tiktok", op="poll", status=200, body=body.decode(), skip=1, count=3)
    with pytest.raises(OutcomeUnknown):
        await publisher.publish(draft(), stored.session, files(), stored)
    found = await publisher.reconcile(draft(), stored.session, datetime.now(UTC))
    assert found.outcome in ("posted", "unknown")
    while found.outcome != "posted":
        found = await publisher.reconcile(draft(), stored.session, datetime.now(UTC))
    await the_one_post(sandbox)


def test_readers_take_anything() -> None:
    for odd in ({}, {"status": 3, "uploaded_bytes": "7", "publicaly_available_post_id": "x"}, {"uploaded_bytes": True}):
        assert standing_of(odd).uploaded is None and standing_of(odd).post_id == ""
    assert standing_of({"publicaly_available_post_id": ["../x", 7_520_000_000_000_000_001]}).post_id.startswith("752")


async def test_limits_of_the_minute_and_of_the_day(publisher: TikTokPublisher, sandbox: Sandbox) -> None:
    await tune(sandbox, inits_per_minute=1)
    await begun(publisher)
    with pytest.raises(PlatformTransient) as slow:
        await begun(publisher)
    assert slow.value.retry_after_s == 60.0
    await tune(sandbox, inits_per_minute=6, posts_per_day=1)
    await post_with_retries(publisher, Source(), draft("second"))
    with pytest.raises(QuotaExhausted):
        await begun(publisher, account="second")


async def test_a_refusal_with_http_200(publisher: TikTokPublisher, sandbox: Sandbox) -> None:
    await tune(sandbox, errors_as_200=True, unaudited=True)
    with pytest.raises(PostRejected, match="unaudited_client"):
        await begun(publisher, privacy="private")


async def test_a_missing_scope_is_not_renewed(publisher: TikTokPublisher, sandbox: Sandbox) -> None:
    await tune(sandbox, missing_scopes=["video.publish"])
    with pytest.raises(NeedsAuthorization, match="grant"):
        await begun(publisher)
    assert publisher._tokens.renewals == 1  # type: ignore[attr-defined]


# --- after the post ---------------------------------------------------------------------------------------------------


async def test_a_late_failure(publisher: TikTokPublisher, sandbox: Sandbox) -> None:
    for reason, again in (("internal", True), ("duration_check_failed", False), ("spam_risk", False)):
        await sandbox.fault("fail_processing", platform="tiktok", op="final", reason=reason)
        stored = await begun(publisher)
        post = await publisher.publish(draft(), stored.session, files(), stored)
        assert (await publisher.processing(draft(), post)).state is ProcessingState.PROCESSING
        reading = await publisher.processing(draft(), post)
        assert (reading.state, reading.reason, reading.again) == (ProcessingState.FAILED, reason, again)
        assert (await publisher.reconcile(draft(), stored.session, None)).outcome == "absent"
        with pytest.raises(SessionLost if again else PostRejected):
            await publisher.upload(draft(), stored.session, files(), stored)
    assert await sandbox.posts() == []


async def test_failed_right_after_a_lost_reply_posts_again_only_after_internal(
    publisher: TikTokPublisher, sandbox: Sandbox
) -> None:
    await tune(sandbox, processing_polls=0)
    await sandbox.fault("fail_processing", platform="tiktok", op="final")
    await sandbox.fault("after_commit_before_reply", platform="tiktok", op="final")
    await post_with_retries(publisher, Source())
    await the_one_post(sandbox)


async def test_a_lost_publish_id_is_looked_for_among_the_videos(publisher: TikTokPublisher, sandbox: Sandbox) -> None:
    started = datetime.now(UTC)
    stored = await begun(publisher)
    await publisher.publish(draft(), stored.session, files(), stored)
    told = await the_one_post(sandbox)
    await sandbox.fault("expire_session", platform="tiktok", op="poll")
    opened = (datetime.now(UTC) - timedelta(minutes=2)).isoformat()
    state = {**stored.session.state, "opened_at": opened}
    stored.session = stored.session.model_copy(update={"state": state})
    found = await publisher.reconcile(draft(), stored.session, started)
    assert found.outcome == "posted" and found.post is not None
    assert found.post == PublishedPost(post_id=told["post_id"], url=f"{sandbox.url}/@main/video/{told['post_id']}")
    other = await publisher.reconcile(draft(caption="another"), stored.session, started)
    assert other.outcome == "unknown" and "moderation" in other.reason
    late = await publisher.reconcile(draft(caption="another"), stored.session, started - timedelta(hours=25))
    assert late.outcome == "untold"
    private = stored.session.model_copy(update={"state": {**stored.session.state, "public": False}})
    assert (await publisher.reconcile(draft(), private, started)).outcome == "untold"
    await tune(sandbox, missing_scopes=["video.list"])
    assert (await publisher.reconcile(draft(), stored.session, started)).outcome == "untold"


async def test_reads_that_lag_behind_an_init(publisher: TikTokPublisher, sandbox: Sandbox) -> None:
    await tune(sandbox, publish_id_after_s=1e6)
    stored = await begun(publisher, privacy="private")
    await publisher.upload(draft(), stored.session, files(), stored)
    await sandbox.fault("before_commit", platform="tiktok", op="final")
    with pytest.raises(OutcomeUnknown):
        await publisher.publish(draft(), stored.session, files(), stored)
    assert (await publisher.reconcile(draft(), stored.session, None)).outcome == "unknown"
    await tune(sandbox, publish_id_after_s=0.0)
    assert (await publisher.reconcile(draft(), stored.session, None)).outcome == "absent"
    await publisher.publish(draft(), stored.session, files(), stored)
    await the_one_post(sandbox)


async def test_two_alike_are_left_to_a_person(publisher: TikTokPublisher, sandbox: Sandbox) -> None:
    await tune(sandbox, url_s=1e6)
    for _ in range(2):
        await post_with_retries(publisher, Source())
    assert len(await sandbox.posts()) == 2
    found = await publisher.reconcile(draft(), None, datetime.now(UTC))
    assert found.outcome == "untold" and "2 of" in found.reason


@pytest.mark.parametrize("state", [{}, {"publish_id": "x"}, {"publish_id": "../..", "upload_url": "https://e.org"}])
async def test_a_stored_session_that_is_none(publisher: TikTokPublisher, state: dict[str, Any]) -> None:
    stored = await begun(publisher)
    whole = {**stored.session.state, **state} if "upload_url" in state else state
    odd = UploadSession(platform=stored.session.platform, account="main", total=len(VIDEO), state=whole)
    with pytest.raises(SessionLost):
        await publisher.upload(draft(), odd, files(), stored)


# --- memory -----------------------------------------------------------------------------------------------------------


async def test_memory_does_not_grow_with_the_chunk(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    block = os.urandom(1 << 20)

    async def source(offset: int) -> AsyncIterator[bytes]:
        at = offset
        while at < total:
            take = min(len(block) - at % len(block), total - at)
            yield block[at % len(block) : at % len(block) + take]
            at += take

    total = 120 << 20
    publisher = publisher_for(sandbox, http, chunk_size=64_000_000)
    stored = await begun(publisher, total)
    assert json.dumps(stored.session.state)
    before = psutil.Process().memory_info().rss
    tracemalloc.start()
    await publisher.publish(draft(), stored.session, PostFiles(video=source, read=files().read), stored)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    grown = psutil.Process().memory_info().rss - before
    assert [post["size"] for post in await sandbox.posts()] == [total]
    assert peak < 16 << 20 and grown < 64 << 20, (peak, grown)


async def test_the_defaults_fit_tiktoks_own_sizes(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    """25 MB in chunks of 10, as they come out of the box: the sandbox checks sizes and positions as TikTok does."""
    data = os.urandom(1_000_003) * 25
    publisher = publisher_for(sandbox, http, chunk_size=10_000_000)
    stored = await begun(publisher, len(data))
    await publisher.upload(draft(), stored.session, files(Source(data, 1 << 20)), stored)
    assert stored.told == [10_000_000]
    await publisher.publish(draft(), stored.session, files(Source(data, 1 << 20)), stored)
    await the_one_post(sandbox, hashlib.sha256(data).hexdigest())
