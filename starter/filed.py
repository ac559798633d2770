"""The database's view of contents, as far as this machine reaches the database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from reelwright.domain.errors import ProviderUnavailable
from reelwright.storage.contents import PostgresContents
from reelwright.storage.database import connect
from workers.settings import Settings, secret

from .console import plain, say


@asynccontextmanager
async def filed_contents(settings: Settings) -> AsyncIterator[PostgresContents | None]:
    """None where no database is configured, or where it does not answer: that is printed, and then only what Temporal
    still has can be shown. Raises `InvalidInput` for an invalid address."""
    if settings.database_url is None:
        yield None
        return
    try:
        pool = await connect(secret(settings.database_url), max_size=4)
    except ProviderUnavailable as error:
        say(f"[yellow]note[/] {plain(error)}: only what Temporal still knows is shown")
        yield None
        return
    try:
        yield PostgresContents(pool)
    finally:
        await pool.close()
