"""How one caption looks in each of its states: the bitmaps that `captions` lays over the frames."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from ..picture.overlay import Overlay, make_overlay
from ..picture.yuv import Planes
from ..plan.layout import Box, Layout
from ..text.bitmaps import Canvas, Glyphs, Style, draw_shaped, extent, pill_mask, shaped_mask, stamp_emoji
from ..text.fonts import BOLD
from .colours import Look
from .cues import Cue

GROWTH = 1.12
"""How much larger the spoken word is in pop."""
BOX_OPACITY = 0.78
"""Of classic's box: white letters on it keep 4.5:1 even over a white picture."""
_SMALLEST = 6
"""Type smaller than this many pixels is unreadable."""
_ROOM = 0.1
"""Kept free above and below the glyphs of a line, in font sizes."""


def caption_style(layout: Layout, scale: float = 1.0, look: Look | None = None) -> Style:
    """Bold, thin edge, soft shadow; `scale` shrinks it all. On classic's box there is nothing to stand out from."""
    look = look or Look()
    size = max(int(layout.caption_size * scale + 1e-6), _SMALLEST)
    boxed = look.kind == "classic"
    return Style(
        size=size,
        weight=BOLD,
        colour=look.text,
        outline=0.0 if boxed else max(size * 0.035, 1.0),
        shadow=0.0 if boxed else size * 0.11,
        edge=look.edge,
        fonts=layout.fonts,
    )


@dataclass(frozen=True)
class Layers:
    """Overlays side by side that make one picture."""

    overlays: tuple[Overlay, ...]

    def blend(self, planes: Planes, weight: float = 1.0) -> None:
        """Draws them on `planes` in place; `weight` 0..1 fades them in."""
        for overlay in self.overlays:
            overlay.blend(planes, weight)


def _cut(overlay: Overlay, begin: int, end: int) -> Overlay | None:
    """The part of an overlay between two columns of the picture, both even."""
    begin, end = max(begin, overlay.x), min(end, overlay.x + overlay.width)
    if begin >= end:
        return None
    luma, *chroma = overlay.layers
    first, last = begin - overlay.x, end - overlay.x
    inner = [np.s_[:, first:last], np.s_[:, first // 2 : last // 2], np.s_[:, first // 2 : last // 2]]
    one, two, three = (
        replace(layer, colour=layer.colour[part], keep=layer.keep[part])
        for layer, part in zip((luma, *chroma), inner, strict=True)
    )
    return Overlay(begin, overlay.y, (one, two, three))


class CueArt:
    """The bitmaps of one cue: its text once, and each state on top of it, made when first needed."""

    def __init__(self, cue: Cue, layout: Layout, look: Look) -> None:
        self._layout = layout
        self._look = look
        self._style = replace(caption_style(layout, cue.scale, look), language=cue.language, rtl=cue.rtl)
        self.words = cue.words
        self._states: dict[int, Layers] = {}
        while not self._placed(cue) and self._style.size > _SMALLEST:
            smaller = (self._style.size - 1) / layout.caption_size
            style = caption_style(layout, smaller, look)
            self._style = replace(style, language=cue.language, rtl=cue.rtl)
        self._base = self._rest()
        plain = self._overlay(self._base)
        self._plain = Layers((plain,) if plain else ())

    def _placed(self, cue: Cue) -> bool:
        """Sets the lines in the current size and finds their place; False where they do not fit the safe area."""
        self._glyphs: list[Glyphs] = []
        self._boxes: list[list[tuple[int, int, int, int]]] = [[] for _ in self.words]
        self._width, self._height = self._set_lines(cue)
        layout, safe = self._layout, self._layout.safe
        # On an even pixel and of even width: a bitmap can then be cut between any two pairs of columns.
        self._x = (layout.width - self._width) // 4 * 2
        # What is drawn lies inside the bitmap by the room for shadows; tall scripts must not push it out of the area.
        inner = self._style.pad - math.ceil(self._style.outline)
        lowest, highest = safe.bottom - self._height + inner, safe.top - inner
        self._y = max(min(round(layout.caption_y - self._height / 2), lowest), highest)
        drawn = Box(self._x + inner, self._y + inner, self._x + self._width - inner, self._y + self._height - inner)
        return safe.missed_by(drawn) <= 0

    def _set_lines(self, cue: Cue) -> tuple[int, int]:
        """Places every glyph and every word's box; gives the bitmap's size."""
        style = self._style
        lines = []
        for words in cue.lines:
            tokens: list[str] = []
            for word in words:
                begun = any(tokens)
                tokens.append(" " + word.shown if begun and word.shown and not word.joined else word.shown)
            lines.append(style.line(tokens))
        width = (int(max(line.width for line in lines)) // 2 + style.pad + 1) * 2
        room = round(style.size * _ROOM)
        baseline, first, below = style.pad, 0, 0
        for row, (words, line) in enumerate(zip(cue.lines, lines, strict=True)):
            above, under = extent(line, style)
            if row == 0:
                baseline += max(style.ascent, above + room)
            else:
                # Marks above and below (Thai, Devanagari, Arabic) need more than the usual distance.
                baseline += max(style.line_height, below + above + room)
            left = (width - line.width) / 2
            self._glyphs += [Glyphs(left + run.x, baseline, replace(run, token=first + run.token)) for run in line.runs]
            top = baseline - max(round(style.size * 0.92), above + room)
            bottom = baseline + max(round(style.size * 0.32), under + room)
            for token in range(len(words)):
                self._boxes[first + token] = [
                    (int(left + begin), top, int(left + end) + 1, bottom) for begin, end in line.boxes(token)
                ]
            first += len(words)
            below = under
        return width, baseline + max(style.line_height - style.ascent, below + room) + style.pad

    def state(self, spoken: int | None) -> Layers:
        """What to blend with the word at `spoken` highlighted."""
        if self._look.kind == "classic" or spoken is None or not self._boxes[spoken]:
            return self._plain
        if spoken not in self._states:
            left, right = self._band(spoken)
            band = self._grown(spoken, left, right) if self._look.kind == "pop" else self._on_pill(spoken, left, right)
            parts = [self._overlay(band, left)]
            for whole in self._plain.overlays:
                parts += [
                    _cut(whole, whole.x, self._x + left),
                    _cut(whole, self._x + right, whole.x + whole.width),
                ]
            self._states[spoken] = Layers(tuple(part for part in parts if part))
        return self._states[spoken]

    def _overlay(self, canvas: Canvas, left: int = 0) -> Overlay | None:
        """The bitmap of some columns, without what would stand outside: the end of a shadow, a pill's rounded side."""
        seen, x, y = self._layout.shaded, self._x + left, self._y
        rows = slice(max(seen.top - y, 0), max(seen.bottom - y, 0))
        columns = slice(max(seen.left - x, 0), max(seen.right - x, 0))
        rgba = canvas.rgba()[rows, columns]
        return make_overlay(rgba, x + columns.start, y + rows.start, self._layout.width, self._layout.height)

    def _reach(self) -> int:
        """How far outline and shadow go beyond a glyph."""
        return math.ceil(self._style.outline + 3 * self._style.shadow) + 2

    def _band(self, spoken: int) -> tuple[int, int]:
        """The columns in which a highlighted word changes anything; they begin and end on even pixels, so that
        the rest of the bitmap can stay as it is, chroma included."""
        boxes = self._boxes[spoken]
        room = round(self._style.size * 0.3) + (self._reach() if self._look.kind == "pop" else 0)
        left, right = max(min(b[0] for b in boxes) - room, 0), min(max(b[2] for b in boxes) + room, self._width)
        return left - left % 2, right + right % 2

    def _rest(self) -> Canvas:
        """Nothing highlighted."""
        canvas = Canvas(self._width, self._height)
        if self._look.kind == "classic":
            self._box(canvas)
        calm = replace(self._style, colour=self._look.calm) if self._look.kind == "pop" else self._style
        draw_shaped(canvas, self._glyphs, calm)
        return canvas

    def _box(self, canvas: Canvas) -> None:
        """One box behind all lines."""
        boxes = np.array([box for boxes in self._boxes for box in boxes])
        if not boxes.size:
            return
        room = round(self._style.size * 0.28)
        left, top = max(int(boxes[:, 0].min()) - room, 0), max(int(boxes[:, 1].min()) - room // 3, 0)
        right = min(int(boxes[:, 2].max()) + room, canvas.width)
        bottom = min(int(boxes[:, 3].max()) + room // 3, canvas.height)
        mask = pill_mask(right - left, bottom - top, self._style.size * 0.22)
        canvas.paint(mask * np.float32(BOX_OPACITY), self._look.edge, left, top)

    def _on_pill(self, spoken: int, first: int, last: int) -> Canvas:
        """karaoke: the word on the accent colour, in letters that can be read on it. Only columns `first` to `last`."""
        canvas = self._base.columns(first, last)
        size = self._style.size
        own = [replace(g, x=g.x - first) for g in self._glyphs if g.run.token == spoken]
        letters = shaped_mask(canvas.width, canvas.height, own, self._style)
        # Some room beside the word, but none of its neighbours', which in a script without spaces stand close.
        before, after = (round(0.55 * gap) for gap in self._gaps(spoken))
        for left, top, right, bottom in self._boxes[spoken]:
            left, right = max(left - first - before, 0), min(right - first + after, canvas.width)
            top, bottom = max(top, 0), min(bottom, canvas.height)
            canvas.paint(pill_mask(right - left, bottom - top, size * 0.2), self._look.accent, left, top)
            canvas.paint(letters[top:bottom, left:right], self._look.on_accent, left, top)
        stamp_emoji(canvas, own, self._style)
        return canvas

    def _gaps(self, spoken: int) -> tuple[float, float]:
        """How far it is from a word to its neighbours on the line: left, right. At most the usual space."""
        own = self._boxes[spoken]
        left, right, row = min(box[0] for box in own), max(box[2] for box in own), own[0][1]
        before = after = self._style.size * 0.27
        for token, boxes in enumerate(self._boxes):
            for begin, top, end, _ in boxes:
                if token != spoken and top == row:
                    before = min(before, left - end) if end <= left + 2 else before
                    after = min(after, begin - right) if begin >= right - 2 else after
        return max(before, 0.0), max(after, 0.0)

    def _grown(self, spoken: int, first: int, last: int) -> Canvas:
        """pop: the word larger and in the accent colour, the others calm. Only columns `first` to `last`."""
        # Shadows of what stands just outside reach in: a wider piece is drawn and its sides are cut off. It begins with
        # a whole run, because Pillow places glyphs left of the edge a pixel beside where they belong.
        reach = self._reach()
        near = [
            g
            for g in self._glyphs
            if g.run.token != spoken and g.x + g.run.width > first - 2 * reach and g.x < last + 2 * reach
        ]
        margin = max(reach, math.ceil(first - min((g.x for g in near), default=first)) + reach)
        shift = margin - first
        canvas = Canvas(last - first + margin + reach, self._height)
        others = [replace(g, x=g.x + shift) for g in near]
        if others:
            draw_shaped(canvas, others, replace(self._style, colour=self._look.calm))
        left, right = min(b[0] for b in self._boxes[spoken]), max(b[2] for b in self._boxes[spoken])
        before, after = self._gaps(spoken)
        # It grows into the space beside it and no further: the words around it stay where they are.
        growth = min(GROWTH, 1.0 + max(min(before, after), 0.0) / max(right - left, 1))
        style = replace(self._style, size=round(self._style.size * growth), colour=self._look.accent)
        growth = style.size / self._style.size
        middle = (left + right) / 2
        larger = [
            Glyphs(
                middle + (g.x - middle) * growth + shift,
                g.baseline + self._style.size * (growth - 1.0) * 0.36,
                replace(g.run, width=g.run.width * growth),
            )
            for g in self._glyphs
            if g.run.token == spoken
        ]
        draw_shaped(canvas, larger, style)
        return canvas.columns(margin, margin + last - first)
