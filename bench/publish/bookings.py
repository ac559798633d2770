"""Bookings a second on one hot bucket: eight callers of one process, with room for all and with thousands before them;
and, for comparison, eight ledgers with a connection each, which is how as many processes would come."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

from reelwright.domain.formats import Platform
from reelwright.domain.publishing.quota import Booking, buckets_of
from reelwright.storage.quota.ledger import PostgresQuotaLedger

from .stage import database

CONNECTIONS = 8
WARM = 200


async def measure(folder: Path, count: int) -> dict[str, float]:
    """`count` bookings each: on a bucket with room for all, and on YouTube's hundred a day, where all but the first
    hundred are booked ahead, the last ones behind all others."""
    inserts = buckets_of(Platform.YOUTUBE)["inserts"]
    wide = inserts.model_copy(update={"name": "wide", "limit": 10 * count})
    async with database(folder, CONNECTIONS) as pool:
        ledgers = [PostgresQuotaLedger(pool, buckets=(inserts, wide)) for _ in range(CONNECTIONS)]
        one = ledgers[:1] * CONNECTIONS
        await _book(ledgers, "wide", "warm", WARM)
        seen = {
            "granted_per_s": await _book(one, "wide", "granted", count),
            "ahead_per_s": await _book(one, "inserts", "first", count),
            "far_ahead_per_s": await _book(one, "inserts", "then", count),
            "apart_per_s": await _book(ledgers, "inserts", "apart", count // 5),
        }
        seen["booked_ahead"] = await pool.fetchval("select count(*) from quota_claims where not held")
        assert seen["booked_ahead"] == 2 * count + count // 5 - inserts.limit, "every booking is on record"
    return seen


async def _book(ledgers: Sequence[PostgresQuotaLedger], bucket: str, prefix: str, count: int) -> float:
    """One caller to each ledger; bookings a second."""
    numbers = iter(range(count))

    async def come(ledger: PostgresQuotaLedger) -> None:
        for number in numbers:
            key = f"{prefix}-{number}"
            await ledger.reserve(Booking(key=key, platform=Platform.YOUTUBE, account="hot", costs={bucket: 1}))

    began = time.perf_counter()
    await asyncio.gather(*(come(ledger) for ledger in ledgers))
    return count / (time.perf_counter() - began)
