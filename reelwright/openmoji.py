"""The drawings of OpenMoji (https://openmoji.org, CC BY-SA 4.0), one file per emoji, as the wheel `emosvg` brings them.
`resvg` draws them at any size. There is no wheel with a colour emoji font.

Both packages are optional (extra `emoji`). Only the drawings of `emosvg` are used, its code is not imported.
"""

from __future__ import annotations

import io
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

CREDIT = "Drawings: OpenMoji (https://openmoji.org), CC BY-SA 4.0"
"""What a video that shows one owes."""
_JOINER, _VARIATION = "\u200d", "\ufe0f"


@lru_cache(maxsize=1)
def folder() -> Path | None:
    """Where the drawings are; None where the extra is not installed."""
    spec = find_spec("emosvg")
    if spec is None or spec.origin is None or find_spec("resvg_py") is None:
        return None
    found = Path(spec.origin).parent / "resources" / "openmoji-svg-color"
    return found if found.is_dir() else None


@lru_cache(maxsize=4096)
def drawing_of(cluster: str) -> Path | None:
    """The drawing of an emoji (a grapheme cluster). A sequence there is no drawing of is shown as its first part."""
    if folder() is None or not cluster or cluster.isascii():
        return None
    bare = cluster.replace(_VARIATION, "")
    for sequence in dict.fromkeys((cluster, bare, bare.split(_JOINER)[0], bare[:1])):
        # File names are code points in hexadecimal: nothing of the text itself gets into a path.
        path = folder() / ("-".join(f"{ord(c):04X}" for c in sequence) + ".svg")  # type: ignore[operator]
        if path.is_file():
            return path
    return None


def pixels_of(drawing: Path, side: int) -> NDArray[np.uint8]:
    """A drawing as side x side x 4 pixels, straight alpha."""
    png = import_module("resvg_py").svg_to_bytes(svg_path=str(drawing), width=side, height=side)
    with Image.open(io.BytesIO(bytes(png))) as image:
        return np.array(image.convert("RGBA"), np.uint8)
