"""The fields of a form as a page sends them, read up to a limit: a body of any size may come."""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request

MOST_BYTES = 64_000
MOST_FIELDS = 200
TYPE = "application/x-www-form-urlencoded"


async def body_of(request: Request, most: int = MOST_BYTES) -> bytes:
    """The body. Raises 413 as soon as there is more than `most` bytes, whatever its length was said to be."""
    declared = request.headers.get("content-length", "0")
    if not declared.isdigit() or int(declared) > most:
        raise HTTPException(413, f"more than {most:,} bytes")
    read = bytearray()
    async for chunk in request.stream():
        read += chunk
        if len(read) > most:
            raise HTTPException(413, f"more than {most:,} bytes")
    return bytes(read)


async def fields(request: Request, most: int = MOST_BYTES) -> dict[str, str]:
    """The fields of an ordinary form; of a name that is given twice the last. Raises 415, 413 or 400."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != TYPE:
        raise HTTPException(415, f"send a form as {TYPE}")
    body = await body_of(request, most)
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError as error:  # not UTF-8, or too many fields
        raise HTTPException(400, "the form cannot be read") from error
    return dict(pairs)


def within(path: str | None) -> str:
    """A path of the console to go to after something; "/" for anything that is none, or would leave it."""
    if not path or not path.startswith("/") or path.startswith("//") or "\\" in path or not path.isprintable():
        return "/"
    return path
