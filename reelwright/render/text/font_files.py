"""Looks at a user's own font file: whether it is a whole TrueType or OpenType font whose licence lets it be used.

File format: OpenType 1.9.1, "Font file" (the table directory) and "OS/2" (`fsType`).
"""

from __future__ import annotations

import struct
from io import BytesIO

from PIL import ImageFont

from reelwright.domain.errors import RenderFailed

_TYPES = {b"\0\1\0\0": "font/ttf", b"true": "font/ttf", b"OTTO": "font/otf", b"ttcf": "font/collection"}
_FS_TYPE_AT = 8
_USAGE, _RESTRICTED = 0x000F, 0x0002
_SAMPLE = 24
_MOST_TABLES = 200


def check_font(data: bytes) -> str:
    """The media type of a font file; of a collection its first font is looked at. Raises `RenderFailed` (field
    `style.fonts`) with what is wrong in it."""
    kind = _TYPES.get(data[:4])
    if kind is None:
        raise _bad("it is not a TrueType or OpenType font", "give a .ttf, .otf or .ttc file")
    tables = _tables(data, kind)
    os2 = tables.get(b"OS/2", b"")
    usage = int.from_bytes(os2[_FS_TYPE_AT : _FS_TYPE_AT + 2], "big") & _USAGE
    if usage == _RESTRICTED:
        raise _bad(
            "its licence forbids embedding (OS/2 fsType: restricted)", "name another font, or ask its maker for one"
        )
    if b"cmap" not in tables:
        raise _bad("it maps no characters to glyphs (no cmap table)", "give a font for text")
    try:
        font = ImageFont.truetype(BytesIO(data), _SAMPLE)
        font.getmask("Aa")
    except (OSError, ValueError) as error:
        raise _bad(f"it cannot be opened ({str(error)[:80]})", "export it again, or give another font") from error
    return kind


def _tables(data: bytes, kind: str) -> dict[bytes, bytes]:
    """The font's tables by tag."""
    try:
        at = struct.unpack_from(">I", data, 12)[0] if kind == "font/collection" else 0
        (count,) = struct.unpack_from(">H", data, at + 4)
        if not 0 < count <= _MOST_TABLES:
            raise _bad(f"it has {count} tables", "export it again, or give another font")
        entries = [struct.unpack_from(">4sIII", data, at + 12 + 16 * number) for number in range(count)]
    except struct.error as error:
        raise _cut() from error
    if any(first + length > len(data) for _, _, first, length in entries):
        raise _cut()
    return {tag: data[first : first + length] for tag, _, first, length in entries}


def _cut() -> RenderFailed:
    return _bad("the file is cut short", "copy it again")


def _bad(what: str, remedy: str) -> RenderFailed:
    return RenderFailed(f"the font cannot be used: {what}", field="style.fonts", remedy=remedy)
