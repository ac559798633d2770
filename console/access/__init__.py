"""Who may come in: sessions, tokens, the checks of each request."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from reelwright.domain.people import Caller


async def recognise(connection: HTTPConnection) -> Caller | None:
    """Who sent a request; None for nobody known."""
    return None
