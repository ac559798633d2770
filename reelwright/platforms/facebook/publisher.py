"""Posting to a Facebook page: reels, other videos, stories. Implements `domain.ports.publishing.Publisher`.

A reel or a story is started, gets its bytes through rupload, and exists when it is finished; other videos go up in
chunks, and exist when that is finished. The finishing call is the irreversible one. The video's id is known from the
start, so its own `publishing_phase` shows the outcome; for a story no read can prove that it was not posted.

Source: docs/platforms/README.md#differences, docs/platforms/facebook.md, docs/platforms/README.md#retries.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from reelwright.domain.errors import OutcomeUnknown, PlatformTransient, ReelwrightError, SessionLost
from reelwright.domain.formats import Platform
from reelwright.domain.platforms.facebook import PICTURES
from reelwright.domain.platforms.facts import PictureRules
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

from ..common.http import UNSENT, again, unreachable
from ..common.oauth import AccessTokens
from ..common.source import feed_of
from ..meta.api import VERSION, Graph, beginning, checked_id, object_id, succeeded, trusted
from ..meta.errors import CAP_WAIT_S, read_envelope
from ..meta.upload import Rupload
from . import post as fb
from .extras import FacebookExtras
from .lookup import EDGES, FacebookLookup, kind_of, stored
from .pictures import FacebookPictures
from .upload import LARGEST, Chunks, window_of

_log = logging.getLogger(__name__)


class FacebookPublisher:
    """`client` is shared and closed by its owner. `site_url` completes the addresses that Facebook returns without a
    host.

    `settle_s`: a processed video counts as not posted no sooner than this many seconds after it was armed;
    `absent_s`: one that is still being processed no sooner than that, since its publishing may only show
    afterwards. `chunk_size`: bytes of one classic transfer at most. `session_s`: a video that cannot be read and is
    older than this has expired (UNVERIFIED), and so has a photo after `photo_s`. `thumbnails`, `captions`: whether
    they are added to videos and reels (UNVERIFIED for reels).
    """

    platform = Platform.FACEBOOK

    def __init__(
        self,
        client: httpx.AsyncClient,
        tokens: AccessTokens,
        *,
        api_url: str = "https://graph.facebook.com",
        video_url: str = "https://graph-video.facebook.com",
        site_url: str = "https://www.facebook.com",
        version: str = VERSION,
        app_secret: str = "",
        settle_s: float = 120.0,
        absent_s: float = 900.0,
        chunk_size: int = LARGEST,
        session_s: float = 86_400.0,
        thumbnails: bool = True,
        captions: bool = True,
        limits: fb.Limits = fb.LIMITS,
        pictures: PictureRules = PICTURES,
        photo_s: float = 86_400.0,
        retry_wait_s: float = 1.0,
        cap_wait_s: float = CAP_WAIT_S,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._graph = Graph(
            client,
            tokens,
            self.platform,
            api_url=api_url,
            version=version,
            app_secret=app_secret,
            retry_wait_s=retry_wait_s,
            cap_wait_s=cap_wait_s,
            clock=clock,
        )
        self._extras = FacebookExtras(self._graph)
        self._video_url = video_url
        self._site_url = site_url.rstrip("/")
        absent = timedelta(seconds=absent_s)
        self._lookup = FacebookLookup(
            self._graph,
            self._site_url,
            settle=timedelta(seconds=settle_s),
            absent=absent,
            life=timedelta(seconds=session_s),
            clock=clock,
        )
        self._chunk_size = chunk_size
        self._thumbnails = thumbnails
        self._captions = captions
        self._limits = limits
        self._now = clock
        self._pictures = FacebookPictures(
            self._graph,
            pictures,
            limits=limits,
            site_url=self._site_url,
            absent_after=absent,
            life=timedelta(seconds=photo_s),
            clock=clock,
        )

    # --- before -----------------------------------------------------------------------------------------------------

    def validate(self, draft: PostDraft, video: VideoFacts, options: Mapping[str, str] = {}) -> PostKind:
        """Checks a post against Facebook's limits; `auto` is a reel where the shape fits one, else a video."""
        return fb.check(draft, video, self._limits, self.pictures)

    @property
    def pictures(self) -> PictureRules:
        """What a picture post may be."""
        return self._pictures.rules

    def check_address(self, address: str) -> None:
        """Facebook is given the bytes themselves."""

    def compose(self, draft: PostDraft, options: Mapping[str, str]) -> str:
        """The description; a story has none. What may become a reel, which shows no title, has the title in it."""
        if draft.kind is PostKind.STORY:
            return ""
        return fb.message_of(draft, self._limits, title=draft.kind is not PostKind.VIDEO)

    def extras(self, draft: PostDraft) -> tuple[Extra, ...]:
        """Thumbnail, caption tracks, first comment."""
        return fb.extras_of(draft, thumbnails=self._thumbnails, captions=self._captions)

    async def begin(self, draft: PostDraft, video: VideoFacts) -> UploadSession:
        """Opens an upload. Repeating it is harmless: what is not finished is never seen."""
        if draft.pictures:
            return await self._pictures.begin(draft)
        kind = fb.choose(draft, video)
        page, _ = await self._graph.owner(draft.account)
        url = self._edge(page, kind)
        with beginning():
            if kind is PostKind.VIDEO:
                chunks = Chunks(self._graph, url)
                state: dict[str, Any] = await again(
                    lambda: chunks.start(draft.account, video.size), attempts=3, wait_s=self._graph.retry_wait_s
                )
            else:
                state = await self._start(draft.account, f"{page}/{EDGES[kind]}")
        state |= {"kind": kind.value, "page": page, "begun": self._now().isoformat()}
        return UploadSession(platform=self.platform, account=draft.account, total=video.size, state=state)

    async def _start(self, account: str, edge: str) -> dict[str, Any]:
        told = await self._graph.post(account, edge, "opening the upload", {"upload_phase": "start"})
        video, uri = object_id(told.get("video_id")), told.get("upload_url")
        if not video or not isinstance(uri, str):
            raise PlatformTransient(
                "Facebook opened an upload without telling its id and address",
                field="upload",
                remedy="it is tried again",
            )
        return {"video": video, "uri": trusted(uri, self._graph.api_url)}

    def _edge(self, page: str, kind: PostKind) -> str:
        return self._graph.url(f"{page}/{EDGES[kind]}", self._video_url if kind is PostKind.VIDEO else "")

    # --- bytes ------------------------------------------------------------------------------------------------------

    async def progress(self, session: UploadSession) -> UploadProgress:
        """The true offset; of a classic upload, the last one that was reported."""
        chunked = kind_of(session) is PostKind.VIDEO
        held = window_of(session).start if chunked else await self._offset(session)
        return UploadProgress(committed=held, total=session.total)

    async def upload(
        self, draft: PostDraft, session: UploadSession, files: PostFiles, checkpoint: Checkpoint
    ) -> UploadProgress:
        """Sends the video from Facebook's own offset on."""
        if draft.pictures:
            return await self._pictures.upload(draft, session, files, checkpoint)
        done = UploadProgress(committed=session.total, total=session.total)
        kind, page = kind_of(session), checked_id(stored(session, "page"), "upload")
        if kind is PostKind.VIDEO:
            chunks = Chunks(self._graph, self._edge(page, kind), largest=self._chunk_size)
            async with feed_of(files.video) as feed:
                await chunks.transfer(session, feed, checkpoint)
            return done

        async def acknowledged(committed: int) -> None:
            await checkpoint(session, committed)

        doubt = await Rupload(
            self._graph,
            session.account,
            trusted(stored(session, "uri"), self._graph.api_url),
            session.total,
            files.video,
            offset=lambda: self._offset(session),
            acknowledged=acknowledged,
        ).send()
        if doubt:
            _log.warning("Facebook's upload ended with an error (%s); the video's state decides", doubt.reason)
            standing = await self._lookup.standing(session)
            if not standing.uploaded:
                raise SessionLost(f"the upload failed: {doubt.reason}", field="upload", remedy="a new one is begun")
        return done

    async def _offset(self, session: UploadSession) -> int:
        standing = await self._lookup.standing(session)
        if standing.failed:
            raise SessionLost(
                f"the upload has failed ({standing.reason or standing.video or 'in error'})",
                field="upload",
                remedy="a new one is begun",
            )
        return session.total if standing.uploaded else min(standing.held or 0, session.total)

    async def ready(self, draft: PostDraft, session: UploadSession) -> Processing:
        """A classic upload can be finished as soon as it is complete; a reel reports its own state."""
        if draft.pictures:
            return self._pictures.ready(draft, session)
        if kind_of(session) is PostKind.VIDEO:
            window = window_of(session)
            whole = window.start == window.end
            return Processing(state=ProcessingState.LIVE if whole else ProcessingState.PROCESSING)
        return fb.readiness(await self._lookup.standing(session))

    # --- the post ---------------------------------------------------------------------------------------------------

    async def publish(
        self, draft: PostDraft, session: UploadSession, files: PostFiles, checkpoint: Checkpoint
    ) -> PublishedPost:
        """The finishing call, after a check whether it has already been made. After any answer but a plain success or a
        plain refusal, the outcome is read from the video."""
        if draft.pictures:
            return await self._pictures.publish(draft, session, checkpoint)
        kind, page, video = kind_of(session), checked_id(stored(session, "page"), "upload"), stored(session, "video")
        if kind is not PostKind.STORY and (before := await self._before(session, kind)):
            return before
        form = {"upload_phase": "finish", **fb.texts_of(draft, kind, self._limits)}
        if kind is PostKind.VIDEO:
            form |= {"upload_session_id": stored(session, "upload"), "published": "true"}
        else:
            form |= {"video_id": video, "video_state": "PUBLISHED"}
        try:
            response = await self._graph.send(session.account, "POST", self._edge(page, kind), data=form)
        except UNSENT as error:
            raise unreachable("Facebook", error) from None
        except httpx.HTTPError as error:
            return await self._after(session, unreachable("Facebook", error))
        told = succeeded(response)
        if told is None or told.get("success") is not True:
            envelope = read_envelope(response)
            failure = self._graph.error(response, "the post")
            if envelope and envelope.nothing_posted:
                raise failure
            return await self._after(session, failure)
        if kind is PostKind.STORY:
            return PublishedPost(post_id=object_id(told.get("post_id")) or video)
        return PublishedPost(post_id=video, url=await self._lookup.permalink(session))

    async def _before(self, session: UploadSession, kind: PostKind) -> PublishedPost | None:
        """The post that is there already."""
        standing = await (self._lookup.seen(session) if kind is PostKind.VIDEO else self._lookup.standing(session))
        if standing is None or not standing.published:
            return None
        return PublishedPost(post_id=stored(session, "video"), url=standing.permalink)

    async def _after(self, session: UploadSession, failure: ReelwrightError) -> PublishedPost:
        """Only a video in state published decides it here; any other state may still change."""
        if kind_of(session) is not PostKind.STORY:
            try:
                standing = await self._lookup.seen(session)
                if standing and standing.published:
                    return PublishedPost(post_id=stored(session, "video"), url=standing.permalink)
            except ReelwrightError as error:
                _log.info("the video could not be read after posting: %s", error.message)
        raise OutcomeUnknown(
            f"Facebook does not tell what came of the post ({failure.message})",
            field="post",
            remedy="look for it before posting it again",
        ) from failure

    # --- afterwards -------------------------------------------------------------------------------------------------

    async def reconcile(
        self, draft: PostDraft, session: UploadSession | None, armed_at: datetime | None
    ) -> Reconciliation:
        """By the video's own `publishing_phase`; a story by the page's list of stories, which can only confirm a
        post."""
        if draft.pictures:
            return await self._pictures.reconcile(draft, session, armed_at)
        return await self._lookup.reconcile(session, armed_at)

    async def processing(self, draft: PostDraft, post: PublishedPost) -> Processing:
        """What Facebook makes of the video, and its address. A story has no such reading."""
        if draft.pictures:
            return await self._pictures.processing(draft, post)
        if draft.kind is PostKind.STORY:
            return Processing(state=ProcessingState.LIVE)
        video = checked_id(post.post_id, "post_id")
        node = await self._graph.find(draft.account, video, "reading the video", fields="status,permalink_url")
        if node is None:
            return Processing(state=ProcessingState.PROCESSING, reason="not listed yet, or deleted")
        standing = fb.standing_of(node, self._site_url)
        better = PublishedPost(post_id=video, url=standing.permalink) if standing.permalink else None
        if standing.failed:
            return fb.failure(standing)
        live = standing.processed and standing.published
        return Processing(state=ProcessingState.LIVE if live else ProcessingState.PROCESSING, post=better)

    async def attach(self, draft: PostDraft, post: PublishedPost, extra: Extra, files: PostFiles, before: str) -> str:
        """A thumbnail, a caption track or the first comment."""
        return await self._extras.attach(draft.account, post, extra, files)

    async def attached(
        self, draft: PostDraft, post: PublishedPost, extra: Extra, since: datetime | None = None
    ) -> str | None:
        """See `FacebookExtras.attached`."""
        return await self._extras.attached(draft.account, post, extra)

    async def delete(self, account: str, post_id: str) -> None:
        """One that is gone is success; `success: false` is a failure, even on HTTP 200
        (docs/platforms/facebook.md#after-the-post)."""
        video = checked_id(post_id, "post_id")
        if await self._graph.find(account, video, "reading the post", fields="id") is not None:
            await self._graph.once(account, "DELETE", self._graph.url(video), "the deletion")
