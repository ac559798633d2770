"""The ends of models as their providers list them, asked once a day by whichever worker is first."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from reelwright.domain.lifecycles import Life

from .database import transaction

PROBLEM_CHARS = 300


@dataclass(frozen=True)
class Listed:
    """What a provider last said: the ends of its models, when (None: it never answered), and what went wrong when it
    was asked last."""

    provider: str
    ends: tuple[Life, ...]
    told_at: datetime | None
    problem: str = ""


class PostgresModelLists:
    """`pool` is an `asyncpg.Pool`."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    async def claim(self, provider: str, every: timedelta) -> bool:
        """Whether the provider is to be asked now, by the caller: nobody has asked it for so long."""
        async with transaction(self._pool) as connection:
            claimed = await connection.fetchval(
                """insert into model_lists (provider) values ($1)
                   on conflict (provider) do update set asked_at = now()
                       where model_lists.asked_at <= now() - $2::interval
                   returning true""",
                provider,
                every,
            )
        return bool(claimed)

    async def keep(self, provider: str, ends: Sequence[Life]) -> None:
        """The provider's answer, in place of the one before."""
        rows = [{"model": life.model, "ends": life.ends.isoformat(), "told": life.told} for life in ends]
        async with transaction(self._pool) as connection:
            await connection.execute(
                """insert into model_lists (provider, told_at, ends) values ($1, now(), $2)
                   on conflict (provider) do update
                       set asked_at = now(), told_at = now(), ends = excluded.ends, problem = ''""",
                provider,
                json.dumps(rows),
            )

    async def failed(self, provider: str, problem: str) -> None:
        """It could not be asked; what it said before stays."""
        async with transaction(self._pool) as connection:
            await connection.execute(
                "update model_lists set problem = $2 where provider = $1", provider, problem[:PROBLEM_CHARS]
            )

    async def all(self) -> list[Listed]:
        """What is known of every provider that was ever asked."""
        async with transaction(self._pool) as connection:
            rows = await connection.fetch("select provider, ends, told_at, problem from model_lists order by provider")
        return [
            Listed(
                row["provider"],
                tuple(
                    Life(row["provider"], one["model"], date.fromisoformat(one["ends"]), told=one["told"])
                    for one in json.loads(row["ends"])
                ),
                row["told_at"],
                row["problem"],
            )
            for row in rows
        ]
