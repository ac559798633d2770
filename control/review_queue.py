"""What waits for a reviewer, in the order in which it is taken."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias, get_args

from reelwright.domain.content.status import ReviewWanted
from reelwright.domain.errors import InvalidInput
from reelwright.domain.people import Role
from reelwright.storage.reviews import PostgresReviews

from .access import allowed
from .contents import handle_of, status_of
from .listing import reviews_listed
from .resolve import resolve
from .studio import Studio
from .temporal.port import CallFailed, QueryFailed

Order: TypeAlias = Literal["priority", "oldest", "newest"]
ORDERS: tuple[Order, ...] = get_args(Order)
PRIORITY = 3
"""Of a content that names none."""
ASKED_AT_ONCE = 8
ASKED_AT_MOST = 25
BRIEFLY = timedelta(seconds=4)


@dataclass(frozen=True)
class Waiting:
    """A content that waits. `priority` is 1 (first) to 5, `started` when the content was started."""

    id: str
    content_id: str
    workflow_id: str
    title: str
    channel: str
    priority: int
    usd: float
    started: datetime


@dataclass(frozen=True)
class Brief:
    """What the queue says of a question: None where the content does not answer at the moment, or waits no more."""

    id: str
    review: ReviewWanted | None


@allowed(Role.VIEWER)
async def queue(
    studio: Studio, *, order: str = "priority", channel: str | None = None, without: str | None = None
) -> list[Waiting]:
    """All that wait, of one channel if it is named. By priority and then by age, or by age alone. `without` is a
    content that was decided just now: Temporal's list may still have it."""
    if order not in ORDERS:
        raise InvalidInput(f"unknown order {order[:40]!r}", field="order", remedy=f"choose from {', '.join(ORDERS)}")
    listed = [
        one
        for one in await reviews_listed(studio.client, studio.contents)
        if channel in (None, one.channel) and without not in (one.id, one.content_id)
    ]
    ids = [one.content_id for one in listed]
    known = await PostgresReviews(studio.contents.pool).priorities(ids) if studio.contents and ids else {}
    rows = [
        Waiting(
            one.id,
            one.content_id,
            one.workflow_id,
            one.title,
            one.channel,
            known.get(one.content_id, PRIORITY),
            one.usd,
            one.started,
        )
        for one in listed
    ]
    rows.sort(key=lambda one: (one.started, one.content_id), reverse=order == "newest")
    return sorted(rows, key=lambda one: one.priority) if order == "priority" else rows


def page_after(rows: Sequence[Waiting], after: str | None, limit: int) -> tuple[list[Waiting], str | None]:
    """(the rows after the content `after`, the id to go on from). Where that content waits no more, the list begins
    anew: what stood before it may have been passed over."""
    ids = [row.content_id for row in rows]
    first = ids.index(after) + 1 if after in ids else 0
    page = list(rows[first : first + limit])
    return page, page[-1].content_id if first + limit < len(rows) else None


@allowed(Role.VIEWER)
async def briefs(studio: Studio, ids: Sequence[str]) -> list[Brief]:
    """What is asked about each of at most `ASKED_AT_MOST` contents, by their own answers."""
    if len(ids) > ASKED_AT_MOST:
        raise InvalidInput(f"{len(ids)} contents", field="id", remedy=f"ask for at most {ASKED_AT_MOST} at once")
    slots = asyncio.Semaphore(ASKED_AT_ONCE)

    async def ask(id: str) -> Brief:
        async with slots:
            try:
                content = await resolve(studio.client, studio.contents, id)
                status = await status_of(handle_of(studio.client, content), BRIEFLY)
            except (CallFailed, QueryFailed, InvalidInput):  # the row says that nothing is known
                return Brief(id, None)
        return Brief(id, status.review)

    return list(await asyncio.gather(*map(ask, ids)))
