"""Bringing a post's media to LinkedIn (docs/platforms/linkedin.md#upload): nothing of it is visible, all may be
repeated."""

from __future__ import annotations

import json
from typing import Any

import httpx

from reelwright.domain.content.video import CaptionFile
from reelwright.domain.errors import PostRejected, SessionLost
from reelwright.domain.formats import Platform
from reelwright.domain.ports.publishing import Checkpoint, PostFiles, VideoFacts
from reelwright.domain.publishing.posting import (
    PostDraft,
    PostKind,
    Processing,
    ProcessingState,
    UploadProgress,
    UploadSession,
)

from ..common.caller import TIMEOUT
from ..common.http import again, json_body, readable, unreachable
from ..common.source import Feed, feed_of
from .api import LinkedInApi
from .post import caption_metadata
from .text import PAID
from .upload import Standing, judge, odd, progress_of, put, read_image, read_video

PUT_TRIES = 5
WAITING_S = 1_800.0
"""So long after it was finalized a video may still call itself unfinished."""
REFUSED = (400, 405, 415, 422)
"""Answers that mean that LinkedIn does not accept captions in this way."""


class LinkedInMedia:
    """The upload of one application's posts. `captions` and `thumbnail`: whether they are sent with a video."""

    def __init__(self, api: LinkedInApi, *, captions: bool, thumbnail: bool) -> None:
        self._api = api
        self._captions = captions
        self._thumbnail = thumbnail

    async def begin(self, draft: PostDraft, video: VideoFacts) -> UploadSession:
        """Opens an upload. One that gets no bytes leaves nothing behind. An article's session has a total of 0."""
        author = await self._api.author(draft)
        state: dict[str, Any] = {"author": author, "opened": self._api.now(), "notes": not_told(draft)}
        if draft.kind is PostKind.ARTICLE:
            if draft.thumbnail:
                state |= read_image(await self._initialize(draft, "images", {"owner": author}), self._api.url)
            return UploadSession(platform=Platform.LINKEDIN, account=draft.account, total=0, state=state)
        wanted = {
            "owner": author,
            "fileSizeBytes": video.size,
            "uploadCaptions": self._captions and _srt(draft) is not None,
            "uploadThumbnail": self._thumbnail and draft.thumbnail is not None,
        }
        state |= read_video(await self._initialize(draft, "videos", wanted), video.size, self._api.url)
        return UploadSession(platform=Platform.LINKEDIN, account=draft.account, total=video.size, state=state)

    async def _initialize(self, draft: PostDraft, resource: str, wanted: dict[str, Any]) -> dict[str, Any] | None:
        path, body = f"/rest/{resource}?action=initializeUpload", {"initializeUploadRequest": wanted}
        return json_body(await self._api.action(draft.account, path, body, "opening the upload", wanted["owner"]))

    def progress(self, session: UploadSession) -> UploadProgress:
        """What the stored ETags acknowledge: LinkedIn has no call that lists received parts. Raises `SessionLost` once
        the addresses have expired before everything was sent."""
        state = session.state
        done = state.get("finalized") or "picture" in state.get("sent", ())
        if not done and 0 < state.get("expires", 0) <= self._api.now():
            raise SessionLost("the upload's addresses have expired", field="upload", remedy="a new upload is begun")
        return progress_of(session)

    async def send(
        self, draft: PostDraft, session: UploadSession, files: PostFiles, checkpoint: Checkpoint
    ) -> UploadProgress:
        """Sends the parts that are still missing, then cover and subtitles, and finalizes; or an article's picture."""
        self.progress(session)
        now = Standing(session, checkpoint)
        if now["video"] and not now["finalized"]:
            async with feed_of(files.video) as feed:
                await self._parts(now, feed)
            await self._cover(now, draft, files)
            await self._subtitles(now, draft, files)
            await self._finalize(now)
        elif now["image"] and draft.thumbnail and "picture" not in now["sent"]:
            await self._put(now["image_url"], await files.read(draft.thumbnail))
            await now.sent("picture")
        return progress_of(now.session)

    async def _parts(self, now: Standing, feed: Feed) -> None:
        for number, part in enumerate(now["parts"]):
            if part["etag"]:
                continue
            etag = await self._put(part["url"], await feed.take(part["first"], part["size"]))
            if not etag:
                raise odd("took a part of the video without an ETag for it")
            await now.acknowledge(number, etag)

    async def _put(self, url: str, data: bytes) -> str:
        return await again(lambda: put(self._api.client, url, data), attempts=PUT_TRIES, wait_s=self._api.retry_wait_s)

    async def _cover(self, now: Standing, draft: PostDraft, files: PostFiles) -> None:
        if not draft.thumbnail or not self._thumbnail or "thumbnail" in now["sent"]:
            return
        if not now["thumbnail"]:
            await now.sent("thumbnail", "LinkedIn named no address for the thumbnail: posted without it")
            return
        await self._put(now["thumbnail"], await files.read(draft.thumbnail))
        await now.sent("thumbnail")

    async def _subtitles(self, now: Standing, draft: PostDraft, files: PostFiles) -> None:
        """One SRT file, as a form with its language. What this address takes is hardly documented, so a plain refusal
        is noted and the video posted without."""
        track = _srt(draft)
        if not track or not self._captions or "captions" in now["sent"]:
            return
        if not now["captions"]:
            await now.sent("captions", "LinkedIn named no address for the captions: posted without them")
            return
        status = await self._form(now["captions"], track, await files.read(track.file))
        await now.sent("captions", f"LinkedIn refused the captions (HTTP {status})" if status in REFUSED else "")

    async def _form(self, url: str, track: CaptionFile, data: bytes) -> int:
        metadata = json.dumps(caption_metadata(track.language)).encode()
        form = [
            ("metadata", ("metadata.json", metadata, "application/json")),
            ("file", ("captions.srt", data, "application/octet-stream")),
        ]

        async def once() -> int:
            try:
                response = await self._api.client.post(url, files=form, timeout=TIMEOUT, follow_redirects=False)
            except httpx.HTTPError as error:
                raise unreachable("LinkedIn's upload", error) from None
            if response.status_code not in REFUSED:
                judge(response)
            return response.status_code

        return await again(once, attempts=PUT_TRIES, wait_s=self._api.retry_wait_s)

    async def _finalize(self, now: Standing) -> None:
        """Names the parts in order. If LinkedIn refuses because that was done already (its answer was lost), the
        video's own status shows it."""
        request = {
            "video": now["video"],
            "uploadToken": now["token"],
            "uploadedPartIds": [part["etag"] for part in now["parts"]],
        }
        account, path = now.session.account, "/rest/videos?action=finalizeUpload"
        try:
            await self._api.action(
                account, path, {"finalizeUploadRequest": request}, "finalizing the upload", now["author"]
            )
        except PostRejected as refused:
            found = await self._api.read(account, "videos", now["video"], now["author"])
            if found is None:
                raise SessionLost(
                    "LinkedIn no longer knows the video", field="upload", remedy="upload it anew"
                ) from None
            if found.get("status") not in ("PROCESSING", "AVAILABLE"):
                raise refused from None
        await now.change(finalized=self._api.now())

    async def ready(self, draft: PostDraft, session: UploadSession) -> Processing:
        """Reads the video's status once. An article is ready at once: its picture's status may not be read. The
        reason of a ready one names what could not be included."""
        video, notes = session.state.get("video", ""), "; ".join(session.state.get("notes", ()))
        if not video:
            return Processing(state=ProcessingState.LIVE, reason=notes)
        found = await self._api.read(draft.account, "videos", video, session.state["author"]) or {}
        status = found.get("status", "not there yet")
        if status == "AVAILABLE":
            return Processing(state=ProcessingState.LIVE, reason=notes)
        if status == "PROCESSING_FAILED":
            why = found.get("processingFailureReason")
            told = readable(why) if isinstance(why, str) and why else "it gives no reason"
            return Processing(
                state=ProcessingState.FAILED, reason=f"LinkedIn could not process the video: {told}", again=True
            )
        if status == "WAITING_UPLOAD" and self._api.now() - session.state.get("finalized", 0.0) > WAITING_S:
            # Announced captions or a thumbnail that did not come may be what it waits for.
            why = (
                "it still waits for something to be uploaded; REELWRIGHT_LINKEDIN_CAPTIONS=false and "
                "REELWRIGHT_LINKEDIN_THUMBNAIL=false leave that out of the next ones"
            )
            return Processing(state=ProcessingState.FAILED, reason=f"LinkedIn does not process the video: {why}")
        return Processing(state=ProcessingState.PROCESSING, reason=f"the video is {str(status)[:40]}")


def _srt(draft: PostDraft) -> CaptionFile | None:
    """The caption track that goes with the video: LinkedIn takes one, as SRT; the video's own language goes first."""
    tracks = [track for track in draft.captions if track.kind == "srt"]
    return next((track for track in tracks if track.language == draft.language), tracks[0] if tracks else None)


def not_told(draft: PostDraft) -> list[str]:
    """Disclosures of the draft's flags for which LinkedIn has no field, and which a caption given by a person may
    not contain either."""
    told = "LinkedIn has no field for paid partnerships: the caption must say it"
    return [told] if draft.paid_partnership and draft.caption and PAID not in draft.caption else []
