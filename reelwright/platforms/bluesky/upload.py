"""Bluesky's video service: an upload in parts, then a job that puts the finished video on the account's server
(docs/platforms/bluesky.md#video).

Parts may be sent again, and the service reports which it has. Finishing may be repeated too, and returns the id of the
job: for a video that was uploaded before, the earlier job.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from reelwright.domain.errors import NeedsAuthorization, PlatformTransient, PostRejected, SessionLost
from reelwright.domain.formats import Platform
from reelwright.domain.ports.publishing import Checkpoint, PostFiles, VideoFacts
from reelwright.domain.publishing.posting import PostDraft, Processing, UploadSession

from ..common.source import Feed, feed_of
from .api import UPLOAD, BlueskyApi
from .errors import daily_limit
from .post import blob_in, caption_files, job_in, object_in, processing_of, sound_captions, text_in

_log = logging.getLogger(__name__)
JOB = r"[\w.:-]{1,256}"
_ENDED = ("failed", "aborted", "expired")
_START, _PART, _FINISH = (f"app.bsky.video.{name}" for name in ("startUpload", "uploadPart", "finishUpload"))


@dataclass(frozen=True)
class Parts:
    """An upload, read from its session's state. `part` is the size of all its parts but the last, in bytes; `job` is
    the id of the processing job once all parts are uploaded, empty before."""

    id: str
    part: int
    job: str

    @classmethod
    def of(cls, session: UploadSession) -> Parts:
        """Raises `SessionLost` when the state is not one of ours."""
        state = session.state
        upload, part, job = text_in(state, "upload", JOB), state.get("part"), text_in(state, "job", JOB)
        if not upload or not isinstance(part, int) or part < 1:
            raise SessionLost("the stored upload session is not one of Bluesky's", field="upload")
        return cls(upload, part, job)


class BlueskyUploads:
    """The uploads of all accounts."""

    def __init__(self, api: BlueskyApi) -> None:
        self._api = api

    async def begin(self, draft: PostDraft, video: VideoFacts) -> UploadSession:
        """Opens an upload, after asking whether the account may. Repeating it is harmless: one that is not finished
        expires."""
        await self._allowed(draft.account, video.size)
        body = {
            "sizeBytes": video.size,
            "mimeType": video.media_type,
            "name": f"{draft.marker}.mp4",
            "durationMs": int(video.duration_s * 1000),
            "width": video.width,
            "height": video.height,
        }
        told = await self._api.video(draft.account, "POST", _START, "opening the upload", json=body)
        state = {
            "upload": text_in(told, "jobId", JOB),
            "part": told.get("partSizeBytes"),
            "expires": text_in(told, "expiresAt"),
            "size": [video.width, video.height],
        }
        session = UploadSession(platform=Platform.BLUESKY, account=draft.account, total=video.size, state=state)
        try:
            Parts.of(session)
        except SessionLost:
            raise PlatformTransient(
                "Bluesky opened an upload without telling its parts", field="upload", remedy="it is tried again"
            ) from None
        return session

    async def _allowed(self, account: str, size: int) -> None:
        """The service's own word on whether it would take the video now."""
        limits = await self._api.video(
            account, "GET", "app.bsky.video.getUploadLimits", "asking for the limits of uploads", limits=True
        )
        videos, room = limits.get("remainingDailyVideos"), limits.get("remainingDailyBytes")
        why = text_in(limits, "message") or text_in(limits, "error")
        if videos == 0 or (isinstance(room, int) and room < size):
            raise daily_limit(self._api.clock(), why or f"{videos} videos and {room} bytes are left")
        if limits.get("canUpload") is False:
            raise NeedsAuthorization(
                f"Bluesky takes no videos of the account: {why or 'no reason given'}",
                field="account",
                remedy="confirm the account's e-mail address on Bluesky",
            )

    async def committed(self, session: UploadSession) -> int:
        """How many bytes the service has, from the first on without a gap."""
        parts = Parts.of(session)
        if parts.job:
            return session.total
        received = await self._received(session, parts)
        return session.total if received is None else min(session.total, _run(received) * parts.part)

    async def _received(self, session: UploadSession, parts: Parts) -> set[int] | None:
        """The parts the service has, or None once finishing was requested. Raises `SessionLost` for an upload that
        has ended without a video."""
        self._check_time(session)
        params = {"jobId": parts.id}
        told = await self._api.video(
            session.account, "GET", "app.bsky.video.getUploadStatus", "asking about the upload", params=params
        )
        state = text_in(told, "state")
        if state in _ENDED:
            reason = text_in(told, "failureReason") or "no reason given"
            raise SessionLost(f"the upload is {state}: {reason}", field="upload", remedy="a new upload is begun")
        if state in ("completed", "finishing"):
            return None
        listed = told.get("receivedParts")
        return {number for number in listed if isinstance(number, int)} if isinstance(listed, list) else set()

    def _check_time(self, session: UploadSession) -> None:
        try:
            expires = datetime.fromisoformat(text_in(session.state, "expires"))
        except ValueError:
            return  # the service itself reports it
        expires = expires if expires.tzinfo else expires.replace(tzinfo=UTC)
        if expires <= self._api.clock():
            raise SessionLost("the upload has expired", field="upload", remedy="a new upload is begun")

    async def upload(
        self, draft: PostDraft, session: UploadSession, files: PostFiles, checkpoint: Checkpoint
    ) -> UploadSession:
        """Sends the parts that are missing, finishes, and uploads the captions; the session as it then stands."""
        parts = Parts.of(session)
        if not parts.job:
            received = await self._received(session, parts)
            if received is not None:
                async with feed_of(files.video) as feed:
                    await self._send(session, parts, received, feed, checkpoint)
            session = await self._finish(session, parts, checkpoint)
        return await self._captions(draft, session, files, checkpoint)

    async def _send(
        self, session: UploadSession, parts: Parts, received: set[int], feed: Feed, checkpoint: Checkpoint
    ) -> None:
        for number in range(1, -(-session.total // parts.part) + 1):
            if number in received:
                continue
            start = (number - 1) * parts.part
            length = min(parts.part, session.total - start)
            await self._api.video(
                session.account,
                "POST",
                _PART,
                "uploading",
                params={"jobId": parts.id, "partNumber": str(number)},
                headers={"Content-Type": "application/octet-stream", "Content-Length": str(length)},
                content=feed.chunk(start, length),
            )
            received.add(number)
            await checkpoint(session, min(session.total, _run(received) * parts.part))

    async def _finish(self, session: UploadSession, parts: Parts, checkpoint: Checkpoint) -> UploadSession:
        """Repeatable. The token it comes with is the one that the service later stores the video with."""
        told = await self._api.video(
            session.account, "POST", _FINISH, "finishing the upload", fresh=True, json={"jobId": parts.id}
        )
        job = text_in(told, "completedJobId", JOB) or text_in(job_in(told), "jobId", JOB) or parts.id
        session = noted(session, job=job, blob=blob_in(job_in(told)))
        await checkpoint(session, session.total)
        return session

    async def _captions(
        self, draft: PostDraft, session: UploadSession, files: PostFiles, checkpoint: Checkpoint
    ) -> UploadSession:
        """One blob per language. A track that Bluesky will not have is left out: the post is worth more without it."""
        done = object_in(session.state, "captions")
        for file in caption_files(draft):
            if file.language in done:
                continue
            data = await files.read(file.file)
            if not sound_captions(data):
                _log.warning("the %s captions are no WebVTT of Bluesky's size and are left out", file.language)
                continue
            try:
                told = await self._api.write(
                    session.account, UPLOAD, "adding the captions", content=data, headers={"Content-Type": "text/vtt"}
                )
            except PostRejected as error:
                _log.warning("Bluesky takes no %s captions: %s", file.language, error)
                continue
            done = {**done, file.language: object_in(told, "blob")}
            session = noted(session, captions=done)
            await checkpoint(session, session.total)
        return session

    async def ready(self, session: UploadSession) -> tuple[Processing, dict[str, Any]]:
        """One reading of the job, and the video's blob once there is one."""
        parts = Parts.of(session)
        if not parts.job:
            raise SessionLost("the upload was not finished", field="upload", remedy="it is uploaded again")
        if blob := object_in(session.state, "blob"):
            return processing_of({"blob": blob}), blob
        job = job_in(await self._api.job(parts.job))
        return processing_of(job), blob_in(job)


def noted(session: UploadSession, **changes: Any) -> UploadSession:
    """The session with more in its state."""
    return session.model_copy(update={"state": {**session.state, **changes}})


def _run(received: set[int]) -> int:
    """How many parts there are from the first on without a gap."""
    count = 0
    while count + 1 in received:
        count += 1
    return count
