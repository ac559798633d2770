"""Bitmaps laid over the picture: pre-multiplied once, then blended in their own rectangle only."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ..plan.layout import Box
from .native import pixels
from .yuv import TO_CHROMA, TO_LUMA, U8, Planes


@dataclass(frozen=True)
class _Layer:
    """One plane of an overlay: code values times alpha, and 255 minus alpha."""

    colour: U8
    keep: U8


@dataclass(frozen=True)
class Overlay:
    """A bitmap at (`x`, `y`), both even, in pixels of the picture."""

    x: int
    y: int
    layers: tuple[_Layer, _Layer, _Layer]

    def blend(self, planes: Planes, weight: float = 1.0, behind: int = 0, *, mirrored: bool = False) -> None:
        """Draws it on `planes` in place; `weight` 0..1 fades it in. `behind` (even) pixels lie behind its own left
        edge (`mirrored`: right) and are not seen: it slides out from there as they become fewer."""
        if weight <= 0.0:
            return
        for index, (plane, layer) in enumerate(zip(planes, self.layers, strict=True)):
            part = 1 if index == 0 else 2
            hidden = behind // part
            seen = slice(0, layer.colour.shape[1] - hidden) if mirrored else slice(hidden, None)
            colour, keep = layer.colour[:, seen], layer.keep[:, seen]
            x, y = self.x // part + (hidden if mirrored else 0), self.y // part
            height, width = colour.shape
            if not width:
                return
            place = plane[y : y + height, x : x + width]
            if weight < 1.0:
                colour = np.asarray(cv2.convertScaleAbs(colour, alpha=weight), np.uint8)
                keep = np.asarray(cv2.convertScaleAbs(keep, alpha=weight, beta=255.0 * (1.0 - weight)), np.uint8)
            _lay(place, colour, keep)

    @property
    def width(self) -> int:
        """In pixels of the picture."""
        return int(self.layers[0].colour.shape[1])

    @property
    def box(self) -> Box:
        """Its rectangle in the picture."""
        return Box(self.x, self.y, self.x + self.width, self.y + int(self.layers[0].colour.shape[0]))


class ProgressBar:
    """A thin bar along the bottom edge, filled from the left; the rest of it is a shade over the picture."""

    def __init__(self, width: int, height: int, codes: tuple[int, int, int]) -> None:
        self._codes = codes
        self._width, self._height = width, height
        self._thick = max(2 * round(height * 0.0035), 4)

    def draw(self, planes: Planes, share: float) -> None:
        """`share` 0..1 of it is filled."""
        for index, (plane, code) in enumerate(zip(planes, self._codes, strict=True)):
            part = 1 if index == 0 else 2
            rows = plane[(self._height - self._thick) // part :]
            filled = self._width / part * min(max(share, 0.0), 1.0)
            whole = int(filled)
            level = 16 if index == 0 else 128
            rest = rows[:, whole:]
            cv2.convertScaleAbs(rest, dst=rest, alpha=0.45, beta=level * 0.55)
            if whole < rows.shape[1]:
                # The column in which it ends is mixed: the bar grows evenly, not by whole pixels.
                edge = filled - whole
                column = rows[:, whole].astype(np.float32)
                rows[:, whole] = np.rint(column * (1.0 - edge) + code * edge).astype(np.uint8)
            rows[:, :whole] = code


def make_overlay(rgba: U8, x: int, y: int, width: int, height: int) -> Overlay | None:
    """An overlay of a bitmap (height x width x 4, straight alpha) whose corner is at (x, y) of a picture of the given
    size. What is fully transparent or outside the picture is cut away; None when nothing is left."""
    top, left = max(-y, 0), max(-x, 0)
    rgba = rgba[top : max(height - y, 0), left : max(width - x, 0)]
    x, y = x + left, y + top
    alpha = rgba[..., 3]
    if alpha.size == 0 or not alpha.any():
        return None
    rows, columns = np.flatnonzero(alpha.any(axis=1)), np.flatnonzero(alpha.any(axis=0))
    rgba = rgba[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    x, y = x + int(columns[0]), y + int(rows[0])
    # Chroma covers 2x2 pixels: the rectangle begins and ends on even ones.
    odd_x, odd_y = x % 2, y % 2
    tall, wide = rgba.shape[:2]
    padding = ((odd_y, (tall + odd_y) % 2), (odd_x, (wide + odd_x) % 2), (0, 0))
    return Overlay(x - odd_x, y - odd_y, _layers(np.pad(rgba, padding)))


def _lay(place: U8, colour: U8, keep: U8) -> None:
    """place * keep / 255 + colour, in place."""
    module = pixels()
    if module is not None:
        module.lay(place, colour, keep)  # the same bits in about half the time
        return
    cv2.multiply(place, keep, dst=place, scale=1.0 / 255.0)
    cv2.add(place, colour, dst=place)


def _layers(rgba: U8) -> tuple[_Layer, _Layer, _Layer]:
    height, width = rgba.shape[:2]
    *colours, opacity = cv2.split(rgba)
    alpha = opacity.astype(np.float32) / 255.0
    # RGB and 1, each times alpha: the affine transform then gives pre-multiplied code values, and averaging for
    # chroma weighs each pixel by how opaque it is.
    weighted = cv2.merge([*(colour.astype(np.float32) * alpha for colour in colours), alpha])
    luma = cv2.transform(weighted, TO_LUMA)
    half = cv2.resize(weighted, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    chroma = cv2.transform(half, TO_CHROMA)
    keep, half_keep = _codes(255.0 - 255.0 * alpha), _codes(255.0 - 255.0 * half[..., 3])
    return (
        _Layer(_codes(luma.reshape(height, width)), keep),
        _Layer(_codes(chroma[..., 0]), half_keep),
        _Layer(_codes(chroma[..., 1]), half_keep),
    )


def _codes(values: np.ndarray) -> U8:
    return np.ascontiguousarray(np.clip(np.rint(values), 0, 255).astype(np.uint8))
