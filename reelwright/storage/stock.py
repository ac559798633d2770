"""The tables of found works. Implements `domain.ports.providing.StockMemory` and `SearchCache`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from reelwright.domain.ports.providing import StockHit

from .database import transaction

ALIKE_BITS = 6
"""Of 64: pictures whose perceptual hashes differ in no more look the same."""
KEPT_S = 2 * 86_400.0
"""Answers of libraries that are older are deleted."""


class PostgresStock:
    """`pool` is an `asyncpg.Pool`; `repeat_days` how long a channel does not show a work again."""

    def __init__(self, pool: Any, *, repeat_days: float = 180.0) -> None:
        self._pool = pool
        self._within = timedelta(days=repeat_days)

    # --- memory ------------------------------------------------------------------------------------------------------

    async def shown(self, channel: str, assets: Sequence[str], holder: str = "") -> frozenset[str]:
        """Those that other places of the channel have used."""
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(
                """select distinct asset from stock_shown
                   where channel = $1 and asset = any($2) and holder <> $3 and shown_at > now() - $4::interval""",
                channel,
                list(assets),
                holder,
                self._within,
            )
        return frozenset(row["asset"] for row in rows)

    async def claim(self, channel: str, holder: str, hit: StockHit, look: int | None = None) -> bool:
        """Notes that the place shows the work; False where another place shows it, or one that looks the same."""
        async with transaction(self._pool) as connection:
            await connection.execute("select pg_advisory_xact_lock(hashtextextended($1, 0))", f"stock_shown {channel}")
            taken = await connection.fetchval(
                """select exists (select from stock_shown
                   where channel = $1 and holder <> $2 and shown_at > now() - $3::interval
                     and (asset = $4 or bit_count((look # $5::bigint)::bit(64)) <= $6))""",
                channel,
                holder,
                self._within,
                hit.asset,
                look,
                ALIKE_BITS,
            )
            if taken:
                return False
            await connection.execute(
                """insert into stock_works (asset, raw_sha256, credit, raw) values ($1, $2, $3, $4)
                   on conflict do nothing""",
                hit.asset,
                hit.credit.raw_sha256,
                hit.credit.model_dump_json(),
                hit.raw,
            )
            await connection.execute(
                """insert into stock_shown (channel, holder, asset, look, raw_sha256) values ($1, $2, $3, $4, $5)
                   on conflict (channel, holder) do update
                   set asset = excluded.asset, look = excluded.look, raw_sha256 = excluded.raw_sha256,
                       shown_at = now()""",
                channel,
                holder,
                hit.asset,
                look,
                hit.credit.raw_sha256,
            )
        return True

    # --- answers of libraries ----------------------------------------------------------------------------------------

    async def answer(self, library: str, key: str, within_s: float) -> str | None:
        """What was kept not longer ago than that."""
        async with transaction(self._pool) as connection:
            kept: str | None = await connection.fetchval(
                "select answer from stock_searches where library = $1 and key = $2 and read_at > now() - $3::interval",
                library,
                key,
                timedelta(seconds=within_s),
            )
        return kept

    async def keep(self, library: str, key: str, answer: str) -> None:
        """Keeps an answer, and lets go of old ones."""
        async with transaction(self._pool) as connection:
            await connection.execute(
                """insert into stock_searches (library, key, answer) values ($1, $2, $3)
                   on conflict (library, key) do update set answer = excluded.answer, read_at = now()""",
                library,
                key,
                answer,
            )
            await connection.execute(
                "delete from stock_searches where read_at < now() - $1::interval", timedelta(seconds=KEPT_S)
            )
