"""Size limits of fields, checked before anything is done with them: cleaning megabytes takes seconds.

An error names the size, the limit, and the remedy; `explain` puts the field's name before it.
"""

from __future__ import annotations

from collections.abc import Callable, Sized
from dataclasses import dataclass
from typing import Any

from pydantic import AfterValidator, BeforeValidator, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

_ROOM = 4
"""A text this many times longer than its limit is refused as it is; a shorter one may yet lose spaces and the like."""


@dataclass(frozen=True)
class Text:
    """An annotation for `str`: at least `least` and at most `limit` characters once `tidy` has put it in order."""

    tidy: Callable[[str], str]
    limit: int
    least: int = 0
    remedy: str = "shorten it"

    def check(self, value: str) -> str:
        """The tidied text. Raises `ValueError`."""
        too_long = len(value) > _ROOM * self.limit + 1_000
        text = value if too_long else self.tidy(value)
        if len(text) > self.limit:
            raise ValueError(f"{len(text):,} characters is more than {self.limit:,}; {self.remedy}")
        if len(text) < self.least:
            raise ValueError("it is empty; write something or leave it out")
        return text

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(schema), "maxLength": self.limit} | ({"minLength": self.least} if self.least else {})


def at_most(limit: int, what: str, remedy: str) -> BeforeValidator:
    """For a list or a table of at most `limit` entries, refused before any entry is looked at."""

    def check(value: Any) -> Any:
        if isinstance(value, Sized) and not isinstance(value, str | bytes) and len(value) > limit:
            raise ValueError(f"{len(value):,} {what} is more than {limit}; {remedy}")
        return value

    return BeforeValidator(check)


def _once(values: tuple[Any, ...]) -> tuple[Any, ...]:
    twice = [value for place, value in enumerate(values) if value in values[:place]]
    if twice:
        raise ValueError(f"{str(twice[0])[:60]!r} is named twice; name each once")
    return values


once_each = AfterValidator(_once)
"""For a list in which no value may stand twice."""
