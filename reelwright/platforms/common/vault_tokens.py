"""Access tokens from the vault: renewed before they expire, by one process at a time.

A renewed token is stored with its rotated refresh token before it is returned to a caller: refresh tokens of TikTok and
X work once. The vault is read for every request, so that a token which a person has stored there is used at once, by
every process. How each platform renews is in `renewals`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx

from reelwright.domain.errors import NeedsAuthorization, PlatformTransient
from reelwright.domain.formats import Platform
from reelwright.domain.origins import Origin, origin_of
from reelwright.domain.ports.ledgers import AccountStore
from reelwright.domain.publishing.accounts import AccountInfo, StoredToken, authorize_command, unknown_account
from reelwright.domain.redaction import know

from .http import again, keep_secrets_out_of_logs
from .renewals import Revoked, renew, renewable
from .sign_in import ClientCredentials

EARLY = timedelta(minutes=2)
"""A token with less life left than this is renewed first: a chunk's upload should not outlive its token."""
EARLY_SHARE = 10
"""Or with less than a tenth of its life left: tokens of sixty days are renewed six days ahead."""


class VaultTokens:
    """The tokens of one platform's accounts. Implements `oauth.AccessTokens`.

    `client` is shared and closed by its owner; `clock` returns aware instants. `origin` is the origin of the addresses
    behind `client` and of `credentials`, the platform or the sandbox: a token of the other origin is never returned.
    """

    def __init__(
        self,
        client: httpx.AsyncClient,
        accounts: AccountStore,
        platform: Platform,
        credentials: ClientCredentials,
        *,
        origin: Origin,
        retry_wait_s: float = 0.5,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        keep_secrets_out_of_logs()
        know(credentials.client_secret, lasting=True)
        self._client = client
        self._accounts = accounts
        self._platform = platform
        self._credentials = credentials
        self._origin = origin
        self._retry_wait_s = retry_wait_s
        self._clock = clock
        self._refused: dict[str, str] = {}
        self._renewals: set[asyncio.Task[StoredToken]] = set()

    async def info(self, account: str) -> AccountInfo:
        """See `AccessTokens.info`."""
        found = await self._accounts.find(self._platform, account)
        if found is None:
            raise unknown_account(self._platform, account)
        return found

    async def access_token(self, account: str, *, rejected: str = "") -> str:
        """See `AccessTokens.access_token`."""
        if rejected:
            self._refused[account] = rejected
        token = await self._stored(account)
        if not self._fresh(account, token):
            # A renewal that has begun is finished even when its caller was cancelled: the refresh token that it used
            # is invalid now, and the new one must not be lost with a cancelled activity.
            renewal = asyncio.create_task(self._renewed(account))
            self._renewals.add(renewal)
            renewal.add_done_callback(self._renewals.discard)
            token = await asyncio.shield(renewal)
        return token.access_token.get_secret_value()

    async def _stored(self, account: str) -> StoredToken:
        info = await self.info(account)
        if info.needs_authorization:
            raise self._refusal(account, info.needs_authorization)
        token = await self._accounts.token(self._platform, account)
        if token is None:
            raise self._refusal(account, "it has not been authorised yet")
        if (origin := origin_of(self._platform, token)) is not self._origin:
            raise self._out_of_place(account, origin)
        return token

    async def _renewed(self, account: str) -> StoredToken:
        async with self._accounts.exclusive(self._platform, account) as store:
            token = await self._stored(account)  # another process may have been here meanwhile
            if self._fresh(account, token):
                return token
            if not renewable(token, self._credentials, self._clock()):
                if self._alive(account, token):
                    return token
                raise await self._lapsed(account, "its token has lapsed or was revoked, and cannot be renewed")
            try:
                fresh = await self._renew(token)
            except Revoked as revoked:
                latest = await self._stored(account)
                if latest != token and self._alive(account, latest):  # a person has been quicker
                    return latest
                raise await self._lapsed(account, str(revoked)) from None
            except PlatformTransient:
                if self._alive(account, token):  # renewed early, and there is time yet
                    return token
                raise
            await store(fresh)
            return fresh

    async def _renew(self, token: StoredToken) -> StoredToken:
        now = self._clock()
        return await again(
            lambda: renew(self._client, token, self._credentials, self._platform, now),
            attempts=3,
            wait_s=self._retry_wait_s,
        )

    def _alive(self, account: str, token: StoredToken) -> bool:
        """Whether it can still be used, as far as is known."""
        usable = token.access_token.get_secret_value() not in ("", self._refused.get(account, ""))
        return usable and (token.expires_at is None or self._clock() < token.expires_at)

    def _fresh(self, account: str, token: StoredToken) -> bool:
        """Whether it has more life left than the margin, which is never more than half of it, or it would loop."""
        if token.expires_at is None:
            return self._alive(account, token)
        life = token.expires_at - token.obtained_at if token.obtained_at else timedelta(hours=1)
        margin = min(max(EARLY, life / EARLY_SHARE), life / 2)
        return self._alive(account, token) and self._clock() < token.expires_at - margin

    def _out_of_place(self, account: str, origin: Origin) -> NeedsAuthorization:
        """Its token would be sent where it does not belong. Nothing is noted: other workers may be set otherwise."""
        label = self._platform.label
        if origin is Origin.REAL:
            return NeedsAuthorization(
                f"{label} account {account!r}: its token is {label}'s own, and {label} is played by the sandbox here",
                field="account",
                remedy=f"set the {label} application's credentials and start the workers again, or remove the account",
            )
        if origin is Origin.SANDBOX:
            return self._refusal(account, f"its token is the sandbox's, and posts go to the real {label} here")
        reason = "an earlier release stored its token, and whether that is the sandbox's is not known"
        return self._refusal(account, reason)

    async def _lapsed(self, account: str, reason: str) -> NeedsAuthorization:
        await self._accounts.needs_authorization(self._platform, account, reason)
        return self._refusal(account, reason)

    def _refusal(self, account: str, reason: str) -> NeedsAuthorization:
        remedy = authorize_command(self._platform, account)
        return NeedsAuthorization(
            f"{self._platform.label} account {account!r}: {reason}", field="account", remedy=remedy
        )
