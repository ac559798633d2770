"""`reelwright account connect`, `test` and `remove --revoke` as a person types them, against the sandbox."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.command_line import typed
from tests.servers import free_port

from ..conftest import ROOT, Sandbox
from .kit import KEY, Browser


@pytest.fixture
async def env(postgres_dsn: str, pool: Any, sandbox: Sandbox) -> dict[str, str]:
    """The environment of a studio whose platforms the sandbox plays."""
    await pool.execute("delete from accounts")
    mine = {name: value for name, value in os.environ.items() if not name.startswith(("TEMPORAL", "REELWRIGHT"))}
    return mine | {
        "DATABASE_URL": postgres_dsn,
        "REELWRIGHT_SECRET_KEY": KEY,
        "REELWRIGHT_SANDBOX_URL": sandbox.url,
        "REELWRIGHT_CONNECT_PORT": str(free_port()),
    }


async def said(folder: Path, env: dict[str, str], *words: str, stdin: str = "", code: int = 0) -> str:
    done = await asyncio.to_thread(typed, *words, folder=folder, env=env, stdin=stdin)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


@asynccontextmanager
async def typing(folder: Path, env: dict[str, str], *words: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A command that waits for something."""
    program = "from starter.cli import main; main()"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program, *words),
        cwd=folder,
        env={**env, "PYTHONPATH": str(ROOT)},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_by_a_listener_which_refuses_all_but_its_own_answer(
    env: dict[str, str], sandbox: Sandbox, tmp_path: Path
) -> None:
    words = ("account", "connect", "x", "--name", "news", "--loopback", "--no-browser", "--yes")
    async with typing(tmp_path, env, *words) as process:
        assert process.stdout is not None
        url = (await process.stdout.readline()).decode().strip()
        address = await Browser(sandbox.client).visit(url)
        base, _, query = address.partition("?")
        client = sandbox.client
        foreign = await client.get(f"{base}?code=stolen&state=of-somebody-else")
        assert foreign.status_code == 400 and "goes on waiting" in foreign.text
        assert (await client.get(base.replace("/cb/x", "/cb/g") + f"?{query}")).status_code == 404
        assert (await client.post(address)).status_code == 405
        assert (await client.get(address, headers={"Host": "attacker.example"})).status_code == 421
        assert (await client.get(base.partition("/connect")[0] + "/favicon.ico")).status_code == 404
        taken = await client.get(address)
        assert (taken.status_code, taken.headers["location"]) == (303, "/connect/done")
        assert taken.headers["cache-control"] == "no-store" and taken.headers["referrer-policy"] == "no-referrer"
        out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    assert "X account news is connected" in err.decode() and "@default" in err.decode()
    code = query.partition("code=")[2].partition("&")[0]
    assert code and code not in out.decode() + err.decode()
    works = await said(tmp_path, env, "account", "test", "news")
    assert "works" in works


async def test_by_pasting_and_choosing_a_page(env: dict[str, str], sandbox: Sandbox, tmp_path: Path) -> None:
    words = ("account", "connect", "facebook", "--name", "page7", "--paste", "--pick", "many-7")
    async with typing(tmp_path, env, *words) as process:
        assert process.stdout is not None and process.stdin is not None
        url = (await process.stdout.readline()).decode().strip()
        address = await Browser(sandbox.client, person="many").visit(url)
        assert address.endswith("#_=_")
        process.stdin.write(f"{address}\n".encode())
        _, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    assert "page many-7" in err.decode()
    told = json.loads((await said(tmp_path, env, "account", "test", "page7", "--json")).splitlines()[0])
    assert told["accounts"][0]["state"] == "works" and told["accounts"][0]["name"] == "many-7"
    gone = await said(tmp_path, env, "account", "remove", "facebook", "--account", "page7", "--revoke")
    assert "taken back and forgotten" in gone
    assert "no accounts yet" in await said(tmp_path, env, "account", "list")


async def test_an_app_password_from_a_pipe(env: dict[str, str], tmp_path: Path) -> None:
    words = ("account", "connect", "bluesky", "--name", "sky", "--yes")
    done = await said(tmp_path, env, *words, stdin="news.sandbox.test:sandbox-news\n")
    assert "Bluesky account sky is connected" in done and "sandbox-news" not in done
    assert "works" in await said(tmp_path, env, "account", "test", "sky")
    wrong = await said(tmp_path, env, *words, stdin="news.sandbox.test:wrong-password\n", code=2)
    assert "app-passwords" in wrong and "wrong-password" not in wrong


async def test_what_to_set_is_said_before_any_browser_opens(tmp_path: Path) -> None:
    mine = {name: value for name, value in os.environ.items() if not name.startswith(("TEMPORAL", "REELWRIGHT"))}
    mine |= {"REELWRIGHT_CONNECT_URL": "https://studio.example", "REELWRIGHT_CONNECT_PORT": "7777"}
    told = await said(tmp_path, mine, "account", "connect", "tiktok", "--check", code=2)
    for wanted in (
        "http://127.0.0.1:7777/connect/cb/t",
        "https://studio.example/connect/cb/t",
        "video.publish",
        "TIKTOK_CLIENT_KEY",
        "developers.tiktok.com",
    ):
        assert wanted in told
    mine |= {"TIKTOK_CLIENT_KEY": "key", "TIKTOK_CLIENT_SECRET": "hush-hush"}
    assert "missing" not in await said(tmp_path, mine, "account", "connect", "tiktok", "--check")


async def test_nobody_to_ask_is_told_what_there_is_and_nothing_is_kept(
    env: dict[str, str], sandbox: Sandbox, tmp_path: Path, pool: Any
) -> None:
    async with typing(tmp_path, env, "account", "connect", "linkedin", "--paste", "--app", "page") as process:
        assert process.stdout is not None and process.stdin is not None
        url = (await process.stdout.readline()).decode().strip()
        address = await Browser(sandbox.client, person="three").visit(url)
        process.stdin.write(f"{address}\n".encode())
        _, err = await process.communicate()
    assert process.returncode == 2
    assert "--pick" in err.decode() and "Page of three" in err.decode() and "analyst" in err.decode()
    assert await pool.fetchval("select count(*) from connections where sealed_granted is not null") == 0
