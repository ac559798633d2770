"""Access to the sandbox: allowed for programs on this machine, refused for web pages in a browser.

A page on the web can have a browser send requests here (cross-site request forgery), and a name that first leads to
the page's server and then to this machine lets it read the answers as well (DNS rebinding). Both are detected by the
browser's headers: `Origin` names the page's own site, `Host` the name that was looked up.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

_READS = ("GET", "HEAD", "OPTIONS")


class Neighbours:
    """ASGI middleware. `host` is what the sandbox listens on: on loopback it answers to loopback's names alone, in a
    container's network also to plain addresses and to names without a dot, which no page on the web can have."""

    def __init__(self, app: ASGIApp, host: str) -> None:
        self._app = app
        self._loopback = _is_loopback(host)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refusal(scope) if scope["type"] == "http" else None
        await (refusal or self._app)(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self._ours(hosts[0]):
            return PlainTextResponse("this host is not served here", 421)
        for origin in headers.getlist("origin"):
            if origin.lower() != f"{scope['scheme']}://{hosts[0]}".lower():
                return PlainTextResponse("pages of other sites are not served", 403)
        foreign = headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")
        if foreign and scope["method"] not in _READS:
            return PlainTextResponse("pages of other sites are not served", 403)
        return None

    def _ours(self, host: str) -> bool:
        try:
            parts = urlsplit(f"//{host}")
            name, _ = parts.hostname or "", parts.port
        except ValueError:
            return False
        if parts.netloc != host or parts.username is not None:
            return False
        if self._loopback or _is_loopback(name):
            return _is_loopback(name)
        return _address(name) is not None or re.fullmatch(r"[a-z0-9_-]+", name) is not None


def _is_loopback(host: str) -> bool:
    address = _address(host)
    return address.is_loopback if address else host == "localhost"


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
