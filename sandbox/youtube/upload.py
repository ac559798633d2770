"""YouTube's resumable upload at wire level (docs/platforms/youtube.md#upload): start, bytes, probe, and the faults of
each."""

from __future__ import annotations

import re
import secrets
from typing import Any
from urllib.parse import urlencode

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from ..additions import PostAdditions
from ..store import Post, SandboxStore, Session
from ..wire import EARLY_FAULTS, LATE_FAULTS, Fault, NoAnswer, drain, json_object, take_fault, write_at
from . import video as yt
from .access import PLATFORM, Access
from .stats import statistics

GRANULE = 262_144
"""Chunks are multiples of 256 KiB but for the last one."""
MAX_VIDEO = 274_877_906_944
RANGE = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+)")


class Uploads:
    """The upload sessions, over a store."""

    def __init__(self, store: SandboxStore, access: Access) -> None:
        self._store = store
        self._access = access

    async def start(self, request: Request) -> Response:
        """Opens a session: 200, no body, `Location`. Charged even when the metadata is then refused."""
        account, settings = self._access.account(request, "upload"), self._store.settings()
        own = self._access.settings()
        if request.query_params.get("uploadType") != "resumable":
            raise yt.bad("badRequest", "Only uploadType=resumable is served for videos.")
        if own.insert_charged == "start":
            self._charge_insert()
        yt.check_parts(request.query_params.get("part"))
        try:
            meta = json_object(await request.body())
            total = int(request.headers.get("x-upload-content-length", "0"))
        except ValueError:
            raise yt.bad("parseError", "Parse Error") from None
        yt.check_insert(meta)
        if total < 1:
            raise yt.bad("mediaBodyRequired", "The request does not include the video content.")
        if total > MAX_VIDEO:
            raise yt.Refusal(413, "uploadTooLarge", "Request Entity Too Large", "global")
        if limit := settings.uploads_per_channel_day:
            day_ago = self._store.now() - 86_400
            if sum(post.created > day_ago for post in self._store.posts(PLATFORM, account)) >= limit:
                raise yt.UPLOAD_LIMIT()
        if own.forced_private:
            meta["status"] = {**meta.get("status", {}), "privacyStatus": "private"}
        upload_id = "ADPyc" + secrets.token_urlsafe(48)
        media_type = request.headers.get("x-upload-content-type", "application/octet-stream")
        self._store.add_session(
            Session(upload_id, PLATFORM, account, meta, media_type, total, created=self._store.now())
        )
        query = urlencode({**request.query_params, "upload_id": upload_id})
        location = str(request.url.replace(query=query))
        return Response(status_code=200, headers={"Location": location, "X-GUploader-UploadID": upload_id})

    def _charge_insert(self) -> None:
        self._access.charge("inserts", 1, self._store.settings().inserts_per_day, yt.INSERT_QUOTA)

    async def put(self, request: Request) -> Response:
        """Bytes or a probe for a session, with the faults that can strike each."""
        try:
            return await self._put(request)
        except yt.Refusal as refusal:
            return refusal.response()

    async def _put(self, request: Request) -> Response:
        upload_id = request.query_params.get("upload_id", "")
        session = self._store.session(upload_id)
        span = _span(request, session.total if session else 0)
        op = "probe" if span is None else "final" if session and span[1] == session.total else "put"
        owner = session.account if session else ""
        if take_fault(self._store, PLATFORM, op, {"expire_session"}, account=owner) and session:
            self._store.drop_session(upload_id)
        elif fault := take_fault(self._store, PLATFORM, op, EARLY_FAULTS, account=owner):
            await drain(request)
            return self._access.guard.faulty(fault, request)
        try:
            account = self._access.account(request, "upload")
            session = self._live_session(upload_id, account)
            if op == "final" and not session.post_id and self._access.settings().insert_charged == "end":
                self._charge_insert()
        except yt.Refusal:
            await drain(request)
            raise
        if span is None or session.post_id:
            await drain(request)
        else:
            broken = take_fault(self._store, PLATFORM, op, {"reset_at_byte"}, span, owner)
            if not await self._receive(request, session, span, broken, op):
                return NoAnswer(request)
        late = take_fault(self._store, PLATFORM, op, LATE_FAULTS, account=owner)
        if late and late.point == "error_though_done":
            return late.response()
        return NoAnswer(request) if late else self._standing(upload_id)

    def _live_session(self, upload_id: str, account: str) -> Session:
        session = self._store.session(upload_id)
        if session is None or session.account != account:
            raise yt.NO_SESSION()
        if not session.post_id and self._store.now() - session.created > self._store.settings().session_s:
            self._store.drop_session(upload_id)
            raise yt.NO_SESSION()
        return session

    def _standing(self, upload_id: str) -> Response:
        """308 with the committed range (no `Range` for nothing), or 200 and the video once it is whole."""
        session = self._store.session(upload_id)
        if session is None:
            raise yt.NO_SESSION()
        if session.post_id:
            post = self._store.post(session.post_id)
            if post is None:
                raise yt.NO_SESSION()
            return JSONResponse(resource(self._store, post, {"snippet", "status", "id"}), 200)
        headers = {"Range": f"bytes=0-{session.committed - 1}"} if session.committed else {}
        return Response(status_code=308, headers={**headers, "X-GUploader-UploadID": upload_id})

    async def _receive(
        self, request: Request, session: Session, span: tuple[int, int], broken: Fault | None, op: str
    ) -> bool:
        """Takes a request's bytes into the session; False when its connection is to be broken.

        Bytes that are already there are passed over; a gap keeps nothing. Only whole 256 KiB blocks are kept, except
        at the very end, when the video comes to be."""
        start, end = span
        if end > session.total or (end != session.total and (end - start) % GRANULE):
            await drain(request)
            raise yt.bad("badRequest", "Invalid request. The number of bytes uploaded is not a multiple of 262144.")
        keep = self._store.settings().max_commit or MAX_VIDEO
        if partial := take_fault(self._store, PLATFORM, op, {"partial_commit"}, account=session.account):
            keep = partial.keep
        stop = broken.at_byte if broken else end
        limit = min(stop, max(session.committed, start) + keep)
        at, standing = start, self._store.watched(session.id)
        with self._store.session_file(session.id).open("r+b") as file:
            try:
                async for block in request.stream():
                    _write(file.fileno(), block, at, standing(), limit)
                    at += len(block)
                    if broken and at >= stop:
                        break
            except ClientDisconnect:
                broken = broken or Fault(point="reset_at_byte")
        reached = min(at, limit)
        if start <= session.committed < reached:
            self._commit(session, reached)
        return broken is None

    def _commit(self, session: Session, reached: int) -> None:
        now_known = self._store.session(session.id)
        if now_known is None or now_known.post_id:
            return
        if reached >= session.total:
            told = session.meta.get("snippet", {})
            title, text = str(told.get("title", "")), str(told.get("description", ""))
            post = self._store.publish(session, yt.video_id(session.id), title=title, text=text)
            if fault := take_fault(self._store, PLATFORM, "final", {"fail_processing"}, account=session.account):
                PostAdditions(self._store).add(post.post_id, "doom", {"reason": fault.reason})
        else:
            self._store.commit(session.id, max(now_known.committed, reached // GRANULE * GRANULE))


def resource(store: SandboxStore, post: Post, parts: set[str], *, owner: bool = True) -> dict[str, object]:
    """The video resource as it stands now."""
    extras = PostAdditions(store).of(post.post_id)
    kinds = {extra.kind for extra in extras}
    seen = yt.Seen(
        state=state_of(store, post),
        statistics=statistics(store, post),
        has_thumbnail="thumbnail" in kinds if owner else None,
        has_captions="caption" in kinds,
    )
    return yt.video(post, parts, seen)


def state_of(store: SandboxStore, post: Post) -> dict[str, Any]:
    """The read-only half of a video's `status`, and its `processingDetails`."""
    extras = PostAdditions(store)
    doom = [str(extra.meta["reason"]) for extra in extras.of(post.post_id, "doom")]
    duplicate = extras.first_alike(post) != post.post_id
    return yt.processing(post, store.settings(), store.now(), duplicate=duplicate, doom=doom[0] if doom else None)


def listed(store: SandboxStore, post: Post) -> bool:
    """Whether reads return the video yet."""
    return store.now() - post.created >= store.settings().listed_after_s


def own_post(store: SandboxStore, account: str, post_id: str) -> Post:
    """A video of the account's that reads return, or the refusal."""
    post = store.post(post_id)
    if post is None or post.platform != PLATFORM or not listed(store, post):
        raise yt.NOT_FOUND()
    if post.account != account:
        raise yt.Refusal(403, "forbidden", "The request is not properly authorized.")
    return post


def _span(request: Request, total: int) -> tuple[int, int] | None:
    """The bytes a PUT carries as [start, end), or None for a probe. Without `Content-Range` it is the whole file."""
    text = request.headers.get("content-range")
    if text is None:
        return 0, int(request.headers.get("content-length") or total)
    match = RANGE.fullmatch(text.strip())
    if not match or (total and int(match[3]) != total):
        raise yt.bad("badRequest", "Invalid Content-Range.")
    if match[1] is None:
        return None
    start, end = int(match[1]), int(match[2]) + 1
    if start >= end or end > int(match[3]) or end - start != int(request.headers.get("content-length", "-1")):
        raise yt.bad("badRequest", "Invalid Content-Range.")
    return start, end


def _write(descriptor: int, block: bytes, at: int, session: Session | None, limit: int) -> None:
    """Writes the part of `block` (which begins at `at`) that lies between what is committed and `limit`.

    Another request may have gone further in the meantime, or have finished the video: that is never overwritten."""
    if session is None or session.post_id:
        return
    first, last = max(at, session.committed), min(at + len(block), limit)
    if first < last:
        write_at(descriptor, memoryview(block)[first - at : last - at], first)
