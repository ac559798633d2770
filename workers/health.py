"""Liveness and readiness of this worker process, over HTTP on loopback: `GET /healthz` and `GET /readyz`.

`/healthz` answers 200 while the event loop runs. `/readyz` answers 200 only while Temporal answers and has seen this
process poll every queue that it serves, and 503 otherwise; its body is a `Readiness` either way. The worker's own state
would be less reliable: the SDK starts its pollers in the background, and continues to poll an unreachable server.

The endpoint is off unless REELWRIGHT_HEALTH_PORT names a port, or REELWRIGHT_HEALTH_FILE a file: then any free port is
taken and written to the file (`HealthAddress`), where `reelwright up` reads it.
"""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import h11
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.service import RPCError

from reelwright.domain.base import Model
from reelwright.domain.errors import InvalidInput

if TYPE_CHECKING:
    from temporalio.client import Client
    from temporalio.worker import Worker

log = logging.getLogger(__name__)

HOST = "127.0.0.1"
ALIVE, READY = "/healthz", "/readyz"
REQUEST_BYTES = 16_384
REQUEST_S = 10.0
ASK_S = 3.0
"""How long Temporal has to answer about one queue."""
FRESH_S = 1.0
"""An answer this recent is returned again, so that frequent requests put no load on the server."""


class HealthAddress(Model):
    """The address of a worker's health endpoint; the content of REELWRIGHT_HEALTH_FILE."""

    pid: int
    port: int

    @property
    def url(self) -> str:
        """Without a path."""
        return f"http://{HOST}:{self.port}"


class QueuePolled(Model):
    """A task queue that this process serves with workflows or activities, and whether Temporal has seen it poll."""

    queue: str
    kind: str
    polled: bool


class Readiness(Model):
    """`connected`: Temporal answers. `stopping`: the process is shutting down and accepts no new tasks."""

    pool: str
    identity: str
    connected: bool = False
    stopping: bool = False
    queues: tuple[QueuePolled, ...] = ()

    @property
    def ready(self) -> bool:
        """Whether it takes work from all of its queues."""
        return self.connected and not self.stopping and all(queue.polled for queue in self.queues)


@dataclass(frozen=True)
class _Served:
    """One queue of one worker."""

    worker: Worker
    kind: TaskQueueType.ValueType

    @property
    def queue(self) -> str:
        return self.worker.task_queue

    @property
    def name(self) -> str:
        return "workflow" if self.kind == TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW else "activity"


class Health:
    """One process's health. Its workers poll under `identity`, which no other process and no earlier start has."""

    def __init__(self, pool: str) -> None:
        self.identity = f"{os.getpid()}@{socket.gethostname()}/{secrets.token_hex(4)}"
        self._pool = pool
        self._client: Client | None = None
        self._served: tuple[_Served, ...] = ()
        self._seen: set[_Served] = set()
        self._stopping = False
        self._lock = asyncio.Lock()
        self._last: tuple[float, Readiness] | None = None

    def serves(self, client: Client, workers: Sequence[Worker]) -> None:
        """From now on it can be ready: these workers are started."""
        self._client = client
        self._served = tuple(_Served(worker, kind) for worker in workers for kind in _kinds(worker))
        self._last = None

    def stops(self) -> None:
        """Shutdown was requested."""
        self._stopping = True
        self._last = None

    async def readiness(self) -> Readiness:
        """As it is now, or was a moment ago."""
        async with self._lock:
            now = asyncio.get_running_loop().time()
            if self._last is None or now - self._last[0] > FRESH_S:
                self._last = (now, await self._look())
            return self._last[1]

    async def _look(self) -> Readiness:
        known = Readiness(pool=self._pool, identity=self.identity, stopping=self._stopping)
        if self._client is None or not self._served:
            return known
        client = self._client
        try:
            polled = await asyncio.gather(*(self._polled(client, served) for served in self._served))
        except RPCError as error:
            log.debug("Temporal does not answer about the queues: %s", error)
            return known
        queues = tuple(
            QueuePolled(queue=served.queue, kind=served.name, polled=yes)
            for served, yes in zip(self._served, polled, strict=True)
        )
        return known.model_copy(update={"connected": True, "queues": queues})

    async def _polled(self, client: Client, served: _Served) -> bool:
        """Whether Temporal has seen this process poll the queue. Once is enough while the worker runs: a worker without
        free slots does not poll, and Temporal drops a poller from its list after some minutes."""
        answer = await client.workflow_service.describe_task_queue(
            DescribeTaskQueueRequest(
                namespace=client.namespace, task_queue=TaskQueue(name=served.queue), task_queue_type=served.kind
            ),
            timeout=timedelta(seconds=ASK_S),
        )
        if any(poller.identity == self.identity for poller in answer.pollers):
            self._seen.add(served)
        return served in self._seen and served.worker.is_running


def _kinds(worker: Worker) -> list[TaskQueueType.ValueType]:
    config = worker.config()
    kinds = []
    if config.get("workflows"):
        kinds.append(TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW)
    if config.get("activities"):
        kinds.append(TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY)
    return kinds


# --- the endpoint ----------------------------------------------------------------------------------------------------


@asynccontextmanager
async def endpoint(health: Health, *, port: int, file: Path | None) -> AsyncIterator[None]:
    """Serves the endpoint while the body runs; does nothing when neither port nor file is given. Raises `InvalidInput`
    when the port is taken."""
    if not port and file is None:
        yield
        return
    try:
        server = await asyncio.start_server(lambda r, w: _serve(health, r, w), HOST, port)
    except OSError as error:
        raise InvalidInput(
            f"nothing can listen on port {port} of {HOST} ({error.strerror})",
            field="REELWRIGHT_HEALTH_PORT",
            remedy="name another port, or 0 for none",
        ) from error
    async with server:
        address = HealthAddress(pid=os.getpid(), port=server.sockets[0].getsockname()[1])
        if file is not None:
            write_address(file, address)
        try:
            yield
        finally:
            if file is not None:
                file.unlink(missing_ok=True)


def read_address(file: Path) -> HealthAddress | None:
    """The address of the process's health endpoint; None while it is not written yet."""
    try:
        return HealthAddress.model_validate_json(file.read_bytes())
    except FileNotFoundError:
        return None


def write_address(file: Path, address: HealthAddress) -> None:
    """Writes the address of a process into its file, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_suffix(".new")
    temporary.write_text(address.model_dump_json())
    temporary.replace(file)


async def _serve(health: Health, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One request, one answer, and the connection is closed."""
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=REQUEST_BYTES)
    try:
        async with asyncio.timeout(REQUEST_S):
            request = await _request(connection, reader)
            if request is not None:
                status, body = await _answer(health, request)
                writer.write(_response(connection, status, body, with_body=request.method != b"HEAD"))
                await writer.drain()
    except (h11.RemoteProtocolError, ConnectionError, TimeoutError) as error:
        log.debug("a request for the health was not one: %s", error)
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def _request(connection: h11.Connection, reader: asyncio.StreamReader) -> h11.Request | None:
    """The head of a request; None when none was received."""
    while (event := connection.next_event()) is h11.NEED_DATA:
        connection.receive_data(await reader.read(4_096))
    return event if isinstance(event, h11.Request) else None


async def _answer(health: Health, request: h11.Request) -> tuple[int, str]:
    path = request.target.decode("ascii", "replace").partition("?")[0]
    if request.method not in (b"GET", b"HEAD"):
        return 405, '{"error": "only GET"}'
    if path == ALIVE:
        return 200, '{"alive": true}'
    if path == READY:
        readiness = await health.readiness()
        return 200 if readiness.ready else 503, readiness.model_dump_json()
    return 404, f'{{"error": "there are {ALIVE} and {READY}"}}'


def _response(connection: h11.Connection, status: int, body: str, *, with_body: bool) -> bytes:
    data = body.encode()
    headers = [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(data))),
        ("Cache-Control", "no-store"),
        ("Connection", "close"),
    ]
    pieces = [connection.send(h11.Response(status_code=status, headers=headers))]
    if with_body:
        pieces.append(connection.send(h11.Data(data=data)))
    pieces.append(connection.send(h11.EndOfMessage()))
    return b"".join(piece for piece in pieces if piece)
