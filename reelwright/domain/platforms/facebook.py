"""Facebook pages, from docs/platforms/facebook.md."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .facts import UPRIGHT, Limit, PictureRules, PlatformFacts, WindowKind

if TYPE_CHECKING:
    from ..publishing.posting import PostDraft


def cost(draft: PostDraft, kind: str) -> dict[str, int]:
    """Only reels are counted."""
    return {"reels": 1} if kind == "reel" else {}


# docs/platforms/facebook.md#pictures: the bytes and the number are UNVERIFIED, and settings.
PICTURES = PictureRules(
    most=10,
    most_bytes=4_000_000,
    types=("image/jpeg", "image/png", "image/gif", "image/webp"),
    alt_chars=1_000,
)

FACTS = PlatformFacts(
    name="facebook",
    label="Facebook",
    prefers=UPRIGHT,
    # docs/platforms/facebook.md#reels: API reels per page.
    limits=(Limit("reels", WindowKind.ROLLING, 30, "reels"),),
    cost=cost,
    sandbox_token=re.compile(r"EAAsandbox-.+"),
    ambiguous_token=re.compile(r"EAA[\w-]{64}"),
    traded=frozenset({"facebook"}),
    pictures=PICTURES,
    flags_ai=True,
)
