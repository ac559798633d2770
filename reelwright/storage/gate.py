"""The tables `provider_health` and `provider_calls`: implements `domain.ports.buying.ProviderGate`, for all workers.

A breaker opens after `FAILURES` failed calls within `WINDOW_S` and stays open for half a minute, twice as long each
time it opens again in a row, at most ten minutes. Then one call tries whether it works; no other is made meanwhile.
Calls under way are leases, so that those of a worker that died are free again by themselves.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from reelwright.domain.ports.buying import AtCapacity, CallsPaused, Permit

from .database import transaction

FAILURES = 5
WINDOW_S = 60.0
OPEN_S = 30.0
LONGEST_S = 600.0
REFUSED_S = 300.0
"""A wrong key, spent credit, a model that is gone: a person has to act first."""
LEASE_S = 45.0


class PostgresGate:
    """`pool` is an `asyncpg.Pool`."""

    def __init__(self, pool: Any, *, lease_s: float = LEASE_S, open_s: float = OPEN_S) -> None:
        self._pool = pool
        self.lease_s = lease_s
        self._open_s = open_s

    async def enter(self, provider: str, capability: str, most: int) -> Permit | CallsPaused | AtCapacity:
        """See the port."""
        async with transaction(self._pool) as connection:
            await _turn(connection, provider, capability)
            now: datetime = await connection.fetchval("select clock_timestamp()")
            health = await connection.fetchrow(
                "select * from provider_health where provider = $1 and capability = $2", provider, capability
            )
            if health and (shut := _shut(health, now)):
                return shut
            await connection.execute(
                "delete from provider_calls where provider = $1 and capability = $2 and until < $3",
                *(provider, capability, now),
            )
            under_way = await connection.fetchval(
                "select count(*) from provider_calls where provider = $1 and capability = $2", provider, capability
            )
            if under_way >= most:
                return AtCapacity(most)
            until = now + timedelta(seconds=self.lease_s)
            if health and health["opened"]:
                await connection.execute(
                    "update provider_health set probe_until = $3 where provider = $1 and capability = $2",
                    *(provider, capability, until),
                )
            return Permit(
                await connection.fetchval(
                    "insert into provider_calls (provider, capability, until) values ($1, $2, $3) returning id",
                    *(provider, capability, until),
                )
            )

    async def renew(self, permit: Permit) -> None:
        """Another lease; for the call that tries an open breaker, too."""
        async with transaction(self._pool) as connection:
            lease = timedelta(seconds=self.lease_s)
            row = await connection.fetchrow(
                """update provider_calls set until = clock_timestamp() + $2 where id = $1
                   returning provider, capability, until""",
                permit.id,
                lease,
            )
            if row:
                await connection.execute(
                    """update provider_health set probe_until = $3
                       where provider = $1 and capability = $2 and probe_until is not null""",
                    *(row["provider"], row["capability"], row["until"]),
                )

    async def leave(self, permit: Permit) -> None:
        """The call is over."""
        async with transaction(self._pool) as connection:
            await connection.execute("delete from provider_calls where id = $1", permit.id)

    async def worked(self, provider: str, capability: str) -> None:
        """The breaker is closed."""
        async with transaction(self._pool) as connection:
            await connection.execute(
                "delete from provider_health where provider = $1 and capability = $2", provider, capability
            )

    async def failed(self, provider: str, capability: str, why: str, retry_after_s: float | None = None) -> None:
        """See the port."""
        async with transaction(self._pool) as connection:
            await _turn(connection, provider, capability)
            now: datetime = await connection.fetchval("select clock_timestamp()")
            row = await connection.fetchrow(
                "select * from provider_health where provider = $1 and capability = $2", provider, capability
            )
            recent = row is not None and now - row["since"] < timedelta(seconds=WINDOW_S)
            failures = row["failures"] + 1 if recent else 1
            opened, until = (row["opened"], row["shut_until"]) if row else (0, None)
            if failures >= FAILURES or opened:
                opened += 1
                pause = min(self._open_s * 2 ** (opened - 1), LONGEST_S)
                until = max(filter(None, [until, now + timedelta(seconds=pause)]))
            if retry_after_s:
                named = now + timedelta(seconds=retry_after_s)
                until = max(filter(None, [until, named]))
            await _keep(
                connection,
                provider,
                capability,
                failures=failures,
                since=row["since"] if recent else now,
                opened=opened,
                until=until,
                why=why,
            )

    async def refused(self, provider: str, capability: str, why: str) -> None:
        """See the port."""
        async with transaction(self._pool) as connection:
            await _turn(connection, provider, capability)
            now: datetime = await connection.fetchval("select clock_timestamp()")
            until = now + timedelta(seconds=REFUSED_S)
            await _keep(connection, provider, capability, failures=1, since=now, opened=1, until=until, why=why)


def _shut(health: Any, now: datetime) -> CallsPaused | None:
    until: datetime | None = health["shut_until"]
    if until is not None and until > now:
        wait_s = (until - now).total_seconds()
        return CallsPaused(
            f"paused until {until:%H:%M:%S} UTC ({health['why']})", until, wait_s, brief=not health["opened"]
        )
    probe: datetime | None = health["probe_until"]
    if health["opened"] and probe is not None and probe > now:
        return CallsPaused(f"another call tries whether it works again ({health['why']})", probe, 1.0)
    return None


async def _turn(connection: Any, provider: str, capability: str) -> None:
    """Waits for the provider's turn, which lasts until the transaction ends."""
    await connection.execute(
        "select pg_advisory_xact_lock(hashtextextended('provider ' || $1 || ' ' || $2, 0))", provider, capability
    )


async def _keep(
    connection: Any,
    provider: str,
    capability: str,
    *,
    failures: int,
    since: datetime,
    opened: int,
    until: datetime | None,
    why: str,
) -> None:
    await connection.execute(
        """insert into provider_health (provider, capability, failures, since, opened, shut_until, why)
           values ($1, $2, $3, $4, $5, $6, $7)
           on conflict (provider, capability) do update set failures = excluded.failures, since = excluded.since,
               opened = excluded.opened, shut_until = excluded.shut_until, why = excluded.why, probe_until = null""",
        *(provider, capability, failures, since, opened, until, why),
    )
