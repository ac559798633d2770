"""The still of a clip."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

_SIDE = 2_304


def save_still(picture: Image.Image, workdir: Path) -> Path:
    """The picture as the still of a clip, a JPEG in the folder."""
    still = workdir / "still.jpg"
    picture.thumbnail((_SIDE, _SIDE), Image.Resampling.LANCZOS)
    picture.save(still, "JPEG", quality=92)
    return still
