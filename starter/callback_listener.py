"""A listener on this machine for one answer of a platform (RFC 8252, 7.3 and 8.3).

It takes GET on one path, and of those only the one with the state that is awaited; whatever else comes is refused, and
it goes on waiting. The answer's address is left at once by a redirect, so that no code stays in the browser's history.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from control.replies import Reply, read_reply
from reelwright.domain.errors import InvalidInput

DONE = "/connect/done"
HEAD_BYTES = 16_384
HEAD_S = 10.0
_HEADERS = (
    "Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nX-Content-Type-Options: nosniff\r\n"
    "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\nConnection: close\r\n"
)
_REASONS = {200: "OK", 303: "See Other", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed",
            410: "Gone", 421: "Misdirected Request"}  # fmt: skip


@dataclass
class Listener:
    """Where it listens: `port` is known from the start, and `hosts` are the `Host` headers it answers to."""

    port: int
    path: str = ""
    state: str = ""
    hosts: frozenset[str] = frozenset()
    _answer: asyncio.Future[Reply] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def expect(self, redirect: str, state: str) -> None:
        """From now on the answer to this request for consent is awaited."""
        parts = urlsplit(redirect)
        names = {"localhost", "127.0.0.1", "[::1]"}
        self.path, self.state = parts.path, state
        self.hosts = frozenset({parts.netloc, *(f"{name}:{self.port}" for name in names)})

    async def answer(self, within_s: float) -> Reply:
        """The answer. Raises `InvalidInput` when none came in time."""
        try:
            async with asyncio.timeout(within_s):
                return await asyncio.shield(self._answer)
        except TimeoutError:
            raise InvalidInput(
                "no answer came to this machine",
                field="connection",
                remedy="begin again with --paste, and paste the address of the page that the browser ends on",
            ) from None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one request."""
        try:
            async with asyncio.timeout(HEAD_S):
                head = await reader.readuntil(b"\r\n\r\n")
            status, body, target = self._answered(head)
        except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            status, body, target = 400, "This is no request.", ""
        location = f"Location: {target}\r\n" if target else ""
        page = _page(body)
        response = (
            f"HTTP/1.1 {status} {_REASONS[status]}\r\n{_HEADERS}{location}"
            f"Content-Type: text/html; charset=utf-8\r\nContent-Length: {len(page)}\r\n\r\n"
        )
        with suppress(ConnectionError):  # the browser has left; the answer has been taken all the same
            writer.write(response.encode() + page)
            await writer.drain()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    def _answered(self, head: bytes) -> tuple[int, str, str]:
        """(status, text, where to go on)."""
        lines = head.decode("latin-1").split("\r\n")
        method, _, rest = lines[0].partition(" ")
        target = rest.partition(" ")[0]
        hosts = [line.partition(":")[2].strip() for line in lines[1:] if line.lower().startswith("host:")]
        if len(hosts) != 1 or hosts[0].lower() not in self.hosts:
            return 421, "This host is not served here.", ""
        path, _, query = target.partition("?")
        if path == DONE and method == "GET":
            return 200, "The answer has arrived. Go on in the terminal; this window can be closed.", ""
        if path != self.path or not self.path:
            return 404, "There is nothing here.", ""
        if method != "GET":
            return 405, "Only a browser's answer is taken here.", ""
        if self._answer.done():
            return 410, "The answer was taken already. Go on in the terminal.", ""
        return self._taken(query)

    def _taken(self, query: str) -> tuple[int, str, str]:
        try:
            reply = read_reply(query)
        except InvalidInput:
            return 400, "This answer cannot be read. The terminal goes on waiting for another one.", ""
        if not hmac.compare_digest(reply.state.encode(), self.state.encode()):
            return 400, "Nobody asked for this answer. The terminal goes on waiting for its own.", ""
        self._answer.set_result(reply)
        return 303, "", DONE


@asynccontextmanager
async def listening(port: int, bind: str, host: str, *, any_port: bool) -> AsyncIterator[Listener]:
    """Listens until the block ends: on the loopback addresses behind `host`, or on `bind` where that is set. With
    `any_port` another port is taken where this one is in use. Raises `InvalidInput`."""
    addresses = [bind] if bind else ["127.0.0.1", "::1"] if host == "localhost" else ["127.0.0.1"]
    listener = Listener(port)
    server = await _opened(listener, addresses[0], port, any_port=any_port)
    servers = [server]
    listener.port = server.sockets[0].getsockname()[1]
    for address in addresses[1:]:
        with suppress(OSError):  # a machine without IPv6
            servers.append(await asyncio.start_server(listener.serve, address, listener.port, limit=HEAD_BYTES))
    try:
        yield listener
    finally:
        for each in servers:
            each.close()


async def _opened(listener: Listener, address: str, port: int, *, any_port: bool) -> asyncio.Server:
    try:
        return await asyncio.start_server(listener.serve, address, port, limit=HEAD_BYTES)
    except OSError as error:
        if any_port and port:
            return await _opened(listener, address, 0, any_port=False)
        raise InvalidInput(
            f"port {port} cannot be listened on ({error.strerror})",
            field="REELWRIGHT_CONNECT_PORT",
            remedy="end what uses it, or set another port and register the redirect with it",
        ) from error


def _page(text: str) -> bytes:
    style = ":root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}body{margin:4rem auto;max-width:30rem}"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Reelwright</title>'
        f"<style>{style}</style></head><body><h1>Reelwright</h1><p>{text}</p></body></html>"
    ).encode()
