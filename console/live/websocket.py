"""`/ws`: the same news for programs, as JSON.

The first message names who asks and what for: `{"token": "rw_…"}` or `{"ticket": "…"}` (from `POST /ws/ticket`), with
`topics` and `after` if wanted. Then come `{"mark": …, "news": {"contents": […]}}`, `{"mark": …, "reset": true}`,
`{"state": {…}}`, and every 20 s at the latest `{"mark": …, "ping": true}`."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import suppress
from typing import Any

from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, Response
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from control.board import stream_ticket, use_stream_ticket
from control.failures import explained
from reelwright.domain.errors import InvalidInput, ReelwrightError
from reelwright.domain.news import Mark, named_topics
from reelwright.domain.people import Caller, Role

from ..parts import Parts
from ..routing import PageRequest, page
from .hub import Batch, Hub, Listener
from .sse import CHECKED_EVERY_S, STREAMS, allowed_still

PING_S = 20.0
FIRST_WITHIN_S = 10.0
SENT_WITHIN_S = 10.0
FIRST_CHARS = 4_096
BAD, NOBODY, NOT_ALLOWED = 1008, 4401, 4403
SLOW, RESTARTS = 1013, 1012
NOT_YET = Caller(name="", role=Role.VIEWER)


@page("/ws/ticket", needs=Role.VIEWER, methods=("POST",), name="ws_ticket")
async def ticket(request: PageRequest) -> Response:
    """A ticket for one WebSocket, good for a minute: for programs that keep their token to themselves."""
    return JSONResponse({"ticket": await stream_ticket(request.books)}, headers={"Cache-Control": "no-store"})


async def news(socket: WebSocket) -> None:
    """One program's stream, from its first message to its end."""
    parts: Parts = socket.app.state.parts
    origin = socket.headers.get("origin")
    if origin is not None and origin != parts.settings.origin:
        await socket.close(NOT_ALLOWED)
        return
    await socket.accept()
    with suppress(WebSocketDisconnect):
        await _served(socket, parts, socket.app.state.hub)


async def _served(socket: WebSocket, parts: Parts, hub: Hub) -> None:
    try:
        asked = await asyncio.wait_for(_first(socket), FIRST_WITHIN_S)
        caller = await _caller(socket, parts, asked)
        if caller is None or caller.way == "link":
            await socket.close(NOBODY, "no such token or ticket")
            return
        topics = named_topics(",".join(asked.get("topics") or ()), caller.role)
        after = Mark.of(asked["after"]) if asked.get("after") else None
        if hub.listeners >= STREAMS:
            await socket.close(SLOW, "too many streams")
            return
        listener = await hub.join(topics, after, parts.books(caller))
    except TimeoutError:
        await socket.close(BAD, "no first message")
        return
    except ReelwrightError as error:
        known = explained(error)
        code = BAD if isinstance(error, InvalidInput) else SLOW
        await socket.close(code, f"{known.field}: {known.message}"[:120])
        return
    reading = asyncio.create_task(_closed(socket, listener))
    try:
        await _stream(socket, parts, listener, caller)
    finally:
        reading.cancel()
        hub.leave(listener)


async def _first(socket: WebSocket) -> dict[str, Any]:
    received = await socket.receive()
    if received["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(received.get("code", 1005))
    text = received.get("text")
    try:
        asked = json.loads(text) if text is not None and len(text) <= FIRST_CHARS else None
    except (ValueError, RecursionError):
        asked = None
    topics = asked.get("topics") if isinstance(asked, dict) else None
    named = [asked.get(name) for name in ("token", "ticket", "after")] if isinstance(asked, dict) else [0]
    if not all(one is None or isinstance(one, str) for one in named) or not (
        topics is None or (isinstance(topics, list) and all(isinstance(one, str) for one in topics))
    ):
        raise InvalidInput("not a first message", field="message", remedy='send {"token": "…", "topics": ["contents"]}')
    assert isinstance(asked, dict)
    return asked


async def _caller(socket: WebSocket, parts: Parts, asked: dict[str, Any]) -> Caller | None:
    if asked.get("ticket"):
        return await use_stream_ticket(parts.books(NOT_YET), asked["ticket"])
    if not asked.get("token"):
        return None
    return await parts.recognise(_with_token(socket, asked["token"]))


def _with_token(socket: WebSocket, token: str) -> HTTPConnection:
    """The same connection as a request with this token in its header, and without cookies."""
    kept = [(name, value) for name, value in socket.scope["headers"] if name not in (b"authorization", b"cookie")]
    value = f"Bearer {token}".encode("latin-1", errors="replace")
    scope = {**socket.scope, "type": "http", "method": "GET", "headers": [*kept, (b"authorization", value)]}
    return HTTPConnection({**scope, "state": {}})


async def _closed(socket: WebSocket, listener: Listener) -> None:
    """Reads on, so that the program's close is seen at once; whatever else it says is ignored."""
    with suppress(RuntimeError):  # we have closed it
        while (await socket.receive())["type"] != "websocket.disconnect":
            pass
    listener.end()


async def _stream(socket: WebSocket, parts: Parts, listener: Listener, caller: Caller) -> None:
    checked = time.monotonic()
    await _send(socket, {"mark": str(listener.mark), "ping": True})
    while True:
        batch = await listener.next(PING_S)
        if listener.ended:
            break
        await _send(socket, message(batch))
        if time.monotonic() - checked >= CHECKED_EVERY_S:
            checked = time.monotonic()
            if not await allowed_still(parts, caller):
                await socket.close(NOBODY, "the session or the token has ended")
                return
    if socket.client_state is WebSocketState.CONNECTED and socket.application_state is WebSocketState.CONNECTED:
        await socket.close(RESTARTS, "connect again")


async def _send(socket: WebSocket, what: dict[str, Any]) -> None:
    """Raises `WebSocketDisconnect` where the program does not take it in time: it reads too slowly."""
    try:
        await asyncio.wait_for(socket.send_json(what), SENT_WITHIN_S)
    except TimeoutError:
        with suppress(RuntimeError, TimeoutError):
            await asyncio.wait_for(socket.close(SLOW, "reads too slowly"), 1)
        raise WebSocketDisconnect(SLOW) from None


def message(batch: Batch) -> dict[str, Any]:
    """A batch as JSON; one without news is a ping."""
    told: dict[str, Any] = {"mark": str(batch.mark)}
    if batch.state is not None:
        told["state"] = batch.state
    if batch.reset:
        told["reset"] = True
    if batch.keys:
        told["news"] = batch.keys
    return told if len(told) > 1 else {**told, "ping": True}


ROUTES = [ticket]
SOCKETS = [WebSocketRoute("/ws", news, name="ws")]
