"""What must hold of the quota ledger whatever happens in which order: random days in the life of a bucket, races of
many connections and processes. Every post is counted by the test itself, at the moment it is made."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import textwrap
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reelwright.domain.formats import Platform
from reelwright.domain.publishing.quota import Bucket, Slot, WindowKind
from reelwright.domain.publishing.windows import window_at
from reelwright.storage.database import connect
from reelwright.storage.quota.ledger import PostgresQuotaLedger

from ..conftest import ROOT
from .counting import Clock, Desk, bucket

DAY = timedelta(days=1)
PACIFIC = "America/Los_Angeles"
KINDS = {
    "pacific spring": (bucket(limit=4, zone=PACIFIC), datetime(2026, 3, 7, 20, tzinfo=UTC)),
    "pacific autumn": (bucket(limit=4, zone=PACIFIC), datetime(2026, 10, 31, 20, tzinfo=UTC)),
    "fixed": (bucket(window=WindowKind.FIXED, limit=3, seconds=7_200), datetime(2026, 11, 27, 12, tzinfo=UTC)),
    "rolling": (bucket(window=WindowKind.ROLLING, limit=4), datetime(2026, 11, 27, 12, tzinfo=UTC)),
}


def most_in_a_window(kind: Bucket, posts: list[datetime]) -> int:
    """The largest number of posts in any of the bucket's windows; of a rolling one: in any stretch."""
    if kind.window is not WindowKind.ROLLING:
        windows = [window_at(kind, moment) for moment in posts]
        return max((windows.count(window) for window in set(windows)), default=0)
    length = timedelta(seconds=kind.seconds)
    return max((sum(start <= moment < start + length for moment in posts) for start in posts), default=0)


class Life:
    """Random publications on one bucket: they come, ask at their turns (and sometimes early or late), post some time
    after they were let in, give up, or are released and come again."""

    def __init__(self, pool: Any, kind: Bucket, start: datetime, seed: int) -> None:
        self.kind = kind
        self.chance = random.Random(seed)
        self.desk = Desk(pool, kind, clock=Clock(start))
        self.due: dict[str, datetime] = {}
        self.held: dict[str, datetime] = {}
        self.posts: list[datetime] = []
        self.gone: set[str] = set()
        self.asked: dict[str, int] = {}
        self.number = 0

    async def live(self, steps: int) -> None:
        for _ in range(steps):
            await self.chance.choice(
                [self.come, self.come, self.turn, self.turn, self.turn, self.finish, self.trouble]
            )()
        while self.due or self.held:
            await self.finish()
            await self.turn()

    async def come(self) -> None:
        self.number += 1
        key = str(self.number)
        self.due[key] = self.desk.clock.now
        await self.ask(key, priority=self.chance.choice([1, 3, 3, 3, 5]))

    async def ask(self, key: str, **rest: Any) -> Slot:
        self.asked[key] = self.asked.get(key, 0) + 1
        slot = await self.desk.reserve(key, **rest)
        assert slot.granted == (slot.at <= self.desk.clock.now)
        if slot.granted:
            del self.due[key]
            self.held[key] = self.desk.clock.now + timedelta(minutes=self.chance.choice([0, 1, 5, 90]))
        else:
            self.due[key] = slot.at
        return slot

    async def turn(self) -> None:
        """The next one's turn comes; some sleep through it for a while."""
        if self.due:
            key = min(self.due, key=lambda each: (self.due[each], int(each)))
            late = timedelta(seconds=self.chance.choice([0, 0, 0, 3, 4_000]))
            self.desk.clock.now = max(self.desk.clock.now, self.due[key] + late)
            await self.ask(key)

    async def finish(self) -> None:
        if self.held:
            key = min(self.held, key=lambda each: self.held[each])
            self.desk.clock.now = max(self.desk.clock.now, self.held.pop(key))
            self.posts.append(self.desk.clock.now)
            await self.desk.commit(key)
            await self.desk.commit(key)

    async def trouble(self) -> None:
        waiting, held = sorted(self.due), sorted(self.held)
        match self.chance.randrange(3):
            case 0 if waiting:  # an early question changes nothing for the worse
                key = self.chance.choice(waiting)
                before = self.due[key]
                assert (await self.ask(key)).at <= max(before, self.desk.clock.now + DAY * 30)
            case 1 if waiting:
                key = self.chance.choice(waiting)
                del self.due[key]
                self.gone.add(key)
                await self.desk.release(key)
            case 2 if held:  # let in, refused by the platform, and back in the line
                key = self.chance.choice(held)
                del self.held[key]
                await self.desk.release(key)
                self.due[key] = self.desk.clock.now
                await self.ask(key)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("name", KINDS)
@pytest.mark.sample(8)
async def test_never_more_than_the_limit_and_nobody_is_lost(pool: Any, name: str, seed: int) -> None:
    kind, start = KINDS[name]
    life = Life(pool, kind, start, seed)
    await life.live(60)
    assert len(life.posts) + len(life.gone) == life.number
    assert most_in_a_window(kind, life.posts) <= kind.limit
    state = await life.desk.state()
    assert (state.held, state.booked) == (0, 0)
    assert max(life.asked.values()) <= 25 and sum(life.asked.values()) <= 6 * life.number


@pytest.mark.parametrize("name", KINDS)
async def test_turns_come_in_order_of_arrival_within_a_priority(pool: Any, name: str) -> None:
    kind, start = KINDS[name]
    desk, chance = Desk(pool, kind, clock=Clock(start)), random.Random(name)
    turns: dict[int, list[datetime]] = {1: [], 3: [], 5: []}
    for key in range(60):
        priority = chance.choice([1, 3, 5])
        turns[priority].append((await desk.reserve(str(key), priority=priority)).at)
        if chance.random() < 0.2:
            await desk.release(str(chance.randrange(key + 1)))
    for line in turns.values():
        assert line == sorted(line)
    counted = await desk.state()
    assert counted.booked > 0


@pytest.mark.deep
async def test_youtubes_days_of_2026(pool: Any) -> None:
    """A publication each hour of a bucket of two a day: all of 2026's Pacific days hold two, 23 or 25 hours long."""
    kind = bucket(limit=2, zone=PACIFIC)
    desk = Desk(pool, kind, clock=Clock(datetime(2026, 1, 1, 8, tzinfo=UTC)))
    slots = await desk.reserve_many(range(2 * 365))
    days = [window_at(kind, slot.at) for slot in slots]
    assert sorted(set(days), key=lambda day: day.start) == days[::2] == days[1::2]
    lengths = [(day.end - day.start).total_seconds() / 3600 for day in days[::2]]
    assert (lengths.count(23), lengths.count(24), lengths.count(25)) == (1, 363, 1)
    assert days[-1].end == datetime(2027, 1, 1, 8, tzinfo=UTC)
    assert all(slot.at == day.start for slot, day in zip(slots[2::2], days[2::2], strict=True))


async def test_many_connections_do_not_oversell(pool: Any) -> None:
    kinds = (bucket("posts", limit=7), bucket("inits", WindowKind.ROLLING, limit=9, seconds=3_600))
    desk = Desk(pool, *kinds)
    other = PostgresQuotaLedger(pool, clock=desk.clock, buckets=kinds)

    async def come(number: int) -> Slot:
        ledger = (desk.ledger, other)[number % 2]
        slot = await ledger.reserve(desk.booking(str(number)))
        if number % 5 == 4:
            await other.release(desk.booking(str(number)).key)
        return slot

    slots = await asyncio.gather(*(come(number) for number in range(100)))
    kept = [slot for number, slot in enumerate(slots) if number % 5 != 4]
    states = [await desk.state(name) for name in ("posts", "inits")]
    assert [state.held + state.booked for state in states] == [80, 80]
    assert sum(slot.granted for slot in kept) <= 7
    assert most_in_a_window(kinds[0], [slot.at for slot in kept]) <= 7


PROGRAM = """
    import asyncio, sys
    from tests.integration.publishing.counting import Desk, bucket
    from reelwright.storage.database import connect

    async def book():
        pool = await connect({dsn!r})
        desk = Desk(pool, bucket(limit=10))
        desk.account = {account!r}
        slots = await asyncio.gather(*(desk.reserve(f"{{sys.argv[1]}}-{{n}}") for n in range(40)))
        print(*(slot.at.isoformat() for slot in slots), sep="\\n")
        await pool.close()

    asyncio.run(book())
"""


async def test_many_processes_do_not_oversell(postgres_dsn: str) -> None:
    pool = await connect(postgres_dsn)
    desk = Desk(pool, bucket(limit=10))
    program = textwrap.dedent(PROGRAM.format(dsn=postgres_dsn, account=desk.account))
    processes = [
        subprocess.Popen([sys.executable, "-c", program, str(n)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for n in range(3)
    ]
    told = [(await asyncio.to_thread(process.communicate))[0].split() for process in processes]
    turns = [datetime.fromisoformat(each) for lines in told for each in lines]
    assert len(turns) == 120
    assert most_in_a_window(bucket(), turns) == 10
    assert len({window_at(bucket(), moment) for moment in turns}) == 12
    state = await desk.state()
    assert (state.held, state.booked) == (10, 110)
    assert state.platform is Platform.TIKTOK
    await pool.close()
