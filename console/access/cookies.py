"""The cookie of a session. Its name's prefix makes browsers take it only with `Secure`, `Path=/` and no `Domain`: no
other host, and no page without https, can plant one. Chromium takes it on loopback without https, too."""

from __future__ import annotations

import ipaddress
from datetime import timedelta
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.responses import Response

from reelwright.domain.people import LONGEST_SESSION

from ..parts import ConsoleSettings

SESSION = "__Host-reelwright"


def session_in(connection: HTTPConnection) -> str:
    """What the cookie holds; empty without one."""
    return connection.cookies.get(SESSION, "")


def give(response: Response, value: str, name: str = SESSION, life: timedelta = LONGEST_SESSION) -> None:
    """Hands a cookie out with an answer. Scripts cannot read it, and other sites' forms do not send it."""
    response.set_cookie(
        name, value, max_age=int(life.total_seconds()), path="/", secure=True, httponly=True, samesite="lax"
    )


def take_back(response: Response, name: str = SESSION) -> None:
    """Has the browser forget it."""
    response.delete_cookie(name, path="/", secure=True, httponly=True, samesite="lax")


def kept_by_browsers(settings: ConsoleSettings) -> bool:
    """Whether a browser keeps the cookie at the console's public address."""
    if settings.secure:
        return True
    host = urlsplit(settings.public_url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
