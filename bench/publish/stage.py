"""What is measured on: a PostgreSQL and a sandbox of the bench's own, and this process's memory."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import psutil

from reelwright.storage.database import connect
from reelwright.storage.migrate import migrate
from workers.local.embedded import EmbeddedPostgres

MB = 1 << 20
SAMPLE_S = 0.02


def free_port() -> int:
    """A free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def database(folder: Path, connections: int) -> AsyncIterator[Any]:
    """A pool on a fresh, migrated server that is gone afterwards."""
    server, port = EmbeddedPostgres(folder / "postgres"), free_port()
    await asyncio.to_thread(server.prepare)
    with (folder / "postgres.log").open("wb") as log:
        process = subprocess.Popen(server.command(port), stdout=log, stderr=log, **server.popen_kwargs())
    try:
        await server.wait_ready(port)
        await server.ensure_database(port)
        await migrate(server.dsn(port))
        pool = await connect(server.dsn(port), min_size=connections, max_size=connections)
        yield pool
        await pool.close()
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait, 30)


@contextmanager
def sandbox(folder: Path) -> Iterator[str]:
    """The address of a sandbox process."""
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--dir", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().rsplit(" ", 1)[1].strip()
        finally:
            process.terminate()
            process.wait(15)


class Memory:
    """How far this process's resident memory rises above where it was, in MB; looked at fifty times a second."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._before = self._peak = self._process.memory_info().rss
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Memory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._look()

    @property
    def growth_mb(self) -> float:
        return (self._peak - self._before) / MB

    def _watch(self) -> None:
        while not self._over.wait(SAMPLE_S):
            self._look()

    def _look(self) -> None:
        self._peak = max(self._peak, self._process.memory_info().rss)
