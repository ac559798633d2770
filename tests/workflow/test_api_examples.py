"""The examples of the API, each as its own process against a console that is served."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from console.access import recognise
from console.app import create_app
from control import people
from reelwright.domain.people import HERE, Role
from tests.console_app import parts_of

from .conftest import FakeStudio
from .test_api_flow import pool  # noqa: F401 - a fixture

pytestmark = pytest.mark.lengthy
EXAMPLES = Path(__file__).parents[2] / "examples"


@asynccontextmanager
async def served(studio: FakeStudio, database: Any) -> AsyncIterator[tuple[str, str]]:
    """(the address of a console on this studio, the token of an operator)."""
    parts = parts_of(pool=database, temporal=studio.temporal, media=lambda: studio.media, recognise=recognise)
    books = parts.books(HERE)
    name = f"program-{os.urandom(3).hex()}"
    await people.add(books, name, Role.OPERATOR, by="test")
    token, _ = await people.make_token(
        books, name, label="example", role=Role.OPERATOR, life=timedelta(hours=1), by="test"
    )
    server = uvicorn.Server(uvicorn.Config(create_app(parts), port=0, lifespan="off", log_level="warning"))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}", token
    finally:
        server.should_exit = True
        await serving


async def run(command: list[str], url: str, token: str, folder: Path) -> str:
    """What an example prints; it must end well."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env={"PATH": os.environ["PATH"], "REELWRIGHT_API": url, "REELWRIGHT_TOKEN": token, "TMPDIR": str(folder)},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await process.communicate()
    text = printed.decode()
    assert process.returncode == 0, text
    assert token not in text
    return text


async def test_with_httpx(studio: FakeStudio, pool: Any, tmp_path: Path) -> None:  # noqa: F811
    script = tmp_path / "story.md"
    script.write_text("One thing.\n\nAnother thing.\n")
    async with served(studio, pool) as (url, token):
        command = [sys.executable, str(EXAMPLES / "api_httpx.py"), "--script", str(script), "--approve"]
        told = await run([*command, "--format", "9:16", "--out", "made"], url, token, tmp_path)
    assert "1 contents, 1 done" in told and "approve: " in told
    (video,) = (tmp_path / "made").glob("*/video-*.mp4")
    assert video.stat().st_size > 0


@pytest.mark.skipif(not all(map(shutil.which, ("curl", "sh", "sha256sum"))), reason="needs curl and sha256sum")
async def test_with_curl(studio: FakeStudio, pool: Any, tmp_path: Path) -> None:  # noqa: F811
    async with served(studio, pool) as (url, token):
        told = await run(["sh", str(EXAMPLES / "api_curl.sh"), 'Why "tides" rise & fall'], url, token, tmp_path)
    assert "fetched" in told
    assert list((tmp_path / "out").glob("*/video-*.mp4"))
