"""TikTok's upload server: chunks in order to an address that is its own credential (docs/platforms/tiktok.md#upload).

Its answers are bare statuses, neither the API's envelope nor OAuth's errors. Faults call the last chunk `final`, others
`put`; `expire_session` kills the address, `fail_processing` on `final` lets the whole upload end as FAILED.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from ..store import SandboxStore, Session
from ..wire import EARLY_FAULTS, LATE_FAULTS, Fault, NoAnswer, drain, take_fault, write_at
from . import post as tt
from .access import Access

RANGE = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15})")
MEDIA_TYPES = {"video/mp4", "video/quicktime", "video/webm"}
DAY = 86_400


class Uploads:
    """The upload addresses, over a store."""

    def __init__(self, store: SandboxStore, access: Access) -> None:
        self._store = store
        self._access = access

    async def put(self, request: Request) -> Response:
        """One chunk, with the faults that can strike it."""
        session = self._session(request)
        if session is None:
            return await _no(request, 404, "no such task")
        span = _span(request, session.total)
        if span is None:
            return await _no(request, 400, "bad range, length or type")
        op = "final" if span[1] == session.total else "put"
        if take_fault(self._store, tt.PLATFORM, op, {"expire_session"}, account=session.account):
            session = self.change(session, dead=True)
        elif fault := take_fault(self._store, tt.PLATFORM, op, EARLY_FAULTS, account=session.account):
            await drain(request)
            return self._access.faulty(fault, request)
        settings = self._access.settings()
        if session.meta.get("dead") or self._store.now() - session.created > settings.url_s:
            return await _no(request, 403, "the address has expired")
        if span[0] != session.committed:
            await drain(request)
            accepted = settings.reput_status == 206 and span[1] <= session.committed
            return self._standing(session, 206 if accepted else 416)
        if span[1] != session.total and span[1] % session.meta["chunk"]:
            return await _no(request, 400, "the chunk does not end where a chunk ends")
        return await self._take(request, session, span, op)

    def _session(self, request: Request) -> Session | None:
        number, token = (request.query_params.get(name, "") for name in ("upload_id", "upload_token"))
        for kind in ("pub", "inbox"):
            session = self._store.session(f"v_{kind}_file~v2-1.{number}")
            if session and session.platform == tt.PLATFORM and session.meta["token"] == token:
                return session
        return None

    async def _take(self, request: Request, session: Session, span: tuple[int, int], op: str) -> Response:
        broken = take_fault(self._store, tt.PLATFORM, op, {"reset_at_byte"}, span, session.account)
        whole = await self._receive(request, session, span, broken, op)
        now_known = self._store.session(session.id) or session
        if now_known.committed >= session.total and "whole_at" not in now_known.meta:
            self._finish(now_known)
        if not whole:
            return NoAnswer(request)
        late = take_fault(self._store, tt.PLATFORM, op, LATE_FAULTS, account=session.account)
        if late:
            return late.response() if late.point == "error_though_done" else NoAnswer(request)
        now_known = self._store.session(session.id) or session
        return self._standing(now_known, 201 if now_known.committed >= session.total else 206)

    async def _receive(
        self, request: Request, session: Session, span: tuple[int, int], broken: Fault | None, op: str
    ) -> bool:
        """Takes a request's bytes into the session; False when its connection broke or is to be broken. What came in
        before that is kept."""
        start, end = span
        keep = self._access.settings().max_commit or session.total
        if partial := take_fault(self._store, tt.PLATFORM, op, {"partial_commit"}, account=session.account):
            keep = partial.keep
        limit = min(broken.at_byte if broken else end, start + keep)
        at, intact = start, broken is None
        standing = self._store.watched(session.id)
        with self._store.session_file(session.id).open("r+b") as file:
            try:
                async for block in request.stream():
                    known = standing()
                    if known is None or known.committed != start:
                        intact = False  # another request was faster
                        break
                    write_at(file.fileno(), block[: max(0, limit - at)], at)
                    at += len(block)
                    if broken and at >= broken.at_byte:
                        break
            except ClientDisconnect:
                intact = False
        known = self._store.session(session.id)
        reached = min(at, limit)
        if known and known.committed == start < reached:
            self._lag(known)
            self._store.commit(session.id, reached)
        return intact

    def _lag(self, session: Session) -> None:
        """Status reports the new bytes only some reads later, if so set."""
        if polls := self._access.settings().uploaded_lag_polls:
            self.change(session, lag=[session.committed, polls])

    def _finish(self, session: Session) -> None:
        """The last byte is there. TikTok posts it, or finds that it will not."""
        settings, now = self._access.settings(), self._store.now()
        late = take_fault(self._store, tt.PLATFORM, "final", {"fail_processing"}, account=session.account)
        fate = (late.reason or "internal") if late else settings.fail_reason
        recent = [post for post in self._store.posts(tt.PLATFORM, session.account) if post.created > now - DAY]
        if not fate and len(recent) >= settings.posts_per_day:
            fate = "spam_risk_too_many_posts"
        session = self.change(session, whole_at=now, fate=fate)
        if not fate:
            told = {**session.meta["post_info"], "publish_id": session.id, "inbox": session.meta["inbox"]}
            text = str(told.get("title", ""))
            self._store.publish(session, str(tt.new_id()), title="", text=text, meta=told)

    def change(self, session: Session, **changes: Any) -> Session:
        """The session with more noted of it."""
        meta = {**session.meta, **changes}
        self._store.change_session(session.id, meta)
        return replace(session, meta=meta)

    def _standing(self, session: Session, status: int) -> Response:
        named = session.committed - (0 if self._access.settings().count_in_range else 1)
        content_range = f"bytes 0-{max(0, named)}/{session.total}"
        return Response(status_code=status, headers={"Content-Range": content_range})


async def _no(request: Request, status: int, why: str) -> Response:
    await drain(request)
    return PlainTextResponse(why, status)


def _span(request: Request, total: int) -> tuple[int, int] | None:
    """The bytes a PUT carries as [start, end), or None for headers that do not agree with each other."""
    match = RANGE.fullmatch(request.headers.get("content-range", "").strip())
    if not match or request.headers.get("content-type", "").partition(";")[0] not in MEDIA_TYPES:
        return None
    start, end = int(match[1]), int(match[2]) + 1
    agreed = start < end <= total == int(match[3])
    return (start, end) if agreed and request.headers.get("content-length") == str(end - start) else None
