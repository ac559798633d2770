"""The `accounts` table: who posts where, with sealed tokens. Implements `domain.ports.publishing.AccountStore`."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from reelwright.domain.errors import InvalidInput, ProviderUnavailable
from reelwright.domain.formats import Platform
from reelwright.domain.ids import ACCOUNT
from reelwright.domain.publishing.accounts import AccountInfo, StoredToken
from reelwright.domain.redaction import know, redact

from .audit import record
from .database import database_errors, transaction
from .vault import Vault

_log = logging.getLogger(__name__)

REASON_CHARS = 500
STORE_PATIENCE_S = 60.0
"""How long a renewed token is tried to be stored while the database is away: a single-use refresh token that is lost
can only be replaced by a person."""
_ROW = "platform, name, external_id, options, needs_authorization"


class PostgresAccountStore:
    """`pool` is an `asyncpg.Pool` of at least two connections; at most a quarter of it is ever held by `exclusive`."""

    def __init__(self, pool: Any, vault: Vault) -> None:
        self._pool = pool
        self._vault = vault
        self._locks: dict[str, asyncio.Lock] = {}
        self._renewals = asyncio.Semaphore(max(1, pool.get_max_size() // 4))

    async def put(self, account: AccountInfo, token: StoredToken | None = None, *, by: str = "") -> None:
        """Makes or changes an account; without `token` its tokens, and what is noted of them, stay as they are. `by`:
        who does it, for the audit."""
        async with transaction(self._pool) as connection:
            await written(connection, self._vault, account, token, by=by)

    async def find(self, platform: Platform, name: str) -> AccountInfo | None:
        """The account, or None."""
        async with transaction(self._pool) as connection:
            return await _found(connection, platform, name)

    async def list(self, platform: Platform | None = None) -> Sequence[AccountInfo]:
        """The accounts, by platform and name."""
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(
                f"select {_ROW} from accounts where $1::text is null or platform = $1 order by platform, name",  # noqa: S608
                platform.value if platform else None,
            )
        return [_account(row) for row in rows]

    async def remove(self, platform: Platform, name: str, *, by: str = "") -> bool:
        """Whether there was one to remove; its tokens go with it."""
        async with transaction(self._pool) as connection:
            before = await _found(connection, platform, name)
            gone = await connection.fetchval(
                "delete from accounts where platform = $1 and name = $2 returning true", platform.value, name
            )
            if gone:
                # The last account of a grant takes its token along; the grant itself stays on record.
                await connection.execute(
                    """update grants set sealed_token = null where sealed_token is not null
                       and not exists (select from accounts a where a.grant_id = grants.id)"""
                )
                await record(connection, "account.remove", _owner(platform, name), by=by, before=_audited(before))
        return bool(gone)

    async def token(self, platform: Platform, name: str) -> StoredToken | None:
        """The account's tokens. Raises `InvalidInput` when they do not open with the keys there are."""
        async with transaction(self._pool) as connection:
            sealed = await connection.fetchval(
                "select sealed_token from accounts where platform = $1 and name = $2", platform.value, name
            )
        if sealed is None:
            return None
        token = StoredToken.model_validate_json(self._vault.open(sealed, _owner(platform, name)))
        know(token.access_token, token.refresh_token)
        return token

    async def needs_authorization(self, platform: Platform, name: str, reason: str) -> None:
        """Notes that a person must authorise the account anew; a later `put` with a token clears it."""
        async with transaction(self._pool) as connection:
            await connection.execute(
                """update accounts set needs_authorization = $3, updated_at = now()
                   where platform = $1 and name = $2""",
                platform.value,
                name,
                redact(reason).replace("\0", "")[:REASON_CHARS] or "authorise it again",
            )

    @asynccontextmanager
    async def exclusive(self, platform: Platform, name: str) -> AsyncIterator[Callable[[StoredToken], Awaitable[None]]]:
        """One holder per account over all processes. Yields a function that stores a renewed token at once; the
        holder reads `token` again first, since another may have renewed it meanwhile.

        An advisory lock on a connection of its own: PostgreSQL releases it when the holder's process ends. Raises
        `ProviderUnavailable` when another holds it for a minute.
        """
        owner = _owner(platform, name)

        async def store(token: StoredToken) -> None:
            await self._store_surely(platform, name, token)

        # First in line within this process, so that waiting tasks do not take all the connections.
        async with self._locks.setdefault(owner, asyncio.Lock()), self._renewals:
            with database_errors():
                connection = await self._pool.acquire()
            try:
                with database_errors():
                    await connection.execute("select pg_advisory_lock(hashtextextended($1, 0))", _lock_name(owner))
                yield store
            finally:
                await self._let_go(connection)

    async def reseal(self, *, by: str = "") -> int:
        """Encrypts every token under the newest key, after which older keys may be forgotten; how many there were."""
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(
                """select platform, name, sealed_token from accounts where sealed_token is not null
                   order by platform, name for update"""
            )
            for row in rows:
                owner = f"{row['platform']}/{row['name']}"
                await connection.execute(
                    "update accounts set sealed_token = $3 where platform = $1 and name = $2",
                    row["platform"],
                    row["name"],
                    self._vault.seal(self._vault.open(row["sealed_token"], owner), owner),
                )
            await self._reseal_grants(connection)
            await record(connection, "account.reseal", "accounts", by=by, after={"accounts": len(rows)})
        return len(rows)

    async def _reseal_grants(self, connection: Any) -> None:
        """What connecting has sealed (`grants`, `connecting`). What is still under way is begun again."""
        await connection.execute("delete from connections")
        for row in await connection.fetch(
            "select id, sealed_token from grants where sealed_token is not null for update"
        ):
            owner = f"grant/{row['id']}"
            sealed = self._vault.seal(self._vault.open(row["sealed_token"], owner), owner)
            await connection.execute("update grants set sealed_token = $2 where id = $1", row["id"], sealed)

    async def _let_go(self, connection: Any) -> None:
        """Gives the connection back, which unlocks all it had locked. One that broke has let go by itself."""
        try:
            with database_errors():
                await self._pool.release(connection)
        except ProviderUnavailable as error:
            _log.info("the connection of a token's lock was lost: %s", error)

    async def _store_surely(self, platform: Platform, name: str, token: StoredToken) -> None:
        """Committed when it returns. An account that was removed meanwhile stays removed."""
        from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_exponential_jitter

        sealed = _sealed(self._vault, platform, name, token)
        async for attempt in AsyncRetrying(
            retry=retry_if_exception_type(ProviderUnavailable),
            stop=stop_after_delay(STORE_PATIENCE_S),
            wait=wait_exponential_jitter(multiplier=0.1, max=5),
            reraise=True,
        ):
            with attempt:
                async with transaction(self._pool) as connection:
                    await connection.execute(
                        """update accounts set sealed_token = $3, token_changed_at = now(), updated_at = now()
                           where platform = $1 and name = $2""",
                        platform.value,
                        name,
                        sealed,
                    )


async def written(
    connection: Any,
    vault: Vault,
    account: AccountInfo,
    token: StoredToken | None,
    *,
    action: str = "",
    told: dict[str, Any] | None = None,
    by: str,
) -> None:
    """Makes or changes an account within a transaction, with the audit's row; `action` is what that calls it, `told`
    what it says besides. Raises `InvalidInput`."""
    _check(account)
    sealed = _sealed(vault, account.platform, account.name, token) if token else None
    before = await _found(connection, account.platform, account.name)
    await connection.execute(
        """insert into accounts (platform, name, external_id, options, sealed_token, token_changed_at)
           values ($1, $2, $3, $4, $5::text, case when $5::text is null then null else now() end)
           on conflict (platform, name) do update set
               external_id = excluded.external_id, options = excluded.options, updated_at = now(),
               sealed_token = coalesce(excluded.sealed_token, accounts.sealed_token),
               token_changed_at = coalesce(excluded.token_changed_at, accounts.token_changed_at),
               grant_id = case when excluded.sealed_token is null then accounts.grant_id end,
               needs_authorization = case when excluded.sealed_token is null
                                     then accounts.needs_authorization else '' end""",
        account.platform.value,
        account.name,
        account.external_id,
        json.dumps(account.options, ensure_ascii=False),
        sealed,
    )
    usual = "account.add" if before is None else "account.authorize" if token else "account.change"
    after = {**(_audited(account, token) or {}), **(told or {})}
    owner = _owner(account.platform, account.name)
    await record(connection, action or usual, owner, by=by, before=_audited(before), after=after)


def _check(account: AccountInfo) -> None:
    if not re.fullmatch(ACCOUNT, account.name):
        raise InvalidInput(
            f"{account.name[:80]!r} is not a name for an account",
            field="account",
            remedy="use up to 64 letters, digits, dots, hyphens and underscores",
        )
    if "\0" in account.external_id + json.dumps(account.options, ensure_ascii=False):
        raise InvalidInput("it holds a null character", field="options", remedy="leave it out")


def _sealed(vault: Vault, platform: Platform, name: str, token: StoredToken) -> str:
    know(token.access_token, token.refresh_token)
    plain = token.model_dump(mode="json") | {
        "access_token": token.access_token.get_secret_value(),
        "refresh_token": token.refresh_token.get_secret_value(),
    }
    return vault.seal(json.dumps(plain), _owner(platform, name))


def _owner(platform: Platform, name: str) -> str:
    return f"{platform.value}/{name}"


def _lock_name(owner: str) -> str:
    return f"reelwright/token/{owner}"


async def _found(connection: Any, platform: Platform, name: str) -> AccountInfo | None:
    row = await connection.fetchrow(
        f"select {_ROW} from accounts where platform = $1 and name = $2",  # noqa: S608
        platform.value,
        name,
    )
    return _account(row) if row else None


def _audited(account: AccountInfo | None, token: StoredToken | None = None) -> dict[str, Any] | None:
    """An account as the audit has it: nothing of its tokens but where they come from and until when they are valid."""
    if account is None:
        return None
    options = {name: value for name, value in account.options.items() if name != "seed"}  # made of a token
    told: dict[str, Any] = {"external_id": account.external_id, "options": options}
    if token is not None:
        expires = token.expires_at.isoformat() if token.expires_at else None
        told["token"] = {"origin": token.origin.value, "flow": token.flow, "expires_at": expires}
    return told


def _account(row: Any) -> AccountInfo:
    return AccountInfo.model_validate(dict(row) | {"options": json.loads(row["options"])})
