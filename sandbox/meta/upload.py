"""rupload at wire level (docs/platforms/instagram.md#upload, docs/platforms/facebook.md#reels, #processing): `POST`
with `offset` and `file_size`, and its faults.

`op` is `put`. A `partial_commit` keeps `keep` bytes and answers `PartialRequestError`; `error_though_done` answers
`ProcessingFailedError`, unless the fault has a body of its own, although every byte was kept; `expire_session` lets the
container or video expire; `fail_processing` takes the bytes and lets their processing fail.
"""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from ..store import SandboxStore, Session
from ..wire import EARLY_FAULTS, LATE_FAULTS, Fault, NoAnswer, Refusal, drain, take_fault, write_at
from .access import FACEBOOK, INSTAGRAM, Access, DebugInfo, MetaSettings, day_quota, dead_token

FAILED = ("ProcessingFailedError", "Request processing failed")


class Rupload:
    """The bytes of both platforms' sessions, over a store."""

    def __init__(self, store: SandboxStore, access: Access, settings: Callable[[str], MetaSettings]) -> None:
        self._store = store
        self._access = access
        self._settings = settings

    async def instagram(self, request: Request) -> Response:
        """`/ig-api-upload/{version}/{container}`."""
        return await self._answer(request, INSTAGRAM)

    async def facebook(self, request: Request) -> Response:
        """`/video-upload/{version}/{video}`."""
        return await self._answer(request, FACEBOOK)

    async def _answer(self, request: Request, platform: str) -> Response:
        account = self._access.owner(self._access.token_of(request))
        try:
            if early := take_fault(self._store, platform, "put", EARLY_FAULTS, account=account):
                await drain(request)
                return self._early(early, request)
            session = self._session(request, platform, account)
            offset = self._offset(request, session)
        except Refusal as refusal:
            await drain(request)
            return refusal.response()
        broken = take_fault(
            self._store, platform, "put", {"reset_at_byte"}, (offset, _size(request)), account=session.account
        )
        partial = take_fault(self._store, platform, "put", {"partial_commit"}, account=session.account)
        whole = await self._receive(request, session, offset, broken, partial)
        if whole is None:
            return NoAnswer(request)
        late = take_fault(self._store, platform, "put", LATE_FAULTS, account=session.account)
        if late and late.point == "after_commit_before_reply":
            return NoAnswer(request)
        if late:
            return late.response() if late.body else DebugInfo(*FAILED, status=late.status).response()
        if not whole:
            message = "The request is shorter than the file it announces"
            return DebugInfo("PartialRequestError", message, retriable=True).response()
        return JSONResponse({"success": True, "message": "Upload successful."})

    def _early(self, fault: Fault, request: Request) -> Response:
        if fault.point == "expire_token":
            self._store.expire_tokens(fault.account)
            return dead_token(463).response()
        if fault.point == "quota":
            return day_quota().response()
        return NoAnswer(request) if fault.point == "before_commit" else fault.response()

    def _session(self, request: Request, platform: str, owner: str) -> Session:
        """The session that may be written to; a token must come as `OAuth`."""
        if request.headers.get("authorization", "").partition(" ")[0] != "OAuth":
            raise DebugInfo("NotAuthorizedError", "The request is not authorized", status=401)
        account = self._access.account(self._access.token_of(request))
        session = self._store.session(str(request.path_params["id"]))
        if session is None or (session.platform, session.account) != (platform, account):
            raise DebugInfo("ParameterError", "There is no such upload", status=404)
        for point, note in (("expire_session", {"expired": True}), ("fail_processing", {"fail": "2207026"})):
            if fault := take_fault(self._store, platform, "put", {point}, account=owner):
                note = {"fail": fault.reason} if fault.reason and "fail" in note else note
                self._store.change_session(session.id, {**session.meta, **note})
        session = self._store.session(session.id) or session
        if session.meta.get("expired") or session.meta.get("upload_phase") == "chunked":
            raise DebugInfo("ParameterError", "The upload has expired", status=404)
        return session

    def _offset(self, request: Request, session: Session) -> int:
        """`offset`, which must be the session's offset. `file_size` is set once and does not change."""
        size, told = _size(request), request.headers.get("offset", "")
        known = session.meta.get("file_size")
        if size < 1 or (known is not None and known != size):
            raise DebugInfo("ParameterError", "file_size is missing or does not match")
        if known is None:
            self._store.change_session(session.id, {**session.meta, "file_size": size})
        if not told.isdigit() or int(told) != session.committed or session.post_id or session.committed >= size:
            raise DebugInfo("OffsetInvalidError", "Request starting offset is invalid", retriable=True)
        return int(told)

    async def _receive(
        self, request: Request, session: Session, offset: int, broken: Fault | None, partial: Fault | None
    ) -> bool | None:
        """Takes the bytes; whether the file is whole, or None when its connection is to be broken."""
        size, at = _size(request), offset
        limit = min(size, offset + partial.keep) if partial else size
        stop = broken.at_byte if broken else size
        with self._store.session_file(session.id).open("r+b") as file:
            try:
                async for block in request.stream():
                    kept = block[: max(0, min(limit, stop) - at)]
                    write_at(file.fileno(), kept, at)
                    at += len(kept)
                    if broken and at >= stop:
                        break
            except ClientDisconnect:
                broken = broken or Fault(point="reset_at_byte")
        settings = self._settings(session.platform)
        fresh = self._store.session(session.id)
        if fresh is None or fresh.committed != offset:  # another request was quicker
            return False if broken is None else None
        if at == size or settings.keep_partial:
            self._store.commit(session.id, at)
            self._store.change_session(session.id, {**fresh.meta, "uploaded": self._store.now()})
        return None if broken else at == size


def _size(request: Request) -> int:
    text = request.headers.get("file_size", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
