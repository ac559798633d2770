"""What the tests of Bluesky share: a video, sessions and their renewal, a clock to set, and what the workflow does."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import httpx
from pydantic import SecretStr

from reelwright.domain.assets import AssetRef
from reelwright.domain.content.video import CaptionFile
from reelwright.domain.errors import OutcomeUnknown, PlatformTransient, SessionLost
from reelwright.domain.formats import Platform
from reelwright.domain.ports.publishing import PostFiles, VideoFacts
from reelwright.domain.publishing.accounts import AccountInfo, StoredToken
from reelwright.domain.publishing.posting import PostDraft, ProcessingState, PublishedPost, UploadSession
from reelwright.platforms.bluesky.publisher import BlueskyPublisher
from reelwright.platforms.bluesky.sessions import SessionGrant
from reelwright.platforms.common.renewals import renew
from reelwright.platforms.common.sign_in import ClientCredentials
from sandbox.bluesky.accounts import account as sandbox_account
from sandbox.bluesky.nouns import did_of

from ...conftest import Sandbox
from ..contract import Kit

CONTRACT = Kit(Platform.BLUESKY)

PART = 100_000
VIDEO = hashlib.shake_256(b"a video for Bluesky").digest(5 * PART + 12_345)
SHA = hashlib.sha256(VIDEO).hexdigest()
VTT = b"WEBVTT\n\n00:00:00.000 --> 00:00:01.500\nDrei Herzen\n"


def draft(account: str = "main", **changes: Any) -> PostDraft:
    values: dict[str, Any] = {
        "platform": Platform.BLUESKY,
        "account": account,
        "title": "Why octopuses have three hearts",
        "description": "Two for the gills & one for the rest: https://example.com/octopus 🐙",
        "tags": ("octopus", "deep sea"),
        "marker": "rw0123456789abcdef",
    }
    return PostDraft(**{**values, **changes})


def facts(**changes: Any) -> VideoFacts:
    values: dict[str, Any] = {"width": 1080, "height": 1920, "duration_s": 42.0, "fps": 30.0, "size": len(VIDEO)}
    return VideoFacts(**{**values, **changes})


def asset(data: bytes, name: str = "captions-de.vtt") -> AssetRef:
    return AssetRef(key=name, sha256=hashlib.sha256(data).hexdigest(), size=len(data), media_type="text/vtt")


def captions(data: bytes = VTT, language: str = "de") -> CaptionFile:
    return CaptionFile(language=language, kind="vtt", file=asset(data))


@dataclass
class Files:
    """The video and the small files, and how they were read."""

    PIECE: ClassVar[int] = 30_001
    video: bytes = VIDEO
    small: bytes = VTT
    opened: list[int] = field(default_factory=list)
    read_at_most: int = 0

    def given(self) -> PostFiles:
        return PostFiles(video=self._stream, read=self._read)

    async def _stream(self, offset: int) -> AsyncIterator[bytes]:
        self.opened.append(offset)
        for at in range(offset, len(self.video), self.PIECE):
            self.read_at_most = max(self.read_at_most, at)
            yield self.video[at : at + self.PIECE]

    async def _read(self, ref: AssetRef) -> bytes:
        return self.small


class Clock:
    """The real time, and what was added to it."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


class Tokens:
    """Bluesky's sessions and their rotating refresh tokens, in memory, renewed as the vault renews them."""

    def __init__(self, sandbox: Sandbox, http: httpx.AsyncClient) -> None:
        self._credentials = ClientCredentials("", "", {"bluesky": SessionGrant(sandbox.url)})
        self._http = http
        self.stored: dict[str, StoredToken] = {}
        self.renewals = 0
        self._lock = asyncio.Lock()

    async def access_token(self, account: str, *, rejected: str = "") -> str:
        async with self._lock:
            first = StoredToken(flow="bluesky", refresh_token=SecretStr(sandbox_account(account).token))
            token = self.stored.get(account, first)
            if token.access_token.get_secret_value() in ("", rejected):
                self.renewals += 1
                now = datetime.now(UTC)
                token = await renew(self._http, token, self._credentials, Platform.BLUESKY, now)
                self.stored[account] = token
            return token.access_token.get_secret_value()

    async def info(self, account: str) -> AccountInfo:
        return AccountInfo(platform=Platform.BLUESKY, name=account)


class Desk:
    """A publisher on the sandbox, and the loop that the workflow makes of its calls."""

    def __init__(self, sandbox: Sandbox, http: httpx.AsyncClient) -> None:
        self.sandbox = sandbox
        self.clock = Clock()
        self.tokens = Tokens(sandbox, http)
        self.publisher = BlueskyPublisher(
            http,
            self.tokens,
            service_url=sandbox.url,
            video_url=sandbox.url,
            post_url=sandbox.url + "/profile/{did}/post/{id}",
            retry_wait_s=0.01,
            clock=self.clock,
        )
        self.files = Files()
        self.session: UploadSession | None = None
        self.committed: list[int] = []
        self.armed_at: datetime | None = None

    async def checkpoint(self, session: UploadSession, committed: int) -> None:
        self.session = UploadSession.model_validate_json(session.model_dump_json())
        self.committed.append(committed)

    async def settings(self, **changes: Any) -> None:
        await self.sandbox.post("settings/bluesky", changes)

    async def fault(self, point: str, **rest: Any) -> None:
        await self.sandbox.fault(point, platform="bluesky", **rest)

    async def posts(self) -> list[dict[str, Any]]:
        return [post for post in await self.sandbox.posts() if post["platform"] == "bluesky"]

    async def uploaded(self, wanted: PostDraft) -> UploadSession:
        """Uploads until the video is ready, beginning anew where Bluesky says so."""
        for _ in range(12):
            try:
                if self.session is None:
                    self.session = await self.publisher.begin(wanted, facts())
                await self.publisher.upload(wanted, self.session, self.files.given(), self.checkpoint)
                for _ in range(12):
                    reading = await self.publisher.ready(wanted, self.session)
                    if reading.state is not ProcessingState.PROCESSING:
                        break
                if reading.state is ProcessingState.LIVE:
                    return self.session
                assert reading.again, reading.reason
                self.session = None
            except SessionLost:
                self.session = None
            except PlatformTransient:
                continue
        raise AssertionError("the upload never came through")

    async def publish(self, wanted: PostDraft) -> PublishedPost:
        """The one call, armed."""
        session = self.session
        assert session is not None
        self.armed_at = self.clock()
        return await self.publisher.publish(wanted, session, self.files.given(), self.checkpoint)

    async def posted(self, wanted: PostDraft) -> PublishedPost:
        """What the workflow does: never the irreversible call again while an outcome is open."""
        for _ in range(8):
            await self.uploaded(wanted)
            try:
                return await self.publish(wanted)
            except SessionLost:
                self.session = None
            except PlatformTransient:
                continue
            except OutcomeUnknown:
                if found := await self.settled(wanted):
                    return found
        raise AssertionError("it never came through")

    async def settled(self, wanted: PostDraft) -> PublishedPost | None:
        for _ in range(8):
            try:
                told = await self.publisher.reconcile(wanted, self.session, self.armed_at)
            except PlatformTransient:
                continue
            if told.outcome == "posted":
                assert told.post is not None
                return told.post
            if told.outcome == "absent":
                return None
            assert told.outcome == "unknown" and told.reason
            await self.wait()
        raise AssertionError("it was never settled")

    async def wait(self) -> None:
        """Between two looks at the record."""
        self.clock.ahead += timedelta(minutes=5)

    async def one_post(self, post: PublishedPost, sha: str = SHA) -> dict[str, Any]:
        """The only video on Bluesky is this one, with all its bytes, and every fault has struck."""
        assert await self.sandbox.faults_left() == []
        posts = [told for told in await self.posts() if told["size"]]
        assert [(told["post_id"], told["sha256"]) for told in posts] == [(post.post_id, sha)]
        assert post.url == f"{self.sandbox.url}/profile/{did_of(posts[0]['account'])}/post/{post.post_id}"
        return posts[0]
