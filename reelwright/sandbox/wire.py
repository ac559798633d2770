"""What every sandboxed platform needs of the wire: faults on cue, broken connections, multipart bodies."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import struct
from typing import Any, ClassVar, Literal
from weakref import WeakValueDictionary

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response
from uvicorn.protocols.http.h11_impl import H11Protocol

from .store import SandboxStore


class Fault(BaseModel):
    """One thing that goes wrong, `count` times, after `skip` requests it would have fitted.

    `point`: `status` answers with `status`, `body` and `content_type` and does nothing else; `before_commit` breaks the
    connection with nothing kept; `after_commit_before_reply` does the work and breaks the connection instead of
    answering; `reset_at_byte` breaks it once byte `at_byte` of the file has come in, keeping whole 256 KiB blocks;
    `partial_commit` keeps no more than `keep` bytes of the request and answers so; `expire_token` and
    `expire_session` make the request find its token or session gone. `op` narrows it to one kind of call.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    point: Literal[
        "status",
        "before_commit",
        "after_commit_before_reply",
        "reset_at_byte",
        "partial_commit",
        "expire_token",
        "expire_session",
    ]
    platform: str = "youtube"
    op: Literal["", "token", "start", "put", "final", "probe", "read", "write"] = ""
    count: int = Field(default=1, ge=1)
    skip: int = Field(default=0, ge=0)
    at_byte: int = Field(default=0, ge=0)
    keep: int = Field(default=0, ge=0)
    status: int = Field(default=503, ge=200, le=599)
    body: str = ""
    content_type: str = "application/json; charset=UTF-8"
    retry_after: int | None = None

    def response(self) -> Response:
        """The answer of a `status` fault."""
        headers = {"Retry-After": str(self.retry_after)} if self.retry_after is not None else {}
        return Response(self.body, self.status, headers, media_type=self.content_type)


def take_fault(
    store: SandboxStore, platform: str, op: str, points: set[str], span: tuple[int, int] = (0, 0)
) -> Fault | None:
    """The first waiting fault that fits, one use of it spent. `final` calls are `put` calls too. A `reset_at_byte`
    fits only a request whose bytes (`span`, end exclusive) hold that byte."""
    for number, spec in store.faults():
        fault = Fault.model_validate(spec)
        kinds = {"", op, "put"} if op == "final" else {"", op}
        if fault.platform != platform or fault.point not in points or fault.op not in kinds:
            continue
        if fault.point == "reset_at_byte" and not span[0] <= fault.at_byte < span[1]:
            continue
        if fault.skip:
            store.change_fault(number, {**spec, "skip": fault.skip - 1})
            continue
        left = fault.count - 1
        store.change_fault(number, {**spec, "count": left} if left else None)
        return fault
    return None


class BreakableProtocol(H11Protocol):
    """uvicorn's HTTP protocol, whose connections can be found again by their peer in order to break them."""

    open_connections: ClassVar[WeakValueDictionary[tuple[str, int], BreakableProtocol]] = WeakValueDictionary()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self.client:
            self.open_connections[self.client] = self

    @classmethod
    def reset(cls, request: Request) -> None:
        """Breaks the request's connection with a TCP reset, in the middle of whatever it is at."""
        connection = cls.open_connections.get(tuple(request.scope["client"]))
        if connection is None:
            return
        raw = connection.transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # close() sends RST
        connection.transport.abort()


class NoAnswer(Response):
    """Breaks the connection instead of answering."""

    def __init__(self, request: Request) -> None:
        super().__init__()
        self._request = request

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        BreakableProtocol.reset(self._request)


def multipart_related(body: bytes, content_type: str) -> list[tuple[str, bytes]]:
    """The parts of a `multipart/related` body as (content type, bytes).

    Takes LF as well as CRLF line ends: google-api-python-client writes LF. Raises `ValueError` when it is none.
    """
    found = re.search(r'boundary="?([^";,]{1,200})"?', content_type)
    if not found:
        raise ValueError("no boundary")
    pieces = re.split(rb"(?:^|\r?\n)--" + re.escape(found[1].strip().encode()) + rb"(?:--)?[ \t]*\r?(?:\n|$)", body)
    parts = []
    for piece in pieces[1:-1]:
        head, separator, data = _split_head(piece)
        if not separator:
            raise ValueError("a part has no end of its headers")
        kind = re.search(rb"(?im)^content-type:[ \t]*([^\r\n]+)", head)
        parts.append((kind[1].decode("latin-1").strip() if kind else "text/plain", data))
    if not parts:
        raise ValueError("no parts")
    return parts


def _split_head(piece: bytes) -> tuple[bytes, bytes, bytes]:
    """A part's headers and its data, at whichever blank line comes first."""
    found = re.search(rb"\r?\n\r?\n", piece)
    return (piece[: found.start()], found[0], piece[found.end() :]) if found else (piece, b"", b"")


def json_object(data: bytes) -> dict[str, Any]:
    """A JSON object, or `ValueError`."""
    value = json.loads(data)
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return value
