"""Where text may stand in each format. All lengths in pixels of the delivered picture.

The safe areas keep clear of what the platforms draw over a video: players' control bars below a wide picture; in a tall
one the caption and channel name (TikTok 320 to 460 of 1920 pixels, Reels up to 450), the tabs at the top (up to 250 on
TikTok, for the title 288 in Shorts' ad templates) and the buttons at the right (120 to 170, so captions keep 170 free
on both sides and stay centred). Platforms publish no exact numbers for organic posts and move things about; these are
the union of working margins in current guides, for instance https://socaptions.com/blog/tiktok-safe-zones-2026.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from reelwright.domain.formats import VideoFormat

if TYPE_CHECKING:
    from ..text.fonts import Faces

SHADOW_SHARE = 0.2
"""Of the caption's type size: as far as its shadow may reach beyond the safe area."""


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels; `right` and `bottom` are the first beyond it."""

    left: int
    top: int
    right: int
    bottom: int

    def missed_by(self, other: Box) -> int:
        """How far another box stands out of this one at most; 0 or less where it does not."""
        return max(self.left - other.left, self.top - other.top, other.right - self.right, other.bottom - self.bottom)


@dataclass(frozen=True)
class Layout:
    """One format's places.

    `margin` is kept free at the left and right, `top` and `bottom` bound everything that is drawn. Captions are
    centred on `caption_y` (two lines), no wider than `caption_width`, at most `caption_words` words a line.
    Titles are centred on `title_y`. `fonts` are the style's own, tried before those of each script.
    """

    width: int
    height: int
    margin: int
    top: int
    bottom: int
    caption_size: int
    caption_width: int
    caption_words: int
    caption_y: int
    title_size: int
    title_y: int
    heading_size: int
    watermark_size: int
    fonts: Faces = ()

    @property
    def text_width(self) -> int:
        """The width between the margins."""
        return self.width - 2 * self.margin

    @property
    def safe(self) -> Box:
        """Where text may stand: captions are laid out in it and the finished video is inspected for it."""
        return Box(self.margin, self.top, self.width - self.margin, self.bottom)

    @property
    def shaded(self) -> Box:
        """The safe area and around it what a caption's soft shadow may reach, which carries nothing to read. Its sides
        are even: bitmaps begin and end on even pixels."""
        reach, safe = round(SHADOW_SHARE * self.caption_size), self.safe
        return Box(
            (safe.left - reach + 1) // 2 * 2,
            (safe.top - reach + 1) // 2 * 2,
            (safe.right + reach) // 2 * 2,
            (safe.bottom + reach) // 2 * 2,
        )


_WIDE = Layout(
    width=1920,
    height=1080,
    margin=154,
    top=76,
    bottom=990,
    caption_size=66,
    caption_width=1380,
    caption_words=7,
    caption_y=886,
    title_size=96,
    title_y=350,
    heading_size=40,
    watermark_size=28,
)
_TALL = Layout(
    width=1080,
    height=1920,
    margin=97,
    top=190,
    bottom=1440,
    caption_size=74,
    caption_width=740,
    caption_words=5,
    caption_y=1287,
    title_size=92,
    title_y=520,
    heading_size=42,
    watermark_size=30,
)
_SQUARE = Layout(
    width=1080,
    height=1080,
    margin=90,
    top=72,
    bottom=972,
    caption_size=56,
    caption_width=890,
    caption_words=6,
    caption_y=850,
    title_size=80,
    title_y=340,
    heading_size=36,
    watermark_size=26,
)

_ACROSS = frozenset({"margin", "caption_width"})
_DOWN = frozenset({"top", "bottom", "caption_y", "title_y"})
_LEAST_SIZE = 10
"""No text smaller than this many pixels: it would be unreadable."""


class _Layouts(dict[VideoFormat, Layout]):
    """The standard layouts; that of a custom size is made on request, and not kept among them."""

    def __missing__(self, format: VideoFormat) -> Layout:
        return derive(*format.size)


@lru_cache(maxsize=32)
def derive(width: int, height: int) -> Layout:
    """The layout of a custom size: each length relative to the width, the height or, for type, the shorter side,
    between those of the two standard shapes nearest in aspect (linear in its logarithm)."""
    aspect = math.log(width / height)
    below, above = (_TALL, _SQUARE) if aspect < 0 else (_SQUARE, _WIDE)
    low, high = math.log(below.width / below.height), math.log(above.width / above.height)
    share = min(max((aspect - low) / (high - low), 0.0), 1.0)
    lengths: dict[str, Any] = {
        field.name: _length(field.name, below, above, share, (width, height))
        for field in fields(Layout)
        if field.name not in ("width", "height", "fonts")
    }
    return Layout(width=width, height=height, **lengths)


def _length(name: str, below: Layout, above: Layout, share: float, size: tuple[int, int]) -> int:
    def unit(width: int, height: int) -> int:
        if name == "caption_words":
            return 1
        return width if name in _ACROSS else height if name in _DOWN else min(width, height)

    one, other = (getattr(layout, name) / unit(layout.width, layout.height) for layout in (below, above))
    length: int = round((one + (other - one) * share) * unit(*size))
    return max(length, _LEAST_SIZE) if name.endswith("_size") else length


LAYOUTS: dict[VideoFormat, Layout] = _Layouts(
    {VideoFormat.WIDE: _WIDE, VideoFormat.TALL: _TALL, VideoFormat.SQUARE: _SQUARE}
)
