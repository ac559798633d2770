"""The table `people`: who may sign in, with which role. Each change has its row in the audit, in the same transaction.

Nothing here hashes a password: what is handed in is a hash."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from reelwright.domain.errors import InvalidInput, NotFound
from reelwright.domain.people import DoorKind, Person, Role

from .audit import record
from .database import transaction

_ROW = (
    "people.name, people.role, people.password is not null as has_password, coalesce(people.subject, '') as subject, "
    "people.disabled_at, people.made_at, people.made_by"
)
_LOCK = "select pg_advisory_xact_lock(hashtextextended('people', 0))"
"""Changes of people take turns: otherwise two first admins could be made, or the last two admins disable each other."""


class PostgresPeople:
    """`pool` is an `asyncpg.Pool`. `by` is who does it, for the audit."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    async def all(self, limit: int = 1_000) -> Sequence[Person]:
        """Everybody, by name."""
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(f"select {_ROW} from people order by lower(name) limit $1", limit)  # noqa: S608
        return [_person(row) for row in rows]

    async def find(self, name: str) -> Person | None:
        """The person with this name, however its letters are cased."""
        async with transaction(self._pool) as connection:
            return await found(connection, name)

    async def any(self) -> bool:
        """Whether there is anybody yet."""
        async with transaction(self._pool) as connection:
            return bool(await connection.fetchval("select exists (select from people)"))

    async def password(self, name: str) -> tuple[Person, str] | None:
        """(the person, the hash of their password, empty for none); None for an unknown name."""
        async with transaction(self._pool) as connection:
            row = await connection.fetchrow(
                f"select {_ROW}, password from people where lower(name) = lower($1)",  # noqa: S608
                name,
            )
        return (_person(row), row["password"] or "") if row else None

    async def add(self, name: str, role: Role, *, by: str, subject: str = "") -> Person:
        """A new person, without a password. Raises `InvalidInput` for a name that is taken."""
        async with transaction(self._pool) as connection:
            await connection.execute(_LOCK)
            return await _added(connection, name, role, by=by, subject=subject)

    async def begin(self, secret: bytes, name: str, password: str) -> Person:
        """Makes the first person, an admin, by a link of kind `first`. Raises `InvalidInput` where the link opens
        nothing, or there is somebody already."""
        async with transaction(self._pool) as connection:
            await connection.execute(_LOCK)
            if await connection.fetchval("select exists (select from people)"):
                raise InvalidInput("the first admin was made already", field="link", remedy="sign in")
            if not await connection.fetchval(
                "delete from door_links where secret = $1 and kind = 'first' and expires_at > now() returning true",
                secret,
            ):
                raise _closed()
            person = await _added(connection, name, Role.ADMIN, by=name, password=password)
            await connection.execute("delete from door_links where kind = 'first'")
            return person

    async def set_role(self, name: str, role: Role, *, by: str) -> Person:
        """Another role. The person's sessions end: they sign in anew."""
        async with transaction(self._pool) as connection:
            await connection.execute(_LOCK)
            before = await known(connection, name)
            if before.role is role:
                return before
            if before.role is Role.ADMIN and before.enabled:
                await _another_admin(connection, before)
            await connection.execute("update people set role = $2 where name = $1", before.name, role.value)
            await end_sessions(connection, before.name)
            after = before.model_copy(update={"role": role})
            await record(connection, "person.role", before.name, by=by, before=_audited(before), after=_audited(after))
            return after

    async def set_enabled(self, name: str, enabled: bool, *, by: str) -> Person:
        """Lets a person sign in, or no more. Who is disabled has no sessions and links any more, and their tokens open
        nothing."""
        async with transaction(self._pool) as connection:
            await connection.execute(_LOCK)
            before = await known(connection, name)
            if before.enabled is enabled:
                return before
            if before.role is Role.ADMIN and not enabled:
                await _another_admin(connection, before)
            await connection.execute(
                "update people set disabled_at = case when $2 then null else now() end where name = $1",
                before.name,
                enabled,
            )
            await end_sessions(connection, before.name)
            await connection.execute(
                "delete from door_links using people where people.id = door_links.person and people.name = $1",
                before.name,
            )
            after = await known(connection, before.name)
            action = "person.enable" if enabled else "person.disable"
            await record(connection, action, before.name, by=by, before=_audited(before), after=_audited(after))
            return after

    async def set_password(self, name: str, password: str, *, by: str, keep: str = "") -> int:
        """Another password, given as its hash. All sessions of the person end but `keep`; how many."""
        async with transaction(self._pool) as connection:
            await connection.execute(_LOCK)
            person = await known(connection, name)
            return await _password_set(connection, person, password, by=by, keep=keep)

    async def set_password_by_link(self, secret: bytes, password: str) -> Person:
        """The same by a link of kind `password`, which is used up. Raises `InvalidInput` where it opens nothing."""
        async with transaction(self._pool) as connection:
            await connection.execute(_LOCK)
            row = await connection.fetchrow(
                f"""delete from door_links using people
                    where door_links.secret = $1 and door_links.kind = 'password' and door_links.expires_at > now()
                        and people.id = door_links.person and people.disabled_at is null returning {_ROW}""",  # noqa: S608
                secret,
            )
            if row is None:
                raise _closed()
            person = _person(row)
            await _password_set(connection, person, password, by=person.name)
            return person

    async def rehash(self, name: str, before: str, after: str) -> None:
        """The same password under newer parameters; nothing where it was changed meanwhile."""
        async with transaction(self._pool) as connection:
            await connection.execute(
                "update people set password = $3 where name = $1 and password = $2", name, before, after
            )

    async def add_link(self, secret: bytes, kind: DoorKind, life: timedelta, *, by: str, name: str = "") -> None:
        """Notes a one-use link; links of its kind that were made before it for the same person open nothing any more.
        Raises `InvalidInput` for an unknown or a disabled person, and for a first start that has been."""
        async with transaction(self._pool) as connection:
            await connection.execute(_LOCK)
            await connection.execute("delete from door_links where expires_at <= now()")
            if kind == "first":
                if await connection.fetchval("select exists (select from people)"):
                    raise InvalidInput("the first admin was made already", field="link", remedy="sign in")
                await connection.execute("delete from door_links where kind = 'first'")
            else:
                person = await known(connection, name)
                if not person.enabled:
                    raise InvalidInput(f"{person.name} is disabled", field="name", remedy="enable the person first")
                await connection.execute(
                    "delete from door_links using people where people.id = door_links.person and people.name = $1",
                    person.name,
                )
                await record(connection, "person.password_link", person.name, by=by)
            await connection.execute(
                """insert into door_links (secret, kind, person, made_by, expires_at)
                   values ($1, $2, (select id from people where lower(name) = lower($3) and $2 = 'password'), $4,
                           now() + $5)""",
                *(secret, kind, name, by, life),
            )

    async def by_subject(self, subject: str, name: str, role: Role) -> Person:
        """Who an identity provider says has signed in, with the role that it gives them; made at the first time. Where
        the name is somebody else's, theirs gets the provider's name, or a number. Raises `NotSignedIn` for who is
        disabled here."""
        async with transaction(self._pool) as connection:
            await connection.execute(_LOCK)
            row = await connection.fetchrow(f"select {_ROW} from people where subject = $1", subject)  # noqa: S608
            if row is None:
                free = await _free_name(connection, name, subject)
                return await _added(connection, free, role, by=subject.partition(" ")[0], subject=subject)
            before = _person(row)
            if before.role is role or not before.enabled:
                return before
            if before.role is Role.ADMIN:
                await _another_admin(connection, before)
            await connection.execute("update people set role = $2 where name = $1", before.name, role.value)
            await end_sessions(connection, before.name)
            after = before.model_copy(update={"role": role})
            await record(
                connection,
                "person.role",
                before.name,
                by=subject.partition(" ")[0],
                before=_audited(before),
                after=_audited(after),
            )
            return after


async def found(connection: Any, name: str) -> Person | None:
    """The person, or None."""
    if "\0" in name:
        return None
    row = await connection.fetchrow(f"select {_ROW} from people where lower(name) = lower($1)", name)  # noqa: S608
    return _person(row) if row else None


async def known(connection: Any, name: str) -> Person:
    """The person, or `InvalidInput`."""
    person = await found(connection, name)
    if person is None:
        raise NotFound(f"there is no person {name[:80]!r}", field="name", remedy="see `reelwright people list`")
    return person


async def end_sessions(connection: Any, name: str, *, keep: str = "") -> int:
    """Ends a person's sessions; how many."""
    gone = await connection.fetch(
        """delete from sessions using people where people.id = sessions.person and people.name = $1
               and sessions.id <> $2 returning sessions.id""",
        name,
        keep,
    )
    return len(gone)


async def _added(
    connection: Any, name: str, role: Role, *, by: str, subject: str = "", password: str | None = None
) -> Person:
    if await found(connection, name):
        raise InvalidInput(f"{name!r} is taken", field="name", remedy="give another name")
    await connection.execute(
        "insert into people (name, role, made_by, subject, password) values ($1, $2, $3, nullif($4, ''), $5)",
        *(name, role.value, by, subject, password),
    )
    person = await known(connection, name)
    await record(connection, "person.add", name, by=by, after=_audited(person))
    return person


async def _password_set(connection: Any, person: Person, password: str, *, by: str, keep: str = "") -> int:
    await connection.execute("update people set password = $2 where name = $1", person.name, password)
    ended = await end_sessions(connection, person.name, keep=keep)
    await connection.execute(
        "delete from door_links using people where people.id = door_links.person and people.name = $1", person.name
    )
    await record(connection, "person.password", person.name, by=by, after={"sessions_ended": ended})
    return ended


async def _another_admin(connection: Any, person: Person) -> None:
    """Raises `InvalidInput` where this is the last admin who may sign in."""
    if not await connection.fetchval(
        "select exists (select from people where role = 'admin' and disabled_at is null and name <> $1)", person.name
    ):
        raise InvalidInput(f"{person.name} is the last admin", field="name", remedy="make somebody else an admin first")


async def _free_name(connection: Any, name: str, subject: str) -> str:
    host = subject.partition("://")[2].partition(" ")[0].partition("/")[0].partition(":")[0]
    base = f"{name[:20]}@{host[:40]}"
    for each in (name, base, *(f"{base} {number}" for number in range(2, 100))):
        if not await found(connection, each):
            return each
    raise InvalidInput(f"{name!r} is taken", field="name", remedy="disable one of those people")


def _closed() -> InvalidInput:
    return InvalidInput(
        "this link opens nothing: it was used, has expired, or is none of ours",
        field="link",
        remedy="ask for a new one",
    )


def _audited(person: Person) -> dict[str, Any]:
    return {"role": person.role.value, "enabled": person.enabled, "subject": person.subject}


def _person(row: Any) -> Person:
    return Person.model_validate({key: row[key] for key in Person.model_fields})
