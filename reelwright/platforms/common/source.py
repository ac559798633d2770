"""A video's bytes on their way to a platform: read once, one piece in memory, whatever the platform keeps of it."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import AsyncIterator

from reelwright.domain.errors import AssetCorrupt
from reelwright.domain.ports.publishing import ByteSource

WIRE_PIECE = 1 << 20
"""Bytes given to the connection at once."""
KEPT = 2 << 20
"""Bytes a feed keeps of what it has read."""


class Pieces:
    """A chunk as a request body in small pieces, from the start at each iteration: as one piece, every layer below
    would copy it whole. `let_go` because httpx's requests and responses form reference cycles, which would keep
    about 20 chunks in memory until the next garbage collection (measured: 220 MB instead of 37)."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def __len__(self) -> int:
        return len(self._data)

    def let_go(self) -> None:
        self._data = b""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        view = memoryview(self._data)
        for at in range(0, len(view), WIRE_PIECE):
            yield bytes(view[at : at + WIRE_PIECE])


class Feed:
    """The video's bytes from any offset on, in constant memory: the last few MiB that were read are kept, so that what
    a platform did not keep need not be read twice."""

    def __init__(self, source: ByteSource) -> None:
        self._source = source
        self._stream: AsyncIterator[bytes] | None = None
        self._base = self._end = 0
        self._held: deque[memoryview] = deque()
        """The bytes from `_base` to `_end` in the source's own blocks, so that no chunk is ever copied together."""

    async def take(self, offset: int, length: int) -> bytes:
        """Exactly `length` bytes from `offset`. Raises `AssetCorrupt` when the source ends before."""
        return b"".join([piece async for piece in self.chunk(offset, length)])

    def chunk(self, offset: int, length: int) -> Chunk:
        """The same as a body for the wire that is read while it is sent."""
        return Chunk(self, offset, length)

    async def piece(self, offset: int, most: int) -> memoryview:
        """Some bytes from `offset` on. Raises `AssetCorrupt` at the source's end."""
        if self._stream is None or not self._base <= offset <= self._end:
            await self.close()
            self._stream = self._source(offset)
            self._base = self._end = offset
        while self._end <= offset:
            block = await anext(self._stream, None)
            if block is None:
                raise AssetCorrupt(f"the video ends at byte {self._end:,}", field="video", remedy="render it again")
            self._held.append(memoryview(block))
            self._end += len(block)
            while self._end - self._base - len(self._held[0]) > KEPT:
                self._base += len(self._held.popleft())
        at = self._base
        for held in self._held:
            if offset < at + len(held):
                return held[offset - at :][:most]
            at += len(held)
        raise AssertionError("the last block reaches beyond the offset")

    async def close(self) -> None:
        """Ends the reading; generators close their files."""
        stream, self._stream = self._stream, None
        self._held.clear()
        close = getattr(stream, "aclose", None)
        if close:
            await close()


class Chunk:
    """A range of a feed as a request's body, from the start at each iteration."""

    def __init__(self, feed: Feed, start: int, length: int) -> None:
        self._feed = feed
        self._start = start
        self._length = length

    def __len__(self) -> int:
        return self._length

    async def __aiter__(self) -> AsyncIterator[bytes]:
        at, end = self._start, self._start + self._length
        while at < end:
            piece = await self._feed.piece(at, min(WIRE_PIECE, end - at))
            # The source's own block where one fits: each copy would cost a tenth of the throughput.
            yield piece.obj if isinstance(piece.obj, bytes) and len(piece.obj) == len(piece) else bytes(piece)
            at += len(piece)


@contextlib.asynccontextmanager
async def feed_of(source: ByteSource) -> AsyncIterator[Feed]:
    """A `Feed` that is closed at the end."""
    feed = Feed(source)
    try:
        yield feed
    finally:
        await feed.close()
