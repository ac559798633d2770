"""What was posted, and what is to be posted, between two instants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from .contents import CHANNEL, TITLE
from .database import transaction

Kind = Literal["posted", "failed", "slot", "booked"]

_MADE = f"""select p.state as kind, coalesce(p.ended_at, p.updated_at) as at, p.content_id, p.platform, p.account,
    p.url, {TITLE} as title, {CHANNEL} as channel
    from posts p join content c on c.id = p.content_id
    where p.state in ('posted', 'failed') and p.ended_at >= $1 and p.ended_at < $2"""  # noqa: S608
_SLOTS = f"""select 'slot' as kind, s.at, s.content_id, s.platform, s.account, '' as url,
    {TITLE} as title, {CHANNEL} as channel
    from slot_claims s join content c on c.id = s.content_id
    where s.at >= $1 and s.at < $2
        and not exists (select from posts p where p.key = s.post_key and p.state in ('posted', 'failed'))"""  # noqa: S608
_BOOKED = f"""select 'booked' as kind, b.slot_at as at, p.content_id, b.platform, b.account, '' as url,
    {TITLE} as title, {CHANNEL} as channel
    from quota_bookings b join posts p on p.key = b.key join content c on c.id = p.content_id
    where b.state in ('waiting', 'held') and b.slot_at >= $1 and b.slot_at < $2
        and p.state not in ('posted', 'failed')
        and not exists (select from slot_claims s where s.post_key = p.key)"""  # noqa: S608
_ALL = f"select * from ({_MADE} union all {_SLOTS} union all {_BOOKED}) found order by at, content_id limit $3"  # noqa: S608


@dataclass(frozen=True)
class CalendarEntry:
    """One post in time. `posted` and `failed` have ended at `at`; a `slot` of its channel is claimed for then; `booked`
    has quota from then on. `url` is where it was posted."""

    kind: Kind
    at: datetime
    content_id: str
    platform: str
    account: str
    url: str
    title: str
    channel: str


class PostgresCalendar:
    """Reads only. `pool` is an `asyncpg.Pool`."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    async def between(self, start: datetime, end: datetime, limit: int) -> Sequence[CalendarEntry]:
        """At most `limit` entries from `start` on and before `end`, in the order of time."""
        async with transaction(self._pool) as connection:
            return [CalendarEntry(**dict(row)) for row in await connection.fetch(_ALL, start, end, limit)]
