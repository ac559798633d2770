"""TikTok's Content Posting and Display APIs as calls: from a path and a body to parsed data or a typed error.

Source: docs/platforms/tiktok.md#calls. Every call is a POST with a JSON body; rate limits are per user and minute.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import httpx

from reelwright.domain.errors import PlatformTransient

from ..common.caller import Caller
from ..common.http import again, unreachable
from ..common.oauth import AccessTokens
from . import post as tt
from .errors import read_envelope, tiktok_error, token_refused

LISTED_PAGES = 10
"""Pages of 20 own videos, newest first, that are searched: two weeks of TikTok's 15 posts a day."""
_HEADERS = {"Content-Type": "application/json; charset=UTF-8"}


class TikTokApi:
    """`retry_wait_s` is the first pause between tries of a read within one call."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        tokens: AccessTokens,
        *,
        api_url: str,
        retry_wait_s: float,
        clock: Callable[[], datetime],
    ) -> None:
        self.url = api_url.rstrip("/")
        self._caller = Caller(client, tokens, refused=token_refused)
        self._retry_wait_s = retry_wait_s
        self._clock = clock

    async def creator(self, account: str) -> tt.Creator:
        """What the creator may post; TikTok requires this call before every direct post."""
        return tt.creator_of(
            await self._read(account, "/v2/post/publish/creator_info/query/", {}, "asking what the creator may post")
        )

    async def start(self, account: str, body: dict[str, Any], *, inbox: bool) -> tuple[str, str]:
        """Opens an upload: (publish_id, upload_url). Made once: whether TikTok sees that two are one is not known."""
        path = "/v2/post/publish/inbox/video/init/" if inbox else "/v2/post/publish/video/init/"
        data = await self._call(account, path, body, "opening the upload")
        publish_id, upload_url = data.get("publish_id"), data.get("upload_url")
        if not isinstance(publish_id, str) or not tt.PUBLISH_ID.fullmatch(publish_id):
            raise PlatformTransient("TikTok opened an upload without naming it", field="upload", remedy="it is retried")
        return publish_id, upload_url if isinstance(upload_url, str) else ""

    async def standing(self, account: str, publish_id: str) -> tt.Standing:
        """A post's status. Raises `SessionLost` when TikTok has no such post (any more)."""
        body = {"publish_id": publish_id}
        return tt.standing_of(
            await self._read(account, "/v2/post/publish/status/fetch/", body, "asking about the upload")
        )

    async def videos(self, account: str, since: datetime) -> AsyncIterator[tt.Listed]:
        """The account's own public videos posted since then, newest first."""
        params = {"fields": "id,create_time,title,video_description,duration"}
        body: dict[str, Any] = {"max_count": 20}
        for _ in range(LISTED_PAGES):
            data = await self._read(account, "/v2/video/list/", body, "listing the videos", params)
            page = tt.listed_of(data)
            for video in page:
                if video.created >= since:
                    yield video
            cursor = data.get("cursor")
            if data.get("has_more") is not True or not isinstance(cursor, int):
                return
            if page and page[-1].created < since:
                return
            body = {"max_count": 20, "cursor": cursor}

    async def _read(
        self, account: str, path: str, body: dict[str, Any], doing: str, params: dict[str, str] | None = None
    ) -> dict[str, Any]:
        """A call that may be repeated."""
        return await again(
            lambda: self._call(account, path, body, doing, params), attempts=3, wait_s=self._retry_wait_s
        )

    async def _call(
        self, account: str, path: str, body: dict[str, Any], doing: str, params: dict[str, str] | None = None
    ) -> dict[str, Any]:
        try:
            response = await self._caller.request(
                account, "POST", self.url + path, headers=_HEADERS, params=params, json=body
            )
        except httpx.HTTPError as error:
            raise unreachable("TikTok", error) from None
        envelope = read_envelope(response)
        if response.status_code not in (200, 201) or envelope is None or envelope[0] != "ok":
            raise tiktok_error(response, self._clock().astimezone(UTC), doing=doing)
        return envelope[2]
