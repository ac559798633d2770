"""A JPEG's size, from its headers alone: the sandbox decodes no pictures."""

from __future__ import annotations

_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
"""The markers that begin a frame, whose header has the size (ITU-T T.81, B.2.2)."""


def jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Width and height, or None when it is no JPEG that has them."""
    if not data.startswith(b"\xff\xd8\xff"):
        return None
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker in _FRAMES:
            return int.from_bytes(data[at + 7 : at + 9]), int.from_bytes(data[at + 5 : at + 7])
        at += 2 + int.from_bytes(data[at + 2 : at + 4])
    return None
