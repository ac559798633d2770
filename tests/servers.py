"""The servers that all tests share, however many processes test: one PostgreSQL, one S3 server, one Temporal server.

pytest's main process starts each when a test first asks for it, and ends it with the session. The processes that
pytest-xdist starts ask it over a loopback connection. What must not be shared is made by whoever asks: a database, a
bucket; Temporal's namespaces are handed out one by one.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import asyncpg
from temporalio.client import Client as TemporalClient
from temporalio.client import WorkflowHandle
from temporalio.plugin import SimplePlugin
from temporalio.service import RPCError
from temporalio.testing import TimeSkipper, WorkflowEnvironment
from temporalio.worker import PollerBehaviorSimpleMaximum, WorkerConfig
from tenacity import Retrying, retry_if_exception, stop_after_attempt

from reelwright.storage.migrate import migrate
from workers.local.embedded import EmbeddedPostgres
from workers.local.services import find_temporal
from workers.plugin import reelwright_plugin
from workflows import search

SPARING = {"GOGC": "800", "GOMEMLIMIT": "1500MiB", "GOMAXPROCS": str(max(1, (os.cpu_count() or 2) // 2))}
"""For programs in Go: a fifth less processor time for more memory, and for fewer threads that look for work."""
NAMESPACES = 12
"""How many a session can hand out."""


def free_port(below: int = 65_000) -> int:
    """A port nobody listens on; `below` leaves room for services that add 10,000 for their second port."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        if port < below:
            return port


@contextmanager
def child(command: list[str], log: Path, patience_s: float = 15, **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A child process that is certainly gone afterwards."""
    with log.open("ab") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, **options)
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(patience_s)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_until(true: Callable[[], bool], process: subprocess.Popen[bytes], log: Path, patience_s: float = 120) -> None:
    """Returns once it is true. Fails with the log's end when the process ends before."""
    deadline = time.monotonic() + patience_s
    while not true():
        if process.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(f"the server did not come up:\n{log.read_text(errors='replace')[-2_000:]}")
        time.sleep(0.1)


def _port_taken(error: BaseException) -> bool:
    return isinstance(error, AssertionError) and "address already in use" in str(error).lower()


@dataclass(frozen=True)
class S3:
    """Where the S3 server is and how to be let in."""

    endpoint: str
    access_key: str = "test-access-key"
    secret_key: str = "test-secret-key"
    bucket: str = "media"

    def client(self) -> Any:
        import boto3
        from botocore.config import Config

        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
        )

    def has_bucket(self) -> bool:
        from botocore.exceptions import BotoCoreError, ClientError

        with suppress(BotoCoreError, ClientError):
            self.client().head_bucket(Bucket=self.bucket)
            return True
        return False


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """PostgreSQL with a migrated database to copy others from; its address."""
    server, port = EmbeddedPostgres(folder / "data"), free_port()
    server.prepare()

    async def ready() -> None:
        await server.wait_ready(port, timeout=120)
        await server.ensure_database(port)
        await migrate(server.dsn(port))

    # Nobody needs what it holds after a power failure.
    command = [*server.command(port), "--fsync=off", "--max_connections=200"]
    with child(command, folder / "log", **server.popen_kwargs()):
        with ThreadPoolExecutor(1) as thread:  # there may be a loop in this one
            thread.submit(asyncio.run, ready()).result()
        yield server.dsn(port)


@contextmanager
def s3(folder: Path) -> Iterator[S3]:
    """SeaweedFS as one process."""
    names = ["master.port", "volume.port", "filer.port", "s3.port", "admin.port"]
    ports = {name: free_port(below=55_000) for name in names}
    options = [f"-{name}={port}" for name, port in ports.items()]
    options += [f"-{name}.grpc={port + 10_000}" for name, port in ports.items()]
    sockets = [f"-{name}.localSocket={folder / name}.sock" for name in ("filer", "s3")]
    off = ["-webdav=false", "-admin.ui=false", "-s3.port.iceberg=0", "-s3.port.lance=0", "-master.telemetry=false"]
    where = ["-dir", str(folder), "-ip", "127.0.0.1", "-ip.bind", "127.0.0.1", "-bucket", "media"]
    service = S3(f"http://127.0.0.1:{ports['s3.port']}")
    environment = {
        **os.environ,
        "AWS_ACCESS_KEY_ID": service.access_key,
        "AWS_SECRET_ACCESS_KEY": service.secret_key,
        "HOME": str(folder),
        **SPARING,
    }
    weed = Path(sys.executable).with_name("weed")
    command = [str(weed), "mini", *where, *off, *options, *sockets]
    log = folder / "log"
    with child(command, log, 1, cwd=folder, env=environment) as process:  # its data is thrown away
        wait_until(service.has_bucket, process, log)
        yield service
    for port in ports.values():  # it puts sockets named after its ports there, and leaves them when it is hurried
        for left in Path("/tmp").glob(f"seaweedfs-*-{port + 10_000}.sock"):
            left.unlink(missing_ok=True)


class TemporalAddress(str):
    """`host:port` of a Temporal server; `http` is the address of its HTTP API."""

    http: str = ""


@contextmanager
def temporal(folder: Path, *options: str) -> Iterator[TemporalAddress]:
    """Temporal's dev server in memory, which can skip time for the workflows that ask for it; its address. `options`
    are further ones of its command line."""
    port, http_port = free_port(), free_port()
    address = TemporalAddress(f"127.0.0.1:{port}")
    address.http = f"http://127.0.0.1:{http_port}"
    command = [find_temporal(), "server", "start-dev", "--headless", "--ip", "127.0.0.1", "--port", str(port)]
    command += ["--http-port", str(http_port)]
    command += ["--log-level", "warn", "--dynamic-config-value", "frontend.WorkflowTimeSkippingEnabled=true"]
    command += [option for n in range(NAMESPACES) for option in ("--namespace", f"test-{n}")]
    for key in search.ALL:
        command += ["--search-attribute", f"{key.name}={'Double' if key is search.COST_USD else 'Keyword'}"]
    command += options
    log = folder / "log"

    def answers() -> bool:
        """Its port is open before its namespaces can be asked for."""

        async def ask() -> None:
            client = await TemporalClient.connect(f"127.0.0.1:{port}", namespace=f"test-{NAMESPACES - 1}")
            await client.count_workflows()

        with ThreadPoolExecutor(1) as thread:  # there may be a loop in this one
            try:
                thread.submit(asyncio.run, ask()).result()
            except (RPCError, RuntimeError):
                return False
        return True

    with child(command, log, env=os.environ | SPARING) as process:
        wait_until(answers, process, log)
        yield address


class Servers(Protocol):
    """Who can be asked for a server."""

    def need(self, name: str) -> Any: ...


class LocalServers:
    """Starts what is asked for, once, and ends all of it in `close`."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._lock = threading.Lock()
        self._folder: Path | None = None
        self._running: dict[str, Any] = {}
        self._namespaces = iter(range(NAMESPACES))
        self._listener: Listener | None = None

    def need(self, name: str) -> Any:
        """The address of `postgres`, `s3` or `temporal`; of `namespace` the next one that nobody has."""
        with self._lock:
            if name == "namespace":
                return f"test-{next(self._namespaces)}"
            if name not in self._running:
                if self._folder is None:
                    self._folder = Path(
                        tempfile.mkdtemp(prefix="servers-", dir=os.environ.get("PYTEST_DEBUG_TEMPROOT"))
                    )
                    self._stack.callback(shutil.rmtree, self._folder, ignore_errors=True)
                self._running[name] = self._started(name, self._folder)
            return self._running[name]

    def _started(self, name: str, folder: Path) -> Any:
        """Once more where a port that was free is taken by another process before the server listens there."""
        start = {"postgres": postgres, "s3": s3, "temporal": temporal}[name]
        for attempt in Retrying(stop=stop_after_attempt(3), retry=retry_if_exception(_port_taken), reraise=True):
            with attempt:
                place = folder / f"{name}-{attempt.retry_state.attempt_number}"
                place.mkdir()
                return self._stack.enter_context(start(place))  # type: ignore[arg-type]
        raise AssertionError

    def serve(self) -> tuple[int, bytes]:
        """Answers other processes from now on; the port and the key they need."""
        if self._listener is None:
            key = secrets.token_bytes(16)
            self._key, self._listener = key, Listener(("127.0.0.1", 0), authkey=key)
            threading.Thread(target=self._accept, daemon=True).start()
        return int(self._listener.address[1]), self._key  # type: ignore[index]

    def _accept(self) -> None:
        while self._listener is not None:
            try:
                asking = self._listener.accept()
            except OSError:
                return  # closed
            threading.Thread(target=self._answer, args=(asking,), daemon=True).start()

    def _answer(self, asking: Connection) -> None:
        with asking, suppress(EOFError):
            name = asking.recv()
            try:
                asking.send((self.need(name), None))
            except Exception as error:  # noqa: BLE001 - whoever asked is told
                asking.send((None, f"{type(error).__name__}: {error}"))

    def close(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.close()
        self._stack.close()


@dataclass(frozen=True)
class RemoteServers:
    """Asks the process that started this one."""

    port: int
    key: bytes

    def need(self, name: str) -> Any:
        with Client(("127.0.0.1", self.port), authkey=self.key) as connection:
            connection.send(name)
            answer, error = connection.recv()
        assert error is None, error
        return answer


# --- what whoever asks makes on them --------------------------------------------------------------------------------


class SkippingEnvironment(WorkflowEnvironment):
    """The shared Temporal server, with time skipping for each workflow that `client` starts."""

    def __init__(self, client: TemporalClient) -> None:
        self._skipper = TimeSkipper(client)
        super().__init__(self._skipper.client)

    @property
    def supports_time_skipping_v2(self) -> bool:
        return True

    async def fast_forward(
        self, handle: WorkflowHandle[Any, Any], duration: timedelta | float | None = None, /
    ) -> bool:
        return await self._skipper.fast_forward(handle, duration)

    @contextmanager
    def with_time_skipping_disabled(self) -> Iterator[None]:
        with self._skipper.with_time_skipping_disabled():
            yield

    async def get_current_time(self, handle: WorkflowHandle[Any, Any] | None = None) -> datetime:
        assert handle is not None, "each workflow has a clock of its own"
        return await self._skipper.get_current_time(handle)


async def temporal_client(servers: Servers, *plugins: SimplePlugin, namespace: str = "") -> TemporalClient:
    """A client of the shared server, in a namespace that nobody else has if none is given. `plugins` come after the
    product's own."""
    namespace = namespace or servers.need("namespace")
    plugins = (reelwright_plugin(), _FewPolls("few polls"), *plugins)
    return await TemporalClient.connect(servers.need("temporal"), namespace=namespace, plugins=plugins)


class _FewPolls(SimplePlugin):
    """A worker asks for tasks five times at once, and a studio of the tests has nine workers, for a second."""

    def configure_worker(self, config: WorkerConfig) -> WorkerConfig:
        config = super().configure_worker(config)
        two, one = PollerBehaviorSimpleMaximum(2), PollerBehaviorSimpleMaximum(1)
        return {**config, "workflow_task_poller_behavior": two, "activity_task_poller_behavior": one}


async def copied(template: str) -> str:
    """A new copy of a database that nobody is connected to; its address."""
    name = await _made(template, f' template "{urlsplit(template).path[1:]}"')
    return renamed(template, name)


async def emptied(pool: Any) -> None:
    """Takes all rows out of a migrated database: a tenth of what another copy costs. No migration puts rows in."""
    tables = await pool.fetch(
        "select quote_ident(tablename) as name from pg_tables where schemaname = 'public' and tablename <> $1",
        "alembic_version",
    )
    # What is append-only refuses to be emptied: its triggers do not fire in this role.
    names = ", ".join(row["name"] for row in tables)
    await pool.execute(f"set local session_replication_role = replica; truncate {names} restart identity")


async def blank(template: str) -> str:
    """A new, empty database on the server of another; its address."""
    return renamed(template, await _made(template))


async def _made(beside: str, how: str = "") -> str:
    name = f"t{uuid.uuid4().hex[:12]}"
    maintenance = await asyncpg.connect(renamed(beside, "postgres"))
    try:
        await maintenance.execute(f'create database "{name}"{how}')
    finally:
        await maintenance.close()
    return name


def renamed(dsn: str, database: str) -> str:
    """The address of another database on the same server."""
    return urlsplit(dsn)._replace(path=f"/{database}").geturl()


def bucket_of_its_own(service: S3) -> S3:
    """The same server with a new bucket."""
    own = replace(service, bucket=f"media-{uuid.uuid4().hex[:12]}")
    own.client().create_bucket(Bucket=own.bucket)
    return own
