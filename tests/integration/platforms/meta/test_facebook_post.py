"""Facebook's limits, the choice of a place, and how odd readings are taken."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from reelwright.domain.errors import PlatformTransient, PostRejected
from reelwright.domain.formats import Platform
from reelwright.domain.ports.publishing import VideoFacts
from reelwright.domain.publishing.posting import PostKind, ProcessingState, PublishedPost
from reelwright.platforms.facebook import post as fb
from reelwright.platforms.facebook.publisher import FacebookPublisher

from ...conftest import Sandbox
from .kit import REEL, VIDEO, WIDE, Tokens, answering, draft
from .test_instagram_reconcile import ODD

FB = Platform.FACEBOOK


def facts(**changes: Any) -> VideoFacts:
    values: dict[str, Any] = {"width": 1080, "height": 1920, "duration_s": 30.0, "fps": 30.0, "size": len(VIDEO)}
    return VideoFacts(**{**values, **changes})


@pytest.mark.parametrize(
    ("kind", "video", "expected"),
    [
        ("auto", {}, "reel"),
        ("auto", {"width": 540, "height": 960}, "reel"),
        ("auto", {"duration_s": 3.0}, "reel"),
        ("auto", {"duration_s": 90.0}, "reel"),
        ("auto", {"duration_s": 2.9}, "video"),
        ("auto", {"duration_s": 90.1}, "video"),
        ("auto", {"width": 538, "height": 958}, "video"),
        ("auto", {"width": 1080, "height": 1080}, "video"),
        ("auto", {"width": 1920, "height": 1080}, "video"),
        ("auto", {"fps": 20.0}, "video"),
        ("video", {}, "video"),
        ("reel", {}, "reel"),
        ("story", {"duration_s": 60.0}, "story"),
    ],
)
def test_the_natural_place(kind: str, video: dict[str, Any], expected: str) -> None:
    assert fb.check(draft(FB, kind=kind), facts(**video), fb.LIMITS) is PostKind(expected)


@pytest.mark.parametrize(
    ("field", "changes", "video"),
    [
        ("video", {"kind": "reel"}, {"duration_s": 90.1}),
        ("video", {"kind": "reel"}, {"width": 1920, "height": 1080}),
        ("video", {"kind": "reel"}, {"width": 538, "height": 956}),
        ("video", {"kind": "reel"}, {"fps": 61.0}),
        ("video", {"kind": "story"}, {"duration_s": 60.1}),
        ("video", {}, {"size": 0}),
        ("video", {}, {"size": 10_000_000_001}),
        ("video", {}, {"duration_s": 14_400.1}),
        ("video", {}, {"media_type": "video/webm"}),
        ("video", {}, {"height": 0}),
        ("kind", {"kind": "article"}, {}),
        ("privacy", {"privacy": "private"}, {}),
        ("title", {"title": " "}, {}),
        ("title", {"title": "x" * 256}, {}),
        ("caption", {"caption": "x" * 63_207}, {}),
        ("first_comment", {"first_comment": "x" * 8_001}, {}),
        ("first_comment", {"first_comment": " "}, {}),
        ("caption", {"kind": "story", "caption": "x"}, {}),
        ("first_comment", {"kind": "story", "first_comment": "x"}, {}),
    ],
)
def test_over_the_limit(field: str, changes: dict[str, Any], video: dict[str, Any]) -> None:
    with pytest.raises(PostRejected) as caught:
        fb.check(draft(FB, **changes), facts(**video), fb.LIMITS)
    assert caught.value.field == field and caught.value.remedy


def test_at_the_limit() -> None:
    post = draft(FB, title="x" * 255, caption="x" * 63_206, first_comment="x" * 8_000)
    assert fb.check(post, facts(size=10_000_000_000), fb.LIMITS) is PostKind.REEL


def test_a_composed_text_fits_by_construction() -> None:
    post = draft(FB, description="word " * 20_000, paid_partnership=True)
    for kind in (PostKind.REEL, PostKind.VIDEO):
        text = fb.texts_of(post, kind, fb.LIMITS)["description"]
        assert len(text) <= 63_206 and text.startswith("Paid partnership\n\n")
    said = fb.texts_of(draft(FB, synthetic_media=False), PostKind.VIDEO, fb.LIMITS)
    assert "is_ai_generated" not in said and not said["description"].startswith(said["title"])
    assert fb.texts_of(draft(FB), PostKind.STORY, fb.LIMITS) == {"is_ai_generated": "true"}


@pytest.mark.parametrize(
    ("status", "state", "again"),
    [
        ({"video_status": "upload_complete"}, "live", False),
        ({"uploading_phase": {"status": "completed"}}, "live", False),
        ({"uploading_phase": {"status": "in_progress", "bytes_transfered": 5}}, "processing", False),
        ({"video_status": "expired"}, "failed", True),
        ({"video_status": "upload_failed"}, "failed", True),
        ({"processing_phase": {"status": "error", "error": {"message": "Resolution too low"}}}, "failed", False),
        (
            {"processing_phase": {"status": "error", "errors": [{"code": 1, "message": "Wrong aspect ratio"}]}},
            "failed",
            False,
        ),
        ({"processing_phase": {"status": "error"}}, "failed", True),
        ({"processing_phase": {"status": "error", "error": {"message": "Something went wrong"}}}, "failed", True),
        ("x", "processing", False),
        ({"uploading_phase": [], "processing_phase": "x", "video_status": 3}, "processing", False),
    ],
)
def test_readings_before_the_post(status: Any, state: str, again: bool) -> None:
    reading = fb.readiness(fb.standing_of({"status": status}, "https://www.facebook.com"))
    assert (reading.state, reading.again) == (ProcessingState(state), again)


@pytest.mark.parametrize(
    ("phase", "published"),
    [
        ({"status": "not_started", "publish_status": "draft"}, False),
        ({"status": "error"}, False),
        ({}, False),
        ({"status": "in_progress"}, True),
        ({"status": "complete"}, True),
        ({"status": "completed"}, True),
        ({"status": "not_started", "publish_status": "published"}, True),
        ({"status": "not_started", "publish_status": "scheduled"}, True),
    ],
)
def test_when_a_video_counts_as_published(phase: dict[str, str], published: bool) -> None:
    assert fb.standing_of({"status": {"publishing_phase": phase}}, "https://f").published is published


@pytest.mark.parametrize(("name", "value", "held"), [
    ("bytes_transfered", 5, 5), ("bytes_transferred", "7", 7), ("bytes_transfered", -1, None), ("x", 1, None),
])  # fmt: skip
def test_the_offset_is_spelt_both_ways(name: str, value: Any, held: int | None) -> None:
    assert fb.standing_of({"status": {"uploading_phase": {name: value}}}, "https://f").held == held


@pytest.mark.parametrize(
    ("told", "url"),
    [
        ("/reel/123/", "https://www.facebook.com/reel/123/"),
        ("https://www.facebook.com/reel/1", "https://www.facebook.com/reel/1"),
        ("//evil.example/x", ""),
        ("javascript:alert(1)", ""),
        ("/a b", ""),
        (None, ""),
    ],
)
def test_addresses_come_without_a_host(told: Any, url: str) -> None:
    assert fb.permalink_of({"permalink_url": told}, "https://www.facebook.com") == url


@pytest.mark.parametrize("answer", ODD, ids=range(len(ODD)))
@pytest.mark.parametrize("video", [REEL, WIDE], ids=["reel", "video"])
async def test_odd_answers_end_in_a_typed_error(sandbox: Sandbox, answer: httpx.Response, video: VideoFacts) -> None:
    async with answering(answer) as client:
        publisher = FacebookPublisher(client, Tokens(sandbox, FB), retry_wait_s=0.0)
        with pytest.raises((PlatformTransient, PostRejected)):
            await publisher.begin(draft(FB), video)


async def test_windows_that_make_no_sense_are_not_followed(sandbox: Sandbox) -> None:
    ids = {"video_id": "9000000000000001", "upload_session_id": "8000000000000001"}
    for start, end in (("-1", "5"), ("5", "3"), ("0", "99999999"), ("x", "y"), (None, None)):
        body = {**ids, "start_offset": start, "end_offset": end}
        async with answering(httpx.Response(200, json=body)) as client:
            publisher = FacebookPublisher(client, Tokens(sandbox, FB), retry_wait_s=0.0)
            with pytest.raises(PlatformTransient, match="first window"):
                await publisher.begin(draft(FB), WIDE)


async def test_a_post_that_is_not_to_be_seen_is_still_processing(sandbox: Sandbox) -> None:
    missing = httpx.Response(400, json={"error": {"code": 100, "error_subcode": 33, "message": "no"}})
    async with answering(missing) as client:
        publisher = FacebookPublisher(client, Tokens(sandbox, FB), retry_wait_s=0.0)
        reading = await publisher.processing(draft(FB), PublishedPost(post_id="9000000000000001"))
    assert reading.state is ProcessingState.PROCESSING
