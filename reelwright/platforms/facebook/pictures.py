"""Picture posts on a Facebook page (docs/platforms/facebook.md#pictures): one picture or several.

Each picture is uploaded as a photo that is not published; one call to the page's feed then makes the post of them, and
that call is the irreversible one. A photo can be in one post only, so the photos' ids show which post is ours, and a
second post of them is refused (1366051).

`UploadSession.state`: `page`, `photos` (ids in order), `begun`, `tried` (the first call to the feed),
`stale` (a photo is gone).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx

from reelwright.domain.errors import OutcomeUnknown, PlatformTransient, ReelwrightError, SessionLost
from reelwright.domain.formats import Platform
from reelwright.domain.platforms.facts import PictureRules
from reelwright.domain.ports.publishing import Checkpoint, PostFiles
from reelwright.domain.publishing.posting import (
    PostDraft,
    PostPicture,
    Processing,
    ProcessingState,
    PublishedPost,
    Reconciliation,
    UploadProgress,
    UploadSession,
)

from ..common.http import UNSENT, unreachable
from ..meta.api import Graph, checked_id, items_of, object_id, succeeded, under
from ..meta.errors import read_envelope
from . import post as fb

_log = logging.getLogger(__name__)

USED_UP = 1366051
"""A photo is in a post already."""
LISTED_PAGES = 4
SUFFIXES = {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp"}
_FIELDS = "id,created_time,permalink_url,attachments{target{id},subattachments{target{id}}}"
_SKEW = timedelta(minutes=5)
"""A listed post this much older than the first attempt may still be ours: clocks differ."""


class FacebookPictures:
    """`absent_after`: a post that is not listed counts as not made no sooner than this after it was armed.
    `life`: how long a photo that is in no post is kept (UNVERIFIED). `site_url` completes addresses without a host."""

    def __init__(
        self,
        graph: Graph,
        rules: PictureRules,
        *,
        limits: fb.Limits,
        site_url: str,
        absent_after: timedelta,
        life: timedelta,
        clock: Callable[[], datetime],
    ) -> None:
        self._graph = graph
        self.rules = rules
        self._limits = limits
        self._site_url = site_url
        self._absent_after = absent_after
        self._life = life
        self._now = clock

    async def begin(self, draft: PostDraft) -> UploadSession:
        """Nothing is sent yet: each photo is an upload of its own."""
        page, _ = await self._graph.owner(draft.account)
        state = {"page": page, "photos": [], "begun": self._now().isoformat()}
        return UploadSession(platform=Platform.FACEBOOK, account=draft.account, total=draft.picture_bytes, state=state)

    async def upload(
        self, draft: PostDraft, session: UploadSession, files: PostFiles, checkpoint: Checkpoint
    ) -> UploadProgress:
        """Uploads the photos that are missing. One that is uploaded twice is never seen."""
        self._require_fresh(session)
        photos = _photos(session)
        for number, picture in enumerate(draft.pictures[len(photos) :], start=len(photos)):
            photos.append(await self._photo(session, picture, await files.read(picture.file)))
            session = _with(session, photos=list(photos))
            await checkpoint(session, sum(one.file.size for one in draft.pictures[: number + 1]))
        return UploadProgress(committed=session.total, total=session.total)

    async def _photo(self, session: UploadSession, picture: PostPicture, data: bytes) -> str:
        form = {"published": "false", **({"alt_text_custom": picture.alt} if picture.alt else {})}
        source = (f"picture.{SUFFIXES[picture.file.media_type]}", data, picture.file.media_type)
        path = f"{_page(session)}/photos"
        told = await self._graph.post(session.account, path, "uploading a photo", form, files={"source": source})
        if photo := object_id(told.get("id")):
            return photo
        raise PlatformTransient(
            "Facebook took a photo without telling its id", field="upload", remedy="it is tried again"
        )

    def _require_fresh(self, session: UploadSession) -> None:
        if session.state.get("stale"):
            raise SessionLost("the photos are gone from Facebook", field="upload", remedy="they are uploaded again")
        begun = _instant(session, "begun")
        if begun and not session.state.get("tried") and self._now() - begun > self._life:
            raise SessionLost("the photos have expired on Facebook", field="upload", remedy="they are uploaded again")

    def ready(self, draft: PostDraft, session: UploadSession) -> Processing:
        """A photo can be posted as soon as it is there."""
        whole = len(_photos(session)) == len(draft.pictures)
        return Processing(state=ProcessingState.LIVE if whole else ProcessingState.PROCESSING)

    # --- the post ---------------------------------------------------------------------------------------------------

    async def publish(self, draft: PostDraft, session: UploadSession, checkpoint: Checkpoint) -> PublishedPost:
        """The call to the feed, once. Where it was made before, the page's posts are looked at first. After any answer
        but a plain success or a plain refusal, the outcome is read from the page's posts."""
        self._require_fresh(session)
        photos = _photos(session)
        if len(photos) != len(draft.pictures):
            raise SessionLost("the upload is not complete", field="upload", remedy="it is completed first")
        if session.state.get("tried"):
            if known := (await self._find(session))[0]:
                return known
            await self._require_photos(session, checkpoint)
        tried = session.state.get("tried") or self._now().isoformat()
        session = _with(session, tried=tried)
        await checkpoint(session, session.total)
        form = {
            "message": fb.message_of(draft, self._limits),
            "attached_media": json.dumps([{"media_fbid": photo} for photo in photos]),
        }
        try:
            response = await self._graph.send(
                session.account, "POST", self._graph.url(f"{_page(session)}/feed"), data=form
            )
        except UNSENT as error:
            raise unreachable("Facebook", error) from None
        except httpx.HTTPError as error:
            return await self._settle(session, unreachable("Facebook", error))
        post_id = object_id((succeeded(response) or {}).get("id"))
        if post_id:
            return PublishedPost(post_id=post_id, url=await self._permalink(session.account, post_id))
        failure, envelope = self._graph.error(response, "the post"), read_envelope(response)
        used = envelope is not None and USED_UP in (envelope.code, envelope.subcode)
        if envelope and envelope.nothing_posted and not used:
            raise failure
        return await self._settle(session, failure)

    async def _require_photos(self, session: UploadSession, checkpoint: Checkpoint) -> None:
        """Raises `SessionLost` when Facebook no longer has a photo: no post can be made of them then."""
        for photo in _photos(session):
            if await self._graph.find(session.account, photo, "reading a photo", fields="id") is None:
                await checkpoint(_with(session, stale=True), session.total)
                raise SessionLost("the photos are gone from Facebook", field="upload", remedy="they are uploaded again")

    async def _settle(self, session: UploadSession, failure: ReelwrightError) -> PublishedPost:
        try:
            found, _ = await self._find(session)
        except ReelwrightError as error:
            _log.info("the page's posts could not be read after posting: %s", error.message)
            found = None
        if found:
            return found
        raise OutcomeUnknown(
            f"Facebook does not tell what came of the post ({failure.message})",
            field="post",
            remedy="look for it before posting it again",
        ) from failure

    async def _permalink(self, account: str, post_id: str) -> str:
        """The post's address. One without is a post too, and `processing` may bring it later."""
        try:
            node = await self._graph.find(account, post_id, "reading the post", fields="permalink_url")
        except ReelwrightError as error:
            _log.info("the post's address could not be read: %s", error.message)
            return ""
        return fb.permalink_of(node or {}, self._site_url)

    # --- afterwards -------------------------------------------------------------------------------------------------

    async def _find(self, session: UploadSession) -> tuple[PublishedPost | None, bool]:
        """The page's post with a photo of ours, and whether all posts since the first attempt were seen."""
        wanted, since = set(_photos(session)), _instant(session, "tried")
        path, params = f"{_page(session)}/published_posts", {"fields": _FIELDS, "limit": "50"}
        seen = 0
        async for item in self._graph.pages(session.account, path, "listing posts", LISTED_PAGES, **params):
            seen += 1
            post_id, made = object_id(item.get("id")), _time(item.get("created_time"))
            if post_id and wanted & _targets(item):
                return PublishedPost(post_id=post_id, url=fb.permalink_of(item, self._site_url)), True
            if since and made and made < since - _SKEW:
                return None, True
        return None, seen < LISTED_PAGES * 50

    async def reconcile(
        self, draft: PostDraft, session: UploadSession | None, armed_at: datetime | None
    ) -> Reconciliation:
        """By the photos' ids among the page's posts. One that is not listed is absent some time after it was armed,
        unless a photo itself says that it is in a post."""
        if session is None or not _photos(session):
            return Reconciliation(outcome="untold", reason="the photos' ids are not on record")
        found, complete = await self._find(session)
        if found:
            return Reconciliation(outcome="posted", post=found)
        if not complete:
            return Reconciliation(outcome="unknown", reason="the page has too many posts since then to read them all")
        if armed_at is not None and self._now() - armed_at < self._absent_after:
            return Reconciliation(outcome="unknown", reason="Facebook may list the post late")
        photo = _photos(session)[0]
        node = await self._graph.find(session.account, photo, "reading a photo", fields="page_story_id")
        if node and object_id(node.get("page_story_id")):
            return Reconciliation(outcome="unknown", reason="a photo says that it is in a post, and no list shows it")
        return Reconciliation(outcome="absent", reason="the page lists no post with these photos")

    async def processing(self, draft: PostDraft, post: PublishedPost) -> Processing:
        """A post with photos is there at once; what may come later is its address."""
        post_id = checked_id(post.post_id, "post_id")
        node = await self._graph.find(draft.account, post_id, "reading the post", fields="permalink_url")
        if node is None:
            return Processing(state=ProcessingState.PROCESSING, reason="not listed yet, or deleted")
        url = fb.permalink_of(node, self._site_url)
        return Processing(state=ProcessingState.LIVE, post=PublishedPost(post_id=post_id, url=url) if url else None)


def _photos(session: UploadSession) -> list[str]:
    photos = session.state.get("photos")
    if not isinstance(photos, list):
        raise SessionLost("the stored upload session is not one of photos", field="upload")
    return [photo for photo in photos if object_id(photo)]


def _page(session: UploadSession) -> str:
    return checked_id(str(session.state.get("page", "")), "upload")


def _targets(item: dict[str, Any]) -> set[str]:
    """The photos in a listed post."""
    attachments = under(item, "attachments")
    found: set[str] = set()
    for attachment in items_of(attachments) if isinstance(attachments, dict) else []:
        parts = under(attachment, "subattachments")
        for one in (attachment, *(items_of(parts) if isinstance(parts, dict) else [])):
            found.add(object_id(under(one, "target", "id")))
    return found - {""}


def _time(value: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return at if at is not None and at.tzinfo else None


def _instant(session: UploadSession, name: str) -> datetime | None:
    return _time(session.state.get(name))


def _with(session: UploadSession, **changes: Any) -> UploadSession:
    return session.model_copy(update={"state": {**session.state, **changes}})
