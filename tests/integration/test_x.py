"""The X adapter against the sandbox over real HTTP."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from reelwright.domain.errors import (
    AssetCorrupt,
    NeedsAuthorization,
    NeedsBudget,
    OutcomeUnknown,
    PlatformTransient,
    PostRejected,
    QuotaExhausted,
    SessionLost,
)
from reelwright.domain.posting import PostKind, Processing, ProcessingState, UploadSession
from reelwright.platforms.x_post import text_of

from .conftest import Sandbox
from .x_kit import SEGMENT, SHA, SRT, VIDEO, Desk, captions, draft, facts


@pytest.fixture
def desk(sandbox: Sandbox, http: httpx.AsyncClient) -> Desk:
    return Desk(sandbox, http)


# --- the straight way -----------------------------------------------------------------------------------------------


async def test_a_whole_publication(desk: Desk) -> None:
    wanted = draft(paid_partnership=True, captions=(captions(),))
    assert desk.publisher.validate(wanted, facts()) is PostKind.VIDEO
    session = await desk.uploaded(wanted)
    assert await desk.posts() == []
    assert desk.committed[:6] == [SEGMENT, 2 * SEGMENT, 3 * SEGMENT, 4 * SEGMENT, 5 * SEGMENT, len(VIDEO)]
    assert (await desk.publisher.progress(session)).committed == len(VIDEO)
    told = await desk.one_post(await desk.publish(wanted))
    assert told["text"] == text_of(wanted) and told["meta"]["made_with_ai"] and told["meta"]["paid_partnership"]
    assert [(track["language_code"], track["text"]) for track in told["meta"]["subtitles"]] == [("DE", SRT.decode())]
    assert (await desk.publisher.processing(wanted, await desk.publish(wanted))).state is ProcessingState.LIVE
    await desk.one_post(await desk.publish(wanted))


async def test_the_address_of_a_post_leads_to_its_page(desk: Desk, http: httpx.AsyncClient) -> None:
    post = await desk.posted(draft())
    page = await http.get(post.url, follow_redirects=True)
    assert page.status_code == 200 and "octopuses" in page.text


async def test_a_caption_is_posted_word_for_word(desk: Desk) -> None:
    caption = "Drei Herzen & <viel> Tinte: example.com\n\n— こんにちは 🐙👨‍👩‍👧"
    told = await desk.one_post(await desk.posted(draft(caption=caption)))
    assert told["text"] == caption


async def test_streaming_reads_no_further_than_a_segment_ahead(desk: Desk) -> None:
    await desk.uploaded(draft())
    assert desk.files.opened == [0]
    assert len(VIDEO) == desk.committed[-1]


@pytest.mark.parametrize("size", [1, SEGMENT - 1, SEGMENT, SEGMENT + 1])
async def test_small_and_even_sizes(desk: Desk, size: int) -> None:
    desk.files.video = VIDEO[:size]
    desk.session = await desk.publisher.begin(draft(), facts(size=size))
    post = await desk.posted(draft())
    await desk.one_post(post, hashlib.sha256(VIDEO[:size]).hexdigest())


async def test_a_large_video_is_cut_into_at_most_a_thousand_segments(desk: Desk) -> None:
    session = await desk.publisher.begin(draft(), facts(size=512 << 20))
    assert session.state["segment"] == -(-(512 << 20) // 1_000) > SEGMENT


async def test_a_source_that_is_too_short_posts_nothing(desk: Desk) -> None:
    desk.files.video = VIDEO[:-1]
    session = await desk.publisher.begin(draft(), facts())
    with pytest.raises(AssetCorrupt):
        await desk.publisher.upload(draft(), session, desk.files.given(), desk.checkpoint)
    assert await desk.posts() == []


# --- what goes wrong on the way -------------------------------------------------------------------------------------

FORBIDDEN = json.dumps({"title": "Forbidden", "detail": "You are not permitted to perform this action.", "status": 403})
FAULTS: dict[str, list[dict[str, Any]]] = {
    "reset in the first segment": [{"point": "reset_at_byte", "at_byte": 1_000}],
    "reset in the middle": [{"point": "reset_at_byte", "at_byte": 2 * SEGMENT + 777}],
    "resets everywhere": [{"point": "reset_at_byte", "at_byte": n * SEGMENT + 50} for n in range(5)],
    "reply lost in the middle": [{"point": "after_commit_before_reply", "op": "append", "skip": 2}],
    "503 in the middle": [{"point": "status", "op": "append", "status": 503, "skip": 1, "count": 3}],
    "less kept than sent": [{"point": "partial_commit", "op": "append", "keep": 99, "skip": 1}],
    "upload lost in the middle": [{"point": "expire_session", "op": "append", "skip": 2}],
    "upload lost at the end": [{"point": "expire_session", "op": "finalize"}],
    "upload lost while processing": [{"point": "expire_session", "op": "poll"}],
    "token expired in the middle": [{"point": "expire_token", "op": "append", "skip": 2}],
    "initialize lost": [{"point": "after_commit_before_reply", "op": "start"}],
    "finalize lost": [{"point": "after_commit_before_reply", "op": "finalize"}],
    "finalize done, error told": [{"point": "error_though_done", "op": "finalize", "status": 500}],
    "poll fails": [{"point": "status", "op": "poll", "status": 502, "body": "<html>Bad gateway</html>", "count": 2}],
    "processing fails late for no fault of ours": [{"point": "fail_processing", "reason": "InternalError"}],
    "broken before the post": [{"point": "before_commit", "op": "publish"}],
    "reply lost after the post": [{"point": "after_commit_before_reply", "op": "publish"}],
    "500 though posted": [{"point": "error_though_done", "op": "publish", "status": 500}],
    "429 though posted": [{"point": "error_though_done", "op": "publish", "status": 429, "body": '{"title":"x"}'}],
    "403 though posted": [{"point": "error_though_done", "op": "publish", "status": 403, "body": FORBIDDEN}],
    "a web page though posted": [{"point": "error_though_done", "op": "publish", "status": 200, "body": "<html>"}],
    "503 and not posted": [{"point": "status", "op": "publish", "status": 503, "count": 2}],
    "token expired at the post": [{"point": "expire_token", "op": "publish"}],
    "limit at the post": [{"point": "quota", "op": "append"}],
    "reply lost, then no list for a while": [
        {"point": "after_commit_before_reply", "op": "publish"},
        {"point": "status", "op": "read", "status": 503, "count": 5},
    ],
    "broken twice, then 500 though posted": [
        {"point": "before_commit", "op": "publish", "count": 2},
        {"point": "error_though_done", "op": "publish", "status": 500},
    ],
}


@pytest.mark.parametrize("name", FAULTS)
async def test_every_fault_ends_in_exactly_one_post(desk: Desk, name: str) -> None:
    await desk.sandbox.post("faults", [{"platform": "x", **spec} for spec in FAULTS[name]])
    await desk.one_post(await desk.posted(draft(captions=(captions(),))))
    assert await desk.sandbox.faults_left() == []


async def test_a_post_that_is_listed_late_is_not_made_again(desk: Desk) -> None:
    """Its answer is lost and X lists it only after an hour, long after it was taken for absent: the second attempt is
    refused as a duplicate, and that is looked up, and waited out."""
    await desk.settings(listed_after_s=3_600.0)
    await desk.fault("after_commit_before_reply", op="publish")
    await desk.uploaded(draft())
    with pytest.raises(OutcomeUnknown):
        await desk.publish(draft())
    assert (await desk.publisher.reconcile(draft(), desk.session, desk.armed_at)).outcome == "unknown"
    assert await desk.settled(draft()) is None
    with pytest.raises(OutcomeUnknown, match="a post with this text"):
        await desk.publish(draft())
    await desk.settings(listed_after_s=0.0)
    found = await desk.settled(draft())
    assert found is not None
    await desk.one_post(found)


async def test_a_duplicate_of_another_post_is_refused(desk: Desk) -> None:
    first = await desk.posted(draft(caption="Same & same https://example.com/a"))
    desk.session = None
    await desk.uploaded(draft(caption="Same & same https://example.com/a"))
    with pytest.raises(PostRejected, match="duplicate") as caught:
        await desk.publish(draft(caption="Same & same https://example.com/a"))
    assert caught.value.field == "caption" and caught.value.remedy
    await desk.one_post(first)


async def test_a_duplicate_that_is_never_listed_is_refused_in_the_end(desk: Desk) -> None:
    await desk.posted(draft())
    await desk.settings(listed_after_s=86_000.0)
    desk.session = None
    await desk.uploaded(draft())
    with pytest.raises(OutcomeUnknown):
        await desk.publish(draft())
    assert await desk.settled(draft()) is None
    with pytest.raises(PostRejected, match="duplicate"):
        await desk.publish(draft())


async def test_absent_is_said_only_after_the_margin(desk: Desk) -> None:
    await desk.uploaded(draft())
    await desk.fault("before_commit", op="publish")
    with pytest.raises(OutcomeUnknown):
        await desk.publish(draft())
    desk.clock.ahead += timedelta(minutes=9)
    early = await desk.publisher.reconcile(draft(), desk.session, desk.armed_at)
    assert (early.outcome, bool(early.reason)) == ("unknown", True)
    desk.clock.ahead += timedelta(minutes=2)
    assert (await desk.publisher.reconcile(draft(), desk.session, desk.armed_at)).outcome == "absent"
    assert (await desk.publisher.reconcile(draft(), None, desk.armed_at)).outcome == "untold"
    assert await desk.posts() == []


async def test_reconcile_reads_page_after_page(desk: Desk, http: httpx.AsyncClient) -> None:
    await desk.uploaded(draft())
    await desk.fault("after_commit_before_reply", op="publish")
    await desk.fault("status", op="read", status=503, count=3)
    with pytest.raises(OutcomeUnknown):
        await desk.publish(draft())
    await desk.settings(posts_per_quarter=1_000)
    token = await desk.tokens.access_token("main")
    for number in range(105):
        body = {"text": f"later {number}"}
        answer = await http.post(
            f"{desk.sandbox.url}/2/tweets", json=body, headers={"Authorization": f"Bearer {token}"}
        )
        assert answer.status_code == 201
    found = await desk.settled(draft())
    assert found is not None
    await desk.one_post(found)


async def test_an_upload_that_fails_for_good_is_not_tried_again(desk: Desk) -> None:
    await desk.settings(outcome="failed", outcome_reason="InvalidMedia")
    session = await desk.publisher.begin(draft(), facts())
    await desk.publisher.upload(draft(), session, desk.files.given(), desk.checkpoint)
    assert desk.session is not None
    readings: list[Processing] = [await desk.publisher.ready(draft(), desk.session) for _ in range(3)]
    assert [reading.state for reading in readings] == [ProcessingState.PROCESSING, *[ProcessingState.FAILED] * 2]
    assert not readings[-1].again and "InvalidMedia" in readings[-1].reason


async def test_processing_that_goes_back_and_forth(desk: Desk) -> None:
    await desk.settings(processing_polls=6, flicker=True)
    await desk.one_post(await desk.posted(draft()))


async def test_no_processing_at_all(desk: Desk) -> None:
    await desk.settings(processing_polls=0)
    session = await desk.uploaded(draft())
    assert session.state["processed"] is True
    await desk.one_post(await desk.publish(draft()))


async def test_an_expired_upload_is_a_lost_session(desk: Desk) -> None:
    session = await desk.uploaded(draft())
    desk.clock.ahead += timedelta(days=1, minutes=1)
    with pytest.raises(SessionLost):
        await desk.publisher.progress(session)
    with pytest.raises(SessionLost):
        await desk.publish(draft())
    desk.clock.ahead = timedelta()
    await desk.settings(media_life_s=0.0)  # X itself forgot it sooner than it had said
    with pytest.raises(SessionLost):
        await desk.publish(draft())
    await desk.settings(media_life_s=86_400.0)
    desk.session = None
    await desk.one_post(await desk.posted(draft()))


@pytest.mark.parametrize("state", [{}, {"media_id": "../x", "media_key": "", "segment": 1, "sent": 0}, {"media_id": 7}])
async def test_a_stored_session_that_is_none(desk: Desk, state: dict[str, Any]) -> None:
    session = UploadSession(platform=draft().platform, account="main", total=5, state=state)
    with pytest.raises(SessionLost):
        await desk.publisher.upload(draft(), session, desk.files.given(), desk.checkpoint)
    with pytest.raises(SessionLost):
        await desk.publisher.publish(draft(), session, desk.files.given(), desk.checkpoint)


# --- limits, money, rights ------------------------------------------------------------------------------------------


async def test_a_spent_window_names_its_end_and_posts_nothing(desk: Desk) -> None:
    await desk.settings(posts_per_quarter=0)
    await desk.uploaded(draft())
    with pytest.raises((QuotaExhausted, PlatformTransient)) as caught:  # a window that is almost over is waited out
        await desk.publish(draft())
    if isinstance(caught.value, QuotaExhausted):
        assert caught.value.bucket == "posts"
        assert timedelta() < caught.value.resets_at - desk.clock() <= timedelta(minutes=15)
    await desk.settings(posts_per_quarter=100)
    await desk.one_post(await desk.posted(draft()))


async def test_the_day_of_the_app_is_another_bucket(desk: Desk) -> None:
    await desk.settings(app_posts_per_day=0)
    await desk.uploaded(draft())
    with pytest.raises((QuotaExhausted, PlatformTransient)) as caught:
        await desk.publish(draft())
    if isinstance(caught.value, QuotaExhausted):
        assert caught.value.bucket == "app_posts"


@pytest.mark.parametrize(
    "changes", [{"credits_mills": 10}, {"credits_mills": 10, "credits_shape": "credits"}, {"usage_capped": True}]
)
async def test_spent_money_is_a_persons_to_mend(desk: Desk, changes: dict[str, Any]) -> None:
    await desk.settings(**changes)
    await desk.uploaded(draft())
    with pytest.raises(NeedsBudget) as caught:
        await desk.publish(draft())
    assert caught.value.remedy and not caught.value.retryable
    await desk.settings(credits_mills=-1, usage_capped=False)
    await desk.one_post(await desk.posted(draft()))


async def test_what_x_reports_of_its_limits(desk: Desk) -> None:
    assert list(await desk.publisher.quota("main")) == []
    await desk.posted(draft())
    readings = {reading.bucket: reading for reading in await desk.publisher.quota("main")}
    assert (readings["posts"].used, readings["posts"].limit) == (1, 100)
    assert (readings["app_posts"].used, readings["app_posts"].limit) == (1, 10_000)
    desk.clock.ahead += timedelta(days=2)
    assert list(await desk.publisher.quota("main")) == []


async def test_a_revoked_account_needs_a_person(desk: Desk) -> None:
    await desk.uploaded(draft())
    await desk.sandbox.settings(revoked=["main"])
    await desk.sandbox.post("expire_tokens", {})
    with pytest.raises(NeedsAuthorization):
        await desk.publish(draft())
    assert await desk.posts() == []


async def test_an_account_without_an_id_is_asked_for(desk: Desk) -> None:
    await desk.fault("after_commit_before_reply", op="publish")
    await desk.one_post(await desk.posted(draft("unnamed")))
    assert (await desk.posts())[0]["sha256"] == SHA


async def test_only_premium_accounts_have_long_texts(desk: Desk, http: httpx.AsyncClient) -> None:
    long = draft(caption="word " * 100)
    with pytest.raises(PostRejected, match="280") as caught:
        await desk.publisher.begin(long, facts())
    assert caught.value.field == "caption"
    premium = Desk(desk.sandbox, http, premium="true")
    await desk.settings(premium=["main"])
    told = await premium.one_post(await premium.posted(long))
    assert told["text"] == long.caption


# --- extras ---------------------------------------------------------------------------------------------------------

THREAD = draft(thread=("Part two: https://example.com/b", "Part three 🧵 <3"), first_comment="Questions?")


async def test_a_thread_and_a_first_comment(desk: Desk) -> None:
    post = await desk.posted(THREAD)
    ids: dict[str, str] = {}
    for extra in desk.publisher.extras(THREAD):
        ids[extra.name] = await desk.publisher.attach(THREAD, post, extra, desk.files.given(), ids.get(extra.after, ""))
        assert await desk.publisher.attached(THREAD, post, extra) == ids[extra.name]
    told = {found["post_id"]: found["meta"]["reply_to"] for found in await desk.posts()}
    assert list(ids) == ["reply-2", "reply-3", "comment"]
    assert told == {
        post.post_id: "",
        ids["reply-2"]: post.post_id,
        ids["reply-3"]: ids["reply-2"],
        ids["comment"]: post.post_id,
    }


async def test_a_reply_whose_answer_is_lost_is_found_and_not_made_again(desk: Desk) -> None:
    post, extra = await desk.posted(THREAD), desk.publisher.extras(THREAD)[0]
    await desk.fault("after_commit_before_reply", op="publish")
    with pytest.raises(PlatformTransient):
        await desk.publisher.attach(THREAD, post, extra, desk.files.given(), "")
    known = await desk.publisher.attached(THREAD, post, extra)
    assert known and known != post.post_id
    assert await desk.publisher.attach(THREAD, post, extra, desk.files.given(), "") == known
    assert len(await desk.posts()) == 2


async def test_a_reply_that_was_not_made_is_certain_only_later(desk: Desk) -> None:
    post, extra = await desk.posted(THREAD), desk.publisher.extras(THREAD)[0]
    with pytest.raises(PlatformTransient) as caught:
        await desk.publisher.attached(THREAD, post, extra)
    assert 0 < (caught.value.retry_after_s or 0) <= 600
    desk.clock.ahead += timedelta(minutes=11)
    assert await desk.publisher.attached(THREAD, post, extra) == ""


async def test_delete(desk: Desk) -> None:
    post = await desk.posted(draft())
    await desk.publisher.delete("main", post.post_id)
    assert await desk.posts() == []
    await desk.publisher.delete("main", post.post_id)
    with pytest.raises(PostRejected, match="not a post's id"):
        await desk.publisher.delete("main", "../users/me")
