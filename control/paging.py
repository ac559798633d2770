"""Lists by pages, newest first. A cursor names the last row that was seen, so that what comes in meanwhile neither
moves a row to the next page nor hides one."""

from __future__ import annotations

import base64
import binascii
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from reelwright.domain.errors import InvalidInput
from reelwright.storage.contents import Place

Row = TypeVar("Row")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows of a list. `next_cursor` is the cursor of the next page; None when there is none."""

    rows: tuple[Row, ...]
    next_cursor: str | None = None


@dataclass(frozen=True)
class Placed(Generic[Row]):
    """A row, and where it stands in the list."""

    place: Place
    row: Row


async def page_of(
    known: Sequence[Placed[Row]],
    filed: AsyncIterator[Placed[Row]],
    *,
    limit: int,
    after: Place | None,
    wanted: Callable[[Row], bool],
) -> Page[Row]:
    """At most `limit` matching rows after a position: `known`, in any order, merged with `filed`, which comes newest
    first and begins after that position."""
    waiting = sorted((one for one in known if after is None or one.place < after), key=lambda one: one.place)
    taken: list[Placed[Row]] = []
    async for one in filed:
        while waiting and waiting[-1].place > one.place:
            early = waiting.pop()
            taken += [early] if wanted(early.row) else []
        taken += [one] if wanted(one.row) else []
        if len(taken) > limit:
            break
    else:
        taken += [early for early in reversed(waiting) if wanted(early.row)]
    more = len(taken) > limit
    return Page(tuple(one.row for one in taken[:limit]), written(taken[limit - 1].place) if more else None)


def written(place: Place) -> str:
    """The cursor of a place."""
    return base64.urlsafe_b64encode(f"{place.at.isoformat()} {place.key}".encode()).decode().rstrip("=")


def place_of(cursor: str | None) -> Place | None:
    """The place of a cursor; None for none. Raises `InvalidInput` for what no list has given out."""
    if not cursor:
        return None
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
        at, blank, key = text.partition(" ")
        place = Place(datetime.fromisoformat(at), key)
    except (binascii.Error, ValueError):
        place = None
    if place is None or not blank or place.at.tzinfo is None or "\0" in place.key:
        raise InvalidInput(
            f"{cursor[:40]!r} is no cursor", field="cursor", remedy="give the next_cursor of the page before"
        )
    return place
