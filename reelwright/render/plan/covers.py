"""Where a thumbnail's title may stand. All lengths in pixels of the thumbnail.

A wide thumbnail keeps clear of YouTube's time stamp (bottom right; on a small preview it takes about a sixth of the
width and of the height) and of the bar of what has been watched at the very bottom. A tall one is cut by the grids of
profiles: TikTok's and Instagram's to their middle 3:4, Instagram's older one to the middle square, so its title stands
in that square, above the buttons of the players. A square one is cut to 3:4 by Instagram's grid.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .layout import Box, Layout

Shape = Literal["wide", "tall", "square"]
_SIDE, _ENDS, _STAMP = 0.036, 0.07, 0.17
_TALL_SIDE, _TALL_ENDS = 0.085, 0.04
_SQUARE_SIDE = 0.13


@dataclass(frozen=True)
class Cover:
    """One format's thumbnail: `safe` is where letters may stand, `stamp` what is drawn over by a player."""

    width: int
    height: int
    shape: Shape
    safe: Box
    stamp: Box

    @property
    def unit(self) -> int:
        """What type is measured by: the shorter side."""
        return min(self.width, self.height)


def cover_of(layout: Layout) -> Cover:
    """The cover of a format."""
    width, height = layout.width, layout.height
    stamp = Box(round(width * (1 - _STAMP)), round(height * (1 - _STAMP)), width, height)
    nowhere = Box(width, height, width, height)
    if width > 1.2 * height:
        side, ends = round(width * _SIDE), round(height * _ENDS)
        return Cover(width, height, "wide", Box(side, ends, width - side, height - ends), stamp)
    if height > 1.2 * width:
        side, above = round(width * _TALL_SIDE), (height - width) // 2 + round(width * _TALL_ENDS)
        bottom = min(layout.bottom, height - above)
        return Cover(width, height, "tall", Box(side, above, width - side, bottom), nowhere)
    side, ends = round(width * _SQUARE_SIDE), round(height * _ENDS)
    return Cover(width, height, "square", Box(side, ends, width - side, height - ends), nowhere)
