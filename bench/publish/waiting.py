"""Ten thousand publications wait for one account's quota: the real ledger, with a simulated clock over years.

Each publication does what the workflow does: it requests a slot, sleeps until the returned time, requests again,
uploads for some minutes once the slot is granted, and spends its units. Counted are the requests of each, how many wake
in the same minute, and the memory that this process needs for all of it.
"""

from __future__ import annotations

import heapq
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from reelwright.domain.formats import Platform
from reelwright.domain.publishing.quota import Booking, WindowKind, buckets_of
from reelwright.domain.publishing.windows import window_at
from reelwright.storage.quota.ledger import PostgresQuotaLedger

from .stage import Memory, database

START = datetime(2026, 11, 27, 20, tzinfo=UTC)
UPLOAD_MINUTES = (1, 2, 5, 9)


@dataclass
class World:
    """The clock, who sleeps until when, and what has been counted."""

    platform: Platform
    costs: dict[str, int]
    now: datetime = START
    sleepers: list[tuple[datetime, int, bool]] = field(default_factory=list)
    asked: Counter[int] = field(default_factory=Counter)
    wakes: Counter[datetime] = field(default_factory=Counter)
    granted: list[tuple[datetime, int]] = field(default_factory=list)
    posts: list[tuple[datetime, int]] = field(default_factory=list)
    chance: random.Random = field(default_factory=lambda: random.Random(4))

    async def live(self, ledger: PostgresQuotaLedger, count: int) -> None:
        """All start at once; then each is woken at its time, until none sleeps."""
        for number in range(count):
            await self.ask(ledger, number)
        while self.sleepers:
            self.now, number, uploaded = heapq.heappop(self.sleepers)
            if uploaded:
                await ledger.commit(str(number))
                self.posts.append((self.now, number))
            else:
                self.wakes[self.now.replace(second=0, microsecond=0)] += 1
                await self.ask(ledger, number)

    async def ask(self, ledger: PostgresQuotaLedger, number: int) -> None:
        self.asked[number] += 1
        slot = await ledger.reserve(Booking(key=str(number), platform=self.platform, account="one", costs=self.costs))
        if slot.granted:
            self.granted.append((self.now, number))
        upload = timedelta(minutes=self.chance.choice(UPLOAD_MINUTES))
        heapq.heappush(self.sleepers, (self.now + upload if slot.granted else slot.at, number, slot.granted))


async def measure(folder: Path, platform: Platform, count: int) -> dict[str, Any]:
    """The figures of one platform; raises AssertionError when a post is lost or a limit broken."""
    costs = {Platform.YOUTUBE: {"inserts": 1, "units": 70}, Platform.TIKTOK: {"posts": 1, "inits": 1}}[platform]
    world = World(platform, costs)
    async with database(folder, 2) as pool:
        ledger = PostgresQuotaLedger(pool, clock=lambda: world.now)
        await ledger.reserve(Booking(key="warm", platform=platform, account="another", costs=costs))
        await ledger.release("warm")
        with Memory() as memory:
            await world.live(ledger, count)
    check(world, count)
    calls = world.asked.values()
    return {
        "publications": count,
        "days": (world.now - START).days,
        "asks_mean": round(sum(calls) / count, 2),
        "asks_most": max(calls),
        "woken_in_one_minute": max(world.wakes.values(), default=0),
        "rss_growth_mb": round(memory.growth_mb, 1),
    }


def check(world: World, count: int) -> None:
    """Everybody has posted, and no window of any bucket holds more than its limit."""
    assert sorted(number for _, number in world.posts) == list(range(count)), "a publication was lost"
    moments = [moment for moment, _ in world.posts]
    for name, units in world.costs.items():
        bucket = buckets_of(world.platform)[name]
        most = bucket.limit // units
        if bucket.window is WindowKind.ROLLING:
            length = timedelta(seconds=bucket.seconds)
            apart = (later - earlier for earlier, later in zip(moments, moments[most:], strict=False))
            assert all(between >= length for between in apart), f"more than {most} {name} in a stretch"
        else:
            days = Counter(window_at(bucket, moment).start for moment in moments)
            assert max(days.values()) <= most, f"more than {most} {name} in a window"
