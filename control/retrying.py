"""Trying a content's posts again: which ones, all at the same time, and how each of them ends."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass

from reelwright.domain.errors import InvalidInput, ReelwrightError
from reelwright.domain.formats import Platform
from reelwright.domain.ids import publish_workflow_id
from reelwright.domain.publishing.outcomes import PostResult
from reelwright.storage.contents import PostgresContents

from . import contents, publications
from .publications import Handle
from .resolve import Content
from .temporal.port import Client

POSTED, FAILED, RUNNING = "posted", "failed", "running"


@dataclass(frozen=True)
class Wanted:
    """Which posts are to be tried again: those on these platforms (none named: on all) and on this account (None: on
    all). With `again_by`, the requester's name, those that are posted already are posted once more."""

    platforms: Collection[Platform] = ()
    account: str | None = None
    again_by: str = ""

    def names(self, platform: Platform, account: str) -> bool:
        """Whether a post there is meant."""
        return (not self.platforms or platform in self.platforms) and self.account in (None, account)


@dataclass(frozen=True)
class Started:
    """A post that is being tried again, or `error`: why it could not be started."""

    platform: Platform
    account: str
    handle: Handle | None = None
    error: str = ""

    def running(self) -> PostResult:
        """The post as it is right after the start."""
        status = RUNNING if self.handle else FAILED
        return PostResult(platform=self.platform, account=self.account, status=status, error=self.error)


async def retry_all(
    client: Client, filed: PostgresContents | None, content: Content, wanted: Wanted
) -> tuple[Started, ...]:
    """Starts the posts that are meant, all at the same time, whether or not the content still waits for others.

    One that cannot be started hinders no other. Raises `InvalidInput` when there is none, and the first error when none
    could be started."""
    places = await _places(client, filed, content, wanted)
    if not places:
        raise InvalidInput(
            f"{content.content_id} has no failed post there",
            field="platform",
            remedy=f"see `reelwright posts {content.content_id}`",
        )
    tried = await asyncio.gather(*(_start(client, content, place, wanted.again_by) for place in places))
    errors = [each for each in tried if isinstance(each, ReelwrightError)]
    if len(errors) == len(tried):
        raise errors[0]
    return tuple(
        Started(platform, account, error=str(each))
        if isinstance(each, ReelwrightError)
        else Started(platform, account, each)
        for (platform, account), each in zip(places, tried, strict=True)
    )


async def outcomes(started: Collection[Started]) -> tuple[PostResult, ...]:
    """How they ended; waits for these posts and for no others."""
    return tuple(await asyncio.gather(*(_outcome(each) for each in started)))


async def _outcome(started: Started) -> PostResult:
    if started.handle is None:
        return started.running()
    return await publications.outcome(started.handle, started.platform, started.account)


async def _start(
    client: Client, content: Content, place: tuple[Platform, str], again_by: str
) -> Handle | ReelwrightError:
    try:
        handle = await publications.find(client, content.content_id, *place)
        return await publications.retry(client, handle, again_by=again_by)
    except ReelwrightError as error:
        return error


async def _places(
    client: Client, filed: PostgresContents | None, content: Content, wanted: Wanted
) -> list[tuple[Platform, str]]:
    """Platform and account of each post that is meant: the failed ones, with `again_by` the posted ones as well, and
    on platforms that are named also those that still wait (a parked one is looked up again)."""
    ended = [
        (post.platform, post.account)
        for post in await _ended(client, filed, content)
        if post.status != POSTED or wanted.again_by
    ]
    waiting = await _waiting(client, content, wanted) if wanted.platforms and not wanted.again_by else []
    places = dict.fromkeys([*ended, *waiting])
    return [place for place in places if wanted.names(*place)]


async def _ended(client: Client, filed: PostgresContents | None, content: Content) -> tuple[PostResult, ...]:
    """The posts that have ended, in their present state. A running content is queried for its present posts; nothing is
    waited for."""
    if not contents.is_running(content):
        result = await contents.ended(client, filed, content)
        return (await publications.up_to_date(client, result, filed)).posts
    posts = (await contents.status_of(contents.handle_of(client, content))).posts
    return await publications.as_they_are(client, content.content_id, posts, filed)


async def _waiting(client: Client, content: Content, wanted: Wanted) -> list[tuple[Platform, str]]:
    """The posts under way on the platforms that are named."""
    running = f"ReelContentId = '{content.content_id}' AND ReelPlatform IS NOT NULL AND {publications.UNDER_WAY}"
    ids = [run.id async for run in client.runs(running)]
    return [
        (platform, id.rpartition("/")[2])
        for id in ids
        for platform in wanted.platforms
        if id == publish_workflow_id(content.content_id, platform.value, id.rpartition("/")[2])
    ]
