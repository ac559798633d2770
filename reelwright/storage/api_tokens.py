"""The table `api_tokens`: what programs act with. A token is kept as its sha256 alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from reelwright.domain.errors import InvalidInput
from reelwright.domain.people import ApiToken, Role

from .audit import record
from .database import transaction
from .people import known

_ROW = """api_tokens.id, people.name as person, api_tokens.label, api_tokens.role, api_tokens.made_at,
    api_tokens.made_by, api_tokens.expires_at, api_tokens.used_at, api_tokens.revoked_at"""
_FROM = "api_tokens join people on people.id = api_tokens.person"
_OPEN = "api_tokens.revoked_at is null and api_tokens.expires_at > now() and people.disabled_at is null"
_USED_EVERY = timedelta(minutes=1)


class PostgresApiTokens:
    """`pool` is an `asyncpg.Pool`. `by` is who does it, for the audit."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    async def add(
        self, id: str, secret: bytes, name: str, *, label: str, role: Role, life: timedelta, by: str
    ) -> ApiToken:
        """A new token of a person's. Raises `InvalidInput` for one who is unknown, disabled, or has not that role."""
        async with transaction(self._pool) as connection:
            person = await known(connection, name)
            if not person.enabled:
                raise InvalidInput(f"{person.name} is disabled", field="name", remedy="enable the person first")
            if not person.role.includes(role):
                raise InvalidInput(
                    f"{person.name} is a {person.role}, and a token cannot be more than that",
                    field="role",
                    remedy=f"make one with the role {person.role}",
                )
            if not await connection.fetchval(
                """insert into api_tokens (id, secret, person, label, role, made_by, expires_at)
                   values ($1, $2, (select id from people where name = $3), $4, $5, $6, now() + $7)
                   on conflict (id) do nothing returning true""",
                *(id, secret, person.name, label, role.value, by, life),
            ):
                raise InvalidInput(
                    "this form was sent before: its token was made, and is not shown again",
                    field="label",
                    remedy="revoke it, and make another one",
                )
            token = _token(await _one(connection, "api_tokens.id = $1", id))
            told = {"label": label, "role": role.value, "expires_at": token.expires_at.isoformat()}
            await record(connection, "token.make", person.name, by=by, after={"token": id, **told})
        return token

    async def use(self, secret: bytes) -> tuple[ApiToken, Role] | None:
        """The open token with this secret, noted as used, and what it may do now: never more than its person. None
        where there is none."""
        async with transaction(self._pool) as connection:
            return await _used(connection, "api_tokens.secret = $1", secret)

    async def use_by_id(self, id: str) -> tuple[ApiToken, Role] | None:
        """The same for one that was exchanged (`control.exchange`)."""
        async with transaction(self._pool) as connection:
            return await _used(connection, "api_tokens.id = $1", id)

    async def of(self, name: str | None = None, limit: int = 1_000) -> Sequence[ApiToken]:
        """The tokens, of one person or of all, the newest first."""
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(
                f"""select {_ROW} from {_FROM} where $1::text is null or lower(people.name) = lower($1)
                    order by api_tokens.made_at desc, api_tokens.id limit $2""",  # noqa: S608
                name,
                limit,
            )
        return [_token(row) for row in rows]

    async def find(self, id: str) -> ApiToken | None:
        """The token with this id, open or not."""
        async with transaction(self._pool) as connection:
            row = await _one(connection, "api_tokens.id = $1", id)
        return _token(row) if row else None

    async def revoke(self, id: str, *, by: str) -> bool:
        """Whether there was one to revoke."""
        async with transaction(self._pool) as connection:
            name = await connection.fetchval(
                """update api_tokens set revoked_at = now(), revoked_by = $2 from people
                   where people.id = api_tokens.person and api_tokens.id = $1 and revoked_at is null
                   returning people.name""",
                id,
                by,
            )
            if name is not None:
                await record(connection, "token.revoke", name, by=by, before={"token": id})
        return name is not None


async def _one(connection: Any, which: str, value: Any) -> Any:
    return await connection.fetchrow(f"select {_ROW} from {_FROM} where {which}", value)  # noqa: S608


async def _used(connection: Any, which: str, value: Any) -> tuple[ApiToken, Role] | None:
    row = await connection.fetchrow(
        f"select {_ROW}, people.role as may from {_FROM} where {which} and {_OPEN}",  # noqa: S608
        value,
    )
    if row is None:
        return None
    await connection.execute(
        """update api_tokens set used_at = now()
           where id = $1 and (used_at is null or used_at < now() - $2::interval)""",
        row["id"],
        _USED_EVERY,
    )
    token = _token(row)
    return token, token.role.at_most(Role(row["may"]))


def _token(row: Any) -> ApiToken:
    return ApiToken.model_validate({key: row[key] for key in ApiToken.model_fields})
