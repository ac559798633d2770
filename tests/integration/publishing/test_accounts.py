"""Accounts and the token vault on a real PostgreSQL."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import textwrap
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr

from reelwright.domain.errors import InvalidInput
from reelwright.domain.formats import Platform
from reelwright.domain.publishing.accounts import AccountInfo, StoredToken
from reelwright.storage.accounts import PostgresAccountStore
from reelwright.storage.vault import Vault

from ..conftest import ROOT
from ..storage.filing import fresh

OLD_KEY, KEY = Vault.new_key(), Vault.new_key()
TOKEN = StoredToken(
    access_token=SecretStr("access-hunter2"),
    refresh_token=SecretStr("refresh-hunter2"),
    expires_at=datetime(2026, 11, 27, 12, tzinfo=UTC),
    obtained_at=datetime(2026, 11, 27, 10, tzinfo=UTC),
    flow="x",
    scopes=("tweet.write", "media.write"),
)


def store_with(pool: Any, *keys: str) -> PostgresAccountStore:
    return PostgresAccountStore(pool, Vault(SecretStr(", ".join(keys))))


@pytest.fixture
def store(pool: Any) -> PostgresAccountStore:
    return store_with(pool, KEY)


@pytest.fixture
async def account(store: PostgresAccountStore) -> AccountInfo:
    account = AccountInfo(platform=Platform.X, name=fresh(), external_id="77", options={"best_time": "18:00 UTC"})
    await store.put(account, TOKEN)
    return account


async def test_tokens_come_back_and_lie_encrypted(store: PostgresAccountStore, account: AccountInfo, pool: Any) -> None:
    assert await store.token(Platform.X, account.name) == TOKEN
    row = str(dict(await pool.fetchrow("select * from accounts where name = $1", account.name)))
    assert "hunter2" not in row and "media.write" not in row
    assert "hunter2" not in repr(TOKEN)


async def test_putting_without_a_token_keeps_it(store: PostgresAccountStore, account: AccountInfo) -> None:
    await store.needs_authorization(Platform.X, account.name, "revoked by\0 its owner")
    await store.put(account.model_copy(update={"external_id": "78"}))
    found = await store.find(Platform.X, account.name)
    assert found is not None
    assert (found.external_id, found.options) == ("78", account.options)
    assert found.needs_authorization == "revoked by its owner"
    assert await store.token(Platform.X, account.name) == TOKEN
    await store.put(account, TOKEN)
    assert await store.find(Platform.X, account.name) == account


async def test_listing_and_removing(store: PostgresAccountStore, account: AccountInfo) -> None:
    other = AccountInfo(platform=Platform.LINKEDIN, name=account.name)
    await store.put(other)
    assert await store.token(Platform.LINKEDIN, account.name) is None
    assert other in await store.list() and account in await store.list()
    assert account not in await store.list(Platform.LINKEDIN)
    assert await store.remove(Platform.X, account.name)
    assert not await store.remove(Platform.X, account.name)
    assert await store.find(Platform.X, account.name) is None
    assert await store.token(Platform.X, account.name) is None


@pytest.mark.parametrize(
    ("change", "field"),
    [({"name": "../x"}, "account"), ({"name": ""}, "account"), ({"external_id": "a\0b"}, "options")],
)
async def test_what_is_no_account_is_refused(store: PostgresAccountStore, change: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        await store.put(AccountInfo(platform=Platform.X, name="news").model_copy(update=change))
    assert caught.value.field == field and caught.value.remedy


# --- the keys --------------------------------------------------------------------------------------------------------


async def test_keys_rotate(pool: Any, account: AccountInfo) -> None:
    """The first key encrypts, every key opens; after a reseal the old one may go."""
    name = fresh()
    await store_with(pool, OLD_KEY).put(AccountInfo(platform=Platform.TIKTOK, name=name), TOKEN)
    both = store_with(pool, KEY, OLD_KEY)
    assert await both.token(Platform.TIKTOK, name) == TOKEN
    with pytest.raises(InvalidInput, match="another key") as caught:
        await store_with(pool, KEY).token(Platform.TIKTOK, name)
    assert caught.value.field == "REELWRIGHT_SECRET_KEY" and "authorise" in caught.value.remedy
    assert await both.reseal() >= 2
    assert await store_with(pool, KEY).token(Platform.TIKTOK, name) == TOKEN
    with pytest.raises(InvalidInput):
        await store_with(pool, OLD_KEY).token(Platform.X, account.name)


@pytest.mark.parametrize(
    "keys", ["", " , ", "hunter2secret", f"{KEY},hunter2secret"], ids=["none", "two none", "no key", "one of two"]
)
def test_what_is_no_key_says_how_to_make_one(keys: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Vault(SecretStr(keys))
    assert caught.value.field == "REELWRIGHT_SECRET_KEY" and "generate_key" in caught.value.remedy
    assert "hunter2secret" not in str(caught.value)


async def test_a_token_copied_to_another_account_does_not_open(
    store: PostgresAccountStore, account: AccountInfo, pool: Any
) -> None:
    thief = fresh()
    await store.put(AccountInfo(platform=Platform.X, name=thief))
    await pool.execute(
        "update accounts set sealed_token = (select sealed_token from accounts where name = $1) where name = $2",
        account.name,
        thief,
    )
    with pytest.raises(InvalidInput, match="another account"):
        await store.token(Platform.X, thief)


# --- one at a time ---------------------------------------------------------------------------------------------------


async def test_a_stored_token_is_durable_before_the_holder_lets_go(pool: Any, account: AccountInfo) -> None:
    holder, other = store_with(pool, KEY), store_with(pool, KEY)
    renewed = TOKEN.model_copy(update={"access_token": SecretStr("second-7Qx2")})
    async with holder.exclusive(Platform.X, account.name) as keep:
        waiting = asyncio.create_task(_enter(other, account.name))
        await keep(renewed)
        assert await other.token(Platform.X, account.name) == renewed
        await asyncio.sleep(0.1)
        assert not waiting.done()
    assert await waiting == renewed


async def _enter(store: PostgresAccountStore, name: str) -> StoredToken | None:
    async with store.exclusive(Platform.X, name):
        return await store.token(Platform.X, name)


async def test_waiting_holders_leave_connections_for_others(pool: Any, account: AccountInfo) -> None:
    """Thirty wait for one account and ten other accounts are held, over a pool of ten: nobody starves."""
    store, inside = store_with(pool, KEY), 0

    async def renew(name: str) -> None:
        nonlocal inside
        async with store.exclusive(Platform.X, name) as keep:
            inside += name == account.name
            assert inside <= 1
            await keep(TOKEN)
            await asyncio.sleep(0.005)
            inside -= name == account.name

    await asyncio.gather(*(renew(account.name) for _ in range(30)), *(renew(f"other{n}") for n in range(10)))
    assert await store.token(Platform.X, account.name) == TOKEN


async def test_an_error_inside_lets_go_and_passes_unchanged(store: PostgresAccountStore, account: AccountInfo) -> None:
    with pytest.raises(TimeoutError, match="the platform's own"):
        async with store.exclusive(Platform.X, account.name):
            raise TimeoutError("the platform's own")
    assert await _enter(store, account.name) == TOKEN


async def test_a_killed_holder_lets_go(store: PostgresAccountStore, account: AccountInfo, postgres_dsn: str) -> None:
    program = f"""
        import asyncio
        from pydantic import SecretStr
        from reelwright.domain.formats import Platform
        from reelwright.storage.accounts import PostgresAccountStore
        from reelwright.storage.database import connect
        from reelwright.storage.vault import Vault

        async def hold():
            store = PostgresAccountStore(await connect({postgres_dsn!r}), Vault(SecretStr({KEY!r})))
            async with store.exclusive(Platform.X, {account.name!r}):
                print("held", flush=True)
                await asyncio.sleep(600)

        asyncio.run(hold())
    """
    command = [sys.executable, "-c", textwrap.dedent(program)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert await asyncio.to_thread(process.stdout.readline) == "held\n"
        waiting = asyncio.create_task(_enter(store, account.name))
        await asyncio.sleep(0.3)
        assert not waiting.done()
        process.kill()
    assert await asyncio.wait_for(waiting, 600) == TOKEN
