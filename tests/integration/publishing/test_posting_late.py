"""A posting attempt that stood still: it must not post late, nor undo what the next one has armed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from activities import heartbeat
from activities.publishing.extras import Extras
from activities.publishing.posting import extras_of
from reelwright.domain.errors import OutcomeUnknown, PlatformTransient
from reelwright.domain.formats import Platform
from reelwright.domain.publishing.posting import AttachTask, ExtraKind, PostState
from reelwright.platforms.common.http import guarded_client
from reelwright.storage.effects import PostgresEffectLedger

from ..conftest import Sandbox
from .posting_kit import STILL_S, Bench, Hook


@pytest.fixture
async def bench(
    sandbox: Sandbox, pool: Any, content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Bench]:
    monkeypatch.setattr(heartbeat, "BEAT_S", 0.05)
    async with guarded_client(trust_env=False, timeout=300, verify=False) as client:
        bench = Bench(sandbox, pool, content, tmp_path, client)
        yield bench
        await bench.clear()


def is_the_post(request: httpx.Request) -> bool:
    """Whether it is the irreversible one, on whichever platform."""
    span = request.headers.get("content-range", "").removeprefix("bytes ")
    if span and not span.startswith("*"):
        sent, _, total = span.partition("/")
        return int(sent.partition("-")[2]) + 1 == int(total)
    path = request.url.path
    if path.endswith(("/2/tweets", "/rest/posts", "/com.atproto.repo.putRecord")):
        return request.method == "POST"
    return path.endswith("/media_publish") or (path.endswith("/video_reels") and b"finish" in request.content)


@pytest.mark.parametrize("where", ["before", "behind"])
@pytest.mark.parametrize("platform", list(Platform))
@pytest.mark.sample(7)
async def test_a_blocked_process_posts_nothing_when_it_goes_on(bench: Bench, platform: Platform, where: str) -> None:
    task = await bench.uploaded(platform)
    op = "final" if platform in (Platform.YOUTUBE, Platform.TIKTOK) else "publish"
    await bench.sandbox.fault("status", platform=platform.value, account=task.draft.account, op=op, status=503)
    waiting = await bench.sandbox.faults_left()
    stalls = []

    async def stall(request: httpx.Request) -> None:
        if is_the_post(request):
            stalls.append(request.url)
            time.sleep(STILL_S)  # the whole loop stands still, and with it the beats
            await asyncio.sleep(0.2)  # they come again before the request goes out

    hooks: list[Hook] = getattr(bench, where)
    hooks.append(stall)
    with pytest.raises(PlatformTransient):
        await bench.publish(task)
    assert len(stalls) == 1
    assert await bench.sandbox.faults_left() == waiting, "the request has reached the platform"
    assert await bench.there(task) == []
    assert await bench.state(task) is PostState.UPLOADING, "it is certain that nothing was posted"

    hooks.clear()
    await bench.sandbox.client.delete(f"{bench.sandbox.url}/_control/faults")
    post = await bench.publish(task)
    assert await bench.state(task) is PostState.POSTED
    [there] = await bench.there(task)
    assert platform is Platform.TIKTOK or there == post.post_id  # TikTok tells the post's own id later


@pytest.mark.parametrize("platform", [Platform.YOUTUBE, Platform.FACEBOOK])
@pytest.mark.sample(2)
async def test_a_comment_is_not_made_late_either(bench: Bench, pool: Any, platform: Platform) -> None:
    task = await bench.uploaded(platform, first_comment="Sources below")
    post = await bench.publish(task)
    publisher = bench.activities.publishers[platform]
    [comment] = [extra for extra in extras_of(publisher, task.draft) if extra.kind is ExtraKind.COMMENT]
    attach = AttachTask(task=task, post=post, extra=comment)
    activities = Extras(PostgresEffectLedger(pool), bench.media, bench.activities.publishers)
    stalls = []

    async def stall(request: httpx.Request) -> None:
        if request.method == "POST" and "comment" in request.url.path.lower():
            stalls.append(request.url)
            time.sleep(STILL_S)
            await asyncio.sleep(0.2)

    bench.before.append(stall)
    with pytest.raises(PlatformTransient):
        await bench.run(activities.attach_extra, attach)
    assert len(stalls) == 1
    assert await publisher.attached(task.draft, post, comment) == "", "it was made late"

    bench.before.clear()
    added = await bench.run(activities.attach_extra, attach)
    assert (added.status, added.id) == ("done", await publisher.attached(task.draft, post, comment))


async def test_a_stall_before_the_first_request_sends_none(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    task = await bench.uploaded(Platform.X)
    sent: list[httpx.URL] = []
    arm = bench.posts.arm

    async def note(request: httpx.Request) -> None:
        sent.append(request.url)

    async def slow(key: str) -> Any:
        time.sleep(STILL_S)
        return await arm(key)

    bench.behind.append(note)
    monkeypatch.setattr(bench.posts, "arm", slow)
    with pytest.raises(PlatformTransient):
        await bench.publish(task)
    assert (sent, await bench.state(task)) == ([], PostState.UPLOADING)


async def test_a_late_attempt_undoes_nothing_of_the_next(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    task = await bench.uploaded(Platform.X)
    still, wake = asyncio.Event(), asyncio.Event()

    async def stand(request: httpx.Request) -> None:
        if is_the_post(request) and not still.is_set():
            still.set()
            await wake.wait()

    bench.before.append(stand)
    monkeypatch.setattr(heartbeat, "BEAT_S", 3_600)
    late = asyncio.create_task(bench.publish(task))
    await still.wait()
    await asyncio.sleep(STILL_S)
    monkeypatch.setattr(heartbeat, "BEAT_S", 0.05)

    # Temporal has given it up: the platform is asked, has nothing, and the next attempt posts without an answer.
    told = await bench.run(bench.activities.reconcile_post, task)
    assert (told.outcome, await bench.state(task)) == ("absent", PostState.UPLOADING)
    await bench.sandbox.post("settings/x", {"listed_after_s": 3_600})
    await bench.sandbox.fault("after_commit_before_reply", platform="x", account=task.draft.account, op="publish")
    with pytest.raises(OutcomeUnknown):
        await bench.publish(task)
    armed = await bench.posts.get(task.key)
    assert armed is not None and armed.state is PostState.ARMED

    wake.set()
    with pytest.raises(PlatformTransient):
        await late
    assert await bench.posts.get(task.key) == armed
    with pytest.raises(OutcomeUnknown):
        await bench.publish(task)
    await bench.sandbox.post("settings/x", {"listed_after_s": 0})
    told = await bench.run(bench.activities.reconcile_post, task)
    assert told.outcome == "posted"
    assert await bench.there(task) == [told.post.post_id]


async def test_an_attempt_that_lost_its_arming_stops_at_its_next_note(bench: Bench) -> None:
    task = await bench.uploaded(Platform.X)
    sent: list[httpx.URL] = []

    async def overtaken(request: httpx.Request) -> None:
        sent.append(request.url)

    armed = await bench.posts.arm(task.key)
    assert armed is not None and armed.session is not None and armed.armed_at is not None
    await bench.posts.disarm(task.key, armed.armed_at)
    second = await bench.posts.arm(task.key)
    bench.behind.append(overtaken)
    with pytest.raises(OutcomeUnknown, match="another attempt"):
        await bench.activities._publish(task, armed.session, armed.armed_at)
    assert sent == []
    assert await bench.posts.get(task.key) == second
