"""Posting to LinkedIn through its versioned REST API. Implements `domain.ports.publishing.Publisher`.

A video is uploaded in parts and finalized (`upload`), processed (`ready`), and appears with POST /rest/posts
(`publish`), the one irreversible call. An article has no video: `begin` and `upload` bring its picture, if there is
one. LinkedIn has no idempotency key; `linkedin_lookup` finds the outcome of a post without an answer.

Source: docs/platforms/linkedin.md, docs/platforms/README.md#retries.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

import httpx

from reelwright.domain.errors import OutcomeUnknown, PlatformTransient, PostRejected, SessionLost
from reelwright.domain.formats import Platform
from reelwright.domain.platforms.facts import PictureRules
from reelwright.domain.platforms.linkedin import PICTURES
from reelwright.domain.ports.publishing import Checkpoint, PostFiles, VideoFacts
from reelwright.domain.publishing.posting import (
    Extra,
    ExtraKind,
    PostDraft,
    PostKind,
    Processing,
    ProcessingState,
    PublishedPost,
    Reconciliation,
    UploadProgress,
    UploadSession,
)

from ..common.http import body_kind, json_body, unreachable
from ..common.oauth import AccessTokens
from . import post as linkedin_post
from .api import NOT_SENT, LinkedInApi, utc_now
from .errors import Denied, read_problem
from .lookup import LinkedInLookup
from .media import LinkedInMedia, not_told
from .pictures import LinkedInPictures
from .post import POST, Limits
from .text import text_of
from .upload import Standing

_log = logging.getLogger(__name__)

LIMITS = Limits()
ARMING_S = 60.0
"""A listed post this much older than the moment it was armed may still be ours: clocks differ."""


class LinkedInPublisher:
    """`client` is shared and closed by its owner. `version` is the `LinkedIn-Version` header. `settled_after_s` is how
    long after an unanswered post a page's listing is believed not to have it, `comment_lag_s` the same for comments;
    `send_captions` and `send_thumbnail` turn off what goes with a video (UNVERIFIED: how LinkedIn takes them)."""

    platform = Platform.LINKEDIN

    def __init__(
        self,
        client: httpx.AsyncClient,
        tokens: AccessTokens,
        *,
        api_url: str = "https://api.linkedin.com",
        post_url: str = "https://www.linkedin.com/feed/update/{id}/",
        version: str = "202609",
        limits: Limits = LIMITS,
        pictures: PictureRules = PICTURES,
        picture_duplicates: bool = False,
        settled_after_s: float = 900.0,
        comment_lag_s: float = 10.0,
        send_captions: bool = True,
        send_thumbnail: bool = True,
        retry_wait_s: float = 1.0,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._api = LinkedInApi(client, tokens, url=api_url, version=version, retry_wait_s=retry_wait_s, clock=clock)
        self._media = LinkedInMedia(self._api, captions=send_captions, thumbnail=send_thumbnail)
        self._images = LinkedInPictures(self._api)
        self._lookup = LinkedInLookup(self._api, limits, post_url, picture_duplicates=picture_duplicates)
        self._rules = pictures
        self._limits = limits
        self._settled_after_s = settled_after_s
        self._comment_lag_s = comment_lag_s

    # --- before -----------------------------------------------------------------------------------------------------

    def validate(self, draft: PostDraft, video: VideoFacts, options: Mapping[str, str] = {}) -> PostKind:
        """Checks a post against LinkedIn's limits; `article` only when it is requested. Raises `PostRejected`."""
        return linkedin_post.check(draft, video, self._limits, self._rules)

    @property
    def pictures(self) -> PictureRules:
        """What a picture post may be."""
        return self._rules

    def check_address(self, address: str) -> None:
        """LinkedIn is given the bytes themselves."""

    def compose(self, draft: PostDraft, options: Mapping[str, str]) -> str:
        """The commentary."""
        return text_of(draft, self._limits.commentary)

    def extras(self, draft: PostDraft) -> tuple[Extra, ...]:
        """The first comment. Thumbnail and captions go up with the video."""
        if not draft.first_comment:
            return ()
        return (Extra(kind=ExtraKind.COMMENT, name="first-comment", text=draft.first_comment),)

    async def begin(self, draft: PostDraft, video: VideoFacts) -> UploadSession:
        """See `LinkedInMedia.begin`."""
        if draft.pictures:
            return await self._images.begin(draft, not_told(draft))
        return await self._media.begin(draft, video)

    async def progress(self, session: UploadSession) -> UploadProgress:
        """See `LinkedInMedia.progress`."""
        return self._media.progress(session)

    async def upload(
        self, draft: PostDraft, session: UploadSession, files: PostFiles, checkpoint: Checkpoint
    ) -> UploadProgress:
        """See `LinkedInMedia.send`."""
        if draft.pictures:
            return await self._images.send(draft, session, files, checkpoint)
        return await self._media.send(draft, session, files, checkpoint)

    async def ready(self, draft: PostDraft, session: UploadSession) -> Processing:
        """See `LinkedInMedia.ready`."""
        return await self._media.ready(draft, session)

    # --- the post ---------------------------------------------------------------------------------------------------

    async def publish(
        self, draft: PostDraft, session: UploadSession, files: PostFiles, checkpoint: Checkpoint
    ) -> PublishedPost:
        """POST /rest/posts, once. Only a refusal in LinkedIn's own words is a no; anything else that is not a post's
        URN is `OutcomeUnknown`, unless the page's own listing shows the post."""
        now = Standing(session, checkpoint)
        if now["video"] and not now["finalized"]:
            raise PlatformTransient("the upload is not complete", field="upload", remedy="it is completed first")
        images = [image["image"] for image in now["images"] or ()]
        if len(images) != len(draft.pictures):
            raise PlatformTransient("the upload is not complete", field="upload", remedy="it is completed first")
        body = linkedin_post.body(
            draft, now["author"], self._limits, video=now["video"], image=now["image"], images=images
        )
        token = await self._api.tokens.access_token(draft.account)
        tried = bool(now["tried"])
        await now.change(tried=True)
        asked = self._api.now()
        try:
            response = await self._api.call(draft.account, "POST", "/rest/posts", "CREATE", json=body)
        except NOT_SENT as error:
            raise unreachable("LinkedIn", error) from None
        except httpx.HTTPError as error:
            return await self._settle(draft, session, f"the connection broke ({type(error).__name__})")
        # A token that was renewed in between made two requests of one; the first may be what the second duplicates.
        twice = response.request.headers.get("Authorization") != f"Bearer {token}"
        problem = read_problem(response)
        if images and problem and problem.has("MEDIA_ASSET_PROCESSING_FAILED"):
            await now.change(stale=True)
            raise SessionLost("LinkedIn could not use a picture", field="upload", remedy="they are uploaded again")
        return await self._judge(draft, session, response, tried=tried or twice, asked=asked)

    async def _judge(
        self, draft: PostDraft, session: UploadSession, response: httpx.Response, *, tried: bool, asked: float
    ) -> PublishedPost:
        if response.status_code in (200, 201):
            if post_id := linkedin_post.urn(response.headers.get("x-restli-id"), POST):
                return self._lookup.post(post_id)
            return await self._settle(draft, session, "LinkedIn said yes without naming the post")
        problem = read_problem(response)
        if problem and problem.duplicate:
            return await self._lookup.duplicate(draft, session, problem, tried=tried, asked=asked)
        if problem is None or not problem.certain:
            told = problem.message if problem else body_kind(response)
            return await self._settle(draft, session, f"LinkedIn answered HTTP {response.status_code} ({told})")
        if problem.throttled and (found := await self._lookup.look(draft, session)):
            _log.warning("LinkedIn refused a post for its quota (%s), and yet it is there", problem.message)
            return found
        raise self._api.error(response, "the post", session.state["author"])

    async def _settle(self, draft: PostDraft, session: UploadSession, why: str) -> PublishedPost:
        """After no deciding answer: the page's own list of posts may show the outcome."""
        if found := await self._lookup.look(draft, session):
            return found
        raise OutcomeUnknown(f"the post was sent, and {why}", field="post", remedy="look for it before posting again")

    # --- afterwards -------------------------------------------------------------------------------------------------

    async def reconcile(
        self, draft: PostDraft, session: UploadSession | None, armed_at: datetime | None
    ) -> Reconciliation:
        """Looks through the author's posts. One that is not listed `settled_after_s` after it was armed is `absent`,
        if the listing reaches back so far: posting it again is then guarded by LinkedIn's own duplicate check. Without
        a session it is found by its text, and never certainly absent."""
        if session is None and armed_at is None:
            return Reconciliation(outcome="unknown", reason="nothing is on record to look for")
        since = armed_at.timestamp() if armed_at else float(session.state.get("opened", 0.0) if session else 0.0)
        try:
            found, complete = await self._lookup.search(draft, session, since - ARMING_S)
        except Denied as denied:
            return Reconciliation(
                outcome="untold",
                reason="LinkedIn does not let this account's posts be read back, so only a person can see whether it "
                f"is there ({denied.message})",
            )
        if found:
            return Reconciliation(outcome="posted", post=found)
        settled = armed_at is not None and self._api.now() - since >= self._settled_after_s
        if complete and settled and session is not None:
            return Reconciliation(outcome="absent", reason="it is not among the page's posts")
        return Reconciliation(outcome="unknown", reason="it is not among the page's posts yet")

    async def processing(self, draft: PostDraft, post: PublishedPost) -> Processing:
        """Reads the post back; `reason` reports a text that LinkedIn cut. A member's post cannot be read; it exists,
        since its URN was returned. One that is not found counts as processing: reads may be delayed."""
        try:
            found = await self._api.read(draft.account, "posts", _checked(post.post_id), "")
        except Denied:
            return Processing(state=ProcessingState.LIVE)
        if found is None:
            return Processing(state=ProcessingState.PROCESSING, reason="not to be read yet, or deleted")
        return linkedin_post.standing(found, draft, self._limits)

    async def attach(self, draft: PostDraft, post: PublishedPost, extra: Extra, files: PostFiles, before: str) -> str:
        """Comments on the post in the author's name; the comment's id. Made once: no answer is `OutcomeUnknown`."""
        if extra.kind is not ExtraKind.COMMENT:
            raise PostRejected(f"LinkedIn has no place for it ({extra.kind.value})", field=extra.name)
        author = await self._api.author(draft)
        body = {"actor": author, "object": post.post_id, "message": {"text": extra.text}}
        unknown = OutcomeUnknown("no answer tells whether the comment was made", field=extra.name)
        try:
            response = await self._api.call(draft.account, "POST", _comments(post), "CREATE", json=body)
        except NOT_SENT as error:
            raise unreachable("LinkedIn", error) from None
        except httpx.HTTPError:
            raise unknown from None
        if response.status_code in (200, 201):
            return _comment_id(response.headers.get("x-restli-id") or (json_body(response) or {}).get("id"))
        problem = read_problem(response)
        if problem is None or not problem.certain:
            raise unknown
        raise self._api.error(response, "the comment", author)

    async def attached(
        self, draft: PostDraft, post: PublishedPost, extra: Extra, since: datetime | None = None
    ) -> str | None:
        """Looks for a comment of the same author and text, twice, since reads lag behind. None where comments cannot be
        read (members)."""
        author = await self._api.author(draft)
        for pause in (0.0, self._comment_lag_s):
            await asyncio.sleep(pause)
            try:
                answer = await self._api.get(draft.account, _comments(post), "GET_ALL", author)
            except Denied:
                return None
            elements = (answer or {}).get("elements")
            if not isinstance(elements, list):
                return None
            for element in elements:
                same = linkedin_post.under(element, "message", "text") == extra.text
                if same and linkedin_post.under(element, "actor") == author:
                    return _comment_id(element.get("id")) or None
        return ""

    async def delete(self, account: str, post_id: str) -> None:
        """DELETE /rest/posts/{urn}; one that is gone already answers 204 too."""
        path = f"/rest/posts/{quote(_checked(post_id), safe='')}"
        await self._api.answer(account, "DELETE", path, "DELETE", doing="deleting the post", gone=True)


def _checked(post_id: str) -> str:
    if not POST.fullmatch(post_id):
        raise PostRejected(f"{post_id[:60]!r} is not a post's URN", field="post_id")
    return post_id


def _comments(post: PublishedPost) -> str:
    return f"/rest/socialActions/{quote(_checked(post.post_id), safe='')}/comments"


def _comment_id(value: Any) -> str:
    return value[:200] if isinstance(value, str) else ""
