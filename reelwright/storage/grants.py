"""The `grants` table: what people have allowed our applications, and the accounts that stand on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reelwright.domain.formats import Platform
from reelwright.domain.origins import Origin
from reelwright.domain.publishing.accounts import AccountInfo, StoredToken
from reelwright.domain.publishing.connecting import Grant, Granted
from reelwright.domain.redaction import know

from .accounts import written
from .audit import record
from .connecting import revealed
from .database import transaction
from .vault import Vault

_ROW = """id, platform, origin, issuer, client, subject, subject_name, scopes, granted_by, granted_at, ends,
    revoked_at"""


class PostgresGrants:
    """`pool` is an `asyncpg.Pool`."""

    def __init__(self, pool: Any, vault: Vault) -> None:
        self._pool = pool
        self._vault = vault

    async def connect(
        self,
        account: AccountInfo,
        token: StoredToken,
        granted: Granted,
        *,
        origin: Origin,
        told: dict[str, Any],
        by: str,
    ) -> Grant:
        """Stores grant, account and token in one transaction, with the audit's row; `told` is what the row says besides
        the account. An earlier grant of the same person to the same application is renewed by it."""
        async with transaction(self._pool) as connection:
            grant = await self._put(connection, account.platform, granted, origin, by)
            await written(
                connection,
                self._vault,
                account,
                token,
                action="account.connect",
                told={**told, "grant": grant.id},
                by=by,
            )
            await connection.execute(
                "update accounts set grant_id = $3 where platform = $1 and name = $2",
                account.platform.value,
                account.name,
                grant.id,
            )
        return grant

    async def of(self, platform: Platform, account: str) -> Grant | None:
        """The grant of an account; None for one that was added by hand."""
        async with transaction(self._pool) as connection:
            row = await connection.fetchrow(
                f"""select {_columns("g")} from accounts a join grants g on g.id = a.grant_id
                    where a.platform = $1 and a.name = $2""",  # noqa: S608
                platform.value,
                account,
            )
        return Grant.model_validate(dict(row)) if row else None

    async def accounts_of(self, grant: Grant) -> Sequence[tuple[Platform, str]]:
        """All accounts that end with the grant: those of every grant by the same person to the same application, since
        taking one back takes all of them back."""
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(
                """select a.platform, a.name from accounts a join grants g on g.id = a.grant_id
                   where g.issuer = $1 and g.client = $2 and g.subject = $3 and g.origin = $4
                   order by a.platform, a.name""",
                grant.issuer,
                grant.client,
                grant.subject,
                grant.origin.value,
            )
        return [(Platform(row["platform"]), row["name"]) for row in rows]

    async def token(self, grant: Grant) -> StoredToken | None:
        """The grant's own token, where it has one besides its accounts'."""
        async with transaction(self._pool) as connection:
            sealed = await connection.fetchval("select sealed_token from grants where id = $1", grant.id)
        if sealed is None:
            return None
        token = StoredToken.model_validate_json(self._vault.open(sealed, _owner(grant)))
        know(token.access_token, token.refresh_token)
        return token

    async def revoked(self, grant: Grant, reason: str, *, by: str) -> None:
        """Notes that the platform has taken the grant back: all its accounts must be connected again."""
        same = (grant.issuer, grant.client, grant.subject, grant.origin.value)
        where = "issuer = $1 and client = $2 and subject = $3 and origin = $4"
        async with transaction(self._pool) as connection:
            await connection.execute(
                f"update grants set revoked_at = now(), sealed_token = null where {where}",  # noqa: S608
                *same,
            )
            rows = await connection.fetch(
                f"""update accounts set needs_authorization = $5, updated_at = now()
                    where grant_id in (select id from grants where {where}) returning platform, name""",  # noqa: S608
                *same,
                reason,
            )
            told = {"accounts": sorted(f"{row['platform']}/{row['name']}" for row in rows), "person": grant.subject}
            await record(connection, "grant.revoke", f"grant/{grant.id}", by=by, after=told)

    async def _put(self, connection: Any, platform: Platform, granted: Granted, origin: Origin, by: str) -> Grant:
        row = await connection.fetchrow(
            f"""insert into grants (platform, origin, issuer, client, subject, subject_name, scopes, granted_by, ends)
                values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                on conflict (platform, origin, issuer, client, subject) do update set
                    subject_name = excluded.subject_name, scopes = excluded.scopes, granted_by = excluded.granted_by,
                    ends = excluded.ends, granted_at = now(), revoked_at = null
                returning {_ROW}""",  # noqa: S608
            *(platform.value, origin.value, granted.issuer, granted.client, granted.subject, granted.subject_name),
            *(list(granted.scopes), by, granted.ends),
        )
        grant = Grant.model_validate(dict(row))
        if granted.kept is not None:
            sealed = self._vault.seal(revealed(granted.kept), _owner(grant))
            await connection.execute("update grants set sealed_token = $2 where id = $1", grant.id, sealed)
        return grant


def _columns(alias: str) -> str:
    return ", ".join(f"{alias}.{name.strip()}" for name in _ROW.split(","))


def _owner(grant: Grant) -> str:
    return f"grant/{grant.id}"
