"""Colour correction, once per still: automatic white balance and exposure, and a 3D look-up table on top. And the
brand's colours.

White balance: Shades of Gray (G. Finlayson and E. Trezzi, "Shades of Gray and Colour Constancy", Color Imaging
Conference 2004) with their p = 6, in linear light, on the pixels that are neither clipped nor strongly coloured.
Exposure: the log-average luminance (E. Reinhard et al., "Photographic Tone Reproduction for Digital Images",
SIGGRAPH 2002, eq. 1) is brought towards 0.18, photography's middle grey. Both are bounded and go only part of the
way: a night stays dark and a sunset warm. Linear light by IEC 61966-2-1 (sRGB).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageFilter

from reelwright.domain.content.style import BrandKit

from .cube_file import MAX_CUBE_BYTES, bad_cube, cube_text, parse_cube
from .yuv import F32, U8, planes_of

MINKOWSKI = 6
MIDDLE_GREY = 0.18
BALANCE, BALANCE_LIMIT = 0.4, 1.12
"""How far a cast is taken back, and the most one channel is multiplied with (or divided by) against the mean."""
EXPOSURE, EXPOSURE_LIMIT = 0.5, 0.5
"""How far exposure goes towards middle grey, and the most it moves, in stops."""
LINES_SIDE = 52
"""Points on each axis of a table for FFmpeg: at 0, 5, 10 ... 255, so that none is rounded."""
_WEIGHTS = np.array([0.2126, 0.7152, 0.0722], np.float32)


@dataclass(frozen=True)
class Correction:
    """`gains` of linear red, green and blue, `stops` of exposure."""

    gains: tuple[float, float, float] = (1.0, 1.0, 1.0)
    stops: float = 0.0

    def apply(self, rgb: U8) -> U8:
        """The corrected picture. Highlights that a gain lifts roll off instead of clipping."""
        if self == Correction():
            return rgb
        light = _linear(np.arange(256, dtype=np.float32) / 255.0)
        # Exposure as a power: middle grey moves by the stops, black and white stay.
        exposed = np.power(light, 1.0 + self.stops / math.log2(MIDDLE_GREY))
        tables = [_coded(_rolled(np.asarray(exposed * gain, np.float32))) for gain in self.gains]
        table = np.clip(np.rint(np.stack(tables, axis=1) * 255.0), 0, 255).astype(np.uint8)
        return np.asarray(cv2.LUT(rgb, table.reshape(1, 256, 3)))


def measure(rgb: U8) -> Correction:
    """The correction of a picture. The same for a picture in any size, except for rounding."""
    height, width = rgb.shape[:2]
    share = min(256 / max(height, width), 1.0)
    size = max(round(width * share), 1), max(round(height * share), 1)
    light = _linear(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA).astype(np.float32).reshape(-1, 3) / 255.0)
    luma = light @ _WEIGHTS
    stops = math.log2(MIDDLE_GREY / math.exp(float(np.log(luma + 1e-3).mean()))) * EXPOSURE
    return Correction(_gains(light), min(max(stops, -EXPOSURE_LIMIT), EXPOSURE_LIMIT))


def _gains(light: F32) -> tuple[float, float, float]:
    high, low = light.max(axis=1), light.min(axis=1)
    # A strong colour is the object's own, not the light's; clipped or black pixels carry no information.
    grey = light[(high < 0.95) & (high > 0.01) & (high - low < 0.5 * high)]
    if len(grey) * 20 < len(light):
        return 1.0, 1.0, 1.0
    seen = np.power(np.power(grey.astype(np.float64), MINKOWSKI).mean(axis=0), 1.0 / MINKOWSKI)
    wanted = np.clip((seen.mean() / np.maximum(seen, 1e-6)) ** BALANCE, 1.0 / BALANCE_LIMIT, BALANCE_LIMIT)
    # Brightness is exposure's matter.
    red, green, blue = wanted / float(wanted @ _WEIGHTS)
    return float(red), float(green), float(blue)


def _linear(coded: F32) -> F32:
    return np.asarray(np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4), np.float32)


def _coded(light: F32) -> F32:
    return np.asarray(
        np.where(light <= 0.0031308, light * 12.92, 1.055 * np.maximum(light, 0.0) ** (1 / 2.4) - 0.055), np.float32
    )


def _rolled(light: F32) -> F32:
    """Straight up to 0.6, then softly towards 1, which the brightest value (never below 1) just reaches."""
    knee, top = 0.6, max(float(light.max()), 1.0)
    if top <= 1.0:
        return light
    over = np.maximum(light - knee, 0.0) / (top - knee)
    # A quadratic with slope 1 at the knee that ends at (top, 1) wherever that is possible without turning round.
    slope = min((top - knee) / (1.0 - knee), 2.0)
    bent = knee + (1.0 - knee) * (slope * over + (1.0 - slope) * over * over)
    return np.asarray(np.where(light <= knee, light, bent), np.float32)


class Cube:
    """A 3D look-up table, applied with trilinear interpolation."""

    def __init__(self, side: int, values: F32, low: tuple[float, ...], high: tuple[float, ...]) -> None:
        """`values`: side^3 x 3, red running fastest; `low` and `high` what inputs 0 and side - 1 stand for."""
        self._filter = ImageFilter.Color3DLUT(side, values.reshape(-1).tolist(), target_mode="RGB")
        codes = np.arange(256, dtype=np.float32)[:, None] / 255.0
        inputs = np.clip((codes - np.array(low)) / (np.array(high) - np.array(low)), 0.0, 1.0) * 255.0
        self._domain = np.rint(inputs).astype(np.uint8).reshape(1, 256, 3)
        self._plain = all(value == 0.0 for value in low) and all(value == 1.0 for value in high)

    def apply(self, rgb: U8) -> U8:
        """The picture through the table."""
        inside = rgb if self._plain else np.asarray(cv2.LUT(rgb, self._domain))
        return np.asarray(Image.fromarray(inside).filter(self._filter))


def read_cube(path: Path) -> Cube:
    """Opens a .cube file. Raises `RenderFailed` (field `style.lut`)."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_CUBE_BYTES + 1)
    except OSError as error:
        raise bad_cube("the file cannot be read", "fetch it before rendering") from error
    table = parse_cube(data)
    return Cube(table.side, table.values, table.low, table.high)


def cube_lines(path: Path) -> str:
    """A .cube file as it is understood here, for inputs from 0 to 1. Raises `RenderFailed` (field `style.lut`)."""
    cube = read_cube(path)
    axis = np.rint(np.linspace(0, 255, LINES_SIDE)).astype(np.uint8)
    blue, green, red = np.meshgrid(axis, axis, axis, indexing="ij")
    grid = np.stack([red, green, blue], axis=-1).reshape(LINES_SIDE, -1, 3)
    return cube_text(LINES_SIDE, cube.apply(grid).reshape(-1, 3) / 255.0)


Rgb = tuple[int, int, int]


def rgb_of(text: str) -> Rgb:
    """`#FFB938` as red, green and blue, 0..255."""
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def luminance(rgb: U8) -> F32:
    """Relative luminance, 0..1, of pixels (... x 3): WCAG 2.2's definition, which is BT.709's on linear light."""
    return np.asarray(_linear(rgb.astype(np.float32) / 255.0) @ _WEIGHTS, np.float32)


def contrast(one: float, other: float) -> float:
    """WCAG 2.2's contrast ratio of two luminances, 1 to 21."""
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


@dataclass(frozen=True)
class Palette:
    """A brand's colours: `accent` for bars, `text` on `ground`, a dark shade of the accent."""

    accent: Rgb
    text: Rgb
    ground: Rgb

    @property
    def ground_codes(self) -> tuple[int, int, int]:
        """The ground as Y, Cb, Cr."""
        return codes_of(self.ground)


def codes_of(rgb: Rgb) -> tuple[int, int, int]:
    """A colour as Y, Cb, Cr."""
    planes = planes_of(np.full((2, 2, 3), rgb, np.uint8))
    return int(planes.y[0, 0]), int(planes.u[0, 0]), int(planes.v[0, 0])


READABLE = 4.5
"""The contrast that WCAG 2.2 requires of text (success criterion 1.4.3)."""
GLOW = 0.34
"""How much of the accent there is in the brightest place of a card."""
_NIGHT = np.array([18, 22, 36], np.float32)
_DARKEST = 50
"""The ground's least luma code: well above what a detector of black frames (10 %, code 38) takes for black."""


def palette_of(brand: BrandKit) -> Palette:
    """The colours of a brand kit. Text that could not be read on the ground is white instead."""
    accent, text = rgb_of(brand.accent), rgb_of(brand.text)
    ground = np.rint(np.array(accent, np.float32) * 0.05 + _NIGHT * 0.95)
    red, green, blue = (int(value) for value in ground)
    while codes_of((red, green, blue))[0] < _DARKEST:
        red, green, blue = red + 2, green + 2, blue + 2
    ground = np.array((red, green, blue), np.float32)
    # Text also stands where the accent glows.
    lit = ground * (1.0 - GLOW) + np.array(accent, np.float32) * GLOW
    worst = min(contrast(_shine(under), _shine(text)) for under in (ground, lit))
    return Palette(accent, text if worst >= READABLE else (255, 255, 255), (red, green, blue))


def _shine(colour: Rgb | F32) -> float:
    return float(luminance(np.array(colour).astype(np.uint8)))
