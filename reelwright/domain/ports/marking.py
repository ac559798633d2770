"""The port of what signs delivered files."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from ..marking import Mark

MARK_BYTES = 16_000
"""More than a mark adds to a file."""


class Marker(Protocol):
    """Signs delivered files."""

    async def mark(self, file: Path, media_type: str, mark: Mark, original: Path | None = None) -> Path:
        """A copy with the mark in it, in the same folder: an MP4 (`video/mp4`) or a JPEG (`image/jpeg`), not more than
        `MARK_BYTES` larger. Two copies of one file differ: a signature has random parts. `original` is the user's own
        file that `file` was made of, for a mark with `edited`; a manifest of its own is kept. Raises `InvalidInput`
        naming the setting where the certificate cannot sign, `RenderFailed` where the file cannot be signed."""
        ...
