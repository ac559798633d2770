"""What the LinkedIn tests share: accounts, drafts, files, and an adapter at the sandbox."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import httpx

from reelwright.domain.assets import AssetRef
from reelwright.domain.errors import NeedsAuthorization, OutcomeUnknown, PlatformTransient, QuotaExhausted, SessionLost
from reelwright.domain.formats import Platform
from reelwright.domain.ports.publishing import PostFiles, VideoFacts
from reelwright.domain.publishing.accounts import AccountInfo
from reelwright.domain.publishing.posting import PostDraft, ProcessingState, PublishedPost, UploadSession
from reelwright.platforms.common.http import unreachable
from reelwright.platforms.linkedin.post import Limits
from reelwright.platforms.linkedin.publisher import LinkedInPublisher
from sandbox.linkedin.accounts import account as sandbox_account

from ...conftest import Sandbox
from ..contract import Kit

CONTRACT = Kit(Platform.LINKEDIN, account="org")

PART = 65_536
VIDEO = hashlib.shake_256(b"linkedin").digest(4 * PART + 12_345)
SHA = hashlib.sha256(VIDEO).hexdigest()
PICTURE = b"\xff\xd8\xff" + b"picture" * 100
SUBTITLES = b"1\n00:00:00,000 --> 00:00:02,000\nThree hearts.\n"
FACTS = VideoFacts(width=1080, height=1920, duration_s=20.0, fps=30.0, size=len(VIDEO))


def draft(account: str = "org", **changes: Any) -> PostDraft:
    values: dict[str, Any] = {
        "platform": Platform.LINKEDIN,
        "account": account,
        "title": "Why octopuses have three hearts",
        "description": "Two for the gills (both small), one for the rest.",
        "tags": ("octopus", "deep sea"),
        "marker": "rwmarker",
    }
    return PostDraft(**{**values, **changes})


def asset(data: bytes, media_type: str) -> AssetRef:
    digest = hashlib.sha256(data).hexdigest()
    return AssetRef(key=f"test/{digest}", sha256=digest, size=len(data), media_type=media_type)


class Files:
    """A post's files from memory; remembers how the video was asked for."""

    def __init__(self, data: bytes = VIDEO, others: tuple[bytes, ...] = (PICTURE, SUBTITLES)) -> None:
        self.data = data
        self.others = {hashlib.sha256(other).hexdigest(): other for other in others}
        self.opened: list[int] = []

    async def _video(self, offset: int) -> AsyncIterator[bytes]:
        self.opened.append(offset)
        for at in range(offset, len(self.data), 30_001):
            yield self.data[at : at + 30_001]

    async def _read(self, ref: AssetRef) -> bytes:
        return self.others[ref.sha256]

    def files(self) -> PostFiles:
        return PostFiles(video=self._video, read=self._read)


class Tokens:
    """Tokens of the sandbox's own endpoint, renewed when one is refused."""

    def __init__(self, sandbox: Sandbox, http: httpx.AsyncClient) -> None:
        self._url = f"{sandbox.url}/oauth/v2/accessToken"
        self._http = http
        self._known: dict[str, str] = {}
        self.renewed = 0

    async def access_token(self, account: str, *, rejected: str = "") -> str:
        known = self._known.get(account, "")
        if known and known != rejected:
            return known
        form = {"grant_type": "refresh_token", "refresh_token": f"sandbox-{account}"}
        try:
            answer = await self._http.post(self._url, data={**form, "client_id": "id", "client_secret": "secret"})
        except httpx.HTTPError as error:
            raise unreachable("LinkedIn's sign-in", error) from None
        if answer.status_code != 200:
            kind = PlatformTransient if answer.status_code >= 500 else NeedsAuthorization
            raise kind(answer.text[:200], field="account")
        self.renewed += 1
        self._known[account] = str(answer.json()["access_token"])
        return self._known[account]

    async def info(self, account: str) -> AccountInfo:
        return AccountInfo(platform=Platform.LINKEDIN, name=account, external_id=sandbox_account(account).external_id)


class Row:
    """What the database keeps of a post: the newest checkpoint."""

    def __init__(self, session: UploadSession) -> None:
        self.session = session
        self.committed: list[int] = []

    async def checkpoint(self, session: UploadSession, committed: int) -> None:
        self.session = session
        self.committed.append(committed)


SMALL = Limits(smallest=1)


def publisher_for(sandbox: Sandbox, http: httpx.AsyncClient, **changes: Any) -> LinkedInPublisher:
    values: dict[str, Any] = {
        "api_url": sandbox.url,
        "post_url": sandbox.url + "/feed/update/{id}/",
        "limits": SMALL,
        "retry_wait_s": 0.01,
        "settled_after_s": 0.0,
        "comment_lag_s": 0.5,
        "version": "202609",
    }
    tokens = changes.pop("tokens", None) or Tokens(sandbox, http)
    return LinkedInPublisher(http, tokens, **{**values, **changes})


async def begun(publisher: LinkedInPublisher, post: PostDraft, size: int = len(VIDEO)) -> Row:
    facts = VideoFacts(width=1080, height=1920, duration_s=20.0, fps=30.0, size=size)
    publisher.validate(post, facts)
    return Row(await publisher.begin(post, facts))


async def uploaded(publisher: LinkedInPublisher, post: PostDraft, files: Files | None = None) -> Row:
    """A row that is ready to be posted."""
    row = await begun(publisher, post)
    await publisher.upload(post, row.session, (files or Files()).files(), row.checkpoint)
    for _ in range(10):
        if (await publisher.ready(post, row.session)).state is ProcessingState.LIVE:
            return row
    raise AssertionError("it never became ready")


async def posted(
    publisher: LinkedInPublisher, post: PostDraft, files: Files | None = None, armed_at: datetime | None = None
) -> PublishedPost:
    """What the workflow does: the same calls again for as long as the errors say so. Raises `OutcomeUnknown` where
    only a person can tell."""
    files = files or Files()
    row: Row | None = None
    for _ in range(12):
        try:
            row = row or await begun(publisher, post)
            await publisher.upload(post, row.session, files.files(), row.checkpoint)
            if (await publisher.ready(post, row.session)).state is not ProcessingState.LIVE:
                continue
            return await publisher.publish(post, row.session, files.files(), row.checkpoint)
        except (PlatformTransient, QuotaExhausted):
            continue
        except SessionLost:
            row = None
        except OutcomeUnknown:
            assert row is not None
            found = await publisher.reconcile(post, row.session, armed_at or datetime.now().astimezone())
            if found.post:
                return found.post
            if found.outcome != "absent":
                raise
    raise AssertionError("it never came through")


async def linkedin_posts(sandbox: Sandbox) -> list[dict[str, Any]]:
    return [post for post in await sandbox.posts() if post["platform"] == "linkedin"]


async def the_one_post(sandbox: Sandbox, post: PublishedPost, sha: str = SHA) -> dict[str, Any]:
    assert await sandbox.faults_left() == [], "a fault that was laid has not struck"
    posts = await linkedin_posts(sandbox)
    assert [(p["post_id"], p["sha256"]) for p in posts] == [(post.post_id, sha)]
    assert post.url == f"{sandbox.url}/feed/update/{post.post_id}/"
    return posts[0]


async def shape(sandbox: Sandbox, **changes: Any) -> None:
    await sandbox.post("settings/linkedin", {"part_size": PART, **changes})


async def fault(sandbox: Sandbox, point: str, **rest: Any) -> None:
    await sandbox.fault(point, platform="linkedin", **rest)
