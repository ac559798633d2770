"""Turns a validation error into one line that names the field and the remedy."""

from pydantic import ValidationError

from .errors import InvalidInput

_REMEDIES = {
    "extra_forbidden": ("there is no such field", "check the spelling against the README"),
    "missing": ("it is required", "give it a value"),
}


def explain(error: ValidationError) -> InvalidInput:
    """The first thing wrong, as `InvalidInput`; how many more there are is said at the end."""
    errors = error.errors(include_url=False, include_context=False)
    first = errors[0]
    field = ".".join(str(part) for part in first["loc"] if isinstance(part, str)) or "request"
    message, remedy = _REMEDIES.get(first["type"], (first["msg"].removeprefix("Value error, "), ""))
    if len(errors) > 1:
        remedy = f"{remedy} ({len(errors) - 1} more to mend)".strip()
    return InvalidInput(message, field=field, remedy=remedy)
