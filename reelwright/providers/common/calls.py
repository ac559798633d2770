"""Calls of providers' REST interfaces: caps, and errors in our words. No retries of their own: the caller has them."""

from __future__ import annotations

import functools
import json
import ssl
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from reelwright.domain.errors import ProviderRefused, ProviderUnavailable, ReelwrightError

from .answers import BadAnswer, error_for

TIMEOUT = httpx.Timeout(60.0, connect=10.0)
ANSWER_BYTES = 8_000_000
Params = Mapping[str, str | int | float | bool]
_CODES = ("code", "type", "status")
_WORDS = ("message", "detail", "info", "error", "reason")


@dataclass(frozen=True)
class Reply:
    """An HTTP answer: status, headers, the whole body."""

    status: int
    headers: httpx.Headers
    body: bytes

    @property
    def kind(self) -> str:
        """Its media type."""
        return str(self.headers.get("content-type", "")).partition(";")[0].strip().lower()

    @property
    def object(self) -> dict[str, Any] | None:
        """The JSON object in it; None where it is none."""
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return value if isinstance(value, dict) else None

    @property
    def request_id(self) -> str:
        """The provider's own id of the call, where it has one."""
        names = ("request-id", "x-request-id", "x-runway-request-id")
        return next((str(self.headers[name])[:200] for name in names if name in self.headers), "")


@dataclass(frozen=True)
class Api:
    """A provider's REST interface. `headers` and `params` go with every call and hold the keys; `error` makes our error
    of an answer that is none of success."""

    vendor: str
    base: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    params: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeout: httpx.Timeout = field(default_factory=lambda: TIMEOUT)
    most_bytes: int = ANSWER_BYTES
    error: Callable[[str, Reply], ReelwrightError] | None = None

    async def ask(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        also: Collection[int] = (),
    ) -> Reply:
        """The answer, with status 200 to 299, or one of those in `also`. Raises `ProviderUnavailable` and
        `ProviderRefused`. Where a request was sent and no answer came, what was charged is not known."""
        url = f"{self.base.rstrip('/')}/{path.lstrip('/')}"
        try:
            async with (
                httpx.AsyncClient(timeout=self.timeout, follow_redirects=False, verify=_trusted()) as client,
                client.stream(
                    method,
                    url,
                    params={**self.params, **(params or {})},
                    headers=dict(self.headers),
                    json=json,
                    data=form,
                ) as response,
            ):
                data = bytearray()
                async for chunk in response.aiter_bytes():
                    data += chunk
                    if len(data) > self.most_bytes:
                        raise self.unusable(f"its answer has more than {self.most_bytes:,} bytes")
                reply = Reply(response.status_code, response.headers, bytes(data))
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise self._away(f"no connection ({type(error).__name__})", sent=False) from None
        except httpx.TimeoutException as error:
            raise self._away(f"it did not answer in time ({type(error).__name__})") from None
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise self._away(f"the connection broke ({type(error).__name__})") from None
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError) as error:
            raise ProviderRefused(
                f"its address is no use ({type(error).__name__})", field=self.vendor, remedy="check the base URL"
            ) from None
        if not 200 <= reply.status < 300 and reply.status not in also:
            raise (self.error or error_of)(self.vendor, reply)
        return reply

    async def object(self, method: str, path: str, *, params: Params | None = None, json: Any = None) -> dict[str, Any]:
        """The JSON object that it answers."""
        return self.object_in(await self.ask(method, path, params=params, json=json))

    def object_in(self, reply: Reply) -> dict[str, Any]:
        """The JSON object in an answer. Raises `ProviderUnavailable`, and `ProviderRefused` for a web page."""
        if blocked(reply):
            raise _blocked(self.vendor, reply)
        answer = reply.object
        if answer is None:
            raise self.unusable("its answer is no JSON object")
        return answer

    def unusable(self, what: str) -> ProviderUnavailable:
        """The error for an answer of success with nonsense in it: it may have been charged."""
        return ProviderUnavailable(what, field=self.vendor, remedy="it is tried again by itself")

    def _away(self, what: str, *, sent: bool = True) -> ProviderUnavailable:
        away = ProviderUnavailable(what, field=self.vendor, remedy="it is tried again by itself")
        away.cost_known = not sent
        return away


def error_of(vendor: str, reply: Reply) -> ProviderRefused | ProviderUnavailable:
    """Our error for any vendor's answer."""
    if blocked(reply):
        return _blocked(vendor, reply)
    codes, words = told(reply.object or {})
    if reply.kind == "text/plain":
        words = reply.body[:1_000].decode("utf-8", "replace")
    return error_for(BadAnswer(vendor, reply.status, codes, words, reply.headers, reply.request_id or None))


def blocked(reply: Reply) -> bool:
    """Whether a gatekeeper answers in the provider's place (Cloudflare's challenge): it does not let this machine in at
    all, and no pause helps."""
    if str(reply.headers.get("cf-mitigated", "")).lower() == "challenge":
        return True
    return reply.kind == "text/html" and reply.status in (200, 403, 429)


def _blocked(vendor: str, reply: Reply) -> ProviderRefused:
    return ProviderRefused(
        f"HTTP {reply.status} with a web page in place of an answer: it does not let this machine in",
        field=vendor,
        remedy="run the worker where it may reach the provider, or leave the provider out",
        why="blocked",
    )


def told(answer: Mapping[str, Any]) -> tuple[tuple[str, ...], str]:
    """The codes and the words of an error, whether it is in `error`, in `detail` or at the top."""
    inner = next((answer[key] for key in ("error", "detail") if isinstance(answer.get(key), Mapping)), answer)
    codes = tuple(str(inner[key])[:100] for key in _CODES if isinstance(inner.get(key), str))
    words = next((inner[key] for key in _WORDS if inner.get(key)), "")
    return codes, words if isinstance(words, str) else json.dumps(words, ensure_ascii=False)[:1_000]


@functools.cache
def _trusted() -> ssl.SSLContext:
    """The certificates, loaded once: that takes 50 ms of processor time."""
    return httpx.create_ssl_context()
