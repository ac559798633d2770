"""Requests with an account's token; one that the platform refuses is renewed once, and the same request made again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx

from reelwright.domain.redaction import know

from .http import keep_secrets_out_of_logs
from .oauth import AccessTokens

TIMEOUT = httpx.Timeout(connect=15, read=120, write=60, pool=120)
"""The answer to a chunk comes only when it is stored, hence the long read."""


def bearer(token: str) -> dict[str, str]:
    """The usual header."""
    return {"Authorization": f"Bearer {token}"}


def unauthorized(response: httpx.Response) -> bool:
    """The usual sign of an invalid token."""
    return response.status_code == 401


class Caller:
    """One platform's requests. `client` is shared and closed by its owner; redirects are not followed.

    `refused` decides whether an answer means an invalid token: some platforms use other codes than 401 for it. `sign`
    makes query parameters out of the token (Meta's `appsecret_proof`).
    """

    def __init__(
        self,
        client: httpx.AsyncClient,
        tokens: AccessTokens,
        *,
        refused: Callable[[httpx.Response], bool] = unauthorized,
        authorise: Callable[[str], dict[str, str]] = bearer,
        sign: Callable[[str], dict[str, str]] | None = None,
    ) -> None:
        keep_secrets_out_of_logs()
        self.tokens = tokens
        self._client = client
        self._refused = refused
        self._authorise = authorise
        self._sign = sign

    async def request(
        self, account: str, method: str, url: str, *, headers: dict[str, str] | None = None, **rest: Any
    ) -> httpx.Response:
        """The response of any status. Raises `httpx.HTTPError` when none came, and what `AccessTokens` raises.

        A body must be one that can be sent twice (bytes, JSON, a form, `feed.Pieces`)."""

        async def once(token: str) -> httpx.Response:
            know(token)  # the answer may quote it
            authorised = {**(headers or {}), **self._authorise(token)}
            options: dict[str, Any] = {"timeout": TIMEOUT, "follow_redirects": False, **rest}
            if self._sign:
                signed = self._sign(token)
                know(*signed.values())
                options["params"] = {**options.get("params", {}), **signed}
            return await self._client.request(method, url, headers=authorised, **options)

        token = await self.tokens.access_token(account)
        response = await once(token)
        if self._refused(response):
            response = await once(await self.tokens.access_token(account, rejected=token))
        return response
