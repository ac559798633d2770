"""Lines of a script that give a scene its picture or clip: `![what it shows](file)`, alone in a line.

The file is an address (`media:…`, `https://…`, `s3://…`); on the command line it may be a local file, for which the
address is set in before the script goes anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_LINE = re.compile(
    r"^[ \t]{0,3}!\[(?P<shows>[^\[\]\n]{0,2000})\]\((?:<(?P<quoted>[^<>\n]{1,2000})>|(?P<plain>[^\s()<>]{1,2000}))"
    r"(?:[ \t]+\"[^\"\n]{0,500}\")?\)[ \t]*$",
    re.MULTILINE,
)


@dataclass(frozen=True)
class MediaLine:
    """What a line says is shown, where the file is, and the line's number from 1. `start` and `end` are its place in
    the text."""

    shows: str
    target: str
    number: int
    start: int
    end: int


def media_lines(script: str) -> Iterator[MediaLine]:
    """The media lines of a script, in order."""
    if "](" not in script:
        return
    number, at = 1, 0
    for found in _LINE.finditer(script):
        number += script.count("\n", at, found.start())
        at = found.start()
        yield MediaLine(found["shows"], found["quoted"] or found["plain"], number, found.start(), found.end())


def with_targets(script: str, other: Callable[[MediaLine], str]) -> str:
    """The script with another file named in each media line."""
    kept, at = [], 0
    for line in media_lines(script):
        kept += [script[at : line.start], f"![{line.shows}](<{other(line)}>)"]
        at = line.end
    return "".join([*kept, script[at:]])
