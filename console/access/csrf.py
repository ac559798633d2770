"""No other site may have a browser change something here: what is not a read must come from the console's own pages.

Browsers say so in `Sec-Fetch-Site`; to addresses without https, other than loopback, Chromium sends `Origin` alone. A
request that no form of another site can make needs neither: one with a token and without a cookie, and JSON without a
cookie, which another site's page may not send without being asked first (CORS; we never answer that)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ..parts import ConsoleSettings
from .cookies import session_in
from .recognising import READS, bearer

Refuse = Callable[[Request, Exception], Awaitable[Response]]


class OwnPagesOnly:
    """Answers 403 to changes that another site may have asked for. `refuse` makes the answer."""

    def __init__(self, app: ASGIApp, settings: ConsoleSettings, refuse: Refuse) -> None:
        self._app, self._settings, self._refuse = app, settings, refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in READS:
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        if from_own_page(request, self._settings) or by_a_program(request):
            await self._app(scope, receive, send)
            return
        answer = await self._refuse(request, HTTPException(403, "this was not sent by a page of the console"))
        await answer(scope, receive, send)


def from_own_page(connection: HTTPConnection, settings: ConsoleSettings) -> bool:
    """Whether a browser says that it comes from a page of ours. Also of a WebSocket's handshake."""
    site = connection.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    return connection.headers.get("origin") == settings.origin


def by_a_program(connection: HTTPConnection) -> bool:
    """Whether no page of another site can have had a browser send it with somebody's session."""
    if session_in(connection):
        return False
    media_type = connection.headers.get("content-type", "").partition(";")[0].strip().lower()
    return bearer(connection) is not None or media_type == "application/json"
