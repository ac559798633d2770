"""What the quota tests share: a ledger on a clock that the test moves, small buckets, and who holds what."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from reelwright.domain.formats import Platform
from reelwright.domain.publishing.quota import Booking, Bucket, Slot, WindowKind
from reelwright.storage.quota.ledger import PostgresQuotaLedger

DAY = 86_400
NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)


class Clock:
    """Stands still until it is moved."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now


def bucket(name: str = "posts", window: WindowKind = WindowKind.CALENDAR, limit: int = 3, **rest: Any) -> Bucket:
    return Bucket(platform=Platform.TIKTOK, name=name, window=window, limit=limit, what=name, **rest)


class Desk:
    """A ledger, its clock, and an account of its own on it."""

    def __init__(self, pool: Any, *buckets: Bucket, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self.account = "a" + uuid.uuid4().hex[:12]
        self.ledger = PostgresQuotaLedger(pool, clock=self.clock, buckets=buckets)
        self.costs = {each.name: 1 for each in buckets}

    def booking(self, key: str, **rest: Any) -> Booking:
        values = {"key": f"{self.account}/{key}", "platform": Platform.TIKTOK, "account": self.account}
        return Booking(**{**values, "costs": self.costs, **rest})

    async def reserve(self, key: str, **rest: Any) -> Slot:
        return await self.ledger.reserve(self.booking(key, **rest))

    async def reserve_many(self, keys: range, **rest: Any) -> list[Slot]:
        return [await self.reserve(str(key), **rest) for key in keys]

    async def commit(self, key: str) -> None:
        await self.ledger.commit(f"{self.account}/{key}")

    async def release(self, key: str) -> None:
        await self.ledger.release(f"{self.account}/{key}")

    async def post(self, key: str, **rest: Any) -> Slot:
        slot = await self.reserve(key, **rest)
        if slot.granted:
            await self.commit(key)
        return slot

    async def state(self, name: str = "posts") -> Any:
        states = await self.ledger.state(Platform.TIKTOK, self.account)
        return next(each for each in states if each.bucket == name)
