"""A scene's text card: what is set, how large, and where, in the part of a format that captions and titles leave free.

The ground is the scene's picture and moves as pictures do; what is written stands still over it, so that no pan or zoom
cuts it. Bars grow and the items of a list come one after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw

from reelwright.domain.content.picturing import PictureCard
from reelwright.domain.text.incoming import one_line
from reelwright.domain.text.phrases import language_of

from ..picture.colour import Palette
from ..picture.overlay import Overlay, make_overlay
from ..picture.yuv import F32
from ..plan.layout import Box, Layout
from .bitmaps import Canvas, Colour, Placed, Style, draw_text, pill_mask
from .fonts import BOLD, SEMIBOLD, Faces, drawable
from .shaping import reads_right_to_left
from .title_breaks import break_title

_PALE: Colour = (226, 228, 234)
_LEAST_SCALE = 0.45
_ROOM = 2.3
"""What is kept free for a scene's heading, in its type sizes."""
CAPTION_ROOM, _PLATE_ROOM = 1.75, 3.4
"""What captions take above their middle, and with a lower third above them, in caption sizes."""


@dataclass(frozen=True)
class CardPart:
    """One thing on a card that comes by itself: after `delay_s`, fading in or sliding from its own edge."""

    make: Callable[[], Overlay | None]
    delay_s: float
    slides: bool = False


@dataclass(frozen=True)
class _Row:
    """Text, a rule or a bar in the stack of a card: its height, what is free below it, how it is drawn, and from where
    to where it reaches in the format. `draw` gets a canvas, the row's top on it, and where the canvas begins."""

    height: int
    gap: int
    draw: Callable[[Canvas, int, int], None]
    left: int
    right: int
    own: bool = False
    slides: bool = False


def card_area(layout: Layout, *, plate: bool = False) -> Box:
    """Where a card may stand: below the headings and above the captions (`plate`: and the lower third)."""
    room = _PLATE_ROOM if plate else CAPTION_ROOM
    top = layout.top + round(_ROOM * layout.heading_size)
    bottom = layout.caption_y - round(room * layout.caption_size)
    return Box(layout.margin, top, layout.width - layout.margin, bottom)


def card_parts(
    card: PictureCard, layout: Layout, palette: Palette, *, language: str = "", plate: bool = False
) -> list[CardPart]:
    """What a card consists of, in order of appearance. Nothing is laid out before a part is made: a caller that reads
    only the times pays nothing for the layout."""
    own = card.items if card.kind == "list" else card.bars if card.kind in ("chart", "comparison") else ()
    fonts = layout.fonts
    shown = [one for one in own if _seen(one if isinstance(one, str) else one.shown, fonts)]
    still = [card.text, card.detail, *(bar.label for bar in card.bars)] if card.kind != "list" else []

    def maker(part: int) -> Callable[[], Overlay | None]:
        def make() -> Overlay | None:
            rows = _placed(card, layout, palette, language, plate)
            mine = [(row, top) for row, top in rows if not row.own]
            if part:
                mine = [[(row, top) for row, top in rows if row.own][part - 1]]
            return _drawn(mine, layout)

        return make

    parts = [CardPart(maker(0), 0.0)] if any(_seen(text, fonts) for text in still) else []
    slides = card.kind != "list"
    return parts + [CardPart(maker(1 + at), 0.25 + 0.3 * at, slides) for at in range(len(shown))]


def _seen(text: str, fonts: Faces) -> bool:
    return bool(drawable(one_line(text), fonts))


@lru_cache(maxsize=32)
def _placed(
    card: PictureCard, layout: Layout, palette: Palette, language: str, plate: bool
) -> tuple[tuple[_Row, int], ...]:
    """A card's rows with the top of each, in the largest type that the area takes."""
    area = card_area(layout, plate=plate)
    tall = area.bottom - area.top
    scale = 1.0
    rows = _rows(card, layout, palette, scale, language)
    while sum(row.height + row.gap for row in rows) > tall and scale > _LEAST_SCALE:
        scale *= 0.86
        rows = _rows(card, layout, palette, scale, language)
    block = sum(row.height + row.gap for row in rows) - (rows[-1].gap if rows else 0)
    top = max(area.top + (tall - block) // 2, area.top)
    placed = []
    for row in rows:
        placed.append((row, top))
        top += row.height + row.gap
    return tuple(placed)


def _drawn(rows: Sequence[tuple[_Row, int]], layout: Layout) -> Overlay | None:
    """Rows as one bitmap, only as large as what is on it and its shadows: blurring costs by the pixel."""
    pad = round(layout.title_size * 0.5)
    first, left = max(min(top for _, top in rows) - pad, 0), max(min(row.left for row, _ in rows) - pad, 0)
    last = max(top + row.height for row, top in rows) + pad
    right = min(max(row.right for row, _ in rows) + pad, layout.width)
    canvas = Canvas(right - left, last - first)
    for row, top in rows:
        row.draw(canvas, top - first, left)
    return make_overlay(canvas.rgba(), left, first, layout.width, layout.height)


def _rows(card: PictureCard, layout: Layout, palette: Palette, scale: float, language: str) -> list[_Row]:
    make = _Maker(layout, palette, scale, language, _all_text(card))
    if card.kind in ("chart", "comparison"):
        return make.bars(card)
    if card.kind == "list":
        return make.items(card.items)
    if card.kind == "number":
        number = make.large(card.text, 1.85, lines=2, colour=palette.accent, arrow=card.direction)
        return [*number, *make.small(card.detail)]
    if card.kind in ("date", "place"):
        mark = make.rule() if card.kind == "date" else make.pin()
        return [mark, *make.large(card.text, 1.55, lines=2, colour=palette.accent), *make.small(card.detail)]
    if card.kind == "quotation":
        return [make.mark(), *make.large(card.text, 1.0, lines=5), *make.small(card.detail, most=2, accent=True)]
    mark = make.pointer(card.direction) if card.direction else make.rule()
    return [mark, *make.large(card.text, 1.12, lines=4)]


def _all_text(card: PictureCard) -> str:
    return " ".join([card.text, card.detail, *card.items, *(bar.label for bar in card.bars)])


class _Maker:
    """Makes the rows of one card at one scale of type."""

    def __init__(self, layout: Layout, palette: Palette, scale: float, language: str, text: str) -> None:
        self._layout, self._palette, self._scale = layout, palette, scale
        self._language = language_of(text, language)
        self._rtl = reads_right_to_left(text, language)

    def _style(self, size: float, weight: int, colour: Colour) -> Style:
        size = max(round(size * self._scale), 10)
        language, fonts = self._language, self._layout.fonts
        return Style(int(size), weight, colour, shadow=size * 0.09, shade=0.5, language=language, fonts=fonts)

    def large(
        self, text: str, size: float, *, lines: int, colour: Colour = (255, 255, 255), arrow: str = ""
    ) -> list[_Row]:
        """The card's main line or lines, centred; `arrow` stands before the first."""
        text = drawable(one_line(text), self._layout.fonts)
        if not text:
            return []
        style = self._style(self._layout.title_size * size, BOLD, colour)
        aside = style.size * 0.95 if arrow else 0.0
        broken, style = break_title(text, style, self._layout.text_width - 2 * aside, lines=lines)
        width = max(style.measure(line) for line in broken)
        side = round(style.size * 0.62)

        def draw(canvas: Canvas, top: int, begin: int) -> None:
            draw_text(canvas, self._centred(broken, style, top, begin), style)
            if arrow:
                left = (self._layout.width - width) / 2 - side - style.size * 0.28
                if self._rtl:
                    left = (self._layout.width + width) / 2 + style.size * 0.28
                middle = top + len(broken) * style.line_height // 2
                canvas.paint(_arrow(side, arrow), self._palette.accent, max(round(left) - begin, 0), middle - side // 2)

        high, gap = len(broken) * style.line_height, round(style.size * 0.12)
        return [_Row(high, gap, draw, *self._across(width + (2.2 * side if arrow else 0.0)))]

    def small(self, text: str, *, most: int = 3, accent: bool = False) -> list[_Row]:
        """A sentence below what is large."""
        text = drawable(one_line(text), self._layout.fonts)
        if not text:
            return []
        colour = self._palette.accent if accent else _PALE
        style = self._style(self._layout.heading_size * 1.35, SEMIBOLD, colour)
        broken, style = break_title(text, style, self._layout.text_width * 0.9, lines=most)
        space = round(style.size * 0.35)

        def draw(canvas: Canvas, top: int, begin: int) -> None:
            draw_text(canvas, self._centred(broken, style, top + space, begin), style)

        wide = max(style.measure(line) for line in broken)
        return [_Row(space + len(broken) * style.line_height, 0, draw, *self._across(wide))]

    def rule(self) -> _Row:
        """A short bar in the accent."""
        wide = round(self._layout.title_size * 1.1 * self._scale)
        high = max(round(self._layout.title_size * 0.075 * self._scale), 4)

        def draw(canvas: Canvas, top: int, begin: int) -> None:
            canvas.paint(
                np.ones((high, wide), np.float32), self._palette.accent, (self._layout.width - wide) // 2 - begin, top
            )

        return _Row(high, round(self._layout.title_size * 0.3 * self._scale), draw, *self._across(wide))

    def pointer(self, direction: str) -> _Row:
        """An arrow above a phrase about something that rose or fell."""
        side = round(self._layout.title_size * 1.0 * self._scale)

        def draw(canvas: Canvas, top: int, begin: int) -> None:
            canvas.paint(_arrow(side, direction), self._palette.accent, (self._layout.width - side) // 2 - begin, top)

        return _Row(side, round(self._layout.title_size * 0.22 * self._scale), draw, *self._across(side))

    def pin(self) -> _Row:
        """A place's pin."""
        high = round(self._layout.title_size * 0.8 * self._scale)

        def draw(canvas: Canvas, top: int, begin: int) -> None:
            mask = _pin(high)
            canvas.paint(mask, self._palette.accent, (self._layout.width - mask.shape[1]) // 2 - begin, top)

        return _Row(high, round(self._layout.title_size * 0.16 * self._scale), draw, *self._across(high))

    def mark(self) -> _Row:
        """A quotation's opening mark: two strokes, the same in every script."""
        high = round(self._layout.title_size * 0.55 * self._scale)

        def draw(canvas: Canvas, top: int, begin: int) -> None:
            mask = _marks(high, mirrored=self._rtl)
            canvas.paint(mask, self._palette.accent, (self._layout.width - mask.shape[1]) // 2 - begin, top)

        return _Row(high, round(self._layout.title_size * 0.22 * self._scale), draw, *self._across(1.4 * high))

    def items(self, items: Sequence[str]) -> list[_Row]:
        """The items of a list, one below the other, each behind a dot; the block as a whole in the middle."""
        shown = [text for item in items if (text := drawable(one_line(item), self._layout.fonts))]
        style = self._style(self._layout.title_size * 0.78, BOLD, (255, 255, 255))
        room = self._layout.text_width - 1.1 * style.size
        broken = [break_title(text, style, room, lines=1) for text in shown]
        least = min((made.size for _, made in broken), default=style.size)
        style = replace(style, size=least)
        lines = [break_title(text, style, room, lines=1)[0][0] for text in shown]
        wide = max((style.measure(line) for line in lines), default=0.0) + 1.1 * style.size
        edge = (self._layout.width - wide) / 2

        def row(line: str) -> _Row:
            def draw(canvas: Canvas, top: int, begin: int) -> None:
                dot = max(round(style.size * 0.32), 4)
                middle = top + style.line_height // 2
                x, left = edge + 1.1 * style.size, edge + 0.2 * style.size
                if self._rtl:
                    x = self._layout.width - edge - 1.1 * style.size - style.measure(line)
                    left = self._layout.width - edge - 0.2 * style.size - dot
                canvas.paint(pill_mask(dot, dot, dot / 2), self._palette.accent, round(left) - begin, middle - dot // 2)
                draw_text(canvas, [Placed(x - begin, top + style.ascent, line)], style)

            return _Row(style.line_height, round(style.size * 0.22), draw, *self._across(wide), own=True)

        return [row(line) for line in lines]

    def bars(self, card: PictureCard) -> list[_Row]:
        """A bar for each figure, lengths from zero, in the script's order; the label above each."""
        most = max((bar.value for bar in card.bars), default=0.0) or 1.0
        layout = self._layout
        figure = self._style(layout.title_size * (0.8 if len(card.bars) < 4 else 0.56), BOLD, (255, 255, 255))
        label = self._style(layout.heading_size * 1.2, SEMIBOLD, _PALE)
        thick = max(round(figure.size * 1.25), 8)
        bars = [bar for bar in card.bars if _seen(bar.shown, layout.fonts)]
        shown = [drawable(one_line(bar.shown), layout.fonts) for bar in bars]
        beside = max(figure.measure(text) for text in shown) + 0.5 * figure.size
        longest = max(layout.text_width - beside, layout.text_width * 0.3)
        rows = self.small(card.detail, most=2)
        rows = [replace(row, gap=round(figure.size * 0.6)) for row in rows]
        for at, bar in enumerate(bars):
            if _seen(bar.label, layout.fonts):
                rows.append(self._label(drawable(one_line(bar.label), layout.fonts), label))
            length = max(round(longest * bar.value / most), thick // 2)
            last = card.kind == "comparison" or at == len(bars) - 1
            rows.append(self._bar(shown[at], length, thick, figure, strong=last))
        return rows

    def _label(self, text: str, style: Style) -> _Row:
        lines, style = break_title(text, style, self._layout.text_width, lines=1)
        line = lines[0]

        def draw(canvas: Canvas, top: int, begin: int) -> None:
            x = self._layout.margin
            if self._rtl:
                x = round(self._layout.width - self._layout.margin - style.measure(line))
            draw_text(canvas, [Placed(x - begin, top + style.ascent, line)], style)

        return _Row(style.line_height, round(style.size * 0.1), draw, *self._sided(style.measure(line)))

    def _bar(self, shown: str, length: int, thick: int, style: Style, *, strong: bool) -> _Row:
        layout = self._layout

        def draw(canvas: Canvas, top: int, begin: int) -> None:
            mask = pill_mask(length, thick, thick * 0.18) * np.float32(1.0 if strong else 0.55)
            left = layout.width - layout.margin - length if self._rtl else layout.margin
            canvas.paint(np.asarray(mask, np.float32), self._palette.accent, left - begin, top)
            gap = 0.3 * style.size
            x = left - gap - style.measure(shown) if self._rtl else left + length + gap
            draw_text(canvas, [Placed(x - begin, top + thick / 2 + style.size * 0.357, shown)], style)

        wide = length + 0.3 * style.size + style.measure(shown)
        return _Row(thick, round(thick * 0.38), draw, *self._sided(wide), own=True, slides=True)

    def _across(self, wide: float) -> tuple[int, int]:
        """From where to where something this wide reaches in the middle."""
        left = int((self._layout.width - wide) / 2)
        return left, self._layout.width - left

    def _sided(self, wide: float) -> tuple[int, int]:
        """The same at the margin that the script begins at."""
        left = self._layout.margin
        span = left, left + int(wide) + 1
        return (self._layout.width - span[1], self._layout.width - span[0]) if self._rtl else span

    def _centred(self, lines: Sequence[str], style: Style, top: int, begin: int) -> list[Placed]:
        """Lines in the middle, on a canvas that begins at `begin`."""
        return [
            Placed(
                (self._layout.width - style.measure(line)) / 2 - begin,
                top + row * style.line_height + style.ascent,
                line,
            )
            for row, line in enumerate(lines)
        ]


# --- small signs, drawn four times as large and made smaller ---------------------------------------------------------


def _smooth(width: int, height: int, draw: Callable[[ImageDraw.ImageDraw, int, int], None]) -> F32:
    image = Image.new("L", (width * 4, height * 4), 0)
    draw(ImageDraw.Draw(image), width * 4, height * 4)
    return np.asarray(image.resize((width, height), Image.Resampling.BOX), np.float32) / 255.0


def _arrow(side: int, direction: str) -> F32:
    def draw(pen: ImageDraw.ImageDraw, w: int, h: int) -> None:
        pen.polygon([(w / 2, 0), (w, h * 0.52), (0, h * 0.52)], fill=255)
        pen.rectangle((w * 0.34, h * 0.45, w * 0.66, h), fill=255)

    mask = _smooth(side, side, draw)
    return mask if direction == "up" else np.ascontiguousarray(mask[::-1])


def _pin(high: int) -> F32:
    wide = max(round(high * 0.72), 4)

    def draw(pen: ImageDraw.ImageDraw, w: int, h: int) -> None:
        pen.ellipse((0, 0, w, w), fill=255)
        pen.polygon([(w * 0.06, w * 0.68), (w * 0.94, w * 0.68), (w / 2, h)], fill=255)
        pen.ellipse((w * 0.31, w * 0.31, w * 0.69, w * 0.69), fill=0)

    return _smooth(wide, high, draw)


def _marks(high: int, *, mirrored: bool) -> F32:
    def draw(pen: ImageDraw.ImageDraw, w: int, h: int) -> None:
        for left in (0.0, 0.55):
            x = left * w
            pen.ellipse((x, h * 0.45, x + w * 0.42, h), fill=255)
            pen.polygon([(x, h * 0.75), (x + w * 0.26, 0), (x + w * 0.42, 0), (x + w * 0.3, h * 0.6)], fill=255)

    mask = _smooth(max(round(high * 1.3), 4), high, draw)
    return np.ascontiguousarray(mask[:, ::-1]) if mirrored else mask
