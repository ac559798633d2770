"""X's API v2 as calls that answer data or raise a typed error; nothing of what a post is."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from reelwright.domain.errors import NeedsAuthorization, PlatformTransient, PostRejected
from reelwright.domain.publishing.quota import QuotaReading

from ..common.caller import Caller
from ..common.http import again, body_kind, json_body, unreachable
from ..common.oauth import AccessTokens
from ..common.source import Pieces
from .errors import Window, windows_of, x_error
from .post import ID, data_of, id_of

PAGE = 100
"""Posts to a page, the most X gives."""
PAGES = 10
"""So many pages are read at most; an account's newest thousand posts."""
_FIELDS = {
    "tweet.fields": "attachments,conversation_id,created_at,note_tweet",
    "post.fields": "attachments,conversation_id,created_at,note_post",
}
"""X is renaming tweets to posts: its own client of 2026 uses the second name, all others the first."""


@dataclass(frozen=True)
class Found:
    """The result of a search in the account's own timeline. `complete`: all posts since then were read; `reason`: why
    they were not."""

    post: dict[str, Any] | None
    complete: bool
    reason: str = ""


class XApi:
    """Requests of all accounts. The limits that X last reported for an account are kept in memory."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        tokens: AccessTokens,
        api_url: str,
        *,
        fields_name: str,
        retry_wait_s: float,
        clock: Callable[[], datetime],
    ) -> None:
        self._caller = Caller(client, tokens)
        self._tokens = tokens
        self._api_url = api_url.rstrip("/")
        self._fields = {fields_name: _FIELDS[fields_name], "expansions": "attachments.media_keys"}
        self._retry_wait_s = retry_wait_s
        self._users: dict[str, str] = {}
        self._windows: dict[str, dict[str, Window]] = {}
        self.clock = clock

    async def send(self, account: str, method: str, path: str, **rest: Any) -> httpx.Response:
        """One request, without retries; returns the response of any status. Raises `httpx.HTTPError` when none came."""
        response = await self._caller.request(account, method, self._api_url + path, **rest)
        if (method, path) == ("POST", "/2/tweets"):
            self._windows.setdefault(account, {}).update(windows_of(response))
        return response

    async def call(
        self,
        account: str,
        method: str,
        path: str,
        doing: str,
        *,
        attempts: int = 3,
        upload: bool = False,
        missing: bool = False,
        **rest: Any,
    ) -> dict[str, Any]:
        """The body of a successful answer, an empty one where there is none; for calls that may be repeated.

        `missing` lets a 404 pass as an empty answer, `upload` reads errors as those of an upload that was begun."""

        async def once() -> dict[str, Any]:
            try:
                response = await self.send(account, method, path, **rest)
            except httpx.HTTPError as error:
                raise unreachable("X", error) from None
            if missing and response.status_code == 404 and json_body(response) is not None:
                return {}
            if not 200 <= response.status_code < 300:
                raise x_error(response, self.clock(), doing=doing, upload=upload)
            body = json_body(response)
            if body is None and response.status_code != 204 and response.content.strip():
                raise PlatformTransient(f"{doing} gave {body_kind(response)}", field="x", remedy="it is tried again")
            return body or {}

        return await again(once, attempts=attempts, wait_s=self._retry_wait_s)

    async def user_id(self, account: str) -> str:
        """The account's numeric id; requested once from X where it is not on record."""
        given = (await self._tokens.info(account)).external_id
        if re.fullmatch(ID, given):
            return given
        if account not in self._users:
            given = id_of(data_of(await self.call(account, "GET", "/2/users/me", "asking who the account is")))
            if not given:
                raise NeedsAuthorization(
                    "X does not tell which user the account is", field="account", remedy="authorise the account again"
                )
            self._users[account] = given
        return self._users[account]

    async def find(self, account: str, since: datetime | None, wanted: Callable[[dict[str, Any]], bool]) -> Found:
        """The account's newest matching post since then. A list that X refuses decides nothing about any post."""
        complete = False
        try:
            async for posts, last in self._timeline(account, since):
                for post in posts:
                    if id_of(post) and wanted(post):
                        return Found(post, complete=True)
                complete = last
        except PostRejected as error:
            return Found(None, complete=False, reason=error.message)
        return Found(None, complete, "" if complete else "X does not list all of the account's posts since then")

    async def _timeline(self, account: str, since: datetime | None) -> AsyncIterator[tuple[list[dict[str, Any]], bool]]:
        """Pages of own posts, newest first, and whether the page is certainly the last one.

        An answer that also holds `errors` leaves something out, so after one nothing is certain."""
        path = f"/2/users/{await self.user_id(account)}/tweets"
        params = {"max_results": str(PAGE), **self._fields}
        if since and since.year > 2010:  # nothing is older, and X refuses the request
            params["start_time"] = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        whole = True
        for _ in range(PAGES):
            body = await self.call(account, "GET", path, "reading the account's posts", params=params)
            meta, posts = body.get("meta"), body.get("data")
            meta, posts = meta if isinstance(meta, dict) else {}, posts if isinstance(posts, list) else []
            whole = whole and "errors" not in body and isinstance(meta.get("result_count"), int)
            token = meta.get("next_token")
            more = isinstance(token, str) and bool(token)
            yield [post for post in posts if isinstance(post, dict)], whole and not more
            if not more:
                return
            params["pagination_token"] = str(token)

    def readings(self, account: str) -> list[QuotaReading]:
        """The posting limits that X last reported, as far as they are still current."""
        now = self.clock()
        return [
            QuotaReading(
                bucket=name,
                used=max(0, window.limit - window.remaining),
                limit=window.limit,
                resets_at=window.resets_at,
            )
            for name, window in self._windows.get(account, {}).items()
            if name in ("posts", "app_posts") and window.limit > 0 and window.resets_at > now
        ]


class Form(Pieces):
    """A `multipart/form-data` body with one file, sent in small pieces and fit to be sent twice."""

    BOUNDARY = "reelwright-7b1f0c52d9a84e36"
    """Longer than chance: a file that held it would have to be made for it, and would only spoil its own upload."""

    def __init__(self, fields: dict[str, str], data: bytes) -> None:
        super().__init__(data)
        parts = [_part(f'name="{name}"', "") + value for name, value in fields.items()]
        parts.append(_part('name="media"; filename="media"', "Content-Type: application/octet-stream\r\n"))
        self._head = "\r\n".join(parts).encode()
        self._tail = f"\r\n--{self.BOUNDARY}--\r\n".encode()
        self.headers = {
            "Content-Type": f"multipart/form-data; boundary={self.BOUNDARY}",
            "Content-Length": str(len(self._head) + len(data) + len(self._tail)),
        }

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._head
        async for piece in super().__aiter__():
            yield piece
        yield self._tail


def _part(disposition: str, rest: str) -> str:
    return f"--{Form.BOUNDARY}\r\nContent-Disposition: form-data; {disposition}\r\n{rest}\r\n"
