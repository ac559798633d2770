"""Posting to YouTube through Data API v3. Implements `domain.ports.Publisher`.

On YouTube a video exists from the last byte of its upload on; there is no separate call to publish it. So `upload`
sends everything but the last piece (at most 256 KiB), which leaves nothing on the channel, and `publish` sends that
piece. The upload session then works like an idempotency key: asked again, it answers with the video it became.

Source: platform_apis.md sections 1 and 8.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
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
from reelwright.domain.posting import (
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
from reelwright.domain.posting_ports import Checkpoint, PostFiles, VideoFacts
from reelwright.domain.quota import QuotaReading

from . import youtube_video
from .feed import Feed, feed_of
from .google import google_error
from .http import again, body_kind, json_body, keep_secrets_out_of_logs, unreachable
from .oauth import AccessTokens
from .resumable import GRANULE, Refused, ResumableSession, Send, Standing, trusted

_log = logging.getLogger(__name__)

CHUNK = 8 << 20
TIMEOUT = httpx.Timeout(connect=15, read=120, write=60, pool=120)
"""The answer to a chunk comes only when it is stored, hence the long read."""
STALLS = 6
"""So many tries in a row that add nothing, and the attempt ends; the next one goes on where this one stopped."""
LAST_TRIES = 5
LISTED_PAGES = 6
"""Pages of 50 own uploads, newest first, that are searched for a marker: three days at YouTube's 100 a day."""
LONGEST_WAIT_S = 30.0
"""A wait that the platform asks for and that is longer than this is slept by the workflow."""


class YouTubePublisher:
    """`client` is shared and closed by its owner. `chunk_size` in bytes is rounded down to a multiple of 256 KiB and
    is what one upload holds in memory; `retry_wait_s` is the first pause between tries within one call."""

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
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        keep_secrets_out_of_logs()
        self._client = client
        self._tokens = tokens
        self._api_url = api_url.rstrip("/")
        self._watch_url = watch_url
        self._chunk = max(GRANULE, chunk_size // GRANULE * GRANULE)
        self._retry_wait_s = retry_wait_s
        self._clock = clock

    # --- before -----------------------------------------------------------------------------------------------------

    def validate(self, draft: PostDraft, video: VideoFacts) -> PostKind:
        """Checks a post against YouTube's limits. Raises `PostRejected` naming the field."""
        youtube_video.check(draft, width=video.width, height=video.height, duration_s=video.duration_s, size=video.size)
        return PostKind.VIDEO

    def extras(self, draft: PostDraft) -> tuple[Extra, ...]:
        """None yet."""
        return ()

    async def begin(self, draft: PostDraft, video: VideoFacts) -> UploadSession:
        """Opens a session. Repeating it is harmless: a session that gets no bytes leaves nothing behind."""
        send = self._sender(draft.account)
        headers = {"X-Upload-Content-Type": video.media_type, "X-Upload-Content-Length": str(video.size)}
        params = {"uploadType": "resumable", "part": "snippet,status"}

        async def start() -> httpx.Response:
            return await self._answer(
                send,
                "POST",
                "/upload/youtube/v3/videos",
                "opening the upload",
                params=params,
                headers=headers,
                json=youtube_video.metadata(draft),
            )

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
        """Sends the last piece (and whatever is still missing before it), after asking whether that has been done.

        `OutcomeUnknown` only when the last byte was sent and neither its answer nor the session's tells."""
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
        """Sends chunks until only the last piece is missing, always from where YouTube says it stands."""
        stalled, target = 0, _last_piece(session.total)
        while not standing.done and standing.committed < target:
            before = standing.committed
            data = await feed.take(before, min(self._chunk, target - before))
            standing = await self._piece(opened, before, data)
            if standing.committed > before:
                stalled = 0
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

    async def _piece(self, opened: ResumableSession, start: int, data: bytes) -> Standing:
        """One chunk. When it fails in passing, what the session says is what counts."""
        try:
            return await opened.put(start, data)
        except httpx.HTTPError as error:
            _log.info("a chunk of the upload was interrupted (%s); asking how far it came", type(error).__name__)
        except Refused as refused:
            error_ = google_error(refused.response, self._clock(), doing="uploading")
            if not isinstance(error_, PlatformTransient) or (error_.retry_after_s or 0) > LONGEST_WAIT_S:
                raise error_ from None
            await asyncio.sleep(error_.retry_after_s or 0)
        return await self._probe(opened)

    async def _finish(self, opened: ResumableSession, standing: Standing, feed: Feed, total: int) -> Standing:
        """The irreversible request. Whatever comes of it but a plain success, the session is asked what happened."""
        data = await feed.take(standing.committed, total - standing.committed)
        failure: ReelwrightError | None = None
        try:
            after = await opened.put(standing.committed, data)
            if not after.done or youtube_video.id_of(after.resource):
                return after
        except httpx.HTTPError as error:
            failure = unreachable("YouTube", error)
        except Refused as refused:
            failure = google_error(refused.response, self._clock(), doing="the video")
        except PlatformTransient as error:
            failure = error
        try:
            after = await self._probe(opened)
        except ReelwrightError as error:
            if isinstance(failure, PostRejected | NeedsAuthorization):
                raise failure from None  # a plain refusal stands on its own
            raise _unknown(
                f"the last byte was sent, and YouTube does not tell what came of it ({error.message})"
            ) from (failure or error)
        if after.done or failure is None or isinstance(failure, PlatformTransient):
            return after
        raise failure

    def _open(self, session: UploadSession) -> ResumableSession:
        uri = session.state.get("uri")
        if not isinstance(uri, str) or not trusted(uri, self._api_url):
            raise SessionLost("the stored upload session is not one of YouTube's", field="upload")
        return ResumableSession(self._sender(session.account), uri, session.total, api_url=self._api_url)

    async def _probe(self, opened: ResumableSession) -> Standing:
        async def probe() -> Standing:
            try:
                return await opened.probe()
            except Refused as refused:
                raise google_error(refused.response, self._clock(), doing="asking about the upload") from None

        return await again(probe, attempts=4, wait_s=self._retry_wait_s)

    def _pause(self, turn: int) -> float:
        """Seconds before try number `turn`; none before the first."""
        return float(min(20.0, self._retry_wait_s * 2 ** (turn - 1))) if turn else 0.0

    # --- afterwards -------------------------------------------------------------------------------------------------

    async def reconcile(
        self, draft: PostDraft, session: UploadSession | None, armed_at: datetime | None
    ) -> Reconciliation:
        """What became of the post. A live session knows for certain: a video exists from the last byte on, and the
        same session makes no second one, so an incomplete one is `absent`. Without one the channel's own uploads are
        searched for the marker; new uploads may be listed late, so not finding it there is `unknown`."""
        if session is not None:
            try:
                standing = await self._probe(self._open(session))
            except SessionLost:
                _log.info("the upload session is gone; looking among the channel's uploads")
            else:
                if not standing.done:
                    return Reconciliation(outcome="absent")
                if post_id := youtube_video.id_of(standing.resource):
                    return Reconciliation(outcome="posted", post=self._post(post_id))
        async for item in self._uploads(draft.account):
            if draft.marker in youtube_video.tags_of(item) and (post_id := youtube_video.id_of(item)):
                return Reconciliation(outcome="posted", post=self._post(post_id))
        return Reconciliation(outcome="unknown")

    async def _uploads(self, account: str) -> AsyncIterator[dict[str, Any]]:
        """The account's own videos, newest first, with snippet and status."""
        channels = await self._get(account, "channels", {"part": "contentDetails", "mine": "true"})
        playlist = youtube_video.uploads_playlist(channels)
        if not playlist:
            raise NeedsAuthorization(
                "the Google account has no YouTube channel", field="account", remedy="authorise one that has"
            )
        page: dict[str, str] = {}
        for _ in range(LISTED_PAGES):
            params = {"part": "contentDetails", "playlistId": playlist, "maxResults": "50", **page}
            listed = await self._get(account, "playlistItems", params)
            if ids := youtube_video.listed_ids(listed):
                found = await self._get(account, "videos", {"part": "snippet,status", "id": ",".join(ids)})
                for item in youtube_video.items_of(found):
                    yield item
            token = listed.get("nextPageToken")
            if not isinstance(token, str) or not token:
                return
            page = {"pageToken": token}

    async def processing(self, draft: PostDraft, post: PublishedPost) -> Processing:
        """What YouTube makes of the video. One that is not listed counts as processing: reads lag behind uploads."""
        account, post_id = draft.account, post.post_id
        if not re.fullmatch(youtube_video.ID, post_id):
            raise PostRejected(f"{post_id[:40]!r} is not a video's id", field="post_id")
        answer = await self._get(account, "videos", {"part": "status,processingDetails", "id": post_id})
        items = youtube_video.items_of(answer)
        if not items:
            return Processing(state=ProcessingState.PROCESSING, reason="not listed yet, or deleted")
        return youtube_video.processing_of(items[0])

    async def attach(self, draft: PostDraft, post: PublishedPost, extra: Extra, files: PostFiles, before: str) -> str:
        """Nothing is announced by `extras`, so nothing can be asked for."""
        raise PostRejected(f"YouTube has no place for it ({extra.kind.value})", field=extra.name)

    async def attached(self, draft: PostDraft, post: PublishedPost, extra: Extra) -> str | None:
        """See `attach`."""
        return None

    async def delete(self, account: str, post_id: str) -> None:
        """videos.delete is not asked for yet."""
        raise PostRejected("deleting is not offered", field="post_id", remedy="delete it in YouTube Studio")

    async def quota(self, account: str) -> Sequence[QuotaReading]:
        """YouTube reports none."""
        return ()

    def _post(self, post_id: str) -> PublishedPost:
        return PublishedPost(post_id=post_id, url=self._watch_url.replace("{id}", post_id))

    # --- HTTP -------------------------------------------------------------------------------------------------------

    def _sender(self, account: str) -> Send:
        """Requests with the account's token; one that is refused is renewed once, and the same request made again."""

        async def send(method: str, url: str, *, headers: dict[str, str] | None = None, **rest: Any) -> httpx.Response:
            async def once(token: str) -> httpx.Response:
                authorised = {**(headers or {}), "Authorization": f"Bearer {token}"}
                return await self._client.request(
                    method, url, headers=authorised, timeout=TIMEOUT, follow_redirects=False, **rest
                )

            token = await self._tokens.access_token(account)
            response = await once(token)
            if response.status_code == 401:
                response = await once(await self._tokens.access_token(account, rejected=token))
            return response

        return send

    async def _answer(self, send: Send, method: str, path: str, doing: str, **rest: Any) -> httpx.Response:
        """A successful answer, or the typed error."""
        try:
            response = await send(method, self._api_url + path, **rest)
        except httpx.HTTPError as error:
            raise unreachable("YouTube", error) from None
        if response.status_code not in (200, 201):
            raise google_error(response, self._clock(), doing=doing)
        return response

    async def _get(self, account: str, resource: str, params: dict[str, str]) -> dict[str, Any]:
        send = self._sender(account)

        async def read() -> dict[str, Any]:
            response = await self._answer(send, "GET", f"/youtube/v3/{resource}", f"reading {resource}", params=params)
            body = json_body(response)
            if body is None:
                raise PlatformTransient(
                    f"reading {resource} gave {body_kind(response)}", field="youtube", remedy="it is tried again"
                )
            return body

        return await again(read, attempts=3, wait_s=self._retry_wait_s)


def _last_piece(total: int) -> int:
    """Where the last piece begins: the greatest multiple of 256 KiB that leaves at least one byte."""
    return (total - 1) // GRANULE * GRANULE


def _progress(session: UploadSession, standing: Standing) -> UploadProgress:
    return UploadProgress(
        committed=standing.committed, total=session.total, post_id=youtube_video.id_of(standing.resource)
    )


def _unknown(message: str) -> OutcomeUnknown:
    return OutcomeUnknown(message, field="post", remedy="look for it before posting it again")
