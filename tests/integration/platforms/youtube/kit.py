"""What the YouTube tests share: a draft, a video that knows how it was read, and the calls a workflow makes."""

from __future__ import annotations

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx
from pydantic import SecretStr

from reelwright.domain.assets import AssetRef
from reelwright.domain.errors import NeedsAuthorization, OutcomeUnknown, PlatformTransient
from reelwright.domain.formats import Platform
from reelwright.domain.ids import post_marker
from reelwright.domain.origins import Origin
from reelwright.domain.ports.publishing import ByteSource, PostFiles, VideoFacts
from reelwright.domain.publishing.accounts import AccountInfo, StoredToken
from reelwright.domain.publishing.posting import PostDraft, PublishedPost, UploadProgress, UploadSession
from reelwright.platforms.common.sign_in import ClientCredentials, RefreshGrant
from reelwright.platforms.common.vault_tokens import VaultTokens
from reelwright.platforms.youtube.publisher import YouTubePublisher
from reelwright.platforms.youtube.upload import GRANULE

from ...conftest import Sandbox
from ..contract import Kit

CONTRACT = Kit(Platform.YOUTUBE, counted="start")

CHUNK = 2 * GRANULE
VIDEO = hashlib.shake_256(b"video").digest(5 * CHUNK + 12_345)
SHA = hashlib.sha256(VIDEO).hexdigest()
LAST = len(VIDEO) // GRANULE * GRANULE


def draft(account: str = "main", **changes: Any) -> PostDraft:
    values: dict[str, Any] = {
        "platform": Platform.YOUTUBE,
        "account": account,
        "title": "Why octopuses have three hearts",
        "description": "Two for the gills.\n\nŪ — \U0001f419",
        "tags": ("octopus", "deep sea"),
        "language": "pt-br",
        "privacy": "unlisted",
        "marker": post_marker("key"),
    }
    return PostDraft(**{**values, **changes})


class Source:
    """Streams bytes in odd pieces and remembers how it was asked."""

    def __init__(self, data: bytes = VIDEO, piece: int = 70_001) -> None:
        self.data = data
        self.piece = piece
        self.opened: list[int] = []
        self.open_now = 0
        self.read_at_most = 0

    async def __call__(self, offset: int) -> AsyncIterator[bytes]:
        self.opened.append(offset)
        self.open_now += 1
        try:
            for at in range(offset, len(self.data), self.piece):
                self.read_at_most = max(self.read_at_most, at)
                yield self.data[at : at + self.piece]
        finally:
            self.open_now -= 1


class Accounts:
    """`AccountStore` for one process that ends with it: what an adapter's tokens need of it."""

    def __init__(self, refresh_tokens: dict[str, str]) -> None:
        self._infos = {name: AccountInfo(platform=Platform.YOUTUBE, name=name) for name in refresh_tokens}
        self._tokens = {
            name: StoredToken(refresh_token=SecretStr(token), flow="google", origin=Origin.SANDBOX)
            for name, token in refresh_tokens.items()
        }
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def put(self, account: AccountInfo, token: StoredToken | None = None) -> None:
        self._infos[account.name] = account
        if token:
            self._tokens[account.name] = token

    async def find(self, platform: Platform, name: str) -> AccountInfo | None:
        return self._infos.get(name)

    async def list(self, platform: Platform | None = None) -> Sequence[AccountInfo]:
        return tuple(self._infos.values())

    async def remove(self, platform: Platform, name: str) -> bool:
        self._tokens.pop(name, None)
        return self._infos.pop(name, None) is not None

    async def token(self, platform: Platform, name: str) -> StoredToken | None:
        return self._tokens.get(name)

    async def needs_authorization(self, platform: Platform, name: str, reason: str) -> None:
        self._infos[name] = self._infos[name].model_copy(update={"needs_authorization": reason})

    @asynccontextmanager
    async def exclusive(self, platform: Platform, name: str) -> AsyncIterator[Callable[[StoredToken], Awaitable[None]]]:
        async def store(token: StoredToken) -> None:
            self._tokens[name] = token

        async with self._locks[name]:
            yield store


def tokens_for(sandbox: Sandbox, http: httpx.AsyncClient) -> VaultTokens:
    accounts = Accounts({"main": "1//sandbox-main", "second": "1//sandbox-second", "unknown": "1//not-one-of-ours"})
    credentials = ClientCredentials("id", "hunter2secret", {"google": RefreshGrant(f"{sandbox.url}/token")})
    return VaultTokens(http, accounts, Platform.YOUTUBE, credentials, origin=Origin.SANDBOX, retry_wait_s=0.01)


def publisher_for(sandbox: Sandbox, http: httpx.AsyncClient, **changes: Any) -> YouTubePublisher:
    watch = sandbox.url + "/watch?v={id}"
    tokens = tokens_for(sandbox, http)
    options: dict[str, Any] = {"chunk_size": CHUNK, "retry_wait_s": 0.01, **changes}
    return YouTubePublisher(http, tokens, sandbox.url, watch, **options)


def facts(size: int = len(VIDEO), **changes: Any) -> VideoFacts:
    values: dict[str, Any] = {"width": 1080, "height": 1920, "duration_s": 30.0, "fps": 30.0, "size": size}
    return VideoFacts(**{**values, **changes})


def file_of(data: bytes, media_type: str = "application/octet-stream") -> AssetRef:
    return AssetRef(key=f"k/{hashlib.sha256(data).hexdigest()}", sha256="", size=len(data), media_type=media_type)


def files(source: ByteSource, *small: bytes) -> PostFiles:
    known = {file_of(data).key: data for data in small}

    async def read(ref: AssetRef) -> bytes:
        return known[ref.key]

    return PostFiles(video=source, read=read)


async def upload(
    publisher: YouTubePublisher,
    session: UploadSession,
    source: ByteSource,
    told: Callable[[int], object] = lambda _: None,
) -> UploadProgress:
    async def checkpoint(_: UploadSession, committed: int) -> None:
        told(committed)

    return await publisher.upload(draft(), session, files(source), checkpoint)


async def publish(publisher: YouTubePublisher, session: UploadSession, source: ByteSource) -> PublishedPost:
    async def checkpoint(_: UploadSession, committed: int) -> None:
        return None

    return await publisher.publish(draft(), session, files(source), checkpoint)


async def begun(publisher: YouTubePublisher, size: int = len(VIDEO), **changes: Any) -> UploadSession:
    return await publisher.begin(draft(**changes), facts(size))


async def post_with_retries(publisher: YouTubePublisher, session: UploadSession, source: Source) -> PublishedPost:
    """What the workflow does: the same two calls again for as long as the errors say so."""
    for _ in range(6):
        try:
            await upload(publisher, session, source)
            return await publish(publisher, session, source)
        except PlatformTransient:
            continue
        except OutcomeUnknown:
            found = await publisher.reconcile(draft(), session, None)
            if found.post:
                return found.post
    raise AssertionError("it never came through")


async def the_one_post(sandbox: Sandbox, post: PublishedPost, sha: str = SHA) -> dict[str, Any]:
    assert await sandbox.faults_left() == [], "a fault that was laid has not struck"
    posts = await sandbox.posts()
    assert [(p["post_id"], p["sha256"]) for p in posts] == [(post.post_id, sha)]
    assert post.url == f"{sandbox.url}/watch?v={post.post_id}" == posts[0]["url"]
    return posts[0]


# --- without the sandbox --------------------------------------------------------------------------------------------

Answer = Callable[[httpx.Request], httpx.Response]


class OneToken:
    """A token that never needs the network."""

    async def access_token(self, account: str, *, rejected: str = "") -> str:
        if rejected:
            raise NeedsAuthorization("refused", field="account", remedy="authorise it again")
        return "token"

    async def info(self, account: str) -> AccountInfo:
        return AccountInfo(platform=Platform.YOUTUBE, name=account)


def against(answer: Answer, **changes: Any) -> YouTubePublisher:
    client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    return YouTubePublisher(client, OneToken(), "https://youtube.test", retry_wait_s=0, **changes)


def stored(total: int = 10) -> UploadSession:
    uri = "https://youtube.test/upload?upload_id=1"
    return UploadSession(platform=Platform.YOUTUBE, account="main", total=total, state={"uri": uri})


def envelope(status: int, reason: str, message: str = "m") -> httpx.Response:
    return httpx.Response(
        status, json={"error": {"code": status, "message": message, "errors": [{"reason": reason, "message": message}]}}
    )
