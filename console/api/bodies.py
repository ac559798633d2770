"""What a request's body may be: so large, of this type, JSON of a sane shape. It is read only once the caller is known
and may do what is asked."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Any

from starlette.requests import Request

from reelwright.domain.errors import InvalidInput

from .problems import Refused

JSON_BYTES = 1_000_000
DEPTH = 64
_BRACKETS = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)
_ODD = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
FIELD = "body"


class ApiRequest(Request):
    """A request whose body has a limit."""

    limit = JSON_BYTES

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body as it comes in. Raises `Refused` (413) as soon as it is, or is said to be, too large."""
        said = self.headers.get("content-length", "")
        if said.isdigit() and len(said) < 19 and int(said) > self.limit:
            raise self._too_large()
        size = 0
        async for piece in self.stream():
            size += len(piece)
            if size > self.limit:
                raise self._too_large()
            yield piece

    async def body(self) -> bytes:
        """All of it."""
        if not hasattr(self, "_body"):
            self._body = b"".join([piece async for piece in self.pieces()])
        return self._body

    async def json(self) -> Any:
        """The body as JSON. Raises `Refused` (415) for another type, and `InvalidInput` for what is no JSON, is nested
        too deeply, or holds what no text holds."""
        if not hasattr(self, "_json"):
            self._json = parsed(await self.body(), self.headers.get("content-type", ""))
        return self._json

    def _too_large(self) -> Refused:
        return Refused(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"it has more than {self.limit:,} bytes",
            field=FIELD,
            remedy="send less, or send files with POST /api/v1/media",
            headers={"Connection": "close"},
        )


def parsed(body: bytes, content_type: str) -> Any:
    """JSON of a sane shape."""
    kind = content_type.partition(";")[0].strip().lower()
    if body and kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise Refused(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f"it is {kind[:60] or 'of no type'!r}, and JSON is taken here",
            field="Content-Type",
            remedy="send `Content-Type: application/json`",
        )
    if _depth(body) > DEPTH:
        raise InvalidInput(f"it is nested more than {DEPTH} levels deep", field=FIELD, remedy="send it flatter")
    try:
        data = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:  # also bytes that are not UTF-8, and numbers of thousands of digits
        at = f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        raise InvalidInput(f"it is no JSON{at}", field=FIELD, remedy="send one JSON object in UTF-8") from None
    if _ODD.search(body) and not _is_text(data):
        raise InvalidInput(
            "it holds characters that no text has (NUL, or half of a pair)", field=FIELD, remedy="take them out"
        )
    return data


def _depth(body: bytes) -> int:
    if body.count(b"[") + body.count(b"{") <= DEPTH:
        return 0
    deepest = depth = 0
    for found in _BRACKETS.finditer(body):
        sign = found[0]
        if sign in (b"[", b"{"):
            depth += 1
            deepest = max(deepest, depth)
        elif sign in (b"]", b"}"):
            depth -= 1
    return deepest


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def _is_text(value: Any) -> bool:
    if isinstance(value, str):
        return is_text(value)
    if isinstance(value, dict):
        return all(is_text(key) and _is_text(inner) for key, inner in value.items())
    return not isinstance(value, list) or all(map(_is_text, value))


def is_text(value: str) -> bool:
    """Whether it can be stored and printed: no NUL, no half of a surrogate pair."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in value
