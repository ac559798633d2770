"""The `purchases` table: what is bought from providers, noted before the call and when it is paid for, so that a crash
loses neither the cost nor, where it is small, the answer."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import asyncpg

from reelwright.domain.errors import InvalidInput
from reelwright.domain.ports.making import Purchase
from reelwright.domain.redaction import redact_known

from .amounts import dollars
from .database import transaction


class PurchaseRows:
    """The catalog's purchases; `pool` is an `asyncpg.Pool`."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    async def reserve(self, key: str, *, content_id: str, step: str, provider: str) -> Purchase:
        """A purchase that is about to be made: a new row, or one of an attempt that came to nothing. One that is paid
        for and whose answer was kept, but not its result, comes back with the answer."""
        async with transaction(self._pool) as connection:
            row = await connection.fetchrow(
                """select id, answer from purchases
                   where key = $1 and (state = 'reserved' or (state = 'paid' and answer is not null))
                   order by (state = 'paid') desc, id desc limit 1""",
                key,
            )
            if row is None:
                try:
                    row = await connection.fetchrow(
                        """insert into purchases (key, content_id, step, provider) values ($1, $2, $3, $4)
                           returning id, answer""",
                        key,
                        content_id,
                        step,
                        provider,
                    )
                except asyncpg.ForeignKeyViolationError as error:
                    raise InvalidInput(
                        f"there is no content {content_id[:120]!r}", field="content_id", remedy="open it first"
                    ) from error
            return Purchase(id=row["id"], answer=row["answer"])

    async def paid(
        self,
        purchase: int,
        *,
        usd: float,
        provider: str,
        bought_for: str,
        answer: str | None = None,
        lost: bool = False,
    ) -> int:
        """Books the cost. The purchase's id: another one where two have reserved the same row and both have paid."""
        amount = dollars(usd)
        kept = None if answer is None else redact_known(answer)
        state = "lost" if lost else "paid"
        async with transaction(self._pool) as connection:
            values = (purchase, state, amount, kept, provider, bought_for)
            row = await connection.fetchrow(
                """update purchases set state = $2, usd = $3, answer = $4, provider = $5, bought_for = $6,
                   paid_at = now() where id = $1 and state = 'reserved' returning id, key, content_id, step""",
                *values,
            ) or await connection.fetchrow(
                """insert into purchases (key, content_id, step, state, usd, answer, provider, bought_for, paid_at)
                   select key, content_id, step, $2, $3, $4, $5, $6, now() from purchases where id = $1
                   returning id, key, content_id, step""",
                *values,
            )
            await _book(connection, row, provider, amount)
            return int(row["id"])

    async def spent(self, bought_for: str) -> float:
        """US dollars that were paid for one activity, in all its attempts."""
        async with transaction(self._pool) as connection:
            total = await connection.fetchval("select sum(usd) from purchases where bought_for = $1", bought_for)
        return float(total or 0)


async def settle(connection: Any, purchase: int, *, stored: bool) -> None:
    """The purchase's result is on record, or (not `stored`) that of another one is; its answer is needed no more."""
    await connection.execute(
        """update purchases set state = $2, answer = null, stored_at = now() where id = $1 and state = 'paid'""",
        purchase,
        "stored" if stored else "lost",
    )


async def _book(connection: Any, row: Any, provider: str, amount: Decimal) -> None:
    await connection.execute(
        "insert into costs (key, content_id, step, provider, usd) values ($1, $2, $3, $4, $5)",
        f"{row['key']}#{row['id']}",
        row["content_id"],
        row["step"],
        provider,
        amount,
    )
