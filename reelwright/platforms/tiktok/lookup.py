"""What became of a TikTok post: by its publish_id, by its public id, or among the creator's public videos."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from reelwright.domain.errors import NeedsAuthorization, SessionLost
from reelwright.domain.publishing.posting import PostDraft, Processing, ProcessingState, PublishedPost, Reconciliation

from ..common.oauth import AccessTokens
from . import post as tt
from .api import TikTokApi
from .transfer import Upload, fresh

_log = logging.getLogger(__name__)

CLOCKS_APART = timedelta(minutes=5)
"""TikTok's clock and ours may differ by this much."""
MODERATION = timedelta(hours=24)
"""So long a public post may stay out of the list of videos: moderation can take hours
(docs/platforms/tiktok.md#processing)."""
IN_THE_INBOX = (
    "TikTok has laid the video into the creator's inbox: the caption is to be written and the post made in TikTok's app"
)


class Finder:
    """Reads, changes nothing. `settle_s`: see `tiktok.SETTLE_S`."""

    def __init__(
        self,
        api: TikTokApi,
        tokens: AccessTokens,
        *,
        watch_url: str,
        settle_s: float,
        clock: Callable[[], datetime],
    ) -> None:
        self._api = api
        self._tokens = tokens
        self._watch_url = watch_url
        self._settle = timedelta(seconds=settle_s)
        self._clock = clock
        self._usernames: dict[str, str] = {}

    async def reconcile(self, draft: PostDraft, upload: Upload | None, armed_at: datetime | None) -> Reconciliation:
        """`FAILED` is `absent`, and so are missing bytes once the last chunk can no longer be on its way: the same
        publish_id makes no second post. Without the publish_id a public post is looked for by caption, time and
        length; one that is not public cannot be found at all."""
        if upload is None:
            return await self._among_public(draft, None, armed_at)
        try:
            standing = await self._api.standing(draft.account, upload.publish_id)
        except SessionLost:
            if fresh(upload, self._now()):
                return Reconciliation(outcome="unknown", reason="TikTok does not know the upload, perhaps not yet")
            _log.info("TikTok no longer knows the publish_id; looking among the creator's videos")
            return await self._among_public(draft, upload, armed_at)
        if standing.failed:
            return Reconciliation(outcome="absent", reason=f"TikTok: FAILED ({standing.fail_reason})")
        if standing.taken(upload.cut.total):
            return Reconciliation(
                outcome="posted", post=await self._post(draft.account, upload.publish_id, standing.post_id)
            )
        if standing.uploaded is None:
            return Reconciliation(outcome="unknown", reason=f"TikTok says {standing.status or 'nothing'} and no more")
        if upload.sent_at and self._now() - upload.sent_at < self._settle:
            return Reconciliation(outcome="unknown", reason="the last chunk may still be counted")
        return Reconciliation(
            outcome="absent", reason=f"TikTok holds {standing.uploaded:,} of {upload.cut.total:,} bytes"
        )

    async def _among_public(self, draft: PostDraft, upload: Upload | None, armed_at: datetime | None) -> Reconciliation:
        if upload.inbox if upload else False:
            return _untold("a draft in the creator's inbox is in no list; look into TikTok's app")
        if not (upload.public if upload else draft.privacy == "public"):
            return _untold("TikTok lists public posts only, and this one is not; look into TikTok's app")
        since = (armed_at or (upload.opened_at if upload else self._now() - MODERATION)) - CLOCKS_APART
        text, duration = tt.caption(draft), upload.duration_s if upload else None
        try:
            found = [
                video async for video in self._api.videos(draft.account, since) if tt.same_post(video, text, duration)
            ]
        except NeedsAuthorization as error:
            return _untold(f"TikTok does not let us list the creator's videos ({error.message}); look into its app")
        if len(found) == 1:
            return Reconciliation(
                outcome="posted", post=await self._post(draft.account, found[0].post_id, found[0].post_id)
            )
        if found:
            return _untold(f"{len(found)} of the creator's videos have this caption and length")
        if self._now() - since < MODERATION:
            return Reconciliation(outcome="unknown", reason="not among the public videos; moderation may take hours")
        return _untold("TikTok no longer knows the upload, and it is not among the creator's public videos")

    async def processing(self, draft: PostDraft, post: PublishedPost) -> Processing:
        """A public post is `LIVE` once TikTok reports its public id, others once they are complete. `FAILED` is final:
        nothing was posted, and only after `internal` may a new upload succeed."""
        if tt.POST_ID.fullmatch(post.post_id):
            return await self._listed(draft, post)
        if not tt.PUBLISH_ID.fullmatch(post.post_id):
            return Processing(state=ProcessingState.PROCESSING, reason=f"{post.post_id[:40]!r} is no id of TikTok's")
        try:
            standing = await self._api.standing(draft.account, post.post_id)
        except SessionLost:
            return Processing(state=ProcessingState.PROCESSING, reason="TikTok no longer tells how this post stands")
        if standing.failed:
            reason = standing.fail_reason or "no reason given"
            return Processing(state=ProcessingState.FAILED, reason=reason, again=reason == "internal")
        if standing.status == "SEND_TO_USER_INBOX":
            return Processing(state=ProcessingState.LIVE, reason=IN_THE_INBOX)
        if not standing.complete:
            return Processing(state=ProcessingState.PROCESSING, reason="TikTok is processing the video")
        if standing.post_id:
            return Processing(
                state=ProcessingState.LIVE, post=await self._post(draft.account, post.post_id, standing.post_id)
            )
        if await self._is_public(draft):
            return Processing(
                state=ProcessingState.PROCESSING, reason="posted; TikTok tells its address after moderation"
            )
        return Processing(state=ProcessingState.LIVE, reason=_seen_by_few(draft))

    async def _is_public(self, draft: PostDraft) -> bool:
        options = (await self._tokens.info(draft.account)).options
        return options.get("flow") != "inbox" and tt.level_of(draft, options) == tt.PUBLIC

    async def _listed(self, draft: PostDraft, post: PublishedPost) -> Processing:
        if post.url:
            return Processing(state=ProcessingState.LIVE, post=post)
        return Processing(state=ProcessingState.LIVE, post=await self._post(draft.account, post.post_id, post.post_id))

    async def _post(self, account: str, known: str, public_id: str) -> PublishedPost:
        """The post under its public id with its address, or under the id that is `known` so far."""
        if not public_id:
            return PublishedPost(post_id=known)
        user = await self._username(account)
        url = self._watch_url.replace("{user}", user).replace("{id}", public_id) if user else ""
        return PublishedPost(post_id=public_id, url=url)

    async def _username(self, account: str) -> str:
        """The creator's user name; TikTok's addresses work with an old one too, so it is requested once."""
        if account not in self._usernames:
            given = tt.username_of((await self._tokens.info(account)).options.get("username"))
            try:
                name = given or (await self._api.creator(account)).username
            except NeedsAuthorization:  # an account for the inbox may have no right to ask
                return ""
            self._usernames[account] = name
        return self._usernames[account]

    def _now(self) -> datetime:
        return self._clock().astimezone(UTC)


def _seen_by_few(draft: PostDraft) -> str:
    if draft.privacy == "unlisted":
        return "TikTok has no 'unlisted': the post is not public until the creator opens it up in TikTok's app"
    return "posted for fewer than everyone: TikTok tells no address"


def _untold(reason: str) -> Reconciliation:
    return Reconciliation(outcome="untold", reason=reason)
