"""The line of each key in a TOML file. No maintained TOML library reports that for valid files.

The text has been read by `tomllib` before, so that what is scanned is valid TOML: this finds keys and skips values.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable

Path = tuple[str | int, ...]
"""A key's way from the top: names, and indexes of arrays from 0."""

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACES = re.compile(r"[ \t]*")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}(?!")' r"|'''.*?'{3,5}(?!')" r'|"(?:[^"\\\n]|\\.)*"' r"|'[^'\n]*'", re.DOTALL
)
_OTHER_VALUE = re.compile(r"[^,\]}#\r\n]+")
"""A number, a date (which may have a space in it) or a boolean."""


class TomlLines:
    """The lines of a valid TOML text, from 1."""

    def __init__(self, text: str) -> None:
        # As TOML counts: an end of line is \n, with or without \r before it.
        self._text = text
        self._at = 0
        self._line, self._counted = 1, 0
        self._arrays: dict[Path, int] = {}
        """The number of tables that each array of tables has so far."""
        self.lines: dict[Path, int] = {}
        self._scan()

    def of(self, path: Iterable[str | int]) -> int:
        """The line of a key; of the nearest one above it where the file does not have it, 1 where it has none."""
        way = tuple(path)
        while way and way not in self.lines:
            way = way[:-1]
        return self.lines.get(way, 1)

    def has(self, path: Iterable[str | int]) -> bool:
        """Whether the file has this key."""
        return tuple(path) in self.lines

    # --- the file ---------------------------------------------------------------------------------------------------

    def _scan(self) -> None:
        table: Path = ()
        while self._skip(_BLANK) < len(self._text):
            if self._takes("[["):
                table = self._array_table()
            elif self._takes("["):
                table = self._place(self._header("]"))
            else:
                self._pair(table)

    def _header(self, end: str) -> list[str]:
        names = self._key()
        self._expect(end)
        return names

    def _array_table(self) -> Path:
        line = self._line_here()
        *above, last = self._header("]]")
        array = (*self._place(above, line), last)
        index = self._arrays.get(array, 0)
        self._arrays[array] = index + 1
        self._note(array, line)
        self._note((*array, index), line)
        return (*array, index)

    def _place(self, names: list[str], line: int | None = None) -> Path:
        """Where a header's names lead to: in an array of tables, to its last table."""
        line = line or self._line_here()
        path: Path = ()
        for name in names:
            path = (*path, name)
            self._note(path, line)
            if path in self._arrays:
                path = (*path, self._arrays[path] - 1)
        return path

    def _pair(self, table: Path) -> None:
        line, path = self._line_here(), table
        for name in self._key():
            path = (*path, name)
            self._note(path, line)
        self._expect("=")
        self._value(path)

    # --- keys and values --------------------------------------------------------------------------------------------

    def _key(self) -> list[str]:
        names = []
        while True:
            self._skip(_SPACES)
            if bare := _BARE.match(self._text, self._at):
                names.append(bare[0])
                self._at = bare.end()
            else:
                quoted = self._string()
                names.append(str(tomllib.loads(f"key = {quoted}")["key"]))
            self._skip(_SPACES)
            if not self._takes("."):
                return names

    def _string(self) -> str:
        found = _STRING.match(self._text, self._at)
        if found is None:
            raise ValueError(f"no TOML at character {self._at}")
        self._at = found.end()
        return found[0]

    def _value(self, path: Path) -> None:
        self._skip(_SPACES)
        if self._takes("["):
            self._items("]", lambda index: self._item((*path, index)))
        elif self._takes("{"):
            self._items("}", lambda _: self._pair(path))
        elif self._text[self._at] in "\"'":
            self._string()
        elif other := _OTHER_VALUE.match(self._text, self._at):
            self._at = other.end()
        else:
            raise ValueError(f"no TOML at character {self._at}")

    def _items(self, end: str, one: Callable[[int], None]) -> None:
        """What stands between brackets, with commas and comments between."""
        index = 0
        while True:
            self._skip(_BLANK)
            if self._takes(end):
                return
            if not self._takes(","):
                one(index)
                index += 1

    def _item(self, path: Path) -> None:
        self._note(path, self._line_here())
        self._value(path)

    # --- the text ---------------------------------------------------------------------------------------------------

    def _note(self, path: Path, line: int) -> None:
        self.lines.setdefault(path, line)

    def _line_here(self) -> int:
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line

    def _skip(self, pattern: re.Pattern[str]) -> int:
        found = pattern.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return self._at

    def _takes(self, sign: str) -> bool:
        if not self._text.startswith(sign, self._at):
            return False
        self._at += len(sign)
        return True

    def _expect(self, sign: str) -> None:
        self._skip(_SPACES)
        if not self._takes(sign):
            raise ValueError(f"no TOML at character {self._at}: {sign} is missing")
