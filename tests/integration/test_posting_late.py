"""A posting attempt that stood still: it must not post late, nor undo what the next one has armed.

The real activities on PostgreSQL, with the adapters as the worker builds them, against the sandbox over HTTP.
"""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from temporalio.testing import ActivityEnvironment

from activities import heartbeat
from activities.publishing import Publishing
from reelwright.domain.accounts import AccountInfo
from reelwright.domain.errors import OutcomeUnknown, PlatformTransient
from reelwright.domain.formats import Platform, VideoFormat
from reelwright.domain.ids import post_marker
from reelwright.domain.posting import PostDraft, PostState, ProcessingState, PublishedPost, PublishTask
from reelwright.domain.video import RenderedVideo
from reelwright.platforms.http import guarded_client
from reelwright.platforms.oauth import AccessTokens
from reelwright.platforms.vault_tokens import VaultTokens
from reelwright.sandbox.accounts import sandbox_account
from reelwright.storage.accounts import PostgresAccountStore
from reelwright.storage.media import LocalMediaStore
from reelwright.storage.pauses import PostgresGate
from reelwright.storage.posts import PostgresPostLedger
from reelwright.storage.vault import Vault
from workers.local.sandbox_env import sandbox_env
from workers.platform_settings import PlatformSettings
from workers.publishers import build_publishers, credentials, token_of

from .conftest import Sandbox
from .filing import fresh

HEARTBEAT = timedelta(seconds=1)
STILL_S = 0.8
"""Longer than an attempt may be silent with that heartbeat timeout."""
SETTLED_S = 0.3
Hook = Callable[[httpx.Request], Awaitable[None]]


def is_the_post(request: httpx.Request) -> bool:
    """Whether it is the irreversible one, on whichever platform."""
    span = request.headers.get("content-range", "").removeprefix("bytes ")
    if span and not span.startswith("*"):
        sent, _, total = span.partition("/")
        return int(sent.partition("-")[2]) + 1 == int(total)
    path = request.url.path
    if path.endswith(("/2/tweets", "/rest/posts")):
        return request.method == "POST"
    return path.endswith("/media_publish") or (path.endswith("/video_reels") and b"finish" in request.content)


class Bench:
    """The activities, and hooks to be run before the guard of their HTTP client or behind it."""

    def __init__(self, sandbox: Sandbox, pool: Any, content: str, folder: Path, client: httpx.AsyncClient) -> None:
        settings = PlatformSettings(
            **{**sandbox_env(list(Platform), sandbox.url), "REELWRIGHT_LISTED_WITHIN_S": SETTLED_S},  # type: ignore[arg-type]
            _env_file=None,  # type: ignore[call-arg]
        )
        self.accounts = PostgresAccountStore(pool, Vault(SecretStr(Vault.new_key())))
        tokens: dict[Platform, AccessTokens] = {
            platform: VaultTokens(client, self.accounts, platform, given)
            for platform, given in credentials(settings).items()
        }
        self.posts = PostgresPostLedger(pool)
        self.media = LocalMediaStore(folder)
        self.activities = Publishing(
            self.posts, self.media, PostgresGate(pool), self.accounts, build_publishers(settings, client, tokens)
        )
        self.sandbox, self.content, self.client = sandbox, content, client
        self.before: list[Hook] = []
        self.behind: list[Hook] = []
        [guard] = client.event_hooks["request"]

        async def hooks(request: httpx.Request) -> None:
            for hook in [*self.before, guard, *self.behind]:
                await hook(request)

        client.event_hooks = {"request": [hooks]}

    async def run(self, activity: Any, task: PublishTask) -> Any:
        env = ActivityEnvironment()
        env.info = dataclasses.replace(
            env.info, heartbeat_timeout=HEARTBEAT, start_to_close_timeout=timedelta(minutes=30)
        )
        return await env.run(activity, task)

    async def uploaded(self, platform: Platform) -> PublishTask:
        """A publication that wants nothing but the irreversible call."""
        account = fresh()
        known = sandbox_account(platform, account)
        info = AccountInfo(platform=platform, name=account, external_id=known.external_id, options=known.options)
        await self.accounts.put(info, token_of(platform, SecretStr(known.token)))
        key = f"content-{self.content}/post/{platform.value}/{account}"
        draft = PostDraft(
            platform=platform, account=account, title=f"Tides {account}", description="D", marker=post_marker(key)
        )
        file = await self.media.put_bytes(b"a video" * 20_000, "video/mp4")
        video = RenderedVideo(
            format=VideoFormat.TALL, file=file, width=1080, height=1920, fps=30, frames=600, duration_s=20.0
        )
        task = PublishTask(content_id=self.content, key=key, draft=draft, video=video)
        await self.run(self.activities.prepare_post, task)
        await self.run(self.activities.upload_video, task)
        for _ in range(10):
            reading = await self.run(self.activities.read_ready, task)
            if reading.state is ProcessingState.LIVE:
                return task
        raise AssertionError(reading.reason)

    async def publish(self, task: PublishTask) -> PublishedPost:
        post: PublishedPost = await self.run(self.activities.publish_video, task)
        return post

    async def state(self, task: PublishTask) -> PostState:
        row = await self.posts.get(task.key)
        assert row is not None
        return row.state

    async def there(self, task: PublishTask) -> list[str]:
        """The videos that the platform has of this account."""
        posts = await self.sandbox.posts()
        return [post["post_id"] for post in posts if post["account"] == task.draft.account and post["size"]]


@pytest.fixture
async def bench(
    sandbox: Sandbox, pool: Any, content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Bench]:
    monkeypatch.setattr(heartbeat, "BEAT_S", 0.05)
    async with guarded_client(trust_env=False, timeout=30) as client:
        yield Bench(sandbox, pool, content, tmp_path, client)


@pytest.mark.parametrize("where", ["before", "behind"])
@pytest.mark.parametrize("platform", list(Platform))
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
