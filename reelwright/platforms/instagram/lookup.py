"""Finding out what Instagram holds of a post of ours, by reading only: its container's state, then the account's media.

While the container's `status_code` is not `PUBLISHED`, nothing was posted.

Source: docs/platforms/instagram.md, docs/platforms/README.md#retries.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from reelwright.domain.errors import ReelwrightError, SessionLost
from reelwright.domain.publishing.posting import PostDraft, PostKind, PublishedPost, Reconciliation, UploadSession

from ..meta.api import Graph, checked_id, object_id
from . import post as ig

_log = logging.getLogger(__name__)

LISTED_PAGES = 4
"""Pages of 50 own media, newest first, that are searched for a post."""
READ = "status_code,status"
"""The fields of a container, but for its `video_status`."""


@dataclass(frozen=True)
class InstagramLookup:
    """`settle`, `skew`, `life`: see `InstagramPublisher` (`settle_s`, `skew_s`, `container_s`). `fields`: what is read
    of a video's container."""

    graph: Graph
    settle: timedelta
    skew: timedelta
    life: timedelta
    fields: str
    clock: Callable[[], datetime]

    async def container(self, session: UploadSession) -> dict[str, Any] | None:
        """The container's state; None while Instagram does not find it, which happens for existing ones too. Raises
        `SessionLost` once it is old enough to have expired."""
        return await self.named(session, stored(session, "container"))

    async def named(self, session: UploadSession, name: str) -> dict[str, Any] | None:
        """The state of any container of this session, by its id: see `container`."""
        container, fields = checked_id(name, "upload"), READ if "items" in session.state else self.fields
        told = await self.graph.find(session.account, container, "reading the container", fields=fields)
        begun = instant(session, "begun")
        if told is None and begun and self.clock() - begun > self.life:
            raise SessionLost("the container has expired", field="upload", remedy="a new one is made")
        return told

    async def permalink(self, account: str, media: str) -> str:
        """The post's address. Cosmetic: a post without one is a post, and `processing` may bring it later
        (docs/platforms/instagram.md#post)."""
        try:
            return ig.permalink_of(await self.graph.find(account, media, "reading the post", fields="permalink"))
        except ReelwrightError as error:
            _log.info("the post's address could not be read: %s", error.message)
            return ""

    async def reconcile(
        self, draft: PostDraft, session: UploadSession | None, armed_at: datetime | None
    ) -> Reconciliation:
        """By the container: `PUBLISHED` is posted, and the media is looked for by its text and time. Anything else is
        absent once `settle_s` has passed, unless a media with this text has appeared in the meantime."""
        if session is None:
            return Reconciliation(outcome="untold", reason="the container's id is not on record")
        since = min((at for at in (armed_at, instant(session, "tried")) if at), default=None)
        try:
            container = await self.container(session)
        except SessionLost:
            found = await self.locate(draft, session, since)
            if found.post is not None:
                return found
            return Reconciliation(outcome="untold", reason="the container is gone, and no media has this text and time")
        if container is None:
            return Reconciliation(outcome="unknown", reason="the container is not to be seen just now")
        if ig.state_of(container) == "PUBLISHED":
            return await self.locate(draft, session, since)
        if armed_at is not None and self.clock() - armed_at < self.settle:
            return Reconciliation(outcome="unknown", reason="the publishing call may still be under way")
        if ig.caption_of(draft):
            found = await self.locate(draft, session, since)
            if found.outcome != "unknown":
                why = "a media with this text has appeared, but the container does not say that it is published"
                return Reconciliation(outcome="unknown", reason=why)
        return Reconciliation(outcome="absent", reason=f"the container is {ig.state_of(container) or 'not published'}")

    async def locate(self, draft: PostDraft, session: UploadSession, since: datetime | None) -> Reconciliation:
        """The media of a published container: the one with its text that is not older than the attempt. Never simply
        the newest, which may be another post (docs/platforms/instagram.md#post)."""
        owner, _ = await self.graph.owner(session.account)
        story = ig.kind_of(draft) is PostKind.STORY
        edge = "stories" if story else "media"
        wanted, found = ig.caption_of(draft), list[PublishedPost]()
        params = {"fields": "id,caption,timestamp,permalink", "limit": "50"}
        async for item in self.graph.pages(session.account, f"{owner}/{edge}", "listing posts", LISTED_PAGES, **params):
            at, media = ig.instant_of(item), object_id(item.get("id"))
            if since is not None and at is not None and at < since - self.skew:
                break
            caption = item.get("caption")
            if media and at and (story or ig.same_text(caption if isinstance(caption, str) else "", wanted)):
                found.append(PublishedPost(post_id=media, url=ig.permalink_of(item)))
        if len(found) == 1:
            return Reconciliation(outcome="posted", post=found[0])
        if not found:
            return Reconciliation(outcome="unknown", reason="Instagram says it is published, and does not list it yet")
        links = ", ".join(post.url or post.post_id for post in found[:5])
        why = f"it is published, and {len(found)} posts since then could be it: {links}"
        return Reconciliation(outcome="untold", reason=why)


def stored(session: UploadSession, name: str) -> str:
    """A text out of the stored session. Raises `SessionLost` where it has none of that name."""
    value = session.state.get(name)
    if not isinstance(value, str):
        raise SessionLost("the stored upload session is not one of Instagram's", field="upload")
    return value


def instant(session: UploadSession, name: str) -> datetime | None:
    """An instant out of the stored session, if it has one of that name."""
    value = session.state.get(name)
    return datetime.fromisoformat(value) if isinstance(value, str) and value else None
