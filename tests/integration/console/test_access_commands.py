"""`reelwright people` and `reelwright token` as a person types them, and commands with REELWRIGHT_TOKEN."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from control import signing_in
from control.studio import Books
from reelwright.domain.people import HERE
from reelwright.storage.audit import PostgresAudit
from reelwright.storage.database import connect
from reelwright.storage.vault import Vault
from tests.command_line import typed
from tests.servers import Servers, copied

PASSWORD = "nine otters under a red bridge"
KEY = Vault.new_key()


@dataclass(frozen=True)
class Shell:
    """Types commands in an empty folder, with the books, and a token, in the environment."""

    folder: Path
    dsn: str
    pool: Any
    token: str = ""

    async def type(self, *words: str, stdin: str = "", code: int = 0) -> str:
        env = {name: value for name, value in os.environ.items() if not name.startswith(("TEMPORAL", "REELWRIGHT"))}
        env |= {"DATABASE_URL": self.dsn, "REELWRIGHT_SECRET_KEY": KEY, "REELWRIGHT_CONSOLE_URL": "https://c.example"}
        env |= {"REELWRIGHT_TOKEN": self.token, "LOGNAME": "operating-user"}
        done = await asyncio.to_thread(typed, *words, folder=self.folder, env=env, stdin=stdin)
        said = done.stdout + done.stderr
        assert done.returncode == code, said
        assert "Traceback" not in said and PASSWORD not in said
        return done.stdout if code == 0 and "--json" in words else said

    @property
    def books(self) -> Books:
        return Books(self.pool, SecretStr(KEY), HERE)


@pytest.fixture
async def shell(servers: Servers, tmp_path: Path) -> AsyncIterator[Shell]:
    dsn = await copied(servers.need("postgres"))
    pool = await connect(dsn, max_size=2)
    yield Shell(tmp_path, dsn, pool)
    await pool.close()


async def test_from_nobody_to_a_program_that_may_only_read(shell: Shell) -> None:
    first = json.loads(await shell.type("people", "first", "--json"))
    address, _, secret = first["link"].partition("#")
    assert address == "https://c.example/first" and first["minutes"] == 10
    await signing_in.begin(shell.books, secret, "Zoë", PASSWORD, address="", agent="")
    assert "somebody already" in await shell.type("people", "first", code=1)

    added = json.loads(await shell.type("people", "add", "bo", "--role", "operator", "--json"))
    assert added["password_link"].startswith("https://c.example/password#") and added["person"]["role"] == "operator"
    assert "'king' is no role" in await shell.type("people", "add", "eve", "--role", "king", code=2)
    assert "is taken" in await shell.type("people", "add", "BO", code=2)
    assert "1 session ended" not in await shell.type("people", "password", "bo", "--password-file", "-", stdin=PASSWORD)
    await signing_in.sign_in(shell.books, "bo", PASSWORD, address="192.0.2.7", agent="Firefox")
    [session] = json.loads(await shell.type("people", "sessions", "bo", "--json"))["sessions"]
    assert (session["person"], session["address"]) == ("bo", "192.0.2.7")
    listed = await shell.type("people", "list")
    assert "Zoë" in listed and "operating-user" in listed
    assert "1 session ended" in await shell.type("people", "sign-out", "bo")

    token = (await shell.type("token", "make", "bo", "--label", "nightly")).splitlines()[0].strip()
    assert token.startswith("rw_")
    program = replace(shell, token=token)
    assert "nothing is paused" in await program.type("platform", "list")
    refused = await program.type("platform", "pause", "tiktok", code=2)
    assert "bo is a viewer, and pause needs the role operator" in refused
    assert "needs the role admin" in await program.type("people", "list", code=2)
    [kept] = json.loads(await shell.type("token", "list", "--json"))["tokens"]
    assert (kept["state"], kept["label"], kept["person"]) == ("open", "nightly", "bo")
    assert "is revoked" in await shell.type("token", "revoke", kept["id"])
    assert "was revoked or has expired" in await program.type("platform", "list", code=2)


async def test_what_a_token_does_is_its_persons_whatever_is_typed(shell: Shell) -> None:
    await shell.type("people", "add", "root", "--role", "admin")
    await shell.type("people", "add", "bo", "--role", "operator")
    words = ("token", "make", "bo", "--label", "x", "--role", "operator", "--json")
    program = replace(shell, token=json.loads(await shell.type(*words))["token"])
    await program.type("platform", "pause", "tiktok", "--note", "mine")
    rows = await PostgresAudit(shell.pool).page(1)
    assert rows[0].who == "bo"
    await shell.type("people", "role", "bo", "viewer")
    assert "needs the role operator" in await program.type("platform", "resume", "tiktok", code=2)
    await shell.type("people", "disable", "bo")
    assert "was revoked or has expired" in await program.type("platform", "list", code=2)
    await shell.type("people", "enable", "bo")
    assert "tiktok" in await program.type("platform", "list")
    assert "is the last admin" in await shell.type("people", "disable", "root", code=2)
    assert "there is no person 'nobody'" in await shell.type("people", "disable", "nobody", code=2)
    assert "a token cannot be more" in await shell.type(
        "token", "make", "bo", "--label", "x", "--role", "admin", code=2
    )
    for expires in ("never", "400d"):
        await shell.type("token", "make", "bo", "--label", "x", "--expires", expires, code=2)


async def test_a_password_from_a_file_is_its_first_line(shell: Shell, tmp_path: Path) -> None:
    await shell.type("people", "add", "bo")
    (tmp_path / "secret.txt").write_text(f"{PASSWORD}\nnot this\n")
    await shell.type("people", "password", "bo", "--password-file", "secret.txt")
    await signing_in.sign_in(shell.books, "bo", PASSWORD, address="", agent="")
    for data in (b"", b"\xff\xfe"):
        (tmp_path / "secret.txt").write_bytes(data)
        assert "password" in await shell.type("people", "password", "bo", "--password-file", "secret.txt", code=2)
    assert "fewer than 12" in await shell.type("people", "password", "bo", "--password-file", "-", stdin="x\n", code=2)
