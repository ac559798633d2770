"""Google's resumable upload protocol (docs/platforms/youtube.md#upload), without anything specific to YouTube.

A session is a URI; it gives write access, so it is treated like a credential. `PUT` with `Content-Range:
bytes a-b/total` adds bytes, with `bytes */total` reads the progress. 308 with `Range: bytes=0-N` means that N+1 bytes
are stored (no `Range`: none); 200 or 201 means that the resource exists and is described in the body.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from reelwright.domain.errors import PlatformTransient, SessionLost

from ..common.http import json_body, unreachable
from ..common.source import Chunk

GRANULE = 262_144
"""Every piece but the last is a multiple of 256 KiB."""
_RANGE = re.compile(r"(?:bytes[ =])?0-(\d{1,15})")

Send = Callable[..., Awaitable[httpx.Response]]
"""`send(method, url, headers=…, content=…)`: authorises, and raises `httpx.HTTPError` when no answer comes."""

Body = bytes | Chunk


@dataclass(frozen=True)
class Standing:
    """A session's progress. `resource` describes what was made, once it is made; it is empty when the platform
    reported completion without a description."""

    committed: int
    done: bool = False
    resource: dict[str, Any] | None = None
    uri: str = ""


class Refused(Exception):
    """An answer outside the protocol. The platform's module interprets it."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        super().__init__(f"HTTP {response.status_code}")


def trusted(uri: str, api_url: str) -> bool:
    """Whether a session's address may be sent our bearer token: the API's own host, or a Google one over HTTPS."""
    try:
        there, home = urlsplit(uri), urlsplit(api_url)
        there_port, home_port = there.port, home.port
    except ValueError:
        return False
    if (there.scheme, there.hostname, there_port) == (home.scheme, home.hostname, home_port):
        return True
    return there.scheme == "https" and (there.hostname or "").endswith(".googleapis.com") and there_port in (None, 443)


class ResumableSession:
    """One session. Reads the true offset from the platform and never assumes that what was sent was kept."""

    def __init__(self, send: Send, uri: str, total: int, *, api_url: str) -> None:
        self._send = send
        self._uri = uri
        self._total = total
        self._api_url = api_url

    async def probe(self) -> Standing:
        """Reads the progress. Raises `SessionLost`, `PlatformTransient` (no answer) or `Refused`."""
        try:
            return await self._put(b"", f"bytes */{self._total}")
        except httpx.HTTPError as error:
            raise unreachable("YouTube", error) from None

    async def put(self, start: int, data: Body) -> Standing:
        """Adds bytes at `start`. Raises `httpx.HTTPError` when no answer came: then only a probe can decide."""
        return await self._put(data, f"bytes {start}-{start + len(data) - 1}/{self._total}")

    async def _put(self, data: Body, content_range: str) -> Standing:
        headers = {"Content-Range": content_range, "Content-Length": str(len(data))}
        response = await self._send("PUT", self._uri, headers=headers, content=data)
        status = response.status_code
        if status == 308:
            return self._standing(response)
        if status in (200, 201):
            return Standing(self._total, done=True, resource=json_body(response))
        if status in (404, 410):
            raise SessionLost(
                "YouTube no longer knows the upload session", field="upload", remedy="a new upload is begun"
            )
        raise Refused(response)

    def _standing(self, response: httpx.Response) -> Standing:
        moved = response.headers.get("location", "")
        if moved and trusted(moved, self._api_url):
            self._uri = moved
        text = response.headers.get("range", "").strip()
        match = _RANGE.fullmatch(text)
        if text and not match:
            raise PlatformTransient(
                "YouTube told an upload position that makes no sense", field="upload", remedy="it is asked again"
            )
        committed = int(match[1]) + 1 if match else 0
        return Standing(min(committed, self._total), uri=self._uri)
