"""Bluesky's records, their keys, and what is refused before anything is sent."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelwright.domain.errors import (
    NeedsAuthorization,
    PlatformTransient,
    PostRejected,
    QuotaExhausted,
    SessionLost,
)
from reelwright.domain.formats import Platform
from reelwright.domain.ports.publishing import VideoFacts
from reelwright.domain.publishing.posting import PostDraft, PostKind, ProcessingState
from reelwright.platforms.bluesky.errors import bluesky_error, dead_token
from reelwright.platforms.bluesky.post import (
    AI_NOTE,
    RKEY,
    Limits,
    check_draft,
    check_video,
    pds_of,
    post_record,
    processing_of,
    rkey_of,
    text_of,
    tid,
)
from reelwright.platforms.bluesky.text import fits
from tests.depth import examples

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
BLOB = {"$type": "blob", "ref": {"$link": "bafkreix"}, "mimeType": "video/mp4", "size": 9}


def draft(**changes: Any) -> PostDraft:
    values: dict[str, Any] = {
        "platform": Platform.BLUESKY, "account": "main", "title": "Three hearts", "description": "Two for the gills.",
        "tags": ("octopus", "deep sea"), "marker": "rw0123456789abcdef",
    }  # fmt: skip
    return PostDraft(**{**values, **changes})


# --- keys ------------------------------------------------------------------------------------------------------------


def test_golden_vectors_of_tids() -> None:
    noon = int(NOW.timestamp() * 1_000_000)
    assert tid(noon, 0) == "3n3jon5bo2222" and tid(noon + 1, 0) == "3n3jon5bo2322"
    assert tid(noon, 1023) == "3n3jon5bo22zz" and tid(0, 0) == "2222222222222"


@given(st.integers(0, 2**53 - 2), st.integers(0, 1023))
def test_tids_sort_as_their_instants(microseconds: int, clock: int) -> None:
    assert re.fullmatch(RKEY, tid(microseconds, clock))
    assert tid(microseconds, clock) < tid(microseconds + 1, 0)


@given(st.text(max_size=40), st.text(max_size=10))
@pytest.mark.lengthy
def test_a_posts_key_is_a_tid_of_the_past_and_always_the_same(marker: str, part: str) -> None:
    key = rkey_of(marker, part)
    assert re.fullmatch(RKEY, key) and key == rkey_of(marker, part)
    assert tid(1_672_531_200_000_000, 0) <= key < tid(int(NOW.timestamp()) * 1_000_000, 0)


def test_keys_differ() -> None:
    """And are pinned: another way to make them would post again what is posted."""
    assert rkey_of("rw0123456789abcdef") == "3kl7srkptjcz4"
    keys = {rkey_of(f"rw{number:016x}") for number in range(10_000)}
    assert len(keys) == 10_000 and rkey_of("a", "reply-2") != rkey_of("a", "reply-3") != rkey_of("a")


# --- what is posted --------------------------------------------------------------------------------------------------


def test_a_record() -> None:
    record = post_record(
        draft(), text_of(draft()), {}, created=NOW, video=BLOB, captions={"de": BLOB}, size=(1080, 1920)
    )
    assert record["text"] == f"Three hearts\n\nTwo for the gills.\n\n{AI_NOTE}\n\n#octopus #DeepSea"
    assert record["createdAt"] == "2026-11-30T12:00:00.000Z"
    assert record["embed"]["aspectRatio"] == {"width": 9, "height": 16}
    assert record["embed"]["captions"] == [{"lang": "de", "file": BLOB}]


def test_a_text_that_was_not_made_with_ai_does_not_say_so() -> None:
    plain = draft(synthetic_media=False)
    assert AI_NOTE not in text_of(plain)
    assert "tags" not in post_record(plain, text_of(plain), {}, created=NOW, video=BLOB, captions={}, size=(1, 1))


@examples(100)
@given(st.text(min_size=1, max_size=500), st.text(max_size=2_000), st.lists(st.text(max_size=80), max_size=20))
def test_a_text_of_ours_always_fits(title: str, description: str, tags: list[str]) -> None:
    assert fits(text_of(draft(title=title, description=description, tags=tuple(tags))))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"caption": "x" * 301}, "caption"),
        ({"caption": "👨‍👩‍👧‍👦" * 121}, "caption"),  # 121 characters, 3,025 bytes
        ({"thread": ("fine", "y" * 301)}, "thread[1]"),
        ({"first_comment": " "}, "first_comment"),
        ({"title": " "}, "title"),
        ({"privacy": "private"}, "privacy"),
        ({"kind": PostKind.STORY}, "kind"),
    ],
)
def test_what_bluesky_would_refuse(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(PostRejected) as caught:
        check_draft(draft(**changes))
    assert caught.value.field == field and caught.value.remedy


def test_what_just_fits_is_taken() -> None:
    check_draft(draft(caption="👋🏽" * 300))


@pytest.mark.parametrize("changes", [{"size": 0}, {"size": 300_000_001}, {"duration_s": 600.1}, {"media_type": "x/y"}])
def test_videos_that_bluesky_would_refuse(changes: dict[str, Any]) -> None:
    values: dict[str, Any] = {"width": 1080, "height": 1920, "duration_s": 600.0, "fps": 30.0, "size": 300_000_000}
    check_video(VideoFacts(**values), Limits())
    with pytest.raises(PostRejected):
        check_video(VideoFacts(**{**values, **changes}), Limits())


# --- what is read ----------------------------------------------------------------------------------------------------


def test_jobs() -> None:
    assert processing_of({"state": "JOB_STATE_COMPLETED"}).state is ProcessingState.PROCESSING  # without its blob
    assert processing_of({"state": "JOB_STATE_NEW", "blob": BLOB}).state is ProcessingState.LIVE
    failed = processing_of({"state": "JOB_STATE_FAILED", "failureCode": "encoding_failure", "error": "no frames"})
    assert failed.again and failed.reason == "encoding_failure: no frames"
    assert not processing_of({"state": "JOB_STATE_FAILED", "failureCode": "pds_upload_unsupported_blob_size"}).again


def test_the_accounts_server_out_of_its_document() -> None:
    def service(id_: str, url: Any) -> dict[str, Any]:
        return {"service": ["odd", {"id": id_, "serviceEndpoint": url}]}

    assert pds_of(service("#atproto_pds", "https://pds.example/")) == "https://pds.example"
    assert pds_of(service("did:plc:x#atproto_pds", "https://pds.example")) == "https://pds.example"
    for name, url in (("#other", "https://pds.example"), ("#atproto_pds", "https://a@b"), ("#atproto_pds", 7)):
        assert pds_of(service(name, url)) == ""


@pytest.mark.parametrize(
    ("status", "name", "expected"),
    [
        (400, "ExpiredToken", NeedsAuthorization),
        (401, "AuthMissing", NeedsAuthorization),
        (400, "AccountTakedown", NeedsAuthorization),
        (400, "BlobNotFound", SessionLost),
        (400, "UploadExpired", SessionLost),
        (400, "InvalidRequest", PostRejected),
        (400, "VideoTooLong", PostRejected),
        (400, "DailyLimitExceeded", QuotaExhausted),
        (429, "RateLimitExceeded", PlatformTransient),
        (500, "InternalServerError", PlatformTransient),
        (504, "UpstreamTimeout", PlatformTransient),
        (400, "ServiceOverloaded", PlatformTransient),
        (401, "", PlatformTransient),
    ],
)
def test_errors_by_their_names(status: int, name: str, expected: type[Exception]) -> None:
    body = {"error": name, "message": "text"} if name else ["a list"]
    response = httpx.Response(status, json=body)
    assert type(bluesky_error(response, NOW, doing="it")) is expected
    assert dead_token(response) is (name in ("ExpiredToken", "AuthMissing"))


@pytest.mark.parametrize(("seconds", "policy", "bucket"), [(1_800, 3_600, "points"), (9_000, 86_400, "points_day")])
def test_a_limit_and_when_it_ends(seconds: int, policy: int, bucket: str) -> None:
    reset = int(NOW.timestamp()) + seconds
    headers = {"ratelimit-limit": "5", "ratelimit-remaining": "0", "ratelimit-reset": str(reset),
               "ratelimit-policy": f"5;w={policy}"}  # fmt: skip
    response = httpx.Response(429, json={"error": "RateLimitExceeded", "message": "x"}, headers=headers)
    error = bluesky_error(response, NOW, doing="it")
    assert isinstance(error, QuotaExhausted) and error.bucket == bucket and error.resets_at.timestamp() == reset


def test_the_limit_of_an_address_is_waited_for() -> None:
    headers = {"ratelimit-limit": "3000", "ratelimit-remaining": "0", "ratelimit-policy": "3000;w=300",
               "ratelimit-reset": str(int(NOW.timestamp()) + 200)}  # fmt: skip
    response = httpx.Response(429, json={"error": "RateLimitExceeded"}, headers=headers)
    error = bluesky_error(response, NOW, doing="it")
    assert isinstance(error, PlatformTransient) and error.retry_after_s == 200
