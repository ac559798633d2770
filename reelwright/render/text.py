"""Draws lines of text as bitmaps: solid glyphs, a thin dark outline, a soft shadow. Text goes in, pixels come out;
nothing else is ever done with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageDraw

from .fonts import font
from .yuv import F32, U8

Colour = tuple[int, int, int]
WHITE: Colour = (255, 255, 255)
INK: Colour = (12, 13, 18)
AMBER: Colour = (255, 190, 61)
"""The accent: the spoken word's pill."""


@dataclass(frozen=True)
class Style:
    """How text looks. `outline` and `shadow` (blur radius) in pixels, `shade` 0..1 how dark the shadow is."""

    size: int
    weight: int
    colour: Colour = WHITE
    outline: float = 0.0
    shadow: float = 0.0
    shade: float = 0.75

    @property
    def line_height(self) -> int:
        """Pixels from one baseline to the next."""
        return round(self.size * 1.28)

    @property
    def ascent(self) -> int:
        """Pixels from a line's top to its baseline: places a capital in the middle of the line."""
        return round(self.line_height / 2 + self.size * 0.357)

    @property
    def pad(self) -> int:
        """Room around the text for outline and shadow."""
        return round(self.outline + 3 * self.shadow + self.size * 0.3)

    def measure(self, text: str) -> float:
        """The width of a line in pixels."""
        return font(self.size, self.weight).getlength(text)


@dataclass(frozen=True)
class Placed:
    """A run of text: `x` of its left end, `baseline`, both in pixels of the bitmap."""

    x: float
    baseline: float
    text: str


class Canvas:
    """A transparent bitmap, height x width, kept pre-multiplied in floating point until it is done."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.colour: F32 = np.zeros((height, width, 3), np.float32)
        self.alpha: F32 = np.zeros((height, width), np.float32)

    def copy(self) -> Canvas:
        """An independent copy."""
        other = Canvas(0, 0)
        other.width, other.height = self.width, self.height
        other.colour, other.alpha = self.colour.copy(), self.alpha.copy()
        return other

    def paint(self, mask: F32, colour: Colour, x: int = 0, y: int = 0) -> None:
        """Paints a colour over what is there, where `mask` (0..1, with its corner at x, y) says."""
        height, width = mask.shape
        place = np.s_[y : y + height, x : x + width]
        rest = 1.0 - mask
        self.alpha[place] = self.alpha[place] * rest + mask
        self.colour[place] = self.colour[place] * rest[..., None] + mask[..., None] * np.array(colour, np.float32)

    def rgba(self) -> U8:
        """The bitmap with straight alpha, height x width x 4."""
        safe = np.maximum(self.alpha, 1e-6)[..., None]
        pixels = np.dstack([self.colour / safe, self.alpha * 255.0])
        return np.clip(np.rint(pixels), 0, 255).astype(np.uint8)


def glyph_mask(width: int, height: int, runs: Sequence[Placed], style: Style, *, outline: float = 0.0) -> F32:
    """How much of each pixel the glyphs cover, 0..1, made wider by `outline` pixels."""
    image = Image.new("L", (width, height), 0)
    pen = ImageDraw.Draw(image)
    face = font(style.size, style.weight)
    for run in runs:
        pen.text((run.x, run.baseline), run.text, fill=255, font=face, anchor="ls", stroke_width=outline)
    return np.asarray(image, np.float32) / 255.0


def draw_text(canvas: Canvas, runs: Sequence[Placed], style: Style) -> None:
    """Shadow, outline and glyphs of all runs."""
    size = canvas.width, canvas.height
    outlined = glyph_mask(*size, runs, style, outline=style.outline)
    if style.shadow:
        soft = cv2.GaussianBlur(outlined, (0, 0), style.shadow)
        # A blurred stroke is faint; doubled and clipped it holds its darkness near the letters.
        canvas.paint(np.minimum(np.asarray(soft, np.float32) * 2.0, 1.0) * np.float32(style.shade), (0, 0, 0))
    if style.outline:
        canvas.paint(outlined, INK)
    canvas.paint(glyph_mask(*size, runs, style), style.colour)


def pill_mask(width: int, height: int, radius: float) -> F32:
    """A rounded rectangle that fills the bitmap, edges smooth."""
    large = Image.new("L", (width * 4, height * 4), 0)
    ImageDraw.Draw(large).rounded_rectangle((0, 0, width * 4 - 1, height * 4 - 1), radius=radius * 4, fill=255)
    return np.asarray(large.resize((width, height), Image.Resampling.BOX), np.float32) / 255.0
