"""TikTok, from docs/platforms/tiktok.md."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .facts import MINUTE, UPRIGHT, Limit, PlatformFacts, WindowKind

if TYPE_CHECKING:
    from ..publishing.posting import PostDraft


def cost(draft: PostDraft, kind: str) -> dict[str, int]:
    """A post, and the start of its upload."""
    return {"posts": 1, "inits": 1}


FACTS = PlatformFacts(
    name="tiktok",
    label="TikTok",
    prefers=UPRIGHT,
    # docs/platforms/tiktok.md#calls, #errors: about 15 a day per creator, over all apps; inits 6 a minute.
    limits=(
        Limit("posts", WindowKind.ROLLING, 15, "posts"),
        Limit("inits", WindowKind.ROLLING, 6, "upload starts", seconds=MINUTE, early=True),
    ),
    cost=cost,
    # docs/platforms/tiktok.md#limits
    video_codecs=frozenset({"h264", "hevc"}),
    sandbox_token=re.compile(r"rft\.sandbox-.+"),
    ambiguous_token=re.compile(r"(rft|act)\.[\w-]{48}"),
    flags_ai=True,
    flags_paid=True,
)
