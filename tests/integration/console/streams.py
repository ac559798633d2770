"""Consoles on loopback, and what a browser's EventSource does, for the tests of streams."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from starlette.applications import Starlette

from tests.console_server import answered, server_of
from workers.console import _listener
from workers.console_settings import ConsoleEnvironment

TELL = "insert into news (kind, key) values ($1, $2)"


@dataclass
class Replica:
    """One console in this process, over real sockets."""

    app: Starlette
    url: str
    client: httpx.AsyncClient
    server: Any
    serving: asyncio.Task[None]

    @property
    def hub(self) -> Any:
        return self.app.state.hub

    def kill(self) -> None:
        """As a process that is killed leaves its connections: closed in the middle, without a word."""
        for listening in self.server.servers:
            listening.close()
        for connection in list(self.server.server_state.connections):
            connection.transport.abort()

    async def stop(self) -> None:
        self.server._stop(15)
        await self.serving


@asynccontextmanager
async def replica(app: Starlette) -> AsyncIterator[Replica]:
    """Serves until the end of the block."""
    app.state.hub._every_s = 0.05
    server = server_of(app)
    with _listener(ConsoleEnvironment(REELWRIGHT_CONSOLE_HOST="127.0.0.1", REELWRIGHT_CONSOLE_PORT=0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        async with answered(url) as client:
            found = Replica(app, url, client, server, serving)
            try:
                yield found
            finally:
                if not serving.done():
                    await found.stop()


@dataclass(frozen=True)
class Event:
    """One block of a stream; a comment alone has neither kind nor data."""

    kind: str
    id: str
    data: Any


class Source:
    """The part of EventSource that a test needs: blocks in order, and the id that the next connection begins with."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self.last_id = ""
        self._lines = answer.aiter_lines()

    async def block(self) -> Event | None:
        """The next block; None at the stream's end."""
        fields: dict[str, str] = {}
        try:
            async for line in self._lines:
                if not line:
                    break
                name, _, value = line.partition(":")
                fields[name] = value.removeprefix(" ")
            else:
                return None
        except httpx.TransportError:
            return None
        self.last_id = fields.get("id", self.last_id)
        data = fields.get("data")
        kind = fields.get("event", "message") if data is not None else ""
        return Event(kind, fields.get("id", ""), json.loads(data) if data is not None else None)

    async def event(self) -> Event | None:
        """The next block with something in it."""
        while (found := await self.block()) is not None and not found.kind:
            pass
        return found

    async def keys(self, wanted: set[str]) -> list[str]:
        """All keys up to the last one of `wanted`, as they came."""
        seen: list[str] = []
        while not wanted <= set(seen):
            found = await self.event()
            assert found is not None, f"the stream has ended, and {wanted - set(seen)} were not told"
            if found.kind == "message":
                seen += [key for keys in found.data.values() for key in keys]
        return seen


@asynccontextmanager
async def source(client: httpx.AsyncClient, path: str = "/events", last_id: str = "") -> AsyncIterator[Source]:
    """An open stream whose first block, the mark, was read."""
    headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": last_id} if last_id else {})
    async with client.stream("GET", path, headers=headers) as answer:
        assert answer.status_code == 200, await answer.aread()
        found = Source(answer)
        await found.block()
        yield found
