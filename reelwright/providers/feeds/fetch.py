"""Fetches one document from outside, with limits on all that outside can make large."""

from __future__ import annotations

import asyncio
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from reelwright.domain.errors import InvalidInput, ProviderUnavailable
from reelwright.domain.feeds.entries import NO_VALIDATORS, Validators

from .document import FIELD
from .pinned import PinnedTransport, Refused, UnknownHost

MAX_REDIRECTS = 4
_CONNECT_S = 5.0
_VALIDATOR_CHARS = 1_000
_HEADERS = {
    "User-Agent": "Reelwright/0.1 (feed reader)",
    "Accept": "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, "
    "application/json;q=0.9, text/html;q=0.8, */*;q=0.5",
    "Accept-Encoding": "gzip, deflate",
}
_TRY_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_MEDIA = ("image/", "audio/", "video/", "font/")


@dataclass(frozen=True)
class Document:
    """The fetched document, decompressed; its address after redirects; and from its headers the type as sent, the
    language when there is only one, and what the next conditional request says. `unchanged`: the server answered that
    it has not changed, and sent no data."""

    data: bytes
    url: str
    content_type: str
    language: str = ""
    validators: Validators = NO_VALIDATORS
    unchanged: bool = False


async def fetch(
    url: str, *, allow_private: bool, timeout_s: float, max_bytes: int, validators: Validators = NO_VALIDATORS
) -> Document:
    """The document at `url`. `timeout_s` is for everything together, redirects included. With `validators` of an
    earlier answer, a server may answer that the document is unchanged (RFC 9110, 13).

    Raises `InvalidInput` (field `feed`) when the request cannot succeed: bad, private or unknown address, 4xx, too
    large, not text; `ProviderUnavailable` when it may succeed later: timeout, connection error, 429, 5xx.
    """
    try:
        parsed = httpx.URL(url)
        host = parsed.host or "the address"  # decodes the name, so that one that is none is found here
    except (httpx.InvalidURL, ValueError, TypeError) as error:
        raise _no_address() from error
    transport = PinnedTransport(allow_private=allow_private)
    try:
        async with (
            asyncio.timeout(timeout_s),
            httpx.AsyncClient(
                transport=transport, timeout=httpx.Timeout(timeout_s, connect=_CONNECT_S), trust_env=False
            ) as client,
        ):
            return await _follow(client, parsed, max_bytes, validators)
    except Refused as error:
        raise InvalidInput(str(error), field=FIELD, remedy="give the public http or https URL of a feed") from error
    except UnknownHost as error:
        if error.temporary:
            raise ProviderUnavailable(f"the name {error} could not be looked up", field=FIELD) from error
        raise InvalidInput(f"there is no host {error}", field=FIELD, remedy="check the spelling") from error
    except (UnicodeError, OverflowError) as error:  # a name or a port that no resolver takes
        raise _no_address() from error
    except (TimeoutError, httpx.TimeoutException) as error:
        raise ProviderUnavailable(f"{host} did not answer within {timeout_s:g} s", field=FIELD) from error
    except httpx.TransportError as error:
        raise ProviderUnavailable(f"{host} cannot be reached ({type(error).__name__})", field=FIELD) from error


def _no_address() -> InvalidInput:
    return InvalidInput("this is not a web address", field=FIELD, remedy="give an http or https URL")


async def _follow(client: httpx.AsyncClient, url: httpx.URL, max_bytes: int, validators: Validators) -> Document:
    headers = {**_HEADERS, **_conditions(validators)}
    for _ in range(MAX_REDIRECTS + 1):
        async with client.stream("GET", url, headers=headers, follow_redirects=False) as response:
            if response.status_code == 304 and validators:
                return Document(b"", str(url), "", validators=validators, unchanged=True)
            if not response.has_redirect_location:
                _check_status(response, url.host)
                return await _read(response, url, max_bytes)
            host = url.host
            try:
                url = url.join(response.headers["location"]).copy_with(fragment=None)
                url.host  # noqa: B018  # raises when it cannot be decoded
            except (httpx.InvalidURL, ValueError) as error:
                raise InvalidInput(f"{host} redirects to nowhere", field=FIELD) from error
    raise InvalidInput(
        f"{url.host} redirects more than {MAX_REDIRECTS} times", field=FIELD, remedy="give the final address"
    )


def _conditions(validators: Validators) -> dict[str, str]:
    """Headers of a conditional request; what no header can hold is left out."""
    found = {"If-None-Match": validators.etag, "If-Modified-Since": validators.last_modified}
    return {name: value for name, value in found.items() if value and value.isascii() and value.isprintable()}


def _validators(response: httpx.Response) -> Validators:
    etag, modified = (response.headers.get(name, "").strip() for name in ("etag", "last-modified"))
    return (
        Validators(etag=etag, last_modified=modified)
        if len(etag) + len(modified) <= _VALIDATOR_CHARS
        else NO_VALIDATORS
    )


def _check_status(response: httpx.Response, host: str) -> None:
    status = response.status_code
    if status == 200:
        return
    if status in _TRY_AGAIN or status >= 500:
        raise ProviderUnavailable(f"{host} answers {status}", field=FIELD, retry_after_s=_retry_after(response))
    raise InvalidInput(f"{host} answers {status}", field=FIELD, remedy="check the address in a browser")


def _retry_after(response: httpx.Response) -> float | None:
    """Seconds of a `Retry-After` header, which has seconds or a date (RFC 9110, 10.2.3)."""
    value = response.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return min(float(value), 86_400.0)
    try:
        when = parsedate_to_datetime(value)
    except ValueError:
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return min(max((when - datetime.now(UTC)).total_seconds(), 0.0), 86_400.0)


async def _read(response: httpx.Response, url: httpx.URL, max_bytes: int) -> Document:
    content_type = response.headers.get("content-type", "").lower()[:200]
    if content_type.startswith(_MEDIA):
        raise InvalidInput(f"{url.host} answers with {content_type.split(';')[0][:40]}, not text", field=FIELD)
    inflater = _Inflater(response.headers.get("content-encoding", ""), max_bytes)
    async for chunk in response.aiter_raw():
        inflater.feed(chunk)
    language = response.headers.get("content-language", "").strip()[:40]
    return Document(
        data=bytes(inflater.data),
        url=str(url),
        content_type=content_type,
        language="" if "," in language else language,
        validators=_validators(response),
    )


class _Inflater:
    """Collects a body, decompressing it in steps that never hold more than the limit: a few kilobytes of gzip can
    unpack to gigabytes, and httpx unpacks a chunk in one go."""

    def __init__(self, encoding: str, max_bytes: int) -> None:
        self.data = bytearray()
        self._max_bytes = max_bytes
        encoding = encoding.strip().lower()
        if encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise InvalidInput("the answer is compressed in a way that was not asked for", field=FIELD)
        # 32 + 15: zlib finds out by itself whether the header is gzip's or zlib's.
        self._zlib = zlib.decompressobj(47) if encoding not in ("", "identity") else None

    def feed(self, chunk: bytes) -> None:
        """Takes the next bytes as they came over the wire."""
        room = self._max_bytes + 1 - len(self.data)
        if self._zlib is None:
            self.data += chunk[:room]
        else:
            try:
                self.data += self._zlib.decompress(chunk, room)
            except zlib.error as error:
                raise InvalidInput("the answer is damaged (compression)", field=FIELD) from error
        if len(self.data) > self._max_bytes:
            raise InvalidInput(f"more than {self._max_bytes:,} bytes", field=FIELD, remedy="give a smaller feed")
