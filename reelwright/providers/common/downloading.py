"""Files from the web: public addresses only, caps on size and time, whole or not at all."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from ..feeds.pinned import PinnedTransport, Refused, UnknownHost

MAX_REDIRECTS = 4
CONNECT_S, READ_S = 10.0, 60.0
_TRY_AGAIN = frozenset({408, 425, 429})
_GONE = frozenset({404, 410})
_NO_MEDIA = frozenset({"text/html", "application/json", "application/xhtml+xml"})
Progress = Callable[[float], None]


class BadDownload(Exception):
    """A file that could not be had: the reason without an address, and a remedy for whoever gave the address. `later`:
    another try may succeed; `gone`: the host says that there is no such file."""

    def __init__(self, reason: str, remedy: str = "", *, later: bool = False, gone: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy
        self.later = later
        self.gone = gone


@dataclass(frozen=True)
class Rule:
    """What a download may be. `anywhere`: redirects may lead to other domains, and the host may call the file what it
    likes: the address is a person's own. Otherwise a source named it, and has named no other."""

    most_bytes: int
    seconds: float = 300.0
    allow_private: bool = False
    anywhere: bool = False
    user_agent: str = "Reelwright/0.4 (media)"


async def download(
    address: str, to: Path, rule: Rule, *, sha1: str = "", progress: Progress = lambda share: None
) -> Path:
    """Writes the file at `address` to `to`. With `sha1` the file must have it. Raises `BadDownload`."""
    part = to.with_name(f"{to.name}.part")
    try:
        url = httpx.URL(address).copy_with(fragment=None)
        host = url.host or "the address"  # decodes the name, so that one that is none is found here
        async with (
            asyncio.timeout(rule.seconds),
            httpx.AsyncClient(
                transport=PinnedTransport(allow_private=rule.allow_private),
                timeout=httpx.Timeout(READ_S, connect=CONNECT_S),
                trust_env=False,
                headers={"User-Agent": rule.user_agent, "Accept": "*/*", "Accept-Encoding": "identity"},
            ) as client,
        ):
            digest = await _follow(client, url, part, rule, progress)
        if sha1 and digest != sha1.lower():
            raise BadDownload(f"{host} sends another file than the source describes", later=True)
        return part.replace(to)
    except Refused as error:
        raise BadDownload(str(error), "give a public https address") from error
    except UnknownHost as error:
        if error.temporary:
            raise BadDownload(f"the name {error} could not be looked up", later=True) from error
        raise BadDownload(f"there is no host {error}", "check the spelling") from error
    except (httpx.InvalidURL, UnicodeError, OverflowError, ValueError) as error:
        raise BadDownload("this is no web address", "give an https address") from error
    except (TimeoutError, httpx.TimeoutException) as error:
        raise BadDownload(f"{host} did not send it within {rule.seconds:g} s", later=True) from error
    except httpx.TransportError as error:
        raise BadDownload(f"{host} cannot be reached ({type(error).__name__})", later=True) from error
    finally:
        part.unlink(missing_ok=True)


async def _follow(client: httpx.AsyncClient, url: httpx.URL, part: Path, rule: Rule, progress: Progress) -> str:
    first = url.host
    for _ in range(MAX_REDIRECTS + 1):
        if url.scheme != "https" and not rule.allow_private:
            raise Refused("only https addresses are read")
        async with client.stream("GET", url, follow_redirects=False) as response:
            if not response.has_redirect_location:
                _check(response, url.host, rule)
                return await _write(response, url.host, part, rule, progress)
            url = url.join(response.headers["location"]).copy_with(fragment=None)
        if not rule.anywhere and not same_domain(first, url.host):
            raise BadDownload(f"{first} redirects to {url.host}, which the source does not name")
    raise BadDownload(f"{url.host} redirects more than {MAX_REDIRECTS} times", "give the final address")


def same_domain(one: str, other: str) -> bool:
    """Whether two hosts are of one registered domain (`images.example.co.uk`, `www.example.co.uk`)."""
    if one == other:
        return True
    from tld import get_fld  # brings an HTTP client along, and most downloads redirect nowhere

    registered = [get_fld(f"https://{host}", fail_silently=True) for host in (one, other)]
    return registered[0] is not None and registered[0] == registered[1]


def _check(response: httpx.Response, host: str, rule: Rule) -> None:
    status, kind = response.status_code, response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if status in _TRY_AGAIN or status >= 500:
        raise BadDownload(f"{host} answers {status}", later=True)
    if status != 200:
        raise BadDownload(f"{host} answers {status}", "check the address in a browser", gone=status in _GONE)
    if response.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise BadDownload(f"{host} sends it compressed, which was not asked for")
    if kind in _NO_MEDIA and not rule.anywhere:
        raise BadDownload(f"{host} sends {kind} in place of the file")


async def _write(response: httpx.Response, host: str, part: Path, rule: Rule, progress: Progress) -> str:
    """Its sha1. h11 itself finds a body that is shorter than announced."""
    length = response.headers.get("content-length", "")
    announced = int(length) if length.isascii() and length.isdigit() else 0
    size, digest = 0, hashlib.sha1(usedforsecurity=False)
    with part.open("wb") as file:
        async for chunk in response.aiter_raw():
            size += len(chunk)
            if size > rule.most_bytes or announced > rule.most_bytes:
                raise BadDownload(f"{host} has more than {rule.most_bytes:,} bytes there", "give a smaller file")
            digest.update(chunk)
            await asyncio.to_thread(file.write, chunk)
            progress(min(size / announced, 1.0) if announced else size / rule.most_bytes)
    if announced and size < announced:
        raise BadDownload(f"{host} sent {size:,} bytes of {announced:,}", later=True)
    if not size and not rule.anywhere:
        raise BadDownload(f"{host} sent nothing", later=True)
    return digest.hexdigest()
