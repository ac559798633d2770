"""The studio's books, opened directly: no token and no limit passes through Temporal."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from reelwright.domain.errors import InvalidInput, ProviderUnavailable
from reelwright.domain.formats import Platform
from reelwright.domain.publishing.accounts import AccountInfo
from reelwright.storage.accounts import PostgresAccountStore
from reelwright.storage.database import connect
from reelwright.storage.pauses import PostgresGate
from reelwright.storage.quota.ledger import PostgresQuotaLedger
from reelwright.storage.vault import Vault
from workers.local.state import find_live_stack
from workers.settings import load_settings, secret

from .tables import count


@dataclass(frozen=True)
class Books:
    """Over one pool; `accounts` opens the vault only when it is asked for."""

    pool: Any
    secret_key: SecretStr

    @property
    def quota(self) -> PostgresQuotaLedger:
        return PostgresQuotaLedger(self.pool)

    @property
    def gate(self) -> PostgresGate:
        return PostgresGate(self.pool)

    @property
    def accounts(self) -> PostgresAccountStore:
        return PostgresAccountStore(self.pool, Vault(self.secret_key))


@asynccontextmanager
async def books() -> AsyncIterator[Books]:
    """The books of the running studio, or of the one that DATABASE_URL names."""
    if stack := find_live_stack(load_settings().state_dir):
        for name, value in stack.env.items():
            os.environ.setdefault(name, value)
        load_settings.cache_clear()
    settings = load_settings()
    if not settings.database_url:
        from .reach import NoStudio

        raise NoStudio(field="DATABASE_URL")
    pool = await connect(secret(settings.database_url), max_size=4)
    try:
        yield Books(pool, SecretStr(secret(settings.secret_key)))
    finally:
        await pool.close()


async def wake(platform: Platform, account: str) -> str:
    """Has the waiting publications look again; how that went, for people."""
    from .publications import wake_publications
    from .reach import studio

    try:
        async with studio() as found:
            told = await wake_publications(found.client, platform, account)
    except ProviderUnavailable:
        return "its publications go on when the studio is up"
    return f"{count(told, 'waiting publication')} told to look again"


async def account_of(store: PostgresAccountStore, platform: Platform, account: str) -> AccountInfo:
    """The account, or `InvalidInput` when there is none of that name."""
    info = await store.find(platform, account)
    if info is None:
        raise InvalidInput(
            f"{platform.label} has no account {account[:80]!r} here",
            field="account",
            remedy=f"see `reelwright account list`, or `reelwright account add {platform.value}`",
        )
    return info
