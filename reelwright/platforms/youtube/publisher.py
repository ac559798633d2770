"""Posting to YouTube through Data API v3. Implements `domain.ports.Publisher`.

On YouTube a video exists from the last byte of its upload on; there is no separate call to publish it. So `upload`
sends everything but the last piece (at most 256 KiB), which leaves nothing on the channel, and `publish` sends that
piece. The upload session then works like an idempotency key: a repeated request returns the video that was made from
it.

Source: docs/platforms/youtube.md, docs/platforms/README.md#retries.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from reelwright.domain.errors import (
    NeedsAuthorization,
    OutcomeUnknown,
    PlatformTransient,
    PostRejected,
    ReelwrightError,
    SessionLost,
)
from reelwright.domain.formats import Platform
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

from ..common.caller import Caller
from ..common.http import UNSENT, again, unreachable
from ..common.oauth import AccessTokens
from ..common.source import Chunk, Feed, feed_of
from . import post as youtube_video
from .api import YouTubeApi
from .errors import Doing, video_unknown
from .extras import YouTubeExtras, extras_of
from .upload import GRANULE, Refused, ResumableSession, Standing, trusted

_log = logging.getLogger(__name__)

CHUNK = 32 << 20
"""Between two chunks the wire stands still for a round trip and the work around it: on loopback 8 MiB cost a seventh
of the throughput, 32 MiB a tenth at most. Larger ones are acknowledged too rarely on a slow line (27 s at 10 Mbit/s).
"""
STALLS = 6
"""So many tries in a row that add nothing, and the attempt ends; the next one goes on where this one stopped."""
LAST_TRIES = 5
UPLOADING = Doing("uploading", scope="youtube.upload", bucket="inserts")
LISTED_PAGES = 40
"""Pages of 50 own uploads, newest first, that are searched for a marker at most."""
EARLIER = timedelta(days=1)
"""Uploads that much older than the arming of a post are not looked at: they cannot be it."""
LISTED_WITHIN_S = 24 * 3600.0
LONGEST_WAIT_S = 30.0
"""A wait longer than this, in seconds, that the platform requests is left to the workflow."""


class YouTubePublisher:
    """`client` is shared and closed by its owner. `chunk_size` in bytes is rounded down to a multiple of 256 KiB; it
    is not what is held in memory (`feed.KEPT` is). `retry_wait_s` is the first pause between tries within one call.

    `listed_within_s`: an upload that the channel does not list so long after it was armed never happened (how late
    uploads are listed is not documented). `comment_lag_s`: see `YouTubeExtras`."""

    platform = Platform.YOUTUBE

    def __init__(
        self,
        client: httpx.AsyncClient,
        tokens: AccessTokens,
        api_url: str = "https://youtube.googleapis.com",
        watch_url: str = "https://www.youtube.com/watch?v={id}",
        chunk_size: int = CHUNK,
        *,
        retry_wait_s: float = 1.0,
        listed_within_s: float = LISTED_WITHIN_S,
        comment_lag_s: float = 20.0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._api_url = api_url.rstrip("/")
        self._watch_url = watch_url
        self._chunk = max(GRANULE, chunk_size // GRANULE * GRANULE)
        self._retry_wait_s = retry_wait_s
        self._listed_within_s = listed_within_s
        self._clock = clock
        self._api = YouTubeApi(Caller(client, tokens), self._api_url, retry_wait_s=retry_wait_s, clock=clock)
        self._extras = YouTubeExtras(self._api, comment_lag_s=comment_lag_s)

    # --- before -----------------------------------------------------------------------------------------------------

    def validate(self, draft: PostDraft, video: VideoFacts, options: Mapping[str, str] = {}) -> PostKind:
        """Checks a post against YouTube's limits. Raises `PostRejected` naming the field."""
        return youtube_video.check(draft, video)

    def compose(self, draft: PostDraft, options: Mapping[str, str]) -> str:
        """The description."""
        return youtube_video.description(draft)

    def extras(self, draft: PostDraft) -> tuple[Extra, ...]:
        """Thumbnail, a caption track per language, first comment."""
        return extras_of(draft)

    async def begin(self, draft: PostDraft, video: VideoFacts) -> UploadSession:
        """Opens a session. Repeating it is harmless: a session that gets no bytes leaves nothing behind."""
        headers = {"X-Upload-Content-Type": video.media_type, "X-Upload-Content-Length": str(video.size)}
        told = youtube_video.metadata(draft)
        params = {"uploadType": "resumable", "part": ",".join(told)}
        doing = Doing("opening the upload", scope="youtube.upload", bucket="inserts")

        async def start() -> httpx.Response:
            path = "/upload/youtube/v3/videos"
            return await self._api.answer(draft.account, "POST", path, doing, params=params, headers=headers, json=told)

        response = await again(start, attempts=3, wait_s=self._retry_wait_s)
        uri = response.headers.get("location", "")
        if response.status_code != 200 or not trusted(uri, self._api_url):
            raise PlatformTransient(
                f"YouTube opened an upload (HTTP {response.status_code}) without a usable address for it",
                field="upload",
                remedy="it is tried again",
            )
        return UploadSession(platform=self.platform, account=draft.account, total=video.size, state={"uri": uri})

    # --- bytes ------------------------------------------------------------------------------------------------------

    async def progress(self, session: UploadSession) -> UploadProgress:
        """The true offset, or the video that the session has already become."""
        return _progress(session, await self._probe(self._open(session)))

    async def upload(
        self, draft: PostDraft, session: UploadSession, files: PostFiles, checkpoint: Checkpoint
    ) -> UploadProgress:
        """Sends all but the last piece. Small videos (up to 256 KiB) are all last piece: nothing is sent."""
        opened = self._open(session)
        standing = await self._probe(opened)
        async with feed_of(files.video) as feed:
            standing = await self._advance(opened, standing, feed, session, checkpoint)
        return _progress(session, standing)

    async def ready(self, draft: PostDraft, session: UploadSession) -> Processing:
        """At once: YouTube processes only what is whole."""
        return Processing(state=ProcessingState.LIVE)

    async def publish(
        self, draft: PostDraft, session: UploadSession, files: PostFiles, checkpoint: Checkpoint
    ) -> PublishedPost:
        """Sends the last piece (and all that is still missing before it), after a check whether that has been done.

        `OutcomeUnknown` only when the last byte was sent and neither its answer nor the session's decides."""
        opened = self._open(session)
        standing = await self._probe(opened)
        async with feed_of(files.video) as feed:
            standing = await self._advance(opened, standing, feed, session, checkpoint)
            for turn in range(LAST_TRIES):
                if standing.done:
                    break
                await asyncio.sleep(self._pause(turn))
                standing = await self._finish(opened, standing, feed, session.total)
        if not standing.done:
            raise PlatformTransient(
                "YouTube did not take the last piece of the video", field="upload", remedy="it is tried again"
            )
        if not (post_id := youtube_video.id_of(standing.resource)):
            raise _unknown("YouTube says that the upload is complete, and not which video it is")
        return self._post(post_id)

    async def _advance(
        self,
        opened: ResumableSession,
        standing: Standing,
        feed: Feed,
        session: UploadSession,
        checkpoint: Checkpoint,
    ) -> Standing:
        """Sends chunks until only the last piece is missing, always from the offset that YouTube reports."""
        stalled, target = 0, _last_piece(session.total)
        while not standing.done and standing.committed < target:
            before = standing.committed
            data = feed.chunk(before, min(self._chunk, target - before))
            standing = await self._piece(opened, before, data)
            if standing.committed > before:
                stalled = 0
                session = _moved(session, standing)
                await checkpoint(session, standing.committed)
                continue
            stalled += 1
            if stalled >= STALLS:
                raise PlatformTransient(
                    f"the upload stands still at byte {standing.committed:,}",
                    field="upload",
                    remedy="it is tried again",
                )
            await asyncio.sleep(self._pause(stalled))
        return standing

    async def _piece(self, opened: ResumableSession, start: int, data: Chunk) -> Standing:
        """One chunk. After a transient failure, the session's reported offset counts."""
        try:
            return await opened.put(start, data)
        except httpx.HTTPError as error:
            _log.info("a chunk of the upload was interrupted (%s); asking how far it came", type(error).__name__)
        except Refused as refused:
            error_ = self._api.refusal(refused.response, UPLOADING)
            if not isinstance(error_, PlatformTransient) or (error_.retry_after_s or 0) > LONGEST_WAIT_S:
                raise error_ from None
            await asyncio.sleep(error_.retry_after_s or 0)
        return await self._probe(opened)

    async def _finish(self, opened: ResumableSession, standing: Standing, feed: Feed, total: int) -> Standing:
        """The irreversible request. After anything but a plain success, the outcome is read from the session."""
        data = await feed.take(standing.committed, total - standing.committed)
        failure: ReelwrightError | None = None
        unsent = False
        try:
            after = await opened.put(standing.committed, data)
            if not after.done or youtube_video.id_of(after.resource):
                return after
        except httpx.HTTPError as error:
            unsent = isinstance(error, UNSENT)
            failure = unreachable("YouTube", error)
        except Refused as refused:
            failure = self._api.refusal(refused.response, replace(UPLOADING, what="the video"))
        except PlatformTransient as error:
            failure = error
        try:
            after = await self._probe(opened)
        except ReelwrightError as error:
            if failure and (unsent or isinstance(failure, PostRejected | NeedsAuthorization)):
                raise failure from None  # nothing left this machine, or a plain refusal: either stands on its own
            raise _unknown(
                f"the last byte was sent, and YouTube does not tell what came of it ({error.message})"
            ) from (failure or error)
        if after.done or failure is None or isinstance(failure, PlatformTransient):
            return after
        raise failure

    def _ours(self, session: UploadSession) -> bool:
        """Whether the session's address may be sent our token."""
        return trusted(str(session.state.get("uri")), self._api_url)

    def _open(self, session: UploadSession) -> ResumableSession:
        if not self._ours(session):
            raise SessionLost("the stored upload session is not one of YouTube's", field="upload")
        uri = str(session.state["uri"])
        return ResumableSession(self._api.sender(session.account), uri, session.total, api_url=self._api_url)

    async def _probe(self, opened: ResumableSession) -> Standing:
        async def probe() -> Standing:
            try:
                return await opened.probe()
            except Refused as refused:
                raise self._api.refusal(refused.response, replace(UPLOADING, what="asking about the upload")) from None

        return await again(probe, attempts=4, wait_s=self._retry_wait_s)

    def _pause(self, turn: int) -> float:
        """Seconds before try number `turn`; none before the first."""
        return float(min(20.0, self._retry_wait_s * 2 ** (turn - 1))) if turn else 0.0

    # --- afterwards -------------------------------------------------------------------------------------------------

    async def reconcile(
        self, draft: PostDraft, session: UploadSession | None, armed_at: datetime | None
    ) -> Reconciliation:
        """The post's outcome. A valid session decides with certainty: a video exists from the last byte on, and the
        same session makes no second one, so an incomplete one is `absent`. Without one the channel's own uploads are
        searched for the marker. New uploads may be listed late, so not finding it there is `unknown`, until long after
        the arming of an expired session, which can no longer be finished."""
        gone = False
        if session is not None and self._ours(session):
            try:
                standing = await self._probe(self._open(session))
            except SessionLost:
                _log.info("the upload session is gone; looking among the channel's uploads")
                gone = True
            else:
                if not standing.done:
                    return Reconciliation(outcome="absent")
                if post_id := youtube_video.id_of(standing.resource):
                    return Reconciliation(outcome="posted", post=self._post(post_id))
        oldest = armed_at - EARLIER if armed_at else None
        whole = False
        async for items in self._uploads(draft.account):
            for item in items:
                if draft.marker in youtube_video.tags_of(item) and (post_id := youtube_video.id_of(item)):
                    return Reconciliation(outcome="posted", post=self._post(post_id))
            dates = [at for at in map(youtube_video.published_at, items) if at]
            whole = not items or bool(oldest and dates and min(dates) < oldest)
            if whole:
                break
        late = armed_at is not None and self._clock() - armed_at > timedelta(seconds=self._listed_within_s)
        if gone and whole and late:
            return Reconciliation(
                outcome="absent", reason="the upload session is gone, and the channel does not list the video"
            )
        return Reconciliation(outcome="unknown", reason="the channel does not list the video, or not yet")

    async def _uploads(self, account: str) -> AsyncIterator[list[dict[str, Any]]]:
        """The account's own videos, newest first, with snippet and status, a page at a time; an empty one is the end.
        Within a page they are in no order."""
        channels = await self._api.get(account, "channels", {"part": "contentDetails", "mine": "true"}, field="account")
        playlist = youtube_video.uploads_playlist(channels)
        if not playlist:
            raise NeedsAuthorization(
                "the Google account has no YouTube channel", field="account", remedy="authorise one that has"
            )
        page: dict[str, str] = {}
        for _ in range(LISTED_PAGES):
            params = {"part": "contentDetails", "playlistId": playlist, "maxResults": "50", **page}
            listed = await self._api.get(account, "playlistItems", params)
            if ids := youtube_video.listed_ids(listed):
                found = await self._api.get(account, "videos", {"part": "snippet,status", "id": ",".join(ids)})
                if items := youtube_video.items_of(found):
                    yield items
            token = listed.get("nextPageToken")
            if not isinstance(token, str) or not token:
                yield []
                return
            page = {"pageToken": token}

    async def processing(self, draft: PostDraft, post: PublishedPost) -> Processing:
        """What YouTube makes of the video. One that is not listed counts as processing: reads lag behind uploads."""
        return await self._extras.processing(draft.account, youtube_video.checked_id(post.post_id))

    async def attach(self, draft: PostDraft, post: PublishedPost, extra: Extra, files: PostFiles, before: str) -> str:
        """Adds a thumbnail, a caption track or a comment. `PlatformTransient` while YouTube is not ready for it."""
        return await self._extras.attach(draft, youtube_video.checked_id(post.post_id), extra, files)

    async def attached(
        self, draft: PostDraft, post: PublishedPost, extra: Extra, since: datetime | None = None
    ) -> str | None:
        """Whether it is there, by YouTube's own reading."""
        return await self._extras.attached(draft, youtube_video.checked_id(post.post_id), extra)

    async def delete(self, account: str, post_id: str) -> None:
        """videos.delete; a video that is gone already is success."""
        params = {"id": youtube_video.checked_id(post_id)}
        doing = Doing("deleting the video", scope="youtube.force-ssl", field="post_id")

        async def remove() -> None:
            path = "/youtube/v3/videos"
            response = await self._api.answer(account, "DELETE", path, doing, also=404, params=params)
            if response.status_code == 404 and not video_unknown(response):
                raise self._api.refusal(response, doing)

        await again(remove, attempts=3, wait_s=self._retry_wait_s)

    def _post(self, post_id: str) -> PublishedPost:
        return PublishedPost(post_id=post_id, url=self._watch_url.replace("{id}", post_id))


def _moved(session: UploadSession, standing: Standing) -> UploadSession:
    """The session at the address that YouTube names for its continuation."""
    if not standing.uri or standing.uri == session.state.get("uri"):
        return session
    return session.model_copy(update={"state": {**session.state, "uri": standing.uri}})


def _last_piece(total: int) -> int:
    """Where the last piece begins: the greatest multiple of 256 KiB that leaves at least one byte."""
    return (total - 1) // GRANULE * GRANULE


def _progress(session: UploadSession, standing: Standing) -> UploadProgress:
    return UploadProgress(
        committed=standing.committed, total=session.total, post_id=youtube_video.id_of(standing.resource)
    )


def _unknown(message: str) -> OutcomeUnknown:
    return OutcomeUnknown(message, field="post", remedy="look for it before posting it again")
