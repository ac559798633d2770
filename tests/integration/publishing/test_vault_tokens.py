"""Renewal out of the vault, against the sandboxes' own token endpoints and a real PostgreSQL."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from reelwright.domain.errors import NeedsAuthorization, PlatformTransient
from reelwright.domain.formats import Platform
from reelwright.domain.origins import Origin
from reelwright.domain.publishing.accounts import AccountInfo, StoredToken
from reelwright.platforms.common.sign_in import ClientCredentials, RefreshGrant, SignIn
from reelwright.platforms.common.vault_tokens import VaultTokens
from reelwright.platforms.x.sign_in import XGrant
from reelwright.storage.accounts import PostgresAccountStore
from reelwright.storage.vault import Vault

from ..conftest import ROOT, Sandbox

KEY = Vault.new_key()
PATHS = {Platform.YOUTUBE: "/token", Platform.X: "/2/oauth2/token", Platform.LINKEDIN: "/oauth/v2/accessToken",
         Platform.TIKTOK: "/v2/oauth/token/"}  # fmt: skip
FIRST = {Platform.YOUTUBE: "1//sandbox-", Platform.X: "x-sandbox-", Platform.LINKEDIN: "sandbox-",
         Platform.TIKTOK: "rft.sandbox-"}  # fmt: skip
SIGN_INS: dict[Platform, Callable[[str], SignIn]] = {
    Platform.YOUTUBE: RefreshGrant, Platform.X: XGrant, Platform.LINKEDIN: RefreshGrant,
    Platform.TIKTOK: partial(RefreshGrant, id_name="client_key"),
}  # fmt: skip
FLOWS = {Platform.YOUTUBE: "google", Platform.X: "x", Platform.LINKEDIN: "linkedin", Platform.TIKTOK: "tiktok"}


@pytest.fixture
def store(pool: Any) -> PostgresAccountStore:
    return PostgresAccountStore(pool, Vault(SecretStr(KEY)))


def tokens_of(
    store: PostgresAccountStore, http: httpx.AsyncClient, sandbox: Sandbox, platform: Platform, **options: Any
) -> VaultTokens:
    ways = {FLOWS[platform]: SIGN_INS[platform](f"{sandbox.url}{PATHS[platform]}")}
    credentials = ClientCredentials("sandbox", "sandbox", ways)
    return VaultTokens(http, store, platform, credentials, origin=Origin.SANDBOX, retry_wait_s=0.01, **options)


async def account_on(store: PostgresAccountStore, platform: Platform, **token: Any) -> str:
    name = f"v{uuid.uuid4().hex[:10]}"
    given = {"refresh_token": SecretStr(FIRST[platform] + name), "flow": FLOWS[platform], **token}
    await store.put(AccountInfo(platform=platform, name=name), StoredToken(**given, origin=Origin.SANDBOX))
    return name


@pytest.mark.parametrize("platform", FLOWS)
async def test_a_first_token_is_got_kept_and_handed_to_the_next_process(
    platform: Platform, store: PostgresAccountStore, http: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    name = await account_on(store, platform)
    first = await tokens_of(store, http, sandbox, platform).access_token(name)
    stored = await store.token(platform, name)
    assert stored is not None
    assert stored.access_token.get_secret_value() == first
    assert stored.expires_at is not None and stored.expires_at > datetime.now(UTC)
    await sandbox.fault(platform=platform.value, point="status", op="token", count=9)  # nobody asks again
    assert await tokens_of(store, http, sandbox, platform).access_token(name) == first


@pytest.mark.parametrize("platform", FLOWS)
async def test_a_refused_token_is_never_handed_out_again(
    platform: Platform, store: PostgresAccountStore, http: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    name = await account_on(store, platform)
    tokens = tokens_of(store, http, sandbox, platform)
    first = await tokens.access_token(name)
    second = await tokens.access_token(name, rejected=first)
    assert second != first
    assert await tokens.access_token(name) == second


async def test_one_renewal_over_many_tasks_and_two_processes(
    store: PostgresAccountStore, http: httpx.AsyncClient, sandbox: Sandbox, postgres_dsn: str
) -> None:
    """X's refresh tokens work once: a second renewal would lose the account."""
    name = await account_on(store, Platform.X)
    script = f"""
import asyncio, httpx
from pydantic import SecretStr
from reelwright.domain.formats import Platform
from reelwright.domain.origins import Origin
from reelwright.platforms.common.sign_in import ClientCredentials
from reelwright.platforms.common.vault_tokens import VaultTokens
from reelwright.platforms.x.sign_in import XGrant
from reelwright.storage.accounts import PostgresAccountStore
from reelwright.storage.database import connect
from reelwright.storage.vault import Vault
import os
async def main():
    pool = await connect(os.environ["DSN"], max_size=4)
    async with httpx.AsyncClient(trust_env=False) as http:
        store = PostgresAccountStore(pool, Vault(SecretStr(os.environ["KEY"])))
        ways = {{"x": XGrant({sandbox.url + PATHS[Platform.X]!r})}}
        credentials = ClientCredentials("sandbox", "sandbox", ways)
        tokens = [VaultTokens(http, store, Platform.X, credentials, origin=Origin.SANDBOX) for _ in range(5)]
        print(len(set(await asyncio.gather(*(t.access_token({name!r}) for t in tokens for _ in range(4))))))
    await pool.close()
asyncio.run(main())
"""
    env = {**os.environ, "DSN": postgres_dsn, "KEY": KEY}
    run = [sys.executable, "-c", script]
    children = [subprocess.Popen(run, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [(await asyncio.to_thread(child.communicate))[0].strip() for child in children]
    assert said == ["1", "1"]
    stored = await store.token(Platform.X, name)
    assert stored is not None
    # The rotated token that was kept is the one that works.
    tokens = tokens_of(store, http, sandbox, Platform.X)
    assert await tokens.access_token(name, rejected=stored.access_token.get_secret_value())


async def test_a_token_is_renewed_before_it_lapses(
    store: PostgresAccountStore, http: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    now = datetime.now(UTC)
    name = await account_on(store, Platform.YOUTUBE)
    tokens = tokens_of(store, http, sandbox, Platform.YOUTUBE, clock=lambda: now)
    first = await tokens.access_token(name)
    now += timedelta(minutes=50)
    assert await tokens.access_token(name) == first
    now += timedelta(minutes=6)
    assert await tokens.access_token(name) != first


async def test_a_revoked_account_waits_for_a_person_and_goes_on(
    store: PostgresAccountStore, http: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    name = await account_on(store, Platform.YOUTUBE)
    tokens = tokens_of(store, http, sandbox, Platform.YOUTUBE)
    await sandbox.settings(revoked=[name])
    with pytest.raises(NeedsAuthorization, match="reelwright account authorize youtube"):
        await tokens.access_token(name)
    noted = await store.find(Platform.YOUTUBE, name)
    assert noted is not None and "no longer accepts" in noted.needs_authorization
    await sandbox.settings(revoked=[])
    with pytest.raises(NeedsAuthorization):  # the platform is not asked again and again
        await tokens.access_token(name)
    fresh = StoredToken(refresh_token=SecretStr(f"1//sandbox-{name}"), flow="google")
    await store.put(AccountInfo(platform=Platform.YOUTUBE, name=name), fresh)
    assert await tokens.access_token(name)


async def test_an_outage_is_no_revocation(
    store: PostgresAccountStore, http: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    name = await account_on(store, Platform.X)
    await sandbox.fault(platform="x", point="status", op="token", status=502, body="<html>", content_type="text/html",
                        count=3)  # fmt: skip
    tokens = tokens_of(store, http, sandbox, Platform.X)
    with pytest.raises(PlatformTransient):
        await tokens.access_token(name)
    found = await store.find(Platform.X, name)
    assert found is not None and not found.needs_authorization
    assert await tokens.access_token(name)


async def test_what_cannot_be_renewed_is_used_while_it_lives(
    store: PostgresAccountStore, http: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    now = datetime.now(UTC)
    name = await account_on(
        store, Platform.LINKEDIN, refresh_token=SecretStr(""), access_token=SecretStr("mine"),
        expires_at=now + timedelta(days=1), obtained_at=now - timedelta(days=59),
    )  # fmt: skip
    tokens = tokens_of(store, http, sandbox, Platform.LINKEDIN, clock=lambda: now)
    assert await tokens.access_token(name) == "mine"
    now += timedelta(days=2)
    with pytest.raises(NeedsAuthorization, match="cannot be renewed"):
        await tokens.access_token(name)


async def test_an_unknown_account_is_said_to_be_unknown(
    store: PostgresAccountStore, http: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    with pytest.raises(NeedsAuthorization, match="no account 'nobody'"):
        await tokens_of(store, http, sandbox, Platform.X).access_token("nobody")


async def test_a_token_that_a_person_puts_is_used_at_once(
    store: PostgresAccountStore, http: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    """One with another scope, say: the old one has not lapsed and was not refused as such."""
    name = await account_on(store, Platform.X, refresh_token=SecretStr(""), access_token=SecretStr("old"), flow="none")
    tokens = tokens_of(store, http, sandbox, Platform.X)
    assert await tokens.access_token(name) == "old"
    fresh = StoredToken(access_token=SecretStr("new"), origin=Origin.SANDBOX)
    await store.put(AccountInfo(platform=Platform.X, name=name), fresh)
    assert await tokens.access_token(name) == "new"


async def test_an_outage_while_the_token_lives_is_no_trouble(
    store: PostgresAccountStore, http: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    now = datetime.now(UTC)
    name = await account_on(
        store, Platform.X, access_token=SecretStr("old"), obtained_at=now - timedelta(minutes=119),
        expires_at=now + timedelta(minutes=1),
    )  # fmt: skip
    tokens = tokens_of(store, http, sandbox, Platform.X)
    await sandbox.fault(platform="x", point="status", op="token", status=503, count=6)
    assert await tokens.access_token(name) == "old"
    with pytest.raises(PlatformTransient):
        await tokens.access_token(name, rejected="old")
    assert await tokens.access_token(name) != "old"  # refused once, and the sign-in is back


async def test_a_cancelled_renewal_does_not_lose_the_single_use_token(
    store: PostgresAccountStore, http: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    name = await account_on(store, Platform.X)
    for moment in range(12):
        tokens = tokens_of(store, http, sandbox, Platform.X)
        stored = await store.token(Platform.X, name)
        assert stored is not None
        asking = asyncio.create_task(tokens.access_token(name, rejected=stored.access_token.get_secret_value()))
        await asyncio.sleep(0.003 * moment)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        assert await tokens_of(store, http, sandbox, Platform.X).access_token(name)
    found = await store.find(Platform.X, name)
    assert found is not None and not found.needs_authorization
