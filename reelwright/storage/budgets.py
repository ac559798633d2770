"""The channels' budgets: their limits, from the channels' newest versions, and what counts against them, from the table
`purchases`. Reservations of one channel take turns (an advisory lock), so that two never count on the same dollar."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from reelwright.domain.costs.budget import Budget
from reelwright.domain.costs.estimate import Estimate
from reelwright.domain.costs.limits import Counted, Limits, Spending, day_of, month_of
from reelwright.domain.costs.money import Money
from reelwright.domain.costs.totals import BudgetState, By, Sum
from reelwright.domain.errors import InvalidInput

from .channels import line_of
from .database import transaction

_PAID = "usd + held_usd > 0"
"""The condition of the indexes: most purchases are free."""
_SUMS = "coalesce(sum(usd), 0) as spent, coalesce(sum(held_usd), 0) as held"
_COUNTED = "coalesce(costs.counted_at, costs.recorded_at)"
"""When a budget counts it: with its reservation. What was never reserved has the time of its record."""
_GROUPS: dict[By, str] = {
    "day": f"({_COUNTED} at time zone 'UTC')::date::text",
    "channel": "coalesce(content.request ->> 'channel', 'default')",
    "provider": "costs.provider",
    "content": "costs.content_id",
}


async def locked(connection: Any, channel: str) -> None:
    """Waits for the channel's turn, which lasts until the transaction ends."""
    await connection.execute("select pg_advisory_xact_lock(hashtextextended('budget ' || $1, 0))", channel)


async def admit(
    connection: Any, content_id: str, channel: str, wanted: Estimate, now: datetime, *, besides: int | None
) -> None:
    """Raises what `Limits.admit` raises. `besides` is the purchase that is reserved anew, which does not count."""
    limits = await _limits(connection, channel, content_id)
    if not limits.any:
        return
    content = await connection.fetchrow(
        f"select {_SUMS} from purchases where content_id = $1 and id is distinct from $2 and {_PAID}",  # noqa: S608
        content_id,
        besides,
    )
    day, month = await _periods(connection, channel, now, besides)
    limits.admit(wanted, Spending(_counted(content), day, month), now)


class PostgresBudgets:
    """Reads only. `pool` is an `asyncpg.Pool`."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    async def limits(self, content_id: str) -> Limits:
        """The limits that hold for a content now. Raises `InvalidInput` for an unknown content."""
        async with transaction(self._pool) as connection:
            channel = await connection.fetchval(
                "select coalesce(request ->> 'channel', 'default') from content where id = $1", content_id
            )
            if channel is None:
                raise InvalidInput(
                    f"there is no content {content_id[:120]!r}", field="content_id", remedy="open it first"
                )
            return await _limits(connection, channel, content_id)

    async def counted(self, content_id: str) -> dict[str, Money]:
        """What is spent and reserved for a content, by step; steps without either are left out."""
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(
                f"select step, {_SUMS} from purchases where content_id = $1 and {_PAID} group by step",  # noqa: S608
                content_id,
            )
        return {row["step"]: _counted(row).all for row in rows}

    async def state(self, channel: str) -> BudgetState:
        """One channel's budget."""
        async with transaction(self._pool) as connection:
            now = await connection.fetchval("select clock_timestamp()")
            limits = Limits.of(channel, await _budget(connection, channel))
            day, month = await _periods(connection, channel, now, None)
            return BudgetState(limits, day, month, now, day_of(now)[1], month_of(now)[1])

    async def spending(self) -> Sequence[str]:
        """The channels that have bought something this month."""
        async with transaction(self._pool) as connection:
            now = await connection.fetchval("select clock_timestamp()")
            rows = await connection.fetch(
                f"select distinct channel from purchases where reserved_at >= $1 and {_PAID} and channel is not null",  # noqa: S608
                month_of(now)[0],
            )
        return [row["channel"] for row in rows]

    async def last_contents(self, channel: str, limit: int) -> list[Money]:
        """What each of the channel's newest finished contents has cost."""
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(
                """select coalesce((select sum(usd) from costs where content_id = c.id), 0) as usd from content c
                   where coalesce(c.request ->> 'channel', 'default') = $1 and c.status in ('done', 'incomplete')
                   order by c.opened_at desc limit $2""",
                channel,
                limit,
            )
        return [Money.of(row["usd"]) for row in rows]

    async def costs(
        self, by: By, *, channel: str | None = None, since: date | None = None, limit: int = 1_000
    ) -> list[Sum]:
        """What was spent, by day (UTC, of the reservation; newest first) or by name (dearest first); from a day on and
        of one channel, if they are named. What cost nothing is left out."""
        order = "name desc" if by == "day" else "usd desc, name"
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(
                f"""select {_GROUPS[by]} as name, sum(costs.usd) as usd, count(*) as purchases
                    from costs join content on content.id = costs.content_id
                    where costs.usd > 0
                        and ($1::text is null or coalesce(content.request ->> 'channel', 'default') = $1)
                        and ($2::date is null or {_COUNTED} >= ($2::date)::timestamp at time zone 'UTC')
                    group by 1 order by {order} limit $3""",  # noqa: S608
                channel,
                since,
                limit,
            )
        return [Sum(row["name"], Money.of(row["usd"]), row["purchases"]) for row in rows]


async def _limits(connection: Any, channel: str, content_id: str) -> Limits:
    max_usd = await connection.fetchval(
        "select (request ->> 'max_usd')::double precision from content where id = $1", content_id
    )
    return Limits.of(channel, await _budget(connection, channel), max_usd)


async def _budget(connection: Any, channel: str) -> Budget:
    """The budget in the newest version of a channel, with what it inherits; without limits where there is none."""
    line = await line_of(connection, channel)
    if not line:
        return Budget()
    from reelwright.domain.channels.inheritance import effective

    return effective([config for _, config in line]).budget


async def _periods(connection: Any, channel: str, now: datetime, besides: int | None) -> tuple[Counted, Counted]:
    """What counts for a channel today and this month."""
    today = "filter (where reserved_at >= $3)"
    row = await connection.fetchrow(
        f"""select {_SUMS},
                coalesce(sum(usd) {today}, 0) as spent_today, coalesce(sum(held_usd) {today}, 0) as held_today
            from purchases where channel = $1 and reserved_at >= $2 and id is distinct from $4 and {_PAID}""",  # noqa: S608
        channel,
        month_of(now)[0],
        day_of(now)[0],
        besides,
    )
    return Counted(Money.of(row["spent_today"]), Money.of(row["held_today"])), _counted(row)


def _counted(row: Any) -> Counted:
    return Counted(Money.of(row["spent"]), Money.of(row["held"]))
