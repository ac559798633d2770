"""The table `oidc_logins`: sign-ins that are under way at an identity provider, on whichever replica they end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from .database import transaction


@dataclass(frozen=True)
class UnderWay:
    """What the answer must fit: the nonce in the identity token, PKCE's verifier, and the path to go to then."""

    nonce: str
    verifier: str
    back_to: str


class PostgresOidcLogins:
    """`pool` is an `asyncpg.Pool`. `state` is the sha256 of what travels."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    async def add(self, state: bytes, under_way: UnderWay, life: timedelta) -> None:
        """Notes one; those that were never finished go."""
        async with transaction(self._pool) as connection:
            await connection.execute("delete from oidc_logins where expires_at <= now()")
            await connection.execute(
                """insert into oidc_logins (state, nonce, verifier, back_to, expires_at)
                   values ($1, $2, $3, $4, now() + $5)""",
                *(state, under_way.nonce, under_way.verifier, under_way.back_to, life),
            )

    async def take(self, state: bytes) -> UnderWay | None:
        """The one with this state, once; None where there is none, or not any more."""
        async with transaction(self._pool) as connection:
            row = await connection.fetchrow(
                "delete from oidc_logins where state = $1 and expires_at > now() returning nonce, verifier, back_to",
                state,
            )
        return UnderWay(**dict(row)) if row else None
