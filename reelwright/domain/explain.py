"""Turns a validation error into one line that names the field and the remedy."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from .errors import InvalidInput
from .text.incoming import cut

_OBJECT = ("it is no JSON object", 'give {"field": value, ...}')
_FIELDS = ("it has fields of its own", "give them by name")
_REMEDIES = {
    "extra_forbidden": ("there is no such field", "check the spelling against the README"),
    "missing": ("it is required", "give it a value"),
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "dict_type": _OBJECT,
    "string_type": ("it is no text", "give text in quotes"),
}
FIELD_CHARS = 80
ROOT = "request"
"""The field's name where the whole value is wrong."""


def explain(error: ValidationError) -> InvalidInput:
    """The first error, as `InvalidInput`; the number of further ones is at the end."""
    errors = error.errors(include_url=False, include_context=False, include_input=False)
    first = errors[0]
    field = ".".join(str(part) for part in first["loc"] if isinstance(part, str))
    field = cut(field, FIELD_CHARS) or ROOT  # a field that does not exist is foreign text
    message, remedy = plainly(first)
    if message == _OBJECT[0] and field != ROOT:
        message, remedy = _FIELDS
    if len(errors) > 1:
        remedy = f"{remedy} ({len(errors) - 1} more to mend)".strip()
    return InvalidInput(message, field=field, remedy=remedy)


def plainly(error: Mapping[str, Any]) -> tuple[str, str]:
    """(message, remedy) of one of Pydantic's errors."""
    return _REMEDIES.get(error["type"], (error["msg"].removeprefix("Value error, "), ""))
