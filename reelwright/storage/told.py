"""The `told_entries` table: feed entries that a channel has used. Implements `domain.content.telling.EntryMemory`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .database import transaction


class PostgresEntryMemory:
    """`pool` is an `asyncpg.Pool`."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    async def tellers(self, channel: str, keys: Iterable[str]) -> Mapping[str, str]:
        """The content id by key, for those of `keys` that are claimed in the channel."""
        async with transaction(self._pool) as connection:
            return await tellers_in(connection, channel, keys)

    async def claim(self, channel: str, keys: Sequence[str], content_id: str) -> bool:
        """Claims an entry for a content, which lets go of any other; False when another content holds it."""
        async with transaction(self._pool) as connection:
            await turn_of(connection, channel)
            return await claim_in(connection, channel, keys, content_id)


async def turn_of(connection: Any, channel: str) -> None:
    """An entry has several keys: two contents may meet on one of them only, so claims of a channel take turns. The turn
    lasts until the transaction's end."""
    await connection.execute("select pg_advisory_xact_lock(hashtextextended($1, 0))", f"told_entries {channel}")


async def tellers_in(connection: Any, channel: str, keys: Iterable[str]) -> Mapping[str, str]:
    """What `PostgresEntryMemory.tellers` returns, within a transaction."""
    rows = await connection.fetch(
        "select key, content_id from told_entries where channel = $1 and key = any($2)", channel, list(keys)
    )
    return {row["key"]: row["content_id"] for row in rows}


async def claim_in(connection: Any, channel: str, keys: Sequence[str], content_id: str) -> bool:
    """What `PostgresEntryMemory.claim` does, within a transaction that has its turn (`turn_of`)."""
    wanted = sorted(set(keys))
    taken = await connection.fetchval(
        """select exists (select from told_entries
           where channel = $1 and key = any($2) and content_id <> $3)""",
        channel,
        wanted,
        content_id,
    )
    if taken:
        return False
    await connection.execute(
        "delete from told_entries where channel = $1 and content_id = $2 and key <> all($3)",
        channel,
        content_id,
        wanted,
    )
    await connection.execute(
        """insert into told_entries (channel, key, content_id)
           select $1, key, $3 from unnest($2::text[]) as key on conflict do nothing""",
        channel,
        wanted,
        content_id,
    )
    return True
