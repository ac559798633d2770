"""YouTube, from docs/platforms/youtube.md."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..picture import VideoFormat
from .facts import Limit, PlatformFacts, WindowKind

if TYPE_CHECKING:
    from ..publishing.posting import PostDraft


def cost(draft: PostDraft, kind: str) -> dict[str, int]:
    """thumbnails.set 50, captions.insert 400 each, a comment 50, and about a score of polls and look-ups."""
    tracks = len({file.language for file in draft.captions})
    extras = 50 * (draft.thumbnail is not None) + 400 * tracks + 50 * bool(draft.first_comment)
    return {"inserts": 1, "units": 20 + extras}


_PACIFIC = "America/Los_Angeles"
FACTS = PlatformFacts(
    name="youtube",
    label="YouTube",
    prefers=(VideoFormat.WIDE, VideoFormat.TALL, VideoFormat.SQUARE),
    # docs/platforms/youtube.md#quota: since 2026-06-01 inserts have a bucket of their own, all else shares a pool.
    limits=(
        Limit("inserts", WindowKind.CALENDAR, 100, "video uploads", scope="app", zone=_PACIFIC),
        Limit("units", WindowKind.CALENDAR, 10_000, "all other calls", scope="app", zone=_PACIFIC),
    ),
    cost=cost,
    sandbox_token=re.compile(r"(1//|ya29\.)sandbox-.+"),
    flags_ai=True,
    flags_paid=True,
)
