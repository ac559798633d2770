"""Where text may stand in each format. All lengths in pixels of the delivered picture.

The safe areas keep clear of what the platforms draw over a video: players' control bars below a wide picture, and in
a tall one the caption and channel name (about the lowest quarter), the buttons at the right, and the tabs at the top.
"""

from __future__ import annotations

from dataclasses import dataclass

from reelwright.domain.formats import VideoFormat


@dataclass(frozen=True)
class Layout:
    """One format's places.

    `margin` is kept free at the left and right, `top` and `bottom` bound everything that is drawn. Captions are
    centred on `caption_y` (two lines), no wider than `caption_width`, at most `caption_words` words a line.
    Titles are centred on `title_y`.
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

    @property
    def text_width(self) -> int:
        """The width between the margins."""
        return self.width - 2 * self.margin


LAYOUTS: dict[VideoFormat, Layout] = {
    VideoFormat.WIDE: Layout(
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
    ),
    VideoFormat.TALL: Layout(
        width=1080,
        height=1920,
        margin=97,
        top=190,
        bottom=1440,
        caption_size=76,
        caption_width=886,
        caption_words=5,
        caption_y=1287,
        title_size=92,
        title_y=520,
        heading_size=42,
        watermark_size=30,
    ),
    VideoFormat.SQUARE: Layout(
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
    ),
}
