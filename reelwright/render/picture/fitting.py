"""Where a picture's pixels go in a format: what is cut of it, what is filled beside it. Nothing is ever stretched."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .saliency import Region
from .yuv import F32

_SLACK = 0.7
"""A crop that keeps this much of the region that matters, in either direction, is good enough."""
_ABOVE = 0.08
"""In shares of the picture's height, how far above its middle the region is placed."""
FEATHER = 0.03
"""In shares of the longer side, how softly a picture goes over into its blurred extension."""
DIMMED = 0.72
"""The brightness of the extension."""
SOFTNESS = 0.05
"""In shares of the longer side, the standard deviation of its blur."""


@dataclass(frozen=True)
class Fitting:
    """From `left`, `top` to `right`, `bottom` of a picture is seen, as `width` x `height` pixels at `x`, `y` of the
    format; where it is `extended`, that is not all of the format."""

    left: int
    top: int
    right: int
    bottom: int
    x: int
    y: int
    width: int
    height: int
    extended: bool


def fit_picture(wide: int, tall: int, region: Region, width: int, height: int, *, step: int = 1) -> Fitting:
    """How a picture of `wide` x `tall` is fitted to `width` x `height` around its region, all in multiples of `step`.

    It is cut to the aspect of the format. Where a cut would lose part of the region, it is taken as wide (or high) as
    the region needs and the rest of the format is left for a blurred extension.
    """
    # In shares of the picture: what a cut of the right aspect keeps, and what is needed.
    keeps_x, keeps_y = min(tall * width / height / wide, 1.0), min(wide * height / width / tall, 1.0)
    across, down = region.right - region.left, region.bottom - region.top
    extend = keeps_x < across * _SLACK or keeps_y < down * _SLACK
    if extend:
        keeps_x, keeps_y = max(keeps_x, min(across, 1.0)), max(keeps_y, min(down, 1.0))
    left, right = _place(region.centre[0], keeps_x, wide, step)
    # A little above the middle, as far as the region stays whole: captions stand below it.
    above = min(_ABOVE * keeps_y, max(keeps_y - down, 0.0) / 2)
    top, bottom = _place(region.centre[1] + above, keeps_y, tall, step)
    if not extend:
        return Fitting(left, top, right, bottom, 0, 0, width, height, extended=False)
    scale = min(width / (right - left), height / (bottom - top))
    across_px = min(max(step * round((right - left) * scale / step), step), width)
    down_px = min(max(step * round((bottom - top) * scale / step), step), height)
    x, y = (width - across_px) // 2 // step * step, (height - down_px) // 2 // step * step
    return Fitting(left, top, right, bottom, x, y, across_px, down_px, extended=True)


def _place(centre: float, share: float, size: int, step: int) -> tuple[int, int]:
    """From where to where `share` of `size` pixels are taken around a centre (0..1) without leaving them."""
    length = min(max(step * round(size * share / step), step), size)
    begin = min(max(step * round((size * centre - length / 2) / step), 0), size - length)
    return begin, begin + length


def feathered(width: int, height: int, soft: int, *, sides: bool, ends: bool) -> F32:
    """1 inside, falling to 0 within `soft` pixels of the given edges."""

    def ramp(length: int, wanted: bool) -> F32:
        if not wanted or soft < 1:
            return np.ones(length, np.float32)
        places = np.arange(length, dtype=np.float32) + 0.5
        share = np.clip(np.minimum(places, length - places) / soft, 0.0, 1.0)
        return np.asarray(share * share * (3.0 - 2.0 * share), np.float32)

    return ramp(height, ends)[:, None] * ramp(width, sides)[None, :]
