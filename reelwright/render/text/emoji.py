"""Emoji in colour, as OpenMoji draws them (`reelwright.openmoji`). Without the extra `emoji` they are left out of the
picture, since no font here has them."""

from __future__ import annotations

from functools import lru_cache

import regex  # type: ignore[import-untyped, unused-ignore]

from reelwright.openmoji import drawing_of, pixels_of

from ..picture.yuv import U8

_EMOJI = regex.compile(r"\p{Emoji_Presentation}|\p{Regional_Indicator}|.\ufe0f|.\p{Emoji_Modifier}")


def is_emoji(cluster: str) -> bool:
    """Whether a grapheme cluster is to be shown as an emoji and not as text (UTS #51, section 1.4)."""
    return _EMOJI.match(cluster) is not None


@lru_cache(maxsize=64)
def emoji_bitmap(cluster: str, side: int) -> U8:
    """An emoji as side x side x 4 pixels, straight alpha. `cluster` is one that `drawing_of` finds."""
    path = drawing_of(cluster)
    assert path is not None
    pixels = pixels_of(path, side)
    pixels.setflags(write=False)
    return pixels
