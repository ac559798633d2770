"""Front matter: what site generators and note-taking programs put before a text. It is data about it, not text."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass

_YAML = re.compile(r"---[ \t]*\n(?P<body>.*?)\n?(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_TOML = re.compile(r"\+\+\+[ \t]*\n(?P<body>.*?)\n?\+\+\+[ \t]*(?:\n|\Z)", re.DOTALL)
_KEY = re.compile(r"(?P<key>[A-Za-z_][\w .-]{0,40}|\"[^\"\n]{1,40}\")\s*:(?:\s+(?P<value>.*))?$")
_CONTINUED = re.compile(r"(?:\s*-(?:\s|$)|\s+\S|\s*[\]}]|#)")
# A dialogue between two scene breaks looks the same: `Anna: Hello!`. Its names are capitalised, these are not.
_USUAL = frozenset(
    [
        "title",
        "date",
        "tags",
        "author",
        "authors",
        "categories",
        "category",
        "description",
        "draft",
        "slug",
        "lang",
        "layout",
        "language",
        "published",
        "updated",
        "aliases",
        "keywords",
        "summary",
        "permalink",
        "id",
        "created",
        "weight",
        "subtitle",
        "cover",
        "image",
        "type",
        "status",
        "series",
        "url",
        "source",
        "cssclass",
        "marp",
        "theme",
        "name",
    ]
)


@dataclass(frozen=True)
class Parted:
    """A script without its front matter, and the title that this gave it, or none."""

    title: str
    text: str


def parted(script: str) -> Parted:
    """The front matter (YAML, TOML or JSON) taken off the beginning of a script. What only looks like it stays."""
    start = script.lstrip("\ufeff\n")
    if (yaml := _YAML.match(start)) and _is_yaml(yaml["body"]):
        return Parted(_yaml_title(yaml["body"]), start[yaml.end() :])
    if toml := _TOML.match(start):
        return Parted(_toml_title(toml["body"]), start[toml.end() :])
    if start.startswith("{") and (found := _json(start)):
        return found
    return Parted("", script)


def _is_yaml(body: str) -> bool:
    keys: list[str] = []
    for line in body.split("\n"):
        if found := _KEY.match(line):
            keys.append(found["key"].strip('"'))
        elif line.strip() and not line.startswith("#") and not (keys and _continues(line)):
            return False
    return not body.strip() or bool(keys and (_USUAL & {key.lower() for key in keys} or all(map(str.islower, keys))))


def _continues(line: str) -> bool:
    """Whether a line belongs to the value before it: a list or a text, whose indentation `clean` takes away."""
    return bool(_CONTINUED.match(line)) or not line.endswith((".", "!", "?"))


def _yaml_title(body: str) -> str:
    for line in body.split("\n"):
        found = _KEY.match(line)
        if found and found["key"].strip('"').lower() == "title" and found["value"]:
            return _unquoted(re.sub(r"\s#\s.*$", "", found["value"]).strip())
    return ""


def _unquoted(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] == "'":
        return value[1:-1].replace("''", "'")
    if len(value) >= 2 and value[0] == value[-1] == '"':
        try:
            return str(json.loads(value))
        except ValueError:
            return value[1:-1]
    return "" if value in ("|", ">", "|-", ">-", "null", "~") else value


def _toml_title(body: str) -> str:
    try:
        title = tomllib.loads(body).get("title", "")
    except tomllib.TOMLDecodeError:
        return ""
    return title if isinstance(title, str) else ""


def _json(text: str) -> Parted | None:
    try:
        found, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or not found or not text[end:].strip():
        return None
    title = found.get("title", "")
    return Parted(title if isinstance(title, str) else "", text[end:])
