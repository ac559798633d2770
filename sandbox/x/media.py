"""X's media uploads in the sandbox: v2's initialize, append, finalize and STATUS, and the older command form of both
hosts (`/2/media/upload`, `/1.1/media/upload.json`), over the same uploads.

Source: docs/platforms/x.md#upload. An upload's segments are kept in one file in the order they came; finalize puts them
in order of their index.
"""

from __future__ import annotations

import base64
import binascii
import itertools
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from ..store import SandboxStore, Session
from ..wire import Fault, NoAnswer, drain, take_fault
from . import post as nouns
from .access import PLATFORM, Access, XSettings

MAX_VIDEO = 512 << 20
MAX_PICTURE = 5_000_000
PICTURE_TYPES = ("image/jpeg", "image/png", "image/webp", "image/bmp", "image/pjpeg", "image/tiff")
_SEGMENT_HEAD = 1_000
"""About what a multipart request's own lines take."""


class Uploads:
    """The uploads, over a store. An upload is a `Session` whose meta holds its segments and its processing."""

    def __init__(self, store: SandboxStore, access: Access) -> None:
        self._store = store
        self._access = access

    # --- v2 -----------------------------------------------------------------------------------------------------------

    async def initialize(self, request: Request) -> Response:
        """Opens an upload."""
        asked = nouns.read(nouns.Initialize, await request.body())
        session = await self._open(request, asked.total_bytes, asked.media_type, asked.media_category)
        return JSONResponse({"data": self._told(session)})

    async def append(self, request: Request) -> Response:
        """One segment, as multipart or as JSON with base64; sent in pieces, so that a reset can strike in between."""
        session = await self._own(request, request.path_params["media_id"], "append")
        body = await self._body(request, session, request.headers.get("content-type", ""))
        if body is None:
            return NoAnswer(request)
        if request.headers.get("content-type", "").startswith("application/json"):
            segment = nouns.read(nouns.Segment, body)
            index, data = segment.segment_index, _unbase64(segment.media)
        else:
            index, data = _segment(nouns.form_parts(body, request.headers.get("content-type", "")), "")
        self._keep(session, index, data)
        return JSONResponse({"data": {"expires_at": int(session.created + self._access.settings().media_life_s)}})

    async def finalize(self, request: Request) -> Response:
        """Puts the segments together and begins the processing."""
        session = await self._own(request, request.path_params["media_id"], "finalize")
        return JSONResponse({"data": self._told(self._finish(session), whole=True)})

    async def upload(self, request: Request) -> Response:
        """POST /2/media/upload: the command form, or one file at once."""
        if not request.headers.get("content-type", "").startswith("application/json"):
            return await self._command(request, legacy=False)
        account, body = await self._access.account(request), await request.body()
        broken = take_fault(self._store, PLATFORM, "append", {"reset_at_byte"}, (0, len(body)), account)
        if broken:
            return NoAnswer(request)
        asked = nouns.read(nouns.OneShot, body)
        data = _unbase64(asked.media)
        session = await self._open(request, len(data), asked.media_type, asked.media_category)
        self._keep(session, 0, data)
        return JSONResponse({"data": self._told(self._finish(self._again(session)), whole=True)})

    async def metadata(self, request: Request) -> Response:
        """A picture's alternative text; the last one given stays."""
        asked = nouns.read(nouns.Metadata, await request.body())
        session = await self._own(request, asked.id, "write")
        alt = asked.metadata.alt_text.text
        self._store.change_session(session.id, {**session.meta, "alt_text": alt})
        return JSONResponse({"data": {"id": session.id, "associated_metadata": asked.metadata.model_dump()}})

    async def status(self, request: Request) -> Response:
        """GET /2/media/upload; `command=STATUS` may be left out."""
        session = await self._own(request, request.query_params.get("media_id", ""), "poll")
        return JSONResponse({"data": self._polled(session)})

    async def subtitles(self, request: Request) -> Response:
        """Puts an uploaded track on an uploaded video."""
        asked = nouns.read(nouns.Subtitles, await request.body())
        video = await self._own(request, asked.id, "write")
        track = await self._own(request, asked.subtitles.id, "write")
        if track.meta["category"] != "subtitles" or not track.meta["finalized"]:
            raise nouns.invalid(nouns.BAD_MEDIA_IDS, id=asked.subtitles.id)
        text = self._store.session_file(track.id).read_text("utf-8", "replace")
        others = [known for known in video.meta["subtitles"] if known["language_code"] != asked.subtitles.language_code]
        told = {**asked.subtitles.model_dump(), "text": text}
        self._store.change_session(video.id, {**video.meta, "subtitles": [*others, told]})
        answer = {
            "id": video.id,
            "media_category": asked.media_category,
            "associated_subtitles": [told["display_name"]],
        }
        return JSONResponse({"data": answer})

    # --- the older form -----------------------------------------------------------------------------------------------

    async def legacy(self, request: Request) -> Response:
        """POST /1.1/media/upload.json."""
        return await self._command(request, legacy=True)

    async def legacy_status(self, request: Request) -> Response:
        """GET /1.1/media/upload.json?command=STATUS."""
        session = await self._own(request, request.query_params.get("media_id", ""), "poll")
        return JSONResponse(_flat(self._polled(session)))

    async def _command(self, request: Request, *, legacy: bool) -> Response:
        kind, form = request.headers.get("content-type", ""), dict(request.query_params)
        parts: dict[str, bytes] = {}
        body = await request.body()
        if kind.startswith("multipart/"):
            parts = nouns.form_parts(body, kind)
            form |= {name: part.decode("utf-8", "replace") for name, part in parts.items() if name != "media"}
        else:
            form |= {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
        shape = _flat if legacy else lambda data: {"data": data}
        command = form.get("command", "").upper()
        if command == "INIT":
            size = int(form["total_bytes"]) if form.get("total_bytes", "").isdigit() else -1
            category = form.get("media_category", "tweet_image")
            session = await self._open(request, size, form.get("media_type", ""), category)
            return JSONResponse(shape(self._told(session)), 202)
        session = await self._own(request, form.get("media_id", ""), "append" if command == "APPEND" else "finalize")
        if command == "APPEND":
            self._keep(session, *_segment(parts, form.get("segment_index", "")))
            return Response(status_code=204)
        if command == "FINALIZE":
            return JSONResponse(shape(self._told(self._finish(session), whole=True)), 201)
        raise nouns.invalid(f"unknown command {command[:20]!r}", command=command[:20])

    # --- uploads ------------------------------------------------------------------------------------------------------

    async def _open(self, request: Request, total: int, media_type: str, category: str) -> Session:
        account, now = await self._access.account(request), self._store.now()
        if "video" in category and (media_type not in nouns.VIDEO_TYPES or not 0 < total <= MAX_VIDEO):
            raise nouns.invalid("The media type or its size is not supported.", media_type=media_type[:40])
        if category == "tweet_image" and (media_type not in PICTURE_TYPES or total > MAX_PICTURE):
            raise nouns.invalid("The media type or its size is not supported.", media_type=media_type[:40])
        if total < 1 or (category == "subtitles" and media_type not in ("text/srt", "text/vtt")):
            raise nouns.invalid("total_bytes or media_type is invalid.", total_bytes=str(total))
        media_id = nouns.new_id(now)
        meta = {
            "category": category,
            "media_key": f"{7 if 'video' in category else 3}_{media_id}",
            "segments": {},
            "finalized": 0.0,
            "polls": 0,
            "outcome": "",
            "subtitles": [],
        }
        session = Session(media_id, PLATFORM, account, meta, media_type, total, created=now)
        self._store.add_session(session)
        return session

    async def _own(self, request: Request, media_id: str, op: str) -> Session:
        """The caller's own upload, or 400; an expired one is as unknown as any other."""
        account = await self._access.account(request)
        session = self._store.session(media_id)
        if session and take_fault(self._store, PLATFORM, op, {"expire_session"}, account=account):
            self._store.drop_session(session.id)
            session = None
        if session is None or session.platform != PLATFORM or session.account != account:
            raise nouns.invalid("Media ID not found.", media_id=media_id[:40])
        if self._store.now() - session.created > self._access.settings().media_life_s:
            raise nouns.invalid("Media ID has expired.", media_id=media_id[:40])
        return session

    def _again(self, session: Session) -> Session:
        return self._store.session(session.id) or session

    async def _body(self, request: Request, session: Session, kind: str) -> bytes | None:
        """The request's body; None when a fault or the client breaks it off."""
        start = sum(size for _, size in session.meta["segments"].values())
        span = (start, start + max(1, int(request.headers.get("content-length", "0")) - _SEGMENT_HEAD))
        broken = take_fault(self._store, PLATFORM, "append", {"reset_at_byte"}, span, session.account)
        limit = self._access.settings().max_segment * (2 if kind.startswith("application/json") else 1)
        body = bytearray()
        try:
            async for block in request.stream():
                body += block
                if broken and len(body) > broken.at_byte - start:
                    return None
                if len(body) > limit + _SEGMENT_HEAD:
                    await drain(request)
                    raise nouns.Refusal(413, "Request Entity Too Large", "maximum segment size exceeded")
        except ClientDisconnect:
            return None
        return bytes(body)

    def _keep(self, session: Session, index: int, data: bytes) -> None:
        """Adds a segment, or puts it in its own place again."""
        if session.meta["finalized"]:
            raise nouns.invalid("The upload is finalized already.", media_id=session.id)
        partial: Fault | None = take_fault(self._store, PLATFORM, "append", {"partial_commit"}, account=session.account)
        data = data[: partial.keep] if partial else data
        segments: dict[str, list[int]] = dict(session.meta["segments"])
        known, name = segments.get(str(index)), str(index)
        if known and not self._access.settings().reappend:
            name = f"{index}.{len(segments)}"
        with self._store.session_file(session.id).open("r+b") as file:
            at = known[0] if known and known[1] == len(data) and name == str(index) else file.seek(0, 2)
            file.seek(at)
            file.write(data)
        segments[name] = [at, len(data)]
        self._store.change_session(session.id, {**session.meta, "segments": segments})
        self._store.commit(session.id, min(session.total, sum(size for _, size in segments.values())))

    def _finish(self, session: Session) -> Session:
        """Repeatable: a finalized upload is reported again."""
        if session.meta["finalized"]:
            return session
        spans = [span for _, span in sorted(session.meta["segments"].items(), key=lambda item: float(item[0]))]
        if sum(size for _, size in spans) != session.total:
            raise nouns.invalid("Segments do not add up to provided total file size.", media_id=session.id)
        if any(before[0] + before[1] != after[0] for before, after in itertools.pairwise(spans)) or spans[0][0]:
            self._reorder(session, spans)
        late = take_fault(self._store, PLATFORM, "poll", {"fail_processing"}, account=session.account)
        settings = self._access.settings()
        outcome = (late.reason or "InternalError") if late else ""
        if settings.outcome == "failed" and not late:
            outcome = settings.outcome_reason
        meta = {**session.meta, "finalized": self._store.now(), "outcome": outcome}
        self._store.change_session(session.id, meta)
        return replace(session, meta=meta)

    def _reorder(self, session: Session, spans: list[list[int]]) -> None:
        source = self._store.session_file(session.id)
        target = source.with_suffix(".ordered")
        with source.open("rb") as old, target.open("wb") as new:
            for start, size in spans:
                old.seek(start)
                for at in range(0, size, 1 << 20):
                    new.write(old.read(min(1 << 20, size - at)))
        target.replace(source)

    # --- answers ------------------------------------------------------------------------------------------------------

    def _told(self, session: Session, *, whole: bool = False) -> dict[str, Any]:
        life = self._access.settings().media_life_s - (self._store.now() - session.created)
        data: dict[str, Any] = {
            "id": session.id,
            "media_key": session.meta["media_key"],
            "expires_after_secs": max(0, int(life)),
        }
        if whole:
            data["size"] = session.total
            if (info := self.processing(session)) is not None:
                data["processing_info"] = info
        return data

    def _polled(self, session: Session) -> dict[str, Any]:
        if not session.meta["finalized"]:
            raise nouns.invalid("Media is not finalized.", media_id=session.id)
        meta = {**session.meta, "polls": session.meta["polls"] + 1}
        self._store.change_session(session.id, meta)
        return self._told(replace(session, meta=meta), whole=True)

    def processing(self, session: Session) -> dict[str, Any] | None:
        """`processing_info` as it stands, None when there is nothing to wait for."""
        settings, polls = self._access.settings(), int(session.meta["polls"])
        waits = "video" in session.meta["category"] and (settings.processing_polls or settings.processing_s)
        if not waits and not session.meta["outcome"]:
            return None
        since = self._store.now() - float(session.meta["finalized"])
        if polls <= settings.processing_polls or since < settings.processing_s:
            return _underway(polls, settings)
        if name := session.meta["outcome"]:
            error = {"code": 3 if name != "InternalError" else 1, "name": name, "message": f"{name}: no frames"}
            return {"state": "failed", "error": error, "progress_percent": 100}
        return {"state": "succeeded", "progress_percent": 100}

    def postable(self, session: Session | None, account: str) -> bool:
        """Whether a post may show this upload."""
        if session is None or session.platform != PLATFORM or session.account != account:
            return False
        if self._store.now() - session.created > self._access.settings().media_life_s or not session.meta["finalized"]:
            return False
        info = self.processing(session)
        return info is None or info["state"] == "succeeded"


def _underway(polls: int, settings: XSettings) -> dict[str, Any]:
    if polls == 0 or (settings.flicker and polls % 3 == 2):
        return {"state": "pending", "check_after_secs": 1}
    return {"state": "in_progress", "check_after_secs": 1, "progress_percent": min(99, 10 * polls)}


def _segment(parts: dict[str, bytes], index: str) -> tuple[int, bytes]:
    text = parts["segment_index"].decode("latin-1") if "segment_index" in parts else index
    if not text.isdigit() or int(text) > 999 or "media" not in parts:
        raise nouns.invalid("segment_index or media is invalid.", segment_index=text[:20])
    if unknown := parts.keys() - {"media", "segment_index", "command", "media_id"}:
        raise nouns.invalid(f"unknown part {min(unknown)}", part=min(unknown))
    return int(text), parts["media"]


def _unbase64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise nouns.invalid("media is not base64.", media=text[:20]) from None


def _flat(data: dict[str, Any]) -> dict[str, Any]:
    """The older host's format: no envelope, the id as a number and as a string."""
    rest = {name: value for name, value in data.items() if name != "id"}
    return {"media_id": int(data["id"]), "media_id_string": data["id"], **rest}
