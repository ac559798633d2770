"""The real services the integration tests stand on: PostgreSQL, S3, the sandbox. Each starts once and ends with us."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from reelwright.domain.content.video import Inspection, RenderJob
from reelwright.domain.formats import STANDARD_FORMATS, VideoFormat
from reelwright.domain.ports.making import EncodedVideo
from reelwright.storage.catalog import PostgresCatalog
from reelwright.storage.database import connect
from reelwright.storage.migrate import migrate
from workers.local.embedded import EmbeddedPostgres

from .render.made import RENDERER, Rendered, ignore, make_plan, soundtrack_of
from .storage.filing import fresh, open_content

ROOT = Path(__file__).parents[2]


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
                process.wait(5)


# --- a render --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
async def rendered(tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    folder = tmp_path_factory.mktemp("render")
    made = make_plan(folder)
    workdir = folder / "work: it's [odd] %d"
    workdir.mkdir()
    mixed = await RENDERER.mix(made.plan, made.files, workdir, ignore)
    soundtrack = soundtrack_of(mixed, made.files)
    two = asyncio.Semaphore(2)

    async def one(format: VideoFormat) -> tuple[EncodedVideo, Inspection]:
        async with two:
            job = RenderJob(plan=made.plan, format=format, soundtrack=soundtrack)
            video = await RENDERER.render(job, made.files, workdir, ignore)
            return video, await RENDERER.inspect(job, video.path)

    done = dict(zip(STANDARD_FORMATS, await asyncio.gather(*map(one, STANDARD_FORMATS)), strict=True))
    return Rendered(
        made,
        workdir,
        mixed,
        soundtrack,
        {format: pair[0] for format, pair in done.items()},
        {format: pair[1] for format, pair in done.items()},
    )


# --- PostgreSQL ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
async def postgres_dsn(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """A migrated database of this test session's own."""
    folder = tmp_path_factory.mktemp("postgres")
    server, port = EmbeddedPostgres(folder / "data"), free_port()
    await asyncio.to_thread(server.prepare)
    with child(server.command(port), folder / "log", **server.popen_kwargs()):
        await server.wait_ready(port)
        await server.ensure_database(port)
        dsn = server.dsn(port)
        await migrate(dsn)
        yield dsn


@pytest.fixture(scope="session")
async def pool(postgres_dsn: str) -> AsyncIterator[Any]:
    """A pool on it, large enough for the races."""
    pool = await connect(postgres_dsn, max_size=10)
    yield pool
    await pool.close()


@asynccontextmanager
async def database_of_its_own(postgres_dsn: str) -> AsyncIterator[Any]:
    """A pool on a new, migrated database of the same server: for tests that look at all rows of all tables."""
    name, (address, options) = fresh(), postgres_dsn.rsplit("/", 1)
    outer = await connect(postgres_dsn, max_size=1)
    try:
        await outer.execute(f'create database "{name}"')
    finally:
        await outer.close()
    dsn = f"{address}/{name}{options[options.find('?') :] if '?' in options else ''}"
    await migrate(dsn)
    pool = await connect(dsn, max_size=10)
    yield pool
    await pool.close()


@pytest.fixture
def catalog(pool: Any) -> PostgresCatalog:
    return PostgresCatalog(pool)


@pytest.fixture
async def content(catalog: PostgresCatalog) -> str:
    """An open content's id."""
    content_id = fresh()
    await open_content(catalog, content_id)
    return content_id


# --- S3 --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class S3:
    """Where the S3 server is and how to be let in."""

    endpoint: str
    access_key: str = "test-access-key"
    secret_key: str = "test-secret-key"
    bucket: str = "media"


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    """SeaweedFS as one process."""
    folder = tmp_path_factory.mktemp("s3")
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
    }
    weed = Path(sys.executable).with_name("weed")
    command = [str(weed), "mini", *where, *off, *options, *sockets]
    with child(command, folder / "log", 1, cwd=folder, env=environment) as process:  # its data is thrown away
        _wait_for_bucket(service, process, folder / "log")
        yield service
    for port in ports.values():  # it puts sockets named after its ports there, and leaves them when it is hurried
        for left in Path("/tmp").glob(f"seaweedfs-*-{port + 10_000}.sock"):
            left.unlink(missing_ok=True)


def _wait_for_bucket(service: S3, process: subprocess.Popen[bytes], log: Path) -> None:
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    client = boto3.client(
        "s3",
        endpoint_url=service.endpoint,
        region_name="us-east-1",
        aws_access_key_id=service.access_key,
        aws_secret_access_key=service.secret_key,
        config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
    )
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        try:
            client.head_bucket(Bucket=service.bucket)
            return
        except (BotoCoreError, ClientError):
            time.sleep(0.1)
    raise AssertionError(f"the S3 server did not come up:\n{log.read_text(errors='replace')[-2_000:]}")


# --- the sandbox -----------------------------------------------------------------------------------------------------


class Sandbox:
    """The sandbox as a process of its own, and its control interface."""

    def __init__(self, folder: Path, client: httpx.AsyncClient) -> None:
        self.folder = folder
        self.client = client
        self.url = ""
        self._process: subprocess.Popen[str] | None = None

    def start(self, port: int = 0) -> None:
        """Starts it and reads the ready line."""
        command = [sys.executable, "-m", "sandbox", "--port", str(port), "--dir", str(self.folder)]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert "ready on http://127.0.0.1:" in line, line
        self.url = line.rsplit(" ", 1)[1].strip()

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1])

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ends it and returns the exit code."""
        assert self._process is not None
        self._process.send_signal(number)
        code = self._process.wait(10)
        if self._process.stdout:
            self._process.stdout.close()
        return code

    async def reset(self) -> None:
        await self.post("reset", {})

    async def post(self, what: str, body: Any) -> Any:
        answer = await self.client.post(f"{self.url}/_control/{what}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def fault(self, point: str, **rest: Any) -> None:
        await self.post("faults", {"point": point, **rest})

    async def settings(self, **changes: Any) -> None:
        await self.post("settings", changes)

    async def faults_left(self) -> list[dict[str, Any]]:
        return (await self.client.get(f"{self.url}/_control/faults")).json()["faults"]

    async def posts(self) -> list[dict[str, Any]]:
        return (await self.client.get(f"{self.url}/_control/posts")).json()["posts"]


@pytest.fixture(scope="session")
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """One client for all, without proxies from the environment."""
    async with httpx.AsyncClient(trust_env=False) as client:
        yield client


@pytest.fixture(scope="session")
async def sandbox_process(tmp_path_factory: pytest.TempPathFactory, http: httpx.AsyncClient) -> AsyncIterator[Sandbox]:
    sandbox = Sandbox(tmp_path_factory.mktemp("sandbox"), http)
    sandbox.start()
    try:
        yield sandbox
    finally:
        sandbox.stop()


@pytest.fixture
async def sandbox(sandbox_process: Sandbox) -> Sandbox:
    """The running sandbox, with nothing in it."""
    await sandbox_process.reset()
    return sandbox_process
