"""From the bytes of a channel file to a checked configuration. What is wrong is one line with file, line and key."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError

from reelwright.domain.channels.config import CHANNEL_BYTES, Budget, ChannelConfig, Look, PostingSlot, RequestDefaults
from reelwright.domain.content.request import PostOptions
from reelwright.domain.content.style import BrandKit, CaptionStyle
from reelwright.domain.content.voice import VoiceChoice
from reelwright.domain.errors import InvalidInput, WrongInFile
from reelwright.domain.explain import explain
from reelwright.domain.ids import ACCOUNT
from reelwright.domain.text.incoming import cut, decode

from .toml_lines import TomlLines

PAGE = "see docs/channels.md"
_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
_TWICE = (
    "Cannot overwrite a value",
    "Cannot declare",
    "Cannot redefine",
    "Cannot mutate",
    "Duplicate inline table key",
)
_PATTERNS = {
    "^#[0-9A-Fa-f]{6}$": ("is not a colour", "write it as #rrggbb"),
    ACCOUNT: ("is not a name", "use up to 64 letters, digits, dots, dashes and underscores"),
}
_MODELS: tuple[type[BaseModel], ...] = (
    *(ChannelConfig, Look, BrandKit, CaptionStyle, VoiceChoice),
    *(PostingSlot, Budget, RequestDefaults, PostOptions),
)
QUOTED_CHARS = 40


@dataclass(frozen=True)
class ChannelFile:
    """A channel file that is TOML. `file` is its name for messages."""

    file: str
    data: dict[str, Any]
    lines: TomlLines

    def config(self) -> ChannelConfig:
        """The configuration. Raises `WrongInFile`."""
        try:
            return ChannelConfig.model_validate(self.data)
        except ValidationError as error:
            raise self._explained(error) from error

    def wrong(self, error: InvalidInput, field: str | None = None) -> WrongInFile:
        """The error with the file and the line of its field (or of another field of this file)."""
        field = error.field if field is None else field
        line = self.lines.of(field.split("."))
        return WrongInFile(f"{self.file}, line {line}", error.message, field=field, remedy=error.remedy)

    def _explained(self, error: ValidationError) -> WrongInFile:
        first = error.errors(include_url=False)[0]
        path = tuple(part for part in first["loc"] if part != "[key]")
        known = explain(error)
        more = re.search(r"\(\d+ more to mend\)$", known.remedy)
        message, remedy = _plainly(first, path) or (known.message, known.remedy.removesuffix(more[0] if more else ""))
        while first["type"] != "missing" and path and not self.lines.has(path):
            path = path[:-1]  # pydantic adds what it tried
        return WrongInFile(
            f"{self.file}, line {self.lines.of(path)}",
            message,
            field=cut(".".join(str(part) for part in path if isinstance(part, str)), 80),
            remedy=" ".join(filter(None, (remedy.strip(), more[0] if more else ""))),
        )


def parsed(data: bytes, file: str) -> ChannelFile:
    """A file's tables with their lines. Raises `WrongInFile` for what is too large, not UTF-8, or not TOML."""
    try:
        text = decode(data, field="", limit=CHANNEL_BYTES)
    except InvalidInput as error:
        raise WrongInFile(file, error.message, remedy=error.remedy) from error
    try:
        return ChannelFile(file, tomllib.loads(text), TomlLines(text))
    except tomllib.TOMLDecodeError as error:
        place = _PLACE.search(str(error))
        line = place[1] if place and place[1] else str(text.count("\n", 0, len(text.rstrip())) + 1)
        why = cut(_PLACE.sub("", str(error)), 100)
        if why.startswith(_TWICE):
            raise WrongInFile(
                f"{file}, line {line}", "this name is used twice", remedy="name each key and table once"
            ) from error
        raise WrongInFile(f"{file}, line {line}", f"it is not TOML ({why})", remedy=PAGE) from error
    except RecursionError as error:
        raise WrongInFile(file, "it is nested too deeply", remedy=PAGE) from error


def _plainly(error: Any, path: Iterable[str | int]) -> tuple[str, str] | None:
    """Message and remedy of those errors that pydantic words for programmers."""
    given, context = cut(str(error.get("input")), QUOTED_CHARS), error.get("ctx", {})
    match error["type"]:
        case "extra_forbidden":
            name = str(list(path)[-1])
            close = difflib.get_close_matches(name, _names(), 1)
            return "there is no such field", f"did you mean `{close[0]}`?" if close and close[0] != name else PAGE
        case "string_pattern_mismatch" if context.get("pattern") in _PATTERNS:
            what, remedy = _PATTERNS[context["pattern"]]
            return f'"{given}" {what}', remedy
        case "literal_error" | "enum":
            return f'"{given}" is not offered', f"choose from {context['expected']}"
        case "tuple_type":
            return "it is no list", "write it in brackets: [...]"
        case "finite_number":
            return "it is not a finite number", "give a number"
        case kind if kind.startswith(("datetime", "timezone")):
            return f'"{given}" is no time with a zone', "write 2026-12-24T18:00:00+01:00, or best"
    return None


@cache
def _names() -> tuple[str, ...]:
    return tuple({name for model in _MODELS for name in model.model_fields})
