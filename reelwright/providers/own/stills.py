"""The still of a clip."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from reelwright.tone import to_709

_SIDE = 2_304
_ROWS = 64
"""Rows that are toned at once: what is between takes 64 bytes a pixel."""


def save_still(picture: Image.Image, workdir: Path, name: str = "still.jpg", side: int = _SIDE) -> Path:
    """The picture as the still of a clip, a JPEG in the folder, at most so many pixels a side."""
    still = workdir / name
    picture.thumbnail((side, side), Image.Resampling.LANCZOS)
    picture.save(still, "JPEG", quality=92)
    return still


def still_size(width: int, height: int) -> tuple[int, int]:
    """The size of a clip's still, before its pixels are made square."""
    share = min(_SIDE / max(width, height), 1.0)
    return max(round(width * share), 1), max(round(height * share), 1)


def from_hdr(rgb: NDArray[Any], transfer: Literal["pq", "hlg"]) -> NDArray[np.uint8]:
    """An HDR frame (R'G'B' of BT.2020, 16 bits) as the clip's own frames are shown."""
    shown = np.empty(rgb.shape, np.uint8)
    for top in range(0, len(rgb), _ROWS):
        coded = rgb[top : top + _ROWS].astype(np.float64) / 65_535.0
        shown[top : top + _ROWS] = np.rint(to_709(coded, transfer, "bt2020") * 255.0)
    return shown
