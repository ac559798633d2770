"""What became of an armed post on Instagram, its limits, and what its answers mean."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from reelwright.domain.errors import PlatformTransient, PostRejected
from reelwright.domain.formats import Platform
from reelwright.domain.ports.publishing import VideoFacts
from reelwright.domain.publishing.accounts import AccountInfo
from reelwright.domain.publishing.posting import PostKind, ProcessingState, PublishedPost
from reelwright.platforms.instagram import post as ig
from reelwright.platforms.instagram.publisher import InstagramPublisher

from ...conftest import Sandbox
from .kit import REEL, VIDEO, Row, Tokens, answering, draft, files, post_it, settings, uploaded
from .test_instagram import HTML, SPAM, publisher_for, reel

IG = Platform.INSTAGRAM


@pytest.fixture
async def publisher(sandbox: Sandbox, http: httpx.AsyncClient) -> InstagramPublisher:
    return publisher_for(sandbox, http)


async def lost(publisher: InstagramPublisher, sandbox: Sandbox, **changes: Any) -> tuple[Row, str]:
    """A post that was made, and whose answer was lost with every reading after it; its true id."""
    row = await uploaded(publisher, reel(**changes))
    assert row.session is not None
    row.armed_at = datetime.now(UTC)
    await sandbox.fault("error_though_done", platform="instagram", op="publish", status=400, body=SPAM)
    await sandbox.fault("status", platform="instagram", op="poll", status=500, skip=1, count=9)
    with pytest.raises(Exception, match="2207051"):
        await publisher.publish(reel(**changes), row.session, files(), row.checkpoint)
    await sandbox.client.delete(f"{sandbox.url}/_control/faults")
    return row, (await sandbox.posts())[0]["post_id"]


# --- finding the post -----------------------------------------------------------------------------------------------


async def test_the_post_is_found_by_its_text_and_never_the_newest(
    publisher: InstagramPublisher, sandbox: Sandbox
) -> None:
    row, true_id = await lost(publisher, sandbox)
    other = await post_it(publisher, reel(title="Another"))
    assert other.post_id != true_id
    found = await publisher.reconcile(reel(), row.session, row.armed_at)
    assert found.post == PublishedPost(post_id=true_id, url=f"{sandbox.url}/watch?v={true_id}")


async def test_an_older_post_with_the_same_text_is_not_it(publisher: InstagramPublisher, sandbox: Sandbox) -> None:
    old = await post_it(publisher, reel())
    await sandbox.settings(clock_offset_s=3_600.0)
    row, true_id = await lost(publisher, sandbox)
    armed = datetime.now(UTC) + timedelta(seconds=3_600)
    # The first attempt's instant is on record in the session; without it the armed row's counts.
    assert row.session is not None
    bare = row.session.model_copy(update={"state": {**row.session.state, "tried": ""}})
    found = await publisher.reconcile(reel(), bare, armed)
    assert found.post is not None and found.post.post_id == true_id != old.post_id


async def test_two_posts_that_could_be_it_are_for_a_person(publisher: InstagramPublisher, sandbox: Sandbox) -> None:
    row, true_id = await lost(publisher, sandbox)
    twin = await post_it(publisher, reel())
    found = await publisher.reconcile(reel(), row.session, row.armed_at)
    assert found.outcome == "untold" and true_id in found.reason and twin.post_id in found.reason


async def test_a_list_that_lags_is_asked_again(publisher: InstagramPublisher, sandbox: Sandbox) -> None:
    row, true_id = await lost(publisher, sandbox)
    await settings(sandbox, IG, listed_after_s=3_600.0)
    found = await publisher.reconcile(reel(), row.session, row.armed_at)
    assert found.outcome == "unknown"
    reading = await publisher.processing(reel(), PublishedPost(post_id=true_id))
    assert reading.state is ProcessingState.PROCESSING
    await settings(sandbox, IG, listed_after_s=0.0)
    found = await publisher.reconcile(reel(), row.session, row.armed_at)
    assert found.post is not None and found.post.post_id == true_id


async def test_a_status_that_lags_does_not_make_a_second_post(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    """The container still reads FINISHED: first the patience helps, then the list of media does."""
    publisher = publisher_for(sandbox, http, settle_s=600.0)
    row, true_id = await lost(publisher, sandbox)
    await settings(sandbox, IG, status_lag_s=3_600.0)
    assert (await publisher.reconcile(reel(), row.session, row.armed_at)).outcome == "unknown"
    hasty = publisher_for(sandbox, http)
    found = await hasty.reconcile(reel(), row.session, row.armed_at)
    assert found.outcome == "unknown" and "has appeared" in found.reason
    await settings(sandbox, IG, status_lag_s=0.0)
    found = await hasty.reconcile(reel(), row.session, row.armed_at)
    assert found.post is not None and found.post.post_id == true_id


async def test_stories_are_looked_for_among_stories(publisher: InstagramPublisher, sandbox: Sandbox) -> None:
    await post_it(publisher, reel())
    row, true_id = await lost(publisher, sandbox, kind=PostKind.STORY)
    found = await publisher.reconcile(reel(kind=PostKind.STORY), row.session, row.armed_at)
    assert found.post is not None and found.post.post_id == true_id


async def test_a_published_container_is_never_lost(publisher: InstagramPublisher, sandbox: Sandbox) -> None:
    """More than 24 hours later it is still the container that tells."""
    row, true_id = await lost(publisher, sandbox)
    await sandbox.settings(clock_offset_s=2 * 86_400.0)
    found = await publisher.reconcile(reel(), row.session, row.armed_at)
    assert found.post is not None and found.post.post_id == true_id


async def test_what_was_never_published_is_absent(publisher: InstagramPublisher, sandbox: Sandbox) -> None:
    row = await uploaded(publisher, reel())
    found = await publisher.reconcile(reel(), row.session, datetime.now(UTC) - timedelta(hours=1))
    assert (found.outcome, found.post) == ("absent", None) and "FINISHED" in found.reason
    assert (await publisher.reconcile(reel(), None, datetime.now(UTC))).outcome == "untold"


async def test_a_container_that_cannot_be_seen_settles_nothing(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    later = timedelta()
    publisher = publisher_for(sandbox, http, clock=lambda: datetime.now(UTC) + later)
    row = await uploaded(publisher, reel())
    await settings(sandbox, IG, missing_polls=10_000)
    assert (await publisher.reconcile(reel(), row.session, datetime.now(UTC))).outcome == "unknown"
    assert row.session is not None
    assert (await publisher.ready(reel(), row.session)).state is ProcessingState.PROCESSING
    later = timedelta(hours=25)
    assert (await publisher.reconcile(reel(), row.session, datetime.now(UTC))).outcome == "untold"


# --- limits ---------------------------------------------------------------------------------------------------------


def facts(**changes: Any) -> VideoFacts:
    values: dict[str, Any] = {"width": 1080, "height": 1920, "duration_s": 30.0, "fps": 30.0, "size": len(VIDEO)}
    return VideoFacts(**{**values, **changes})


AT_THE_LIMIT: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"caption": "x" * 2_200}, {}),
    ({"caption": "#a " * 30}, {}),
    ({"caption": "@a " * 20}, {}),
    ({"first_comment": "x" * 300}, {}),
    ({}, {"duration_s": 3.0}),
    ({}, {"duration_s": 900.0}),
    ({}, {"size": 300_000_000}),
    ({}, {"width": 1920, "height": 192}),
    ({}, {"fps": 23.0}),
    ({}, {"fps": 60.0}),
    ({"kind": "story"}, {"duration_s": 60.0, "size": 100_000_000}),
    ({"kind": "video"}, {}),
]


@pytest.mark.parametrize(("changes", "video"), AT_THE_LIMIT)
def test_at_the_limit(publisher: InstagramPublisher, changes: dict[str, Any], video: dict[str, Any]) -> None:
    kind = publisher.validate(reel(**changes), facts(**video))
    assert kind is (PostKind.STORY if changes.get("kind") == "story" else PostKind.REEL)


OVER_THE_LIMIT: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("caption", {"caption": "x" * 2_201}, {}),
    ("caption", {"caption": "#a " * 31}, {}),
    ("caption", {"caption": "@a " * 21}, {}),
    ("first_comment", {"first_comment": "x" * 301}, {}),
    ("first_comment", {"first_comment": "#a " * 5}, {}),
    ("first_comment", {"first_comment": "  "}, {}),
    ("privacy", {"privacy": "unlisted"}, {}),
    ("kind", {"kind": "article"}, {}),
    ("caption", {"kind": "story", "caption": "x"}, {}),
    ("first_comment", {"kind": "story", "first_comment": "x"}, {}),
    ("video", {}, {"duration_s": 2.99}),
    ("video", {}, {"duration_s": 900.01}),
    ("video", {}, {"size": 300_000_001}),
    ("video", {}, {"size": 0}),
    ("video", {}, {"width": 1_922}),
    ("video", {}, {"width": 1920, "height": 190}),
    ("video", {}, {"width": 0}),
    ("video", {}, {"fps": 22.0}),
    ("video", {}, {"fps": 61.0}),
    ("video", {}, {"media_type": "video/webm"}),
    ("video", {"kind": "story"}, {"duration_s": 60.1}),
    ("video", {"kind": "story"}, {"size": 100_000_001}),
]


@pytest.mark.parametrize(("field", "changes", "video"), OVER_THE_LIMIT)
def test_over_the_limit(
    publisher: InstagramPublisher, field: str, changes: dict[str, Any], video: dict[str, Any]
) -> None:
    with pytest.raises(PostRejected) as caught:
        publisher.validate(reel(**changes), facts(**video))
    assert caught.value.field == field and caught.value.remedy


def test_a_composed_caption_fits_by_construction(publisher: InstagramPublisher) -> None:
    post = reel(
        title="T" * 90,
        description=" ".join(["#tag", "@you", "word"] * 400),
        tags=tuple(f"tag {n}" for n in range(60)),
    )
    text = ig.caption_of(post)
    assert len(text) <= 2_200
    assert publisher.validate(reel(caption=text), REEL) is PostKind.REEL
    assert text.endswith("…"), "cut at a word, with no room for hashtags"
    many = ig.caption_of(reel(tags=tuple(f"tag {n}" for n in range(60))))
    assert many.count("#") == 30 and many.endswith("#tag29")
    assert ig.caption_of(reel(tags=("C++ & <b>", "12", "!"), description="")).endswith("#Cb")


def test_account_options_that_are_no_numbers_are_not_sent() -> None:
    info = AccountInfo(platform=IG, options={"thumb_offset": "1; drop", "share_to_feed": "maybe"})
    form = ig.container(draft(IG), info)
    assert "thumb_offset" not in form and form["share_to_feed"] == "true"


# --- answers of other shapes ----------------------------------------------------------------------------------------

ODD = [
    httpx.Response(200, content=b""),
    httpx.Response(200, content=b"[]"),
    httpx.Response(200, content=b"null"),
    httpx.Response(200, json={"id": 17}),
    httpx.Response(200, json={"id": "../../me", "uri": 3}),
    httpx.Response(200, json={"id": "17900000000000001"}),
    httpx.Response(200, content=HTML.encode(), headers={"content-type": "text/html"}),
    httpx.Response(502, content=HTML.encode(), headers={"content-type": "text/html"}),
    httpx.Response(400, json={"error": "no"}),
    httpx.Response(400, json={"error": {"code": "x", "error_subcode": [], "message": 3}}),
]


@pytest.mark.parametrize("answer", ODD, ids=range(len(ODD)))
async def test_odd_answers_end_in_a_typed_error(sandbox: Sandbox, answer: httpx.Response) -> None:
    async with answering(answer) as client:
        publisher = InstagramPublisher(client, Tokens(sandbox, IG), retry_wait_s=0.0)
        with pytest.raises((PlatformTransient, PostRejected)):
            await publisher.begin(reel(), REEL)


async def test_an_upload_goes_only_to_metas_hosts(sandbox: Sandbox) -> None:
    for uri in (
        "https://evil.example/x",
        "http://rupload.facebook.com/x",
        "https://rupload.facebook.com.evil.example/",
    ):
        async with answering(httpx.Response(200, json={"id": "17900000000000001", "uri": uri})) as client:
            publisher = InstagramPublisher(client, Tokens(sandbox, IG), retry_wait_s=0.0)
            with pytest.raises(Exception, match="not one of Meta's"):
                await publisher.begin(reel(), REEL)


@pytest.mark.parametrize(
    "body",
    [{}, {"data": []}, {"data": [{}]}, {"data": "x"}, {"data": [{"quota_usage": "2", "config": {"quota_total": 0}}]}],
)
async def test_an_odd_quota_is_no_reading_of_a_limit(sandbox: Sandbox, body: dict[str, Any]) -> None:
    async with answering(httpx.Response(200, json=body)) as client:
        readings = await InstagramPublisher(client, Tokens(sandbox, IG), retry_wait_s=0.0).quota("main")
    assert [(one.used, one.limit) for one in readings] == ([(2, None)] if "quota_usage" in str(body) else [])
