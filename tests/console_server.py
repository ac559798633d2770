"""The console as a process that serves one person without a sign-in, on a database that is given to it: for tests that
kill it, for tests in a browser, and for the bench. `python -m tests.console_server DSN PORT [ROLE]`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import uvicorn
from starlette.applications import Starlette

from console.parts import ConsoleSettings
from reelwright.domain.people import Caller, Role
from reelwright.storage.database import connect
from tests.console_app import app_of
from workers.console import STOPS_WITHIN_S, _listener, _Server
from workers.console_settings import ConsoleEnvironment


@asynccontextmanager
async def answered(url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a server, once that answers."""
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=60) as client:
        while True:
            try:
                if (await client.get("/health")).status_code == 200:
                    break
            except httpx.TransportError:
                await asyncio.sleep(0.05)
        yield client


def server_of(app: Starlette) -> _Server:
    """As `workers.console` serves it."""
    server = _Server(
        uvicorn.Config(
            app, lifespan="off", log_level="error", access_log=False, timeout_graceful_shutdown=STOPS_WITHIN_S
        )
    )
    server.stopping = app.state.stopping
    return server


async def _serve(dsn: str, port: int, role: str) -> None:
    pool = await connect(dsn, max_size=10)
    url = f"http://127.0.0.1:{port}"
    app = app_of(
        pool=pool,
        caller=Caller(name="somebody", role=Role(role)),
        settings=ConsoleSettings(public_url=url, version="test"),
    )
    with _listener(ConsoleEnvironment(REELWRIGHT_CONSOLE_HOST="127.0.0.1", REELWRIGHT_CONSOLE_PORT=port)) as listener:
        await server_of(app).serve(sockets=[listener])
    pool.terminate()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], int(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else "admin"))
