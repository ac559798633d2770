"""Planar YUV 4:2:0, BT.709, limited range: the pixels an H.264 encoder takes, made once and never converted again.

Formulas: ITU-R BT.709-6, items 3.2 to 3.4 and 3.5 (quantisation for 8 bits). R'G'B' and Y'CbCr values are 0..255.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

U8 = NDArray[np.uint8]
U16 = NDArray[np.uint16]
F32 = NDArray[np.float32]

BLACK = (16, 128, 128)
"""The code values of black."""
DEEP = 64
"""Sixteen-bit planes hold code values times this: with room above for what a kernel overshoots, and as signed numbers
the same."""
_STRIP = 64
"""Rows that are converted at a time: in floating point they still fit a processor's cache."""

_KR, _KG, _KB = 0.2126, 0.7152, 0.0722
_LUMA = np.array([[_KR, _KG, _KB]]) * 219 / 255
_CB = np.array([[-_KR, -_KG, 1 - _KB]]) / (2 * (1 - _KB)) * 224 / 255
_CR = np.array([[1 - _KR, -_KG, -_KB]]) / (2 * (1 - _KR)) * 224 / 255
_HALF = np.array([[0.0, 0.0, 0.0, 0.5]])
TO_LUMA = np.hstack([_LUMA, [[16.0]]])
TO_CHROMA = np.vstack([np.hstack([_CB, [[128.0]]]), np.hstack([_CR, [[128.0]]])])


@dataclass(frozen=True)
class Planes:
    """One picture: `y` of height x width, `u` and `v` of half that each way. Arrays of uint8, written in place."""

    y: U8
    u: U8
    v: U8

    def __iter__(self) -> Iterator[U8]:
        return iter((self.y, self.u, self.v))

    @staticmethod
    def empty(width: int, height: int) -> Planes:
        """Uninitialised planes of an even size."""
        return Planes(
            np.empty((height, width), np.uint8),
            np.empty((height // 2, width // 2), np.uint8),
            np.empty((height // 2, width // 2), np.uint8),
        )


def planes_of(rgb: U8) -> Planes:
    """A picture (height x width x 3, R'G'B', even size) as planes. Chroma is averaged in floating point."""
    height, width = rgb.shape[:2]
    planes = Planes.empty(width, height)
    for top in range(0, height, _STRIP):
        strip = rgb[top : top + _STRIP]
        rows = slice(top // 2, (top + len(strip)) // 2)
        planes.y[top : top + len(strip)] = cv2.transform(strip, TO_LUMA).reshape(len(strip), width)
        # Averaging commutes with the linear transform: the half-size picture's chroma is the averaged chroma.
        half = cv2.resize(strip.astype(np.float32), (width // 2, len(strip) // 2), interpolation=cv2.INTER_AREA)
        codes = np.clip(np.rint(cv2.transform(half, TO_CHROMA)), 0, 255)
        planes.u[rows], planes.v[rows] = codes[..., 0], codes[..., 1]
    return planes


def deep_planes_of(rgb: U8) -> tuple[U16, U16, U16]:
    """`planes_of` in 16 bits: code values times `DEEP`, so that what is computed from them is rounded only once."""
    height, width = rgb.shape[:2]
    luma = np.empty((height, width), np.uint16)
    chroma = np.empty((2, height // 2, width // 2), np.uint16)
    # What is written is cut off, not rounded: half a step is added before.
    to_luma, to_chroma = TO_LUMA * DEEP + _HALF, TO_CHROMA * DEEP + _HALF
    for top in range(0, height, _STRIP):
        strip = rgb[top : top + _STRIP].astype(np.float32)
        luma[top : top + len(strip)] = cv2.transform(strip, to_luma)
        # At half the size a linear resize is the mean of 2x2 pixels, as INTER_AREA is, in a third of the time; and one
        # row of a matrix at a time takes a tenth of what two take.
        half = cv2.resize(strip, (width // 2, len(strip) // 2), interpolation=cv2.INTER_LINEAR)
        for plane, row in zip(chroma, to_chroma, strict=True):
            plane[top // 2 : (top + len(strip)) // 2] = cv2.transform(half, row[None])
    return luma, chroma[0], chroma[1]


def mix(a: Planes, b: Planes, weight: float, out: Planes) -> None:
    """Writes (1 - weight) * a + weight * b into `out`, which may be either."""
    for first, second, target in zip(a, b, out, strict=True):
        cv2.addWeighted(first, 1.0 - weight, second, weight, 0.0, dst=target)


def darken(planes: Planes, brightness: float) -> None:
    """Scales a picture towards black in place; 1.0 leaves it, 0.0 is black."""
    for plane, black in zip(planes, BLACK, strict=True):
        cv2.convertScaleAbs(plane, dst=plane, alpha=brightness, beta=black * (1.0 - brightness))
