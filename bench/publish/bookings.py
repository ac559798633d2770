"""Bookings a second on one hot bucket over eight connections: granted ones, and ones that find thousands before them."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from reelwright.domain.formats import Platform
from reelwright.domain.quota import Booking, buckets_of
from reelwright.storage.quota import PostgresQuotaLedger

from .stage import database

CONNECTIONS = 8
WARM = 200


async def measure(folder: Path, count: int) -> dict[str, float]:
    """`count` bookings each: on a bucket with room for all, and on YouTube's hundred a day, where all but the first
    hundred are booked ahead, the last ones behind all others."""
    inserts = buckets_of(Platform.YOUTUBE)["inserts"]
    wide = inserts.model_copy(update={"name": "wide", "limit": 10 * count})
    async with database(folder, CONNECTIONS) as pool:
        ledger = PostgresQuotaLedger(pool, buckets=(inserts, wide))
        await _book(ledger, "wide", "warm", WARM)
        granted = await _book(ledger, "wide", "granted", count)
        first = await _book(ledger, "inserts", "first", count)
        then = await _book(ledger, "inserts", "then", count)
        booked = await pool.fetchval("select count(*) from quota_claims where not held")
        assert booked == 2 * count - inserts.limit, "every booking is on record"
    return {"granted_per_s": granted, "ahead_per_s": first, "far_ahead_per_s": then, "booked_ahead": booked}


async def _book(ledger: PostgresQuotaLedger, bucket: str, prefix: str, count: int) -> float:
    numbers = iter(range(count))

    async def come() -> None:
        for number in numbers:
            key = f"{prefix}-{number}"
            await ledger.reserve(Booking(key=key, platform=Platform.YOUTUBE, account="hot", costs={bucket: 1}))

    began = time.perf_counter()
    await asyncio.gather(*(come() for _ in range(CONNECTIONS)))
    return count / (time.perf_counter() - began)
