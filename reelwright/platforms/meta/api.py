"""Requests to Meta's Graph API (docs/platforms/instagram.md, docs/platforms/facebook.md), for Instagram and Facebook
alike."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import re
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import httpx

from reelwright.domain.errors import NeedsAuthorization, PlatformTransient, PostRejected, ReelwrightError, SessionLost
from reelwright.domain.formats import Platform
from reelwright.domain.publishing.accounts import AccountInfo

from ..common.caller import Caller
from ..common.http import again, json_body, unreachable
from ..common.oauth import AccessTokens
from .errors import CAP_WAIT_S, Missing, meta_error, read_envelope

VERSION = "v26.0"
"""The newest one (2026-07-29); v21.0 ends 2027-01-21."""
_ID = re.compile(r"[0-9]{1,30}(?:_[0-9]{1,30})?")


def oauth(token: str) -> dict[str, str]:
    """rupload takes `OAuth`, not `Bearer` (docs/platforms/instagram.md#upload)."""
    return {"Authorization": f"OAuth {token}"}


def object_id(value: Any) -> str:
    """An id out of an answer, or "". It becomes part of an address, so it must look like one."""
    return value if isinstance(value, str) and _ID.fullmatch(value) else ""


def checked_id(value: str, field: str) -> str:
    """An id from outside. Raises `PostRejected` when it is none of Meta's."""
    if not _ID.fullmatch(value):
        raise PostRejected(f"{value[:40]!r} is not one of Meta's ids", field=field)
    return value


def succeeded(response: httpx.Response) -> dict[str, Any] | None:
    """The body of a success, or None. `success: false` and an `error` are failures on HTTP 200 too
    (docs/platforms/facebook.md#after-the-post)."""
    body = json_body(response)
    if body is None or not 200 <= response.status_code < 300 or "error" in body or "debug_info" in body:
        return None
    return body if body.get("success", True) is not False else None


class Graph:
    """One platform's requests with the account's token. `app_secret` makes every call carry an `appsecret_proof`,
    which an app can be set to require; `retry_wait_s` is the first pause between tries of a call that may be
    repeated; `cap_wait_s` is when to ask again after a rolling quota was spent."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        tokens: AccessTokens,
        platform: Platform,
        *,
        api_url: str,
        version: str = VERSION,
        app_secret: str = "",
        retry_wait_s: float = 1.0,
        cap_wait_s: float = CAP_WAIT_S,
        clock: Callable[[], datetime],
    ) -> None:
        self._client = client
        self._tokens = tokens
        self._platform = platform
        self.label = platform.label
        self.api_url = api_url.rstrip("/")
        self._version = version.strip("/")
        self._app_secret = app_secret
        self.retry_wait_s = retry_wait_s
        self._cap_wait_s = cap_wait_s
        self.now = clock

    async def owner(self, account: str) -> tuple[str, AccountInfo]:
        """The account's id on Meta (Instagram user or page), and what else is known of it."""
        info = await self._tokens.info(account)
        if not object_id(info.external_id):
            what = "Instagram user id" if self._platform is Platform.INSTAGRAM else "page id"
            raise NeedsAuthorization(
                f"{account!r} has no {what}", field="account", remedy=f"give its {what} as the account's external id"
            )
        return info.external_id, info

    def url(self, path: str, base: str = "") -> str:
        """The address of a node or an edge."""
        return f"{base.rstrip('/') or self.api_url}/{self._version}/{path}"

    async def send(self, account: str, method: str, url: str, *, upload: bool = False, **rest: Any) -> httpx.Response:
        """The response of any status. `upload` is for rupload, which authorises in its own way.

        Raises `httpx.HTTPError` when none came, and `NeedsAuthorization` with Meta's own reason when the token is
        invalid and there is no other."""
        refusals: list[httpx.Response] = []

        def refused(response: httpx.Response) -> bool:
            envelope = read_envelope(response)
            if envelope is None or not envelope.dead_token:
                return False
            refusals.append(response)
            return True

        own: dict[str, Any] = {"authorise": oauth} if upload else {"sign": self._proof if self._app_secret else None}
        caller = Caller(self._client, self._tokens, refused=refused, **own)
        try:
            return await caller.request(account, method, url, **rest)
        except NeedsAuthorization as error:
            if refusals:
                raise self.error(refusals[-1], "the account's token") from error
            raise

    def _proof(self, token: str) -> dict[str, str]:
        digest = hmac.new(self._app_secret.encode(), token.encode(), hashlib.sha256)
        return {"appsecret_proof": digest.hexdigest()}

    def error(self, response: httpx.Response, doing: str, *, writing: bool = True) -> ReelwrightError:
        """The typed error of an answer that is not a success."""
        return meta_error(
            response, self.now(), platform=self.label, doing=doing, cap_wait_s=self._cap_wait_s, writing=writing
        )

    async def once(self, account: str, method: str, url: str, doing: str, **rest: Any) -> dict[str, Any]:
        """The body of a success; everything else is a typed error."""
        try:
            response = await self.send(account, method, url, **rest)
        except httpx.HTTPError as error:
            raise unreachable(self.label, error) from None
        body = succeeded(response)
        if body is None:
            raise self.error(response, doing, writing=method != "GET")
        return body

    async def get(self, account: str, path: str, doing: str, **params: str) -> dict[str, Any]:
        """Reads a node or an edge, a few times if need be."""
        return await again(
            lambda: self.once(account, "GET", self.url(path), doing, params=params),
            attempts=3,
            wait_s=self.retry_wait_s,
        )

    async def find(self, account: str, path: str, doing: str, **params: str) -> dict[str, Any] | None:
        """`get`, but None when Meta answers that there is no such object (100/33). It does so for existing objects too,
        so the request is repeated a few times (docs/platforms/instagram.md#processing)."""
        try:
            return await self.get(account, path, doing, **params)
        except Missing:
            return None

    async def post(self, account: str, path: str, doing: str, form: dict[str, str], **rest: Any) -> dict[str, Any]:
        """Changes something that may be changed again, a few times if need be."""
        return await again(
            lambda: self.once(account, "POST", self.url(path), doing, data=form, **rest),
            attempts=3,
            wait_s=self.retry_wait_s,
        )

    async def pages(
        self, account: str, path: str, doing: str, pages: int, **params: str
    ) -> AsyncIterator[dict[str, Any]]:
        """The items of a list, page after page, at most `pages` of them."""
        cursor: dict[str, str] = {}
        for _ in range(pages):
            body = await self.get(account, path, doing, **params, **cursor)
            for item in items_of(body):
                yield item
            after = under(body, "paging", "cursors", "after")
            if not isinstance(after, str) or not after or not under(body, "paging", "next"):
                return
            cursor = {"after": after}


def trusted(uri: str, api_url: str) -> str:
    """An upload's address that may be sent the account's token: on the API's own host, or one of Facebook's over
    HTTPS. Raises `SessionLost` for any other."""
    try:
        there, home = urlsplit(uri), urlsplit(api_url)
        same = (there.scheme, there.hostname, there.port) == (home.scheme, home.hostname, home.port)
        metas = (
            there.scheme == "https" and there.port in (None, 443) and (there.hostname or "").endswith(".facebook.com")
        )
    except ValueError:
        same = metas = False
    if not (same or metas):
        raise SessionLost("the upload's address is not one of Meta's", field="upload", remedy="a new upload is begun")
    return uri


@contextlib.contextmanager
def beginning() -> Iterator[None]:
    """Around the making of an upload: there is none yet that could be lost, so it is only made again."""
    try:
        yield
    except SessionLost as lost:
        raise PlatformTransient(lost.message, field="upload", remedy="it is tried again") from lost


def under(item: Any, *path: str) -> Any:
    """What lies under a path of names, or None."""
    for name in path:
        item = item.get(name) if isinstance(item, dict) else None
    return item


def items_of(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The items of a list answer that are objects."""
    data = body.get("data")
    return [item for item in data if isinstance(item, dict)] if isinstance(data, list) else []
