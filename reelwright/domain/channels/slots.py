"""When a channel's posts may appear: the instants of its posting slots."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import get_args
from zoneinfo import ZoneInfo

from ..formats import Platform
from ..publishing.schedule import HORIZON, daily_instant
from .config import Day, PostingSlot

DAYS: tuple[Day, ...] = get_args(Day)
"""From Monday on, as `date.weekday` counts."""


def upcoming(slots: Sequence[PostingSlot], platform: Platform, after: datetime) -> Iterator[datetime]:
    """The instants of the slots on a platform later than `after` (aware), in UTC, in order, each once, for a year."""
    own = [slot for slot in slots if not slot.platforms or platform in slot.platforms]
    for instant, _ in groupby(heapq.merge(*(_instants(slot, after) for slot in own))):
        yield instant


def _instants(slot: PostingSlot, after: datetime) -> Iterator[datetime]:
    zone = ZoneInfo(slot.zone)
    first = after.astimezone(zone).date()
    for ahead in range(HORIZON.days):
        day = first + timedelta(days=ahead)
        if slot.days and DAYS[day.weekday()] not in slot.days:
            continue
        if (instant := daily_instant(day, slot.time, zone)) > after:
            yield instant
