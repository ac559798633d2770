"""The last steps over the whole picture: bloom, vignette, room for captions, grain, dither, file."""

from __future__ import annotations

import io

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .canvas import Canvas

_QUALITY = 92
_CAPTION_TOP = 0.62  # white captions stand below this height in every crop
_CAPTION_RAMP = 0.13  # how far above it the darkening begins
_CAPTION_LUMINANCE = 0.36  # relative luminance that the ground of captions is brought down to
_CAPTION_DARKEN = (0.16, 0.42)  # least and most darkening
_GRAIN = 0.006  # standard deviation of the grain; coarse and faint, so that it costs an encoder little
_TILE = 384


def finish(canvas: Canvas, rng: np.random.Generator) -> NDArray[np.uint8]:
    """The picture as 8-bit RGB."""
    pixels = canvas.pixels
    size = canvas.size
    np.clip(pixels, 0, 1, out=pixels)
    small = np.asarray(cv2.resize(pixels, (size // 8, size // 8), interpolation=cv2.INTER_AREA), np.float32)
    bright = np.clip(small - 0.72, 0, 1) * 1.5
    bloom = (
        cv2.GaussianBlur(bright, (0, 0), size / 8 * 0.016) * 0.6
        + cv2.GaussianBlur(bright, (0, 0), size / 8 * 0.05) * 0.5
    )
    bloom = cv2.resize(bloom, (size, size), interpolation=cv2.INTER_LINEAR)
    pixels += (1 - pixels) * bloom
    pixels *= _falloff(size, _darkening(small))[..., None]
    grain = _tile(rng) * np.float32(_GRAIN)
    dither = (rng.random((_TILE, _TILE), dtype=np.float32) + rng.random((_TILE, _TILE), dtype=np.float32) - 1) / 255
    tiles = -(-size // _TILE)
    texture = np.tile(grain + dither, (tiles, tiles))[:size, :size]
    pixels += texture[..., None]
    np.clip(pixels, 0, 1, out=pixels)
    pixels *= 255
    pixels += 0.5
    return pixels.astype(np.uint8)


def _darkening(small: NDArray[np.float32]) -> float:
    """How much the lower part is darkened, 0 to 1: the more, the brighter it is."""
    height, width = small.shape[:2]
    band = small[int(_CAPTION_TOP * height) : int(0.80 * height), width // 4 : -width // 4]
    luminance = float((band**2.2 @ np.array([0.2126, 0.7152, 0.0722], np.float32)).mean())
    wanted = 1 - (_CAPTION_LUMINANCE / max(luminance, 1e-3)) ** (1 / 2.2)
    return float(np.clip(wanted, *_CAPTION_DARKEN))


def _falloff(size: int, darken: float) -> NDArray[np.float32]:
    """What every pixel is multiplied with: a vignette, and the lower part calmed for captions."""
    axis = np.linspace(-1, 1, size, dtype=np.float32)
    distance = np.clip(axis[None, :] ** 2 * 0.5 + axis[:, None] ** 2 * 0.5, 0, 1)
    vignette = 1 - 0.26 * distance**1.5
    at = np.clip(((axis + 1) / 2 - _CAPTION_TOP + _CAPTION_RAMP) / _CAPTION_RAMP, 0, 1)
    calm = 1 - darken * at * at * (3 - 2 * at)
    return (vignette * calm[:, None]).astype(np.float32)


def _tile(rng: np.random.Generator) -> NDArray[np.float32]:
    """Soft noise of unit spread that repeats without a seam."""
    tile = rng.standard_normal((_TILE, _TILE)).astype(np.float32)
    wrapped = cv2.copyMakeBorder(tile, 8, 8, 8, 8, cv2.BORDER_WRAP)
    tile = np.asarray(cv2.GaussianBlur(wrapped, (0, 0), 1.6)[8:-8, 8:-8], np.float32)
    unit: NDArray[np.float32] = (tile / tile.std()).astype(np.float32)
    return unit


def encode(pixels: NDArray[np.uint8]) -> bytes:
    """As JPEG, colour at full resolution: edges between saturated colours stay clean."""
    buffer = io.BytesIO()
    Image.fromarray(pixels, "RGB").save(buffer, "JPEG", quality=_QUALITY, subsampling=0)
    return buffer.getvalue()
