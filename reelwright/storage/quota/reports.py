"""Limits set by people and reported by platforms, and the quota ledger's reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from reelwright.domain.publishing.quota import Bucket, BucketState, QuotaReading, WindowKind
from reelwright.domain.publishing.windows import window_at

from ..audit import record
from ..database import transaction
from . import rows
from .plan import Planner, standing_of
from .rows import BucketRow, Standing

MOST = 1_000_000_000
"""The largest limit, in units."""
_EVERYONE = 3
"""The usual priority: `next_free` is reported for it."""


async def make(connection: Any, bucket: Bucket, owner: str, now: datetime) -> BucketRow:
    """The bucket's row, locked, with the limit in force: the lowest that a person or the platform has named, else the
    bucket's own."""
    await connection.execute(
        "insert into quota_buckets (platform, account, name, units) values ($1, $2, $3, $4) on conflict do nothing",
        bucket.platform.value,
        owner,
        bucket.name,
        bucket.limit,
    )
    row = (await rows.buckets_of(connection, owner, [bucket]))[bucket.name]
    return await _in_force(connection, row, now)


async def _in_force(connection: Any, row: BucketRow, now: datetime) -> BucketRow:
    """Brings the limit up to date, and with it the rooms of all windows that are not over."""
    person = await connection.fetchval(
        """select units from quota_limits where platform = $1 and bucket = $2 and account in ('', $3)
           order by account desc limit 1""",
        row.bucket.platform.value,
        row.bucket.name,
        row.account,
    )
    units = min((named for named in (person, row.reported_units) if named), default=row.bucket.limit)
    if units != row.units:
        await rows.shift_all(connection, row, units - row.units, now)
        await connection.execute("update quota_buckets set units = $2 where id = $1", row.id, units)
    return replace(row, units=units)


async def set_limit(connection: Any, bucket: Bucket, account: str, units: int, now: datetime, *, by: str = "") -> None:
    """Stores a person's limit and applies it to the buckets there are."""
    before = await connection.fetchval(
        "select units from quota_limits where platform = $1 and account = $2 and bucket = $3",
        bucket.platform.value,
        account,
        bucket.name,
    )
    await connection.execute(
        """insert into quota_limits (platform, account, bucket, units) values ($1, $2, $3, $4)
           on conflict (platform, account, bucket) do update set units = excluded.units, set_at = now()""",
        bucket.platform.value,
        account,
        bucket.name,
        units,
    )
    owners = await connection.fetch(
        "select account from quota_buckets where platform = $1 and name = $2 and $3 in ('', account) order by id",
        bucket.platform.value,
        bucket.name,
        account,
    )
    for owner in owners:
        await make(connection, bucket, owner["account"], now)
    await record(
        connection,
        "quota.limit",
        f"{bucket.platform.value}/{account}" if account else bucket.platform.value,
        by=by,
        before=None if before is None else {bucket.name: before},
        after={bucket.name: units},
    )


async def close(connection: Any, row: BucketRow, until: datetime) -> None:
    """Nothing is granted before `until`."""
    await connection.execute(
        "update quota_buckets set spent_until = greatest(spent_until, $2) where id = $1", row.id, until
    )


async def correct(connection: Any, row: BucketRow, reading: QuotaReading, now: datetime) -> None:
    """Applies a platform's report: the limit, what is used (the platform does not count held units yet), and that a
    bucket with something left is open."""
    await connection.execute(
        """update quota_buckets set reported_units = coalesce($2, reported_units), reported_at = $4,
                  reported_resets_at = coalesce($3, reported_resets_at) where id = $1""",
        row.id,
        reading.limit if reading.limit and 0 < reading.limit <= MOST else None,
        reading.resets_at,
        now,
    )
    row = await _in_force(connection, (await _reread(connection, row)), now)
    if reading.used is None:
        return
    if reading.used < row.units:
        await connection.execute("update quota_buckets set spent_until = null where id = $1", row.id)
    elif reading.resets_at and reading.resets_at > now:
        await close(connection, row, reading.resets_at)
    missing = min(max(0, reading.used), MOST) - await _used(connection, row, now)
    if missing:
        shifts = rows.Shifts()
        shifts.add(row, window_at(row.bucket, now), rows.granted(missing))
        await shifts.write(connection)
    if row.bucket.window is WindowKind.ROLLING and missing > 0:
        await rows.add_use(connection, row, now, missing)  # others' time of use is unknown: the latest is assumed
    elif row.bucket.window is WindowKind.ROLLING:
        await _forgive(connection, row, -missing, now)


async def _reread(connection: Any, row: BucketRow) -> BucketRow:
    return (await rows.buckets_of(connection, row.account, [row.bucket]))[row.bucket.name]


async def _used(connection: Any, row: BucketRow, now: datetime) -> int:
    """Units spent in the window of now."""
    standing = await standing_of(connection, row, now)
    if row.bucket.window is WindowKind.ROLLING:
        return sum(units for _, units in standing.uses)
    own, _ = await rows.look(connection, row, window_at(row.bucket, now), 1, 0)
    return row.units - own.rooms[0] - (standing.held - standing.carried) if own else 0


async def _forgive(connection: Any, row: BucketRow, units: int, now: datetime) -> None:
    """Strikes units off the oldest uses: those that the platform does count are taken to be the latest ones."""
    uses = await connection.fetch(
        "select id, units from quota_uses where bucket = $1 and used_at > $2 order by used_at",
        row.id,
        now - timedelta(seconds=row.bucket.seconds),
    )
    for use in uses:
        if units <= 0:
            return
        if use["units"] <= units:
            await connection.execute("delete from quota_uses where id = $1", use["id"])
        else:
            await connection.execute("update quota_uses set units = units - $2 where id = $1", use["id"], units)
        units -= use["units"]


async def forget(pool: Any, before: datetime) -> None:
    """Deletes what was over before then."""
    async with transaction(pool) as connection:
        await connection.execute("delete from quota_uses where used_at < $1", before)
        await connection.execute(
            """with old as (delete from quota_claims c using quota_bookings b
                            where b.seq = c.seq and b.heard_at < $1 and b.slot_at < $1 and b.state = 'waiting'
                            returning c.seq)
               update quota_bookings set state = 'released' where seq in (select seq from old)""",
            before,
        )
        await connection.execute(
            "delete from quota_bookings where heard_at < $1 and state in ('spent', 'released')", before
        )
        await connection.execute("delete from quota_windows where ends_at < $1", before)


# --- for people ----------------------------------------------------------------------------------------------------


async def state(connection: Any, buckets: Sequence[Bucket], account: str | None, now: datetime) -> list[BucketState]:
    """The buckets' rows for display, in the order of their definitions."""
    found = []
    for bucket in buckets:
        owners = await connection.fetch(
            """select account from quota_buckets where platform = $1 and name = $2
               and ($3::text is null or account in ('', $3)) order by account""",
            bucket.platform.value,
            bucket.name,
            account,
        )
        for owner in owners:
            row = (await rows.buckets_of(connection, owner["account"], [bucket], lock=False))[bucket.name]
            found.append(await _state(connection, row, now))
    return found


async def _state(connection: Any, row: BucketRow, now: datetime) -> BucketState:
    standing = await standing_of(connection, row, now)
    booked = await connection.fetchval(
        "select coalesce(sum(units), 0) from quota_claims where bucket = $1 and not held", row.id
    )
    free = await Planner(
        connection, {row.bucket.name: row}, {row.bucket.name: 1}, now=now, priority=_EVERYONE
    ).earliest(now)
    return BucketState(
        platform=row.bucket.platform,
        account=row.account,
        bucket=row.bucket.name,
        limit=row.units,
        used=await _used(connection, row, now),
        held=standing.held,
        booked=booked,
        resets_at=_resets_at(row, standing, now),
        next_free=free.at,
        reported=row.reported_at is not None,
    )


def _resets_at(row: BucketRow, standing: Standing, now: datetime) -> datetime | None:
    """When something is counted anew: the platform's own word, the window's end, or when the oldest use lapses."""
    if row.reported_resets_at and row.reported_resets_at > now:
        return row.reported_resets_at
    if row.bucket.window is not WindowKind.ROLLING:
        return window_at(row.bucket, now).end
    oldest = min((moment for moment, _ in standing.uses), default=None)
    return oldest + timedelta(seconds=row.bucket.seconds) if oldest else None
