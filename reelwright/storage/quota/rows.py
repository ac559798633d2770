"""The quota ledger's rows, and the SQL that reads and changes them. Rules stand in `quota_plan` and `quota`.

`connection` is an asyncpg connection inside a transaction that holds the locks of `buckets_of`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reelwright.domain.formats import Platform
from reelwright.domain.publishing.quota import Bucket
from reelwright.domain.publishing.windows import Window, window_before

PRIORITIES = 5
_ROOMS = tuple(f"room{priority}" for priority in range(PRIORITIES + 1))
_BUCKET = "id, account, name, units, reported_units, reported_resets_at, reported_at, spent_until"
_BOOKING = "key, seq, platform, account, priority, costs, scheduled, state, slot_at, slot_bucket"


@dataclass(frozen=True)
class BucketRow:
    """A bucket as it stands in the books; `units` is the limit in force."""

    id: int
    bucket: Bucket
    account: str
    units: int
    reported_units: int | None
    reported_resets_at: datetime | None
    reported_at: datetime | None
    spent_until: datetime | None


@dataclass(frozen=True)
class BookingRow:
    """A publication's booking; `seq` is its place in the order of arrival, 0 before it is stored."""

    key: str
    seq: int
    platform: Platform
    account: str
    priority: int
    costs: dict[str, int]
    scheduled: bool
    state: str
    slot_at: datetime
    slot_bucket: str


@dataclass(frozen=True)
class WindowRow:
    """What is left of a window: `rooms[0]` after what is granted, `rooms[p]` after what is booked by priority p and
    more urgent ones, too. `last`: the window that follows has no row, and is free."""

    window: Window
    rooms: tuple[int, ...]
    last: bool


@dataclass(frozen=True)
class Standing:
    """Units held, those among them that were granted in an earlier window, and what was spent when."""

    held: int
    carried: int
    uses: tuple[tuple[datetime, int], ...]


@dataclass(frozen=True)
class Claim:
    """What a booking takes from a window of a bucket."""

    bucket: int
    units: int
    priority: int
    starts_at: datetime
    slot_at: datetime
    held: bool

    @property
    def change(self) -> tuple[int, ...]:
        """How it changes its window's rooms."""
        return granted(self.units) if self.held else booked(self.priority, self.units)


# --- buckets -------------------------------------------------------------------------------------------------------


def owner_of(bucket: Bucket, account: str) -> str:
    """The account in the bucket's row: empty when the whole application shares it."""
    return account if bucket.scope == "account" else ""


async def buckets_of(
    connection: Any, account: str, buckets: Iterable[Bucket], *, lock: bool = True
) -> dict[str, BucketRow]:
    """The buckets' rows, locked in one order for all, which prevents deadlocks."""
    known = {bucket.name: bucket for bucket in buckets}
    if not known:
        return {}
    rows = await connection.fetch(
        f"""select {_BUCKET} from quota_buckets
            where platform = $1 and (account, name) in (select * from unnest($2::text[], $3::text[]))
            order by id {"for update" if lock else ""}""",  # noqa: S608
        next(iter(known.values())).platform.value,
        [owner_of(bucket, account) for bucket in known.values()],
        list(known),
    )
    return {row["name"]: _bucket_row(row, known[row["name"]]) for row in rows}


def _bucket_row(row: Any, bucket: Bucket) -> BucketRow:
    return BucketRow(bucket=bucket, **{name: row[name] for name in _BUCKET.split(", ") if name != "name"})


# --- windows -------------------------------------------------------------------------------------------------------


async def look(
    connection: Any, row: BucketRow, window: Window, units: int, level: int
) -> tuple[WindowRow | None, WindowRow | None]:
    """The window's own row, and the next one after it with `units` left in `rooms[level]` or with nothing behind."""
    room = _ROOMS[level]
    columns = f"starts_at, ends_at, last, {', '.join(_ROOMS)}"
    rows = await connection.fetch(
        f"""(select {columns} from quota_windows where bucket = $1 and starts_at = $2)
            union all
            (select {columns} from quota_windows where bucket = $1 and starts_at > $2
                and open_to >= {level} and ({room} >= $3 or last) order by starts_at limit 1)""",  # noqa: S608
        row.id,
        window.start,
        units,
    )
    found = [
        WindowRow(Window(each["starts_at"], each["ends_at"]), tuple(each[name] for name in _ROOMS), each["last"])
        for each in rows
    ]
    own = next((each for each in found if each.window.start == window.start), None)
    return own, next((each for each in found if each is not own), None)


def booked(priority: int, units: int) -> tuple[int, ...]:
    """How the rooms change when a waiting booking comes."""
    return tuple(-units if level >= priority else 0 for level in range(PRIORITIES + 1))


def granted(units: int) -> tuple[int, ...]:
    """How the rooms change when units are held or spent."""
    return (-units,) * (PRIORITIES + 1)


class Shifts:
    """Changes of windows' rooms, gathered so that they are written at once."""

    def __init__(self) -> None:
        self._changes: dict[tuple[int, datetime], tuple[BucketRow, Window, tuple[int, ...]]] = {}

    def add(self, row: BucketRow, window: Window, change: tuple[int, ...]) -> None:
        """One more change of a window."""
        key = (row.id, window.start)
        if key in self._changes:
            change = tuple(map(sum, zip(change, self._changes[key][2], strict=True)))
        self._changes[key] = (row, window, change)

    async def write(self, connection: Any) -> None:
        """Writes them, making rows where there are none."""
        for row, window, change in self._changes.values():
            if any(change) and await connection.fetchval(_SHIFT, row.id, window.start, window.end, row.units, *change):
                before = window_before(row.bucket, window)
                await connection.execute(
                    "update quota_windows set last = false where bucket = $1 and starts_at = $2", row.id, before.start
                )


_SHIFT = f"""
insert into quota_windows as w (bucket, starts_at, ends_at, {", ".join(_ROOMS)}, last)
values ($1, $2, $3, {", ".join(f"$4 + ${number}::integer" for number, _ in enumerate(_ROOMS, 5))},
        not exists (select from quota_windows where bucket = $1 and starts_at = $3))
on conflict (bucket, starts_at) do update
    set {", ".join(f"{room} = w.{room} + ${number}" for number, room in enumerate(_ROOMS, 5))}
returning xmax = 0
"""  # noqa: S608
"""Changes a window's row or makes it; returns whether it was made."""


async def shift_all(connection: Any, row: BucketRow, by: int, now: datetime) -> None:
    """The limit has changed: so have the rooms of all windows that are not over."""
    await connection.execute(
        f"""update quota_windows set {", ".join(f"{name} = {name} + $2" for name in _ROOMS)}
            where bucket = $1 and ends_at > $3""",  # noqa: S608
        row.id,
        by,
        now,
    )


# --- bookings and claims -------------------------------------------------------------------------------------------


async def booking_of(connection: Any, key: str) -> BookingRow | None:
    """The booking, if there is one."""
    row = await connection.fetchrow(f"select {_BOOKING} from quota_bookings where key = $1", key)  # noqa: S608
    return _booking(row) if row else None


async def bookings_of(connection: Any, keys: Sequence[str]) -> dict[str, BookingRow]:
    """Those of the keys that are known."""
    found = await connection.fetch(f"select {_BOOKING} from quota_bookings where key = any($1)", keys)  # noqa: S608
    return {row["key"]: _booking(row) for row in found}


async def line_end(connection: Any, platform: Platform, account: str, priority: int) -> datetime | None:
    """The latest turn in the account's line, of the priority and more urgent ones."""
    moment: datetime | None = await connection.fetchval(
        """select max(turn.slot_at) from generate_series(1, $3::integer) as level, lateral (
               select slot_at from quota_bookings where platform = $1 and account = $2 and priority = level
               and state = 'waiting' and not scheduled order by slot_at desc limit 1) as turn""",
        platform.value,
        account,
        priority,
    )
    return moment


def _booking(row: Any) -> BookingRow:
    values = {name: row[name] for name in _BOOKING.split(", ")}
    return BookingRow(**values | {"costs": json.loads(row["costs"]), "platform": Platform(row["platform"])})


async def add_bookings(connection: Any, bookings: Sequence[tuple[BookingRow, Sequence[Claim]]], now: datetime) -> None:
    """Stores new bookings with their claims, in this order of arrival."""
    made = await connection.fetchmany(
        """insert into quota_bookings
               (key, platform, account, priority, costs, scheduled, state, slot_at, slot_bucket, heard_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) returning seq""",
        [
            (
                each.key,
                each.platform.value,
                each.account,
                each.priority,
                json.dumps(each.costs),
                each.scheduled,
                each.state,
                each.slot_at,
                each.slot_bucket,
                now,
            )
            for each, _ in bookings
        ],
    )
    claims = [(row["seq"], claim) for row, (_, claims) in zip(made, bookings, strict=True) for claim in claims]
    await _save_claims(connection, claims)


async def save_booking(connection: Any, booking: BookingRow, claims: Iterable[Claim], now: datetime) -> None:
    """Stores a booking's changes, its new claims, and the time of this activity."""
    await connection.execute(
        """update quota_bookings set costs = $2, scheduled = $3, state = $4, slot_at = $5, slot_bucket = $6,
                  heard_at = $7 where key = $1""",
        booking.key,
        json.dumps(booking.costs),
        booking.scheduled,
        booking.state,
        booking.slot_at,
        booking.slot_bucket,
        now,
    )
    await _save_claims(connection, [(booking.seq, claim) for claim in claims])


async def _save_claims(connection: Any, claims: Sequence[tuple[int, Claim]]) -> None:
    await connection.executemany(
        """insert into quota_claims (seq, bucket, units, priority, starts_at, slot_at, held)
           values ($1, $2, $3, $4, $5, $6, $7)""",
        [
            (seq, each.bucket, each.units, each.priority, each.starts_at, each.slot_at, each.held)
            for seq, each in claims
        ],
    )


async def hear(connection: Any, key: str, now: datetime) -> None:
    """Records activity of the booking's publication."""
    await connection.execute("update quota_bookings set heard_at = $2 where key = $1", key, now)


async def claims_of(connection: Any, seq: int) -> dict[int, Claim]:
    """A booking's claims, by bucket."""
    rows = await connection.fetch(
        "select bucket, units, priority, starts_at, slot_at, held from quota_claims where seq = $1", seq
    )
    return {row["bucket"]: Claim(**dict(row)) for row in rows}


async def drop_claims(connection: Any, seq: int) -> None:
    """The booking takes nothing any more."""
    await connection.execute("delete from quota_claims where seq = $1", seq)


async def units_ahead(connection: Any, row: BucketRow, window: Window, priority: int, seq: int) -> int:
    """Units of a window that waiting bookings of the same priority take which came before."""
    return int(
        await connection.fetchval(
            """select coalesce(sum(units), 0) from quota_claims
               where bucket = $1 and starts_at = $2 and priority = $3 and seq < $4 and not held""",
            row.id,
            window.start,
            priority,
            seq,
        )
    )


async def standing(connection: Any, row: BucketRow, window: Window, since: datetime | None) -> Standing:
    """A bucket as it is now: what is held, and what was spent of a rolling one `since` then."""
    found = await connection.fetchrow(
        """select coalesce(sum(units), 0) as held,
                  coalesce(sum(units) filter (where starts_at < $2), 0) as carried,
                  array(select used_at from quota_uses where bucket = $1 and used_at > $3 order by id) as used_at,
                  array(select units from quota_uses where bucket = $1 and used_at > $3 order by id) as used
           from quota_claims where bucket = $1 and held""",
        row.id,
        window.start,
        since,
    )
    return Standing(found["held"], found["carried"], tuple(zip(found["used_at"], found["used"], strict=True)))


async def slots_in(connection: Any, row: BucketRow, window: Window) -> list[tuple[datetime, int]]:
    """The waiting bookings' turns in a window, and how many units each takes."""
    rows = await connection.fetch(
        "select slot_at, units from quota_claims where bucket = $1 and starts_at = $2 and not held",
        row.id,
        window.start,
    )
    return [(each["slot_at"], each["units"]) for each in rows]


async def add_use(connection: Any, row: BucketRow, moment: datetime, units: int) -> None:
    """Notes that units of a rolling bucket were spent."""
    await connection.execute(
        "insert into quota_uses (bucket, used_at, units) values ($1, $2, $3)", row.id, moment, units
    )


async def line_before(connection: Any, booking: BookingRow, after: datetime | None) -> datetime | None:
    """The latest turn of those who stand before the booking in its account's line; with `after` only of those whose
    turn is later than that."""
    moment: datetime | None = await connection.fetchval(
        f"""select {"max(slot_at)" if after else "slot_at"} from quota_bookings
            where platform = $1 and account = $2 and (priority, seq) < ($3::smallint, $4::bigint)
            and state = 'waiting' and not scheduled and ($5::timestamptz is null or slot_at > $5) limit 1""",  # noqa: S608
        booking.platform.value,
        booking.account,
        booking.priority,
        booking.seq,
        after,
    )
    return moment
