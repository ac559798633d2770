"""When a platform counts anew, and when in that time the bookings' turns are. Pure arithmetic, no books.

Every bucket's time is cut into windows that follow each other without a gap: days of its zone (23 to 25 hours long),
or equal stretches counted from the epoch. For a rolling bucket the windows are only how the books are kept: there
each unit is free again one window's length after it was used, wherever in a window that was.

Turns that are booked ahead do not fall into one second: those of a window lie evenly over its first hour, or over its
first half where it is shorter than two hours; the first one on the window's very beginning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from .quota import Bucket, WindowKind

SPREAD = timedelta(hours=1)
"""The turns of a window lie within this much of its beginning."""
UPLOADING = 100
"""A hundredth of a rolling window: so much later than the turn before it the next turn of the same unit is booked, for
the time between being let in and having posted. Who is later than that has the next one ask once more."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Window:
    """From `start` (inside) to `end` (outside), both in UTC."""

    start: datetime
    end: datetime

    def holds(self, moment: datetime) -> bool:
        """Whether the moment lies in it."""
        return self.start <= moment < self.end


def window_at(bucket: Bucket, moment: datetime) -> Window:
    """The bucket's window around a moment (aware)."""
    if bucket.window is WindowKind.CALENDAR:
        return _day(bucket.zone, moment.astimezone(ZoneInfo(bucket.zone)).toordinal())
    length = timedelta(seconds=bucket.seconds)
    start = _EPOCH + (moment - _EPOCH) // length * length
    return Window(start, start + length)


@lru_cache(maxsize=4096)
def _day(zone: str, ordinal: int) -> Window:
    """A calendar day. A midnight that the clocks jump over is the moment they jump; one that comes twice is the
    first."""
    place = ZoneInfo(zone)
    start, end = (datetime.combine(datetime.fromordinal(day), time(), place) for day in (ordinal, ordinal + 1))
    return Window(start.astimezone(UTC), end.astimezone(UTC))


def window_after(bucket: Bucket, window: Window) -> Window:
    """The next one."""
    return window_at(bucket, window.end)


def window_before(bucket: Bucket, window: Window) -> Window:
    """The one before."""
    return window_at(bucket, window.start - _TICK)


def stretch(window: Window, since: datetime | None = None) -> timedelta:
    """How much of the window, from its start or from `since` on, its turns are spread over."""
    return min(SPREAD, (window.end - (since or window.start)) / 2)


def turn(window: Window, position: int, limit: int, *, since: datetime | None = None) -> datetime:
    """The moment of the `position`-th unit (from 0) of a window; with `since` the turns begin only there."""
    return (since or window.start) + stretch(window, since) * position / limit


def rolling_turn(limit: int, busy: Sequence[datetime], window: Window, now: datetime, position: int) -> datetime | None:
    """When the `position`-th unit (from 0) of a rolling bucket can be used within a window; None if only after it.

    `busy` has for each unit that was used, is held or is booked before the window the time at which it is free again: a
    window's length after its use. As they become free the units keep the distance of `turn`; those that are free by
    now can be used at once.
    """
    distance = stretch(window) / limit
    waiting = sorted(moment for moment in busy if moment > now)[-limit:]
    idle, freed, free = limit - len(waiting), [], now - distance
    for moment in waiting:
        free = max(moment, free + distance)
        if free < window.end:
            freed.append(max(free, window.start))
    if window.holds(now):
        # All idle units come first; there may be millions of them.
        turns, position = ([now], 0) if position < idle else (freed, position - idle)
    else:
        turns = sorted([*(window.start + distance * number for number in range(min(idle, position + 1))), *freed])
    return turns[position] if position < len(turns) else None
