"""Instagram, from docs/platforms/instagram.md."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .facts import UPRIGHT, Limit, PictureRules, PlatformFacts, WindowKind

if TYPE_CHECKING:
    from ..publishing.posting import PostDraft


def cost(draft: PostDraft, kind: str) -> dict[str, int]:
    """A post, and the containers that it is made in: one, or one for each picture and one for all."""
    pictures = len(draft.pictures)
    return {"posts": 1, "containers": pictures + 1 if pictures > 1 else 1}


# docs/platforms/instagram.md#pictures
PICTURES = PictureRules(
    most=10,
    most_bytes=8_000_000,
    types=("image/jpeg",),
    alt_chars=1_000,
    ratios=(0.8, 1.91),
    narrowest=320,
    by_address=True,
    one_ratio=True,
)

FACTS = PlatformFacts(
    name="instagram",
    label="Instagram",
    prefers=UPRIGHT,
    # docs/platforms/instagram.md#quota: Meta names 25, 50 and 100; the account's own `quota_total` is read and
    # believed.
    limits=(
        Limit("posts", WindowKind.ROLLING, 50, "posts"),
        Limit("containers", WindowKind.ROLLING, 400, "media containers", early=True),
    ),
    cost=cost,
    # docs/platforms/instagram.md#limits
    video_codecs=frozenset({"h264", "hevc"}),
    video_mbps=25.0,
    sandbox_token=re.compile(r"EAAsandbox-.+"),
    ambiguous_token=re.compile(r"(EAA|IGAA)[\w-]{64}"),
    traded=frozenset({"facebook", "instagram"}),
    pictures=PICTURES,
    flags_ai=True,
    flags_paid=True,
)
