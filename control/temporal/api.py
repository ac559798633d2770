"""One call of Temporal's HTTP API: JSON over HTTP/1.1, a connection each. The paths are those of the annotations in
temporalio/api `workflowservice/v1/service.proto`; errors are JSON with a gRPC code."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import h11

from .payloads import NotUnderstood
from .port import CallFailed, Code, QueryFailed

CALL_S = 30.0
"""For a call without a time limit of its own."""
GRACE_S = 2.0
"""The server is given the time limit too, and answers by itself when it has passed."""
ANSWER_BYTES = 64 << 20
OK = 200
WHOLE = "application/json+no-payload-shorthand"
"""Payloads with their encoding, where plain `application/json` would leave it out."""
_PASSING = (Code.UNAVAILABLE, Code.RESOURCE_EXHAUSTED, Code.UNIMPLEMENTED)
"""The SDK repeats the first two, and may know another way for the third."""


class Api:
    """The HTTP API of the server at `address` (`http://host:port`), for one namespace."""

    def __init__(self, address: str, namespace: str) -> None:
        parts = urlsplit(address)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self.answered = False
        """Whether any call has been answered in any way."""
        self._base = f"/api/v1/namespaces/{quote(namespace, safe='')}/workflows"

    async def read(
        self, *path: str, query: Mapping[str, str] | None = None, timeout_s: float = CALL_S
    ) -> dict[str, Any]:
        """What a GET answers. Raises `CallFailed`, and `NotUnderstood` for everything else that goes wrong."""
        target = self._target(path) + (f"?{urlencode(query)}" if query else "")
        return await self._call("GET", target, None, timeout_s, repeats=True)

    async def send(
        self, *path: str, body: Mapping[str, Any], timeout_s: float = CALL_S, repeats: bool = False
    ) -> dict[str, Any]:
        """What a POST answers. Where the connection is lost after the request was sent, it may have been carried out:
        that is a `CallFailed` unless the call `repeats` without harm."""
        return await self._call("POST", self._target(path), json.dumps(body).encode(), timeout_s, repeats=repeats)

    def _target(self, path: tuple[str, ...]) -> str:
        if any("/" in part for part in path):
            raise NotUnderstood("the server takes no slash within a path's part, not even an escaped one")
        return "/".join([self._base, *(quote(part, safe="") for part in path)])

    async def _call(
        self, method: str, target: str, body: bytes | None, timeout_s: float, *, repeats: bool
    ) -> dict[str, Any]:
        try:
            reader, writer = await asyncio.wait_for(asyncio.open_connection(self._host, self._port), timeout_s)
        except (OSError, TimeoutError) as error:
            raise NotUnderstood("the HTTP API does not answer") from error
        try:
            async with asyncio.timeout(timeout_s + GRACE_S):
                status, answer = await _exchange(reader, writer, self._request(method, target, body, timeout_s))
        except TimeoutError as error:
            raise CallFailed("no answer in time", Code.DEADLINE_EXCEEDED) from error
        except (OSError, h11.RemoteProtocolError) as error:
            if repeats:
                raise NotUnderstood("the connection was lost") from error
            raise CallFailed(
                "the connection was lost, and what was asked may have been done", Code.UNAVAILABLE
            ) from error
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
        self.answered = True
        return _parsed(status, answer)

    def _request(self, method: str, target: str, body: bytes | None, timeout_s: float) -> list[h11.Event]:
        host = f"[{self._host}]" if ":" in self._host else self._host
        headers = [
            ("Host", f"{host}:{self._port}"),
            ("Accept", WHOLE),
            ("Connection", "close"),
            ("Grpc-Timeout", f"{int(timeout_s * 1000)}m"),
        ]
        if body is None:
            return [h11.Request(method=method, target=target, headers=headers), h11.EndOfMessage()]
        headers += [("Content-Type", WHOLE), ("Content-Length", str(len(body)))]
        return [h11.Request(method=method, target=target, headers=headers), h11.Data(body), h11.EndOfMessage()]


async def _exchange(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: list[h11.Event]
) -> tuple[int, bytes]:
    """(status, body) of an answer. Raises `h11.RemoteProtocolError` for what is no HTTP or ends too early."""
    connection = h11.Connection(h11.CLIENT)
    for event in request:
        writer.write(connection.send(event) or b"")
    await writer.drain()
    status, body = 0, bytearray()
    while True:
        got = connection.next_event()
        if got is h11.NEED_DATA:
            connection.receive_data(await reader.read(1 << 16))
        elif isinstance(got, h11.Response):
            status = got.status_code
        elif isinstance(got, h11.Data):
            body += got.data
            if len(body) > ANSWER_BYTES:
                raise h11.RemoteProtocolError("the answer has no end")
        elif isinstance(got, h11.EndOfMessage):
            return status, bytes(body)
        elif isinstance(got, h11.ConnectionClosed):
            raise h11.RemoteProtocolError("the connection was closed before the answer")


def _parsed(status: int, answer: bytes) -> dict[str, Any]:
    try:
        told = json.loads(answer)
    except ValueError as error:
        raise NotUnderstood(f"an answer that is no JSON (HTTP {status})") from error
    if not isinstance(told, dict):
        raise NotUnderstood(f"an answer that is no object (HTTP {status})")
    if status == OK:
        return told
    raise _refusal(status, told)


def _refusal(status: int, told: dict[str, Any]) -> Exception:
    try:
        code, message = Code(told["code"]), str(told["message"])
    except (KeyError, ValueError):
        return NotUnderstood(f"an error of another kind (HTTP {status})")
    kinds = {str(detail.get("@type", "")).rpartition(".")[2] for detail in told.get("details") or ()}
    if "QueryFailedFailure" in kinds:
        return QueryFailed(message)
    if code in _PASSING or (code is Code.NOT_FOUND and not kinds):  # no details: the server has no such path
        return NotUnderstood(message)
    return CallFailed(message, code)
