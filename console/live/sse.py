"""`/events`: the news as Server-Sent Events. https://html.spec.whatwg.org/multipage/server-sent-events.html

Each event names rows, never what is in them, as `data: {"contents": ["tides"], "posts": ["tides/x/main"]}`; its id is a
mark, by which any replica goes on. Further events: `reset` (some news are missing: read everything anew), `state` (what
does not answer), `signed-out`."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response, StreamingResponse

from control.board import news_ago
from control.signing_in import still_open
from reelwright.domain.errors import InvalidInput, ProviderUnavailable
from reelwright.domain.news import Mark, named_topics
from reelwright.domain.people import Caller, Role

from ..parts import Parts
from ..routing import PageRequest, page
from .hub import Batch, Hub, Listener

HEARTBEAT_S = 15.0
"""Below the idle limits of proxies."""
CHECKED_EVERY_S = 60.0
RETRY_MS = 2_000
STREAMS = 1_000
"""At one replica."""
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "X-Content-Type-Options": "nosniff"}


@page("/events", needs=Role.VIEWER)
async def events(request: PageRequest) -> Response:
    """The news of these topics (all, where none is named), from the header `Last-Event-ID` on; else from the mark
    `after`, or from `ago` seconds before, where one of them is given."""
    hub, caller = hub_of(request), request.caller
    if caller.way == "link":
        raise HTTPException(403)
    if hub.listeners >= STREAMS:
        raise ProviderUnavailable("too many streams are open here", field="events", retry_after_s=10)
    topics = named_topics(request.query_params.get("topics", ""), caller.role)
    listener = await hub.join(topics, await _after(request), request.books)
    return StreamingResponse(_stream(request, hub, listener, caller), media_type="text/event-stream", headers=HEADERS)


@page("/events/session", needs=Role.VIEWER, name="events_session")
async def session(request: PageRequest) -> Response:
    """Whether there is a session: EventSource does not say why it was refused."""
    return JSONResponse({"role": request.caller.role}, headers={"Cache-Control": "no-store"})


async def _after(request: PageRequest) -> Mark | None:
    if text := request.headers.get("last-event-id") or request.query_params.get("after"):
        return Mark.of(text)
    if not (ago := request.query_params.get("ago")):
        return None
    try:
        return await news_ago(request.books, float(ago))
    except ValueError as error:
        raise InvalidInput(f"{ago[:40]!r} is no number", field="ago", remedy="give seconds") from error


def hub_of(request: PageRequest) -> Hub:
    """The one of this application."""
    hub: Hub = request.app.state.hub
    return hub


async def _stream(request: PageRequest, hub: Hub, listener: Listener, caller: Caller) -> AsyncIterator[str]:
    checked = time.monotonic()
    try:
        yield f"retry: {RETRY_MS}\nid: {listener.mark}\n\n"
        while not listener.ended:
            batch = await listener.next(HEARTBEAT_S)
            yield frame(batch)
            if time.monotonic() - checked >= CHECKED_EVERY_S:
                checked = time.monotonic()
                if not await allowed_still(request.parts, caller):
                    yield "event: signed-out\ndata: {}\n\n"
                    return
    finally:
        hub.leave(listener)


async def allowed_still(parts: Parts, caller: Caller) -> bool:
    """Whether the session or the token stands, with the same role. While the database is away nobody is sent out: no
    news come either."""
    try:
        return await still_open(parts.books(caller), caller)
    except ProviderUnavailable:
        return True


def frame(batch: Batch) -> str:
    """A batch as events. One without news is a comment with the mark, so that a stream that is broken off goes on from
    there."""
    parts = []
    if batch.state is not None:
        parts.append(f"event: state\ndata: {json.dumps(batch.state)}\n")
    if batch.reset:
        parts.append("event: reset\ndata: {}\n")
    if batch.keys:
        parts.append(f"data: {json.dumps(batch.keys, separators=(',', ':'))}\n")
    parts = parts or [": \n"]
    parts[-1] = f"id: {batch.mark}\n{parts[-1]}"
    return "\n".join(parts) + "\n"


ROUTES = [events, session]
