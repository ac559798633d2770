"""The cards before and after the story: a slowly moving ground in the brand's colours, the logo, a line of text."""

from __future__ import annotations

import cv2
import numpy as np

from reelwright.domain.ids import seed_of
from reelwright.domain.text.incoming import one_line

from ..plan.layout import Layout
from ..plan.motion import Path, View
from ..plan.timeline import CardSpan, Pace, ease
from ..text.bitmaps import Canvas, Placed, Style, draw_text
from ..text.fonts import BOLD, SEMIBOLD, drawable
from ..text.title_breaks import break_title
from ..text.titles import fit_logo
from .colour import GLOW, Palette
from .frames import Still, still_size
from .overlay import Overlay, make_overlay
from .yuv import F32, U8, Planes

APPEAR_S = 0.5
"""How long text and logo take to appear."""
_GRAIN = 1.1
"""Grain in code values: it keeps a dark gradient from showing steps."""


class Card:
    """One card of one format. The text appears with the logo, then a bar grows below it, then the brand's line comes
    on the outro; the ground never stands still."""

    def __init__(self, span: CardSpan, palette: Palette, layout: Layout, logo: U8 | None, line: str, fps: int) -> None:
        self._span, self._pace = span, Pace(fps)
        width, height = layout.width, layout.height
        self._ground = Still(ground(palette, *still_size(width, height), seed_of("card", span.kind)), width, height)
        near, far = View(1.12, 0.25, 0.1), View(1.02, -0.3, -0.2)
        self._path = Path(far, near, span.frames) if span.kind == "intro" else Path(near, far, span.frames)
        self._text, self._bar, self._line, self._logo = _writing(
            span.text, line if span.kind == "outro" else "", palette, layout, logo
        )

    def draw(self, frame: int, out: Planes) -> None:
        """`frame` counts from the card's first one."""
        self._ground.draw(self._path.at(frame), out)
        # What is written begins to appear when the transition is half through.
        since = (frame - self._span.transition_in / 2) / self._pace.fps
        for overlay, begin in ((self._logo, 0.0), (self._text, 0.1), (self._line, 0.7)):
            if overlay:
                overlay.blend(out, ease((since - begin) / APPEAR_S))
        grown = ease((since - 0.35) / 0.6)
        if self._bar and grown > 0.0:
            self._bar.blend(out, min(4.0 * grown, 1.0), behind=2 * round(self._bar.width * (1.0 - grown) / 2))


def ground(palette: Palette, width: int, height: int, seed: int) -> U8:
    """A dark ground with a glow of the accent in one corner and its shade in the other: height x width x 3."""
    # A quarter of the size is plenty for what is this smooth.
    rows = np.linspace(-1.0, 1.0, max(height // 4, 2), dtype=np.float32)[:, None]
    columns = np.linspace(-1.0, 1.0, max(width // 4, 2), dtype=np.float32)[None, :]
    # Round in pixels, whatever the aspect.
    longer = max(width, height)
    x, y = columns * (width / longer), rows * (height / longer)

    def glow(at_x: float, at_y: float, size: float) -> F32:
        return np.asarray(np.exp(-(np.square(x - at_x) + np.square(y - at_y)) / (2 * size * size)), np.float32)

    base, accent = np.array(palette.ground, np.float32), np.array(palette.accent, np.float32)
    lit = glow(-0.7 * width / longer, -0.95 * height / longer, 0.5)[..., None] * np.float32(GLOW)
    low = glow(0.9 * width / longer, 1.1 * height / longer, 0.55)[..., None] * np.float32(0.13)
    shade = (1.0 - 0.12 * np.clip(y + 0.15 * x, -1.0, 1.0))[..., None]
    picture = base * shade * (1.0 - lit) + accent * (lit + low)
    smooth: F32 = np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)
    smooth += np.random.default_rng(seed).standard_normal((height, width, 1), dtype=np.float32) * np.float32(_GRAIN)
    return np.clip(smooth + 0.5, 0, 255, out=smooth).astype(np.uint8)


def _writing(
    text: str, line: str, palette: Palette, layout: Layout, logo: U8 | None
) -> tuple[Overlay | None, Overlay | None, Overlay | None, Overlay | None]:
    """Text, bar, line and logo, one below the other around the middle of what platforms leave free."""
    shown, fonts = drawable(one_line(text), layout.fonts), layout.fonts
    middle = round((layout.top + layout.bottom) / 2)
    size, shadow = round(layout.title_size * 1.05), layout.title_size * 0.1
    big = Style(size, BOLD, palette.text, shadow=shadow, shade=0.35, fonts=fonts)
    lines, big = break_title(shown, big, layout.text_width) if shown else ([], big)
    block = len(lines) * big.line_height
    top = middle - block // 2
    art = fit_logo(logo, layout.text_width * 0.5, layout.title_size * 2.2) if logo is not None else None
    badge = None
    if art is not None:
        space = round(layout.title_size * 0.5)
        top += (art.shape[0] + space) // 2
        across = (layout.width - art.shape[1]) // 2
        badge = make_overlay(art, across, top - space - art.shape[0], layout.width, layout.height)
    bar_height, bar_width = max(round(big.size * 0.08), 4), round(big.size * 1.9)
    bar = Canvas(bar_width, bar_height)
    bar.paint(np.ones((bar_height, bar_width), np.float32), palette.accent)
    below = top + block + round(big.size * 0.3)
    size, shadow = round(layout.heading_size * 1.1), layout.heading_size * 0.1
    small = Style(size, SEMIBOLD, palette.text, shadow=shadow, shade=0.3, fonts=fonts)
    under = below + bar_height + round(big.size * 0.35)
    return (
        _centred(lines, big, top, layout),
        make_overlay(bar.rgba(), (layout.width - bar_width) // 2, below, layout.width, layout.height),
        _centred([drawable(one_line(line), fonts)] if line else [], small, under, layout),
        badge,
    )


def _centred(lines: list[str], style: Style, top: int, layout: Layout) -> Overlay | None:
    lines = [line for line in lines if line]
    if not lines:
        return None
    height = len(lines) * style.line_height + 2 * style.pad
    canvas = Canvas(layout.width, height)
    runs = [
        Placed((layout.width - style.measure(line)) / 2, style.pad + row * style.line_height + style.ascent, line)
        for row, line in enumerate(lines)
    ]
    draw_text(canvas, runs, style)
    return make_overlay(canvas.rgba(), 0, top - style.pad, layout.width, layout.height)
