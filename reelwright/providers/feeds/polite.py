"""Manners towards other people's sites: robots.txt (RFC 9309), and a pause between two requests to one host."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit
from urllib.robotparser import RobotFileParser

from reelwright.domain.errors import InvalidInput, ProviderUnavailable

from .document import FIELD, text_of
from .fetch import Document

AGENT = "Reelwright"
"""What a site's robots.txt may name us by; the same word begins the `User-Agent` header."""
ROBOTS_BYTES = 512_000
"""RFC 9309 asks for at least 500 KiB; what is longer is cut off by refusing it: then nothing is known, see `_rules`."""
KEEP_S = 3_600.0
"""How long a robots.txt counts; at most a day, says RFC 9309."""
MOST_HOSTS = 1_000
LONGEST_DELAY_S = 10.0
"""A site that asks for a longer pause (`Crawl-delay`) is given this one."""


@dataclass
class _Host:
    """What is known of one origin. `next_at` is when it may be asked again, on the monotonic clock."""

    rules: RobotFileParser | None = None
    read_at: float = 0.0
    next_at: float = 0.0


class Manners:
    """Of one process. `fetch` reads a document of at most so many bytes; `delay_s` is between two requests to one
    host."""

    def __init__(self, fetch: Callable[[str, int], Awaitable[Document]], delay_s: float) -> None:
        self._fetch = fetch
        self._delay_s = delay_s
        self._hosts: OrderedDict[str, _Host] = OrderedDict()
        self._locks: dict[str, asyncio.Lock] = {}

    async def before(self, url: str) -> None:
        """Waits for this request's turn. Raises `InvalidInput` where the site's robots.txt forbids the page, and
        `ProviderUnavailable` where its rules cannot be read at the moment."""
        origin = _origin(url)
        lock = self._locks.setdefault(origin, asyncio.Lock())
        async with lock:
            host = self._host(origin)
            if host.rules is None or time.monotonic() - host.read_at > KEEP_S:
                await self._turn(host)
                host.rules, host.read_at = await self._rules(origin), time.monotonic()
            if not host.rules.can_fetch(AGENT, url):
                raise InvalidInput("the site's robots.txt does not let it be read", field=FIELD)
            await self._turn(host)

    def _host(self, origin: str) -> _Host:
        host = self._hosts.setdefault(origin, _Host())
        self._hosts.move_to_end(origin)
        while len(self._hosts) > MOST_HOSTS:
            gone, _ = self._hosts.popitem(last=False)
            if not self._locks[gone].locked():
                del self._locks[gone]
        return host

    async def _turn(self, host: _Host) -> None:
        wait = host.next_at - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        host.next_at = time.monotonic() + self._delay(host)

    def _delay(self, host: _Host) -> float:
        asked = host.rules.crawl_delay(AGENT) if host.rules else None
        return max(self._delay_s, min(float(asked or 0), LONGEST_DELAY_S)) if self._delay_s else 0.0

    async def _rules(self, origin: str) -> RobotFileParser:
        """RFC 9309, 2.3.1: none there (4xx) allows everything, and so does one that is no text; a server that fails is
        asked again later."""
        rules = RobotFileParser()
        try:
            document = await self._fetch(f"{origin}/robots.txt", ROBOTS_BYTES)
            rules.parse(text_of(document.data, document.content_type).splitlines())
        except ProviderUnavailable as error:
            raise ProviderUnavailable(
                f"its site's robots.txt cannot be read now: {error.message}",
                field=FIELD,
                retry_after_s=error.retry_after_s,
            ) from error
        except InvalidInput:
            rules.parse([])
        return rules


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.lower(), "", "", ""))
