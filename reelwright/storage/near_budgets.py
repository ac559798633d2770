"""The channels that have used most of their budget: one statement for all, as `budgets.PostgresBudgets` counts."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from reelwright.domain.boards import NearBudget
from reelwright.domain.channels.config import ChannelConfig
from reelwright.domain.channels.inheritance import effective, lineage
from reelwright.domain.costs.limits import Limits, day_of, month_of
from reelwright.domain.costs.money import Money
from reelwright.domain.errors import InvalidInput

NEAR = Decimal("0.8")
_CHANNELS = """with newest as (select distinct on (name) name, config::text as config from channel_versions
                    order by name, version desc),
         used as (select channel, sum(usd + held_usd) as month,
                         coalesce(sum(usd + held_usd) filter (where reserved_at >= $2), 0) as day
                  from purchases
                  where reserved_at >= $1 and usd + held_usd > 0 and channel is not null
                      and exists (select from newest where config like '%usd_per_%')
                  group by channel)
    select name, config, coalesce(month, 0) as month, coalesce(day, 0) as day
    from newest left join used on used.channel = newest.name"""


async def near_budgets(connection: Any, now: datetime) -> tuple[NearBudget, ...]:
    """Those that have used at least `NEAR` of a limit, the fullest first."""
    rows = await connection.fetch(_CHANNELS, month_of(now)[0], day_of(now)[0])
    configs = {row["name"]: config for row in rows if (config := _config(row["config"])) is not None}
    found = []
    for row in rows:
        limits = _limits(row["name"], configs)
        for period, limit in (("day", limits.day), ("month", limits.month)) if limits else ():
            used = Money.of(row[period])
            if limit is not None and used.amount >= NEAR * limit.amount:
                found.append(NearBudget(row["name"], period, used, limit))
    return tuple(sorted(found, key=lambda near: (-near.percent, near.channel, near.period)))


def _config(text: str) -> ChannelConfig | None:
    """None for a version that a newer release has written."""
    try:
        return ChannelConfig.model_validate(json.loads(text))
    except ValidationError:
        return None


def _limits(name: str, configs: dict[str, ChannelConfig]) -> Limits | None:
    """None where the channel extends one that cannot be read."""
    if name not in configs:
        return None
    try:
        return Limits.of(name, effective(lineage(name, configs)).budget)
    except InvalidInput:
        return None
