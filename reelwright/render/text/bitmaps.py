"""Draws lines of text as bitmaps: solid glyphs, a thin edge, a soft shadow. Text goes in, pixels come out; nothing
else is ever done with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageDraw

from ..picture.yuv import F32, U8
from .emoji import emoji_bitmap
from .fonts import Faces, font
from .shaping import Line, Run, reads_right_to_left, shape

Colour = tuple[int, int, int]
WHITE: Colour = (255, 255, 255)
INK: Colour = (12, 13, 18)
AMBER: Colour = (255, 190, 61)
"""The accent where a brand has none of its own."""

_EMOJI_SIDE, _EMOJI_BOTTOM = 1.08, 0.2
"""An emoji's size, and how far it reaches below the baseline, in font sizes."""


@dataclass(frozen=True)
class Style:
    """How text looks. `outline` and `shadow` (blur radius) in pixels, `shade` 0..1 how dark the shadow is, `edge` the
    colour of both. `language` (BCP 47) picks regional letter forms; `rtl` is the direction of the paragraph, None to
    judge by the text itself. `fonts` are tried before those of each script."""

    size: int
    weight: int
    colour: Colour = WHITE
    outline: float = 0.0
    shadow: float = 0.0
    shade: float = 0.75
    edge: Colour = INK
    language: str = ""
    rtl: bool | None = None
    fonts: Faces = ()

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

    def line(self, tokens: Sequence[str]) -> Line:
        """Words, each with the space before it, set on a line."""
        rtl = reads_right_to_left("".join(tokens), self.language) if self.rtl is None else self.rtl
        return shape(tuple(tokens), self.size, self.weight, rtl, self.language, self.fonts)

    def measure(self, text: str) -> float:
        """The width of a line in pixels."""
        return self.line((text,)).width


@dataclass(frozen=True)
class Placed:
    """A run of text: `x` of its left end, `baseline`, both in pixels of the bitmap."""

    x: float
    baseline: float
    text: str


@dataclass(frozen=True)
class Glyphs:
    """A shaped run in its place: `x` of its left end, `baseline`, both in pixels of the bitmap."""

    x: float
    baseline: float
    run: Run


class Canvas:
    """A transparent bitmap, height x width, kept pre-multiplied in floating point until it is done. Its colours lie in
    memory one after the other, which is painted on three times as fast; `colour` shows them as height x width x 3."""

    def __init__(self, width: int, height: int) -> None:
        self._fill(np.zeros((3, height, width), np.float32), np.zeros((height, width), np.float32))

    def _fill(self, planes: F32, alpha: F32) -> None:
        self._planes, self.alpha = planes, alpha
        self.colour: F32 = np.moveaxis(planes, 0, 2)
        self.height, self.width = alpha.shape

    def columns(self, left: int, right: int) -> Canvas:
        """An independent copy of the columns from `left` to `right`."""
        other = Canvas(0, 0)
        other._fill(self._planes[:, :, left:right].copy(), self.alpha[:, left:right].copy())
        return other

    def paint(self, mask: F32, colour: Colour, x: int = 0, y: int = 0) -> None:
        """Paints a colour over the bitmap through `mask` (0..1, with its corner at x, y)."""
        height, width = mask.shape
        place = np.s_[y : y + height, x : x + width]
        rest = 1.0 - mask
        for plane, level in zip((*self._planes, self.alpha), (*colour, 1.0), strict=True):
            painted = plane[place]
            painted *= rest
            if level:
                painted += mask * np.float32(level)

    def stamp(self, rgba: U8, x: int, y: int) -> None:
        """Lays a bitmap (straight alpha) over what is there; what would stand outside is cut off."""
        left, top = max(-x, 0), max(-y, 0)
        rgba = rgba[top : max(self.height - y, 0), left : max(self.width - x, 0)]
        height, width = rgba.shape[:2]
        place = np.s_[y + top : y + top + height, x + left : x + left + width]
        mask = rgba[..., 3].astype(np.float32) / 255.0
        self.alpha[place] = self.alpha[place] * (1.0 - mask) + mask
        self.colour[place] = self.colour[place] * (1.0 - mask[..., None]) + rgba[..., :3] * mask[..., None]

    def rgba(self) -> U8:
        """The bitmap with straight alpha, height x width x 4."""
        pixels = np.empty((self.height, self.width, 4), np.uint8)
        # Half a code more and cut off is rounding; alpha times 255 divided by alpha never leaves 0..255 by more.
        whole = np.maximum(self.alpha, 1e-6)
        for index, plane in enumerate(self._planes):
            pixels[..., index] = np.minimum(plane / whole + 0.5, 255.0)
        pixels[..., 3] = self.alpha * 255.0 + 0.5
        return pixels


def place_runs(runs: Iterable[Placed], style: Style) -> list[Glyphs]:
    """The shaped runs of lines of text."""
    return [Glyphs(p.x + run.x, p.baseline, run) for p in runs for run in style.line((p.text,)).runs]


def glyph_mask(width: int, height: int, runs: Sequence[Placed], style: Style, *, outline: float = 0.0) -> F32:
    """How much of each pixel the glyphs cover, 0..1, made wider by `outline` pixels. Emoji are not glyphs."""
    return shaped_mask(width, height, place_runs(runs, style), style, outline=outline)


def shaped_mask(width: int, height: int, glyphs: Sequence[Glyphs], style: Style, *, outline: float = 0.0) -> F32:
    """`glyph_mask` of runs that are shaped already."""
    image = Image.new("L", (width, height), 0)
    pen = ImageDraw.Draw(image)
    for g in glyphs:
        if g.run.face is not None:
            pen.text(
                (g.x, g.baseline),
                g.run.text,
                fill=255,
                font=font(style.size, style.weight, g.run.face),
                anchor="ls",
                stroke_width=outline,
                direction="rtl" if g.run.rtl else "ltr",
                language=style.language or None,
            )
    return np.asarray(image, np.float32) / 255.0


def extent(line: Line, style: Style) -> tuple[int, int]:
    """(above, below): the pixels a line's glyphs reach above and below its baseline, outline not included."""
    above = below = 0
    for run in line.runs:
        if run.face is None:
            above = max(above, round(style.size * (_EMOJI_SIDE - _EMOJI_BOTTOM)))
            below = max(below, round(style.size * _EMOJI_BOTTOM))
            continue
        face = font(style.size, style.weight, run.face)
        direction = "rtl" if run.rtl else "ltr"
        _, top, _, bottom = face.getbbox(run.text, anchor="ls", direction=direction, language=style.language or None)
        above, below = max(above, round(-top)), max(below, round(bottom))
    return above, below


def draw_text(canvas: Canvas, runs: Sequence[Placed], style: Style) -> None:
    """Shadow, outline, glyphs and emoji of all runs."""
    draw_shaped(canvas, place_runs(runs, style), style)


def draw_shaped(canvas: Canvas, glyphs: Sequence[Glyphs], style: Style) -> None:
    """`draw_text` of runs that are shaped already."""
    size = canvas.width, canvas.height
    outlined = shaped_mask(*size, glyphs, style, outline=style.outline)
    if style.shadow:
        soft = cv2.GaussianBlur(outlined, (0, 0), style.shadow)
        # A blurred stroke is faint; doubled and clipped it holds its darkness near the letters.
        shadow = style.edge if style.edge != INK else (0, 0, 0)
        canvas.paint(np.minimum(np.asarray(soft, np.float32) * 2.0, 1.0) * np.float32(style.shade), shadow)
    if style.outline:
        canvas.paint(outlined, style.edge)
    canvas.paint(shaped_mask(*size, glyphs, style), style.colour)
    stamp_emoji(canvas, glyphs, style)


def stamp_emoji(canvas: Canvas, glyphs: Sequence[Glyphs], style: Style) -> None:
    """The emoji among the runs."""
    side = round(style.size * _EMOJI_SIDE)
    for g in glyphs:
        if g.run.face is None:
            left = round(g.x + (g.run.width - side) / 2)
            canvas.stamp(emoji_bitmap(g.run.text, side), left, round(g.baseline + style.size * _EMOJI_BOTTOM) - side)


def pill_mask(width: int, height: int, radius: float) -> F32:
    """A rounded rectangle that fills the bitmap, edges smooth."""
    large = Image.new("L", (width * 4, height * 4), 0)
    ImageDraw.Draw(large).rounded_rectangle((0, 0, width * 4 - 1, height * 4 - 1), radius=radius * 4, fill=255)
    return np.asarray(large.resize((width, height), Image.Resampling.BOX), np.float32) / 255.0
