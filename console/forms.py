"""Fields of forms: text of people, with a limit, and an error that names the field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.datastructures import FormData

from reelwright.domain.errors import InvalidInput


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
