"""The posts of a week or a month, as they were made and as they are booked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from reelwright.domain.errors import InvalidInput
from reelwright.domain.people import Role
from reelwright.storage.calendar import CalendarEntry

from .access import allowed
from .studio import Books

MOST_ENTRIES = 2_000
Span = Literal["week", "month"]


@dataclass(frozen=True)
class Day:
    """One day of a zone, with what falls on it."""

    day: date
    entries: tuple[CalendarEntry, ...]


@dataclass(frozen=True)
class Calendar:
    """Whole weeks from Monday to Sunday. `whole`: nothing was left out for being too much. `before` and `after` are
    days of the spans beside it."""

    days: tuple[Day, ...]
    zone: str
    first: date
    before: date
    after: date
    whole: bool


@allowed(Role.VIEWER)
async def calendar(books: Books, *, span: str = "month", day: str | None = None, zone: str = "UTC") -> Calendar:
    """The weeks of the month, or the one week, that `day` lies in (YYYY-MM-DD; today without it). Days are those of a
    time zone: one with a change of the clock has 23 or 25 hours. Raises `InvalidInput`."""
    where = zone_of(zone)
    at = _day(day, where)
    if span not in ("week", "month"):
        raise InvalidInput(f"{span[:20]!r} is neither week nor month", field="span", remedy="choose one of them")
    first, end = _weeks(at) if span == "month" else (_monday(at), _monday(at) + timedelta(days=7))
    entries = await books.calendar.between(_starts(first, where), _starts(end, where), MOST_ENTRIES)
    days = [first + timedelta(days=number) for number in range((end - first).days)]
    before = at.replace(day=1) - timedelta(days=1) if span == "month" else at - timedelta(days=7)
    after = at.replace(day=28) + timedelta(days=4) if span == "month" else at + timedelta(days=7)
    return Calendar(
        days=tuple(Day(one, _of_day(entries, one, where)) for one in days),
        zone=zone,
        first=at.replace(day=1) if span == "month" else first,
        before=before.replace(day=1) if span == "month" else before,
        after=after.replace(day=1) if span == "month" else after,
        whole=len(entries) < MOST_ENTRIES,
    )


def zone_of(name: str) -> ZoneInfo:
    """A time zone by its IANA name. Raises `InvalidInput`."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidInput(
            f"there is no time zone {name[:60]!r}", field="zone", remedy="write it as Europe/Berlin or UTC"
        ) from None


def _day(given: str | None, zone: ZoneInfo) -> date:
    if not given:
        return datetime.now(zone).date()
    try:
        found = date.fromisoformat(given)
    except ValueError:
        raise InvalidInput(f"{given[:20]!r} is no day", field="day", remedy="write it as 2026-11-30") from None
    if not 2000 <= found.year <= 2200:
        raise InvalidInput(f"{given} is too far away", field="day", remedy="name a day from 2000 to 2200")
    return found


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _weeks(day: date) -> tuple[date, date]:
    """The whole weeks that the day's month touches: the first Monday, and the Monday after the last."""
    first = day.replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return _monday(first), _monday(last) + timedelta(days=7)


def _starts(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def _of_day(entries: Sequence[CalendarEntry], day: date, zone: ZoneInfo) -> tuple[CalendarEntry, ...]:
    return tuple(entry for entry in entries if entry.at.astimezone(zone).date() == day)
