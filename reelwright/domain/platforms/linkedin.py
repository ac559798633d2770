"""LinkedIn, from docs/platforms/linkedin.md."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..picture import VideoFormat
from .facts import Limit, PictureRules, PlatformFacts, WindowKind

if TYPE_CHECKING:
    from ..publishing.posting import PostDraft


def cost(draft: PostDraft, kind: str) -> dict[str, int]:
    """A post; comments are not counted."""
    return {"posts": 1}


# docs/platforms/linkedin.md#pictures: the bytes are ours, the alternative text's length is UNVERIFIED and a setting.
PICTURES = PictureRules(
    most=20,
    most_bytes=8_000_000,
    types=("image/jpeg", "image/png", "image/gif"),
    alt_chars=4_086,
    most_pixels=36_152_319,
)

FACTS = PlatformFacts(
    name="linkedin",
    label="LinkedIn",
    prefers=(VideoFormat.SQUARE, VideoFormat.WIDE, VideoFormat.TALL),
    # docs/platforms/linkedin.md#quota: Share on LinkedIn, per member and UTC day.
    limits=(Limit("posts", WindowKind.CALENDAR, 150, "posts", zone="UTC"),),
    cost=cost,
    sandbox_token=re.compile(r"(AQX-)?sandbox-.+"),
    pictures=PICTURES,
)
