"""rupload: the upload of the video's bytes to Instagram and Facebook reels and stories
(docs/platforms/instagram.md#upload, docs/platforms/facebook.md#reels, #processing).

One POST carries everything from `offset` to the end; a shorter body is a `PartialRequestError`, of which a part may
have been kept. So the file is streamed, and after every interruption the offset is read from Meta.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import httpx

from reelwright.domain.errors import AssetCorrupt, PlatformTransient, ReelwrightError, SessionLost
from reelwright.domain.ports.publishing import ByteSource

from ..common.http import unreachable
from ..common.source import WIRE_PIECE
from .api import Graph, succeeded
from .errors import read_envelope

_log = logging.getLogger(__name__)

STALLS = 5
"""So many tries in a row that add nothing, and the attempt ends; the next one goes on where this one stopped."""
LONGEST_WAIT_S = 30.0
"""A wait longer than this, in seconds, that the platform requests is left to the workflow."""


class Rest:
    """The file from an offset to its end as one body in small pieces; read again at each iteration, so that it can be
    sent again. Raises `AssetCorrupt` when the file is too short."""

    def __init__(self, source: ByteSource, offset: int, length: int) -> None:
        self._source = source
        self._offset = offset
        self._length = length
        self._open: list[AsyncIterator[bytes]] = []

    async def __aiter__(self) -> AsyncIterator[bytes]:
        stream, left = self._source(self._offset), self._length
        self._open.append(stream)
        async for block in stream:
            view = memoryview(block)[:left]
            for at in range(0, len(view), WIRE_PIECE):
                yield bytes(view[at : at + WIRE_PIECE])
            left -= len(view)
            if not left:
                return
        if left:
            end = self._offset + self._length - left
            raise AssetCorrupt(f"the video ends at byte {end:,}", field="video", remedy="render it again")

    async def aclose(self) -> None:
        """Closes the file: a body that was not sent to its end is not read to its end either."""
        while self._open:
            close = getattr(self._open.pop(), "aclose", None)
            if close:
                await close()


@dataclass(frozen=True)
class Doubt:
    """rupload reported a failure, which it also does for videos that are complete
    (docs/platforms/instagram.md#upload): only their state decides."""

    reason: str


class Rupload:
    """The upload of one file to one address. `offset` reads from Meta how many bytes it holds; `acknowledged` is called
    for each piece that was received."""

    def __init__(
        self,
        graph: Graph,
        account: str,
        url: str,
        size: int,
        source: ByteSource,
        *,
        offset: Callable[[], Awaitable[int]],
        acknowledged: Callable[[int], Awaitable[None]],
    ) -> None:
        self._graph = graph
        self._account = account
        self._url = url
        self._size = size
        self._source = source
        self._offset = offset
        self._acknowledged = acknowledged

    async def send(self) -> Doubt | None:
        """Sends what is missing, from Meta's own offset on. None when everything was taken."""
        at, stalled = await self._offset(), 0
        while at < self._size:
            outcome = await self._rest(at)
            if outcome is None:
                await self._acknowledged(self._size)
                return None
            if isinstance(outcome, Doubt):
                return outcome
            after = await self._offset()
            stalled = 0 if after > at else stalled + 1
            wait = getattr(outcome, "retry_after_s", None) or 0.0
            if after > at:
                await self._acknowledged(after)
            if stalled >= STALLS or (after < self._size and wait > LONGEST_WAIT_S):
                raise outcome
            if after < self._size:
                await asyncio.sleep(wait + self._graph.retry_wait_s * (2**stalled - 1))
            at = after
        return None

    async def _rest(self, at: int) -> ReelwrightError | Doubt | None:
        """One POST. Returns why not everything was accepted; raises what cannot be handled here."""
        body = Rest(self._source, at, self._size - at)
        headers = {
            "offset": str(at),
            "file_size": str(self._size),
            "Content-Length": str(self._size - at),
            "Content-Type": "application/octet-stream",
        }
        try:
            async with contextlib.aclosing(body):
                response = await self._graph.send(
                    self._account, "POST", self._url, upload=True, headers=headers, content=body
                )
        except httpx.HTTPError as error:
            _log.info("an upload was interrupted (%s); asking how far it came", type(error).__name__)
            return unreachable(self._graph.label, error)
        return None if succeeded(response) is not None else self._refusal(response)

    def _refusal(self, response: httpx.Response) -> ReelwrightError | Doubt:
        envelope = read_envelope(response)
        if envelope and envelope.kind == "OffsetInvalidError":
            return SessionLost(
                f"{self._graph.label} is not where it says it is: {envelope.why}",
                field="upload",
                remedy="a new upload is begun",
            )
        if envelope and envelope.kind and envelope.kind != "PartialRequestError" and not envelope.transient:
            return Doubt(envelope.why)
        error = self._graph.error(response, "uploading", writing=False)
        if isinstance(error, PlatformTransient):
            return error
        raise error
