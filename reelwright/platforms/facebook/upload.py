"""Facebook's classic chunked upload to `/{page}/videos` (docs/platforms/facebook.md#videos): start, transfer, finish.

The server dictates each window (`start_offset` to `end_offset`, both as text). There is no call that returns the
offset; a chunk at the wrong offset is refused with 1363037 and the right window, and an upload is resumed by that.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx

from reelwright.domain.errors import PlatformTransient, ReelwrightError, SessionLost
from reelwright.domain.ports.publishing import Checkpoint
from reelwright.domain.publishing.posting import UploadSession

from ..common.http import unreachable
from ..common.source import Feed, Pieces
from ..meta.api import Graph, object_id, succeeded
from ..meta.errors import number, read_envelope
from ..meta.upload import LONGEST_WAIT_S, STALLS

WRONG_OFFSET = 1363037
LOST = frozenset({1363030, 1363041})
"""Subcodes of a session that is no more: UNVERIFIED, as recalled from Meta's list of upload errors
(docs/platforms/facebook.md#not-verified)."""
LARGEST = 8 << 20
"""Bytes of one transfer at most: a larger window is filled in several."""


class Form:
    """A multipart form with one file in it, in small pieces, from the start at each iteration."""

    def __init__(self, fields: dict[str, str], name: str, data: bytes) -> None:
        self._boundary = f"reelwright-{secrets.token_hex(16)}"
        head = "".join(
            f'--{self._boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
            for key, value in fields.items()
        )
        head += f'--{self._boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="video.mp4"\r\n'
        self._head = f"{head}Content-Type: application/octet-stream\r\n\r\n".encode()
        self._tail = f"\r\n--{self._boundary}--\r\n".encode()
        self._pieces = Pieces(data)
        self._length = len(self._head) + len(data) + len(self._tail)

    @property
    def headers(self) -> dict[str, str]:
        """Type and length."""
        return {
            "Content-Type": f"multipart/form-data; boundary={self._boundary}",
            "Content-Length": str(self._length),
        }

    def let_go(self) -> None:
        """See `Pieces`."""
        self._pieces.let_go()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._head
        async for piece in self._pieces:
            yield piece
        yield self._tail


@dataclass(frozen=True)
class Window:
    """The window that the server expects next; empty when both ends are equal."""

    start: int
    end: int

    @staticmethod
    def of(told: dict[str, Any], total: int) -> Window | None:
        """Out of an answer; None when it makes no sense."""
        start, end = number(told.get("start_offset")), number(told.get("end_offset"))
        return Window(start, end) if start is not None and end is not None and 0 <= start <= end <= total else None


class Chunks:
    """One such upload. `url` is the edge it goes to; the session's state holds its id and the last window."""

    def __init__(self, graph: Graph, url: str, *, largest: int = LARGEST) -> None:
        self._graph = graph
        self._url = url
        self._largest = max(1, largest)

    async def start(self, account: str, size: int) -> dict[str, str | int]:
        """Opens a session: its state."""
        form = {"upload_phase": "start", "file_size": str(size)}
        told = await self._graph.once(account, "POST", self._url, "opening the upload", data=form)
        video, session, window = (
            object_id(told.get("video_id")),
            object_id(told.get("upload_session_id")),
            Window.of(told, size),
        )
        if not video or not session or window is None:
            raise PlatformTransient(
                "Facebook opened an upload without telling its ids and first window",
                field="upload",
                remedy="it is tried again",
            )
        return {"video": video, "upload": session, "start": window.start, "end": window.end}

    async def transfer(self, session: UploadSession, feed: Feed, checkpoint: Checkpoint) -> None:
        """Sends chunks until the window is empty."""
        window, stalled = window_of(session), 0
        while window.start != window.end:
            after = await self._chunk(session, window, feed)
            moved = isinstance(after, Window) and after.start > window.start
            stalled = 0 if moved else stalled + 1
            if stalled >= STALLS:
                raise (
                    after
                    if isinstance(after, ReelwrightError)
                    else PlatformTransient(
                        f"the upload stands still at byte {window.start:,}", field="upload", remedy="it is tried again"
                    )
                )
            if isinstance(after, Window):
                window = after
                state = {**session.state, "start": window.start, "end": window.end}
                await checkpoint(session.model_copy(update={"state": state}), window.start)
            if stalled:
                wait = getattr(after, "retry_after_s", None) or 0.0
                await asyncio.sleep(wait + self._graph.retry_wait_s * (2**stalled - 1))

    async def _chunk(self, session: UploadSession, window: Window, feed: Feed) -> Window | ReelwrightError:
        """One transfer: the next window, or why it is not known."""
        data = await feed.take(window.start, min(window.end - window.start, self._largest))
        fields = {
            "upload_phase": "transfer",
            "upload_session_id": str(session.state["upload"]),
            "start_offset": str(window.start),
        }
        form = Form(fields, "video_file_chunk", data)
        try:
            response = await self._graph.send(session.account, "POST", self._url, headers=form.headers, content=form)
        except httpx.HTTPError as broken:
            return unreachable("Facebook", broken)
        finally:
            form.let_go()
        told = succeeded(response)
        envelope = read_envelope(response)
        if told is None and envelope and envelope.subcode == WRONG_OFFSET:
            told = envelope.data
        if told is not None and (after := Window.of(told, session.total)) is not None:
            return after
        if envelope and envelope.subcode in LOST:
            raise SessionLost(f"Facebook has lost the upload: {envelope.why}", field="upload", remedy="it begins anew")
        error = self._graph.error(response, "uploading", writing=False)
        if isinstance(error, PlatformTransient) and (error.retry_after_s or 0) <= LONGEST_WAIT_S:
            return error
        raise error


def window_of(session: UploadSession) -> Window:
    """The last window that was reported. Raises `SessionLost` for a state that holds none."""
    upload, window = (
        session.state.get("upload"),
        Window.of({"start_offset": session.state.get("start"), "end_offset": session.state.get("end")}, session.total),
    )
    if not isinstance(upload, str) or window is None:
        raise SessionLost("the stored upload session is not one of Facebook's", field="upload")
    return window
