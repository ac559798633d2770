"""Fetches a file from a public `https://` address, with limits on size and time."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx

from reelwright.domain.errors import InvalidInput, ProviderUnavailable
from reelwright.domain.ports.making import Progress

from ..feeds.pinned import PinnedTransport, Refused, UnknownHost
from .limits import Limits

MAX_REDIRECTS = 4
_CONNECT_S = 10.0
_HEADERS = {"User-Agent": "Reelwright/0.1 (media)", "Accept": "*/*", "Accept-Encoding": "identity"}
AWAY = "check that it is there, or store the file with `reelwright media add` and give what that prints"
"""What to do about a host that does not answer."""
_TRY_AGAIN = frozenset({408, 425, 429})


class Web:
    """The web as far as it is public. `allow_private` is for intranets and tests."""

    def __init__(self, limits: Limits, *, allow_private: bool) -> None:
        self._limits = limits
        self._allow_private = allow_private

    async def fetch(self, url: str, to: Path, *, field: str, progress: Progress) -> None:
        """Writes the file to `to`. Raises `InvalidInput` (naming the field) where the request cannot succeed,
        `ProviderUnavailable` where it may later."""
        seconds = self._limits.fetch_s
        try:
            address = httpx.URL(url)
            host = address.host or "the address"  # decodes the name, so that one that is none is found here
            async with (
                asyncio.timeout(seconds),
                httpx.AsyncClient(
                    transport=PinnedTransport(allow_private=self._allow_private),
                    timeout=httpx.Timeout(60.0, connect=_CONNECT_S),
                    trust_env=False,
                ) as client,
            ):
                await self._follow(client, address, to, field, progress)
        except Refused as error:
            raise InvalidInput(str(error), field=field, remedy="give a public https address") from error
        except UnknownHost as error:
            if error.temporary:
                raise ProviderUnavailable(
                    f"the name {error} could not be looked up", field=field, remedy=AWAY
                ) from error
            raise InvalidInput(f"there is no host {error}", field=field, remedy="check the spelling") from error
        except (httpx.InvalidURL, UnicodeError, OverflowError, ValueError) as error:
            raise InvalidInput("this is no web address", field=field, remedy="give an https address") from error
        except (TimeoutError, httpx.TimeoutException) as error:
            raise ProviderUnavailable(
                f"{host} did not send it within {seconds:g} s", field=field, remedy=AWAY
            ) from error
        except httpx.TransportError as error:
            raise ProviderUnavailable(
                f"{host} cannot be reached ({type(error).__name__})", field=field, remedy=AWAY
            ) from error

    async def _follow(
        self, client: httpx.AsyncClient, url: httpx.URL, to: Path, field: str, progress: Progress
    ) -> None:
        for _ in range(MAX_REDIRECTS + 1):
            if url.scheme != "https" and not self._allow_private:
                raise Refused("only https addresses are read")
            async with client.stream("GET", url, headers=_HEADERS, follow_redirects=False) as response:
                if not response.has_redirect_location:
                    _check_status(response, url.host, field)
                    await self._write(response, url.host, to, field, progress)
                    return
                url = url.join(response.headers["location"]).copy_with(fragment=None)
        raise InvalidInput(
            f"{url.host} redirects more than {MAX_REDIRECTS} times", field=field, remedy="give the final address"
        )

    async def _write(self, response: httpx.Response, host: str, to: Path, field: str, progress: Progress) -> None:
        limit, size = self._limits.bytes, 0
        length = response.headers.get("content-length", "")
        announced = int(length) if length.isascii() and length.isdigit() else 0
        if response.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
            raise InvalidInput(f"{host} sends it compressed, which was not asked for", field=field)
        with to.open("wb") as file:
            async for chunk in response.aiter_raw():
                size += len(chunk)
                if size > limit or announced > limit:
                    raise InvalidInput(
                        f"{host} has more than {limit:,} bytes there", field=field, remedy="give a smaller file"
                    )
                await asyncio.to_thread(file.write, chunk)
                progress(min(size / announced, 1.0) if announced else size / limit)
        if announced and size < announced:
            raise ProviderUnavailable(f"{host} sent {size:,} bytes of {announced:,}", field=field, remedy=AWAY)


def _check_status(response: httpx.Response, host: str, field: str) -> None:
    status = response.status_code
    if status == 200:
        return
    if status in _TRY_AGAIN or status >= 500:
        raise ProviderUnavailable(f"{host} answers {status}", field=field, remedy=AWAY)
    raise InvalidInput(f"{host} answers {status}", field=field, remedy="check the address in a browser")
