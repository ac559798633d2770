"""What the tests of X share: a video, tokens as X renews them, a clock one can set, and what the workflow does."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import httpx

from reelwright.domain.assets import AssetRef
from reelwright.domain.content.video import CaptionFile
from reelwright.domain.errors import NeedsAuthorization, OutcomeUnknown, PlatformTransient, SessionLost
from reelwright.domain.formats import Platform
from reelwright.domain.ports.publishing import PostFiles, VideoFacts
from reelwright.domain.publishing.accounts import AccountInfo
from reelwright.domain.publishing.posting import PostDraft, ProcessingState, PublishedPost, UploadSession
from reelwright.platforms.x.publisher import XPublisher
from sandbox.x.accounts import user_id

from ...conftest import Sandbox
from ..contract import Kit

CONTRACT = Kit(Platform.X)

SEGMENT = 100_000
VIDEO = hashlib.shake_256(b"a video for X").digest(5 * SEGMENT + 12_345)
SHA = hashlib.sha256(VIDEO).hexdigest()
SRT = b"1\n00:00:00,000 --> 00:00:01,500\nDrei Herzen\n"


def draft(account: str = "main", **changes: Any) -> PostDraft:
    values: dict[str, Any] = {
        "platform": Platform.X,
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


def asset(data: bytes, name: str = "captions-de.srt") -> AssetRef:
    return AssetRef(
        key=name, sha256=hashlib.sha256(data).hexdigest(), size=len(data), media_type="application/x-subrip"
    )


def captions(data: bytes = SRT, language: str = "de") -> CaptionFile:
    return CaptionFile(language=language, kind="srt", file=asset(data))


@dataclass
class Files:
    """The video and the small files, and how they were read."""

    PIECE: ClassVar[int] = 30_001
    video: bytes = VIDEO
    small: bytes = SRT
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
    """X's rotating refresh tokens, in memory."""

    def __init__(self, sandbox: Sandbox, http: httpx.AsyncClient, **options: str) -> None:
        self._url = f"{sandbox.url}/2/oauth2/token"
        self._http = http
        self._options = options
        self._access: dict[str, str] = {}
        self._refresh: dict[str, str] = {}
        self._lock = asyncio.Lock()

    async def access_token(self, account: str, *, rejected: str = "") -> str:
        async with self._lock:
            if self._access.get(account, rejected) != rejected:
                return self._access[account]
            form = {"grant_type": "refresh_token", "refresh_token": self._refresh.get(account, f"x-sandbox-{account}")}
            answer = await self._http.post(self._url, data=form, auth=("client", "secret"))
            if answer.status_code != 200:
                raise NeedsAuthorization(answer.json()["error_description"], field="account")
            self._access[account] = answer.json()["access_token"]
            self._refresh[account] = answer.json()["refresh_token"]
            return self._access[account]

    async def info(self, account: str) -> AccountInfo:
        external_id = user_id(account) if account != "unnamed" else ""
        return AccountInfo(platform=Platform.X, name=account, external_id=external_id, options=self._options)


class Desk:
    """A publisher on the sandbox, and the loop that the workflow makes of its calls."""

    def __init__(
        self, sandbox: Sandbox, http: httpx.AsyncClient, *, listed_within_s: float = 600.0, **options: str
    ) -> None:
        self.sandbox = sandbox
        self.clock = Clock()
        self.tokens = Tokens(sandbox, http, **options)
        self.publisher = XPublisher(
            http,
            self.tokens,
            api_url=sandbox.url,
            post_url=sandbox.url + "/i/status/{id}",
            segment_size=SEGMENT,
            listed_within_s=listed_within_s,
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
        await self.sandbox.post("settings/x", changes)

    async def fault(self, point: str, **rest: Any) -> None:
        await self.sandbox.fault(point, platform="x", **rest)

    async def posts(self) -> list[dict[str, Any]]:
        return [post for post in await self.sandbox.posts() if post["platform"] == "x"]

    async def uploaded(self, wanted: PostDraft) -> UploadSession:
        """Uploads until the video is ready, beginning anew where X says so."""
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
        """Between two looks at the account's posts."""
        self.clock.ahead += timedelta(minutes=5)

    async def one_post(self, post: PublishedPost, sha: str = SHA) -> dict[str, Any]:
        """The only video on X is this one, with all its bytes, and every fault has struck."""
        assert await self.sandbox.faults_left() == []
        posts = [told for told in await self.posts() if told["size"]]
        assert [(told["post_id"], told["sha256"]) for told in posts] == [(post.post_id, sha)]
        assert post.url == f"{self.sandbox.url}/i/status/{post.post_id}"
        return posts[0]
