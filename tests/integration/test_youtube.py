"""The YouTube adapter against the sandbox over real HTTP; what the sandbox never answers, a mock transport does."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from reelwright.domain.errors import (
    AssetCorrupt,
    NeedsAuthorization,
    OutcomeUnknown,
    PlatformTransient,
    PostRejected,
    QuotaExhausted,
    ReelwrightError,
    SessionLost,
)
from reelwright.domain.formats import Platform
from reelwright.domain.ids import post_marker
from reelwright.domain.posting import PostDraft, ProcessingState, PublishedPost, UploadSession
from reelwright.platforms.google import google_error, next_pacific_midnight
from reelwright.platforms.oauth import RefreshingTokens
from reelwright.platforms.resumable import GRANULE, trusted
from reelwright.platforms.youtube import YouTubePublisher
from reelwright.platforms.youtube_video import tags_length

from .conftest import Sandbox

CHUNK = 2 * GRANULE
VIDEO = hashlib.shake_256(b"video").digest(5 * CHUNK + 12_345)
SHA = hashlib.sha256(VIDEO).hexdigest()
LAST = len(VIDEO) // GRANULE * GRANULE


def draft(account: str = "main", **changes: Any) -> PostDraft:
    values: dict[str, Any] = {
        "platform": Platform.YOUTUBE,
        "account": account,
        "title": "Why octopuses have three hearts",
        "description": "Two for the gills.\n\nŪ — \U0001f419",
        "tags": ("octopus", "deep sea"),
        "language": "pt-br",
        "privacy": "unlisted",
        "marker": post_marker("key"),
    }
    return PostDraft(**{**values, **changes})


class Source:
    """Streams bytes in odd pieces and remembers how it was asked."""

    def __init__(self, data: bytes = VIDEO, piece: int = 70_001) -> None:
        self.data = data
        self.piece = piece
        self.opened: list[int] = []
        self.open_now = 0
        self.read_at_most = 0

    async def __call__(self, offset: int) -> AsyncIterator[bytes]:
        self.opened.append(offset)
        self.open_now += 1
        try:
            for at in range(offset, len(self.data), self.piece):
                self.read_at_most = max(self.read_at_most, at)
                yield self.data[at : at + self.piece]
        finally:
            self.open_now -= 1


def tokens_for(sandbox: Sandbox, http: httpx.AsyncClient, **changes: Any) -> RefreshingTokens:
    refresh = {"main": "1//sandbox-main", "second": "1//sandbox-second", "unknown": "1//not-one-of-ours"}
    secrets = {"client_id": "id", "client_secret": "hunter2secret"}
    return RefreshingTokens(http, refresh, token_url=f"{sandbox.url}/token", retry_wait_s=0.01, **secrets, **changes)


def publisher_for(sandbox: Sandbox, http: httpx.AsyncClient, **changes: Any) -> YouTubePublisher:
    watch = sandbox.url + "/watch?v={id}"
    tokens = tokens_for(sandbox, http)
    return YouTubePublisher(http, tokens, sandbox.url, watch, CHUNK, retry_wait_s=0.01, **changes)


@pytest.fixture
def publisher(sandbox: Sandbox, http: httpx.AsyncClient) -> YouTubePublisher:
    return publisher_for(sandbox, http)


async def begun(publisher: YouTubePublisher, size: int = len(VIDEO), **changes: Any) -> UploadSession:
    return await publisher.begin(draft(**changes), size=size, media_type="video/mp4")


async def post_with_retries(publisher: YouTubePublisher, session: UploadSession, source: Source) -> PublishedPost:
    """What the workflow does: the same two calls again for as long as the errors say so."""
    for _ in range(6):
        try:
            await publisher.upload(session, source, lambda _: None)
            return await publisher.publish(session, source)
        except PlatformTransient:
            continue
        except OutcomeUnknown:
            found = await publisher.reconcile(draft(), session)
            if found.post:
                return found.post
    raise AssertionError("it never came through")


async def the_one_post(sandbox: Sandbox, post: PublishedPost, sha: str = SHA) -> dict[str, Any]:
    posts = await sandbox.posts()
    assert [(p["post_id"], p["sha256"]) for p in posts] == [(post.post_id, sha)]
    assert post.url == f"{sandbox.url}/watch?v={post.post_id}" == posts[0]["url"]
    return posts[0]


# --- the straight way -----------------------------------------------------------------------------------------------


async def test_a_whole_upload_is_byte_equal(publisher: YouTubePublisher, sandbox: Sandbox) -> None:
    source, told = Source(), list[int]()
    session = await begun(publisher)
    assert (await publisher.progress(session)).committed == 0
    progress = await publisher.upload(session, source, told.append)
    assert (progress.committed, progress.total, progress.post_id) == (LAST, len(VIDEO), "")
    assert told == [CHUNK, 2 * CHUNK, 3 * CHUNK, 4 * CHUNK, 5 * CHUNK]
    assert await sandbox.posts() == []
    assert source.opened == [0] and source.open_now == 0
    post = await publisher.publish(session, source)
    told_post = await the_one_post(sandbox, post)
    assert source.opened == [0, LAST] and source.open_now == 0
    snippet, status = told_post["meta"]["snippet"], told_post["meta"]["status"]
    assert snippet["title"] == draft().title and snippet["description"] == draft().description
    assert snippet["tags"] == ["octopus", "deep sea", draft().marker]
    assert (snippet["categoryId"], snippet["defaultLanguage"]) == ("27", "pt-BR")
    assert status["privacyStatus"] == "unlisted"
    assert status["containsSyntheticMedia"] is True and status["selfDeclaredMadeForKids"] is False
    assert await publisher.publish(session, source) == post
    assert (await publisher.upload(session, source, told.append)).post_id == post.post_id
    await the_one_post(sandbox, post)


async def test_streaming_reads_no_further_than_a_chunk_ahead(publisher: YouTubePublisher, sandbox: Sandbox) -> None:
    source = Source()
    ahead: list[int] = []
    session = await begun(publisher)
    await publisher.upload(session, source, lambda done: ahead.append(source.read_at_most - done))
    assert max(ahead) <= source.piece


@pytest.mark.parametrize("size", [1, GRANULE - 1, GRANULE, GRANULE + 1, CHUNK, CHUNK + 1])
async def test_small_and_even_sizes(publisher: YouTubePublisher, sandbox: Sandbox, size: int) -> None:
    data = VIDEO[:size]
    session = await begun(publisher, size)
    progress = await publisher.upload(session, Source(data), lambda _: None)
    assert progress.committed == (size - 1) // GRANULE * GRANULE < size
    assert await sandbox.posts() == []
    post = await publisher.publish(session, Source(data))
    await the_one_post(sandbox, post, hashlib.sha256(data).hexdigest())


async def test_publish_alone_sends_everything(publisher: YouTubePublisher, sandbox: Sandbox) -> None:
    await the_one_post(sandbox, await publisher.publish(await begun(publisher), Source()))


async def test_a_source_that_is_too_short_posts_nothing(publisher: YouTubePublisher, sandbox: Sandbox) -> None:
    session = await begun(publisher)
    with pytest.raises(AssetCorrupt):
        await publisher.publish(session, Source(VIDEO[:-1]))
    assert await sandbox.posts() == []


# --- what goes wrong on the way -------------------------------------------------------------------------------------

FAULTS: dict[str, list[dict[str, Any]]] = {
    "reset in the first chunk": [{"point": "reset_at_byte", "at_byte": 1_000}],
    "reset in the middle": [{"point": "reset_at_byte", "at_byte": 2 * CHUNK + GRANULE + 77}],
    "reset at a chunk's edge": [{"point": "reset_at_byte", "at_byte": 3 * CHUNK}],
    "reset in the last piece": [{"point": "reset_at_byte", "at_byte": LAST + 5_000}],
    "resets everywhere": [{"point": "reset_at_byte", "at_byte": n * CHUNK + 5} for n in range(5)],
    "reply lost in the middle": [{"point": "after_commit_before_reply", "op": "put", "skip": 2}],
    "reply lost after the last byte": [{"point": "after_commit_before_reply", "op": "final"}],
    "broken before the last byte": [{"point": "before_commit", "op": "final"}],
    "nothing kept": [{"point": "partial_commit", "op": "put", "keep": 0, "count": 2}],
    "less kept than sent": [{"point": "partial_commit", "op": "put", "keep": GRANULE + 9, "count": 4}],
    "503 in the middle": [{"point": "status", "op": "put", "status": 503, "skip": 1, "count": 3}],
    "500 on the last byte": [{"point": "status", "op": "final", "status": 500, "body": "<html>oops</html>"}],
    "502 on the probe": [{"point": "status", "op": "probe", "status": 502, "count": 2}],
    "429 in passing": [
        {
            "point": "status",
            "op": "put",
            "status": 429,
            "body": '{"error":{"code":429,"message":"Too many per minute","errors":[{"reason":"rateLimitExceeded"}]}}',
        }
    ],
    "token expired in the middle": [{"point": "expire_token", "op": "put", "skip": 2}],
    "token expired on the last byte": [{"point": "expire_token", "op": "final"}],
    "lost reply, then a probe that fails": [
        {"point": "after_commit_before_reply", "op": "final"},
        {"point": "status", "op": "probe", "status": 503, "skip": 2, "count": 2},
    ],
    "lost reply, then no probe for long": [
        {"point": "after_commit_before_reply", "op": "final"},
        {"point": "status", "op": "probe", "status": 503, "skip": 2, "count": 6},
    ],
}


@pytest.mark.parametrize("name", FAULTS)
async def test_interruptions_end_in_exactly_one_post(publisher: YouTubePublisher, sandbox: Sandbox, name: str) -> None:
    session = await begun(publisher)
    await sandbox.post("faults", FAULTS[name])
    post = await post_with_retries(publisher, session, Source())
    await the_one_post(sandbox, post)
    assert await sandbox.faults_left() == []


async def test_a_server_that_keeps_little_of_every_chunk(publisher: YouTubePublisher, sandbox: Sandbox) -> None:
    await sandbox.settings(max_commit=GRANULE)
    source = Source()
    session = await begun(publisher)
    await the_one_post(sandbox, await post_with_retries(publisher, session, source))
    assert source.opened == [0, LAST], "what was read is not read again"


async def test_the_sandbox_restarts_in_the_middle(
    publisher: YouTubePublisher, sandbox: Sandbox, http: httpx.AsyncClient
) -> None:
    session = await begun(publisher)
    await sandbox.fault("before_commit", op="put", skip=3, count=50)
    with pytest.raises(PlatformTransient):
        await publisher.upload(session, Source(), lambda _: None)
    port = sandbox.port
    assert sandbox.stop() == 0
    with pytest.raises(PlatformTransient, match="could not be reached"):
        await publisher.progress(session)
    sandbox.start(port)
    await sandbox.client.delete(f"{sandbox.url}/_control/faults")
    assert (await publisher.progress(session)).committed == 3 * CHUNK
    await the_one_post(sandbox, await post_with_retries(publisher, session, Source()))


async def test_session_expired(publisher: YouTubePublisher, sandbox: Sandbox) -> None:
    session = await begun(publisher)
    await sandbox.fault("expire_session", op="put", skip=1)
    with pytest.raises(SessionLost):
        await publisher.upload(session, Source(), lambda _: None)
    for call in (publisher.progress(session), publisher.publish(session, Source())):
        with pytest.raises(SessionLost):
            await call
    assert (await publisher.reconcile(draft(), session)).outcome == "unknown"
    await the_one_post(sandbox, await post_with_retries(publisher, await begun(publisher), Source()))


async def test_session_gone_at_the_last_byte_is_not_posted_blindly(
    publisher: YouTubePublisher, sandbox: Sandbox
) -> None:
    session = await begun(publisher)
    await publisher.upload(session, Source(), lambda _: None)
    await sandbox.fault("expire_session", op="final")
    with pytest.raises(SessionLost):
        await publisher.publish(session, Source())
    assert (await publisher.reconcile(draft(), session)).outcome == "unknown"
    assert await sandbox.posts() == []


async def test_two_workers_publish_the_same_session(publisher: YouTubePublisher, sandbox: Sandbox) -> None:
    """A worker that was thought dead and the one that took over: one video, and both are told so."""
    session = await begun(publisher)
    first, second = await asyncio.gather(
        post_with_retries(publisher, session, Source()), post_with_retries(publisher, session, Source())
    )
    assert first == second
    await the_one_post(sandbox, first)


async def test_unknown_outcome_is_found_by_the_marker(publisher: YouTubePublisher, sandbox: Sandbox) -> None:
    """The last byte arrives, its answer does not, and then the session is gone: only the channel itself can tell."""
    for n in range(3):  # other videos of the same title stand before and after it
        await post_with_retries(publisher, await begun(publisher, marker=f"rwother{n}"), Source())
    session = await begun(publisher)
    await publisher.upload(session, Source(), lambda _: None)
    await sandbox.fault("after_commit_before_reply", op="final")
    await sandbox.fault("expire_session", op="probe", skip=1)
    with pytest.raises(OutcomeUnknown) as caught:
        await publisher.publish(session, Source())
    assert not caught.value.retryable
    await post_with_retries(publisher, await begun(publisher, marker="rwlater"), Source())
    found = (await publisher.reconcile(draft(), session)).post
    posts = await sandbox.posts()
    assert len(posts) == 5 and found is not None
    assert [p["post_id"] for p in posts if draft().marker in p["meta"]["snippet"]["tags"]] == [found.post_id]
    assert (await publisher.reconcile(draft(), None)).post == found
    assert (await publisher.reconcile(draft(marker="rwnobody"), None)).outcome == "unknown"
    assert (await publisher.reconcile(draft("second"), None)).outcome == "unknown"


async def test_reconcile_reads_page_after_page(publisher: YouTubePublisher, sandbox: Sandbox) -> None:
    data = b"tiny"
    first = await publisher.publish(await begun(publisher, len(data)), Source(data))
    for n in range(51):
        await publisher.publish(await begun(publisher, len(data), marker=f"rw{n}"), Source(data))
    assert (await publisher.reconcile(draft(), None)).post == first


async def test_reconcile_believes_a_live_session(publisher: YouTubePublisher, sandbox: Sandbox) -> None:
    session = await begun(publisher)
    assert (await publisher.reconcile(draft(), session)).outcome == "absent"
    post = await post_with_retries(publisher, session, Source())
    await sandbox.settings(listed_after_s=3600)
    assert (await publisher.reconcile(draft(), session)).post == post
    assert (await publisher.reconcile(draft(), None)).outcome == "unknown"


async def test_processing(publisher: YouTubePublisher, sandbox: Sandbox) -> None:
    await sandbox.settings(processing_polls=2)
    post = await post_with_retries(publisher, await begun(publisher), Source())
    states = [(await publisher.processing("main", post.post_id)).state for _ in range(4)]
    assert states == [ProcessingState.PROCESSING] * 2 + [ProcessingState.LIVE] * 2
    await sandbox.settings(outcome="rejected", outcome_reason="duplicate")
    rejected = await publisher.processing("main", post.post_id)
    assert (rejected.state, rejected.reason) == (ProcessingState.FAILED, "rejected: duplicate")
    await sandbox.settings(outcome="failed", outcome_reason="codec")
    assert (await publisher.processing("main", post.post_id)).reason == "failed: codec"
    assert (await publisher.processing("main", "AAAAAAAAAAA")).state is ProcessingState.PROCESSING
    with pytest.raises(PostRejected):
        await publisher.processing("main", "../x")


# --- quotas, refusals, accounts -------------------------------------------------------------------------------------


async def test_the_days_inserts_run_out(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    now = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
    publisher = publisher_for(sandbox, http, clock=lambda: now)
    await sandbox.settings(inserts_per_day=1)
    await begun(publisher)
    with pytest.raises(QuotaExhausted) as caught:
        await begun(publisher)
    assert caught.value.resets_at == datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
    await sandbox.settings(clock_offset_s=86_400)
    await begun(publisher)


async def test_the_days_units_run_out_without_html(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    publisher = publisher_for(sandbox, http)
    await sandbox.settings(units_per_day=0)
    with pytest.raises(QuotaExhausted) as caught:
        await publisher.processing("main", "AAAAAAAAAAA")
    assert "<" not in str(caught.value) and "exceeded your quota" in str(caught.value)


async def test_the_channels_upload_limit(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    now = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
    publisher = publisher_for(sandbox, http, clock=lambda: now)
    await sandbox.settings(uploads_per_channel_day=1)
    await post_with_retries(publisher, await begun(publisher), Source())
    with pytest.raises(QuotaExhausted) as caught:
        await begun(publisher)
    assert caught.value.resets_at == now + timedelta(hours=24)
    await begun(publisher, account="second")


@pytest.mark.parametrize(
    ("now", "midnight"),
    [
        ("2026-11-21T20:00:00+00:00", "2026-11-22T08:00:00+00:00"),
        ("2026-11-22T07:59:59+00:00", "2026-11-22T08:00:00+00:00"),
        ("2026-11-22T08:00:00+00:00", "2026-11-23T08:00:00+00:00"),
        ("2026-07-01T12:00:00+00:00", "2026-07-02T07:00:00+00:00"),
        ("2026-10-31T20:00:00+00:00", "2026-11-01T07:00:00+00:00"),  # still summer time
        ("2026-11-01T07:30:00+00:00", "2026-11-02T08:00:00+00:00"),  # the day of 25 hours
        ("2026-03-08T08:30:00+00:00", "2026-03-09T07:00:00+00:00"),  # the day of 23 hours
        ("2026-03-07T23:00:00-08:00", "2026-03-08T08:00:00+00:00"),
        ("2026-12-31T23:59:59-08:00", "2027-01-01T08:00:00+00:00"),
    ],
)
def test_midnight_in_california(now: str, midnight: str) -> None:
    assert next_pacific_midnight(datetime.fromisoformat(now)) == datetime.fromisoformat(midnight)


def test_validation_names_the_field(publisher: YouTubePublisher) -> None:
    def check(**changes: Any) -> str:
        size = changes.pop("size", 1_000)
        try:
            publisher.validate(draft(**changes), width=1080, height=1920, duration_s=30, size=size)
        except PostRejected as error:
            assert error.remedy or error.field == "privacy"
            return error.field
        return ""

    assert check() == ""
    assert check(title="x" * 100) == "" and check(title="x" * 101) == "title"
    assert check(title="a < b") == "title" and check(title="  ") == "title"
    assert check(description="é" * 2_500) == "" and check(description="é" * 2_501) == "description"
    marker = len(draft().marker)
    assert check(tags=("x" * (499 - marker),)) == "" and check(tags=("x" * (500 - marker),)) == "tags"
    assert check(tags=("x " + "x" * (495 - marker),)) == "" and check(tags=("x " + "x" * (496 - marker),)) == "tags"
    assert check(size=0) == "video" and check(privacy="secret") == "privacy"
    assert tags_length(["ab", "c d", "e"]) == 2 + 5 + 1 + 2


async def test_refused_metadata_names_the_field(publisher: YouTubePublisher, sandbox: Sandbox) -> None:
    with pytest.raises(PostRejected) as caught:
        await begun(publisher, title="x" * 101)
    assert caught.value.field == "title"


async def test_accounts_that_need_a_person(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    tokens = tokens_for(sandbox, http)
    for account in ("unknown", "never heard of"):
        with pytest.raises(NeedsAuthorization) as caught:
            await tokens.access_token(account)
        assert caught.value.field == "account" and "not-one-of-ours" not in str(caught.value)
    publisher = publisher_for(sandbox, http)
    session = await begun(publisher)
    await sandbox.settings(revoked=["main"])
    await sandbox.post("expire_tokens", {})
    with pytest.raises(NeedsAuthorization, match="revoked"):
        await publisher.upload(session, Source(), lambda _: None)
    assert await sandbox.posts() == []


async def test_tokens_are_renewed_early_and_once(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    now = 1_000.0
    tokens = tokens_for(sandbox, http, clock=lambda: now)
    await sandbox.settings(access_token_s=600)
    first = await asyncio.gather(*(tokens.access_token("main") for _ in range(10)))
    assert len(set(first)) == 1
    now += 479
    assert await tokens.access_token("main") == first[0]
    now += 2
    second = await tokens.access_token("main")
    assert second != first[0]
    again = await asyncio.gather(*(tokens.access_token("main", rejected=second) for _ in range(10)))
    assert len(set(again)) == 1 and again[0] != second
    assert await tokens.access_token("second") not in {second, again[0]}
    assert "hunter2" not in repr(tokens) + str(vars(tokens)["_tokens"]) and second not in str(vars(tokens)["_tokens"])


async def test_nothing_secret_is_logged(
    publisher: YouTubePublisher, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        session = await begun(publisher)
        await sandbox.fault("before_commit", op="put")
        await post_with_retries(publisher, session, Source())
    upload_id = session.state["uri"].split("upload_id=")[1]
    text = "\n".join(record.getMessage() for record in caplog.records)
    assert "upload_id=…" in text and upload_id not in text
    assert "ya29." not in text and "hunter2secret" not in text and "1//sandbox" not in text


# --- answers nobody documents ---------------------------------------------------------------------------------------

Answer = Callable[[httpx.Request], httpx.Response]


class OneToken:
    """A token that never needs the network."""

    async def access_token(self, account: str, *, rejected: str = "") -> str:
        if rejected:
            raise NeedsAuthorization("refused", field="account", remedy="authorise it again")
        return "token"


def against(answer: Answer) -> YouTubePublisher:
    client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    return YouTubePublisher(client, OneToken(), "https://youtube.test", retry_wait_s=0)


def stored(total: int = 10) -> UploadSession:
    uri = "https://youtube.test/upload?upload_id=1"
    return UploadSession(platform=Platform.YOUTUBE, account="main", total=total, state={"uri": uri})


HTML = "<!doctype html><html><head><style>p{}</style></head><body><h1>502. That’s an error.</h1></body></html>"


@pytest.mark.parametrize(
    ("status", "body", "error", "words"),
    [
        (502, HTML, PlatformTransient, "a web page instead of data (502. That’s an error.)"),
        (200, HTML, PlatformTransient, "a web page"),
        (200, "", PlatformTransient, "an empty answer"),
        (200, "[1, 2]", PlatformTransient, "other than the data"),
        (403, HTML, PlatformTransient, "HTTP 403"),
        (401, "", NeedsAuthorization, ""),
        (500, '{"error": "oops"}', PlatformTransient, "HTTP 500"),
        (400, '{"error": {"code": "x", "errors": [7], "message": {"a": 1}}}', PostRejected, "no reason given"),
        (400, '{"error": {"errors": {"reason": "y"}}}', PostRejected, "HTTP 400"),
        (302, "", PlatformTransient, "HTTP 302"),
    ],
)
async def test_odd_answers_are_typed_and_readable(status: int, body: str, error: type, words: str) -> None:
    publisher = against(lambda request: httpx.Response(status, text=body))
    with pytest.raises(error) as caught:
        await publisher.processing("main", "AAAAAAAAAAA")
    text = str(caught.value)
    assert words in text and "\n" not in text and "<" not in text and len(text) < 400


def envelope(status: int, reason: str, message: str = "m") -> httpx.Response:
    return httpx.Response(
        status, json={"error": {"code": status, "message": message, "errors": [{"reason": reason, "message": message}]}}
    )


NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("response", "error", "resets_at"),
    [
        (envelope(403, "quotaExceeded"), QuotaExhausted, MIDNIGHT),
        (envelope(403, "dailyLimitExceeded"), QuotaExhausted, MIDNIGHT),
        (envelope(429, "rateLimitExceeded", "limit 'Video Uploads per day' of"), QuotaExhausted, MIDNIGHT),
        (envelope(403, "rateLimitExceeded", "Queries per day"), QuotaExhausted, MIDNIGHT),
        (envelope(400, "uploadLimitExceeded"), QuotaExhausted, NOW + timedelta(hours=24)),
        (envelope(429, "rateLimitExceeded", "Queries per minute"), PlatformTransient, None),
        (envelope(403, "userRateLimitExceeded"), PlatformTransient, None),
        (envelope(500, "backendError"), PlatformTransient, None),
        (envelope(401, "authError"), NeedsAuthorization, None),
        (envelope(403, "youtubeSignupRequired"), NeedsAuthorization, None),
        (envelope(403, "insufficientPermissions"), NeedsAuthorization, None),
        (envelope(403, "forbidden"), PostRejected, None),
        (envelope(400, "invalidTags"), PostRejected, None),
    ],
)
def test_reasons_become_the_right_error(response: httpx.Response, error: type, resets_at: datetime | None) -> None:
    found = google_error(response, NOW, doing="testing")
    assert type(found) is error
    assert getattr(found, "resets_at", None) == resets_at


def test_retry_after_is_carried_over() -> None:
    response = envelope(503, "backendError")
    response.headers["Retry-After"] = "17"
    found = google_error(response, NOW, doing="testing")
    assert isinstance(found, PlatformTransient) and found.retry_after_s == 17


async def test_start_without_or_with_a_foreign_address() -> None:
    for headers in ({}, {"Location": "https://evil.example/upload?upload_id=1"}, {"Location": "javascript:1"}):
        publisher = against(lambda request, h=headers: httpx.Response(200, headers=h))
        with pytest.raises(PlatformTransient, match="usable address"):
            await begun(publisher)
    assert trusted("https://upload.youtube.googleapis.com/x", "https://youtube.googleapis.com")
    assert not trusted("https://youtube.googleapis.com.evil.example/x", "https://youtube.googleapis.com")
    assert not trusted("http://youtube.googleapis.com/x", "https://youtube.googleapis.com")


async def test_a_308_may_name_a_new_address() -> None:
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.path)
        if request.headers["content-range"] == "bytes */10":
            return httpx.Response(308, headers={"Location": "https://youtube.test/moved?upload_id=2"})
        return httpx.Response(201, json={"id": "AAAAAAAAAAA"})

    post = await against(answer).publish(stored(), Source(b"0123456789"))
    assert post == PublishedPost(post_id="AAAAAAAAAAA", url="https://www.youtube.com/watch?v=AAAAAAAAAAA")
    assert seen == ["/upload", "/moved"]


async def test_an_end_without_an_id_is_asked_again_and_else_unknown() -> None:
    answers = iter([httpx.Response(308), httpx.Response(200, text=HTML), httpx.Response(200, json={"id": "B" * 11})])
    post = await against(lambda request: next(answers)).publish(stored(), Source(b"0123456789"))
    assert post.post_id == "B" * 11
    nothing = iter([httpx.Response(308), httpx.Response(200), httpx.Response(200, json={"id": 'x"><script>'})])
    with pytest.raises(OutcomeUnknown):
        await against(lambda request: next(nothing)).publish(stored(), Source(b"0123456789"))


@pytest.mark.parametrize("last", [503, 429, "reset"])
async def test_only_an_ambiguous_end_is_an_unknown_outcome(last: int | str) -> None:
    """The last byte's answer is lost and nobody answers any more; had nothing been sent, it would only be transient."""
    probes = 0

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal probes
        if request.headers["content-range"] == "bytes */10":
            probes += 1
            return httpx.Response(308) if probes == 1 else httpx.Response(503)
        if last == "reset":
            raise httpx.ReadError("reset")
        return envelope(int(last), "rateLimitExceeded", "per day" if last == 429 else "busy")

    with pytest.raises(OutcomeUnknown):
        await against(answer).publish(stored(), Source(b"0123456789"))
    with pytest.raises(PlatformTransient):
        await against(lambda request: httpx.Response(503)).publish(stored(), Source(b"0123456789"))


@pytest.mark.parametrize(
    ("refusal", "error"),
    [(envelope(400, "invalidVideoMetadata"), PostRejected), (envelope(403, "quotaExceeded"), QuotaExhausted)],
)
async def test_a_plain_refusal_of_the_last_byte(refusal: httpx.Response, error: type[ReelwrightError]) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(308) if request.headers["content-range"] == "bytes */10" else refusal

    with pytest.raises(error):
        await against(answer).publish(stored(), Source(b"0123456789"))


async def test_an_account_without_a_channel_needs_a_person() -> None:
    with pytest.raises(NeedsAuthorization, match="no YouTube channel"):
        await against(lambda request: httpx.Response(200, json={"items": []})).reconcile(draft(), None)


@pytest.mark.parametrize("sent", ["bytes=0-", "bytes=5-9", "0-99999999999999999999", "none"])
async def test_positions_that_make_no_sense(sent: str) -> None:
    with pytest.raises(PlatformTransient, match="makes no sense"):
        await against(lambda request: httpx.Response(308, headers={"Range": sent})).progress(stored())


async def test_a_session_of_somewhere_else_is_never_sent_our_token() -> None:
    session = stored().model_copy(update={"state": {"uri": "https://evil.example/?upload_id=1"}})

    def answer(request: httpx.Request) -> httpx.Response:
        raise AssertionError(json.dumps(str(request.url)))

    with pytest.raises(SessionLost):
        await against(answer).progress(session)
