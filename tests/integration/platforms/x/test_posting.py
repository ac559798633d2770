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
    OutcomeUnknown,
    PostRejected,
    SessionLost,
)
from reelwright.domain.publishing.posting import PostKind, Processing, ProcessingState, UploadSession
from reelwright.platforms.x.post import text_of

from ...conftest import Sandbox
from .kit import SEGMENT, SRT, VIDEO, Desk, Files, captions, draft, facts


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
    ahead: list[int] = []

    async def checkpoint(session: UploadSession, committed: int) -> None:
        ahead.append(desk.files.read_at_most - committed)

    session = await desk.publisher.begin(draft(), facts())
    await desk.publisher.upload(draft(), session, desk.files.given(), checkpoint)
    assert desk.files.opened == [0] and len(ahead) == 7  # six segments and the end
    assert max(ahead) <= Files.PIECE


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


async def test_segments_that_x_adds_twice_cost_a_new_upload(desk: Desk) -> None:
    await desk.settings(reappend=False)
    await desk.fault("after_commit_before_reply", op="append", skip=1)
    await desk.one_post(await desk.posted(draft()))


async def test_a_post_that_is_listed_late_is_not_made_again(desk: Desk) -> None:
    """Its answer is lost and X lists it long after it was taken for absent: the second attempt is refused as a
    duplicate. X then cannot tell, so a person is asked; should X list it after all, it is found."""
    await desk.settings(listed_after_s=3_600.0)
    await desk.fault("after_commit_before_reply", op="publish")
    await desk.uploaded(draft())
    with pytest.raises(OutcomeUnknown):
        await desk.publish(draft())
    assert (await desk.publisher.reconcile(draft(), desk.session, desk.armed_at)).outcome == "unknown"
    assert await desk.settled(draft()) is None
    with pytest.raises(OutcomeUnknown, match="a post with this text"):
        await desk.publish(draft())
    desk.clock.ahead += timedelta(minutes=11)
    told = await desk.publisher.reconcile(draft(), desk.session, desk.armed_at)
    assert (told.outcome, "duplicate" in told.reason) == ("untold", True)
    await desk.settings(listed_after_s=0.0)
    found = await desk.settled(draft())
    assert found is not None
    await desk.one_post(found)


async def test_a_refusal_is_not_believed_while_the_posts_cannot_be_read(desk: Desk) -> None:
    await desk.uploaded(draft())
    await desk.fault("error_though_done", op="publish", status=403, body=FORBIDDEN)
    await desk.fault("status", op="read", status=503, count=3)
    with pytest.raises(OutcomeUnknown):
        await desk.publish(draft())
    found = await desk.settled(draft())
    assert found is not None
    await desk.one_post(found)


async def test_a_plain_refusal_stands(desk: Desk) -> None:
    await desk.uploaded(draft())
    await desk.fault("status", op="publish", status=403, body=FORBIDDEN)
    with pytest.raises(PostRejected, match="not permitted"):
        await desk.publish(draft())
    await desk.one_post(await desk.posted(draft()))


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
    assert await desk.settled(draft()) is None, "our one attempt was refused: there is nothing of ours to come"
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
