"""The panels in the brand's accent that hold a title, and none of which covers more than a third of a thumbnail."""

from __future__ import annotations

from dataclasses import dataclass

from ..plan.covers import Cover
from ..plan.layout import Box
from ..text.bitmaps import Style
from ..text.blocks import Block, Sizes, set_block
from ..text.headlines import Headline

_LEAST, _READABLE = 0.05, 10
"""The smallest type: of the shorter side, and in pixels."""
_APART = 0.36
"""Between lines, in type sizes: the stressed part stands on a box of its own."""


@dataclass(frozen=True)
class Panel:
    """A panel in the brand's accent: its corners, those of the stripe along its edges, the title in it, what of the
    picture it leaves clear, and where in that the subject is aimed at."""

    corners: list[tuple[float, float]]
    stripe: list[tuple[float, float]]
    block: Block
    clear: Box
    aim: tuple[float, float] = (0.5, 0.5)


def sizes_of(cover: Cover, words: Headline, most: float, strong: float, lines: int = 5, apart: float = 0.22) -> Sizes:
    """Sizes in shares of a cover's shorter side. Words of which none is stressed may be larger."""
    most = most if words.strong else (most + strong) / 2
    unit = cover.unit
    return Sizes(round(unit * most), round(unit * strong), max(round(unit * _LEAST), _READABLE), lines, apart)


@dataclass(frozen=True)
class Setter:
    """Sets titles in panels of one cover. `rtl`: the title is read from the right."""

    cover: Cover
    style: Style
    rtl: bool

    def panel(self, words: Headline) -> Panel:
        """The brand's panel with a title in it: in a wide picture at the side that is read last, in others above."""
        cover, safe = self.cover, self.cover.safe
        width, height, unit = cover.width, cover.height, cover.unit
        if cover.shape == "wide":
            near, far, thick, pad = width * 0.352, width * 0.308, width * 0.012, width - safe.right
            corners = [(width - far, 0.0), (width, 0.0), (width, height), (width - near, height)]
            stripe = [(width - far - thick, 0.0), (width, 0.0), (width, height), (width - near - thick, height)]
            box = Box(round(width - far + pad * 0.35), safe.top, width - pad, cover.stamp.top)
            clear, aim = Box(0, 0, round(width - (near + far) / 2), height), (0.5, 0.5)
            if self.rtl:
                corners, stripe = ([(width - x, y) for x, y in places] for places in (corners, stripe))
                box = Box(pad, safe.top, round(far - pad * 0.35), safe.bottom)
                clear = Box(width - clear.right, 0, width, height)
        else:
            square = cover.shape == "square"
            high, low, thick = unit * (0.355 if square else 0.46), unit * (0.295 if square else 0.4), unit * 0.014
            rise = 0.0 if square else high - low
            top = 0.0 if square else safe.bottom + unit * 0.05 - low
            corners = [(0.0, top), (width, top - rise), (width, top + low), (0.0, top + high)]
            stripe = [
                (0.0, top - thick),
                (width, top - rise - thick),
                (width, top + low + thick),
                (0.0, top + high + thick),
            ]
            ends = max(round(top + unit * 0.045), safe.top), min(round(top + low - unit * 0.02), safe.bottom)
            box = Box(safe.left, ends[0], safe.right, ends[1])
            clear = Box(0, round(top + (high + low) / 2) if square else 0, width, height)
            aim = (0.5, 0.5 if square else 0.33)
        sizes = sizes_of(cover, words, 0.17, 0.28, 7 if cover.shape == "wide" else 4, _APART)
        block = set_block(words, self.style, box.right - box.left, box.bottom - box.top, sizes)
        return Panel(corners, stripe, block.within(box, "right" if self.rtl else "left", "middle"), clear, aim)

    def bar(self, words: Headline) -> Panel:
        """A panel for a short title: as high as its lines, from the edge that is read first, at the top."""
        cover, safe = self.cover, self.cover.safe
        width = cover.width
        sizes = sizes_of(cover, words, 0.19, 0.24, 3, _APART)
        room = Box(safe.left, safe.top, safe.left + round(width * 0.62), safe.top + round(cover.height * 0.34))
        block = set_block(words, self.style, room.right - room.left, room.bottom - room.top, sizes)
        block = block.within(room, "left", "top")
        if self.rtl:
            block = block.within(Box(width - room.right, room.top, width - room.left, room.bottom), "right", "top")
        pad = round(cover.unit * 0.06)
        top, bottom = 0.0, float(block.box.bottom + pad)
        edge = width - block.box.left if self.rtl else block.box.right
        near, far, thick = edge + 1.6 * pad, edge + 0.6 * pad, width * 0.009
        corners = [(0.0, top), (near, top), (far, bottom), (0.0, bottom)]
        stripe = [(0.0, top), (near + thick, top), (far + thick, bottom + thick), (0.0, bottom + thick)]
        if self.rtl:
            corners, stripe = ([(width - x, y) for x, y in places] for places in (corners, stripe))
        return Panel(corners, stripe, block, Box(0, 0, width, cover.height), (0.5, 0.66))
