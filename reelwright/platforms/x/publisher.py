"""Posting to X through API v2. Implements `domain.ports.publishing.Publisher`.

The video is uploaded and processed first, which leaves nothing visible; POST /2/tweets then makes the post. X has no
idempotency key, but an upload of our own is on no post but ours: its media key among the account's posts is how a post
is found again, never its text. A second net is X's own refusal of duplicate texts.

Source: docs/platforms/x.md, docs/platforms/README.md#retries.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from reelwright.domain.errors import (
    NeedsAuthorization,
    NeedsBudget,
    OutcomeUnknown,
    PlatformTransient,
    PostRejected,
    QuotaExhausted,
    ReelwrightError,
    SessionLost,
)
from reelwright.domain.formats import Platform
from reelwright.domain.platforms.facts import PictureRules
from reelwright.domain.platforms.x import PICTURES
from reelwright.domain.ports.publishing import Checkpoint, PostFiles, VideoFacts
from reelwright.domain.publishing.posting import (
    Extra,
    PostDraft,
    PostKind,
    Processing,
    ProcessingState,
    PublishedPost,
    Reconciliation,
    UploadProgress,
    UploadSession,
)
from reelwright.domain.publishing.quota import QuotaReading

from ..common.http import json_body, unreachable
from ..common.oauth import AccessTokens
from ..common.pictures import check_pictures, is_pictures
from . import post as x_post
from .api import Found, XApi
from .errors import is_duplicate, is_plain, x_error
from .extras import XExtras
from .pictures import XPictures, media_ids
from .post import CLOCKS_DIFFER, PREMIUM_WEIGHT, TEXT_WEIGHT, Limits, check_id
from .text import same_text
from .upload import Media, XUploads

_log = logging.getLogger(__name__)
_DUPLICATES = timedelta(days=30)
"""How far back the post that ours is a duplicate of is looked for."""
MEDIA_PATIENCE = 3
"""So often an upload that is ready is tried again when X calls it invalid."""
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
"""The request never left this machine."""


class XPublisher:
    """`client` is shared and closed by its owner. `segment_size` in bytes is what one upload holds in memory (X takes 5
    MB at most). `listed_within_s`: a post that is not among the account's own this long after the attempt was not
    made; how far X's lists lag is not documented. `media_category` may be `amplify_video`, and `fields_name` is
    what X calls the fields of a post. An uploaded picture that is older than `picture_s` is uploaded again. A
    Premium account (its option `premium`) has 25,000 characters."""

    platform = Platform.X

    def __init__(
        self,
        client: httpx.AsyncClient,
        tokens: AccessTokens,
        *,
        api_url: str = "https://api.x.com",
        post_url: str = "https://x.com/i/status/{id}",
        segment_size: int = 4 << 20,
        media_category: str = "tweet_video",
        limits: Limits = Limits(),  # noqa: B008 - frozen
        pictures: PictureRules = PICTURES,
        picture_s: float = 72_000.0,
        listed_within_s: float = 600.0,
        fields_name: str = "tweet.fields",
        retry_wait_s: float = 1.0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._api = XApi(client, tokens, api_url, fields_name=fields_name, retry_wait_s=retry_wait_s, clock=clock)
        self._uploads = XUploads(self._api, segment_size=segment_size, category=media_category)
        self._images = XPictures(self._api, life_s=picture_s)
        self._rules = pictures
        self._tokens = tokens
        self._post_url = post_url
        self._limits = limits
        self._listed_within = timedelta(seconds=listed_within_s)
        self._clock = clock
        self._extras = XExtras(self._api, self._listed_within, clock)

    # --- before -----------------------------------------------------------------------------------------------------

    def validate(self, draft: PostDraft, video: VideoFacts, options: Mapping[str, str] = {}) -> PostKind:
        """Checks a post against X's limits, which are wider for an account with the option `premium`."""
        self._check(draft, video, options)
        return PostKind.PICTURES if is_pictures(draft) else PostKind.VIDEO

    @property
    def pictures(self) -> PictureRules:
        """What a picture post may be."""
        return self._rules

    def check_address(self, address: str) -> None:
        """X is given the bytes themselves."""

    def _check(self, draft: PostDraft, video: VideoFacts, options: Mapping[str, str]) -> int:
        """The weight a text of this account may have. Raises `PostRejected`."""
        is_premium = x_post.premium(options)
        limit = PREMIUM_WEIGHT if is_premium else TEXT_WEIGHT
        x_post.check_draft(draft, limit)
        if is_pictures(draft):
            check_pictures(draft, self._rules, "X")
        else:
            x_post.check_video(video, self._limits, is_premium=is_premium)
        return limit

    def compose(self, draft: PostDraft, options: Mapping[str, str]) -> str:
        """The post's text, longer for an account with the option `premium`."""
        return x_post.text_of(draft, PREMIUM_WEIGHT if x_post.premium(options) else TEXT_WEIGHT)

    def extras(self, draft: PostDraft) -> tuple[Extra, ...]:
        """The thread's replies, then the first comment. Subtitles are there before the post."""
        return x_post.extras_of(draft)

    async def begin(self, draft: PostDraft, video: VideoFacts) -> UploadSession:
        """Opens an upload, after another check: the option may have changed. Repeating it is harmless."""
        limit = self._check(draft, video, (await self._tokens.info(draft.account)).options)
        # The text stands from here on: an option that changes meanwhile must not make it another post.
        extra = {"text": x_post.text_of(draft, limit)}
        if draft.pictures:
            return self._images.begin(draft, extra["text"])
        return await self._uploads.begin(draft.account, size=video.size, media_type=video.media_type, extra=extra)

    # --- bytes ------------------------------------------------------------------------------------------------------

    async def progress(self, session: UploadSession) -> UploadProgress:
        """What X has acknowledged: it has no call that returns the offset."""
        return UploadProgress(committed=self._uploads.check(session).committed(session.total), total=session.total)

    async def upload(
        self, draft: PostDraft, session: UploadSession, files: PostFiles, checkpoint: Checkpoint
    ) -> UploadProgress:
        """Sends the video in segments, finalizes it, and adds the subtitles."""
        if draft.pictures:
            return await self._images.upload(draft, session, files, checkpoint)
        session = await self._uploads.upload(draft, session, files, checkpoint)
        return UploadProgress(committed=session.total, total=session.total)

    async def ready(self, draft: PostDraft, session: UploadSession) -> Processing:
        """Whether X has processed the video."""
        return await self._uploads.ready(session)

    # --- the post ---------------------------------------------------------------------------------------------------

    async def publish(
        self, draft: PostDraft, session: UploadSession, files: PostFiles, checkpoint: Checkpoint
    ) -> PublishedPost:
        """POST /2/tweets, once. Where that was tried before, the account's posts are looked at first."""
        media, before = Media.of(session), session.state
        if before.get("tried"):
            known = await self._look(session, _tried(session))
            if known.post:
                return self._post(known.post)
            if not known.complete:
                raise PlatformTransient(f"an earlier attempt cannot be ruled out: {known.reason}", field="x")
        self._uploads.check(session)
        # `open`: the outcome of an attempt is unknown, and its post might still appear.
        left_open = bool(before.get("open") or (before.get("tried") and not before.get("answered")))
        first = before.get("tried") or self._clock().isoformat()
        session = await _stored(session, checkpoint, tried=first, open=left_open, answered=False)
        body = x_post.post_body(draft, self._text(draft, session), media_ids(session) or [media.id])
        try:
            response = await self._api.send(draft.account, "POST", "/2/tweets", json=body)
        except _NOT_SENT as error:
            raise unreachable("X", error) from None
        except httpx.HTTPError as error:
            return await self._settled(session, f"X did not answer ({type(error).__name__})")
        created = x_post.id_of(x_post.data_of(json_body(response)))
        if 200 <= response.status_code < 300:
            if created:
                return self._post({"id": created})
            return await self._settled(session, "X said yes, and not which post it is")
        if is_duplicate(response):
            return await self._duplicate(draft, session, checkpoint)
        refusal = x_error(response, self._clock(), doing="the post", upload=True, posting=True)
        if not is_plain(response) or (isinstance(refusal, PlatformTransient) and not _gate(response, refusal)):
            return await self._settled(session, refusal.message)
        if isinstance(refusal, SessionLost):
            session, refusal = await self._media_refused(session, refusal, checkpoint)
        return await self._refused(session, refusal, checkpoint)

    async def _settled(self, session: UploadSession, why: str) -> PublishedPost:
        """After an answer that decides nothing: the account's posts are read once."""
        try:
            found = await self._look(session, _tried(session))
        except ReelwrightError as error:
            raise _unknown(f"{why}, and its list of posts cannot be read ({error.message})") from error
        if found.post:
            return self._post(found.post)
        raise _unknown(f"{why}; {found.reason or 'the post is not listed (yet)'}")

    async def _refused(self, session: UploadSession, refusal: ReelwrightError, checkpoint: Checkpoint) -> PublishedPost:
        """A plain refusal, which is final unless a read finds the post. A refusal by X's rate limit, billing or
        authorisation is final even when that read fails."""
        try:
            found = await self._look(session, _tried(session))
        except ReelwrightError as error:
            if not isinstance(refusal, NeedsAuthorization | NeedsBudget | QuotaExhausted | PlatformTransient):
                raise _unknown(f"{refusal.message}; its list of posts cannot be read ({error.message})") from refusal
            found = Found(None, complete=False)
        if found.post:
            return self._post(found.post)
        await _stored(session, checkpoint, answered=True)
        raise refusal

    async def _media_refused(
        self, session: UploadSession, lost: ReelwrightError, checkpoint: Checkpoint
    ) -> tuple[UploadSession, ReelwrightError]:
        """X answers "media IDs are invalid" for an expired upload, for one that is not ready yet, and for one that it
        will never accept: STATUS identifies the first (`SessionLost`), a retry later the second. Pictures have nothing
        to be processed: they are uploaded again."""
        if media_ids(session):
            return await _stored(session, checkpoint, stale=True), lost
        reading = await self._uploads.look(session)
        if reading.state is ProcessingState.FAILED:
            why = f"X cannot use the video: {reading.reason}"
            return session, PostRejected(why, field="video", remedy="render it again")
        times = session.state.get("refused")
        times = times if isinstance(times, int) else 0
        if times >= MEDIA_PATIENCE:
            why = f"X will not post the upload it has processed: {lost.message}"
            return session, PostRejected(why, field="video", remedy="upload it by hand to see what X says")
        session = await _stored(session, checkpoint, refused=times + 1)
        return session, PlatformTransient(
            "X has the upload and does not post it yet", field="upload", retry_after_s=5.0 * 4**times
        )

    async def _duplicate(self, draft: PostDraft, session: UploadSession, checkpoint: Checkpoint) -> PublishedPost:
        """X has this text already and does not name the post: it may be an earlier attempt, listed late, or another
        post."""
        text, media = self._text(draft, session), Media.of(session)
        refusal = PostRejected(
            "X refuses the text as a duplicate of an earlier post of the account",
            field="caption" if draft.caption else "title",
            remedy="change the text",
        )
        found = await self._look(session, _tried(session))
        if found.post:
            return self._post(found.post)

        def other(post: dict[str, Any]) -> bool:
            return same_text(text, x_post.full_text(post)) and not x_post.shows(post, media.id, media.key)

        first = session.state.get("duplicate")
        long_ago = isinstance(first, str) and self._clock() - _instant(first) >= self._listed_within
        explained = (await self._api.find(draft.account, self._clock() - _DUPLICATES, other)).post is not None
        if explained or (long_ago and not session.state.get("open")):
            await _stored(session, checkpoint, answered=True)
            raise refusal
        await _stored(session, checkpoint, answered=True, duplicate=first or self._clock().isoformat())
        raise _unknown("X has a post with this text, and does not list it (yet)")

    async def reconcile(
        self, draft: PostDraft, session: UploadSession | None, armed_at: datetime | None
    ) -> Reconciliation:
        """Looks for our upload among the account's posts. `absent` once all posts since then were read without it and
        X has had `listed_within_s` to list it; should it appear even later, X refuses the second as a duplicate."""
        if session is None:
            return Reconciliation(outcome="untold", reason="without its upload a post of X's cannot be recognised")
        since = _tried(session) or armed_at
        found = await self._look(session, since)
        if found.post:
            return Reconciliation(outcome="posted", post=self._post(found.post))
        if not found.complete:
            return Reconciliation(outcome="unknown", reason=found.reason)
        latest = max(filter(None, (armed_at, since)), default=None)
        if latest is None or self._clock() - latest < self._listed_within:
            return Reconciliation(outcome="unknown", reason="X may list the post late")
        if session.state.get("duplicate") and session.state.get("open"):
            why = "X refuses the text as a duplicate, so an attempt may have come through, but lists no such post"
            return Reconciliation(outcome="untold", reason=why)
        return Reconciliation(outcome="absent")

    async def _look(self, session: UploadSession, since: datetime | None) -> Found:
        media = Media.of(session)
        start = since - CLOCKS_DIFFER if since else None
        return await self._api.find(session.account, start, lambda post: x_post.shows(post, media.id, media.key))

    # --- afterwards -------------------------------------------------------------------------------------------------

    async def processing(self, draft: PostDraft, post: PublishedPost) -> Processing:
        """X has processed the video before it was posted."""
        return Processing(state=ProcessingState.LIVE)

    async def attach(self, draft: PostDraft, post: PublishedPost, extra: Extra, files: PostFiles, before: str) -> str:
        """A reply to the post, or to the reply before."""
        return await self._extras.attach(draft, post, extra, before)

    async def attached(
        self, draft: PostDraft, post: PublishedPost, extra: Extra, since: datetime | None = None
    ) -> str | None:
        """The reply among the account's own posts: see `XExtras.attached`."""
        return await self._extras.attached(draft, post, extra, since)

    async def delete(self, account: str, post_id: str) -> None:
        """Takes the post away. X answers alike for one that is gone."""
        check_id(post_id)
        await self._api.call(account, "DELETE", f"/2/tweets/{post_id}", "deleting the post", missing=True)

    async def quota(self, account: str) -> Sequence[QuotaReading]:
        """The limits in the headers of the last post's response; none before the first post."""
        return self._api.readings(account)

    # --- small things -----------------------------------------------------------------------------------------------

    def _text(self, draft: PostDraft, session: UploadSession) -> str:
        kept = session.state.get("text")
        return kept if isinstance(kept, str) and kept else x_post.text_of(draft)

    def _post(self, post: dict[str, Any]) -> PublishedPost:
        post_id = x_post.id_of(post)
        return PublishedPost(post_id=post_id, url=self._post_url.replace("{id}", post_id))


def _gate(response: httpx.Response, error: PlatformTransient) -> bool:
    """429 from X's own rate limit, with its reset time: the request was not processed."""
    return response.status_code == 429 and "x-rate-limit-reset" in response.headers and bool(error.retry_after_s)


async def _stored(session: UploadSession, checkpoint: Checkpoint, **changes: Any) -> UploadSession:
    changed = session.model_copy(update={"state": {**session.state, **changes}})
    await checkpoint(changed, changed.total)
    return changed


def _tried(session: UploadSession) -> datetime | None:
    first = session.state.get("tried")
    return _instant(first) if isinstance(first, str) else None


def _instant(text: str) -> datetime:
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise SessionLost("the stored upload session is not one of X's", field="upload") from None
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def _unknown(message: str) -> OutcomeUnknown:
    return OutcomeUnknown(message, field="post", remedy="look for it before posting it again")
