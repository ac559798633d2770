"""The TikTok adapter against the sandbox over real HTTP: the straight way, limits, resuming, exactly one post."""

from __future__ import annotations

import hashlib
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
    SessionLost,
)
from reelwright.domain.ports.publishing import AddsExtras, DeletesPosts, ReportsQuota
from reelwright.domain.publishing.posting import PostKind, ProcessingState, PublishedPost
from reelwright.platforms.tiktok.publisher import TikTokPublisher

from ...conftest import Sandbox
from .kit import (
    CHUNK,
    LAST,
    SHA,
    VIDEO,
    Source,
    begun,
    draft,
    facts,
    files,
    post_with_retries,
    publisher_for,
    the_one_post,
    tune,
)


@pytest.fixture(autouse=True)
async def small_chunks(sandbox: Sandbox) -> None:
    await tune(sandbox, min_chunk=CHUNK)


@pytest.fixture
async def publisher(sandbox: Sandbox, http: httpx.AsyncClient) -> TikTokPublisher:
    return publisher_for(sandbox, http)


# --- the straight way -----------------------------------------------------------------------------------------------


async def test_a_whole_post(publisher: TikTokPublisher, sandbox: Sandbox) -> None:
    source, wanted = Source(), draft(paid_partnership=True)
    assert publisher.validate(wanted, facts()) is PostKind.VIDEO
    stored = await begun(publisher, paid_partnership=True)
    assert (await publisher.progress(stored.session)).committed == 0
    progress = await publisher.upload(wanted, stored.session, files(source), stored)
    assert (progress.committed, progress.total, progress.post_id) == (LAST, len(VIDEO), "")
    assert stored.told == [CHUNK, 2 * CHUNK, 3 * CHUNK, LAST]
    assert source.opened == [0] and source.open_now == 0
    assert await sandbox.posts() == []
    assert (await publisher.ready(wanted, stored.session)).state is ProcessingState.LIVE
    post = await publisher.publish(wanted, stored.session, files(source), stored)
    assert post.post_id == stored.session.state["publish_id"] and post.url == ""
    assert source.opened == [0, LAST] and source.open_now == 0
    told = await the_one_post(sandbox)
    assert told["text"] == "Why octopuses have three hearts\n\nTwo for the gills. \U0001f419\n\n#octopus #deepsea"
    flags = {name: told["meta"][name] for name in ("privacy_level", "is_aigc", "brand_content_toggle")}
    assert flags == {"privacy_level": "PUBLIC_TO_EVERYONE", "is_aigc": True, "brand_content_toggle": True}
    again = await publisher.publish(wanted, stored.session, files(source), stored)
    assert again == post and source.opened == [0, LAST]
    progress = await publisher.upload(wanted, stored.session, files(source), stored)
    assert progress.post_id == post.post_id
    await the_one_post(sandbox)


async def test_the_public_id_and_address_come_later(publisher: TikTokPublisher, sandbox: Sandbox) -> None:
    await tune(sandbox, processing_polls=2, moderation_polls=1, relapse=True)
    post = await post_with_retries(publisher, Source())
    seen = []
    for _ in range(9):
        reading = await publisher.processing(draft(), post)
        seen.append(reading.state)
        if reading.state is ProcessingState.LIVE:
            break
    assert seen[:-1] == [ProcessingState.PROCESSING] * (len(seen) - 1) and len(seen) >= 4
    told = await the_one_post(sandbox)
    assert reading.post is not None
    assert reading.post == PublishedPost(post_id=told["post_id"], url=f"{sandbox.url}/@main/video/{told['post_id']}")
    assert int(told["post_id"]) > 2**53
    page = await sandbox.client.get(reading.post.url, follow_redirects=True)
    assert page.status_code == 200 and SHA in page.text
    assert (await publisher.processing(draft(), reading.post)).post == reading.post


@pytest.mark.parametrize(("privacy", "options"), [("private", {}), ("unlisted", {})])
async def test_fewer_than_everyone(
    sandbox: Sandbox, http: httpx.AsyncClient, privacy: str, options: dict[str, str]
) -> None:
    await tune(sandbox, processing_polls=0)
    publisher = publisher_for(sandbox, http, options)
    post = await post_with_retries(publisher, Source(), draft(privacy=privacy))
    assert (await the_one_post(sandbox))["meta"]["privacy_level"] == "SELF_ONLY"
    reading = await publisher.processing(draft(privacy=privacy), post)
    assert reading.state is ProcessingState.LIVE
    assert ("no 'unlisted'" if privacy == "unlisted" else "no address") in reading.reason


async def test_options_of_the_account(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    await tune(sandbox, comment_disabled=True)
    options = {"unlisted": "MUTUAL_FOLLOW_FRIENDS", "disable_duet": "true"}
    await post_with_retries(publisher_for(sandbox, http, options), Source(), draft(privacy="unlisted"))
    meta = (await the_one_post(sandbox))["meta"]
    told = [meta[name] for name in ("privacy_level", "disable_comment", "disable_duet", "disable_stitch")]
    assert told == ["MUTUAL_FOLLOW_FRIENDS", True, True, False]
    with pytest.raises(PostRejected, match="unlisted: "):
        await begun(publisher_for(sandbox, http, {"unlisted": "everyone"}), privacy="unlisted")


async def test_the_inbox(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    await tune(sandbox, unaudited=True, missing_scopes=["video.publish"], processing_polls=0)
    publisher = publisher_for(sandbox, http, {"flow": "inbox"})
    post = await post_with_retries(publisher, Source())
    assert (await the_one_post(sandbox))["meta"]["inbox"] is True
    reading = await publisher.processing(draft(), post)
    assert reading.state is ProcessingState.LIVE and "inbox" in reading.reason


@pytest.mark.parametrize("size", [1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK - 1, 2 * CHUNK, 2 * CHUNK + 1])
async def test_small_and_even_sizes(publisher: TikTokPublisher, sandbox: Sandbox, size: int) -> None:
    data = VIDEO[:size]
    stored = await begun(publisher, size)
    progress = await publisher.upload(draft(), stored.session, files(Source(data)), stored)
    assert progress.committed == (max(1, size // CHUNK) - 1) * CHUNK
    assert await sandbox.posts() == []
    await publisher.publish(draft(), stored.session, files(Source(data)), stored)
    await the_one_post(sandbox, hashlib.sha256(data).hexdigest())


async def test_publish_alone_sends_everything(publisher: TikTokPublisher, sandbox: Sandbox) -> None:
    stored = await begun(publisher)
    await publisher.publish(draft(), stored.session, files(), stored)
    await the_one_post(sandbox)


def test_what_tiktok_has_no_call_for(publisher: TikTokPublisher) -> None:
    """docs/platforms/tiktok.md#limits. The activities tell a person that a comment is missing."""
    assert not isinstance(publisher, AddsExtras | DeletesPosts | ReportsQuota)


# --- what the creator may do ------------------------------------------------------------------------------------------


async def test_creator_info_comes_first_and_is_respected(publisher: TikTokPublisher, sandbox: Sandbox) -> None:
    await tune(sandbox, max_duration_s=60)
    await publisher.begin(draft(), facts(duration_s=60.0))
    with pytest.raises(PostRejected, match=r"video: 60\.5 s is more than the 60 s"):
        await publisher.begin(draft(), facts(duration_s=60.5))
    await tune(sandbox, unaudited=True, private_accounts=["main"])
    with pytest.raises(PostRejected, match=r"privacy: .*SELF_ONLY.*not audited"):
        await begun(publisher)
    assert (await begun(publisher, privacy="private")).session.state["public"] is False
    with pytest.raises(PostRejected, match="paid_partnership"):
        await begun(publisher, privacy="unlisted", paid_partnership=True)
    await tune(sandbox, private_accounts=[])
    with pytest.raises(PostRejected, match="unaudited_client_can_only_post_to_private_accounts"):
        await begun(publisher, privacy="private")


async def test_creator_info_is_asked_before_init(sandbox: Sandbox) -> None:
    paths: list[str] = []

    async def note(request: httpx.Request) -> None:
        paths.append(request.url.path)

    async with httpx.AsyncClient(trust_env=False, event_hooks={"request": [note]}) as client:
        await begun(publisher_for(sandbox, client))
    assert paths[1:] == ["/v2/post/publish/creator_info/query/", "/v2/post/publish/video/init/"]


async def test_bytes_carry_no_token(publisher: TikTokPublisher, sandbox: Sandbox) -> None:
    seen: list[httpx.Headers] = []

    async def note(request: httpx.Request) -> None:
        if request.method == "PUT":
            seen.append(request.headers)

    async with httpx.AsyncClient(trust_env=False, event_hooks={"request": [note]}) as client:
        await post_with_retries(publisher_for(sandbox, client), Source())
    assert [headers["content-range"] for headers in seen] == [
        *(f"bytes {at}-{at + CHUNK - 1}/{len(VIDEO)}" for at in range(0, LAST, CHUNK)),
        f"bytes {LAST}-{len(VIDEO) - 1}/{len(VIDEO)}",
    ]
    assert not any("authorization" in headers for headers in seen)
    assert {headers["content-type"] for headers in seen} == {"video/mp4"}


# --- breaks on the way ------------------------------------------------------------------------------------------------

BREAKS: list[dict[str, Any]] = [
    {"point": "status", "status": 503, "body": "<html>busy</html>", "content_type": "text/html"},
    {"point": "status", "status": 500},
    {"point": "before_commit"},
    {"point": "after_commit_before_reply"},
    {"point": "error_though_done", "status": 503},
    {"point": "error_though_done", "status": 500, "body": "{}"},
]


@pytest.mark.parametrize("op", ["creator", "start", "put", "final", "poll"])
@pytest.mark.parametrize("fault", BREAKS, ids=lambda fault: f"{fault['point']}-{fault.get('status', '')}")
async def test_one_post_after_any_break(
    publisher: TikTokPublisher, sandbox: Sandbox, op: str, fault: dict[str, Any]
) -> None:
    await sandbox.fault(platform="tiktok", op=op, **fault)
    await post_with_retries(publisher, Source())
    assert await sandbox.faults_left() == []
    await the_one_post(sandbox)


@pytest.mark.parametrize("at", [0, 1, CHUNK, 2 * CHUNK + 777, LAST - 1, LAST, LAST + 5_000, len(VIDEO) - 1])
@pytest.mark.parametrize("lag", [0, 2])
async def test_one_post_after_a_reset_at_any_byte(
    publisher: TikTokPublisher, sandbox: Sandbox, at: int, lag: int
) -> None:
    await tune(sandbox, uploaded_lag_polls=lag)
    await sandbox.fault("reset_at_byte", platform="tiktok", at_byte=at)
    await post_with_retries(publisher, Source())
    assert await sandbox.faults_left() == []
    await the_one_post(sandbox)


@pytest.mark.parametrize("op", ["put", "final"])
@pytest.mark.parametrize("count_in_range", [False, True])
async def test_partial_commits(publisher: TikTokPublisher, sandbox: Sandbox, op: str, count_in_range: bool) -> None:
    await tune(sandbox, count_in_range=count_in_range)
    for keep in (0, 1, 33_333):
        await sandbox.fault("partial_commit", platform="tiktok", op=op, keep=keep)
    await post_with_retries(publisher, Source())
    assert await sandbox.faults_left() == []
    await the_one_post(sandbox)


async def test_a_server_that_keeps_little_at_a_time(publisher: TikTokPublisher, sandbox: Sandbox) -> None:
    await tune(sandbox, max_commit=60_000)
    await post_with_retries(publisher, Source())
    await the_one_post(sandbox)


async def test_a_dead_address_before_the_last_chunk_means_a_new_upload(
    publisher: TikTokPublisher, sandbox: Sandbox
) -> None:
    await sandbox.fault("expire_session", platform="tiktok", op="put", skip=1)
    stored = await begun(publisher)
    with pytest.raises(SessionLost):
        await publisher.upload(draft(), stored.session, files(), stored)
    await post_with_retries(publisher, Source())
    await the_one_post(sandbox)


async def test_a_dead_address_at_the_last_chunk(publisher: TikTokPublisher, sandbox: Sandbox) -> None:
    await sandbox.fault("expire_session", platform="tiktok", op="final")
    await post_with_retries(publisher, Source())
    await the_one_post(sandbox)


async def test_an_hour_later_the_address_is_given_up(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    now = [datetime.now(UTC)]
    publisher = publisher_for(sandbox, http, clock=lambda: now[0])
    stored = await begun(publisher)
    now[0] += timedelta(minutes=59)
    await publisher.upload(draft(), stored.session, files(), stored)
    now[0] += timedelta(minutes=2)
    with pytest.raises(SessionLost):
        await publisher.upload(draft(), stored.session, files(), stored)


async def test_an_upload_is_not_given_up_while_its_last_chunk_may_count(
    sandbox: Sandbox, http: httpx.AsyncClient
) -> None:
    now = [datetime.now(UTC)]
    publisher = publisher_for(sandbox, http, clock=lambda: now[0], settle_s=30.0)
    stored = await begun(publisher)
    await publisher.upload(draft(), stored.session, files(), stored)
    now[0] += timedelta(minutes=59, seconds=50)
    await sandbox.fault("before_commit", platform="tiktok", op="final")
    with pytest.raises(OutcomeUnknown):
        await publisher.publish(draft(), stored.session, files(), stored)
    assert (await publisher.reconcile(draft(), stored.session, now[0])).outcome == "unknown"
    now[0] += timedelta(seconds=20)
    with pytest.raises(PlatformTransient) as held:
        await publisher.upload(draft(), stored.session, files(), stored)
    assert held.value.retry_after_s == pytest.approx(10.0)
    now[0] += timedelta(seconds=11)
    assert (await publisher.reconcile(draft(), stored.session, now[0])).outcome == "absent"
    with pytest.raises(SessionLost):
        await publisher.upload(draft(), stored.session, files(), stored)


async def test_a_token_that_dies_in_mid_upload(publisher: TikTokPublisher, sandbox: Sandbox) -> None:
    stored = await begun(publisher)
    await sandbox.fault("expire_token", platform="tiktok", op="poll")
    await publisher.upload(draft(), stored.session, files(), stored)
    await sandbox.client.post(f"{sandbox.url}/_control/expire_tokens")
    await publisher.publish(draft(), stored.session, files(), stored)
    await the_one_post(sandbox)


async def test_a_revoked_account(publisher: TikTokPublisher, sandbox: Sandbox) -> None:
    stored = await begun(publisher)
    await sandbox.settings(revoked=["main"])
    await sandbox.client.post(f"{sandbox.url}/_control/expire_tokens")
    with pytest.raises(NeedsAuthorization):
        await publisher.upload(draft(), stored.session, files(), stored)


async def test_a_video_that_ends_too_early(publisher: TikTokPublisher, sandbox: Sandbox) -> None:
    for data in (VIDEO[: CHUNK + 5], VIDEO[:-1]):
        stored = await begun(publisher)
        with pytest.raises(AssetCorrupt):
            await publisher.publish(draft(), stored.session, files(Source(data)), stored)
    assert await sandbox.posts() == []
