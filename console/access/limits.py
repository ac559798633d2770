"""How large a request may be. How often somebody may sign in or change something is counted in PostgreSQL
(`control.signing_in`)."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .csrf import Refuse
from .recognising import path_of

MOST_BYTES = 4_000_000
"""Of what a page sends."""
OWN_LIMITS = ("/uploads/", "/api/")
"""Paths below which each route has its own limit, for files among them."""


class SmallBodies:
    """Answers 413 to a body of more than `MOST_BYTES`: at once where its length is announced, else as soon as more than
    that was read. `refuse` makes the answer."""

    def __init__(self, app: ASGIApp, refuse: Refuse) -> None:
        self._app, self._refuse = app, refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or path_of(scope).startswith(OWN_LIMITS):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        announced = request.headers.get("content-length", "0")
        if not announced.isdigit() or int(announced) > MOST_BYTES:
            answer = await self._refuse(request, _too_long())
            await answer(scope, receive, send)
            return
        read = 0

        async def receiving() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > MOST_BYTES:
                raise _too_long()
            return message

        await self._app(scope, receiving, send)


def _too_long() -> HTTPException:
    return HTTPException(413, f"more than {MOST_BYTES:,} bytes")
