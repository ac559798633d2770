"""Access tokens out of the vault: renewed before they lapse, by one at a time over all processes.

A renewed token is stored, rotated refresh token and all, before anybody is handed it: refresh tokens of TikTok and X
work once. How each platform renews stands in `renewals`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx

from reelwright.domain.accounts import AccountInfo, StoredToken
from reelwright.domain.errors import NeedsAuthorization
from reelwright.domain.formats import Platform
from reelwright.domain.posting_ports import AccountStore

from .http import again, keep_secrets_out_of_logs
from .renewals import ClientCredentials, Revoked, renew, renewable

EARLY = timedelta(minutes=2)
"""A token with less life left than this is renewed first: a chunk's upload should not outlive its token."""
EARLY_SHARE = 10
"""Or with less than a tenth of its life left: tokens of sixty days are renewed six days ahead."""


@dataclass(frozen=True)
class _Held:
    value: str = field(repr=False)
    fresh_until: datetime | None

    def good(self, now: datetime, rejected: str) -> bool:
        return bool(self.value) and self.value != rejected and (self.fresh_until is None or now < self.fresh_until)


class VaultTokens:
    """The tokens of one platform's accounts. Implements `oauth.AccessTokens`.

    `client` is shared and closed by its owner; `clock` tells aware instants.
    """

    def __init__(
        self,
        client: httpx.AsyncClient,
        accounts: AccountStore,
        platform: Platform,
        credentials: ClientCredentials,
        *,
        retry_wait_s: float = 0.5,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        keep_secrets_out_of_logs()
        self._client = client
        self._accounts = accounts
        self._platform = platform
        self._credentials = credentials
        self._retry_wait_s = retry_wait_s
        self._clock = clock
        self._held: dict[str, _Held] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def info(self, account: str) -> AccountInfo:
        """See `AccessTokens.info`."""
        found = await self._accounts.find(self._platform, account)
        if found is None:
            raise NeedsAuthorization(
                f"{self._platform.label} has no account {account!r} here", field="account", remedy=self._remedy(account)
            )
        return found

    async def access_token(self, account: str, *, rejected: str = "") -> str:
        """See `AccessTokens.access_token`."""
        async with self._locks.setdefault(account, asyncio.Lock()):
            known = self._held.get(account)
            if known and known.good(self._clock(), rejected):
                return known.value
            held = self._taken(await self._stored(account))
            if not held.good(self._clock(), rejected):
                held = await self._renewed(account, rejected)
            self._held[account] = held
            return held.value

    async def _stored(self, account: str) -> StoredToken:
        info = await self.info(account)
        if info.needs_authorization:
            raise self._refusal(account, info.needs_authorization)
        token = await self._accounts.token(self._platform, account)
        if token is None:
            raise self._refusal(account, "it has not been authorised yet")
        return token

    async def _renewed(self, account: str, rejected: str) -> _Held:
        async with self._accounts.exclusive(self._platform, account) as store:
            token = await self._stored(account)  # another process may have been here meanwhile
            held, now = self._taken(token), self._clock()
            if held.good(now, rejected):
                return held
            alive = token.expires_at is None or now < token.expires_at
            if not renewable(token, now):
                if alive and token.access_token.get_secret_value() not in ("", rejected):
                    return _Held(token.access_token.get_secret_value(), token.expires_at)
                raise await self._lapsed(account, "its token has lapsed or was revoked, and cannot be renewed")
            try:
                fresh = await again(
                    lambda: renew(self._client, token, self._credentials, self._platform, now),
                    attempts=3,
                    wait_s=self._retry_wait_s,
                )
            except Revoked as revoked:
                raise await self._lapsed(account, str(revoked)) from None
            await store(fresh)
            return self._taken(fresh)

    def _taken(self, token: StoredToken) -> _Held:
        """When it counts as fresh: its life less the margin, but never less than half of it, or it would loop."""
        value, until, since = token.access_token.get_secret_value(), token.expires_at, token.obtained_at
        if until is None:
            return _Held(value, None)
        life = until - since if since else timedelta(hours=1)
        return _Held(value, until - min(max(EARLY, life / EARLY_SHARE), life / 2))

    async def _lapsed(self, account: str, reason: str) -> NeedsAuthorization:
        await self._accounts.needs_authorization(self._platform, account, reason)
        self._held.pop(account, None)
        return self._refusal(account, reason)

    def _refusal(self, account: str, reason: str) -> NeedsAuthorization:
        return NeedsAuthorization(
            f"{self._platform.label} account {account!r}: {reason}", field="account", remedy=self._remedy(account)
        )

    def _remedy(self, account: str) -> str:
        return f"`reelwright account authorize {self._platform.value} --account {account}`"
