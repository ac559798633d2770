"""Purchases of which nobody knows whether they were charged for: what is reserved for them, and what a person found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reelwright.domain.costs.money import Money
from reelwright.domain.errors import NotFound
from reelwright.domain.ports.buying import UnknownPurchase

from .audit import record
from .database import transaction
from .purchases import book

_ROW = "id, key, content_id, channel, step, provider, held_usd, reserved_at"


class PostgresUnknown:
    """`pool` is an `asyncpg.Pool`."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    async def all(self, limit: int = 1_000) -> Sequence[UnknownPurchase]:
        """The newest first."""
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(
                f"select {_ROW} from purchases where state = 'unknown' order by reserved_at desc limit $1",  # noqa: S608
                limit,
            )
        return [_told(row) for row in rows]

    async def settle(self, purchase: int, usd: Money, *, by: str) -> UnknownPurchase:
        """It was charged for with `usd`, or not at all; what was reserved for it is free. A job may be begun anew.
        Raises `InvalidInput` for one that is not unknown."""
        async with transaction(self._pool) as connection:
            row = await connection.fetchrow(
                f"select {_ROW} from purchases where id = $1 and state = 'unknown' for update",  # noqa: S608
                purchase,
            )
            if row is None:
                raise NotFound(
                    f"no purchase {purchase} waits to be settled",
                    field="purchase",
                    remedy="see `reelwright budget unknown`",
                )
            await connection.execute(
                "update purchases set state = 'lost', usd = $2, held_usd = 0, paid_at = now() where id = $1",
                purchase,
                usd.amount,
            )
            await connection.execute(
                "update requests set state = 'failed', job_id = '' where purchase = $1 and state = 'unknown'", purchase
            )
            if usd:
                await book(connection, row, row["provider"], usd.amount)
            await record(
                connection,
                "purchase.settle",
                str(purchase),
                by=by,
                content_id=row["content_id"],
                before={"state": "unknown", "held_usd": float(row["held_usd"])},
                after={"state": "lost", "usd": float(usd)},
            )
        return _told(row)


def _told(row: Any) -> UnknownPurchase:
    return UnknownPurchase(
        row["id"],
        row["content_id"],
        row["channel"] or "",
        row["step"],
        row["provider"],
        Money.of(row["held_usd"]),
        row["reserved_at"],
    )
