"""The `purchases` table: what is bought from providers, noted before the call and when it is paid for, so that a crash
loses neither the cost nor, where it is small, the answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from reelwright.domain.costs.estimate import Estimate
from reelwright.domain.errors import InvalidInput
from reelwright.domain.ports.buying import Packed, Request
from reelwright.domain.ports.making import Purchase
from reelwright.domain.redaction import redact_known

from .amounts import dollars
from .budgets import admit, locked
from .database import transaction
from .requests import answered


class PurchaseRows:
    """The catalog's purchases; `pool` is an `asyncpg.Pool`. `clock` is for tests: the database's counts without it."""

    def __init__(self, pool: Any, *, clock: Callable[[], datetime] | None = None) -> None:
        self._pool = pool
        self._clock = clock

    async def reserve(
        self, key: str, *, content_id: str, step: str, provider: str, wanted: Estimate | None = None
    ) -> Purchase:
        """A purchase that is about to be made: a new row, or one of an attempt that came to nothing. One that is paid
        for and whose answer was kept, but not its result, comes back with the answer.

        What `wanted` costs at most is reserved in the budgets of the content and its channel, in the same transaction;
        a row that is taken over is reserved anew, not twice. Raises `OverBudget`, `BudgetSpent` and `TooDear`."""
        async with transaction(self._pool) as connection:
            paying = wanted is not None and not wanted.free
            channel = await _channel(connection, content_id)
            if paying:
                await locked(connection, channel)
            row = await connection.fetchrow(
                """select id, answer from purchases
                   where key = $1 and (state = 'reserved' or (state = 'paid' and answer is not null))
                   order by (state = 'paid') desc, id desc limit 1""",
                key,
            )
            if row is not None and row["answer"] is not None:
                return Purchase(id=row["id"], answer=row["answer"])
            now: datetime = self._clock() if self._clock else await connection.fetchval("select clock_timestamp()")
            held = Decimal(0)
            if paying:
                assert wanted is not None
                await admit(connection, content_id, channel, wanted, now, besides=row["id"] if row else None)
                held = wanted.worst.amount
            if row is not None:
                await connection.execute(
                    "update purchases set held_usd = $2, reserved_at = $3, provider = $4 where id = $1",
                    row["id"],
                    held,
                    now,
                    provider,
                )
                return Purchase(id=row["id"])
            number = await connection.fetchval(
                """insert into purchases (key, content_id, step, provider, channel, held_usd, reserved_at)
                   values ($1, $2, $3, $4, $5, $6, $7) returning id""",
                key,
                content_id,
                step,
                provider,
                channel,
                held,
                now,
            )
            return Purchase(id=number)

    async def release(self, purchase: int) -> None:
        """Certainly nothing is charged for a purchase: what was reserved for it is free again."""
        async with transaction(self._pool) as connection:
            await connection.execute("update purchases set held_usd = 0 where id = $1 and state = 'reserved'", purchase)

    async def paid(
        self,
        purchase: int,
        *,
        usd: float,
        provider: str,
        bought_for: str,
        answer: str | None = None,
        lost: bool = False,
        cost_known: bool = True,
        request: Request | None = None,
        packed: Packed | None = None,
    ) -> int:
        """Books the cost, and frees the rest of what was reserved; not where the provider may charge more than `usd`
        (`cost_known` false). The answer to a `request` (`packed`) is kept in the same transaction. The purchase's id:
        another one where two have reserved the same row and both have paid."""
        amount = dollars(usd)
        kept = None if answer is None else redact_known(answer)
        state = "lost" if lost else "paid"
        async with transaction(self._pool) as connection:
            values = (purchase, state, amount, kept, provider, bought_for)
            row = await connection.fetchrow(
                """update purchases set state = $2, usd = $3, answer = $4, provider = $5, bought_for = $6,
                   held_usd = case when $7 then 0 else greatest(held_usd - $3, 0) end,
                   paid_at = now() where id = $1 and state in ('reserved', 'unknown')
                   returning id, key, content_id, step, reserved_at""",
                *values,
                cost_known,
            ) or await connection.fetchrow(
                """insert into purchases
                       (key, content_id, step, channel, state, usd, answer, provider, bought_for, paid_at)
                   select key, content_id, step, channel, $2, $3, $4, $5, $6, now() from purchases where id = $1
                   returning id, key, content_id, step, reserved_at""",
                *values,
            )
            await book(connection, row, provider, amount)
            if request is not None and packed is not None:
                await answered(connection, request, row["id"], packed)
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


async def _channel(connection: Any, content_id: str) -> str:
    """The content's channel. Raises `InvalidInput` for an unknown content."""
    row = await connection.fetchrow(
        "select coalesce(request ->> 'channel', 'default') as channel from content where id = $1", content_id
    )
    if row is None:
        raise InvalidInput(f"there is no content {content_id[:120]!r}", field="content_id", remedy="open it first")
    return str(row["channel"])


async def book(connection: Any, row: Any, provider: str, amount: Decimal) -> None:
    """The cost of a purchase (`row` has its id, key, content and step)."""
    await connection.execute(
        "insert into costs (key, content_id, step, provider, usd, counted_at) values ($1, $2, $3, $4, $5, $6)",
        f"{row['key']}#{row['id']}",
        row["content_id"],
        row["step"],
        provider,
        amount,
        row["reserved_at"],
    )
