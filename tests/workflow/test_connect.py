"""Reaching Temporal: what the SDK's core has to say goes through Python's logging."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from workers.connect import connect


class Wire:
    """A port in front of a server, which can be cut."""

    def __init__(self, target: str) -> None:
        self._host, _, self._port = target.rpartition(":")
        self._ends: list[asyncio.StreamWriter] = []
        self.address = ""

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Wire]:
        server = await asyncio.start_server(self._join, "127.0.0.1", 0)
        self.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            server.close()
            for end in self._ends:
                end.transport.abort()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there = await asyncio.open_connection(self._host, self._port)
        self._ends += [writer, there]
        await asyncio.gather(_copy(reader, there), _copy(there_reader, writer), return_exceptions=True)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()


@pytest.mark.lengthy
async def test_a_lost_server_is_logged_and_not_printed(
    temporal: WorkflowEnvironment, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    async with Wire(temporal.client.service_client.config.target_host).open() as wire:
        client: Client = await connect(wire.address)
        await client.count_workflows()
    with suppress(RPCError, TimeoutError):
        async with asyncio.timeout(3):
            await client.count_workflows()
    await asyncio.sleep(0.2)  # the core hands its records over a little later
    told = [record for record in caplog.records if record.name.startswith("temporalio.core")]
    assert told and "Unavailable" in told[0].getMessage()
    assert capfd.readouterr().out == ""
