"""A worker process tells the truth about itself: alive, connected, polling."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import httpx
import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from reelwright.domain.errors import InvalidInput
from reelwright.domain.platforms import Platform
from workers.health import Health, HealthAddress, Readiness, endpoint, read_address
from workers.pools import cpu_workers, media_worker
from workflows import policies

from .conftest import FakeStudio, eventually


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False, timeout=300) as http:
        yield http


def address_in(file: Path) -> HealthAddress:
    address = read_address(file)
    assert address is not None
    return address


async def ready(client: httpx.AsyncClient, address: HealthAddress) -> tuple[int, Readiness]:
    answer = await client.get(f"{address.url}/readyz")
    return answer.status_code, Readiness.model_validate_json(answer.content)


async def test_a_process_is_ready_when_temporal_has_seen_it_poll(
    temporal: WorkflowEnvironment, tmp_path: Path, client: httpx.AsyncClient
) -> None:
    studio, file = FakeStudio(temporal, tmp_path / "scratch"), tmp_path / "health" / "cpu.json"
    before = Health("cpu")  # an earlier start of the same process: it leaves pollers behind
    async with AsyncExitStack() as stack:
        for worker in cpu_workers(studio.client, studio.cpu(), identity=before.identity):
            await stack.enter_async_context(worker)
    health = Health("cpu")
    async with endpoint(health, port=0, file=file):
        address = address_in(file)
        assert address.pid == os.getpid()
        assert (await client.get(f"{address.url}/healthz")).json() == {"alive": True}
        status, told_before = await ready(client, address)
        assert (status, told_before.connected, told_before.queues) == (503, False, ())
        workers = cpu_workers(studio.client, studio.cpu(), identity=health.identity)
        health.serves(studio.client, workers)
        status, not_started = await ready(client, address)
        assert (status, not_started.connected) == (503, True)
        assert not any(queue.polled for queue in not_started.queues), "the earlier start's pollers do not count"
        async with AsyncExitStack() as stack:
            for worker in workers:
                await stack.enter_async_context(worker)

            async def is_ready() -> bool:
                return (await ready(client, address))[0] == 200

            await eventually(is_ready)
            _, now = await ready(client, address)
            assert now.ready and now.identity == health.identity
            kinds = {queue.kind for queue in now.queues if queue.queue == policies.MAIN_QUEUE}
            assert kinds == {"workflow", "activity"} and len(now.queues) == len(Platform) + 2
            health.stops()
            status, ending = await ready(client, address)
            assert (status, ending.stopping) == (503, True)
            assert (await client.get(f"{address.url}/healthz")).status_code == 200
    assert not file.exists()
    with pytest.raises(httpx.ConnectError):
        await client.get(f"{address.url}/healthz")


class Cable:
    """The way to a server, which can be cut and mended."""

    def __init__(self, target: str) -> None:
        self._host, _, port = target.rpartition(":")
        self._target = int(port)
        self._writers: list[asyncio.StreamWriter] = []
        self._server: asyncio.Server | None = None
        self.port = 0

    async def mend(self) -> None:
        self._server = await asyncio.start_server(self._join, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(self._host, self._target)
        self._writers += [writer, back]
        await asyncio.gather(self._pump(reader, back), self._pump(there, writer))

    @staticmethod
    async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65_536):
                writer.write(data)
                await writer.drain()


async def test_a_server_that_is_away_is_told_and_one_that_comes_back(
    temporal: WorkflowEnvironment, tmp_path: Path, client: httpx.AsyncClient
) -> None:
    cable = Cable(temporal.client.service_client.config.target_host)
    await cable.mend()
    studio, health, file = FakeStudio(temporal, tmp_path / "scratch"), Health("render"), tmp_path / "render.json"
    over = await Client.connect(f"127.0.0.1:{cable.port}", namespace=studio.client.namespace)
    worker = media_worker(studio.client, studio.staff(), identity=health.identity)

    async def code_is(wanted: int) -> bool:
        return (await ready(client, address_in(file)))[0] == wanted

    async with endpoint(health, port=0, file=file), worker:
        health.serves(over, [worker])
        await eventually(lambda: code_is(200))
        await cable.cut()
        await eventually(lambda: code_is(503))
        assert (await ready(client, address_in(file)))[1].connected is False
        await cable.mend()
        await eventually(lambda: code_is(200))


async def test_an_event_loop_that_stands_still_does_not_answer(tmp_path: Path) -> None:
    """Whoever asks is another process; a thread of ours that answers would say nothing about the work."""
    file = tmp_path / "cpu.json"
    async with endpoint(Health("cpu"), port=0, file=file):
        url = f"{address_in(file).url}/healthz"
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(url, timeout=1, trust_env=False)  # on purpose in the loop's own thread
        answer = await asyncio.to_thread(httpx.get, url, timeout=300, trust_env=False)
        assert answer.status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/", 404), ("POST", "/healthz", 405), ("HEAD", "/healthz", 200), ("GET", "/healthz?x=1", 200)],
)
async def test_other_requests(tmp_path: Path, client: httpx.AsyncClient, method: str, path: str, status: int) -> None:
    file = tmp_path / "cpu.json"
    async with endpoint(Health("cpu"), port=0, file=file):
        answer = await client.request(method, f"{address_in(file).url}{path}")
    assert answer.status_code == status
    assert bool(answer.content) is (method != "HEAD")


@pytest.mark.parametrize("sent", [b"", b"hello\r\n\r\n", b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 10_000])
async def test_what_is_no_request_hurts_nobody(tmp_path: Path, client: httpx.AsyncClient, sent: bytes) -> None:
    file = tmp_path / "cpu.json"
    async with endpoint(Health("cpu"), port=0, file=file):
        address = address_in(file)
        reader, writer = await asyncio.open_connection("127.0.0.1", address.port)
        writer.write(sent)
        writer.write_eof()
        with suppress(ConnectionError):  # closed on us before all was read: as good
            assert not (await reader.read()).startswith(b"HTTP/1.1 200")
        writer.close()
        assert (await client.get(f"{address.url}/healthz")).status_code == 200


async def test_it_is_off_unless_asked_for_and_a_taken_port_is_told(tmp_path: Path) -> None:
    async with endpoint(Health("cpu"), port=0, file=None):
        assert not list(tmp_path.iterdir())
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(InvalidInput, match=f"REELWRIGHT_HEALTH_PORT: nothing can listen on port {port}"):
            async with endpoint(Health("cpu"), port=port, file=None):
                pytest.fail("two servers on one port")
