"""The posting activities on PostgreSQL, with the adapters as the worker builds them, against the sandbox over HTTP."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr
from temporalio.testing import ActivityEnvironment

from activities.publishing.posting import Publishing
from reelwright.domain.content.video import RenderedVideo
from reelwright.domain.formats import Platform, VideoFormat
from reelwright.domain.ids import post_marker
from reelwright.domain.origins import Origin
from reelwright.domain.publishing.accounts import AccountInfo
from reelwright.domain.publishing.posting import PostDraft, PostState, ProcessingState, PublishedPost, PublishTask
from reelwright.platforms.common.oauth import AccessTokens
from reelwright.platforms.common.vault_tokens import VaultTokens
from reelwright.storage.accounts import PostgresAccountStore
from reelwright.storage.approvals import PostgresApprovals
from reelwright.storage.media import LocalMediaStore
from reelwright.storage.pauses import PostgresGate
from reelwright.storage.posts import PostgresPostLedger
from reelwright.storage.slots import PostgresSlots
from reelwright.storage.vault import Vault
from sandbox.platforms import sandbox_account
from workers.platform_settings import PlatformSettings
from workers.publishers import build_publishers, credentials, token_of
from workers.sandboxing import Sites, sites

from ..conftest import Sandbox
from ..storage.filing import approve, fresh

HEARTBEAT = timedelta(seconds=1)
STILL_S = 0.8
"""Longer than an attempt may be silent with that heartbeat timeout."""
SETTLED_S = 0.3
Hook = Callable[[httpx.Request], Awaitable[None]]


def places_on(sandbox: Sandbox) -> Sites:
    """All platforms on the sandbox, as the workers see them."""
    return _places_on(sandbox.url)


@functools.cache  # the settings' 240 fields are looked for in several places each: as long as a whole publication
def _places_on(url: str) -> Sites:
    settings = PlatformSettings(
        **{
            "REELWRIGHT_SANDBOX_URL": url,
            "REELWRIGHT_LISTED_WITHIN_S": SETTLED_S,
            "REELWRIGHT_COMMENT_LAG_S": SETTLED_S,
        },
        _env_file=None,  # type: ignore[call-arg]
    )
    return sites(settings)


def with_secrets(places: Sites, application: Mapping[str, str]) -> Sites:
    """The same with other application secrets, by the names that people set."""
    names = {field.validation_alias: name for name, field in PlatformSettings.model_fields.items()}
    secrets = {names[variable]: SecretStr(value) for variable, value in application.items()}
    return {
        platform: dataclasses.replace(site, settings=site.settings.model_copy(update=secrets))
        for platform, site in places.items()
    }


class Bench:
    """The activities, and hooks to be run before the guard of their HTTP client or behind it."""

    def __init__(self, sandbox: Sandbox, pool: Any, content: str, folder: Path, client: httpx.AsyncClient) -> None:
        places = places_on(sandbox)
        self.accounts = PostgresAccountStore(pool, Vault(SecretStr(Vault.new_key())))
        self.tokens: dict[Platform, AccessTokens] = {
            platform: VaultTokens(client, self.accounts, platform, credentials(site), origin=site.origin)
            for platform, site in places.items()
        }
        self.posts = PostgresPostLedger(pool)
        self.media = LocalMediaStore(folder)
        self.pool = pool
        self.activities = Publishing(
            self.posts,
            self.media,
            PostgresGate(pool),
            self.accounts,
            build_publishers(places, dict.fromkeys(Origin, client), self.tokens),
            PostgresApprovals(pool),
            PostgresSlots(pool),
        )
        self.sandbox, self.content, self.client = sandbox, content, client
        self._accounts: list[AccountInfo] = []
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

    async def account(self, platform: Platform, account: str = "", **options: str) -> str:
        """A new account's name."""
        account = account or fresh()
        known = sandbox_account(platform, account)
        info = AccountInfo(
            platform=platform, name=account, external_id=known.external_id, options={**known.options, **options}
        )
        await self.accounts.put(info, token_of(platform, SecretStr(known.token)))
        self._accounts.append(info)
        return account

    async def clear(self) -> None:
        """Takes the accounts away: they are sealed with a key of their own, which other tests do not have."""
        for info in self._accounts:
            await self.accounts.remove(info.platform, info.name)

    async def task(self, platform: Platform, account: str, **changes: str) -> PublishTask:
        """A publication of a video of twenty seconds, approved."""
        key = f"content-{self.content}/post/{platform.value}/{account}"
        draft = PostDraft(
            platform=platform,
            account=account,
            title=f"Tides {account}",
            description="D",
            marker=post_marker(key),
            **changes,  # type: ignore[arg-type]
        )
        file = await self.media.put_bytes(b"a video" * 20_000, "video/mp4")
        video = RenderedVideo(
            format=VideoFormat.TALL, file=file, width=1080, height=1920, fps=30, frames=600, duration_s=20.0
        )
        task = PublishTask(content_id=self.content, key=key, draft=draft, video=video)
        await approve(self.pool, task)
        return task

    async def uploaded(self, platform: Platform, **changes: str) -> PublishTask:
        """A publication that wants nothing but the irreversible call."""
        task = await self.task(platform, await self.account(platform), **changes)
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
