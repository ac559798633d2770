"""Access tokens: short-lived, refreshed before they lapse, never logged."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

import httpx

from reelwright.domain.accounts import AccountInfo
from reelwright.domain.errors import NeedsAuthorization, PlatformTransient
from reelwright.domain.formats import Platform

from .http import again, body_kind, json_body, keep_secrets_out_of_logs, readable, retry_after, unreachable

GOOGLE_TOKEN_URL = "https://oauth2.googleapis.com/token"  # noqa: S105
EARLY_S = 120.0
"""A token with less life left than this is refreshed first: a chunk's upload should not outlive its token."""
DEFAULT_LIFE_S = 3_599.0
"""Google's usual `expires_in` (platform_apis.md 1.6), should an answer not name one."""
_REAUTHORISE = "authorise the account again"


class AccessTokens(Protocol):
    """Where an adapter gets its bearer tokens."""

    async def access_token(self, account: str, *, rejected: str = "") -> str:
        """A token for the account. `rejected` is one the platform has just refused, and is never returned again.

        Raises `NeedsAuthorization` when a person must act and `PlatformTransient` when it is worth trying again."""
        ...

    async def info(self, account: str) -> AccountInfo:
        """The account, without its secrets. Raises `NeedsAuthorization` when there is none of that name."""
        ...


@dataclass(frozen=True)
class _Token:
    value: str = field(repr=False)
    fresh_until: float


class RefreshingTokens:
    """OAuth's refresh grant (RFC 6749, 6) as Google speaks it.

    `refresh_tokens` maps account names to refresh tokens. One refresh at a time per account: whoever waits takes what
    the first one got. `clock` counts seconds and need not know the date.
    """

    def __init__(
        self,
        client: httpx.AsyncClient,
        refresh_tokens: Mapping[str, str],
        *,
        client_id: str,
        client_secret: str,
        token_url: str = GOOGLE_TOKEN_URL,
        early_s: float = EARLY_S,
        retry_wait_s: float = 0.5,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        keep_secrets_out_of_logs()
        self._client = client
        self._refresh_tokens = dict(refresh_tokens)
        self._client_id = client_id
        self._client_secret = client_secret
        self._token_url = token_url
        self._early_s = early_s
        self._retry_wait_s = retry_wait_s
        self._clock = clock
        self._tokens: dict[str, _Token] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def access_token(self, account: str, *, rejected: str = "") -> str:
        """See `AccessTokens.access_token`."""
        if account not in self._refresh_tokens:
            raise NeedsAuthorization(
                f"{account!r} has not been authorised", field="account", remedy="authorise it first"
            )
        async with self._locks.setdefault(account, asyncio.Lock()):
            known = self._tokens.get(account)
            if known and known.value != rejected and self._clock() < known.fresh_until:
                return known.value
            self._tokens.pop(account, None)
            token = await again(lambda: self._refresh(account), attempts=3, wait_s=self._retry_wait_s)
            self._tokens[account] = token
            return token.value

    async def info(self, account: str) -> AccountInfo:
        """See `AccessTokens.info`."""
        return AccountInfo(platform=Platform.YOUTUBE, name=account)

    async def _refresh(self, account: str) -> _Token:
        form = {
            "grant_type": "refresh_token",
            "refresh_token": self._refresh_tokens[account],
            "client_id": self._client_id,
            "client_secret": self._client_secret,
        }
        asked = self._clock()
        try:
            response = await self._client.post(self._token_url, data=form)
        except httpx.HTTPError as error:
            raise unreachable("Google's sign-in", error) from None
        body = json_body(response)
        if response.status_code == 200 and body and isinstance(value := body.get("access_token"), str) and value:
            rotated = body.get("refresh_token")
            if isinstance(rotated, str) and rotated:
                self._refresh_tokens[account] = rotated
            return _Token(value, asked + self._life(body.get("expires_in")))
        raise self._refusal(account, response)

    def _life(self, expires_in: object) -> float:
        """Seconds the token counts as fresh: its life less the margin, but never none, or it would loop."""
        known = isinstance(expires_in, int | float) and not isinstance(expires_in, bool) and expires_in > 0
        life = float(expires_in) if known else DEFAULT_LIFE_S  # type: ignore[arg-type]
        return max(life - self._early_s, life / 2)

    def _refusal(self, account: str, response: httpx.Response) -> Exception:
        """The errors of RFC 6749, 5.2. Only the error's name and description are shown, which hold no secret."""
        body = json_body(response) or {}
        name = body.get("error") if isinstance(body.get("error"), str) else ""
        description = body.get("error_description")
        why = readable(description) if isinstance(description, str) else name
        if name == "invalid_grant":
            return NeedsAuthorization(
                f"Google no longer accepts the authorisation of {account!r} ({why})",
                field="account",
                remedy=_REAUTHORISE,
            )
        if name in ("invalid_client", "unauthorized_client", "invalid_scope"):
            return NeedsAuthorization(
                f"Google does not accept the application's own credentials ({name})",
                field="client_id",
                remedy="check the client id and secret",
            )
        if name and response.status_code in (400, 401, 403):
            return NeedsAuthorization(
                f"Google refused to renew the sign-in ({name})", field="account", remedy=_REAUTHORISE
            )
        told = f"HTTP {response.status_code} with {body_kind(response) if not body else name or 'an error'}"
        return PlatformTransient(
            f"Google's sign-in answered {told}",
            field="account",
            remedy="it is tried again",
            retry_after_s=retry_after(response, datetime.now(UTC)),
        )
