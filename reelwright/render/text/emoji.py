"""Emoji in colour: the OpenMoji drawings (CC BY-SA 4.0, https://openmoji.org) that the wheel `emosvg` brings, drawn
at any size by `resvg`. There is no wheel with a colour emoji font; these are drawings, one file per sequence.

Both packages are optional: without them an emoji is a glyph no font has, left out of the picture. Only the drawings
of `emosvg` are used, its code is not imported.
"""

from __future__ import annotations

import io
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import regex  # type: ignore[import-untyped, unused-ignore]
from PIL import Image

from ..picture.yuv import U8

_JOINER, _VARIATION = "\u200d", "\ufe0f"
_EMOJI = regex.compile(r"\p{Emoji_Presentation}|\p{Regional_Indicator}|.\ufe0f|.\p{Emoji_Modifier}")


def is_emoji(cluster: str) -> bool:
    """Whether a grapheme cluster asks to be shown as an emoji and not as text (UTS #51, section 1.4)."""
    return _EMOJI.match(cluster) is not None


@lru_cache(maxsize=1)
def _drawings() -> Path | None:
    spec = find_spec("emosvg")
    if spec is None or spec.origin is None or find_spec("resvg_py") is None:
        return None
    folder = Path(spec.origin).parent / "resources" / "openmoji-svg-color"
    return folder if folder.is_dir() else None


@lru_cache(maxsize=4096)
def emoji_svg(cluster: str) -> Path | None:
    """The drawing of an emoji. A sequence there is no drawing of is shown as its first part, whole."""
    folder = _drawings()
    if folder is None or not cluster or cluster.isascii():
        return None
    bare = cluster.replace(_VARIATION, "")
    for sequence in dict.fromkeys((cluster, bare, bare.split(_JOINER)[0], bare[:1])):
        # File names are code points in hexadecimal: nothing of the text itself gets into a path.
        path = folder / ("-".join(f"{ord(c):04X}" for c in sequence) + ".svg")
        if path.is_file():
            return path
    return None


@lru_cache(maxsize=64)
def emoji_bitmap(cluster: str, side: int) -> U8:
    """An emoji as side x side x 4 pixels, straight alpha. `cluster` is one `emoji_svg` knows."""
    path = emoji_svg(cluster)
    assert path is not None
    png = import_module("resvg_py").svg_to_bytes(svg_path=str(path), width=side, height=side)
    with Image.open(io.BytesIO(bytes(png))) as image:
        pixels = np.array(image.convert("RGBA"), np.uint8)
    pixels.setflags(write=False)
    return pixels
