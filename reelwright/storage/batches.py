"""The tables `batches` and `batch_items`. Implements `domain.ports.batches.BatchBook`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from reelwright.domain.batches import BatchAction, BatchItem, BatchSummary, ItemOutcome, ItemState
from reelwright.domain.errors import NotFound

from . import audit
from .database import transaction

_SUMMARY = """select b.id, b.action, b.made_by, b.made_at, b.note,
    (select json_object_agg(state, number) from (
        select state, count(*) as number from batch_items i where i.batch = b.id group by state) counted) as counts
    from batches b"""


class PostgresBatches:
    """`pool` is an `asyncpg.Pool`."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    async def add(self, id: str, action: BatchAction, items: Sequence[BatchItem], *, by: str, note: str = "") -> None:
        """A new batch with all its items, and its row of the audit."""
        rows = [
            (id, item.number, item.content_id, item.title, None if item.request is None else json.dumps(item.request))
            for item in items
        ]
        async with transaction(self._pool) as connection:
            await connection.execute(
                "insert into batches (id, action, made_by, note) values ($1, $2, $3, $4)", id, action, by, note
            )
            await connection.executemany(
                "insert into batch_items (batch, number, content_id, title, request) values ($1, $2, $3, $4, $5)", rows
            )
            after = {"action": action.value, "items": len(items), "note": note}
            await audit.record(connection, "batch", f"batch/{id}", by=by, after=after)

    async def page(self, limit: int, *, before: str | None = None) -> list[BatchSummary]:
        """At most `limit` batches, newest first, after the one of the id `before`."""
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(
                f"""{_SUMMARY} where ($2::text is null or (b.made_at, b.id) <
                        (select made_at, id from batches where id = $2))
                    order by b.made_at desc, b.id desc limit $1""",  # noqa: S608
                limit,
                before,
            )
        return [_summary(row) for row in rows]

    async def batch(self, id: str) -> BatchSummary:
        """One of them. Raises `NotFound`."""
        async with transaction(self._pool) as connection:
            row = await connection.fetchrow(f"{_SUMMARY} where b.id = $1", id)
        if row is None:
            raise NotFound(f"there is no batch {id[:40]!r}", field="batch", remedy="see the list of batches")
        return _summary(row)

    async def known(self, id: str) -> bool:
        """Whether it is on record."""
        async with transaction(self._pool) as connection:
            return bool(await connection.fetchval("select exists (select from batches where id = $1)", id))

    async def items(self, id: str, limit: int, *, after: int = 0, state: ItemState | None = None) -> list[BatchItem]:
        """At most `limit` items after a number, without their requests; of one state if it is named."""
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(
                """select number, content_id, title, null as request, state, told, ended_at from batch_items
                   where batch = $1 and number > $2 and ($4::text is null or state = $4) order by number limit $3""",
                id,
                after,
                limit,
                state,
            )
        return [_item(row) for row in rows]

    async def waiting(self, id: str, limit: int) -> list[int]:
        """The numbers of the next items that nothing was done about."""
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(
                "select number from batch_items where batch = $1 and state = 'waiting' order by number limit $2",
                id,
                limit,
            )
        return [row["number"] for row in rows]

    async def item(self, id: str, number: int) -> BatchItem:
        """One item, with its request. Raises `NotFound`."""
        async with transaction(self._pool) as connection:
            row = await connection.fetchrow(
                """select number, content_id, title, request, state, told, ended_at from batch_items
                   where batch = $1 and number = $2""",
                id,
                number,
            )
        if row is None:
            raise NotFound(f"batch {id[:40]} has no item {number}", field="batch", remedy="see the batch")
        return _item(row)

    async def ended(self, id: str, number: int, outcome: ItemOutcome) -> None:
        """Notes what has become of an item; what was noted first stays."""
        async with transaction(self._pool) as connection:
            await connection.execute(
                """update batch_items set state = $3, told = $4, ended_at = now()
                   where batch = $1 and number = $2 and state = 'waiting'""",
                id,
                number,
                outcome.state,
                outcome.told,
            )

    async def leave(self, id: str) -> int:
        """Leaves out what is still waiting; how many."""
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(
                """update batch_items set state = 'left', told = 'the batch was stopped', ended_at = now()
                   where batch = $1 and state = 'waiting' returning number""",
                id,
            )
        return len(rows)


def _summary(row: Any) -> BatchSummary:
    return BatchSummary.model_validate({**dict(row), "counts": json.loads(row["counts"] or "{}")})


def _item(row: Any) -> BatchItem:
    return BatchItem.model_validate({**dict(row), "request": json.loads(row["request"]) if row["request"] else None})
