"""The table `api_requests`: a request that is sent again under the same key is done once.

A claim is a lease. One that ran out without an answer belonged to a process that died: nobody knows how far it came.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

from .database import transaction

LEASE_S = 120.0
KEPT = timedelta(days=30)


@dataclass(frozen=True)
class Claimed:
    """`mine`: do it, then call `answered` or `release` as `holder`. `answered`: it was done, and this was the answer.
    `other`: the key belongs to another request. `running`: somebody is at it. `lost`: whoever was at it died, and it
    must not be done twice."""

    kind: Literal["mine", "answered", "other", "running", "lost"]
    holder: str = ""
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    answer: str = ""


class PostgresApiRequests:
    """`pool` is an `asyncpg.Pool`; a claim holds for `lease_s` seconds."""

    def __init__(self, pool: Any, *, lease_s: float = LEASE_S) -> None:
        self._pool = pool
        self.lease_s = lease_s

    async def claim(self, principal: str, key: str, digest: str, *, repeatable: bool) -> Claimed:
        """Claims the key for a request with this digest. `repeatable`: doing it twice is doing it once, so that it may
        be taken over from a process that died."""
        holder, lease = uuid.uuid4().hex, timedelta(seconds=self.lease_s)
        async with transaction(self._pool) as connection:
            new = await connection.fetchval(
                """insert into api_requests (principal, key, digest, holder, lease_until)
                   values ($1, $2, $3, $4, clock_timestamp() + $5) on conflict do nothing returning true""",
                *(principal, key, digest, holder, lease),
            )
            if new:
                return Claimed("mine", holder)
            row = await connection.fetchrow(
                """select digest, status, headers, answer, lease_until > clock_timestamp() as held
                   from api_requests where principal = $1 and key = $2 for update""",
                *(principal, key),
            )
            if row is None:  # it was released this very moment
                return Claimed("running")
            if row["digest"] != digest:
                return Claimed("other")
            if row["status"] is not None:
                return Claimed("answered", "", row["status"], json.loads(row["headers"]), row["answer"])
            if row["held"]:
                return Claimed("running")
            if not repeatable:
                return Claimed("lost")
            await connection.execute(
                """update api_requests set holder = $3, lease_until = clock_timestamp() + $4
                   where principal = $1 and key = $2""",
                *(principal, key, holder, lease),
            )
        return Claimed("mine", holder)

    async def answered(
        self, principal: str, key: str, holder: str, *, status: int, headers: Mapping[str, str], answer: str
    ) -> None:
        """Keeps the answer of a request that was done. That of a claim which was taken over meanwhile is not kept."""
        async with transaction(self._pool) as connection:
            await connection.execute(
                """update api_requests set status = $4, headers = $5, answer = $6, holder = ''
                   where principal = $1 and key = $2 and holder = $3""",
                *(principal, key, holder, status, json.dumps(dict(headers)), answer),
            )

    async def release(self, principal: str, key: str, holder: str) -> None:
        """Nothing was done: the key is free again."""
        async with transaction(self._pool) as connection:
            await connection.execute(
                "delete from api_requests where principal = $1 and key = $2 and holder = $3", principal, key, holder
            )

    async def prune(self) -> int:
        """Deletes those that are older than `KEPT`; how many."""
        async with transaction(self._pool) as connection:
            gone = await connection.execute("delete from api_requests where begun_at < now() - $1::interval", KEPT)
        return int(gone.rpartition(" ")[2])
