"""Forms as pages send them: read up to a limit, for a body of any size may come; text of people, with a limit, and an
error that names the field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request

from reelwright.domain.errors import InvalidInput

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


async def form_of(request: Request, most: int = MOST_BYTES) -> FormData:
    """The fields of an ordinary form, in their order. Raises 415, 413 or 400."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != TYPE:
        raise HTTPException(415, f"send a form as {TYPE}")
    body = await body_of(request, most)
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError as error:  # not UTF-8, or too many fields
        raise HTTPException(400, "the form cannot be read") from error
    return FormData([*pairs])


async def fields(request: Request, most: int = MOST_BYTES) -> dict[str, str]:
    """As `form_of`; of a name that is given twice the last."""
    return {name: str(value) for name, value in (await form_of(request, most)).multi_items()}


def within(path: str | None) -> str:
    """A path of the console to go to after something; "/" for anything that is none, or would leave it."""
    if not path or not path.startswith("/") or path.startswith("//") or "\\" in path or not path.isprintable():
        return "/"
    return path


def text_of(form: FormData | Mapping[str, Any], name: str, *, most: int, needed: bool = True) -> str:
    """A field's text without blanks around it; "" where there is none and none is `needed`. `most` is in characters.
    Raises `InvalidInput`."""
    given = form.get(name)
    if given is not None and not isinstance(given, str):
        raise InvalidInput("it is a file, and text is wanted", field=name, remedy="send the field as text")
    text = (given or "").strip()
    if needed and not text:
        raise InvalidInput("it is empty", field=name, remedy="fill it in")
    if len(text) > most:
        raise InvalidInput(f"it has {len(text):,} characters", field=name, remedy=f"{most:,} are possible: shorten it")
    if "\0" in text:
        raise InvalidInput("it holds a null character", field=name, remedy="leave it out")
    return text


def texts_of(form: FormData, name: str, *, most: int) -> tuple[str, ...]:
    """All values of a field that may be ticked several times, at most `most` of them. Raises `InvalidInput`."""
    values = form.getlist(name)
    if len(values) > most or not all(isinstance(value, str) and len(value) <= 200 for value in values):
        raise InvalidInput("it has too many or too long values", field=name, remedy=f"tick at most {most}")
    return tuple(str(value) for value in values)
