"""When a post may appear: times that people give, and an account's best time of the day."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ..errors import InvalidInput

HORIZON = timedelta(days=365)
"""How far ahead a post may be scheduled. The wait is ours (a durable timer), not the platform's."""
_BEST = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9]) ([A-Za-z0-9_+/-]{1,64})")


def best_instant(when: str, now: datetime) -> datetime:
    """The next instant of `18:00 Europe/Berlin` after `now` (aware), in UTC; on a day that skips the hour, as PEP 495
    resolves it. Raises `InvalidInput` (field `best_time`)."""
    match = _BEST.fullmatch(when.strip())
    if not match:
        raise InvalidInput(f"{when[:60]!r} is no time", field="best_time", remedy="write it as `18:00 Europe/Berlin`")
    try:
        zone = ZoneInfo(match[3])
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise InvalidInput(
            f"there is no time zone {match[3]!r}", field="best_time", remedy="as Europe/Berlin"
        ) from error
    at, day = f"{match[1]}:{match[2]}", now.astimezone(zone).date()
    instants = (daily_instant(day + timedelta(days=days), at, zone) for days in range(3))
    return next(instant for instant in instants if instant > now)


def check_zone(name: str) -> str:
    """The name of a time zone. Raises `ValueError` for one that does not exist."""
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"there is no time zone {name[:60]!r}; write it as Europe/Berlin") from error


def daily_instant(day: date, at: str, zone: ZoneInfo) -> datetime:
    """The instant of `18:00` on a day in a zone, in UTC; on a day that skips or repeats the hour, as PEP 495 resolves
    it."""
    return datetime.combine(day, time.fromisoformat(at), zone).astimezone(UTC)


def check_schedule(publish_at: datetime | str | None, now: datetime) -> None:
    """Raises `InvalidInput` (field `publish_at`) for a time that is past or too far ahead."""
    if not isinstance(publish_at, datetime):
        return
    if publish_at <= now:
        raise InvalidInput(
            f"{publish_at:%Y-%m-%d %H:%M %Z} is in the past", field="publish_at", remedy="give a time ahead, or none"
        )
    if publish_at > now + HORIZON:
        raise InvalidInput(
            f"{publish_at:%Y-%m-%d} is more than {HORIZON.days} days ahead",
            field="publish_at",
            remedy="schedule it later",
        )
