"""Files of the media store as answers: whole or in ranges, never as anything that a browser would run."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import aclosing

from starlette.exceptions import HTTPException
from starlette.responses import Response, StreamingResponse

from reelwright.domain.assets import AssetRef
from reelwright.domain.errors import AssetCorrupt
from reelwright.domain.ports.making import MediaStore

from .routing import PageRequest

CHUNK = 256 * 1024
KEPT = "private, max-age=31536000, immutable"
"""A file's address is its digest: what is kept under it never changes."""
HEADERS = {
    "Accept-Ranges": "bytes",
    "Cache-Control": KEPT,
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_SHOWN = re.compile(r"(image|video|audio)/[a-z0-9.+-]+|text/vtt|text/plain")


async def media_answer(request: PageRequest, store: MediaStore, file: AssetRef) -> Response:
    """The file, or the one range that is asked for. 304 for a browser that has it, 416 for a range outside of it, 404
    where the store does not have it."""
    headers = {**HEADERS, "ETag": f'"{file.sha256}"'}
    if file.sha256 in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    first, end = 0, file.size
    status = 200
    wanted = request.headers.get("range")
    if wanted and file.sha256 in request.headers.get("if-range", file.sha256):
        found = range_of(wanted, file.size)
        if found is not None:
            first, end = found
            status = 206
            if first >= end:
                return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{file.size}"})
            headers["Content-Range"] = f"bytes {first}-{end - 1}/{file.size}"
    headers["Content-Length"] = str(end - first)
    media_type = file.media_type
    if not _SHOWN.fullmatch(media_type):
        headers["Content-Disposition"] = "attachment"
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type=media_type)
    blocks = store.read(file, start=first, end=end, chunk=CHUNK)
    try:
        # Before the status is sent: what is missing is not told in the middle of an answer.
        beginning = await anext(blocks, b"")
    except AssetCorrupt as error:
        raise HTTPException(404, error.message) from error
    return StreamingResponse(_rest(beginning, blocks), status_code=status, headers=headers, media_type=media_type)


def range_of(header: str, size: int) -> tuple[int, int] | None:
    """(first byte, byte after the last) of `bytes=0-99`, `bytes=100-` or `bytes=-100`; an empty one (first >= end) lies
    outside. None for what is not understood or is several ranges: RFC 9110 has the whole file answered then."""
    match = _RANGE.fullmatch(header.strip())
    if match is None or match.groups() == ("", ""):
        return None
    begin, last = match.groups()
    if not begin:
        return (size - min(int(last), size), size) if int(last) else (size, size)
    if last and int(last) < int(begin):
        return None
    return int(begin), min(int(last) + 1, size) if last else size


async def _rest(beginning: bytes, blocks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """All of it. The file is closed also where the browser goes away in the middle."""
    async with aclosing(blocks):  # type: ignore[type-var]
        yield beginning
        async for block in blocks:
            yield block
