"""The Bluesky adapter against the sandbox over real HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from reelwright.domain.errors import (
    NeedsAuthorization,
    OutcomeUnknown,
    PlatformTransient,
    PostRejected,
    QuotaExhausted,
    SessionLost,
)
from reelwright.domain.publishing.posting import PostKind, ProcessingState, UploadSession
from reelwright.platforms.bluesky.post import AI_TAG, rkey_of, text_of
from reelwright.platforms.common.renewals import Revoked
from sandbox.bluesky.nouns import did_of, handle_of

from ...conftest import Sandbox
from .kit import PART, VIDEO, VTT, Desk, Files, captions, draft, facts


@pytest.fixture
async def desk(sandbox: Sandbox, http: httpx.AsyncClient) -> Desk:
    desk = Desk(sandbox, http)
    await desk.settings(part_size=PART)
    return desk


# --- the straight way -----------------------------------------------------------------------------------------------


async def test_a_whole_publication(desk: Desk) -> None:
    wanted = draft(captions=(captions(),))
    assert desk.publisher.validate(wanted, facts()) is PostKind.VIDEO
    session = await desk.uploaded(wanted)
    assert await desk.posts() == []
    assert desk.committed[:6] == [PART, 2 * PART, 3 * PART, 4 * PART, 5 * PART, len(VIDEO)]
    assert (await desk.publisher.progress(session)).committed == len(VIDEO)
    post = await desk.publish(wanted)
    told = await desk.one_post(post)
    record = told["meta"]["record"]
    assert told["text"] == record["text"] == text_of(wanted) and post.post_id == rkey_of(wanted.marker)
    assert record["langs"] == ["en"] and record["tags"] == [AI_TAG]
    embed = record["embed"]
    assert embed["aspectRatio"] == {"width": 9, "height": 16} and embed["alt"].startswith(wanted.title)
    assert [(track["lang"], track["file"]["size"]) for track in embed["captions"]] == [("de", len(VTT))]
    kinds = [facet["features"][0]["$type"].rpartition("#")[2] for facet in record["facets"]]
    assert kinds == ["link", "tag", "tag"]
    assert (await desk.publisher.processing(wanted, post)).state is ProcessingState.LIVE


async def test_posting_again_is_no_second_post(desk: Desk) -> None:
    """The call may be made as often as one likes, by whomever: the record has one key."""
    await desk.uploaded(draft())
    first = await desk.publish(draft())
    assert await desk.publish(draft()) == first  # with the record that is stored
    desk.session = None
    await desk.uploaded(draft(title="Another title"))
    assert await desk.publish(draft(title="Another title")) == first  # with another record, which changes nothing
    assert (await desk.one_post(first))["text"] == text_of(draft())


async def test_two_posts_are_two(desk: Desk) -> None:
    first = await desk.posted(draft())
    desk.session = None
    second = await desk.posted(draft(marker="rwfedcba9876543210"))
    assert first.post_id != second.post_id and len(await desk.posts()) == 2


async def test_the_address_of_a_post_leads_to_its_page(desk: Desk, http: httpx.AsyncClient) -> None:
    page = await http.get((await desk.posted(draft())).url, follow_redirects=True)
    assert page.status_code == 200 and "octopuses" in page.text


async def test_a_caption_is_posted_word_for_word_with_its_mentions(desk: Desk) -> None:
    await desk.tokens.access_token("friend")  # who signed in is known by handle
    caption = f"Drei Herzen & Tinte 🐙: @{handle_of('friend')} und @nobody.sandbox.test"
    record = (await desk.one_post(await desk.posted(draft(caption=caption))))["meta"]["record"]
    assert record["text"] == caption
    mentions = [facet for facet in record["facets"] if "did" in facet["features"][0]]
    assert [facet["features"][0]["did"] for facet in mentions] == [did_of("friend")]
    index = mentions[0]["index"]
    assert caption.encode()[index["byteStart"] : index["byteEnd"]].decode() == f"@{handle_of('friend')}"


async def test_streaming_reads_no_further_than_a_part_ahead(desk: Desk) -> None:
    ahead: list[int] = []

    async def checkpoint(session: UploadSession, committed: int) -> None:
        ahead.append(desk.files.read_at_most - committed)

    session = await desk.publisher.begin(draft(), facts())
    await desk.publisher.upload(draft(), session, desk.files.given(), checkpoint)
    assert desk.files.opened == [0] and len(ahead) == 7  # six parts and the end
    assert max(ahead) <= Files.PIECE


async def test_captions_that_are_none_are_left_out(desk: Desk) -> None:
    desk.files.small = b"1\n00:00 --> no WebVTT"
    record = (await desk.one_post(await desk.posted(draft(captions=(captions(),)))))["meta"]["record"]
    assert "captions" not in record["embed"]


async def test_a_thread_and_a_first_comment(desk: Desk) -> None:
    wanted = draft(thread=("The second", "The third"), first_comment="What do you think?")
    post = await desk.posted(wanted)
    made: dict[str, str] = {}
    for extra in desk.publisher.extras(wanted):
        assert await desk.publisher.attached(wanted, post, extra) == ""
        before = made.get(extra.after, "")
        made[extra.name] = await desk.publisher.attach(wanted, post, extra, desk.files.given(), before)
        assert await desk.publisher.attached(wanted, post, extra) == made[extra.name]
        assert await desk.publisher.attach(wanted, post, extra, desk.files.given(), before) == made[extra.name]
    posts = {told["post_id"]: told["meta"]["record"] for told in await desk.posts()}
    assert len(posts) == 4
    root = posts[made["reply-2"]]["reply"]["root"]
    assert root["uri"].endswith(post.post_id) and posts[made["reply-2"]]["reply"]["parent"] == root
    assert posts[made["reply-3"]]["reply"]["parent"]["uri"].endswith(made["reply-2"])
    assert posts[made["reply-3"]]["reply"]["root"] == posts[made["comment"]]["reply"]["parent"] == root


async def test_a_deleted_post_is_gone_and_deleting_it_again_is_no_error(desk: Desk) -> None:
    post = await desk.posted(draft())
    for _ in range(2):
        await desk.publisher.delete("main", post.post_id)
        assert await desk.posts() == []
    with pytest.raises(PostRejected, match="not a post's key"):
        await desk.publisher.delete("main", "../secrets")


async def test_quotas_are_told_after_a_write(desk: Desk) -> None:
    assert list(await desk.publisher.quota("main")) == []
    await desk.posted(draft())
    (reading,) = await desk.publisher.quota("main")
    assert (reading.bucket, reading.used, reading.limit) == ("points", 2, 5_000)


# --- one post, whatever happens -------------------------------------------------------------------------------------


async def test_a_lost_answer_is_found_by_one_read(desk: Desk) -> None:
    await desk.uploaded(draft())
    await desk.fault("after_commit_before_reply", op="publish")
    post = await desk.publish(draft())
    await desk.one_post(post)


async def test_a_lost_answer_whose_read_fails_too_is_unknown_and_then_found(desk: Desk) -> None:
    await desk.uploaded(draft())
    await desk.fault("after_commit_before_reply", op="publish")
    await desk.fault("before_commit", op="read", count=3)
    with pytest.raises(OutcomeUnknown):
        await desk.publish(draft())
    told = await desk.publisher.reconcile(draft(), None, desk.armed_at)  # without its session, too
    assert told.outcome == "posted" and told.post is not None
    await desk.one_post(told.post)


async def test_a_call_that_never_arrived_is_absent_once_it_cannot_be_on_its_way(desk: Desk) -> None:
    await desk.uploaded(draft())
    await desk.fault("before_commit", op="publish")
    with pytest.raises(OutcomeUnknown):
        await desk.publish(draft())
    assert (await desk.publisher.reconcile(draft(), desk.session, desk.armed_at)).outcome == "unknown"
    desk.clock.ahead += timedelta(minutes=3)
    assert (await desk.publisher.reconcile(draft(), desk.session, desk.armed_at)).outcome == "absent"
    await desk.one_post(await desk.publish(draft()))


ANSWERS = [
    {"status": 500, "body": '{"error": "InternalServerError", "message": "Internal Server Error"}'},
    {"status": 502, "body": "<html>Bad Gateway</html>", "content_type": "text/html"},
    {"status": 200, "body": "{}"},
    {"status": 200, "body": '{"uri": "at://did:plc:other/app.bsky.feed.post/2222222222222"}'},
    {"status": 400, "body": "no JSON", "content_type": "text/plain"},
    {"status": 400, "body": '{"error": "InvalidRequest", "message": "nobody foresaw this"}'},
]


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: f"{answer['status']}-{answer['body'][:12]}")
async def test_a_wrong_answer_does_not_double_a_post(desk: Desk, answer: dict[str, Any]) -> None:
    await desk.fault("error_though_done", op="publish", **answer)
    await desk.one_post(await desk.posted(draft()))


@pytest.mark.parametrize("answer", ANSWERS[:5], ids=lambda answer: f"{answer['status']}-{answer['body'][:12]}")
async def test_an_answer_that_tells_nothing_is_unknown_when_nothing_was_posted(
    desk: Desk, answer: dict[str, Any]
) -> None:
    await desk.uploaded(draft())
    await desk.fault("status", op="publish", **answer)
    with pytest.raises(OutcomeUnknown):
        await desk.publish(draft())
    await desk.one_post(await desk.posted(draft()))


async def test_a_server_that_does_not_check_swaps_still_has_one_post(desk: Desk) -> None:
    await desk.settings(swap_checked=False)
    first = await desk.posted(draft())
    desk.session = None
    assert await desk.posted(draft(title="Another title")) == first
    await desk.one_post(first)


async def test_a_blob_that_was_forgotten_is_uploaded_again(desk: Desk) -> None:
    await desk.uploaded(draft())
    await desk.fault("expire_session", op="publish")
    with pytest.raises(SessionLost):
        await desk.publish(draft())
    desk.session = None
    await desk.one_post(await desk.posted(draft()))


# --- uploads --------------------------------------------------------------------------------------------------------


async def test_broken_connections_lose_no_byte(desk: Desk) -> None:
    for at in (0, PART + 1, 3 * PART - 1, len(VIDEO) - 1):
        await desk.fault("reset_at_byte", at_byte=at)
    await desk.fault("partial_commit", op="put", keep=10)
    await desk.fault("after_commit_before_reply", op="finish")
    post = await desk.posted(draft())
    await desk.one_post(post)


async def test_an_upload_goes_on_where_the_service_says_it_stands(desk: Desk) -> None:
    session = await desk.publisher.begin(draft(), facts())
    await desk.fault("status", op="put", status=503, count=9, skip=2)
    with pytest.raises(PlatformTransient):
        await desk.publisher.upload(draft(), session, desk.files.given(), desk.checkpoint)
    await desk.sandbox.client.delete(f"{desk.sandbox.url}/_control/faults")
    assert (await desk.publisher.progress(session)).committed == 2 * PART
    desk.files = Files()
    await desk.publisher.upload(draft(), session, desk.files.given(), desk.checkpoint)
    assert desk.files.opened == [2 * PART]
    await desk.one_post(await desk.posted(draft()))


@pytest.mark.parametrize("op", ["put", "finish", "probe"])
async def test_a_lost_upload_is_begun_anew(desk: Desk, op: str) -> None:
    await desk.fault("expire_session", op=op)
    await desk.one_post(await desk.posted(draft()))


async def test_an_upload_that_expired_is_lost(desk: Desk) -> None:
    session = await desk.publisher.begin(draft(), facts())
    desk.clock.ahead += timedelta(days=2)
    with pytest.raises(SessionLost, match="expired"):
        await desk.publisher.progress(session)


async def test_a_failed_job_is_tried_with_a_fresh_upload(desk: Desk) -> None:
    await desk.fault("fail_processing", op="poll", reason="internal")
    await desk.one_post(await desk.posted(draft()))


async def test_a_video_that_is_no_video_is_not_tried_again(desk: Desk) -> None:
    await desk.settings(outcome="validation_failure", processing_polls=0)
    session = await desk.publisher.begin(draft(), facts())
    await desk.publisher.upload(draft(), session, desk.files.given(), desk.checkpoint)
    reading = await desk.publisher.ready(draft(), desk.session or session)
    assert reading.state is ProcessingState.FAILED and not reading.again and "validation_failure" in reading.reason


async def test_a_wrapped_job_status_is_read_too(desk: Desk) -> None:
    await desk.settings(bare_status=False, processing_polls=2)
    await desk.one_post(await desk.posted(draft()))


async def test_a_video_that_is_known_is_not_processed_again(desk: Desk) -> None:
    await desk.posted(draft())
    job = desk.session and desk.session.state["job"]
    desk.session = None
    second = await desk.uploaded(draft(marker="rwfedcba9876543210"))
    assert second.state["job"] == job and second.state["blob"]


# --- sessions, limits, refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize("op", ["auth", "start", "put", "publish"])
async def test_an_expired_token_is_renewed_with_the_rotated_one(desk: Desk, op: str) -> None:
    await desk.fault("expire_token", op=op)
    await desk.one_post(await desk.posted(draft()))
    assert desk.tokens.renewals >= 2


async def test_a_session_that_was_ended_needs_a_person(desk: Desk) -> None:
    await desk.sandbox.settings(revoked=["main"])
    with pytest.raises(Revoked, match="Invalid identifier or password"):
        await desk.publisher.begin(draft(), facts())


async def test_a_spent_quota_names_its_bucket_and_its_reset(desk: Desk) -> None:
    await desk.uploaded(draft())
    await desk.settings(points_per_day=1)
    with pytest.raises(QuotaExhausted) as caught:
        await desk.publish(draft())
    assert caught.value.bucket == "points_day" and caught.value.resets_at > desk.clock()
    assert await desk.posts() == []


async def test_a_server_that_tells_no_limits_is_waited_for(desk: Desk) -> None:
    await desk.uploaded(draft())
    await desk.settings(points_per_day=1, rate_headers=False)
    with pytest.raises(PlatformTransient):
        await desk.publish(draft())


async def test_the_days_videos(desk: Desk) -> None:
    await desk.settings(videos_per_day=1)
    await desk.posted(draft())
    with pytest.raises(QuotaExhausted) as caught:
        await desk.publisher.begin(draft(marker="rwfedcba9876543210"), facts())
    assert caught.value.bucket == "videos"


async def test_an_account_without_a_confirmed_address(desk: Desk) -> None:
    await desk.settings(unconfirmed=["main"])
    with pytest.raises(NeedsAuthorization, match="verify your email") as caught:
        await desk.publisher.begin(draft(), facts())
    assert "confirm" in caught.value.remedy


async def test_a_record_that_bluesky_refuses_says_why(desk: Desk) -> None:
    session = await desk.uploaded(draft())
    record = {"$type": "app.bsky.feed.post", "text": "x" * 301, "createdAt": "2026-01-01T00:00:00Z"}
    desk.session = session.model_copy(update={"state": {**session.state, "record": record}})
    with pytest.raises(PostRejected, match="300 graphemes"):
        await desk.publish(draft())
    assert await desk.posts() == []


async def test_no_secret_is_told(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    await desk.posted(draft())
    token = desk.tokens.stored["main"]
    for secret in (token.access_token, token.refresh_token):
        assert secret.get_secret_value() not in caplog.text
    assert desk.session is not None and "sandbox-" not in desk.session.model_dump_json()
