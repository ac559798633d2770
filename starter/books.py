"""The studio's books, opened directly: no token and no limit passes through Temporal."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from pydantic import SecretStr

from control.studio import Books, NoStudio
from reelwright.domain.errors import ProviderUnavailable
from reelwright.domain.formats import Platform
from reelwright.storage.database import connect
from workers.local.state import find_live_stack
from workers.settings import load_settings, secret

from .caller import caller_in
from .tables import count

if TYPE_CHECKING:
    from reelwright.domain.ports.channels import PolicyShelf


@asynccontextmanager
async def books() -> AsyncIterator[Books]:
    """The books of the running studio, or of the one that DATABASE_URL names."""
    if stack := find_live_stack(load_settings().state_dir):
        for name, value in stack.env.items():
            os.environ.setdefault(name, value)
        load_settings.cache_clear()
    settings = load_settings()
    if not settings.database_url:
        raise NoStudio(field="DATABASE_URL")
    pool = await connect(secret(settings.database_url), max_size=4)
    try:
        yield Books(pool, SecretStr(secret(settings.secret_key)), await caller_in(pool))
    finally:
        await pool.close()


def policies() -> PolicyShelf:
    """The moderation policies that this machine's settings name."""
    from reelwright.policies import Policies

    return Policies(load_settings().policies)


async def wake(platform: Platform, account: str) -> str:
    """Signals the waiting publications to check again; returns the outcome as text for people."""
    from control import pauses

    from .opening import reached

    try:
        async with reached() as (_, studio):
            woken = await pauses.wake(studio, platform, account)
    except ProviderUnavailable:
        return "its publications go on when the studio is up"
    return f"{count(woken, 'waiting publication')} signalled to check again"
