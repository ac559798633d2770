"""Noto Sans in the weights we draw with, and which characters it can draw."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import fontpkg
import fontpkg.pil
from PIL import ImageFont

from reelwright.domain.errors import InvalidInput

FAMILY = "Noto Sans"
BOLD = 750
SEMIBOLD = 600

# A noncharacter: no font maps it, so it is drawn with the font's "missing glyph" box.
_NO_GLYPH = "\U0010ffff"


@lru_cache(maxsize=64)
def font(size: int, weight: int) -> ImageFont.FreeTypeFont:
    """Noto Sans at `size` pixels and a weight of 100 to 900. Raises `InvalidInput` (field `fonts`) if not installed."""
    try:
        loaded: ImageFont.FreeTypeFont = fontpkg.pil.truetype(FAMILY, size, weight=weight)
    except (fontpkg.FontpkgError, OSError) as error:
        raise InvalidInput(
            f"the font {FAMILY} is missing", field="fonts", remedy="install it: pip install fontpkg-noto-sans"
        ) from error
    return loaded


@lru_cache(maxsize=8192)
def has_glyph(character: str) -> bool:
    """Whether the font draws this character as something other than its "missing glyph" box."""
    probe = _probe()
    return _bits(probe, character) != _bits(probe, _NO_GLYPH)


@lru_cache(maxsize=1)
def _probe() -> ImageFont.FreeTypeFont:
    # The simple layout engine: one glyph per character, nothing dropped silently.
    path = font(24, 400).path
    return ImageFont.truetype(path, 24, layout_engine=ImageFont.Layout.BASIC)


def _bits(probe: ImageFont.FreeTypeFont, character: str) -> tuple[tuple[int, int], bytes]:
    mask = probe.getmask(character, mode="L")
    return mask.size, bytes(mask)


def drawable(text: str) -> str:
    """The part of `text` that can be drawn; empty when nothing visible is left.

    Symbols without a glyph (emoji and the like) are left out; the subtitle files keep them.
    """
    kept = "".join(c for c in text if c == " " or (c.isprintable() and has_glyph(c)))
    visible = any(unicodedata.category(c)[0] not in "MCZ" for c in kept)
    return " ".join(kept.split()) if visible else ""


def require_letters(text: str, *, where: str) -> None:
    """Raises `InvalidInput` (field `language`) if more than half of the letters in `text` cannot be drawn."""
    letters = [c for c in text if c.isalpha()]
    missing = [c for c in letters if not has_glyph(c)]
    if len(missing) * 2 > len(letters):
        raise InvalidInput(
            f"{where} is in a script that {FAMILY} cannot draw ({len(missing)} of {len(letters)} letters)",
            field="language",
            remedy="write it in a language of the Latin, Greek or Cyrillic script",
        )
