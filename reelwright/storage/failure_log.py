"""The tables `provider_troubles` and `settled_makers`: implements `domain.ports.buying.FailureLog`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reelwright.domain.chains import FailureRecord, FailureRecords
from reelwright.domain.redaction import redact_known

from .database import transaction


class PostgresFailureLog:
    """`pool` is an `asyncpg.Pool`."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    async def of(self, key: str) -> FailureRecords:
        """What went wrong so far for the purchase with this key."""
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(
                "select provider, failures, since, why, given_up from provider_troubles where key = $1", key
            )
        return FailureRecords(
            {row["provider"]: FailureRecord(row["failures"], row["since"], row["why"], row["given_up"]) for row in rows}
        )

    async def add(self, key: str, content_id: str, provider: str, why: str, *, give_up: bool) -> None:
        """One more failed call."""
        async with transaction(self._pool) as connection:
            await connection.execute(
                """insert into provider_troubles as known (key, content_id, provider, failures, why, given_up)
                   values ($1, $2, $3, 1, $4, $5)
                   on conflict (key, provider) do update set failures = known.failures + 1, why = excluded.why,
                       given_up = known.given_up or excluded.given_up""",
                *(key, content_id, provider, redact_known(why), give_up),
            )

    async def settled(self, content_id: str, capability: str) -> str:
        """The provider that makes all pieces of one kind of a content; empty before the first."""
        async with transaction(self._pool) as connection:
            found: str | None = await connection.fetchval(
                "select provider from settled_makers where content_id = $1 and capability = $2", content_id, capability
            )
        return found or ""

    async def settle(self, content_id: str, capability: str, provider: str, order: Sequence[str]) -> None:
        """It is this one, unless one further down `order` is settled already."""
        after = list(order[list(order).index(provider) + 1 :])
        async with transaction(self._pool) as connection:
            await connection.execute(
                """insert into settled_makers as known (content_id, capability, provider) values ($1, $2, $3)
                   on conflict (content_id, capability) do update set provider = excluded.provider
                   where not (known.provider = any($4::text[]))""",
                *(content_id, capability, provider, after),
            )
