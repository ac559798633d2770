"""A video's bytes on their way to a platform: read once, one piece in memory, whatever the platform keeps of it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from reelwright.domain.errors import AssetCorrupt
from reelwright.domain.posting_ports import ByteSource

WIRE_PIECE = 262_144
"""Bytes given to the connection at once."""


class Pieces:
    """A chunk for the wire in small pieces, from the start each time it is asked: given whole, every layer below
    would copy it whole. `let_go` because httpx's requests and responses refer to each other in circles, and would keep
    a score of chunks in memory until the garbage collector comes by (measured: 220 MB instead of 37)."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def let_go(self) -> None:
        self._data = b""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        view = memoryview(self._data)
        for at in range(0, len(view), WIRE_PIECE):
            yield bytes(view[at : at + WIRE_PIECE])


class Feed:
    """The video's bytes from any offset on, one piece in memory. What was read and not kept is not read twice."""

    def __init__(self, source: ByteSource) -> None:
        self._source = source
        self._stream: AsyncIterator[bytes] | None = None
        self._base = 0
        self._buffer = bytearray()

    async def take(self, offset: int, length: int) -> bytes:
        """Exactly `length` bytes from `offset`. Raises `AssetCorrupt` when the source ends before."""
        if self._stream is None or not self._base <= offset <= self._base + len(self._buffer):
            await self.close()
            self._stream, self._base = self._source(offset), offset
        del self._buffer[: offset - self._base]
        self._base = offset
        while len(self._buffer) < length:
            block = await anext(self._stream, None)
            if block is None:
                raise AssetCorrupt(
                    f"the video ends at byte {offset + len(self._buffer):,}", field="video", remedy="render it again"
                )
            self._buffer += block
        return bytes(self._buffer[:length])

    async def close(self) -> None:
        """Ends the reading; generators close their files."""
        stream, self._stream = self._stream, None
        self._buffer.clear()
        close = getattr(stream, "aclose", None)
        if close:
            await close()


@contextlib.asynccontextmanager
async def feed_of(source: ByteSource) -> AsyncIterator[Feed]:
    """A `Feed` that is closed at the end."""
    feed = Feed(source)
    try:
        yield feed
    finally:
        await feed.close()
