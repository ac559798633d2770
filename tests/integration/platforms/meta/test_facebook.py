"""The Facebook adapter against the sandbox over real HTTP."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from reelwright.domain.assets import AssetRef
from reelwright.domain.content.video import CaptionFile
from reelwright.domain.errors import (
    AssetCorrupt,
    NeedsAuthorization,
    OutcomeUnknown,
    PlatformTransient,
    PostRejected,
    QuotaExhausted,
    SessionLost,
)
from reelwright.domain.formats import Platform
from reelwright.domain.ports.publishing import PostFiles, ReportsQuota, VideoFacts
from reelwright.domain.publishing.posting import PostDraft, PostKind, ProcessingState, PublishedPost, UploadSession
from reelwright.platforms.facebook.publisher import FacebookPublisher

from ...conftest import Sandbox
from .kit import (
    REEL,
    VIDEO,
    WIDE,
    Row,
    Source,
    Tokens,
    draft,
    files,
    post_it,
    read_text,
    settings,
    the_one_post,
    uploaded,
)
from .test_instagram import HTML

FB = Platform.FACEBOOK
BUSY = json.dumps({"error": {"message": "An unknown error occurred", "code": 1, "is_transient": True}})
KINDS = [pytest.param(REEL, id="reel"), pytest.param(WIDE, id="video")]


def publisher_for(
    sandbox: Sandbox, http: httpx.AsyncClient, tokens: Tokens | None = None, **changes: Any
) -> FacebookPublisher:
    urls = {"api_url": sandbox.url, "video_url": sandbox.url, "site_url": sandbox.url}
    given: dict[str, Any] = {"settle_s": 0.0, "absent_s": 0.0, "retry_wait_s": 0.01, **urls, **changes}
    return FacebookPublisher(http, tokens or Tokens(sandbox, FB), **given)


@pytest.fixture
async def publisher(sandbox: Sandbox, http: httpx.AsyncClient) -> FacebookPublisher:
    await settings(sandbox, FB, window=400_000)
    return publisher_for(sandbox, http)


def post(**changes: Any) -> PostDraft:
    return draft(FB, **changes)


# --- the straight way -----------------------------------------------------------------------------------------------


async def test_a_reel_is_byte_equal_and_says_what_it_is(publisher: FacebookPublisher, sandbox: Sandbox) -> None:
    made, source = post(), Source()
    assert publisher.validate(made, REEL) is PostKind.REEL
    done = await post_it(publisher, made, REEL, source)
    told = await the_one_post(sandbox, done, FB)
    assert done.url == f"{sandbox.url}/watch?v={done.post_id}" == told["url"]
    assert (told["title"], told["text"]) == (made.title, f"{made.title}\n\n{made.description}\n\n#octopus #deepsea")
    assert (told["meta"]["kind"], told["meta"]["is_ai_generated"]) == ("reel", "true")
    assert source.opened == [0] and source.open_now == 0
    await publisher.processing(made, done)
    reading = await publisher.processing(made, done)
    assert (reading.state, reading.post) == (ProcessingState.LIVE, done)


async def test_any_other_shape_is_a_video_in_the_servers_windows(
    publisher: FacebookPublisher, sandbox: Sandbox
) -> None:
    made, row, source = post(caption="Word for word\n#x"), Row(), Source()
    assert publisher.validate(made, WIDE) is PostKind.VIDEO
    done = await post_it(publisher, made, WIDE, source, row)
    told = await the_one_post(sandbox, done, FB)
    assert (told["title"], told["text"], told["meta"]["kind"]) == (made.title, "Word for word\n#x", "video")
    assert row.committed == [400_000, 800_000, 1_200_000, len(VIDEO)]
    assert done.url == told["url"] and source.opened == [0] and source.open_now == 0


async def test_a_window_that_is_too_large_is_filled_in_several(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    publisher, row = publisher_for(sandbox, http, chunk_size=1_000_000), Row()
    await the_one_post(sandbox, await post_it(publisher, post(), WIDE, row=row), FB)
    assert row.committed == [1_000_000, len(VIDEO)]


async def test_a_paid_partnership_is_said_in_the_text(publisher: FacebookPublisher, sandbox: Sandbox) -> None:
    told = await the_one_post(sandbox, await post_it(publisher, post(paid_partnership=True)), FB)
    assert told["text"].startswith("Paid partnership\n\n")


async def test_a_story(publisher: FacebookPublisher, sandbox: Sandbox) -> None:
    made = post(kind=PostKind.STORY)
    done = await post_it(publisher, made)
    told = await the_one_post(sandbox, done, FB)
    assert told["meta"]["kind"] == "story" and told["text"] == "" and "_" in done.post_id
    assert (await publisher.processing(made, done)).state is ProcessingState.LIVE
    await publisher.delete("main", done.post_id)
    assert await sandbox.posts() == []


# --- bytes ----------------------------------------------------------------------------------------------------------

BREAKS: list[dict[str, Any]] = [
    {"point": "status", "status": 503, "body": HTML, "content_type": "text/html"},
    {"point": "status", "status": 400, "body": BUSY},
    {"point": "before_commit"},
    {"point": "after_commit_before_reply"},
    {"point": "error_though_done", "status": 400, "body": BUSY},
    {"point": "error_though_done", "status": 429, "body": BUSY, "retry_after": 600},
    {"point": "partial_commit", "keep": 100_000, "count": 3},
    {"point": "expire_token"},
    {"point": "expire_session"},
]


@pytest.mark.parametrize("facts", KINDS)
@pytest.mark.parametrize("fault", BREAKS, ids=lambda fault: f"{fault['point']}-{fault.get('status', '')}")
async def test_bytes_survive_every_break(
    publisher: FacebookPublisher, sandbox: Sandbox, facts: VideoFacts, fault: dict[str, Any]
) -> None:
    await sandbox.fault(platform="facebook", op="put", **fault)
    source, row = Source(), Row()
    await the_one_post(sandbox, await post_it(publisher, post(), facts, source, row), FB)
    assert await sandbox.faults_left() == [] and source.open_now == 0
    assert row.begun == (2 if fault["point"] == "expire_session" else 1)


async def test_a_reset_reel_goes_on_from_bytes_transfered(publisher: FacebookPublisher, sandbox: Sandbox) -> None:
    await sandbox.fault("reset_at_byte", platform="facebook", op="put", at_byte=900_000)
    source = Source()
    await the_one_post(sandbox, await post_it(publisher, post(), REEL, source), FB)
    assert len(source.opened) == 2 and 0 < source.opened[1] <= 900_000


@pytest.mark.parametrize("facts", KINDS)
async def test_ruploads_error_is_believed_only_after_a_look(
    publisher: FacebookPublisher, sandbox: Sandbox, facts: VideoFacts
) -> None:
    await sandbox.fault("error_though_done", platform="facebook", op="put", status=400, body="")
    row = Row()
    await the_one_post(sandbox, await post_it(publisher, post(), facts, row=row), FB)
    assert row.begun == 1


async def test_a_killed_classic_upload_is_set_right_by_the_server(
    publisher: FacebookPublisher, sandbox: Sandbox
) -> None:
    """The last window was never stored here, so the old one is tried, and 1363037 names the right one."""
    row = Row(session=await publisher.begin(post(), WIDE))
    first, source = row.session, Source()
    assert first is not None
    await publisher.upload(post(), first, files(source), Row().checkpoint)
    assert (await publisher.progress(first)).committed == 0
    again = Row(session=first)
    await the_one_post(sandbox, await post_it(publisher, post(), WIDE, row=again), FB)
    assert again.committed == [len(VIDEO)]


@pytest.mark.parametrize("facts", KINDS)
async def test_a_short_file_is_corrupt(publisher: FacebookPublisher, facts: VideoFacts) -> None:
    session = await publisher.begin(post(), facts)
    with pytest.raises(AssetCorrupt, match="ends at byte 1,000"):
        await publisher.upload(post(), session, files(Source(VIDEO[:1_000])), Row().checkpoint)


@pytest.mark.parametrize("facts", KINDS)
async def test_streaming_takes_constant_memory(sandbox: Sandbox, http: httpx.AsyncClient, facts: VideoFacts) -> None:
    size, block = 40 << 20, bytes(1 << 20)

    async def endless(offset: int) -> AsyncIterator[bytes]:
        for _ in range(offset, size, len(block)):
            yield block

    publisher = publisher_for(sandbox, http)
    large = VideoFacts(width=facts.width, height=facts.height, duration_s=30, fps=30, size=size)
    session, row = await publisher.begin(post(), large), Row()
    tracemalloc.start()
    await publisher.upload(post(), session, PostFiles(video=endless, read=read_text), row.checkpoint)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 24 << 20 and row.committed[-1] == size


# --- the post -------------------------------------------------------------------------------------------------------

FAULTS: list[dict[str, Any]] = [
    {"point": "before_commit"},
    {"point": "after_commit_before_reply"},
    {"point": "status", "status": 500, "body": HTML, "content_type": "text/html"},
    {"point": "status", "status": 400, "body": BUSY},
    {"point": "status", "status": 200, "body": '{"success": false}'},
    {"point": "error_though_done", "status": 400, "body": BUSY},
    {"point": "error_though_done", "status": 200, "body": ""},
    {"point": "error_though_done", "status": 200, "body": '{"success": "yes"}'},
    {"point": "error_though_done", "status": 502, "body": HTML, "content_type": "text/html"},
    {"point": "expire_token"},
]


@pytest.mark.parametrize("facts", KINDS)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault['point']}-{fault.get('status', '')}")
async def test_exactly_one_post_whatever_the_answer(
    publisher: FacebookPublisher, sandbox: Sandbox, facts: VideoFacts, fault: dict[str, Any]
) -> None:
    await sandbox.fault(platform="facebook", op="publish", **fault)
    await the_one_post(sandbox, await post_it(publisher, post(), facts), FB)
    assert await sandbox.faults_left() == []


async def test_plain_refusals_post_nothing(publisher: FacebookPublisher, sandbox: Sandbox) -> None:
    row = await uploaded(publisher, post())
    assert row.session is not None
    refusals: list[tuple[int, int, type[Exception]]] = [
        (9, 0, QuotaExhausted),
        (190, 459, NeedsAuthorization),
        (200, 0, NeedsAuthorization),
        (100, 1363040, PostRejected),
        (1363128, 0, PostRejected),
    ]
    for code, subcode, kind in refusals:
        body = json.dumps({"error": {"message": "no", "code": code, "error_subcode": subcode}})
        await sandbox.fault("status", platform="facebook", op="publish", status=400, body=body)
        with pytest.raises(kind):
            await publisher.publish(post(), row.session, files(), row.checkpoint)
    assert await sandbox.posts() == []


async def test_the_thirty_first_reel_waits(publisher: FacebookPublisher, sandbox: Sandbox) -> None:
    await settings(sandbox, FB, reels_per_day=1)
    await post_it(publisher, post(title="One"))
    with pytest.raises(QuotaExhausted, match="reels"):
        await post_it(publisher, post(title="Two"))
    await post_it(publisher, post(title="Three"), WIDE)
    await sandbox.settings(clock_offset_s=86_400.0)
    await post_it(publisher, post(title="Four"))
    assert len(await sandbox.posts()) == 3 and not isinstance(publisher, ReportsQuota)


@pytest.mark.parametrize("facts", KINDS)
async def test_a_lost_answer_is_found_by_the_videos_id(
    publisher: FacebookPublisher, sandbox: Sandbox, facts: VideoFacts
) -> None:
    row = await uploaded(publisher, post(), facts)
    assert row.session is not None
    await sandbox.fault("after_commit_before_reply", platform="facebook", op="publish")
    await sandbox.fault("status", platform="facebook", op="poll", status=500, skip=1, count=9)
    with pytest.raises(OutcomeUnknown):
        await publisher.publish(post(), row.session, files(), row.checkpoint)
    await sandbox.client.delete(f"{sandbox.url}/_control/faults")
    found = await publisher.reconcile(post(), row.session, datetime.now(UTC))
    assert found.post is not None
    await the_one_post(sandbox, found.post, FB)
    assert await publisher.publish(post(), row.session, files(), row.checkpoint) == found.post, "asked first"


async def test_publishing_that_shows_late_is_not_taken_for_absent(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    await settings(sandbox, FB, publishing_shows_late=True, processing_after_finish=True, processing_polls=3)
    publisher = publisher_for(sandbox, http, absent_s=600.0)
    row = await uploaded(publisher, post())
    assert row.session is not None
    await sandbox.fault("after_commit_before_reply", platform="facebook", op="publish")
    with pytest.raises(OutcomeUnknown):
        await publisher.publish(post(), row.session, files(), row.checkpoint)
    outcomes = [(await publisher.reconcile(post(), row.session, datetime.now(UTC))).outcome for _ in range(4)]
    assert outcomes[0] == "unknown" and outcomes[-1] == "posted" and "absent" not in outcomes


async def test_absent_needs_patience_and_a_second_reading(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    publisher = publisher_for(sandbox, http, settle_s=60.0, absent_s=600.0)
    row = await uploaded(publisher, post())
    now = datetime.now(UTC)
    await publisher.reconcile(post(), row.session, now)  # the processing is read to its end
    assert (await publisher.reconcile(post(), row.session, now)).outcome == "unknown"
    assert (await publisher.reconcile(post(), row.session, now - timedelta(seconds=61))).outcome == "absent"
    await settings(sandbox, FB, missing_polls=10_000)
    assert (await publisher.reconcile(post(), row.session, now - timedelta(seconds=61))).outcome == "unknown"
    assert (await publisher.reconcile(post(), row.session, now - timedelta(seconds=601))).outcome == "absent"
    await settings(sandbox, FB, missing_polls=0)
    assert row.session is not None
    done = await publisher.publish(post(), row.session, files(), row.checkpoint)
    await settings(sandbox, FB, missing_polls=10_000)
    found = await publisher.reconcile(post(), row.session, now - timedelta(seconds=601))
    assert found.post is not None and found.post.post_id == done.post_id, "the page lists it"


async def test_an_ambiguous_story_is_untold_unless_it_is_listed(publisher: FacebookPublisher, sandbox: Sandbox) -> None:
    made = post(kind=PostKind.STORY)
    row = await uploaded(publisher, made)
    assert row.session is not None
    await sandbox.fault("after_commit_before_reply", platform="facebook", op="publish")
    with pytest.raises(OutcomeUnknown):
        await publisher.publish(made, row.session, files(), row.checkpoint)
    found = await publisher.reconcile(made, row.session, datetime.now(UTC) - timedelta(days=1))
    assert found.outcome == "untold" and "story" in found.reason
    await settings(sandbox, FB, stories_listed=True)
    found = await publisher.reconcile(made, row.session, datetime.now(UTC))
    assert found.post is not None and found.post.post_id == (await sandbox.posts())[0]["post_id"]
    assert (await publisher.reconcile(made, None, None)).outcome == "untold"


# --- processing -----------------------------------------------------------------------------------------------------


async def test_a_video_may_fail_after_it_was_taken(publisher: FacebookPublisher, sandbox: Sandbox) -> None:
    await sandbox.fault("fail_processing", platform="facebook", op="publish", reason="Resolution too low")
    done = await post_it(publisher, post())
    readings = [await publisher.processing(post(), done) for _ in range(3)]
    assert readings[-1].state is ProcessingState.FAILED and "Resolution too low" in readings[-1].reason
    assert await sandbox.posts() == []


async def test_a_reason_of_its_own_ends_it(publisher: FacebookPublisher, sandbox: Sandbox) -> None:
    await settings(sandbox, FB, fail_reason="Resolution too low", processing_polls=0)
    session = await publisher.begin(post(), REEL)
    await publisher.upload(post(), session, files(), Row().checkpoint)
    reading = await publisher.ready(post(), session)
    assert (reading.state, reading.again, reading.reason) == (ProcessingState.FAILED, False, "Resolution too low")
    with pytest.raises(SessionLost, match="Resolution"):
        await publisher.upload(post(), session, files(), Row().checkpoint)


# --- extras, tokens, sessions ---------------------------------------------------------------------------------------


async def test_extras_are_added_once(publisher: FacebookPublisher, sandbox: Sandbox) -> None:
    picture = AssetRef(key="\x89PNG", sha256="0" * 64, size=4, media_type="image/png")
    track = AssetRef(key="1\n00:00:00,000 --> 00:00:01,000\nHi\n", sha256="0" * 64, size=4, media_type="text/plain")
    tracks = tuple(CaptionFile(language=code, kind=kind, file=track) for code, kind in [("de", "srt"), ("de", "vtt")])
    made = post(first_comment="Three hearts!", thumbnail=picture, captions=tracks)
    extras = publisher.extras(made)
    assert [extra.name for extra in extras] == ["thumbnail", "captions-de", "first-comment"]
    done = await post_it(publisher, made)
    for extra in extras:
        assert await publisher.attached(made, done, extra) == ""
        await sandbox.fault("after_commit_before_reply", platform="facebook", op="write")
        with pytest.raises(PlatformTransient):
            await publisher.attach(made, done, extra, files(), "")
        assert bool(await publisher.attached(made, done, extra)) is (extra.name != "thumbnail")
    shown = await sandbox.client.get(f"{sandbox.url}/_media/{done.post_id}/thumbnail")
    assert shown.headers["content-type"] == "image/png"


async def test_deleting(publisher: FacebookPublisher, sandbox: Sandbox) -> None:
    done = await post_it(publisher, post())
    await sandbox.fault("status", platform="facebook", op="delete", status=200, body='{"success":false}')
    with pytest.raises(PostRejected, match="no reason"):
        await publisher.delete("main", done.post_id)
    await publisher.delete("main", done.post_id)
    await publisher.delete("main", done.post_id)
    assert await sandbox.posts() == []


async def test_a_dead_page_token_is_told_with_the_reason(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    publisher = publisher_for(sandbox, http, Tokens(sandbox, FB, renewals=0))
    session = await publisher.begin(post(), REEL)
    await sandbox.fault("expire_token", platform="facebook", op="put")
    with pytest.raises(NeedsAuthorization, match="expired"):
        await publisher.upload(post(), session, files(), Row().checkpoint)


async def test_a_strange_session_is_lost(publisher: FacebookPublisher) -> None:
    odd: list[dict[str, Any]] = [
        {},
        {"kind": "x"},
        {"kind": "video", "page": "1" * 15},
        {"kind": "reel", "page": "1" * 15},
    ]
    for state in odd:
        session = UploadSession(platform=FB, account="main", total=1, state=state)
        with pytest.raises(SessionLost):
            await publisher.upload(post(), session, files(), Row().checkpoint)
    with pytest.raises(PostRejected, match="ids"):
        await publisher.processing(post(), PublishedPost(post_id="1/../2"))
