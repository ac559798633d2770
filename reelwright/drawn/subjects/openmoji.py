"""OpenMoji's drawings in the light and the colours of a picture: outlines in a deep tone of what they enclose, modelled
by the light as our own shapes are."""

from __future__ import annotations

from functools import lru_cache, partial

import cv2
import numpy as np

from reelwright.openmoji import pixels_of

from ..art import Art
from ..canvas import Field, Mask, Pen
from ..color import rgb
from .kit import INK, Props, Sketch

_OUTLINE = 0.18
"""The brightest channel below which a pixel is taken for an outline."""
_DEEP = 0.42
"""How much of the colour beside it an outline keeps."""


@lru_cache(maxsize=256)
def sketch_of(art: Art) -> Sketch:
    """The sketch of an OpenMoji subject, its box that of what is drawn."""
    tall, wide = _cropped(art, 72).shape[:2]
    return Sketch(partial(_draw, art), art.habitat, art.size, max(wide / tall, 0.35), turns=art.sign not in "🎹⌨️")


def _draw(art: Art, pen: Pen, props: Props) -> None:
    tall = max(8, round(pen.unit))
    drawn = _cropped(art, round(tall * 1.4))
    size = (max(1, round(drawn.shape[1] * tall / drawn.shape[0])), tall)
    drawn = np.asarray(cv2.resize(drawn, size, interpolation=cv2.INTER_AREA), np.uint8)
    if pen.flip:
        drawn = np.ascontiguousarray(drawn[:, ::-1])
    mask: Mask = np.ascontiguousarray(drawn[..., 3])
    color = pen.graded_field(_recoloured(drawn))
    pen.stamp(mask, color)


def _cropped(art: Art, side: int) -> Mask:
    """The drawing without its empty margin, RGBA."""
    pixels = pixels_of(art.drawing, side)
    rows, columns = np.nonzero(pixels[..., 3] > 8)
    return np.asarray(pixels[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1])


def _recoloured(drawn: Mask) -> Field:
    """The colours, 0..1, with each outline in a deep tone of the colour beside it."""
    color = drawn[..., :3].astype(np.float32) / 255
    solid = (drawn[..., 3:4] > 128).astype(np.float32)
    outline = solid * (color.max(axis=2, keepdims=True) < _OUTLINE)
    fill = solid - outline
    reach = max(3.0, 0.03 * drawn.shape[0])
    weight = cv2.GaussianBlur(fill[..., 0], (0, 0), reach)[..., None]
    beside = cv2.GaussianBlur(color * fill, (0, 0), reach) / np.maximum(weight, 1e-3)
    # Where all around is dark the thing itself is, and has the darkest tone that any of our own things has.
    deep = np.where(weight > 0.02, beside * _DEEP + rgb(INK) * 0.25, rgb(INK))
    edge = cv2.GaussianBlur(outline[..., 0], (0, 0), 0.8)[..., None]
    return np.asarray(color + np.clip(edge, 0, 1) * (deep - color), np.float32)
