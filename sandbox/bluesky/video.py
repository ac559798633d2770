"""Bluesky's video service in the sandbox: uploads in parts, the upload in one piece, and jobs.

Source: docs/platforms/bluesky.md#video. An upload is a `Session` whose id is its job's. When the job is done, the video
is a blob on the account's server: the same `Session`, found by its `cid`.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import replace
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from ..store import SandboxStore, Session, iso
from ..wire import NoAnswer, drain, take_fault, write_at
from . import nouns
from .access import DAY_S, UPLOAD, Access
from .nouns import PDS_DID, PLATFORM, VIDEO_DID, Refusal, invalid

MAX_VIDEO, MAX_MS = 300_000_000, 600_000
TYPES = ("video/mp4", "video/mpeg", "video/webm", "video/quicktime", "image/gif")


class Videos:
    """The service, over a store."""

    def __init__(self, store: SandboxStore, access: Access) -> None:
        self._store = store
        self._access = access

    # --- uploads ----------------------------------------------------------------------------------------------------

    async def limits(self, request: Request) -> Response:
        """`getUploadLimits`."""
        account = self._access.serviced(request, VIDEO_DID, "app.bsky.video.getUploadLimits")
        if account in self._access.settings().unconfirmed:
            told = {"canUpload": False, "error": "unconfirmed_email", "message": "Please verify your email address."}
            return JSONResponse(told)
        videos, room = self._left(account)
        told = {"canUpload": videos > 0 and room > 0, "remainingDailyVideos": videos, "remainingDailyBytes": room}
        return JSONResponse(told)

    def _left(self, account: str) -> tuple[int, int]:
        settings, day = self._access.settings(), str(int(self._store.now() // DAY_S))
        owner = f"{PLATFORM}:{account}"
        used = self._store.used(owner, "videos", day), self._store.used(owner, "video_bytes", day)
        return max(0, settings.videos_per_day - used[0]), max(0, settings.bytes_per_day - used[1])

    def _charge(self, account: str, size: int) -> None:
        settings, day, owner = self._access.settings(), str(int(self._store.now() // DAY_S)), f"{PLATFORM}:{account}"
        videos = self._store.charge(owner, "videos", day, 1, settings.videos_per_day)
        if not videos or not self._store.charge(owner, "video_bytes", day, size, settings.bytes_per_day):
            raise Refusal(400, "DailyLimitExceeded", "You have reached your daily upload limit.")

    async def start(self, request: Request) -> Response:
        """`startUpload`: the number and the size of the parts to send."""
        account = self._access.serviced(request, PDS_DID, UPLOAD)
        asked = await nouns.read(request)
        size, media_type = asked.get("sizeBytes"), asked.get("mimeType")
        if not isinstance(size, int) or size < 1 or not isinstance(media_type, str):
            raise invalid("Input must have sizeBytes and mimeType")
        if media_type not in TYPES:
            raise invalid(f"{media_type[:40]} is not supported", "UnsupportedContentType")
        if size > MAX_VIDEO:
            raise invalid("The file is too large", "VideoTooLarge")
        if int(asked.get("durationMs", 0)) > MAX_MS:
            raise invalid("The video is too long", "VideoTooLong")
        if account in self._access.settings().unconfirmed:
            raise Refusal(403, "UploadForbidden", "Please verify your email address.")
        self._charge(account, size)
        return JSONResponse(_parts_of(self._open(account, size, media_type)))

    def _open(self, account: str, size: int, media_type: str) -> Session:
        now, settings = self._store.now(), self._access.settings()
        meta = {
            "state": "created",
            "part": settings.part_size,
            "received": [],
            "expires": now + settings.upload_s,
            "finished": 0.0,
            "polls": 0,
            "failure": "",
            "cid": "",
            "job": "",
        }
        session = Session(f"job{secrets.token_hex(10)}", PLATFORM, account, meta, media_type, size, created=now)
        self._store.add_session(session)
        return session

    async def part(self, request: Request) -> Response:
        """`uploadPart`: its length must be right, and it may come again."""
        session, number = self._own(request, "put"), _number(request)
        if session.meta["state"] == "completed":
            raise invalid("the upload is completed", "UploadAlreadyCompleted")
        start = (number - 1) * session.meta["part"]
        length = min(session.meta["part"], session.total - start)
        if number < 1 or length < 1:
            raise invalid("there is no such part", "InvalidPartNumber")
        if int(request.headers.get("content-length", "-1")) != length:
            raise invalid(f"part {number} has {length} bytes", "PartSizeMismatch")
        partial = take_fault(self._store, PLATFORM, "put", {"partial_commit"}, account=session.account)
        if not await self._written(request, session, start, length):
            return NoAnswer(request)
        if partial and partial.keep < length:
            raise invalid(f"part {number} came with {partial.keep} bytes", "PartSizeMismatch")
        session = self._store.session(session.id) or session
        received = sorted({*session.meta["received"], number})
        self._store.change_session(session.id, {**session.meta, "received": received})
        self._store.commit(session.id, min(session.total, len(received) * session.meta["part"]))
        return JSONResponse({"partNumber": number, "sizeBytes": length})

    async def _written(self, request: Request, session: Session, start: int, length: int) -> bool:
        """Whether all of a part came in."""
        span = (start, start + length)
        broken = take_fault(self._store, PLATFORM, "put", {"reset_at_byte"}, span, session.account)
        at = start
        try:
            with self._store.session_file(session.id).open("r+b") as file:
                async for block in request.stream():
                    write_at(file.fileno(), block, at)
                    at += len(block)
                    if broken and at > broken.at_byte:
                        return False
        except (ClientDisconnect, FileNotFoundError):
            return False
        return at == start + length

    async def status(self, request: Request) -> Response:
        """`getUploadStatus`."""
        session = self._own(request, "probe")
        told = {**_parts_of(session), "receivedParts": session.meta["received"], "state": session.meta["state"]}
        if session.meta["state"] == "completed":
            told |= {"completedJobId": session.meta["job"], "jobStatus": self._job(session.meta["job"])}
        return JSONResponse(told)

    async def finish(self, request: Request) -> Response:
        """`finishUpload`: repeatable; of a video that is known it names the earlier job."""
        asked = await nouns.read(request)
        session = self._own(request, "finish", str(asked.get("jobId", "")))
        if session.meta["state"] != "completed":
            count = -(-session.total // session.meta["part"])
            if missing := sorted(set(range(1, count + 1)) - set(session.meta["received"])):
                raise invalid(f"missing parts: {', '.join(map(str, missing[:20]))}", "MissingParts")
            session = self._complete(session)
        job = session.meta["job"]
        return JSONResponse({"completedJobId": job, "jobStatus": self._job(job)})

    async def abort(self, request: Request) -> Response:
        """`abortUpload`."""
        asked = await nouns.read(request)
        session = self._own(request, "finish", str(asked.get("jobId", "")))
        self._store.change_session(session.id, {**session.meta, "state": "aborted"})
        return JSONResponse({})

    async def whole(self, request: Request) -> Response:
        """`uploadVideo`: the simple way, all bytes in one request."""
        account = self._access.serviced(request, PDS_DID, UPLOAD)
        size = int(request.headers.get("content-length", "0"))
        if request.query_params.get("did") != nouns.did_of(account) or not 0 < size <= MAX_VIDEO:
            raise invalid("did or Content-Length is wrong")
        self._charge(account, size)
        session = self._open(account, size, request.headers.get("content-type", ""))
        if not await self._written(request, session, 0, size):
            return NoAnswer(request)
        session = self._complete(session)
        told = self._job(session.meta["job"])
        if session.meta["job"] != session.id:
            return JSONResponse({**told, "error": "already_exists", "message": "Video already processed"}, 409)
        return JSONResponse(told if self._access.settings().bare_status else {"jobStatus": told})

    def _own(self, request: Request, op: str, job_id: str = "") -> Session:
        """The caller's upload, as it is known."""
        account = self._access.serviced(request, PDS_DID, UPLOAD)
        session = self._store.session(job_id or request.query_params.get("jobId", ""))
        if session and take_fault(self._store, PLATFORM, op, {"expire_session"}, account=account):
            self._store.drop_session(session.id)
            session = None
        if session is None or session.platform != PLATFORM or session.account != account:
            raise invalid("no such upload", "UploadNotFound")
        if session.meta["state"] == "created" and self._store.now() >= session.meta["expires"]:
            raise invalid("the upload has expired", "UploadExpired")
        if session.meta["state"] == "aborted":
            raise invalid("the upload was aborted", "UploadAborted")
        return session

    def _complete(self, session: Session) -> Session:
        with self._store.session_file(session.id).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        earlier = self._done_before(session.account, digest)
        late = take_fault(self._store, PLATFORM, "poll", {"fail_processing"}, account=session.account)
        failure = self._access.settings().outcome or (_code(late.reason) if late else "")
        meta = {
            **session.meta,
            "state": "completed",
            "finished": self._store.now(),
            "job": earlier or session.id,
            "digest": digest,
            "failure": failure,
        }
        self._store.change_session(session.id, meta)
        return replace(session, meta=meta)

    def _done_before(self, account: str, digest: str) -> str:
        for session in self._store.sessions(PLATFORM, account):
            if session.meta.get("digest") == digest and session.meta.get("cid") and not session.meta["failure"]:
                return session.id
        return ""

    # --- jobs -------------------------------------------------------------------------------------------------------

    async def job_status(self, request: Request) -> Response:
        """`getJobStatus`: needs no authentication."""
        session = self._store.session(request.query_params.get("jobId", ""))
        if session is None or session.meta.get("state") != "completed":
            await drain(request)
            raise invalid("job not found", "JobNotFound")
        meta = {**session.meta, "polls": session.meta["polls"] + 1}
        self._store.change_session(session.id, meta)
        told = self._job(session.id)
        return JSONResponse(told if self._access.settings().bare_status else {"jobStatus": told})

    def _job(self, job_id: str) -> dict[str, Any]:
        """A job as it stands; when its time has come, the video becomes a blob of the account's."""
        session = self._store.session(job_id)
        if session is None:
            raise invalid("job not found", "JobNotFound")
        told = {"jobId": job_id, "did": nouns.did_of(session.account)}
        meta, settings = session.meta, self._access.settings()
        if not meta["cid"]:
            waited = self._store.now() - meta["finished"] >= settings.processing_s
            if meta["polls"] <= settings.processing_polls or not waited:
                return {**told, "state": "JOB_STATE_ENCODING", "progress": min(99, 10 * meta["polls"])}
            if meta["failure"]:
                failed = {"state": "JOB_STATE_FAILED", "failureCode": meta["failure"], "error": "Video failed"}
                return {**told, **failed}
            with self._store.session_file(job_id).open("rb") as file:
                meta = {**meta, "cid": nouns.cid(file.read()), "stored": self._store.now()}
            self._store.change_session(job_id, meta)
        done = nouns.blob(meta["cid"], "video/mp4", session.total)
        return {**told, "state": "JOB_STATE_COMPLETED", "progress": 100, "blob": done}


def _parts_of(session: Session) -> dict[str, Any]:
    size = session.meta["part"]
    return {
        "jobId": session.id,
        "partSizeBytes": size,
        "partCount": -(-session.total // size),
        "expiresAt": iso(session.meta["expires"]),
    }


def _number(request: Request) -> int:
    text = request.query_params.get("partNumber", "")
    return int(text) if text.isdigit() and len(text) < 6 else 0


def _code(reason: str) -> str:
    known = ("validation_failure", "encoding_failure", "pds_upload_failure", "pds_upload_unsupported_blob_size")
    return reason if reason in known else "generic_failure"
