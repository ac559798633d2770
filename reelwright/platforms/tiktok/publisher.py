"""Posting to TikTok through the Content Posting API v2. Implements `domain.ports.publishing.Publisher`.

TikTok posts by itself once it holds the last byte; there is no call to publish. So `upload` sends every chunk but the
last, which leaves nothing on the profile, and `publish` sends that one (a file under 10 MB has only a last chunk). The
`publish_id` then works like an idempotency key: one id makes at most one post, its status shows the outcome, and
sending the last chunk of the same id again cannot make a second post. A new id could, so an id is given up only when it
is certain that it never will post: `FAILED`, or bytes missing and an address that accepts no more.

The post's id is the publish_id until TikTok reports the public one: for public posts only, and after moderation.

Account options: `flow=inbox` sends the video to the creator's inbox (scope video.upload, for applications that TikTok
has not audited), where the creator writes the caption and posts it; that counts as posted here, with a note about it.
`username` for the address, `disable_comment`/`disable_duet`/`disable_stitch` = `true`, `unlisted` (see tiktok_post).

Source: docs/platforms/tiktok.md, docs/platforms/README.md#retries.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import httpx

from reelwright.domain.errors import PlatformTransient, PostRejected
from reelwright.domain.formats import Platform
from reelwright.domain.ports.publishing import Checkpoint, PostFiles, VideoFacts
from reelwright.domain.publishing.accounts import AccountInfo
from reelwright.domain.publishing.posting import (
    PostDraft,
    PostKind,
    Processing,
    ProcessingState,
    PublishedPost,
    Reconciliation,
    UploadProgress,
    UploadSession,
)

from ..common.oauth import AccessTokens
from ..common.source import feed_of
from . import post as tt
from .api import TikTokApi
from .lookup import Finder
from .transfer import HOSTS, Upload, trusted, upload_of
from .upload import Sending

CHUNK = 10_000_000
"""Bytes; both readings of TikTok's MB allow it, and the last chunk stays under twice that."""
URL_LIFE_S = 3_600.0
"""An upload's address is good for an hour (docs/platforms/tiktok.md#calls)."""
SETTLE_S = 30.0
"""So long after the last chunk was sent, TikTok's count of bytes is not yet taken for its last word."""


class TikTokPublisher:
    """`client` is shared and closed by its owner. `chunk_size` in bytes; `watch_url` has `{user}` and `{id}`;
    `settle_s`, `url_life_s` and `upload_hosts` are what is not (surely) documented; `retry_wait_s` is the first pause
    between tries within one call."""

    platform = Platform.TIKTOK

    def __init__(
        self,
        client: httpx.AsyncClient,
        tokens: AccessTokens,
        *,
        api_url: str = "https://open.tiktokapis.com",
        watch_url: str = "https://www.tiktok.com/@{user}/video/{id}",
        chunk_size: int = CHUNK,
        upload_hosts: tuple[str, ...] = HOSTS,
        url_life_s: float = URL_LIFE_S,
        settle_s: float = SETTLE_S,
        retry_wait_s: float = 1.0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._client = client
        self._tokens = tokens
        self._api = TikTokApi(client, tokens, api_url=api_url, retry_wait_s=retry_wait_s, clock=clock)
        self._find = Finder(self._api, tokens, watch_url=watch_url, settle_s=settle_s, clock=clock)
        self._chunk = max(1, min(tt.MAX_CHUNK, chunk_size))
        self._hosts = upload_hosts
        self._url_life_s = url_life_s
        self._settle_s = settle_s
        self._retry_wait_s = retry_wait_s
        self._clock = clock

    # --- before -----------------------------------------------------------------------------------------------------

    def validate(self, draft: PostDraft, video: VideoFacts, options: Mapping[str, str] = {}) -> PostKind:
        """Checks a post against TikTok's limits; the creator's permissions are read in `begin`."""
        tt.check(draft, video)
        return PostKind.VIDEO

    def compose(self, draft: PostDraft, options: Mapping[str, str]) -> str:
        """The caption."""
        return tt.caption(draft)

    async def begin(self, draft: PostDraft, video: VideoFacts) -> UploadSession:
        """Opens an upload, after asking what the creator may post. An upload that gets no bytes leaves nothing."""
        info = await self._tokens.info(draft.account)
        cut = tt.chunks(video.size, self._chunk)
        inbox, level = info.options.get("flow") == "inbox", tt.ONLY_ME
        body: dict[str, object] = {"source_info": cut.source_info()}
        if not inbox:
            level = tt.level_of(draft, info.options)
            body["post_info"] = await self._post_info(draft, level, video, info)
        opened_at = self._clock().astimezone(UTC)
        publish_id, url = await self._api.start(draft.account, body, inbox=inbox)
        if not trusted(url, self._api.url, self._hosts):
            raise PlatformTransient(
                "TikTok opened an upload without a usable address for it", field="upload", remedy="it is tried again"
            )
        upload = Upload(
            publish_id=publish_id,
            url=url,
            cut=cut,
            media_type=video.media_type,
            opened_at=opened_at,
            inbox=inbox,
            public=level == tt.PUBLIC and not inbox,
            duration_s=video.duration_s,
        )
        return UploadSession(platform=self.platform, account=draft.account, total=video.size, state=upload.state())

    async def _post_info(self, draft: PostDraft, level: str, video: VideoFacts, info: AccountInfo) -> dict[str, object]:
        creator = await self._api.creator(draft.account)
        if level not in creator.levels:
            raise PostRejected(
                f"TikTok offers this creator {', '.join(creator.levels) or 'no privacy level'}, and not {level}",
                field="privacy",
                remedy="post it with privacy 'private' (an application that TikTok has not audited may do nothing "
                "else), set the account's option flow=inbox, or change the account's privacy in the app",
            )
        if level == tt.ONLY_ME and draft.paid_partnership:
            raise tt.paid_and_private()
        if creator.max_s is not None and video.duration_s > creator.max_s:
            raise PostRejected(
                f"{video.duration_s:g} s is more than the {creator.max_s:g} s this creator may post",
                field="video",
                remedy="shorten it",
            )
        return tt.post_info(draft, level, creator, info.options)

    # --- bytes ------------------------------------------------------------------------------------------------------

    async def progress(self, session: UploadSession) -> UploadProgress:
        """The true offset; `post_id` once TikTok has taken every byte."""
        sending = self._sending(session, None)
        return _progress(sending, await sending.offset())

    async def upload(
        self, draft: PostDraft, session: UploadSession, files: PostFiles, checkpoint: Checkpoint
    ) -> UploadProgress:
        """Sends all but the last chunk."""
        sending = self._sending(session, checkpoint)
        offset = await sending.resume(self._url_life_s)
        async with feed_of(files.video) as feed:
            offset = await sending.advance(offset, feed)
        return _progress(sending, offset)

    async def ready(self, draft: PostDraft, session: UploadSession) -> Processing:
        """At once: TikTok processes only what is whole."""
        return Processing(state=ProcessingState.LIVE)

    async def publish(
        self, draft: PostDraft, session: UploadSession, files: PostFiles, checkpoint: Checkpoint
    ) -> PublishedPost:
        """Sends the last chunk (and all that is still missing before it), after a check whether that has been done.

        The post is not processed yet then, and may still fail: `processing` reports it."""
        sending = self._sending(session, checkpoint)
        offset = await sending.offset()
        async with feed_of(files.video) as feed:
            offset = await sending.advance(offset, feed)
            if offset < session.total:
                await sending.finish(offset, feed)
        return PublishedPost(post_id=sending.upload.publish_id)

    def _sending(self, session: UploadSession, checkpoint: Checkpoint | None) -> Sending:
        return Sending(
            self._client,
            self._api,
            session,
            upload_of(session, self._api.url, self._hosts),
            checkpoint,
            settle_s=self._settle_s,
            retry_wait_s=self._retry_wait_s,
            clock=self._clock,
        )

    # --- afterwards -------------------------------------------------------------------------------------------------

    async def reconcile(
        self, draft: PostDraft, session: UploadSession | None, armed_at: datetime | None
    ) -> Reconciliation:
        """What became of the post, by its publish_id, or where that is gone by the creator's public videos."""
        upload = upload_of(session, self._api.url, self._hosts) if session else None
        return await self._find.reconcile(draft, upload, armed_at)

    async def processing(self, draft: PostDraft, post: PublishedPost) -> Processing:
        """The state of TikTok's processing, and the post's public id and address once they are reported."""
        return await self._find.processing(draft, post)


def _progress(sending: Sending, offset: int) -> UploadProgress:
    total = sending.upload.cut.total
    post_id = sending.upload.publish_id if offset >= total else ""
    return UploadProgress(committed=offset, total=total, post_id=post_id)
