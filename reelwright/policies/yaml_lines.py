"""A policy's YAML file as data, with the line of each key."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from reelwright.domain.content.policy import CATEGORIES, Disclosures, KidsRules, ModerationPolicy, Thresholds
from reelwright.domain.content.review_rules import ReviewRules
from reelwright.domain.errors import WrongInFile
from reelwright.domain.explain import explain
from reelwright.domain.text.incoming import cut

PAGE = "see docs/moderation.md"
DEPTH = 10
_MODELS: tuple[type[BaseModel], ...] = (ModerationPolicy, Thresholds, Disclosures, KidsRules, ReviewRules)
_MORE = re.compile(r" ?\(\d+ more to mend\)$")

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class PolicyFile:
    """A policy file that is YAML. `file` is its name for messages, `stem` the name it must have."""

    file: str
    stem: str
    data: dict[str, Any]
    lines: dict[Path, int]
    preset: bool = False

    def policy(self) -> ModerationPolicy:
        """The file's own fields. Raises `WrongInFile`."""
        try:
            return ModerationPolicy.model_validate(self.data)
        except ValidationError as error:
            raise self.explained(error) from error

    def wrong(self, message: str, field: str, remedy: str) -> WrongInFile:
        """An error at a field of this file."""
        return WrongInFile(self._where(tuple(field.split("."))), message, field=field, remedy=remedy)

    def explained(self, error: ValidationError) -> WrongInFile:
        """The first error, with its line and key."""
        first = error.errors(include_url=False)[0]
        path = tuple(part for part in first["loc"] if part != "[key]")
        known = explain(error)
        message, remedy = _plainly(first, path) or (known.message, _MORE.sub("", known.remedy))
        while path and path not in self.lines:
            path = path[:-1]  # pydantic adds what it tried; a key that is missing has no line
        field = ".".join(str(part) for part in path) or known.field
        return WrongInFile(self._where(path), message, field=cut(field, 80), remedy=remedy)

    def _where(self, path: Path) -> str:
        while path and path not in self.lines:
            path = path[:-1]
        return f"{self.file}, line {self.lines.get(path, 1)}"


def parsed(data: bytes, file: str, stem: str, *, preset: bool = False) -> PolicyFile:
    """A file's tables with their lines. Raises `WrongInFile` for what is not UTF-8, not YAML, or no table; a key that
    stands twice, an alias and a tag are refused too."""
    try:
        node = yaml.compose(data.decode("utf-8"), Loader=yaml.SafeLoader)
    except UnicodeDecodeError as error:
        raise WrongInFile(file, "it is not UTF-8", remedy="save it as UTF-8") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{file}, line {mark.line + 1}" if mark else file
        why = cut(getattr(error, "problem", None) or str(error), 100)
        raise WrongInFile(where, f"it is not YAML ({why})", remedy=PAGE) from error
    except RecursionError as error:
        raise WrongInFile(file, "it is nested too deeply", remedy=PAGE) from error
    reading = _Reading(file)
    value = reading.value(node, ()) if node is not None else None
    if not isinstance(value, dict):
        raise WrongInFile(f"{file}, line 1", "it is no table", remedy=f"begin with name: {stem}")
    return PolicyFile(file, stem, value, reading.lines, preset)


class _Reading:
    """From YAML's nodes to plain data. Words stay words: only `true`, `false`, `null` and numbers are taken for more,
    so that the country `NO` is none of them (as in YAML 1.2)."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._seen: set[int] = set()
        self.lines: dict[Path, int] = {}

    def value(self, node: yaml.Node, path: Path) -> Any:
        line = node.start_mark.line + 1
        self.lines.setdefault(path, line)
        if id(node) in self._seen:
            raise self._wrong(line, "an alias (*) is used", path, "write the value out")
        self._seen.add(id(node))
        if len(path) > DEPTH:
            raise self._wrong(line, "it is nested too deeply", path[:2], PAGE)
        if isinstance(node, yaml.MappingNode):
            return self._table(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        return self._scalar(node, path, line)

    def _table(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        table: dict[str, Any] = {}
        for key, item in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise self._wrong(line, "a key is no word", path, PAGE)
            below = (*path, key.value)
            if key.value in table:
                raise self._wrong(line, "this key stands twice", below, "name each key once")
            self.lines[below] = line
            table[key.value] = self.value(item, below)
        return table

    def _scalar(self, node: yaml.Node, path: Path, line: int) -> Any:
        text, kind = str(node.value), node.tag.rpartition(":")[2]
        if kind == "null" or (kind == "bool" and text.lower() in ("true", "false")):
            return None if kind == "null" else text.lower() == "true"
        if kind in ("int", "float"):
            try:
                return float(text) if kind == "float" else int(text)
            except ValueError:  # 1:30, 0x1f, .inf
                return text
        if not node.tag.startswith("tag:yaml.org,2002:"):
            raise self._wrong(line, f"a tag ({cut(node.tag, 40)}) is used", path, "leave it out")
        return text

    def _wrong(self, line: int, message: str, path: Path, remedy: str) -> WrongInFile:
        field = cut(".".join(str(part) for part in path), 80)
        return WrongInFile(f"{self._file}, line {line}", message, field=field, remedy=remedy)


def _plainly(error: Any, path: Path) -> tuple[str, str] | None:
    """Message and remedy of those errors that pydantic words for programmers."""
    given, context = cut(str(error.get("input")), 40), error.get("ctx", {})
    match error["type"]:
        case "extra_forbidden":
            close = difflib.get_close_matches(str(path[-1]), _names(), 1)
            return "there is no such key", f"did you mean `{close[0]}`?" if close else PAGE
        case "greater_than_equal" | "less_than_equal":
            return f"{given} is out of range", "give a score from 0 to 1, or null for never"
        case "float_type" | "float_parsing" | "finite_number":
            return f'"{given}" is no score', "give a number from 0 to 1, or null for never"
        case "literal_error" if error["loc"][-1] == "[key]":
            close = difflib.get_close_matches(given, CATEGORIES, 1)
            return f'"{given}" is no category', f"did you mean `{close[0]}`?" if close else PAGE
        case "tuple_type":
            return "it is no list", "write it in brackets: [...]"
        case "string_pattern_mismatch" if context.get("pattern") == "^[A-Z]{2}$":
            return f'"{given}" is no country', "write two capitals, as DE"
    return None


@cache
def _names() -> tuple[str, ...]:
    return tuple({name for model in _MODELS for name in model.model_fields})
