"""The opening title, the scenes' headings and the watermark."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from reelwright.domain.formats import FPS
from reelwright.domain.text import one_line
from reelwright.domain.video import RenderPlan

from .fonts import BOLD, SEMIBOLD, drawable
from .layout import Layout
from .overlay import Overlay, make_overlay
from .text import AMBER, Canvas, Placed, Style, draw_text
from .timeline import Timeline, ease
from .yuv import F32

TITLE_FRAMES = round(2.2 * FPS)
HEADING_FRAMES = 2 * FPS
HEADING_DELAY = 9
"""Frames after a scene is first seen: the heading comes when its picture stands over the old one."""
FADE_FRAMES = 9
MAX_LINES = 3


@dataclass(frozen=True)
class Shown:
    """An overlay from frame `first` to `last` (exclusive), fading in and out where `fades`."""

    overlay: Overlay
    first: int
    last: int
    fades: bool = True

    def weight(self, frame: int) -> float:
        """0..1; 0 outside its time."""
        if not self.first <= frame < self.last:
            return 0.0
        if not self.fades:
            return 1.0
        return ease(min((frame - self.first + 1) / FADE_FRAMES, (self.last - frame) / FADE_FRAMES, 1.0))


def still_overlays(plan: RenderPlan, timeline: Timeline, layout: Layout) -> tuple[Shown, ...]:
    """Everything but the captions that is laid over the picture."""
    shown: list[Shown] = []
    title = title_overlay(plan.material.story.title, layout)
    if title:
        shown.append(Shown(title, 0, min(TITLE_FRAMES, timeline.frames)))
    for scene in timeline.scenes:
        first = scene.first + HEADING_DELAY if scene.position else TITLE_FRAMES
        last = min(first + HEADING_FRAMES, scene.last - HEADING_DELAY)
        heading = heading_overlay(scene.heading, layout) if last - first >= FPS else None
        if heading:
            shown.append(Shown(heading, first, last))
    mark = watermark_overlay(plan.style.brand.watermark, layout)
    if mark:
        shown.append(Shown(mark, 0, timeline.frames, fades=False))
    return tuple(shown)


def break_title(text: str, style: Style, width: float, *, lines: int = MAX_LINES) -> tuple[list[str], Style]:
    """A title in at most `lines` lines of even length, in the largest size up to `style` that fits `width`."""
    words = text.split()
    while style.size > 24:
        for count in range(1, lines + 1):
            broken = _even_lines(words, style, width, count)
            if broken:
                return broken, style
        style = replace(style, size=int(style.size * 0.93))
    return [_cut(text, style, width)], style


def _even_lines(words: list[str], style: Style, width: float, count: int) -> list[str]:
    """The words in exactly `count` lines as even as can be; empty when one of them would be wider than `width`."""
    # best[k][n]: the least sum of squared widths with the first n words in k lines, and where its last line begins.
    best: list[dict[int, tuple[float, int]]] = [{0: (0.0, 0)}]
    for _ in range(count):
        reach: dict[int, tuple[float, int]] = {}
        for end in range(1, len(words) + 1):
            options = []
            # No line of a title holds more than 12 words at a size worth reading.
            for begin in range(max(end - 12, 0), end):
                if begin in best[-1]:
                    line = style.measure(" ".join(words[begin:end]))
                    if line <= width:
                        options.append((best[-1][begin][0] + line * line, begin))
            if options:
                reach[end] = min(options)
        best.append(reach)
    if len(words) not in best[count]:
        return []
    broken: list[str] = []
    end = len(words)
    for k in range(count, 0, -1):
        begin = best[k][end][1]
        broken.insert(0, " ".join(words[begin:end]))
        end = begin
    return broken


def _cut(text: str, style: Style, width: float) -> str:
    """As much of the text as fits one line, with an ellipsis."""
    while text and style.measure(text + "…") > width:
        text = text[:-1].rstrip()
    return text + "…"


def title_overlay(text: str, layout: Layout) -> Overlay | None:
    """The story's title, large, above the middle, on a soft shade."""
    text = drawable(one_line(text))
    if not text:
        return None
    style = Style(layout.title_size, BOLD, outline=0.0, shadow=layout.title_size * 0.12, shade=0.6)
    lines, style = break_title(text, style, layout.text_width)
    block = len(lines) * style.line_height
    top = layout.title_y - block // 2
    shade = _shade(top + block + 3 * style.size, full=top)
    canvas = Canvas(layout.width, len(shade))
    canvas.paint(np.repeat(shade[:, None], layout.width, axis=1), (0, 0, 0))
    runs = [
        Placed((layout.width - style.measure(line)) / 2, top + row * style.line_height + style.ascent, line)
        for row, line in enumerate(lines)
    ]
    draw_text(canvas, runs, style)
    bar = round(style.size * 1.2), max(round(style.size * 0.075), 4)
    below = round(top + block + style.size * 0.22)
    canvas.paint(np.ones((bar[1], bar[0]), np.float32), AMBER, (layout.width - bar[0]) // 2, below)
    return make_overlay(canvas.rgba(), 0, 0, layout.width, layout.height)


def _shade(height: int, *, full: int) -> F32:
    """How dark each row from the top edge down is made, 0..1: most down to `full`, nothing at the end."""
    return np.array([0.5 * (1.0 - ease((row - full) / (height - full))) for row in range(height)], np.float32)


def heading_overlay(text: str, layout: Layout) -> Overlay | None:
    """A scene's heading: small, top left, beside an accent bar."""
    text = drawable(text)
    if not text:
        return None
    style = Style(layout.heading_size, SEMIBOLD, outline=1.0, shadow=layout.heading_size * 0.16)
    lines, style = break_title(text, style, layout.text_width * 0.72, lines=2)
    pad, bar = style.pad, max(layout.heading_size // 8, 4)
    left = pad + bar + round(style.size * 0.45)
    width = left + int(max(style.measure(line) for line in lines)) + pad + 2
    height = len(lines) * style.line_height + 2 * pad
    canvas = Canvas(width, height)
    runs = [Placed(left, pad + row * style.line_height + style.ascent, line) for row, line in enumerate(lines)]
    draw_text(canvas, runs, style)
    canvas.paint(np.ones((height - 2 * pad, bar), np.float32), AMBER, pad, pad)
    return make_overlay(canvas.rgba(), layout.margin - pad, layout.top - pad, layout.width, layout.height)


def watermark_overlay(text: str, layout: Layout) -> Overlay | None:
    """A small line in the top right corner, half transparent."""
    text = drawable(one_line(text))
    if not text:
        return None
    style = Style(layout.watermark_size, SEMIBOLD, outline=1.0, shadow=layout.watermark_size * 0.12)
    limit = layout.text_width * 0.25
    text = text if style.measure(text) <= limit else _cut(text, style, limit)
    pad = style.pad
    width, height = int(style.measure(text)) + 2 * pad + 2, style.line_height + 2 * pad
    canvas = Canvas(width, height)
    draw_text(canvas, [Placed(pad, pad + style.ascent, text)], style)
    canvas.alpha *= 0.6
    canvas.colour *= 0.6
    x = layout.width - layout.margin - width + pad
    return make_overlay(canvas.rgba(), x, layout.top - pad, layout.width, layout.height)
