"""What the tests of Instagram and Facebook share: an account's tokens, a video, and the workflow's steps in short."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

from reelwright.domain.assets import AssetRef
from reelwright.domain.errors import (
    NeedsAuthorization,
    OutcomeUnknown,
    PlatformTransient,
    PostRejected,
    QuotaExhausted,
    SessionLost,
)
from reelwright.domain.formats import Platform
from reelwright.domain.ids import post_marker
from reelwright.domain.ports.publishing import PostFiles, Publisher, VideoFacts
from reelwright.domain.publishing.accounts import AccountInfo
from reelwright.domain.publishing.posting import PostDraft, Processing, ProcessingState, PublishedPost, UploadSession
from sandbox.platforms import sandbox_account

from ...conftest import Sandbox
from ..contract import Kit

INSTAGRAM = Kit(Platform.INSTAGRAM)
FACEBOOK = Kit(Platform.FACEBOOK)

VIDEO = hashlib.shake_256(b"meta").digest(1_500_017)
SHA = hashlib.sha256(VIDEO).hexdigest()
REEL = VideoFacts(width=1080, height=1920, duration_s=30.0, fps=30.0, size=len(VIDEO))
WIDE = VideoFacts(width=1920, height=1080, duration_s=30.0, fps=30.0, size=len(VIDEO))


def draft(platform: Platform, account: str = "main", **changes: Any) -> PostDraft:
    values: dict[str, Any] = {
        "platform": platform,
        "account": account,
        "title": "Why octopuses have three hearts",
        "description": "Two for the gills.\n\nŪ — \U0001f419",
        "tags": ("octopus", "deep sea"),
        "marker": post_marker("key"),
    }
    return PostDraft(**{**values, **changes})


class Tokens:
    """An account's token. A dead one is replaced as often as `renewals` says, the way another process may have done."""

    def __init__(self, sandbox: Sandbox, platform: Platform, *, renewals: int = 5, **options: str) -> None:
        self._sandbox = sandbox
        self._platform = platform
        self._known: dict[str, str] = {}
        self.renewals = renewals
        self.options = options

    async def access_token(self, account: str, *, rejected: str = "") -> str:
        token = self._known.setdefault(account, f"EAAsandbox-{account}")
        if token != rejected:
            return token
        if self.renewals <= 0:
            raise NeedsAuthorization("there is no other token", field="account")
        self.renewals -= 1
        answer = await self._sandbox.client.post(
            f"{self._sandbox.url}/oauth/access_token", data={"code": f"sandbox-{account}"}
        )
        self._known[account] = str(answer.json()["data"][0]["access_token"])
        return self._known[account]

    async def info(self, account: str) -> AccountInfo:
        seeded = sandbox_account(self._platform.value, account)
        return AccountInfo(platform=self._platform, name=account, external_id=seeded.external_id, options=self.options)


class Source:
    """Streams bytes in odd pieces and remembers how it was asked."""

    def __init__(self, data: bytes = VIDEO, piece: int = 70_001) -> None:
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


async def read_text(ref: AssetRef) -> bytes:
    """A small file that holds its own key."""
    return ref.key.encode("latin-1")


def files(source: Source | None = None) -> PostFiles:
    return PostFiles(video=source or Source(), read=read_text)


@dataclass
class Row:
    """The post's row in the ledger, as the activities keep it."""

    session: UploadSession | None = None
    committed: list[int] = field(default_factory=list)
    armed_at: datetime | None = None
    begun: int = 0

    async def checkpoint(self, session: UploadSession, committed: int) -> None:
        self.session = session
        self.committed.append(committed)


async def uploaded(publisher: Publisher, post: PostDraft, facts: VideoFacts = REEL) -> Row:
    """A row whose video is there and ready to be posted."""
    row = Row()
    for _ in range(40):
        if await prepared(publisher, post, facts, files(), row):
            return row
    raise AssertionError("it was never ready")


async def prepared(publisher: Publisher, post: PostDraft, facts: VideoFacts, given: PostFiles, row: Row) -> bool:
    """One round of what makes nothing visible; whether the post can be made."""
    try:
        if row.session is None:
            row.session, row.begun = await publisher.begin(post, facts), row.begun + 1
        await publisher.upload(post, row.session, given, row.checkpoint)
        reading: Processing = await publisher.ready(post, row.session)
    except SessionLost:
        row.session = None
        return False
    except PlatformTransient:
        return False
    if reading.state is ProcessingState.FAILED:
        if not reading.again:
            raise PostRejected(reading.reason)
        row.session = None
    return reading.state is ProcessingState.LIVE


async def post_it(
    publisher: Publisher,
    post: PostDraft,
    facts: VideoFacts = REEL,
    source: Source | None = None,
    row: Row | None = None,
) -> PublishedPost:
    """What the workflow does: whoever finds the row armed reconciles, and posts again only when it is absent."""
    row, given = row or Row(), files(source)
    for _ in range(60):
        if row.armed_at is not None:
            found = await publisher.reconcile(post, row.session, row.armed_at)
            if found.post is not None:
                return found.post
            assert found.outcome != "untold", found.reason
            if found.outcome == "absent":
                row.armed_at = None
            await asyncio.sleep(0.02)
            continue
        if not await prepared(publisher, post, facts, given, row):
            continue
        assert row.session is not None
        row.armed_at = datetime.now(UTC)
        try:
            return await publisher.publish(post, row.session, given, row.checkpoint)
        except (PostRejected, QuotaExhausted, NeedsAuthorization):
            row.armed_at = None
            raise
        except (OutcomeUnknown, PlatformTransient, SessionLost):
            continue
    raise AssertionError("it never came through")


async def the_one_post(sandbox: Sandbox, post: PublishedPost, platform: Platform, sha: str = SHA) -> dict[str, Any]:
    assert await sandbox.faults_left() == [], "a fault that was laid has not struck"
    answer = await sandbox.client.get(f"{sandbox.url}/_control/posts", params={"platform": platform.value})
    posts = answer.json()["posts"]
    assert [(one["post_id"], one["sha256"]) for one in posts] == [(post.post_id, sha)]
    return dict(posts[0])


async def settings(sandbox: Sandbox, platform: Platform, **changes: Any) -> None:
    await sandbox.post(f"settings/{platform.value}", changes)


def answering(*answers: httpx.Response) -> httpx.AsyncClient:
    """A client whose requests are answered in turn, the last answer again and again."""
    left = list(answers)

    def answer(_: httpx.Request) -> httpx.Response:
        given = left.pop(0) if len(left) > 1 else left[0]
        return httpx.Response(given.status_code, headers=given.headers, content=given.content)

    return httpx.AsyncClient(transport=httpx.MockTransport(answer))
