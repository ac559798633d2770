"""The real services the integration tests stand on: PostgreSQL, S3, the sandbox. Each starts once and ends with us."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import tenacity

from reelwright.domain.content.video import Inspection, RenderJob
from reelwright.domain.formats import VideoFormat
from reelwright.domain.ports.rendering import EncodedVideo
from reelwright.platforms.common import http as platform_http
from reelwright.platforms.instagram.pictures import InstagramPictures
from reelwright.platforms.tiktok.upload import Sending
from reelwright.platforms.youtube.publisher import YouTubePublisher
from reelwright.storage.catalog import PostgresCatalog
from reelwright.storage.database import connect
from tests.servers import S3, Servers, bucket_of_its_own, copied

from .render.made import RENDERED, RENDERER, Rendered, ignore, make_plan, soundtrack_of
from .storage.filing import fresh, open_content
from .studio.running import SECRETS, LocalStudio, local_studio

if TYPE_CHECKING:
    from tests.faults.providers.vendors import Vendors

ROOT = Path(__file__).parents[2]


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

    done = dict(zip(RENDERED, await asyncio.gather(*map(one, RENDERED)), strict=True))
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
async def postgres_dsn(servers: Servers) -> str:
    """A migrated database of this process's own, on the server that all share."""
    return await copied(servers.need("postgres"))


@pytest.fixture(scope="session")
async def pool(postgres_dsn: str) -> AsyncIterator[Any]:
    """A pool on it, large enough for the races."""
    pool = await connect(postgres_dsn, max_size=10)
    yield pool
    await pool.close()


@asynccontextmanager
async def database_of_its_own(servers: Servers) -> AsyncIterator[Any]:
    """A pool on a new, migrated database of the same server: for tests that look at all rows of all tables."""
    pool = await connect(await copied(servers.need("postgres")), max_size=10)
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


@pytest.fixture(scope="session")
def s3(servers: Servers) -> S3:
    """A bucket of this process's own, on the server that all share."""
    return bucket_of_its_own(servers.need("s3"))


# --- the sandbox -----------------------------------------------------------------------------------------------------


class Sandbox:
    """The sandbox as a process of its own, and its control interface."""

    def __init__(self, folder: Path, client: httpx.AsyncClient) -> None:
        self.folder = folder
        self.files = folder / "files"
        """Served at `/_files/`, for platforms that fetch what they post."""
        self.client = client
        self.url = ""
        self._process: subprocess.Popen[str] | None = None

    def start(self, port: int = 0) -> None:
        """Starts it and reads the ready line."""
        command = [sys.executable, "-m", "sandbox", "--port", str(port), "--dir", str(self.folder)]
        command += ["--files", str(self.files)]
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
        code = self._process.wait(600)
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


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the pauses between the tries of one call of an adapter: up to 31 s for an upload that stands still."""
    monkeypatch.setattr(platform_http, "wait_exponential_jitter", lambda **_: tenacity.wait_none())
    for adapter in (YouTubePublisher, Sending, InstagramPictures):
        monkeypatch.setattr(adapter, "_pause", lambda self, turn: 0.0)


# --- whole local studios ---------------------------------------------------------------------------------------------
# One takes 20 s of processor time to come up. The files that share one run in the same process (tests/conftest.py).


@pytest.fixture(scope="session")
def vendors() -> Iterator[Vendors]:
    """All providers, on loopback; without clips."""
    from tests.faults.providers.vendors import all_vendors

    with all_vendors(bytes, scenes=4) as running:
        yield running


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory, vendors: Vendors) -> Iterator[LocalStudio]:
    """As its user has it who has set nothing but the providers' keys; only channels that name them use them."""
    from tests.faults.providers.tariff import environment, price_file

    folder = tmp_path_factory.mktemp("studio")
    prices = price_file(tmp_path_factory.mktemp("prices") / "prices.toml")
    with local_studio(folder, **environment(vendors.url, prices)) as running:
        yield running


@pytest.fixture(scope="session")
def quiet_studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStudio]:
    """With secrets in its environment, one that logs nothing but errors, over a state folder that an earlier version
    left open to everybody."""
    folder = tmp_path_factory.mktemp("private")
    state = folder / ".reelwright"
    for name in ("media/ab/abc.mp4", "logs/cpu.log", "logs/up.log", "temporal.log", "scratch/1/x", "sandbox/posts/x"):
        (state / name).parent.mkdir(parents=True, exist_ok=True)
        (state / name).write_text("left by an earlier version\n")
        (state / name).chmod(0o644)
    for path in (state, *state.rglob("*")):
        if path.is_dir():
            path.chmod(0o755)
    quiet = {"REELWRIGHT_LOG_LEVEL": "ERROR", "REELWRIGHT_HEALTH_PORT": "1", "REELWRIGHT_CONSOLE": "true"}
    with local_studio(folder, **SECRETS, **quiet) as running:
        yield running
    assert not list((state / "health").glob("*.json")), "what has ended is not called ready"
