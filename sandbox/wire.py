"""What every sandboxed platform needs of the wire: faults on cue, broken connections, multipart bodies."""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import struct
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Protocol
from weakref import WeakValueDictionary

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from uvicorn.protocols.http.h11_impl import H11Protocol

from .store import SandboxStore


class Fault(BaseModel):
    """One thing that goes wrong, `count` times, after `skip` requests it would have fitted.

    `point`: `status` answers with `status`, `body` and `content_type` and does nothing else; `before_commit` breaks the
    connection with nothing kept; `after_commit_before_reply` does the work and breaks the connection instead of
    answering; `error_though_done` does the work and answers with `status` and `body`; `reset_at_byte` breaks the
    connection once byte `at_byte` of the file has come in, keeping what the platform would keep; `partial_commit` keeps
    no more than `keep` bytes of the request and answers so; `expire_token` and `expire_session` make the request find
    its token or session gone; `quota` answers as the platform does when its quota is spent; `fail_processing` lets the
    processing of the upload fail late, for `reason`. `op` narrows it to one kind of call, `account` to one account.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    point: Literal[
        "status",
        "before_commit",
        "after_commit_before_reply",
        "error_though_done",
        "reset_at_byte",
        "partial_commit",
        "expire_token",
        "expire_session",
        "quota",
        "fail_processing",
    ]
    platform: str = "youtube"
    account: str = ""
    op: str = Field(default="", pattern="^[a-z_]{0,20}$")
    count: int = Field(default=1, ge=1)
    skip: int = Field(default=0, ge=0)
    at_byte: int = Field(default=0, ge=0)
    keep: int = Field(default=0, ge=0)
    status: int = Field(default=503, ge=200, le=599)
    body: str = ""
    content_type: str = "application/json; charset=UTF-8"
    retry_after: int | None = None
    reason: str = ""

    def response(self) -> Response:
        """The answer of a `status` fault."""
        headers = {"Retry-After": str(self.retry_after)} if self.retry_after is not None else {}
        return Response(self.body, self.status, headers, media_type=self.content_type)


def take_fault(
    store: SandboxStore,
    platform: str,
    op: str,
    points: set[str],
    span: tuple[int, int] = (0, 0),
    account: str = "",
) -> Fault | None:
    """The first waiting fault that fits, one use of it spent. `final` calls are `put` calls too. A `reset_at_byte`
    fits only a request whose bytes (`span`, end exclusive) hold that byte. A fault of an account fits only its own
    requests, and one without fits all."""
    for number, spec in store.faults_for(platform, account):
        fault = Fault.model_validate(spec)
        kinds = {"", op, "put"} if op == "final" else {"", op}
        if fault.point not in points or fault.op not in kinds:
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


class Platform(Protocol):
    """A sandboxed platform, over a store."""

    def routes(self) -> Sequence[BaseRoute]:
        """Its paths."""
        ...


class Refusal(Exception):
    """An answer in the platform's own error envelope, raised from wherever it is found out."""

    def response(self) -> Response:
        """The answer."""
        raise AssertionError("every platform writes its own")


Handler = Callable[[Request], Awaitable[Response]]
EARLY_FAULTS = {"status", "before_commit", "expire_token", "quota"}
LATE_FAULTS = {"after_commit_before_reply", "error_though_done"}


@dataclass(frozen=True)
class Guard:
    """Faults before and after a platform's handlers, and refusals in the platform's own format.

    `unauthorized` and `quota_spent` make the platform's answers to an invalid token and a spent quota; `account_of`
    names the account of a request, with a valid token or not, or "".
    """

    store: SandboxStore
    platform: str
    unauthorized: Callable[[], Response]
    quota_spent: Callable[[], Response]
    account_of: Callable[[Request], str]

    def __call__(self, op: str, handler: Handler) -> Handler:
        """The handler behind the guard. `op` is what faults call this kind of request."""

        async def guarded(request: Request) -> Response:
            account = self.account_of(request)
            if fault := take_fault(self.store, self.platform, op, EARLY_FAULTS, account=account):
                await drain(request)
                return self.faulty(fault, request)
            try:
                response = await handler(request)
            except Refusal as refusal:
                await drain(request)
                return refusal.response()
            if late := take_fault(self.store, self.platform, op, LATE_FAULTS, account=account):
                return NoAnswer(request) if late.point == "after_commit_before_reply" else late.response()
            return response

        return guarded

    def faulty(self, fault: Fault, request: Request) -> Response:
        """What a fault before the work looks like to the caller."""
        if fault.point == "expire_token":
            self.store.expire_tokens(fault.account)
            return self.unauthorized()
        if fault.point == "quota":
            return self.quota_spent()
        return NoAnswer(request) if fault.point == "before_commit" else fault.response()


async def drain(request: Request) -> None:
    """Reads and drops a body, so that the answer reaches a client that is still sending."""
    if not request._stream_consumed:
        async for _ in request.stream():
            continue


def write_at(descriptor: int, data: bytes | memoryview, at: int) -> None:
    """Writes all of `data` at byte `at`."""
    view = memoryview(data)
    while view:
        written = os.pwrite(descriptor, view, at)
        view, at = view[written:], at + written


class BreakableProtocol(H11Protocol):
    """uvicorn's HTTP protocol, whose connections can be found again by their peer in order to break them."""

    open_connections: ClassVar[WeakValueDictionary[tuple[str, int], BreakableProtocol]] = WeakValueDictionary()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if hasattr(transport, "max_size"):
            # asyncio reads 256 KiB at a time into memory that the C library maps and unmaps anew: twice the work.
            transport.max_size = 65_536
        if self.client:
            self.open_connections[self.client] = self

    @classmethod
    def reset(cls, request: Request) -> None:
        """Breaks the request's connection with a TCP reset, in the middle of whatever it is at."""
        connection = cls.open_connections.get(tuple(request.scope["client"]))
        if connection is None or connection.transport.is_closing():
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


def json_value(data: bytes) -> Any:
    """The value of a JSON text (RFC 8259: without NaN and infinities), or `ValueError`, also when it is nested deeper
    than Python reads."""
    try:
        return json.loads(data, parse_constant=_no_number)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number")


def json_object(data: bytes) -> dict[str, Any]:
    """A JSON object, or `ValueError`."""
    value = json_value(data)
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return value
