"""The table `rate_limits`: token buckets that all replicas share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from .database import transaction

_FORGOTTEN = timedelta(days=1)
"""A bucket that was not asked for so long is full again, whatever its rate (`Rate` sees to that)."""


@dataclass(frozen=True)
class Rate:
    """`burst` at once, and then one each `every_s` seconds."""

    burst: int
    every_s: float

    def __post_init__(self) -> None:
        if self.burst < 1 or not 0 < self.burst * self.every_s <= _FORGOTTEN.total_seconds():
            raise ValueError(f"not a rate that can be kept: {self}")


async def take(pool: Any, key: str, rate: Rate) -> float:
    """Takes one out of a bucket: 0, or the seconds until there is one to take, and then none was taken. `key` names the
    bucket, and holds nothing that should not be kept."""
    async with transaction(pool) as connection:
        filled = (
            "least($2::float8, rate_limits.remaining + "
            "extract(epoch from clock_timestamp() - rate_limits.at)::float8 / $3::float8)"
        )
        taken = await connection.fetchval(
            f"""insert into rate_limits (key, remaining) values ($1, $2::float8 - 1)
                on conflict (key) do update set remaining = {filled} - 1, at = clock_timestamp()
                    where {filled} >= 1
                returning xmax = 0""",  # noqa: S608
            *(key, float(rate.burst), rate.every_s),
        )
        if taken is None:
            have = await connection.fetchval(
                f"select {filled} from rate_limits where key = $1",  # noqa: S608
                *(key, float(rate.burst), rate.every_s),
            )
            return max(0.001, (1 - (have or 0.0)) * rate.every_s)
        if taken:  # a new bucket: a moment to forget the old ones
            await connection.execute("delete from rate_limits where at < clock_timestamp() - $1::interval", _FORGOTTEN)
    return 0.0
