"""The table `sessions`: who is signed in. A cookie's value is kept as its sha256 alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from reelwright.domain.errors import InvalidInput
from reelwright.domain.people import IDLE, LONGEST_SESSION, Session

from .audit import record
from .database import transaction
from .people import end_sessions, known

_ROW = """sessions.id, people.name as person, people.role, sessions.way, sessions.made_at, sessions.seen_at,
    least(sessions.expires_at, sessions.seen_at + $1::interval) as expires_at, sessions.address, sessions.agent"""
_OPEN = "sessions.expires_at > now() and sessions.seen_at + $1::interval > now() and people.disabled_at is null"
_SEEN_EVERY = timedelta(minutes=1)
"""How exactly it is noted when a session was last used: not each request is worth a write."""


class PostgresSessions:
    """`pool` is an `asyncpg.Pool`."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    async def open(self, id: str, secret: bytes, name: str, *, way: str, address: str, agent: str) -> Session:
        """A new session. Raises `InvalidInput` for an unknown or a disabled person. Those that have ended go."""
        async with transaction(self._pool) as connection:
            person = await known(connection, name)
            if not person.enabled:
                raise InvalidInput(f"{person.name} is disabled", field="name", remedy="ask an admin")
            await connection.execute(
                "delete from sessions where expires_at <= now() or seen_at + $1::interval <= now()", IDLE
            )
            await connection.execute(
                """insert into sessions (id, secret, person, way, expires_at, address, agent)
                   values ($1, $2, (select id from people where name = $3), $4, now() + $5, $6, $7)""",
                *(id, secret, person.name, way, LONGEST_SESSION, address, agent),
            )
            await record(connection, "session.begin", person.name, by=person.name, after={"session": id, "way": way})
            row = await _one(connection, "sessions.id = $2", id)
        return _session(row)

    async def use(self, secret: bytes) -> Session | None:
        """The open session with this secret, noted as seen; None where there is none."""
        async with transaction(self._pool) as connection:
            row = await _one(connection, "sessions.secret = $2", secret)
            if row is not None:
                await connection.execute(
                    "update sessions set seen_at = now() where id = $1 and seen_at < now() - $2::interval",
                    row["id"],
                    _SEEN_EVERY,
                )
        return _session(row) if row else None

    async def find(self, id: str) -> Session | None:
        """The open session with this id, not noted as seen: for what goes on without anybody's doing."""
        async with transaction(self._pool) as connection:
            row = await _one(connection, "sessions.id = $2", id)
        return _session(row) if row else None

    async def of(self, name: str | None = None, limit: int = 1_000) -> Sequence[Session]:
        """The open sessions, of one person or of all, the latest used first."""
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(
                f"""select {_ROW} from sessions join people on people.id = sessions.person
                    where {_OPEN} and ($2::text is null or lower(people.name) = lower($2))
                    order by sessions.seen_at desc, sessions.id limit $3""",  # noqa: S608
                *(IDLE, name, limit),
            )
        return [_session(row) for row in rows]

    async def end(self, id: str, *, by: str) -> bool:
        """Whether there was one to end."""
        async with transaction(self._pool) as connection:
            name = await connection.fetchval(
                """delete from sessions using people where people.id = sessions.person and sessions.id = $1
                   returning people.name""",
                id,
            )
            if name is not None:
                await record(connection, "session.end", name, by=by, before={"session": id})
        return name is not None

    async def end_all(self, name: str, *, by: str, keep: str = "") -> int:
        """Ends a person's sessions, but one, if it is named; how many."""
        async with transaction(self._pool) as connection:
            person = await known(connection, name)
            ended = await end_sessions(connection, person.name, keep=keep)
            if ended:
                await record(connection, "session.end_all", person.name, by=by, before={"sessions": ended})
        return ended


async def _one(connection: Any, which: str, value: Any) -> Any:
    return await connection.fetchrow(
        f"select {_ROW} from sessions join people on people.id = sessions.person where {_OPEN} and {which}",  # noqa: S608
        IDLE,
        value,
    )


def _session(row: Any) -> Session:
    return Session.model_validate(dict(row))
