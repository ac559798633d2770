"""LinkedIn's videos and images at wire level (docs/platforms/linkedin.md#upload): parts with ETags, finalizing,
processing.

A video's session keeps its state in `meta`: `owner`, `token`, `parts` (sizes), `etags` by part, `order` once it is
finalized, `polls`, and how its processing will end. Parts are files of their own until they are put together in the
order they are named in, right or wrong.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
from pathlib import Path
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from ..store import SandboxStore, Session
from ..wire import EARLY_FAULTS, LATE_FAULTS, NoAnswer, drain, json_object, multipart_related, take_fault
from .access import NOT_FOUND, PLATFORM, Access, Refusal, invalid

MAX_VIDEO = 5 << 30
MAX_EXTRA = 36 << 20
PART = re.compile(r"part-(\d{1,5})")


class Media:
    """Uploads, over a store."""

    def __init__(self, store: SandboxStore, access: Access) -> None:
        self._store = store
        self._access = access

    # --- opening and closing ------------------------------------------------------------------------------------------

    async def videos(self, request: Request) -> Response:
        """`?action=initializeUpload` and `?action=finalizeUpload`."""
        account, body = self._access.account(request), await read_body(request)
        match request.query_params.get("action"):
            case "initializeUpload":
                return self._start_video(request, account, inner(body, "initializeUploadRequest"))
            case "finalizeUpload":
                return self._finalize(account, inner(body, "finalizeUploadRequest"))
        raise Refusal(400, "ILLEGAL_ARGUMENT", "Unknown action for resource videos")

    def _start_video(self, request: Request, account: str, wanted: dict[str, Any]) -> Response:
        owner = self._access.acts_as(account, wanted.get("owner"), "videos.ACTION-initializeUpload")
        unknown = set(wanted) - {"owner", "fileSizeBytes", "uploadCaptions", "uploadThumbnail"}
        total = wanted.get("fileSizeBytes")
        if unknown or not isinstance(total, int) or isinstance(total, bool) or not 0 < total <= MAX_VIDEO:
            raise invalid(
                "INVALID_VALUE_FOR_FIELD", f"ERROR :: /{next(iter(unknown), 'fileSizeBytes')} :: invalid value"
            )
        settings, video = self._access.settings(), "D5605AQ" + secrets.token_urlsafe(12)
        firsts = range(0, total, settings.part_size)
        sizes = [min(settings.part_size, total - first) for first in firsts]
        token = secrets.token_urlsafe(24) if settings.upload_token else ""
        meta: dict[str, Any] = {"kind": "video", "owner": owner, "token": token, "parts": sizes}
        meta |= {"etags": {}, "order": None, "polls": 0}
        self._store.add_session(Session(video, PLATFORM, account, meta, "video/mp4", total, created=self._store.now()))
        beyond = settings.part_size if settings.last_byte_beyond else 0
        value: dict[str, Any] = {
            "uploadUrlsExpireAt": int((self._store.now() + settings.upload_s) * 1_000),
            "video": f"urn:li:video:{video}",
            "uploadToken": token,
            "uploadInstructions": [
                {
                    "uploadUrl": _url(request, video, f"part-{number}"),
                    "firstByte": first,
                    "lastByte": first + (beyond or sizes[number]) - 1,
                }
                for number, first in enumerate(firsts)
            ],
        }
        for name in ("captions", "thumbnail"):
            if wanted.get(f"upload{name.capitalize()}") is True and settings.extra_urls:
                value[f"{name}UploadUrl"] = _url(request, video, name)
        return JSONResponse({"value": value})

    def _finalize(self, account: str, wanted: dict[str, Any]) -> Response:
        session, settings = self._own(account, wanted.get("video"), "video"), self._access.settings()
        meta, named = session.meta, wanted.get("uploadedPartIds")
        if wanted.get("uploadToken") != meta["token"]:
            raise invalid("INVALID_UPLOAD_TOKEN", "ERROR :: /finalizeUploadRequest/uploadToken :: does not match")
        if meta["order"] is not None:
            if not settings.finalize_again:
                raise invalid("INVALID_UPLOAD_STATE", "The upload has already been finalized")
            return Response(status_code=200)
        known = {etag: number for number, etag in meta["etags"].items()}
        if not isinstance(named, list) or sorted(map(str, named)) != sorted(known):
            raise invalid("INVALID_PART_IDS", "ERROR :: /finalizeUploadRequest/uploadedPartIds :: do not match")
        if len(known) != len(meta["parts"]):
            raise invalid("INVALID_PART_IDS", "Some parts have not been uploaded")
        with self._store.session_file(session.id).open("wb") as whole:
            for etag in named:
                with self._part_file(session.id, known[etag]).open("rb") as part:
                    shutil.copyfileobj(part, whole)
        late = take_fault(self._store, PLATFORM, "finish", {"fail_processing"}, account=account)
        outcome = ["PROCESSING_FAILED", late.reason or "UNKNOWN"] if late else None
        self._store.change_session(
            session.id, {**meta, "order": named, "outcome": outcome, "finalized": self._store.now()}
        )
        self._store.commit(session.id, session.total)
        for number in known.values():
            self._part_file(session.id, number).unlink(missing_ok=True)
        return Response(status_code=200)

    async def images(self, request: Request) -> Response:
        """`?action=initializeUpload`."""
        account, body = self._access.account(request), await read_body(request)
        if request.query_params.get("action") != "initializeUpload":
            raise Refusal(400, "ILLEGAL_ARGUMENT", "Unknown action for resource images")
        wanted = inner(body, "initializeUploadRequest")
        owner = self._access.acts_as(account, wanted.get("owner"), "images.ACTION-initializeUpload")
        image, settings = "D4E10AQ" + secrets.token_urlsafe(12), self._access.settings()
        meta = {"owner": owner, "kind": "image", "polls": 0}
        self._store.add_session(Session(image, PLATFORM, account, meta, "image/jpeg", 0, created=self._store.now()))
        value = {
            "uploadUrlExpiresAt": int((self._store.now() + settings.upload_s) * 1_000),
            "uploadUrl": _url(request, image, "image"),
            "image": f"urn:li:image:{image}",
        }
        return JSONResponse({"value": value})

    def _own(self, account: str, urn: object, kind: str) -> Session:
        """A session by its URN; another account's is not found."""
        session = self.find(urn, kind)
        if session is None or session.account != account:
            raise NOT_FOUND()
        return session

    def find(self, urn: object, kind: str) -> Session | None:
        """A video or an image by its URN."""
        head, _, name = str(urn).rpartition(":")
        session = self._store.session(name) if head == f"urn:li:{kind}" else None
        return session if session and session.platform == PLATFORM and session.meta["kind"] == kind else None

    # --- bytes --------------------------------------------------------------------------------------------------------

    async def put(self, request: Request) -> Response:
        """Bytes for a pre-signed address: a part, a picture, captions. It takes no token, and repeating it is fine."""
        name, what = request.path_params["name"], request.path_params["what"]
        session = self._store.session(name)
        account = session.account if session else ""
        if take_fault(self._store, PLATFORM, "put", {"expire_token"}, account=account):
            self._store.expire_tokens(account)  # the token expires during the upload; these addresses do not use it
        if take_fault(self._store, PLATFORM, "put", {"expire_session"}, account=account):
            return self._expired()
        if fault := take_fault(self._store, PLATFORM, "put", EARLY_FAULTS - {"expire_token"}, account=account):
            await drain(request)
            return self._access.guard.faulty(fault, request)
        number = PART.fullmatch(what)
        index = int(number[1]) if number else -1
        known = session is not None and (
            index < len(session.meta["parts"]) if number and session.meta["kind"] == "video" else not number
        )
        if session is None or not known or request.query_params.get("sau") != _signature(name, what):
            await drain(request)
            return Response("Not found", 404)
        if self._store.now() - session.created > self._access.settings().upload_s:
            await drain(request)
            return self._expired()
        if not number:
            return await self._put_extra(request, session, what)
        return await self._put_part(request, session, index)

    def _expired(self) -> Response:
        refusal = Refusal(self._access.settings().expired_status, "EXPIRED_UPLOAD_URL", "The upload URL has expired")
        return refusal.response()

    async def _put_extra(self, request: Request, session: Session, what: str) -> Response:
        """A thumbnail, an article's picture, or captions (a form)."""
        length = int(request.headers.get("content-length", "0"))
        broken = take_fault(self._store, PLATFORM, "put", {"reset_at_byte"}, (0, length), session.account)
        partial = take_fault(self._store, PLATFORM, "put", {"partial_commit"}, account=session.account)
        if broken or partial:
            await drain(request)
            incomplete = Refusal(500, "PART_SIZE", "The upload is incomplete")
            return NoAnswer(request) if broken else incomplete.response()
        data, kind = await request.body(), request.headers.get("content-type", "")
        meta: dict[str, Any] = {"media_type": kind}
        if what == "captions":
            if (status := self._access.settings().captions_status) >= 400:
                return Refusal(status, "INVALID_CAPTIONS", "The captions could not be read").response()
            try:
                (_, head), (_, data) = multipart_related(data, kind)
                meta = json_object(head)
            except ValueError:
                return invalid("INVALID_CAPTIONS", "A form with metadata and file is expected").response()
        if not data or len(data) > MAX_EXTRA:
            return invalid("INVALID_MEDIA", "The media could not be read").response()
        self._store.add_extra(session.id, what, meta, data)
        if what == "image":
            late = take_fault(self._store, PLATFORM, "put", {"fail_processing"}, account=session.account)
            self._store.fill_session(session.id, data)
            self._store.change_session(session.id, {**session.meta, "uploaded": True, "failed": late is not None})
        if late := take_fault(self._store, PLATFORM, "put", LATE_FAULTS, account=session.account):
            return NoAnswer(request) if late.point == "after_commit_before_reply" else late.response()
        return Response(status_code=201)

    async def _put_part(self, request: Request, session: Session, number: int) -> Response:
        size = session.meta["parts"][number]
        first = sum(session.meta["parts"][:number])
        span, account = (first, first + size), session.account
        broken = take_fault(self._store, PLATFORM, "put", {"reset_at_byte"}, span, account)
        partial = take_fault(self._store, PLATFORM, "put", {"partial_commit"}, account=account)
        stop = broken.at_byte - first if broken else partial.keep if partial else size
        target = self._part_file(session.id, number)
        loose = target.with_name(f"{target.name}.{secrets.token_hex(4)}")
        try:
            digest, length, gone = await _receive(request, loose, stop if broken else None)
            if broken or gone:
                return NoAnswer(request)
            if length != size or partial:
                message = "The part is incomplete" if partial else "The part has another size than was announced"
                return Refusal(500 if partial else 400, "PART_SIZE", message).response()
            return self._keep_part(request, session, number, loose, digest)
        finally:
            loose.unlink(missing_ok=True)

    def _keep_part(self, request: Request, session: Session, number: int, loose: Path, digest: str) -> Response:
        """A whole part replaces what was there, unless the video is finalized. Its ETag is of its bytes and place."""
        etag = f"/ambry-video/signedId/{digest[:40]}-{number}"
        fresh = self._store.session(session.id) or session
        if fresh.meta["order"] is None:
            os.replace(loose, self._part_file(session.id, number))
            etags = {**fresh.meta["etags"], str(number): etag}
            self._store.change_session(session.id, {**fresh.meta, "etags": etags})
            done = sum(fresh.meta["parts"][int(index)] for index in etags)
            self._store.commit(session.id, done)
        op_late = take_fault(self._store, PLATFORM, "put", LATE_FAULTS, account=session.account)
        if op_late:
            return NoAnswer(request) if op_late.point == "after_commit_before_reply" else op_late.response()
        return Response(status_code=200, headers={"ETag": etag})

    def _part_file(self, video: str, number: int | str) -> Path:
        whole = self._store.session_file(video)
        return whole.with_name(f"{whole.name}.part{number}")

    # --- processing ---------------------------------------------------------------------------------------------------

    async def read_video(self, request: Request) -> Response:
        """GET /rest/videos/{urn}; members may read their own videos, though not their posts."""
        account = self._access.account(request)
        session = self._own(account, request.path_params["urn"], "video")
        settings, meta = self._access.settings(), session.meta
        if meta["order"] is not None:
            meta = {**meta, "polls": meta["polls"] + 1}
            self._store.change_session(session.id, meta)
            if meta["polls"] <= settings.lost_polls:
                raise NOT_FOUND()
        status, reason = self.status(session, meta)
        told = {"owner": meta["owner"], "id": f"urn:li:video:{session.id}", "status": status, "duration": 0}
        return JSONResponse({**told, **({"processingFailureReason": reason} if reason else {})})

    def status(self, session: Session, meta: dict[str, Any]) -> tuple[str, str]:
        """A video's status, and why it failed."""
        settings = self._access.settings()
        if meta["order"] is None:
            return "WAITING_UPLOAD", ""
        waited = self._store.now() - meta["finalized"]
        if meta["polls"] <= settings.processing_polls + settings.lost_polls or waited < settings.processing_s:
            return "PROCESSING", ""
        outcome, reason = meta["outcome"] or (settings.outcome, settings.outcome_reason)
        return outcome, reason or "UNKNOWN" if outcome == "PROCESSING_FAILED" else ""


async def _receive(request: Request, file: Path, stop: int | None) -> tuple[str, int, bool]:
    """A body into a file: its SHA-256, its length, and whether the sender went away. Ends early at byte `stop`."""
    digest, length = hashlib.sha256(), 0
    with file.open("wb") as out:
        try:
            async for block in request.stream():
                out.write(block)
                digest.update(block)
                length += len(block)
                if stop is not None and length > stop:
                    break
        except ClientDisconnect:
            return "", length, True
    return digest.hexdigest(), length, False


def _url(request: Request, name: str, what: str) -> str:
    """A pre-signed address: `sau` is what makes it a credential."""
    path = f"/dms-uploads/sp/{name}/{what}"
    return str(request.url.replace(path=path, query=f"sau={_signature(name, what)}&v=beta"))


def _signature(name: str, what: str) -> str:
    return hashlib.sha256(f"sandbox:{name}:{what}".encode()).hexdigest()


async def read_body(request: Request) -> dict[str, Any]:
    """A JSON object, or 400."""
    try:
        return json_object(await request.body())
    except ValueError:
        raise Refusal(400, "BAD_REQUEST", "Cannot parse request entity") from None


def inner(body: dict[str, Any], name: str) -> dict[str, Any]:
    """An action's one parameter; Rest.li takes no other."""
    value = body.get(name)
    if set(body) != {name} or not isinstance(value, dict):
        raise invalid("PARAM_INVALID", f"Parameter '{name}' is invalid or not the only one")
    return value
