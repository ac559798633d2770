"""PostgreSQL for real: the embedded server, connecting, the migrations."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import asyncpg
import psutil
import pytest

from reelwright.domain.errors import InvalidInput, ProviderUnavailable
from reelwright.storage.catalog import PostgresCatalog
from reelwright.storage.database import connect
from reelwright.storage.migrate import migrate, newest_version, schema_version, upgrade_sql
from tests.servers import child, free_port
from workers.local.embedded import EmbeddedPostgres

from .filing import fresh, open_content, record

# --- the embedded server ---------------------------------------------------------------------------------------------


async def test_embedded_server_deep_path_kill_and_restart(tmp_path: Path) -> None:
    """Data survives `kill -9` of the postmaster; a second prepare waits for its orphans and does not start anew."""
    folder = tmp_path / ("deep" * 15) / ("deeper" * 12)
    server, port = EmbeddedPostgres(folder / "data"), free_port()
    await asyncio.to_thread(server.prepare)
    assert server.password_file.stat().st_mode & 0o777 == 0o600
    password = server.password_file.read_text().strip()
    assert len(password) >= 24
    assert password not in " ".join(server.command(port))
    with child(server.command(port), tmp_path / "log", **server.popen_kwargs()) as process:
        await server.wait_ready(port)
        await server.ensure_database(port)
        await asyncio.gather(*(server.ensure_database(port) for _ in range(3)))
        connection = await asyncpg.connect(server.dsn(port))
        await connection.execute("create table kept as select 42 as answer")
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(server.dsn(port).replace(password, "wrong"))
        with pytest.raises(ProviderUnavailable, match="already running"):
            await asyncio.to_thread(server.prepare)
        postmaster = server.running_pid()
        assert postmaster is not None and postmaster != process.pid
        os.kill(postmaster, signal.SIGKILL)
        assert await asyncio.to_thread(process.wait, 600) == 128 + signal.SIGKILL
        connection.terminate()
    await asyncio.to_thread(server.prepare)
    assert not (server.datadir / "postmaster.pid").exists()
    with child(server.command(port), tmp_path / "log", **server.popen_kwargs()):
        await server.wait_ready(port)
        connection = await asyncpg.connect(server.dsn(port))
        assert await connection.fetchval("select answer from kept") == 42
        await connection.close()
    assert "password" not in (tmp_path / "log").read_text().lower().replace("password authentication failed", "")


@pytest.mark.deep
async def test_sigterm_is_a_fast_shutdown_although_a_client_is_connected(tmp_path: Path) -> None:
    server, port = EmbeddedPostgres(tmp_path / "data"), free_port()
    await asyncio.to_thread(server.prepare)
    with child(server.command(port), tmp_path / "log", **server.popen_kwargs()) as process:
        await server.wait_ready(port)
        connection = await asyncpg.connect(server.dsn(port, "postgres"))
        process.send_signal(signal.SIGTERM)
        # A shutdown that waits for its clients would never end: this one goes away afterwards.
        assert await asyncio.to_thread(process.wait, 600) == 0
        connection.terminate()
    assert server.running_pid() is None
    # A pid file whose number another program was given since is stale: that program is not a postgres of this folder.
    (server.datadir / "postmaster.pid").write_text(f"{os.getpid()}\n{server.datadir}\n1\n{port}\n\n127.0.0.1\n1 1\n")
    assert server.running_pid() is None
    await asyncio.to_thread(server.prepare)
    assert not (server.datadir / "postmaster.pid").exists()


async def test_no_server_is_left_when_its_supervisor_is_killed(tmp_path: Path) -> None:
    server, port = EmbeddedPostgres(tmp_path / "data"), free_port()
    await asyncio.to_thread(server.prepare)
    process = subprocess.Popen(
        server.command(port), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **server.popen_kwargs()
    )
    await server.wait_ready(port)
    pid = server.running_pid()
    assert pid is not None
    process.kill()
    process.wait()
    while psutil.pid_exists(pid):
        await asyncio.sleep(0.05)
    assert server.running_pid() is None


@pytest.mark.deep
async def test_the_pool_outlives_a_killed_server(tmp_path: Path) -> None:
    """While the server is away calls fail as something worth repeating; once it is back they work, with no new pool."""
    server, port = EmbeddedPostgres(tmp_path / "data"), free_port()
    await asyncio.to_thread(server.prepare)
    with child(server.command(port), tmp_path / "log", **server.popen_kwargs()) as process:
        await server.wait_ready(port)
        await server.ensure_database(port)
        await migrate(server.dsn(port))
        pool = await connect(server.dsn(port))
        catalog, content_id = PostgresCatalog(pool), fresh()
        await open_content(catalog, content_id)
        await record(catalog, "kept", content_id, "{}")
        postmaster = server.running_pid()
        assert postmaster is not None
        os.kill(postmaster, signal.SIGKILL)
        await asyncio.to_thread(process.wait, 600)
        with pytest.raises(ProviderUnavailable, match="does not answer"):
            await catalog.find_result("kept")
    await asyncio.to_thread(server.prepare)
    with child(server.command(port), tmp_path / "log", **server.popen_kwargs()):
        await server.wait_ready(port)
        assert await catalog.find_result("kept") == "{}"
        await pool.close()


async def test_another_major_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "PG_VERSION").write_text("16\n")
    with pytest.raises(InvalidInput, match="PostgreSQL 16"):
        EmbeddedPostgres(tmp_path / "data").prepare()


async def test_not_empty_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "letter.txt").write_text("mine")
    with pytest.raises(InvalidInput, match="not empty"):
        EmbeddedPostgres(tmp_path / "data").prepare()
    assert (tmp_path / "data" / "letter.txt").read_text() == "mine"


# --- connecting and migrating ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dsn", "error"),
    [
        ("postgresql://someone:hunter2secret@127.0.0.1:1/x", ProviderUnavailable),  # nobody listens there
        ("postgresql://someone:hunter2secret@127.0.0.1:notaport/x", InvalidInput),
        ("mysql://someone:hunter2secret@127.0.0.1/x", InvalidInput),
    ],
)
async def test_connection_failures_never_tell_the_password(dsn: str, error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        await connect(dsn)
    assert "hunter2secret" not in str(caught.value) + repr(caught.value) + repr(vars(caught.value))


async def test_wrong_password_is_a_typed_error(postgres_dsn: str) -> None:
    password = postgres_dsn.split("://")[1].split(":")[1].split("@")[0]
    with pytest.raises(ProviderUnavailable, match="refuses") as caught:
        await connect(postgres_dsn.replace(password, "hunter2secret"))
    assert "hunter2secret" not in str(caught.value)


async def test_migrating_twice_at_once_and_again(postgres_dsn: str, pool: Any) -> None:
    await pool.execute("create database fresh_one")
    dsn = postgres_dsn.rpartition("/")[0] + "/fresh_one"
    assert dsn != postgres_dsn
    assert await schema_version(dsn) is None
    await asyncio.gather(migrate(dsn), migrate(dsn), migrate(dsn))
    assert await schema_version(dsn) == newest_version()
    await migrate(dsn)
    assert upgrade_sql(newest_version()) == ""
    assert "create table content" in upgrade_sql(None) and "create table content" not in upgrade_sql("0001")
    connection = await asyncpg.connect(dsn)
    rows = await connection.fetch(
        """select c.relname, obj_description(c.oid) as comment from pg_class c
           where relkind = 'r' and relnamespace = 'public'::regnamespace and relname <> 'alembic_version'"""
    )
    await connection.close()
    tables = {row["relname"] for row in rows}
    assert tables >= {
        "content",
        "results",
        "assets",
        "videos",
        "posts",
        "decisions",
        "costs",
        "effects",
        "pauses",
        "accounts",
    }
    assert all(row["comment"] for row in rows)


async def test_a_database_that_was_not_migrated_says_so(postgres_dsn: str, pool: Any) -> None:
    await pool.execute("create database bare_one")
    bare = await connect(postgres_dsn.rpartition("/")[0] + "/bare_one")
    with pytest.raises(ProviderUnavailable, match="not been migrated"):
        await PostgresCatalog(bare).find_result("k")
    await bare.close()
