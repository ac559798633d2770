"""The `effects` table: small effects that must not be made twice. Implements `domain.ports.publishing.EffectLedger`."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from reelwright.domain.redaction import redact_known

from .database import transaction

RESULT_CHARS = 2_000


class PostgresEffectLedger:
    """`pool` is an `asyncpg.Pool`."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    async def begin(self, key: str) -> Literal["new", "begun", "done"]:
        """`new`: the row was made now, do the work. `begun`: an earlier attempt may have done it. `done`: it is
        done."""
        async with transaction(self._pool) as connection:
            # The update changes nothing but locks the row there is, so that one statement both makes and reads it.
            row = await connection.fetchrow(
                """insert into effects (key) values ($1)
                   on conflict (key) do update set key = excluded.key
                   returning state, xmax = 0 as made""",
                key,
            )
        if row["made"]:
            return "new"
        return "done" if row["state"] == "done" else "begun"

    async def begun_at(self, key: str) -> datetime | None:
        """When it was last begun, by the database's clock; None for an effect that never was."""
        async with transaction(self._pool) as connection:
            begun: datetime | None = await connection.fetchval("select begun_at from effects where key = $1", key)
            return begun

    async def again(self, key: str) -> None:
        """A begun effect is begun anew: it did not happen until now, and may from now on. One that is done stays."""
        async with transaction(self._pool) as connection:
            await connection.execute(
                "update effects set begun_at = clock_timestamp() where key = $1 and state = 'begun'", key
            )

    async def done(self, key: str, result: str) -> None:
        """Notes the effect's result; the first one stays. An effect that was never begun is noted all the same:
        it has happened."""
        async with transaction(self._pool) as connection:
            await connection.execute(
                """insert into effects (key, state, result, done_at) values ($1, 'done', $2, now())
                   on conflict (key) do update set state = 'done', result = excluded.result, done_at = now()
                   where effects.state = 'begun'""",
                key,
                redact_known(result).replace("\0", "")[:RESULT_CHARS],
            )

    async def forget(self, key: str) -> None:
        """A begun effect certainly did not happen; it may be begun again. One that is done stays."""
        async with transaction(self._pool) as connection:
            await connection.execute("delete from effects where key = $1 and state = 'begun'", key)

    async def result(self, key: str) -> str:
        """What `done` noted, or an empty string."""
        async with transaction(self._pool) as connection:
            return str(await connection.fetchval("select result from effects where key = $1", key) or "")
