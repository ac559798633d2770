"""Finding out what Facebook holds of a video or a story of ours, by reading only.

A video's id is known from the start of its upload, so its own `publishing_phase` shows the outcome. Of a story no read
can prove that it was not posted.

Source: docs/platforms/facebook.md, docs/platforms/README.md#retries.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from reelwright.domain.errors import PlatformTransient, PostRejected, ReelwrightError, SessionLost
from reelwright.domain.publishing.posting import PostKind, PublishedPost, Reconciliation, UploadSession

from ..meta.api import Graph, checked_id, object_id
from . import post as fb

_log = logging.getLogger(__name__)

LISTED_PAGES = 4
"""Pages of 50 own videos or stories, newest first, that are searched for a post."""
UNTOLD = "Facebook has no reading that tells whether a story was not posted"
EDGES = {PostKind.REEL: "video_reels", PostKind.STORY: "video_stories", PostKind.VIDEO: "videos"}
"""Where a page's posts of each kind are made and listed."""


@dataclass(frozen=True)
class FacebookLookup:
    """`settle`, `absent`, `life`: see `FacebookPublisher` (`settle_s`, `absent_s`, `session_s`)."""

    graph: Graph
    site_url: str
    settle: timedelta
    absent: timedelta
    life: timedelta
    clock: Callable[[], datetime]

    async def seen(self, session: UploadSession) -> fb.Standing | None:
        """The video's state, or None when Facebook does not find it: a classic upload may not be there before it is
        finished."""
        video = checked_id(stored(session, "video"), "upload")
        node = await self.graph.find(session.account, video, "reading the video", fields="status,permalink_url")
        return fb.standing_of(node, self.site_url) if node is not None else None

    async def standing(self, session: UploadSession) -> fb.Standing:
        """The video's state. Raises `PlatformTransient` while it cannot be read, `SessionLost` once it is old."""
        standing = await self.seen(session)
        if standing is not None:
            return standing
        begun = session.state.get("begun")
        if isinstance(begun, str) and self.clock() - datetime.fromisoformat(begun) > self.life:
            raise SessionLost("Facebook no longer knows the video", field="upload", remedy="a new upload is begun")
        raise PlatformTransient("Facebook does not find the video just now", field="upload", remedy="it is asked again")

    async def permalink(self, session: UploadSession) -> str:
        """The post's address, or "" where it cannot be read just now."""
        try:
            return (await self.standing(session)).permalink
        except ReelwrightError as error:
            _log.info("the post's address could not be read: %s", error.message)
            return ""

    async def reconcile(self, session: UploadSession | None, armed_at: datetime | None) -> Reconciliation:
        """The outcome of a post that may have been made."""
        if session is None:
            return Reconciliation(outcome="untold", reason="the video's id is not on record")
        video = checked_id(stored(session, "video"), "upload")
        if kind_of(session) is PostKind.STORY:
            return await self._story(session, video)
        age = self.clock() - armed_at if armed_at else None
        standing = await self.seen(session)
        if standing is None:
            return await self._listed(session, video, age)
        if standing.published:
            return Reconciliation(
                outcome="posted", post=PublishedPost(post_id=video, url=standing.permalink), reason=standing.reason
            )
        patience = self.settle if standing.processed or standing.failed else self.absent
        if age is not None and age < patience:
            return Reconciliation(outcome="unknown", reason="the finishing call may still be under way")
        state = standing.publishing or standing.video or "not published"
        return Reconciliation(outcome="absent", reason=f"Facebook holds the video, and its publishing is {state}")

    async def _listed(self, session: UploadSession, video: str, age: timedelta | None) -> Reconciliation:
        """The video cannot be read: a second read has to agree before it counts as absent."""
        page, edge = checked_id(stored(session, "page"), "upload"), EDGES[kind_of(session)]
        params = {"fields": "id,permalink_url", "limit": "50"}
        items = self.graph.pages(session.account, f"{page}/{edge}", "listing videos", LISTED_PAGES, **params)
        async for item in items:
            if item.get("id") == video:
                url = fb.permalink_of(item, self.site_url)
                return Reconciliation(outcome="posted", post=PublishedPost(post_id=video, url=url))
        if age is not None and age < self.absent:
            return Reconciliation(outcome="unknown", reason="the video is not to be seen just now")
        return Reconciliation(outcome="absent", reason="Facebook knows no such video, and the page does not list it")

    async def _story(self, session: UploadSession, video: str) -> Reconciliation:
        page = checked_id(stored(session, "page"), "upload")
        params = {"fields": "post_id,media_id,status,url", "limit": "50"}
        items = self.graph.pages(session.account, f"{page}/stories", "listing stories", LISTED_PAGES, **params)
        try:
            async for item in items:
                if item.get("media_id") == video:
                    post_id = object_id(item.get("post_id")) or video
                    url = fb.permalink_of({"permalink_url": item.get("url")}, self.site_url)
                    return Reconciliation(outcome="posted", post=PublishedPost(post_id=post_id, url=url))
        except PostRejected as error:  # this version of the API may have no such list
            return Reconciliation(outcome="untold", reason=f"{UNTOLD} ({error.message})")
        return Reconciliation(outcome="untold", reason=UNTOLD)


def stored(session: UploadSession, name: str) -> str:
    """A text out of the stored session. Raises `SessionLost` where it has none of that name."""
    value = session.state.get(name)
    if not isinstance(value, str):
        raise SessionLost("the stored upload session is not one of Facebook's", field="upload")
    return value


def kind_of(session: UploadSession) -> PostKind:
    """What the session's upload is posted as."""
    try:
        kind = PostKind(stored(session, "kind"))
        return kind if kind in EDGES else PostKind.VIDEO
    except ValueError:
        raise SessionLost("the stored upload session is not one of Facebook's", field="upload") from None
