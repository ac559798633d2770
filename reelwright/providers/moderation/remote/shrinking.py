"""Pictures as the classifiers take them: Azure at most 2,048 pixels a side, at least 50, and 4 MB."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from reelwright.domain.errors import AssetCorrupt

MOST, LEAST = 1_024, 64
"""Pixels a side; what classifiers look for is seen in a smaller picture too."""


def shrunk(data: bytes) -> bytes:
    """The picture as a JPEG with sides of 64 to 1,024 pixels, upright, on white. A longer side is fitted with borders
    where the picture is a strip. The same bytes for the same picture. Raises `AssetCorrupt`."""
    try:
        with Image.open(BytesIO(data)) as opened:
            picture = ImageOps.exif_transpose(opened).convert("RGBA")
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError, SyntaxError) as error:
        raise AssetCorrupt(
            f"a picture cannot be read ({type(error).__name__})", field="picture", remedy="have it made anew"
        ) from error
    picture.thumbnail((MOST, MOST), Image.Resampling.LANCZOS)
    ground = Image.new("RGB", (max(picture.width, LEAST), max(picture.height, LEAST)), "white")
    place = (ground.width - picture.width) // 2, (ground.height - picture.height) // 2
    ground.paste(picture, place, mask=picture)
    out = BytesIO()
    ground.save(out, "JPEG", quality=88)
    return out.getvalue()
