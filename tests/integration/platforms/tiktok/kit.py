"""What the TikTok tests share: an account's tokens, a video in small chunks, the workflow's way through the calls."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from typing import Any

import httpx

from reelwright.domain.assets import AssetRef
from reelwright.domain.errors import NeedsAuthorization, OutcomeUnknown, PlatformTransient, SessionLost
from reelwright.domain.formats import Platform
from reelwright.domain.ids import post_marker
from reelwright.domain.ports.publishing import PostFiles, VideoFacts
from reelwright.domain.publishing.accounts import AccountInfo
from reelwright.domain.publishing.posting import PostDraft, PublishedPost, UploadSession
from reelwright.platforms.tiktok.publisher import TikTokPublisher

from ...conftest import Sandbox
from ..contract import Kit

CONTRACT = Kit(Platform.TIKTOK, counted="start")

CHUNK = 100_000
VIDEO = hashlib.shake_256(b"tiktok").digest(5 * CHUNK + 12_345)
SHA = hashlib.sha256(VIDEO).hexdigest()
LAST = 4 * CHUNK


def draft(account: str = "main", **changes: Any) -> PostDraft:
    values: dict[str, Any] = {
        "platform": Platform.TIKTOK,
        "account": account,
        "title": "Why octopuses have three hearts",
        "description": "Two for the gills. \U0001f419",
        "tags": ("octopus", "deep sea"),
        "marker": post_marker("key"),
    }
    return PostDraft(**{**values, **changes})


def facts(size: int = len(VIDEO), **changes: Any) -> VideoFacts:
    return VideoFacts(**{"width": 1080, "height": 1920, "duration_s": 30.0, "fps": 30.0, "size": size, **changes})


class Source:
    """Streams bytes in odd pieces and remembers how it was asked."""

    def __init__(self, data: bytes = VIDEO, piece: int = 30_001) -> None:
        self.data = data
        self.piece = piece
        self.opened: list[int] = []
        self.open_now = 0

    async def __call__(self, offset: int) -> AsyncIterator[bytes]:
        self.opened.append(offset)
        self.open_now += 1
        try:
            for at in range(offset, len(self.data), self.piece):
                yield self.data[at : at + self.piece]
        finally:
            self.open_now -= 1


async def _read(asset: AssetRef) -> bytes:
    raise AssertionError("TikTok takes no small files")


def files(source: Source | None = None) -> PostFiles:
    return PostFiles(video=source or Source(), read=_read)


class Stored:
    """The ledger's part: the session as it was last told."""

    def __init__(self, session: UploadSession) -> None:
        self.session = session
        self.told: list[int] = []

    async def __call__(self, session: UploadSession, committed: int) -> None:
        self.session = session
        self.told.append(committed)


class Tokens:
    """TikTok's refresh grant as its OAuth wants it, with the rotated refresh token kept."""

    def __init__(self, sandbox: Sandbox, http: httpx.AsyncClient, **options: str) -> None:
        self.sandbox = sandbox
        self.http = http
        self.options = options
        self.refresh: dict[str, str] = {}
        self.access: dict[str, str] = {}
        self.renewals = 0

    async def access_token(self, account: str, *, rejected: str = "") -> str:
        if self.access.get(account, rejected) == rejected:
            # Whoever is killed between the answer and its storing loses the account: rotated tokens work once.
            await asyncio.shield(asyncio.ensure_future(self._renew(account)))
        return self.access[account]

    async def _renew(self, account: str) -> None:
        form = {
            "client_key": "key",
            "client_secret": "secret",
            "grant_type": "refresh_token",
            "refresh_token": self.refresh.get(account, f"rft.sandbox-{account}"),
        }
        answer = await self.http.post(f"{self.sandbox.url}/v2/oauth/token/", data=form)
        if answer.status_code != 200:
            raise NeedsAuthorization(answer.json()["error_description"], field="account")
        self.renewals += 1
        told = answer.json()
        self.access[account], self.refresh[account] = told["access_token"], told["refresh_token"]

    async def info(self, account: str) -> AccountInfo:
        return AccountInfo(platform=Platform.TIKTOK, name=account, options=self.options)


def publisher_for(
    sandbox: Sandbox, http: httpx.AsyncClient, options: dict[str, str] | None = None, **changes: Any
) -> TikTokPublisher:
    kept: dict[str, Any] = {
        "api_url": sandbox.url,
        "watch_url": sandbox.url + "/@{user}/video/{id}",
        "chunk_size": CHUNK,
        "retry_wait_s": 0.01,
        "settle_s": 0.0,
    }
    return TikTokPublisher(http, Tokens(sandbox, http, **(options or {})), **{**kept, **changes})


async def tune(sandbox: Sandbox, **changes: Any) -> None:
    await sandbox.post("settings/tiktok", changes)


async def begun(publisher: TikTokPublisher, size: int = len(VIDEO), **changes: Any) -> Stored:
    return Stored(await publisher.begin(draft(**changes), facts(size)))


async def post_with_retries(
    publisher: TikTokPublisher, source: Source, wanted: PostDraft | None = None, turns: int = 12
) -> PublishedPost:
    """What the workflow does: once it has called `publish` it reconciles before anything else."""
    wanted, stored = wanted or draft(), None
    for _ in range(turns):
        try:
            stored = stored or Stored(await publisher.begin(wanted, facts(len(source.data))))
            await publisher.upload(wanted, stored.session, files(source), stored)
        except PlatformTransient:
            continue
        except SessionLost:
            stored = None
            continue
        try:
            return await publisher.publish(wanted, stored.session, files(source), stored)
        except (PlatformTransient, OutcomeUnknown, SessionLost):
            for _ in range(turns):
                found = await publisher.reconcile(wanted, stored.session, None)
                if found.outcome != "unknown":
                    break
            if found.post:
                return found.post
            assert found.outcome == "absent", found
    raise AssertionError("it never came through")


async def the_one_post(sandbox: Sandbox, sha: str = SHA) -> dict[str, Any]:
    assert await sandbox.faults_left() == [], "a fault that was laid has not struck"
    posts = await sandbox.posts()
    assert [(post["platform"], post["sha256"]) for post in posts] == [("tiktok", sha)]
    return posts[0]
