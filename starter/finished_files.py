"""`--video` on the command line: finished videos of the user's own, one for each format."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from reelwright.domain.content.finished import format_of
from reelwright.domain.content.media import is_address
from reelwright.domain.errors import InvalidInput

from .own_files import OwnFiles, opened_file

_NAMED = re.compile(r"(?P<format>\d{1,5}[:x]\d{1,5})=(?P<file>.+)", re.DOTALL)
FIELD = "video"


def finished_files(own: OwnFiles, given: Sequence[str]) -> dict[str, str]:
    """The address of each format's video: from `9:16=FILE`, or from `FILE` by its own shape. Raises `InvalidInput`."""
    found: dict[str, str] = {}
    for value in given:
        match = _NAMED.fullmatch(value)
        file, format = (match["file"], match["format"]) if match else (value, "")
        if is_address(file):
            address = file
            if not format:
                raise InvalidInput(
                    f"{file[:60]!r} does not tell its format", field=FIELD, remedy=f"write --video 9:16={file[:60]}"
                )
        else:
            descriptor, opened = opened_file(Path(file), FIELD)
            address = own.add(descriptor, opened)
            format = format or _format_of(opened.path, opened.name)
        if format in found:
            raise InvalidInput(f"there are two videos for {format}", field=FIELD, remedy="give one for each format")
        found[format] = address
    return found


def _format_of(path: Path, name: str) -> str:
    from reelwright.render.finished.shape import shape_of  # here: it loads FFmpeg's libraries

    return format_of(*shape_of(path, name=name, field=FIELD), name=name, field=FIELD)
