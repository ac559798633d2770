"""Opens the scenes' pictures, whatever kind of PNG or JPEG they are."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from reelwright.domain.errors import RenderFailed

from .yuv import U8

MAX_PIXELS = 80_000_000
"""Larger pictures are refused: decoded they would take more memory than a whole render."""
_GROUND = (24, 24, 28)
"""What shows through transparent pictures: a neutral dark grey."""
_SIXTEEN_BIT = ("I", "F", "I;16", "I;16B", "I;16L", "I;16N")


def open_still(path: Path, *, scene: int) -> U8:
    """The picture upright, opaque and in colour: height x width x 3, R'G'B', uint8.

    Raises `RenderFailed` naming the scene when the file is missing, broken or far too large.
    """
    try:
        with Image.open(path, formats=("PNG", "JPEG")) as image:
            if image.width * image.height > MAX_PIXELS:
                raise _broken(
                    scene, f"is too large ({image.width}x{image.height})", "give one of at most 80 megapixels"
                )
            return np.asarray(_rgb(ImageOps.exif_transpose(image)))
    except UnidentifiedImageError as error:
        raise _broken(scene, "is not a PNG or JPEG file", "make the picture again") from error
    except FileNotFoundError as error:
        raise _broken(scene, "is missing", "fetch it before rendering") from error
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
        # Pillow reports damaged PNG chunks as SyntaxError and cut-off files as OSError.
        raise _broken(scene, f"is broken ({str(error)[:120]})", "make the picture again") from error


def _broken(scene: int, what: str, remedy: str) -> RenderFailed:
    return RenderFailed(
        f"the picture of scene {scene} {what}", field=f"material.pictures[{scene}].image", remedy=remedy
    )


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode in _SIXTEEN_BIT:
        deep = np.asarray(image).astype(np.float32)
        # 16-bit greys are stored as 0..65535; shallower ones stay as they are.
        scale = 255.0 / 65535.0 if deep.max(initial=0.0) > 255.0 else 1.0
        image = Image.fromarray(np.clip(deep * scale, 0, 255).astype(np.uint8))
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        ground = Image.new("RGBA", image.size, (*_GROUND, 255))
        image = Image.alpha_composite(ground, image.convert("RGBA"))
    return image.convert("RGB")


def cover(rgb: U8, width: int, height: int) -> U8:
    """The centre of the picture, cut to the aspect of `width` x `height` and resized to exactly that."""
    tall, wide = rgb.shape[:2]
    cut_width = min(wide, max(round(tall * width / height), 1))
    cut_height = min(tall, max(round(wide * height / width), 1))
    left, top = (wide - cut_width) // 2, (tall - cut_height) // 2
    cut = rgb[top : top + cut_height, left : left + cut_width]
    if (cut_width, cut_height) == (width, height):
        return np.ascontiguousarray(cut)
    how = cv2.INTER_AREA if cut_width >= width else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(cut, (width, height), interpolation=how))
