"""The Instagram adapter against the sandbox over real HTTP."""

from __future__ import annotations

import asyncio
import json
import tracemalloc
from collections.abc import AsyncIterator
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
    SessionLost,
)
from reelwright.domain.formats import Platform
from reelwright.domain.ports.publishing import PostFiles, VideoFacts
from reelwright.domain.publishing.posting import ExtraKind, PostDraft, PostKind, ProcessingState, UploadSession
from reelwright.platforms.instagram.publisher import InstagramPublisher
from sandbox.meta.accounts import instagram_user

from ...conftest import Sandbox
from .kit import REEL, VIDEO, Row, Source, Tokens, draft, files, post_it, read_text, settings, the_one_post, uploaded

IG = Platform.INSTAGRAM
SPAM = json.dumps({"error": {"message": "Application request limit reached", "code": 4, "error_subcode": 2207051}})
HTML = "<html><body>Sorry, something went wrong.</body></html>"


def publisher_for(
    sandbox: Sandbox, http: httpx.AsyncClient, tokens: Tokens | None = None, **changes: Any
) -> InstagramPublisher:
    given: dict[str, Any] = {"settle_s": 0.0, "retry_wait_s": 0.01, "api_url": sandbox.url, **changes}
    return InstagramPublisher(http, tokens or Tokens(sandbox, IG), **given)


@pytest.fixture
async def publisher(sandbox: Sandbox, http: httpx.AsyncClient) -> InstagramPublisher:
    return publisher_for(sandbox, http)


def reel(**changes: Any) -> PostDraft:
    return draft(IG, **changes)


# --- the straight way -----------------------------------------------------------------------------------------------


async def test_a_reel_is_byte_equal_and_says_what_it_is(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    publisher = publisher_for(sandbox, http, Tokens(sandbox, IG, share_to_feed="false", thumb_offset="1500"))
    post, source, row = reel(paid_partnership=True), Source(), Row()
    assert publisher.validate(post, REEL) is PostKind.REEL
    done = await post_it(publisher, post, source=source, row=row)
    told = await the_one_post(sandbox, done, IG)
    assert done.url == f"{sandbox.url}/watch?v={done.post_id}" == told["url"]
    assert (await http.get(done.url)).status_code == 200
    assert told["text"] == f"{post.title}\n\n{post.description}\n\n#octopus #deepsea"
    meta = told["meta"]
    assert (meta["media_type"], meta["share_to_feed"], meta["thumb_offset"]) == ("REELS", "false", "1500")
    assert (meta["is_ai_generated"], meta["is_paid_partnership"]) == ("true", "true")
    assert row.committed[0] == len(VIDEO) and source.opened == [0] and source.open_now == 0
    reading = await publisher.processing(post, done)
    assert (reading.state, reading.post) == (ProcessingState.LIVE, done)


async def test_a_story_has_no_text(publisher: InstagramPublisher, sandbox: Sandbox) -> None:
    post = reel(kind=PostKind.STORY, synthetic_media=False)
    assert publisher.validate(post, REEL) is PostKind.STORY and publisher.extras(post) == ()
    told = await the_one_post(sandbox, await post_it(publisher, post), IG)
    assert told["text"] == "" and told["meta"]["media_type"] == "STORIES" and "is_ai_generated" not in told["meta"]


async def test_a_given_caption_is_posted_word_for_word(publisher: InstagramPublisher, sandbox: Sandbox) -> None:
    caption = "  A & B = «c»\n\n#one @two \U0001f419 "
    told = await the_one_post(sandbox, await post_it(publisher, reel(caption=caption)), IG)
    assert told["text"] == caption


async def test_quota_is_what_instagram_says(publisher: InstagramPublisher, sandbox: Sandbox) -> None:
    await settings(sandbox, IG, quota_total=1)
    [before] = await publisher.quota("main")
    await post_it(publisher, reel())
    [after] = await publisher.quota("main")
    assert (before.bucket, before.used, before.limit, after.used) == ("posts", 0, 1, 1)
    with pytest.raises(QuotaExhausted) as caught:
        await post_it(publisher, reel(title="Another"))
    assert datetime.now(UTC) < caught.value.resets_at <= datetime.now(UTC) + timedelta(hours=24)
    await sandbox.settings(clock_offset_s=86_400.0)
    assert [reading.used for reading in await publisher.quota("main")] == [0]


# --- bytes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        {"point": "status", "status": 503, "body": HTML, "content_type": "text/html"},
        {"point": "before_commit"},
        {"point": "after_commit_before_reply"},
        {"point": "error_though_done", "status": 400},
        {"point": "reset_at_byte", "at_byte": 1_000_000},
        {"point": "partial_commit", "keep": 300_000, "count": 3},
        {"point": "expire_session"},
        {"point": "expire_token"},
    ],
    ids=lambda fault: fault["point"],
)
async def test_bytes_survive_every_break(
    publisher: InstagramPublisher, sandbox: Sandbox, fault: dict[str, Any]
) -> None:
    await sandbox.fault(platform="instagram", op="put", **fault)
    source, row = Source(), Row()
    done = await post_it(publisher, reel(), source=source, row=row)
    await the_one_post(sandbox, done, IG)
    assert await sandbox.faults_left() == [] and source.open_now == 0
    resumed = {"partial_commit": [0, 300_000, 600_000, 900_000]}.get(fault["point"])
    assert resumed is None or source.opened == resumed
    assert row.begun == (2 if fault["point"] == "expire_session" else 1)


async def test_without_a_told_offset_an_interrupted_upload_begins_anew(
    sandbox: Sandbox, http: httpx.AsyncClient
) -> None:
    await settings(sandbox, IG, tells_bytes=False)
    await sandbox.fault("reset_at_byte", platform="instagram", op="put", at_byte=1_000_000)
    publisher, row = publisher_for(sandbox, http, video_status=False), Row()
    await the_one_post(sandbox, await post_it(publisher, reel(), row=row), IG)
    assert row.begun == 2


async def test_a_crash_in_mid_upload_resumes_from_the_true_offset(
    publisher: InstagramPublisher, sandbox: Sandbox
) -> None:
    post, session = reel(), await publisher.begin(reel(), REEL)

    async def breaks_off(offset: int) -> AsyncIterator[bytes]:
        yield VIDEO[offset:700_000]
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        await publisher.upload(post, session, PostFiles(video=breaks_off, read=read_text), Row().checkpoint)
    while not (held := (await publisher.progress(session)).committed):  # the sandbox notices the end when it does
        await asyncio.sleep(0.02)
    source = Source()
    await post_it(publisher, post, source=source, row=Row(session=session))
    assert source.opened == [held]


async def test_a_short_file_is_corrupt(publisher: InstagramPublisher, sandbox: Sandbox) -> None:
    session = await publisher.begin(reel(), REEL)
    with pytest.raises(AssetCorrupt, match="ends at byte 1,000"):
        await publisher.upload(reel(), session, files(Source(VIDEO[:1_000])), Row().checkpoint)


async def test_streaming_takes_constant_memory(publisher: InstagramPublisher, sandbox: Sandbox) -> None:
    size, block = 48 << 20, bytes(1 << 20)

    async def endless(offset: int) -> AsyncIterator[bytes]:
        for _ in range(offset, size, len(block)):
            yield block

    facts = VideoFacts(width=1080, height=1920, duration_s=30, fps=30, size=size)
    session = await publisher.begin(reel(), facts)
    tracemalloc.start()
    await publisher.upload(reel(), session, PostFiles(video=endless, read=read_text), Row().checkpoint)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 << 20
    assert (await publisher.progress(session)).committed == size


# --- processing before the post -------------------------------------------------------------------------------------


async def test_odd_readings_are_waited_out(publisher: InstagramPublisher, sandbox: Sandbox) -> None:
    await settings(sandbox, IG, processing_polls=4, empty_status_polls=3, missing_polls=2)
    await the_one_post(sandbox, await post_it(publisher, reel()), IG)


@pytest.mark.parametrize(("reason", "again"), [("error code 2207026", False), ("error code 2207053", True)])
async def test_a_failed_container_says_whether_to_try_again(
    publisher: InstagramPublisher, sandbox: Sandbox, reason: str, again: bool
) -> None:
    await settings(sandbox, IG, fail_reason=f"Media upload has failed with {reason}", processing_polls=0)
    session = await publisher.begin(reel(), REEL)
    await publisher.upload(reel(), session, files(), Row().checkpoint)
    reading = await publisher.ready(reel(), session)
    assert (reading.state, reading.again) == (ProcessingState.FAILED, again) and reason in reading.reason


async def test_an_upload_in_doubt_fails_only_after_a_while(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    later = timedelta()
    publisher = publisher_for(sandbox, http, clock=lambda: datetime.now(UTC) + later)
    await settings(sandbox, IG, processing_polls=1_000)
    await sandbox.fault("error_though_done", platform="instagram", op="put", status=400)
    row = Row(session=await publisher.begin(reel(), REEL))
    assert row.session is not None
    await publisher.upload(reel(), row.session, files(), row.checkpoint)
    assert (await publisher.ready(reel(), row.session)).state is ProcessingState.PROCESSING
    later = timedelta(minutes=6)
    reading = await publisher.ready(reel(), row.session)
    assert (reading.state, reading.again) == (ProcessingState.FAILED, True)
    assert "ProcessingFailedError" in reading.reason


# --- the post -------------------------------------------------------------------------------------------------------

FAULTS: list[dict[str, Any]] = [
    {"point": "before_commit"},
    {"point": "after_commit_before_reply"},
    {"point": "status", "status": 500, "body": HTML, "content_type": "text/html"},
    {"point": "status", "status": 400, "body": SPAM},
    {"point": "error_though_done", "status": 400, "body": SPAM},
    {"point": "error_though_done", "status": 200, "body": ""},
    {"point": "error_though_done", "status": 200, "body": '{"id": 17}'},
    {"point": "error_though_done", "status": 502, "body": HTML, "content_type": "text/html"},
    {"point": "expire_token"},
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault['point']}-{fault.get('status', '')}")
async def test_exactly_one_post_whatever_the_answer(
    publisher: InstagramPublisher, sandbox: Sandbox, fault: dict[str, Any]
) -> None:
    await sandbox.fault(platform="instagram", op="publish", **fault)
    await the_one_post(sandbox, await post_it(publisher, reel()), IG)
    assert await sandbox.faults_left() == []


async def test_a_lost_answer_without_a_reading_is_unknown(publisher: InstagramPublisher, sandbox: Sandbox) -> None:
    row = await uploaded(publisher, reel())
    assert row.session is not None
    await sandbox.fault("error_though_done", platform="instagram", op="publish", status=400, body=SPAM)
    await sandbox.fault("status", platform="instagram", op="poll", status=500, skip=1, count=9)
    with pytest.raises(OutcomeUnknown, match="2207051"):
        await publisher.publish(reel(), row.session, files(), row.checkpoint)
    await sandbox.client.delete(f"{sandbox.url}/_control/faults")
    found = await publisher.reconcile(reel(), row.session, datetime.now(UTC))
    assert found.outcome == "posted" and found.post is not None
    await the_one_post(sandbox, found.post, IG)
    assert await publisher.publish(reel(), row.session, files(), row.checkpoint) == found.post, "asked first"


async def test_plain_refusals_post_nothing(publisher: InstagramPublisher, sandbox: Sandbox) -> None:
    row = await uploaded(publisher, reel())
    assert row.session is not None
    refusals: list[tuple[int, int, type[Exception]]] = [
        (9, 2207042, QuotaExhausted),
        (190, 460, NeedsAuthorization),
        (10, 0, NeedsAuthorization),
        (25, 2207050, NeedsAuthorization),
        (36003, 2207009, PostRejected),
        (9007, 2207027, PlatformTransient),
    ]
    for code, subcode, kind in refusals:
        body = json.dumps({"error": {"message": "no", "code": code, "error_subcode": subcode}})
        await sandbox.fault("status", platform="instagram", op="publish", status=400, body=body)
        with pytest.raises(kind):
            await publisher.publish(reel(), row.session, files(), row.checkpoint)
    assert await sandbox.posts() == []


async def test_publishing_waits_for_the_container(publisher: InstagramPublisher, sandbox: Sandbox) -> None:
    await settings(sandbox, IG, processing_polls=9)
    session = await publisher.begin(reel(), REEL)
    await publisher.upload(reel(), session, files(), Row().checkpoint)
    with pytest.raises(PlatformTransient, match="processing"):
        await publisher.publish(reel(), session, files(), Row().checkpoint)
    await sandbox.settings(clock_offset_s=86_401.0)
    with pytest.raises(SessionLost, match="EXPIRED"):
        await publisher.publish(reel(), session, files(), Row().checkpoint)
    assert (await publisher.reconcile(reel(), session, datetime.now(UTC))).outcome == "absent"


# --- extras, deletion, tokens ---------------------------------------------------------------------------------------


async def test_the_first_comment_is_made_once(publisher: InstagramPublisher, sandbox: Sandbox) -> None:
    post = reel(first_comment="What would you do with three hearts?")
    done = await post_it(publisher, post)
    [extra] = publisher.extras(post)
    assert extra.kind is ExtraKind.COMMENT
    assert await publisher.attached(post, done, extra) == ""
    await sandbox.fault("after_commit_before_reply", platform="instagram", op="write")
    with pytest.raises(PlatformTransient):
        await publisher.attach(post, done, extra, files(), "")
    assert await publisher.attached(post, done, extra)
    with pytest.raises(PostRejected):
        await publisher.attach(post, done, extra.model_copy(update={"kind": ExtraKind.THUMBNAIL}), files(), "")


async def test_deleting(publisher: InstagramPublisher, sandbox: Sandbox) -> None:
    done = await post_it(publisher, reel())
    await sandbox.fault("status", platform="instagram", op="delete", status=200, body='{"success":false}')
    with pytest.raises(PostRejected, match="no reason"):
        await publisher.delete("main", done.post_id)
    await publisher.delete("main", done.post_id)
    await publisher.delete("main", done.post_id)
    assert await sandbox.posts() == []
    with pytest.raises(PostRejected, match="ids"):
        await publisher.delete("main", "../me")


async def test_a_dead_token_is_told_with_metas_reason(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    publisher = publisher_for(sandbox, http, Tokens(sandbox, IG, renewals=0))
    await sandbox.post("expire_tokens", {})
    await sandbox.fault("expire_token", platform="instagram", op="start")
    with pytest.raises(NeedsAuthorization, match="expired"):
        await publisher.begin(reel(), REEL)
    await sandbox.settings(revoked=["second"])
    with pytest.raises(NeedsAuthorization, match="app was removed"):
        await publisher.begin(reel(account="second"), REEL)


async def test_an_app_secret_proves_every_call(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    await settings(sandbox, IG, app_secret="s3cret", require_proof=True)
    with pytest.raises(PostRejected, match="appsecret_proof"):
        await publisher_for(sandbox, http).begin(reel(), REEL)
    publisher = publisher_for(sandbox, http, app_secret="s3cret")
    await sandbox.fault("expire_token", platform="instagram", op="publish")
    await the_one_post(sandbox, await post_it(publisher, reel()), IG)


async def test_an_account_without_an_id_needs_one(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    class Nameless(Tokens):
        async def info(self, account: str) -> Any:
            return (await super().info(account)).model_copy(update={"external_id": "../x"})

    with pytest.raises(NeedsAuthorization, match="Instagram user id"):
        await publisher_for(sandbox, http, Nameless(sandbox, IG)).begin(reel(), REEL)


async def test_a_strange_session_is_lost(publisher: InstagramPublisher) -> None:
    state = {"container": instagram_user("main"), "uri": "https://evil.example/x"}
    session = UploadSession(platform=IG, account="main", total=1, state=state)
    with pytest.raises(SessionLost, match="address"):
        await publisher.upload(reel(), session, files(), Row().checkpoint)
    with pytest.raises(SessionLost):
        await publisher.progress(session.model_copy(update={"state": {}}))
