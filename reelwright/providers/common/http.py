"""Calls of providers that need no SDK: one request, limits of time and size, and errors in our words.

Nothing is tried again here: Temporal does that, and a second try of a paid call may be paid twice. Redirects are not
followed, since a key would go with them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn
from urllib.parse import urlsplit

import httpx

from reelwright.domain.errors import ProviderRefused, ProviderUnavailable, Refusal
from reelwright.domain.text.incoming import foreign

from .answers import MESSAGE_CHARS, BadAnswer, error_for

CONNECT_S = 10.0
TIMEOUT_S = 180.0
"""A long text takes a voice a minute, and a large picture a model two."""
MOST_BYTES = 64_000_000
"""Twenty minutes of sound in base64, or a picture of 4096 pixels a side."""
AGAIN = "it is tried again by itself"
_REQUEST_IDS = ("request-id", "x-request-id", "apim-request-id", "x-requestid")
_MEANS: dict[Refusal, str] = {
    "key": "check the API key and what it is allowed to do",
    "credit": "top up the account or raise its limit at the provider",
    "policy": "change the text or the brief, or choose another provider",
    "model": "choose a model and a voice that the provider has",
    "input": "change the text or the settings",
    "nonsense": "try another model, or another provider",
}


class NoUse(ProviderUnavailable):
    """An answer that is none, or is cut off."""


@dataclass(frozen=True)
class Told:
    """What a vendor's error says: its codes, the first of which is shown, its words, and the kind of refusal where the
    status alone does not tell it. `transient` goes before both."""

    codes: tuple[str, ...] = ()
    message: str = ""
    why: Refusal = ""
    transient: bool = False


@dataclass(frozen=True)
class Reply:
    """A good answer (200 to 299)."""

    data: bytes
    headers: Mapping[str, str]
    vendor: str = ""

    @property
    def request_id(self) -> str:
        """The vendor's id of the call, or an empty text."""
        return next((foreign(self.headers[name], 100) for name in _REQUEST_IDS if name in self.headers), "")

    @property
    def media_type(self) -> str:
        """Its declared type, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def object(self, *, usd: float = 0.0) -> dict[str, Any]:
        """Its JSON object. Raises `NoUse`; `usd` was charged for the answer."""
        value = _json(self.data)
        if not isinstance(value, dict):
            raise no_use(self.vendor, "its answer is no JSON object", usd=usd)
        return value

    def array(self) -> list[Any]:
        """Its JSON array. Raises `NoUse`."""
        value = _json(self.data)
        if not isinstance(value, list):
            raise no_use(self.vendor, "its answer is no JSON array")
        return value


def _plainly(status: int, body: dict[str, Any]) -> Told:
    """`{"error": {"code", "type", "message"}}`, or the same at the top."""
    error = body["error"] if isinstance(body.get("error"), dict) else body
    codes = tuple(str(error[key]) for key in ("code", "type") if error.get(key))
    return Told(codes, str(error.get("message") or error.get("detail") or ""))


@dataclass(frozen=True)
class Service:
    """A vendor's server: where it is, what each request carries, and how its errors are read. `headers` hold the key,
    and go to `base` alone."""

    vendor: str
    base: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    read_error: Callable[[int, dict[str, Any]], Told] = _plainly
    timeout_s: float = TIMEOUT_S
    most_bytes: int = MOST_BYTES

    def at(self, path: str) -> str:
        """The address of a path."""
        return f"{self.base.rstrip('/')}/{path.lstrip('/')}"


async def get_json(service: Service, path: str, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Asks for an object; costs nothing."""
    return (await call(service, "GET", service.at(path), params=params)).object()


async def get_array(service: Service, path: str, params: Mapping[str, Any] | None = None) -> list[Any]:
    """Asks for an array; costs nothing."""
    return (await call(service, "GET", service.at(path), params=params)).array()


async def get_bytes(service: Service, address: str) -> Reply:
    """Fetches a file that the vendor names, without the key. Its address must be encrypted, or the vendor's own."""
    if not (address.startswith("https://") or _origin(address) == _origin(service.base)):
        raise no_use(service.vendor, "it names a file at an address that is not encrypted")
    return await call(service, "GET", address, bare=True)


async def post_json(
    service: Service,
    path: str,
    body: Any,
    params: Mapping[str, Any] | None = None,
    *,
    method: str = "POST",
    usd: float = 0.0,
) -> tuple[dict[str, Any], Reply]:
    """Sends JSON; the object that is answered, and the answer. `usd` is what an answer costs, also one that is none."""
    reply = await call(service, method, service.at(path), params=params, json=body, paid=True)
    return reply.object(usd=usd), reply


async def post_bytes(
    service: Service,
    path: str,
    *,
    params: Mapping[str, Any] | None = None,
    json: Any = None,
    content: bytes | None = None,
    files: Any = None,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """Sends JSON, bytes or a form; the answer as it comes."""
    return await call(
        service,
        "POST",
        service.at(path),
        params=params,
        json=json,
        content=content,
        files=files,
        headers=headers,
        paid=True,
    )


async def call(
    service: Service,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    paid: bool = False,
    bare: bool = False,
    **sent: Any,
) -> Reply:
    """One request. `paid`: when it breaks off, nobody knows whether it is charged. `bare`: without the service's
    headers. Raises `ProviderUnavailable` and `ProviderRefused`."""
    vendor, own = service.vendor, {} if bare else service.headers
    timeout = httpx.Timeout(service.timeout_s, connect=CONNECT_S)
    try:
        async with (
            httpx.AsyncClient(timeout=timeout, follow_redirects=False) as client,
            client.stream(method, url, headers={**own, **(headers or {})}, **sent) as response,
        ):
            data = bytearray()
            async for chunk in response.aiter_bytes():
                data += chunk
                if len(data) > service.most_bytes:
                    raise no_use(vendor, f"its answer has more than {service.most_bytes:,} bytes", cost_known=not paid)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise _away(vendor, f"no connection ({type(error).__name__})", cost_known=True) from None
    except httpx.TimeoutException:
        raise _away(vendor, f"it did not answer within {service.timeout_s:g} s", cost_known=not paid) from None
    except (httpx.TransportError, httpx.DecodingError) as error:
        raise _away(vendor, f"the answer broke off ({type(error).__name__})", cost_known=not paid) from None
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, ValueError) as error:
        raise ProviderRefused(
            f"its address is no use ({foreign(str(error), 80)})",
            field=vendor,
            remedy="mend its base URL",
            why="input",
        ) from None
    if not response.is_success:
        raise refusal(service, response.status_code, bytes(data), response.headers)
    return Reply(bytes(data), response.headers, vendor)


def refusal(
    service: Service, status: int, data: bytes, headers: Mapping[str, str]
) -> ProviderRefused | ProviderUnavailable:
    """Our error for a vendor's answer that is none of success."""
    body = _json(data)
    told = service.read_error(status, body if isinstance(body, dict) else {})
    request = Reply(b"", headers).request_id or None
    if told.why and not told.transient:
        return refused(service.vendor, told.why, f"HTTP {status}", told)
    shown = 429 if told.transient and status < 500 else status
    return error_for(BadAnswer(service.vendor, shown, told.codes, told.message, headers, request))


def refused(vendor: str, why: Refusal, what: str, told: Told | None = None, *, usd: float = 0.0) -> ProviderRefused:
    """A refusal for good. Of a vendor's words about a key nothing is shown: they quote it."""
    told = told or Told()
    code = f" {foreign(told.codes[0], 60)}" if told.codes else ""
    words = "" if why == "key" else foreign(told.message, MESSAGE_CHARS)
    said = f"{what}{code}" + (f": {words}" if words else "")
    return ProviderRefused(said, field=vendor, remedy=_MEANS.get(why, ""), why=why, usd=usd)


def no_use(vendor: str, what: str, *, usd: float = 0.0, cost_known: bool = True) -> NoUse:
    """An answer that is none; `usd` was charged for it."""
    error = NoUse(what, field=vendor, remedy=AGAIN)
    error.usd, error.cost_known = usd, cost_known
    return error


def reject(vendor: str, what: str, *, usd: float = 0.0) -> NoReturn:
    """A whole answer whose content is of no use; another try would bring the same."""
    raise refused(vendor, "nonsense", what, usd=usd)


def _away(vendor: str, what: str, *, cost_known: bool) -> ProviderUnavailable:
    error = ProviderUnavailable(what, field=vendor, remedy=AGAIN)
    error.cost_known = cost_known
    return error


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _origin(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.scheme, parts.netloc
