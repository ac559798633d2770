"""The table `requests`: implements `RequestLedger` and `RequestRetention` of
`domain.ports.buying`. The same request of a channel is asked once at
a time and bought once, however many workers and contents want it.

A claim is a lease. One that ran out tells what its worker was doing: `claimed`, nothing was sent; `sent`, the call may
have been charged for, and nobody knows; `accepted`, a job is under way and is asked about.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from reelwright.domain.assets import AssetRef
from reelwright.domain.ports.buying import Bought, Claim, Packed, Request
from reelwright.domain.redaction import redact_known

from .amounts import dollars
from .database import transaction

LEASE_S = 45.0
AT_ONCE = 1_000
"""Rows that are deleted in one transaction."""
_MINE = "channel = $1 and sha256 = $2 and holder = $3"


class PostgresRequests:
    """`pool` is an `asyncpg.Pool`."""

    def __init__(self, pool: Any, *, lease_s: float = LEASE_S) -> None:
        self._pool = pool
        self.lease_s = lease_s

    async def claim(self, request: Request) -> Claim:
        """See the port."""
        async with transaction(self._pool) as connection:
            await connection.execute(
                """insert into requests (channel, sha256, capability, provider, content_id) values ($1, $2, $3, $4, $5)
                   on conflict do nothing""",
                request.channel,
                request.sha256,
                request.capability,
                request.provider,
                request.content_id,
            )
            row = await connection.fetchrow(
                """select *, lease_until > clock_timestamp() as held from requests
                   where channel = $1 and sha256 = $2 for update""",
                request.channel,
                request.sha256,
            )
            if row["state"] == "done":
                return Claim("done", bought=await _bought(connection, row), unknown=row["unknowns"])
            if row["held"] and row["state"] in ("claimed", "sent", "accepted"):
                return Claim("taken")
            unknown = row["state"] == "sent"
            if unknown:
                await _unknown(connection, row["purchase"])
            if request.job and (unknown or row["state"] == "unknown"):
                await connection.execute(
                    """update requests set state = 'unknown', unknowns = unknowns + $3, holder = ''
                       where channel = $1 and sha256 = $2""",
                    request.channel,
                    request.sha256,
                    int(unknown),
                )
                return Claim("lost", unknown=row["unknowns"] + unknown)
            holder = uuid.uuid4().hex
            await connection.execute(
                """update requests set state = case when state = 'accepted' then state else 'claimed' end, holder = $3,
                   lease_until = clock_timestamp() + $4, attempts = attempts + 1, unknowns = unknowns + $5,
                   provider = $6 where channel = $1 and sha256 = $2""",
                request.channel,
                request.sha256,
                holder,
                timedelta(seconds=self.lease_s),
                int(unknown),
                request.provider,
            )
            return Claim(
                "mine",
                holder,
                job_id=row["job_id"],
                purchase=row["purchase"] if row["job_id"] else None,
                unknown=row["unknowns"] + unknown,
            )

    async def renew(self, request: Request, holder: str) -> bool:
        """See the port."""
        async with transaction(self._pool) as connection:
            lease = timedelta(seconds=self.lease_s)
            return bool(
                await connection.fetchval(
                    f"update requests set lease_until = clock_timestamp() + $4 where {_MINE} returning true",  # noqa: S608
                    *(request.channel, request.sha256, holder, lease),
                )
            )

    async def sent(self, request: Request, holder: str, purchase: int) -> None:
        """See the port."""
        async with transaction(self._pool) as connection:
            await connection.execute(
                f"""update requests set state = 'sent', purchase = $4, content_id = $5, asked_at = clock_timestamp()
                    where {_MINE}""",  # noqa: S608
                *(request.channel, request.sha256, holder, purchase, request.content_id),
            )

    async def accepted(self, request: Request, holder: str, job_id: str) -> None:
        """See the port."""
        async with transaction(self._pool) as connection:
            await connection.execute(
                f"update requests set state = 'accepted', job_id = $4 where {_MINE}",  # noqa: S608
                *(request.channel, request.sha256, holder, job_id),
            )

    async def rest(self, request: Request, holder: str) -> None:
        """See the port."""
        async with transaction(self._pool) as connection:
            await connection.execute(
                f"update requests set lease_until = clock_timestamp() where {_MINE} and state = 'accepted'",  # noqa: S608
                *(request.channel, request.sha256, holder),
            )

    async def failed(self, request: Request, holder: str, *, unknown: bool = False) -> None:
        """See the port."""
        async with transaction(self._pool) as connection:
            purchase = await connection.fetchval(
                f"""update requests set state = $4, unknowns = unknowns + $5, lease_until = null, holder = '',
                    job_id = '' where {_MINE} and state <> 'done' returning purchase""",  # noqa: S608
                *(request.channel, request.sha256, holder, "unknown" if unknown else "failed", int(unknown)),
            )
            if unknown:
                await _unknown(connection, purchase)

    async def stored(self, request: Request, asset: AssetRef) -> None:
        """See the port."""
        async with transaction(self._pool) as connection:
            await connection.execute(
                """update requests set asset = $3, data = null
                   where channel = $1 and sha256 = $2 and state = 'done' and asset is null""",
                *(request.channel, request.sha256, asset.model_dump_json()),
            )

    async def forget(self, request: Request) -> None:
        """See the port."""
        async with transaction(self._pool) as connection:
            await connection.execute(
                """update requests set state = 'failed', meta = null, asset = null, data = null, done_at = null
                   where channel = $1 and sha256 = $2 and state = 'done'""",
                *(request.channel, request.sha256),
            )

    async def expire(self, keep: timedelta) -> int:
        """See the port."""
        expired = 0
        while True:
            async with transaction(self._pool) as connection:
                count = await connection.fetchval(_EXPIRE, keep, AT_ONCE)
            expired += int(count)
            if count < AT_ONCE:
                return expired


_EXPIRE = """
with old as (
    select r.channel, r.sha256 from requests r
    join purchases p on p.id = r.purchase
    join content c on c.id = r.content_id
    where r.state = 'done' and r.done_at < clock_timestamp() - $1::interval and r.data is null
      and p.state in ('stored', 'lost') and c.closed_at is not null
    order by r.done_at limit $2 for update of r skip locked
), gone as (
    delete from requests r using old where r.channel = old.channel and r.sha256 = old.sha256 returning 1
)
select count(*) from gone
"""


async def answered(connection: Any, request: Request, purchase: int, packed: Packed) -> None:
    """The answer is paid for; in the transaction that books its cost. The first one stays: one that comes later, of a
    worker whose claim had run out, is booked and not kept."""
    await connection.execute(
        """update requests set state = 'done', purchase = $3, usd = $4, meta = $5, data = $6, media_type = $7,
           holder = '', lease_until = null, done_at = clock_timestamp()
           where channel = $1 and sha256 = $2 and state <> 'done'""",
        request.channel,
        request.sha256,
        purchase,
        dollars(packed.usd),
        redact_known(packed.meta),
        packed.data,
        packed.media_type,
    )


async def _bought(connection: Any, row: Any) -> Bought:
    purchase = await connection.fetchrow("select id, key, state from purchases where id = $1", row["purchase"])
    return Bought(
        Packed(row["meta"], row["data"], row["media_type"], float(row["usd"])),
        purchase["id"],
        purchase["key"],
        AssetRef.model_validate_json(row["asset"]) if row["asset"] else None,
        settled=purchase["state"] != "paid",
    )


async def _unknown(connection: Any, purchase: int | None) -> None:
    """Nobody knows whether a call was charged for: what was reserved for it stays, and no other attempt takes the
    reservation over."""
    await connection.execute("update purchases set state = 'unknown' where id = $1 and state = 'reserved'", purchase)
