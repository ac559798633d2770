"""The earliest time at which all buckets of a booking have room, given everybody who comes before it.

Everyone who waits has a place in one window of each bucket (conservative backfilling, as batch schedulers call it):
who comes later may use what those places leave, and never takes one. A window's room is known for each priority, so
that a place is found by an index however many are booked; the lower places of a window that a more urgent booking
overfills are noticed by those who hold them when their turn comes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from reelwright.domain.errors import InvalidInput
from reelwright.domain.publishing.quota import WindowKind
from reelwright.domain.publishing.windows import (
    UPLOADING,
    Window,
    rolling_turn,
    turn,
    window_after,
    window_at,
    window_before,
)

from . import rows
from .rows import BucketRow, Claim, Standing, WindowRow

LOOKS = 2_000
"""Windows looked at before giving up; each look passes over any number of full ones."""


@dataclass(frozen=True)
class Place:
    """A booking's place in a bucket: the window its units are taken from, and its turn."""

    window: Window
    at: datetime


@dataclass(frozen=True)
class Plan:
    """When a booking's turn is, its places by bucket, and the bucket that made it so late (empty: none did)."""

    at: datetime
    places: dict[str, Place]
    bucket: str


class Planner:
    """Plans one booking of `priority`. `seq` is its place in the order of arrival, None for a newcomer, who comes
    after all others. A booking that is `due` has waited for its turn, and need not keep the windows' distances."""

    def __init__(
        self,
        connection: Any,
        buckets: Mapping[str, BucketRow],
        costs: Mapping[str, int],
        *,
        now: datetime,
        priority: int,
        seq: int | None = None,
        due: bool = False,
    ) -> None:
        self._connection = connection
        self._buckets = buckets
        self._costs = costs
        self._now = now
        self._priority = priority
        self._seq = seq
        self._due = due
        self._standings: dict[int, Standing] = {}
        self._looks: dict[tuple[int, datetime], tuple[WindowRow | None, WindowRow | None]] = {}
        self._slots: dict[tuple[int, datetime], list[tuple[datetime, int]]] = {}
        self._noted: dict[tuple[int, datetime], list[tuple[datetime, int]]] = {}

    async def earliest(self, at: datetime) -> Plan:
        """Not before `at`. Raises `InvalidInput` for a booking that no window can hold."""
        bucket, settled = "", False
        while not settled:
            settled, places = True, {}
            for name, row in self._buckets.items():
                places[name] = place = await self._place(row, self._costs[name], at)
                if place.at > at:
                    at, bucket, settled = place.at, name, False
        return Plan(at, places, bucket)

    async def _place(self, row: BucketRow, units: int, at: datetime) -> Place:
        """The first place in one bucket that is not before `at`."""
        if units > row.units:
            raise InvalidInput(
                f"the post takes {units} of {row.bucket.platform.label}'s {row.bucket.what}, and there are only "
                f"{row.units} at a time",
                field=f"quota.{row.bucket.name}",
                remedy="make it smaller, or raise the limit with `reelwright quota set`",
            )
        at = max(at, row.spent_until or at)
        window = window_at(row.bucket, at)
        for _ in range(LOOKS):
            own, following = await self._look(row, window, units)
            found = await self._turn(row, units, window, own)
            if found is not None:
                return Place(window, max(at, found))
            if own is None or own.last or following is None:
                window = window_after(row.bucket, window)
            elif following.last and following.rooms[self._level] < units:
                window = window_after(row.bucket, following.window)
            else:
                window = following.window
        raise InvalidInput(
            f"{row.bucket.platform.label}'s {row.bucket.what} are booked out for longer than can be planned",
            field=f"quota.{row.bucket.name}",
            remedy="raise the limit, or take posts back",
        )

    @property
    def _level(self) -> int:
        """Which room counts: a newcomer comes after all of its priority, others only surely after more urgent ones."""
        return self._priority if self._seq is None else self._priority - 1

    async def _turn(self, row: BucketRow, units: int, window: Window, own: WindowRow | None) -> datetime | None:
        """The booking's turn in a window, None when it has no room for it."""
        left, ahead = row.units, 0
        if own is not None:
            left, ahead = own.rooms[0], own.rooms[0] - own.rooms[self._level]
            if self._seq is not None:
                ahead += await rows.units_ahead(self._connection, row, window, self._priority, self._seq)
        current = window.holds(self._now)
        rolling = row.bucket.window is WindowKind.ROLLING
        if current:
            left -= (await self._standing(row)).carried
        if left - ahead < units:
            return None
        if rolling:
            return rolling_turn(row.units, await self._busy(row, window), window, self._now, ahead + units - 1)
        if current and self._due:
            return self._now
        if row.spent_until and window.holds(row.spent_until) and row.spent_until > self._now:
            return turn(window, ahead, row.units, since=row.spent_until)
        # Without waiting bookings it is the window's beginning; with some, the turns keep their distance.
        return turn(window, row.units - left + ahead, row.units) if ahead else window.start

    def note(self, claims: Iterable[Claim]) -> None:
        """A newcomer has taken its places: what is known of the buckets is brought up to date, for the next one."""
        rows_by_id = {row.id: row for row in self._buckets.values()}
        for claim in claims:
            row, key = rows_by_id[claim.bucket], (claim.bucket, claim.starts_at)
            own, following = self._looks[key]
            if own is None:
                own = WindowRow(window_at(row.bucket, claim.starts_at), (row.units,) * (rows.PRIORITIES + 1), last=True)
            self._looks[key] = replace(own, rooms=tuple(map(sum, zip(own.rooms, claim.change, strict=True)))), following
            if not claim.held:
                self._noted.setdefault(key, []).append((claim.slot_at, claim.units))
            elif standing := self._standings.get(claim.bucket):
                if row.bucket.early:
                    standing = replace(standing, uses=(*standing.uses, (self._now, claim.units)))
                else:
                    standing = replace(standing, held=standing.held + claim.units)
                self._standings[claim.bucket] = standing

    async def _look(self, row: BucketRow, window: Window, units: int) -> tuple[WindowRow | None, WindowRow | None]:
        key = (row.id, window.start)
        if key not in self._looks:
            self._looks[key] = await rows.look(self._connection, row, window, units, self._level)
        return self._looks[key]

    async def _standing(self, row: BucketRow) -> Standing:
        if row.id not in self._standings:
            self._standings[row.id] = await standing_of(self._connection, row, self._now)
        return self._standings[row.id]

    async def _busy(self, row: BucketRow, window: Window) -> list[datetime]:
        """When the units that are taken before a window of a rolling bucket are free again."""
        standing, length = await self._standing(row), timedelta(seconds=row.bucket.seconds)
        later = length + length / UPLOADING
        taken = [(moment + length, units) for moment, units in standing.uses] + [(self._now + later, standing.held)]
        if not window.holds(self._now):
            before = window_before(row.bucket, window)
            if (row.id, before.start) not in self._slots:
                self._slots[row.id, before.start] = await rows.slots_in(self._connection, row, before)
            waiting = self._slots[row.id, before.start] + self._noted.get((row.id, before.start), [])
            taken = [each for each in taken if each[0] >= window.start]
            taken += [(moment + later, units) for moment, units in waiting]
        busy = [free for free, units in taken for _ in range(units)]
        if row.spent_until and row.spent_until > self._now and window.start <= row.spent_until:
            idle = max(0, row.units - len(busy))
            busy = [max(free, row.spent_until) for free in busy] + [row.spent_until] * idle
        return busy

    async def overdrawn(self) -> bool:
        """Whether more is granted than the buckets have by now, or one of them is closed."""
        for row in self._buckets.values():
            if row.spent_until and row.spent_until > self._now:
                return True
            standing = await self._standing(row)
            own, _ = await self._look(row, window_at(row.bucket, self._now), 1)
            left = own.rooms[0] if own else row.units
            spent = sum(units for _, units in standing.uses)
            if left < standing.carried or spent + standing.held > row.units:
                return True
        return False


async def standing_of(connection: Any, row: BucketRow, now: datetime) -> Standing:
    """The bucket's state; what was spent is reported of rolling ones only."""
    rolling = row.bucket.window is WindowKind.ROLLING
    since = now - timedelta(seconds=row.bucket.seconds) if rolling else None
    return await rows.standing(connection, row, window_at(row.bucket, now), since)
