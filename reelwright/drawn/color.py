"""Colours, mixed where the eye mixes them.

A colour is a float32 array (3,), gamma-encoded sRGB in 0..1. Mixing and hue turns go through OKLab
(Björn Ottosson, "A perceptual color space for image processing", 2020), so that a gradient between two hues
passes through no grey or muddy middle.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Color = NDArray[np.float32]

_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_FROM_LMS = np.linalg.inv(_TO_LMS)
_FROM_LAB = np.linalg.inv(_TO_LAB)


@lru_cache(maxsize=1024)
def _hex(code: str) -> tuple[float, float, float]:
    return int(code[1:3], 16) / 255, int(code[3:5], 16) / 255, int(code[5:7], 16) / 255


def rgb(color: Color | str) -> Color:
    """`#rrggbb` or a colour, as a colour."""
    if isinstance(color, str):
        return np.array(_hex(color), np.float32)
    return color


def to_oklab(colors: NDArray[np.float32]) -> NDArray[np.float64]:
    """Shape (..., 3) sRGB to OKLab."""
    c = np.asarray(colors, np.float64)
    linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    lab: NDArray[np.float64] = np.cbrt(linear @ _TO_LMS.T) @ _TO_LAB.T
    return lab


def from_oklab(lab: NDArray[np.float64]) -> NDArray[np.float32]:
    """Shape (..., 3) OKLab to sRGB, clipped to 0..1."""
    linear = np.clip(((lab @ _FROM_LAB.T) ** 3) @ _FROM_LMS.T, 0.0, 1.0)
    srgb = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.clip(srgb, 0.0, 1.0).astype(np.float32)


def mix(a: Color | str, b: Color | str, t: float) -> Color:
    """`a` at t=0, `b` at t=1."""
    return from_oklab(to_oklab(rgb(a)) * (1 - t) + to_oklab(rgb(b)) * t)


def shift(color: Color | str, *, hue: float = 0.0, chroma: float = 1.0, light: float = 0.0) -> Color:
    """Turns the hue by degrees, scales the chroma, adds to the lightness (OKLab L, 0..1)."""
    lightness, a, b = to_oklab(rgb(color))
    turn = np.deg2rad(hue)
    a, b = a * np.cos(turn) - b * np.sin(turn), a * np.sin(turn) + b * np.cos(turn)
    return from_oklab(np.array([np.clip(lightness + light, 0.0, 1.0), a * chroma, b * chroma]))


def lightness(color: Color | str) -> float:
    """OKLab L, 0 (black) to 1 (white)."""
    return float(to_oklab(rgb(color))[0])


def ramp(stops: list[tuple[float, Color]], at: NDArray[np.float64]) -> NDArray[np.float32]:
    """Colours (n, 3) of a gradient given by (position, colour) stops in rising order, at positions (n,)."""
    where = np.array([position for position, _ in stops])
    labs = np.array([to_oklab(color) for _, color in stops])
    return from_oklab(np.stack([np.interp(at, where, labs[:, i]) for i in range(3)], axis=-1))
