"""Files from the web: public addresses only, caps on size and time, whole or not at all."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from pathlib import Path

import httpx

from ..feeds.pinned import PinnedTransport, Refused, UnknownHost

MAX_REDIRECTS = 4
CONNECT_S, READ_S = 10.0, 60.0
_TRY_AGAIN = frozenset({408, 425, 429})
_GONE = frozenset({404, 410})
_NO_MEDIA = ("text/html", "application/json", "application/xhtml+xml")


class BadDownload(Exception):
    """A file that could not be had: the reason for people, without an address. `later`: another try may succeed;
    `gone`: the host says that there is no such file."""

    def __init__(self, reason: str, *, later: bool = False, gone: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.later = later
        self.gone = gone


async def download(
    address: str,
    to: Path,
    *,
    most_bytes: int,
    seconds: float = 300.0,
    allow_private: bool = False,
    user_agent: str = "Reelwright/0.4 (media)",
    sha1: str = "",
    progress: Callable[[float], None] = lambda share: None,
) -> Path:
    """Writes the file at `address` to `to`. Redirects lead to hosts of the same domain alone: the source has named no
    other. With `sha1` the file must have it. Raises `BadDownload`."""
    part = to.with_name(f"{to.name}.part")
    try:
        url = httpx.URL(address).copy_with(fragment=None)
        if url.scheme == "http" and not allow_private:
            url = url.copy_with(scheme="https", port=None)
        host = url.host or "the address"
        async with (
            asyncio.timeout(seconds),
            httpx.AsyncClient(
                transport=PinnedTransport(allow_private=allow_private),
                timeout=httpx.Timeout(READ_S, connect=CONNECT_S),
                trust_env=False,
                headers={"User-Agent": user_agent, "Accept": "*/*", "Accept-Encoding": "identity"},
            ) as client,
        ):
            digest = await _follow(client, url, part, most_bytes, progress)
    except Refused as error:
        raise BadDownload(str(error)) from error
    except UnknownHost as error:
        raise BadDownload(f"the name {error} could not be looked up", later=error.temporary) from error
    except (httpx.InvalidURL, UnicodeError, OverflowError, ValueError) as error:
        raise BadDownload("what the source names is no web address") from error
    except (TimeoutError, httpx.TimeoutException) as error:
        raise BadDownload(f"{host} did not send it within {seconds:g} s", later=True) from error
    except httpx.TransportError as error:
        raise BadDownload(f"{host} cannot be reached ({type(error).__name__})", later=True) from error
    else:
        if sha1 and digest != sha1.lower():
            raise BadDownload(f"{host} sends another file than the source describes", later=True)
        part.replace(to)
        return to
    finally:
        part.unlink(missing_ok=True)


async def _follow(
    client: httpx.AsyncClient, url: httpx.URL, part: Path, most_bytes: int, progress: Callable[[float], None]
) -> str:
    first = url.host
    for _ in range(MAX_REDIRECTS + 1):
        async with client.stream("GET", url, follow_redirects=False) as response:
            if not response.has_redirect_location:
                _check(response, url.host)
                return await _write(response, url.host, part, most_bytes, progress)
            url = url.join(response.headers["location"]).copy_with(fragment=None)
        if not same_domain(first, url.host):
            raise BadDownload(f"{first} redirects to {url.host}, which the source does not name")
    raise BadDownload(f"{first} redirects more than {MAX_REDIRECTS} times")


def same_domain(one: str, other: str) -> bool:
    """Whether two hosts are of one registered domain (`images.example.co.uk`, `www.example.co.uk`)."""
    if one == other:
        return True
    from tld import get_fld  # brings an HTTP client along, and most downloads redirect nowhere

    registered = [get_fld(f"https://{host}", fail_silently=True) for host in (one, other)]
    return registered[0] is not None and registered[0] == registered[1]


def _check(response: httpx.Response, host: str) -> None:
    status, kind = response.status_code, response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if status in _TRY_AGAIN or status >= 500:
        raise BadDownload(f"{host} answers {status}", later=True)
    if status != 200:
        raise BadDownload(f"{host} answers {status}", gone=status in _GONE)
    if kind in _NO_MEDIA:
        raise BadDownload(f"{host} sends {kind} in place of the file")
    if response.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise BadDownload(f"{host} sends it compressed, which was not asked for")


async def _write(
    response: httpx.Response, host: str, part: Path, most_bytes: int, progress: Callable[[float], None]
) -> str:
    """Its sha1. h11 itself finds a body that is shorter than announced."""
    length = response.headers.get("content-length", "")
    announced = int(length) if length.isascii() and length.isdigit() else 0
    size, digest = 0, hashlib.sha1(usedforsecurity=False)
    with part.open("wb") as file:
        async for chunk in response.aiter_raw():
            size += len(chunk)
            if size > most_bytes or announced > most_bytes:
                raise BadDownload(f"{host} has more than {most_bytes:,} bytes there")
            digest.update(chunk)
            await asyncio.to_thread(file.write, chunk)
            progress(min(size / announced, 1.0) if announced else size / most_bytes)
    if announced and size < announced:
        raise BadDownload(f"{host} sent {size:,} bytes of {announced:,}", later=True)
    if not size:
        raise BadDownload(f"{host} sent nothing", later=True)
    return digest.hexdigest()
