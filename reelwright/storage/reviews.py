"""The `review_leases` table: who looks at which review; and what the queue of reviews wants to know of contents."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from .database import transaction


@dataclass(frozen=True)
class Lease:
    """Somebody has a review open, since `opened_at`."""

    content_id: str
    person: str
    opened_at: datetime


class PostgresReviews:
    """`pool` is an `asyncpg.Pool`. The times are the database's: all replicas have the same."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    async def hold(self, content_id: str, person: str, life: timedelta) -> None:
        """Notes that a person has a review open for so long from now. Ended leases of anybody are cleared."""
        async with transaction(self._pool) as connection:
            await connection.execute("delete from review_leases where until < now()")
            await connection.execute(
                """insert into review_leases (content_id, person, until) values ($1, $2, now() + $3)
                   on conflict (content_id, person) do update set until = excluded.until""",
                content_id,
                person,
                life,
            )

    async def leave(self, content_id: str, person: str) -> None:
        """The person has closed it."""
        async with transaction(self._pool) as connection:
            await connection.execute(
                "delete from review_leases where content_id = $1 and person = $2", content_id, person
            )

    async def holders(self, content_ids: Collection[str]) -> list[Lease]:
        """Who has any of these open now, the earliest first."""
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(
                """select content_id, person, opened_at from review_leases
                   where content_id = any($1::text[]) and until >= now() order by opened_at, person""",
                list(content_ids),
            )
        return [Lease(**row) for row in rows]

    async def priorities(self, content_ids: Collection[str]) -> dict[str, int]:
        """The priorities of those contents that are on record; 1 goes first, 5 last."""
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(
                """select id, coalesce((request ->> 'priority')::int, 3) as priority from content
                   where id = any($1::text[])""",
                list(content_ids),
            )
        return {row["id"]: row["priority"] for row in rows}
