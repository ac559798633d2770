"""LinkedIn's REST conventions (docs/platforms/linkedin.md): versioned headers, percent-encoded URNs, typed errors."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import httpx

from reelwright.domain.errors import InvalidInput, NeedsAuthorization, PostRejected, ReelwrightError
from reelwright.domain.publishing.posting import PostDraft

from ..common.caller import Caller
from ..common.http import again, body_kind, json_body, unreachable
from ..common.oauth import AccessTokens
from .errors import linkedin_error, read_problem
from .post import AUTHOR, urn
from .upload import odd

NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
"""No connection: the request certainly did not leave."""


def utc_now() -> datetime:
    """The usual clock."""
    return datetime.now(UTC)


class LinkedInApi:
    """Requests of one application. `version` is the `LinkedIn-Version` header (YYYYMM, each is served for about a
    year). Raises `InvalidInput` for one that is none."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        tokens: AccessTokens,
        *,
        url: str,
        version: str,
        retry_wait_s: float = 1.0,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        if not re.fullmatch(r"20\d{4}(\.\d{2})?", version):
            raise InvalidInput(f"{version[:20]!r} is no version", field="linkedin_version", remedy="write it as YYYYMM")
        self.client = client
        self.tokens = tokens
        self.url = url.rstrip("/")
        self.retry_wait_s = retry_wait_s
        self._version = version
        self._clock = clock
        self._caller = Caller(client, tokens)

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._clock().timestamp()

    async def author(self, draft: PostDraft) -> str:
        """The account's URN. Raises `NeedsAuthorization` when it has none."""
        info = await self.tokens.info(draft.account)
        author = urn(info.external_id, AUTHOR)
        if not author:
            raise NeedsAuthorization(
                f"{draft.account!r} has no LinkedIn URN ({info.external_id[:60]!r})",
                field="account",
                remedy="store it as urn:li:person:… or urn:li:organization:…",
            )
        if draft.privacy == "connections" and author.startswith("urn:li:organization:"):
            raise PostRejected("a page has no connections", field="privacy", remedy="use public")
        return author

    async def call(self, account: str, method: str, path: str, restli_method: str, **rest: Any) -> httpx.Response:
        """The response to one request, of any status. Raises `httpx.HTTPError` when none came."""
        headers = {
            "LinkedIn-Version": self._version,
            "X-Restli-Protocol-Version": "2.0.0",
            "X-RestLi-Method": restli_method,
        }
        return await self._caller.request(account, method, self.url + path, headers=headers, **rest)

    def error(
        self, response: httpx.Response, doing: str, author: str = "", *, reading: bool = False
    ) -> ReelwrightError:
        """The typed error of an answer that is not a success."""
        return linkedin_error(response, self._clock(), doing=doing, author=author, reading=reading)

    async def answer(
        self,
        account: str,
        method: str,
        path: str,
        restli_method: str,
        *,
        doing: str,
        author: str = "",
        gone: bool = False,
        tries: int = 3,
        **rest: Any,
    ) -> httpx.Response:
        """A successful answer (with `gone`, also a 404 in LinkedIn's own words), or the typed error. Only for what may
        be repeated: it is tried `tries` times."""

        async def once() -> httpx.Response:
            try:
                response = await self.call(account, method, path, restli_method, **rest)
            except httpx.HTTPError as error:
                raise unreachable("LinkedIn", error) from None
            if response.status_code in (200, 201, 204):
                return response
            if gone and response.status_code == 404 and read_problem(response):
                return response
            raise self.error(response, doing, author, reading=method == "GET")

        return await again(once, attempts=tries, wait_s=self.retry_wait_s)

    async def action(self, account: str, path: str, body: dict[str, Any], doing: str, author: str) -> httpx.Response:
        """A Rest.li action that may be repeated."""
        return await self.answer(account, "POST", path, "ACTION", doing=doing, author=author, tries=4, json=body)

    async def get(self, account: str, path: str, restli_method: str, author: str, **rest: Any) -> dict[str, Any] | None:
        """A JSON object, or None when there is no such thing."""
        response = await self.answer(
            account, "GET", path, restli_method, doing="reading it back", author=author, gone=True, **rest
        )
        if response.status_code == 404:
            return None
        found = json_body(response)
        if found is None:
            raise odd(f"answered a reading with {body_kind(response)}")
        return found

    async def read(self, account: str, resource: str, name: str, author: str) -> dict[str, Any] | None:
        """One entity by its URN, which is checked before."""
        return await self.get(account, f"/rest/{resource}/{quote(name, safe='')}", "GET", author)
