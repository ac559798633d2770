"""Bluesky, from docs/platforms/bluesky.md."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .facts import DAY, UPRIGHT, Limit, PlatformFacts, WindowKind

if TYPE_CHECKING:
    from ..publishing.posting import PostDraft

POINTS = 2
"""What one `putRecord` costs (docs/platforms/bluesky.md#limits)."""


def cost(draft: PostDraft, kind: str) -> dict[str, int]:
    """A reply is a record too, and so is the first comment."""
    points = POINTS * (1 + len(draft.thread) + bool(draft.first_comment))
    return {"points": points, "points_day": points, "videos": 1}


FACTS = PlatformFacts(
    name="bluesky",
    label="Bluesky",
    prefers=UPRIGHT,
    # docs/platforms/bluesky.md#limits: points for writes; the video service's day is UNVERIFIED.
    limits=(
        Limit("points", WindowKind.FIXED, 5_000, "points for writes in an hour", seconds=3_600),
        Limit("points_day", WindowKind.FIXED, 35_000, "points for writes in a day", seconds=DAY),
        Limit("videos", WindowKind.ROLLING, 25, "video uploads", seconds=DAY, early=True),
    ),
    cost=cost,
    sandbox_token=re.compile(r"(.+:|[\w-]+\.[\w-]+\.)?sandbox-[^:]+"),
)
