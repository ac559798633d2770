"""Facebook pages, from docs/platforms/facebook.md."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .facts import UPRIGHT, Limit, PlatformFacts, WindowKind

if TYPE_CHECKING:
    from ..publishing.posting import PostDraft


def cost(draft: PostDraft, kind: str) -> dict[str, int]:
    """Only reels are counted."""
    return {"reels": 1} if kind == "reel" else {}


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
)
