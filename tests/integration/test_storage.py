"""PostgreSQL for real: the embedded server, the migrations, the catalog and the posts' ledger."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import time
import uuid
from pathlib import Path
from typing import Any

import asyncpg
import psutil
import pytest

from reelwright.domain.assets import AssetRef
from reelwright.domain.errors import InvalidInput, ProviderUnavailable
from reelwright.domain.formats import Platform, VideoFormat
from reelwright.domain.posting import PostDraft, PostState, PublishedPost, UploadSession
from reelwright.domain.status import ContentResult, Stage
from reelwright.domain.video import RenderedVideo
from reelwright.storage.catalog import PostgresCatalog
from reelwright.storage.database import connect
from reelwright.storage.embedded import EmbeddedPostgres
from reelwright.storage.migrate import migrate, newest_version, schema_version, upgrade_sql
from reelwright.storage.posts import PostgresPostLedger

from .conftest import child, free_port

SHA = "ab" + "0" * 62
OTHER_SHA = "cd" + "1" * 62
FILE = AssetRef(key=f"ab/{SHA}.mp4", sha256=SHA, size=1234, media_type="video/mp4")


def draft(account: str = "default") -> PostDraft:
    return PostDraft(platform=Platform.YOUTUBE, account=account, title="T", description="D", marker="rw0")


def session(uri: str = "https://example.org/?upload_id=1") -> UploadSession:
    return UploadSession(platform=Platform.YOUTUBE, account="default", total=1234, state={"uri": uri})


def fresh() -> str:
    return "c" + uuid.uuid4().hex[:12]


@pytest.fixture
async def catalog(pool: Any) -> PostgresCatalog:
    return PostgresCatalog(pool)


@pytest.fixture
async def ledger(pool: Any) -> PostgresPostLedger:
    return PostgresPostLedger(pool)


@pytest.fixture
async def content(catalog: PostgresCatalog) -> str:
    content_id = fresh()
    await open_content(catalog, content_id)
    return content_id


async def open_content(catalog: PostgresCatalog, content_id: str, sha: str = SHA, key: str | None = None) -> None:
    await catalog.open_content(
        content_id,
        workflow_id=f"content-{content_id}",
        request_json='{"topic": "x"}',
        request_sha256=sha,
        request_key=key,
    )


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
        assert await asyncio.to_thread(process.wait, 10) == 128 + signal.SIGKILL
        connection.terminate()
    await asyncio.to_thread(server.prepare)
    assert not (server.datadir / "postmaster.pid").exists()
    with child(server.command(port), tmp_path / "log", **server.popen_kwargs()):
        await server.wait_ready(port)
        connection = await asyncpg.connect(server.dsn(port))
        assert await connection.fetchval("select answer from kept") == 42
        await connection.close()
    assert "password" not in (tmp_path / "log").read_text().lower().replace("password authentication failed", "")


async def test_sigterm_is_a_fast_shutdown_although_a_client_is_connected(tmp_path: Path) -> None:
    server, port = EmbeddedPostgres(tmp_path / "data"), free_port()
    await asyncio.to_thread(server.prepare)
    with child(server.command(port), tmp_path / "log", **server.popen_kwargs()) as process:
        await server.wait_ready(port)
        connection = await asyncpg.connect(server.dsn(port, "postgres"))
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(process.wait, 10) == 0
        assert time.monotonic() - began < 5
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
    deadline = time.monotonic() + 10
    while psutil.pid_exists(pid) and time.monotonic() < deadline:
        await asyncio.sleep(0.05)
    assert server.running_pid() is None


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
        await asyncio.to_thread(process.wait, 10)
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
        (f"postgresql://someone:hunter2secret@127.0.0.1:{free_port()}/x", ProviderUnavailable),
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
    assert await schema_version(dsn) == newest_version() == "0001"
    await migrate(dsn)
    assert upgrade_sql("0001") == ""
    connection = await asyncpg.connect(dsn)
    rows = await connection.fetch(
        """select c.relname, obj_description(c.oid) as comment from pg_class c
           where relkind = 'r' and relnamespace = 'public'::regnamespace and relname <> 'alembic_version'"""
    )
    await connection.close()
    tables = {row["relname"] for row in rows}
    assert tables >= {"content", "results", "assets", "videos", "posts", "decisions", "costs"}
    assert all(row["comment"] for row in rows)


async def test_a_database_that_was_not_migrated_says_so(postgres_dsn: str, pool: Any) -> None:
    await pool.execute("create database bare_one")
    bare = await connect(postgres_dsn.rpartition("/")[0] + "/bare_one")
    with pytest.raises(ProviderUnavailable, match="not been migrated"):
        await PostgresCatalog(bare).find_result("k")
    await bare.close()


# --- the catalog -----------------------------------------------------------------------------------------------------


async def test_open_content_claims_id_and_key(catalog: PostgresCatalog, pool: Any) -> None:
    first, second, key = fresh(), fresh(), fresh()
    await open_content(catalog, first, key=key)
    await open_content(catalog, first, key=key)
    with pytest.raises(InvalidInput) as caught:
        await open_content(catalog, first, sha=OTHER_SHA)
    assert caught.value.field == "content_id" and caught.value.remedy
    with pytest.raises(InvalidInput) as caught:
        await open_content(catalog, second, key=key)
    assert caught.value.field == "request_key" and first in str(caught.value)
    assert await pool.fetchval("select count(*) from content where id = any($1)", [first, second]) == 1


async def test_twenty_open_the_same_at_once(catalog: PostgresCatalog, pool: Any) -> None:
    key, ids = fresh(), [fresh() for _ in range(20)]
    answers = await asyncio.gather(*(open_content(catalog, i, key=key) for i in ids), return_exceptions=True)
    assert answers.count(None) == 1
    assert all(isinstance(a, InvalidInput) and a.field == "request_key" for a in answers if a is not None)


@pytest.mark.parametrize(
    ("end", "after"), [("failed", "running"), ("cancelled", "running"), ("done", "done"), ("rejected", "rejected")]
)
async def test_opening_again_reopens_what_failed(catalog: PostgresCatalog, pool: Any, end: str, after: str) -> None:
    content_id = fresh()
    await open_content(catalog, content_id)
    await catalog.close_content(content_id, status=end, result_json="{}")
    await open_content(catalog, content_id)
    assert await pool.fetchval("select status from content where id = $1", content_id) == after


async def test_closing_keeps_the_result_and_its_videos(catalog: PostgresCatalog, content: str, pool: Any) -> None:
    video = RenderedVideo(
        format=VideoFormat.TALL, file=FILE, width=1080, height=1920, fps=30, frames=300, duration_s=10.0
    )
    result = ContentResult(content_id=content, workflow_id="w", status=Stage.DONE, videos=(video,))
    for _ in range(2):
        await catalog.close_content(content, status="done", result_json=result.model_dump_json())
    assert await catalog.videos(content) == {"9:16": FILE}
    stored = await pool.fetchval("select result from content where id = $1", content)
    assert ContentResult.model_validate_json(stored) == result
    with pytest.raises(InvalidInput, match="not an end"):
        await catalog.close_content(content, status="writing", result_json="{}")
    with pytest.raises(InvalidInput) as caught:
        await catalog.close_content("nobody", status="done", result_json="{}")
    assert caught.value.field == "content_id"


async def record(catalog: PostgresCatalog, key: str, content: str, result: str, usd: float = 0.1) -> str:
    return await catalog.record_result(
        key, content_id=content, step="speech", result_json=result, assets=(FILE, FILE), provider="p", usd=usd
    )


async def test_first_result_wins_and_is_paid_once(catalog: PostgresCatalog, content: str, pool: Any) -> None:
    key = f"{content}/speech/1"
    assert await catalog.find_result(key) is None
    told = await asyncio.gather(*(record(catalog, key, content, json.dumps({"n": n})) for n in range(20)))
    assert len(set(told)) == 1
    assert await catalog.find_result(key) == told[0]
    assert await catalog.costs(content) == {"speech": 0.1}
    assert await pool.fetchval("select count(*) from result_assets where result_key = $1", key) == 1


async def test_costs_add_up_to_the_millionth(catalog: PostgresCatalog, content: str) -> None:
    for n in range(10):
        await record(catalog, f"{content}/speech/{n}", content, "{}", usd=0.1 if n else 0.000001)
    assert await catalog.costs(content) == {"speech": 0.900001}
    for bad in (-1.0, float("nan"), float("inf"), 1e9):
        with pytest.raises(InvalidInput) as caught:
            await record(catalog, f"{content}/bad", content, "{}", usd=bad)
        assert caught.value.field == "usd"
    assert await catalog.find_result(f"{content}/bad") is None


async def test_result_text_comes_back_exactly(catalog: PostgresCatalog, content: str) -> None:
    text = '{"b": 1,  "a": "\\u0000 \' ; drop table content; -- ünïcødé \U0001f419"}'
    await record(catalog, f"{content}/x", content, text)
    assert await catalog.find_result(f"{content}/x") == text


async def test_values_that_cannot_be_stored_are_typed_errors(catalog: PostgresCatalog, content: str) -> None:
    odd = FILE.model_copy(update={"key": "../x"})
    for key, step, result, assets in (
        ("a\0b", "s", "{}", ()),
        ("k", "s\0", "{}", ()),
        ("k", "s", "not json", ()),
        ("k", "s", "{}", (odd,)),
    ):
        with pytest.raises(InvalidInput):
            await catalog.record_result(
                key, content_id=content, step=step, result_json=result, assets=assets, provider="p", usd=0
            )
    assert await catalog.find_result("k") is None
    with pytest.raises(InvalidInput, match="there is no content"):
        await record(catalog, "k", "nobody", "{}")


async def test_decision_is_kept_once(catalog: PostgresCatalog, content: str, pool: Any) -> None:
    for note in ("first", "second"):
        await catalog.record_decision(
            f"{content}/review/1",
            content_id=content,
            kind="review",
            decision="approve",
            by="Ana",
            note=note,
            artifact_sha256=SHA,
        )
    assert await pool.fetch("select note from decisions where content_id = $1", content) == [("first",)]


# --- the posts -------------------------------------------------------------------------------------------------------


async def ready(ledger: PostgresPostLedger, content: str) -> str:
    key = f"content-{content}/publish/youtube/default/post/1"
    await ledger.prepare(key, content_id=content, draft=draft(), video=FILE)
    await ledger.save_session(key, session())
    return key


async def test_a_post_from_row_to_result(ledger: PostgresPostLedger, content: str, pool: Any) -> None:
    key = "k/" + content
    row = await ledger.prepare(key, content_id=content, draft=draft(), video=FILE)
    assert (row.state, row.session, row.committed) == (PostState.PREPARED, None, 0)
    assert await ledger.prepare(key, content_id=content, draft=draft(), video=FILE) == row
    await ledger.save_session(key, session())
    await ledger.save_committed(key, 500)
    await ledger.save_committed(key, 300)
    uploading = await ledger.get(key)
    assert uploading is not None
    assert (uploading.state, uploading.session, uploading.committed) == (PostState.UPLOADING, session(), 500)
    assert await ledger.arm(key) is PostState.UPLOADING
    post = PublishedPost(post_id=f"v{content}", url="https://example.org/v")
    for _ in range(2):
        await ledger.confirm(key, post)
    posted = await ledger.get(key)
    assert posted is not None
    assert (posted.state, posted.post_id, posted.url) == (PostState.POSTED, post.post_id, post.url)
    assert posted.session is None
    await ledger.fail(key, "too late")
    assert (await ledger.get(key)) == posted
    with pytest.raises(InvalidInput, match="already posted") as caught:
        await ledger.confirm(key, PublishedPost(post_id="another", url=""))
    assert caught.value.field == "post_id"
    assert await ledger.arm(key) is PostState.POSTED


async def test_twenty_arm_at_once_and_one_may_post(ledger: PostgresPostLedger, content: str) -> None:
    key = await ready(ledger, content)
    states = await asyncio.gather(*(ledger.arm(key) for _ in range(20)))
    assert states.count(PostState.UPLOADING) == 1
    assert states.count(PostState.ARMED) == 19


async def test_disarming_lets_the_upload_go_on_and_touches_nothing_else(
    ledger: PostgresPostLedger, content: str
) -> None:
    key = await ready(ledger, content)
    await ledger.arm(key)
    await ledger.disarm(key)
    row = await ledger.get(key)
    assert row is not None
    assert (row.state, row.session is None) == (PostState.UPLOADING, False)
    await ledger.arm(key)
    await ledger.confirm(key, PublishedPost(post_id=f"d{content}", url="u"))
    await ledger.disarm(key)
    row = await ledger.get(key)
    assert row is not None
    assert row.state is PostState.POSTED


async def test_every_final_stage_can_be_filed(catalog: PostgresCatalog, pool: Any) -> None:
    for stage in (stage for stage in Stage if stage.final):
        id = fresh()
        await catalog.open_content(id, workflow_id=id, request_json="{}", request_sha256="0" * 64, request_key=None)
        await catalog.close_content(id, status=stage.value, result_json="{}")
        assert await pool.fetchval("select status from content where id = $1", id) == stage.value


async def test_an_armed_row_takes_no_new_session(ledger: PostgresPostLedger, content: str) -> None:
    key = await ready(ledger, content)
    await ledger.arm(key)
    await ledger.drop_session(key)
    row = await ledger.get(key)
    assert row is not None and row.state is PostState.ARMED and row.session == session()
    with pytest.raises(InvalidInput, match="armed"):
        await ledger.save_session(key, session("https://example.org/?upload_id=2"))
    assert (await ledger.get(key)) == row


async def test_a_lost_session_goes_back_to_prepared(ledger: PostgresPostLedger, content: str) -> None:
    key = await ready(ledger, content)
    await ledger.save_committed(key, 400)
    for _ in range(2):
        await ledger.drop_session(key)
    row = await ledger.get(key)
    assert row is not None and (row.state, row.session, row.committed) == (PostState.PREPARED, None, 0)
    assert await ledger.arm(key) is PostState.PREPARED
    row = await ledger.get(key)
    assert row is not None and row.state is PostState.PREPARED


async def test_failing_keeps_the_first_reason_and_reopening_needs_it_unarmed(
    ledger: PostgresPostLedger, content: str
) -> None:
    key = await ready(ledger, content)
    await ledger.fail(key, "first\0 reason")
    await ledger.fail(key, "second reason")
    row = await ledger.get(key)
    assert row is not None and (row.state, row.error) == (PostState.FAILED, "first reason")
    assert (await ledger.reopen(key)).state is PostState.PREPARED
    await ledger.save_session(key, session())
    await ledger.arm(key)
    await ledger.fail(key, "after arming")
    with pytest.raises(InvalidInput):
        await ledger.save_session(key, session())
    assert (await ledger.reopen(key)).state is PostState.FAILED


async def test_keys_and_posts_belong_to_one_row(ledger: PostgresPostLedger, content: str) -> None:
    one = await ready(ledger, content)
    with pytest.raises(InvalidInput) as caught:
        await ledger.prepare(one, content_id=content, draft=draft("another"), video=FILE)
    assert caught.value.field == "key"
    two = one + "/two"
    await ledger.prepare(two, content_id=content, draft=draft(), video=FILE)
    await ledger.confirm(one, PublishedPost(post_id=f"w{content}", url=""))
    with pytest.raises(InvalidInput, match="another row"):
        await ledger.confirm(two, PublishedPost(post_id=f"w{content}", url=""))
    for call in (ledger.arm("none"), ledger.fail("none", "x"), ledger.save_session("none", session())):
        with pytest.raises(InvalidInput, match="no post"):
            await call
    assert await ledger.get("none") is None
    with pytest.raises(InvalidInput, match="no content"):
        await ledger.prepare("k", content_id="nobody", draft=draft(), video=FILE)
