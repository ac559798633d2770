"""Calls to YouTube's Data API: with the account's token, retried where that is harmless, refusals as typed errors."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import httpx

from reelwright.domain.errors import PlatformTransient, ReelwrightError

from ..common.caller import Caller
from ..common.http import again, body_kind, json_body, unreachable
from .errors import Doing, google_error
from .upload import Send

READ = "youtube.readonly"


class YouTubeApi:
    """`url` without a slash at its end; `retry_wait_s` is the first pause between tries within one call."""

    def __init__(self, caller: Caller, url: str, *, retry_wait_s: float, clock: Callable[[], datetime]) -> None:
        self.url = url
        self.retry_wait_s = retry_wait_s
        self._caller = caller
        self._clock = clock

    def sender(self, account: str) -> Send:
        """Requests of the account's, to whole addresses, their answers as they come."""
        return partial(self._caller.request, account)

    def refusal(self, response: httpx.Response, doing: Doing) -> ReelwrightError:
        """The typed error of an answer that is not a success."""
        return google_error(response, self._clock(), doing)

    async def answer(
        self, account: str, method: str, path: str, doing: Doing, *, also: int = 200, **rest: Any
    ) -> httpx.Response:
        """One request and its successful answer. Raises the typed error of any other but status `also`, and
        `PlatformTransient` when none came."""
        try:
            response = await self._caller.request(account, method, self.url + path, **rest)
        except httpx.HTTPError as error:
            raise unreachable("YouTube", error) from None
        if response.status_code not in (200, 201, 204, also):
            raise self.refusal(response, doing)
        return response

    async def get(
        self, account: str, resource: str, params: dict[str, str], *, scope: str = READ, field: str = "post"
    ) -> dict[str, Any]:
        """Reads a JSON object, tried up to three times."""
        doing = Doing(f"reading {resource}", scope=scope, field=field)

        async def read() -> dict[str, Any]:
            response = await self.answer(account, "GET", f"/youtube/v3/{resource}", doing, params=params)
            body = json_body(response)
            if body is None:
                raise PlatformTransient(
                    f"reading {resource} gave {body_kind(response)}", field="youtube", remedy="it is tried again"
                )
            return body

        return await again(read, attempts=3, wait_s=self.retry_wait_s)
