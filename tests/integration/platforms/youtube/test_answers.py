"""Answers that nobody documents, given by a mock transport, since the sandbox never gives them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
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
from reelwright.domain.publishing.posting import PublishedPost, UploadSession
from reelwright.platforms.youtube.errors import Doing, google_error
from reelwright.platforms.youtube.upload import GRANULE, trusted

from .kit import Source, against, begun, draft, envelope, files, publish, stored

# --- answers nobody documents ---------------------------------------------------------------------------------------

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
        await publisher.processing(draft(), PublishedPost(post_id="AAAAAAAAAAA"))
    text = str(caught.value)
    assert words in text and "\n" not in text and "<" not in text and len(text) < 400


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
    found = google_error(response, NOW, Doing("testing"))
    assert type(found) is error
    assert getattr(found, "resets_at", None) == resets_at


def test_retry_after_is_carried_over() -> None:
    response = envelope(503, "backendError")
    response.headers["Retry-After"] = "17"
    found = google_error(response, NOW, Doing("testing"))
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

    post = await publish(against(answer), stored(), Source(b"0123456789"))
    assert post == PublishedPost(post_id="AAAAAAAAAAA", url="https://www.youtube.com/watch?v=AAAAAAAAAAA")
    assert seen == ["/upload", "/moved"]


async def test_an_end_without_an_id_is_asked_again_and_else_unknown() -> None:
    answers = iter([httpx.Response(308), httpx.Response(200, text=HTML), httpx.Response(200, json={"id": "B" * 11})])
    post = await publish(against(lambda request: next(answers)), stored(), Source(b"0123456789"))
    assert post.post_id == "B" * 11
    nothing = iter([httpx.Response(308), httpx.Response(200), httpx.Response(200, json={"id": 'x"><script>'})])
    with pytest.raises(OutcomeUnknown):
        await publish(against(lambda request: next(nothing)), stored(), Source(b"0123456789"))


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
        await publish(against(answer), stored(), Source(b"0123456789"))
    with pytest.raises(PlatformTransient):
        await publish(against(lambda request: httpx.Response(503)), stored(), Source(b"0123456789"))


@pytest.mark.parametrize(
    ("refusal", "error"),
    [(envelope(400, "invalidVideoMetadata"), PostRejected), (envelope(403, "quotaExceeded"), QuotaExhausted)],
)
async def test_a_plain_refusal_of_the_last_byte(refusal: httpx.Response, error: type[ReelwrightError]) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(308) if request.headers["content-range"] == "bytes */10" else refusal

    with pytest.raises(error):
        await publish(against(answer), stored(), Source(b"0123456789"))


async def test_an_account_without_a_channel_needs_a_person() -> None:
    with pytest.raises(NeedsAuthorization, match="no YouTube channel"):
        await against(lambda request: httpx.Response(200, json={"items": []})).reconcile(draft(), None, None)


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


async def test_a_checkpoint_tells_where_the_session_has_moved() -> None:
    """Whoever goes on after a crash must not ask at the old address."""
    total, told = 3 * GRANULE, list[tuple[Any, int]]()

    def answer(request: httpx.Request) -> httpx.Response:
        text = request.headers["content-range"]
        if text.startswith("bytes */"):
            return httpx.Response(308)
        end = text.split("-")[1].split("/")[0]
        return httpx.Response(
            308, headers={"Range": f"bytes=0-{end}", "Location": "https://youtube.test/b?upload_id=2"}
        )

    async def checkpoint(session: UploadSession, committed: int) -> None:
        told.append((session.state["uri"], committed))

    publisher = against(answer, chunk_size=GRANULE)
    await publisher.upload(draft(), stored(total), files(Source(bytes(total))), checkpoint)
    assert told == [
        ("https://youtube.test/b?upload_id=2", GRANULE),
        ("https://youtube.test/b?upload_id=2", 2 * GRANULE),
    ]


@pytest.mark.parametrize(
    ("doing", "message", "bucket"),
    [
        (Doing("x"), "quota metric 'Queries' and limit 'Queries per day'", "units"),
        (Doing("x", bucket="inserts"), "limit 'Queries per day'", "inserts"),
        (Doing("x"), "quota metric 'Video Uploads' and limit 'Video Uploads per day'", "inserts"),
    ],
)
def test_a_spent_quota_names_its_bucket(doing: Doing, message: str, bucket: str) -> None:
    found = google_error(envelope(429, "rateLimitExceeded", message), NOW, doing)
    assert isinstance(found, QuotaExhausted) and found.bucket == bucket


def test_a_missing_scope_is_taken_from_the_answer_where_the_call_names_none() -> None:
    response = envelope(403, "insufficientPermissions")
    response.headers["www-authenticate"] = (
        'Bearer error="insufficient_scope", scope="https://www.googleapis.com/auth/a b"'
    )
    found = google_error(response, NOW, Doing("testing"))
    assert isinstance(found, NeedsAuthorization) and found.field == "scope" and "with a" in found.remedy
    bare = google_error(envelope(403, "insufficientPermissions"), NOW, Doing("testing"))
    assert isinstance(bare, NeedsAuthorization) and "all scopes" in bare.remedy


@pytest.mark.parametrize("told", ["done without an id", "an address of somewhere else"])
async def test_what_may_have_been_posted_is_never_absent(told: str) -> None:
    """However late, and however empty the channel: only a session that is gone cannot become a video any more."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/upload":
            return httpx.Response(200, json={"kind": "youtube#video"})
        uploads = {"contentDetails": {"relatedPlaylists": {"uploads": "UUx"}}}
        return httpx.Response(200, json={"items": [uploads] if "channels" in request.url.path else []})

    session = stored()
    if told == "an address of somewhere else":
        session = session.model_copy(update={"state": {"uri": "https://other.test/upload"}})
    found = await against(answer).reconcile(draft(), session, NOW - timedelta(days=300))
    assert found.outcome == "unknown"


@pytest.mark.parametrize(("armed_days", "pages"), [(0, 1), (1.5, 2), (None, 4)])
async def test_uploads_from_long_before_the_arming_are_not_read(armed_days: float | None, pages: int) -> None:
    """Pages of one video each, from two, three, four and five days ago; the wanted one is no longer among them."""
    read: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        query, what = request.url.params, request.url.path.rpartition("/")[2]
        if what == "channels":
            return httpx.Response(200, json={"items": [{"contentDetails": {"relatedPlaylists": {"uploads": "UUx"}}}]})
        if what == "playlistItems":
            at = int(query.get("pageToken", "2"))
            read.append(str(at))
            more = {"nextPageToken": str(at + 1)} if at < 5 else {}
            return httpx.Response(200, json={"items": [{"contentDetails": {"videoId": f"v{at}"}}], **more})
        old = NOW - timedelta(days=int(query["id"][1:]))
        return httpx.Response(200, json={"items": [{"id": query["id"], "snippet": {"publishedAt": old.isoformat()}}]})

    armed = None if armed_days is None else NOW - timedelta(days=armed_days)
    assert (await against(answer).reconcile(draft(), None, armed)).outcome == "unknown"
    assert len(read) == pages
