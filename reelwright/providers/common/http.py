"""Calls of providers that need no SDK: one request, limits of time and size, and errors in our words (`answers`).

Nothing is tried again here: Temporal does that, and a second try of a paid call may be paid twice. Redirects are not
followed, since a key would go with them.
"""

from __future__ import annotations

import functools
import json
import ssl
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx

from reelwright.domain.errors import ProviderRefused, ProviderUnavailable
from reelwright.domain.text.incoming import foreign

from .answers import AGAIN, BadAnswer, Told, TooSlow, error_for, no_use, page_from
from .reading import plainly

CONNECT_S = 10.0
TIMEOUT_S, MOST_BYTES = 60.0, 8_000_000
MEDIA_S = 180.0
"""A long text takes a voice a minute, and a large picture a model two."""
MEDIA_BYTES = 64_000_000
"""Twenty minutes of sound in base64, or a picture of 4096 pixels a side."""
_REQUEST_IDS = ("request-id", "x-request-id", "apim-request-id", "x-requestid", "x-runway-request-id")
Params = Mapping[str, str | int | float | bool]


@dataclass(frozen=True)
class Reply:
    """A vendor's answer, whole. `paid`: it may be charged for."""

    vendor: str
    status: int
    headers: httpx.Headers
    data: bytes
    paid: bool = False

    @property
    def request_id(self) -> str:
        """The vendor's id of the call, or an empty text."""
        return next((foreign(self.headers[name], 100) for name in _REQUEST_IDS if name in self.headers), "")

    @property
    def media_type(self) -> str:
        """Its declared type, without parameters."""
        return str(self.headers.get("content-type", "")).partition(";")[0].strip().lower()

    @property
    def blocked(self) -> bool:
        """Whether a gatekeeper answers in the vendor's place (Cloudflare's challenge): it does not let this machine in
        at all, and no pause helps."""
        if str(self.headers.get("cf-mitigated", "")).lower() == "challenge":
            return True
        return self.media_type == "text/html" and self.status in (200, 403, 429)

    @property
    def fields(self) -> dict[str, Any]:
        """Its JSON object; an empty one where it has none."""
        value = _json(self.data)
        return value if isinstance(value, dict) else {}

    @property
    def text(self) -> str:
        """The beginning of its body."""
        return self.data[:1_000].decode("utf-8", "replace")

    def object(self, *, usd: float | None = None) -> dict[str, Any]:
        """Its JSON object. Raises `NoUse`; `usd` was charged for the answer, None if that is not known."""
        value = _json(self.data)
        if not isinstance(value, dict):
            raise self._no_use("object", usd)
        return value

    def array(self, *, usd: float | None = None) -> list[Any]:
        """Its JSON array. Raises `NoUse`."""
        value = _json(self.data)
        if not isinstance(value, list):
            raise self._no_use("array", usd)
        return value

    def _no_use(self, wanted: str, usd: float | None) -> ProviderUnavailable:
        known = usd is not None or not self.paid
        return no_use(self.vendor, f"its answer is no JSON {wanted}", usd=usd or 0.0, cost_known=known)


@dataclass(frozen=True)
class Service:
    """A vendor's server: where it is, what each request carries, how its errors are read, and the limits. `headers` and
    `params` hold the key, and go to `base` alone."""

    vendor: str
    base: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    params: Mapping[str, str] = field(default_factory=dict, repr=False)
    read_error: Callable[[Reply], Told] = plainly
    timeout_s: float = TIMEOUT_S
    connect_s: float = CONNECT_S
    most_bytes: int = MOST_BYTES

    def at(self, path: str) -> str:
        """The address of a path."""
        return f"{self.base.rstrip('/')}/{path.lstrip('/')}"


def media_service(vendor: str, base: str, headers: Mapping[str, str], read_error: Callable[[Reply], Told]) -> Service:
    """A server that makes sound or pictures: it takes longer, and sends more."""
    return Service(vendor, base, headers, read_error=read_error, timeout_s=MEDIA_S, most_bytes=MEDIA_BYTES)


async def get_json(service: Service, path: str, params: Params | None = None) -> dict[str, Any]:
    """Asks for an object; costs nothing."""
    return (await call(service, "GET", path, params=params)).object()


async def get_array(service: Service, path: str, params: Params | None = None) -> list[Any]:
    """Asks for an array; costs nothing."""
    return (await call(service, "GET", path, params=params)).array()


async def get_bytes(service: Service, address: str) -> Reply:
    """Fetches a file that the vendor names, without the key. Its address must be encrypted, or the vendor's own."""
    if not (address.startswith("https://") or _origin(address) == _origin(service.base)):
        raise no_use(service.vendor, "it names a file at an address that is not encrypted")
    return _good(service, await _exchange(service, "GET", address, paid=False, headers={}))


async def post_json(
    service: Service,
    path: str,
    body: Any,
    params: Params | None = None,
    *,
    method: str = "POST",
    usd: float | None = None,
) -> tuple[dict[str, Any], Reply]:
    """Sends JSON; the object that is answered, and the answer. `usd` is what an answer costs, also one that is none."""
    reply = await call(service, method, path, params=params, json=body, paid=True)
    return reply.object(usd=usd), reply


async def post_bytes(
    service: Service,
    path: str,
    *,
    params: Params | None = None,
    json: Any = None,
    content: bytes | None = None,
    files: Any = None,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """Sends JSON, bytes or a form; the answer as it comes."""
    return await call(
        service, "POST", path, params=params, json=json, content=content, files=files, headers=headers, paid=True
    )


async def call(
    service: Service,
    method: str,
    path: str,
    *,
    params: Params | None = None,
    headers: Mapping[str, str] | None = None,
    json: Any = None,
    form: Mapping[str, str] | None = None,
    content: bytes | None = None,
    files: Any = None,
    paid: bool = False,
    also: Collection[int] = (),
) -> Reply:
    """The answer, with status 200 to 299 or one of those in `also`. `paid`: when it breaks off, nobody knows whether it
    is charged. Raises `ProviderUnavailable` and `ProviderRefused`."""
    reply = await _exchange(
        service,
        method,
        service.at(path),
        paid=paid,
        headers={**service.headers, **(headers or {})},
        params={**service.params, **(params or {})} or None,
        json=json,
        data=form,
        content=content,
        files=files,
    )
    return _good(service, reply, also)


def refusal(service: Service, reply: Reply) -> ProviderRefused | ProviderUnavailable:
    """Our error for an answer that is none of success."""
    if reply.blocked:
        return page_from(service.vendor, reply.status)
    told = service.read_error(reply)
    headers = dict(reply.headers)
    if told.retry_after:
        headers.setdefault("retry-after", told.retry_after)
    return error_for(
        BadAnswer(
            service.vendor,
            reply.status,
            told.codes,
            told.message,
            headers,
            reply.request_id or None,
            why=told.why,
            transient=told.transient,
            remedy=told.remedy,
        )
    )


def _good(service: Service, reply: Reply, also: Collection[int] = ()) -> Reply:
    if reply.blocked or not (200 <= reply.status < 300 or reply.status in also):
        raise refusal(service, reply)
    return reply


async def _exchange(
    service: Service, method: str, url: str, *, paid: bool, headers: Mapping[str, str], **sent: Any
) -> Reply:
    """One request, and the answer whatever its status."""
    vendor, timeout = (
        service.vendor,
        httpx.Timeout(service.timeout_s, connect=min(service.connect_s, service.timeout_s)),
    )
    try:
        async with (
            httpx.AsyncClient(timeout=timeout, follow_redirects=False, verify=_trusted()) as client,
            client.stream(method, url, headers=dict(headers), **sent) as response,
        ):
            data = bytearray()
            async for chunk in response.aiter_bytes():
                data += chunk
                if len(data) > service.most_bytes:
                    raise no_use(vendor, f"its answer has more than {service.most_bytes:,} bytes", cost_known=not paid)
            return Reply(vendor, response.status_code, response.headers, bytes(data), paid)
    except (httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise _away(TooSlow, vendor, f"no connection ({type(error).__name__})", cost_known=True) from None
    except httpx.ConnectError as error:
        raise _away(ProviderUnavailable, vendor, f"no connection ({type(error).__name__})", cost_known=True) from None
    except httpx.TimeoutException:
        what = f"it did not answer within {service.timeout_s:g} s"
        raise _away(TooSlow, vendor, what, cost_known=not paid) from None
    except (httpx.TransportError, httpx.DecodingError) as error:
        if isinstance(error, httpx.UnsupportedProtocol):
            raise _no_address(vendor, error) from None
        what = f"the answer broke off ({type(error).__name__})"
        raise _away(ProviderUnavailable, vendor, what, cost_known=not paid) from None
    except (httpx.InvalidURL, UnicodeError) as error:
        raise _no_address(vendor, error) from None


def _away(kind: type[ProviderUnavailable], vendor: str, what: str, *, cost_known: bool) -> ProviderUnavailable:
    error = kind(what, field=vendor, remedy=AGAIN)
    error.cost_known = cost_known
    return error


def _no_address(vendor: str, error: Exception) -> ProviderRefused:
    """The address itself is not shown: it may hold a key."""
    what = f"its address or key is no use ({type(error).__name__})"
    return ProviderRefused(what, field=vendor, remedy="check its base URL and its key", why="input")


@functools.cache
def _trusted() -> ssl.SSLContext:
    """The certificates, loaded once: that takes 50 ms of processor time."""
    return httpx.create_ssl_context()


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _origin(address: str) -> tuple[str, str]:
    try:
        parts = urlsplit(address)
    except ValueError:
        return "", ""
    return parts.scheme, parts.netloc
