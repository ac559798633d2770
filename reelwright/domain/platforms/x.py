"""X, from docs/platforms/x.md."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..picture import VideoFormat
from .facts import DAY, Limit, PictureRules, PlatformFacts, WindowKind

if TYPE_CHECKING:
    from ..publishing.posting import PostDraft


POST_MILLS, LINK_MILLS = 15, 200
"""Pay per use since 2026-02-06 (docs/platforms/x.md#quota), in thousandths of a US dollar: a post, and a post with a
URL in it."""


def cost(draft: PostDraft, kind: str) -> dict[str, int]:
    """A reply is a post too, and so is the first comment."""
    from ..text.links import has_link  # here: it loads all top-level domains, and the command line only names platforms

    texts = [draft.caption or f"{draft.title} {draft.description}", *draft.thread]
    texts += [draft.first_comment] if draft.first_comment else []
    credits = sum(LINK_MILLS if has_link(text) else POST_MILLS for text in texts)
    return {"posts": len(texts), "app_posts": len(texts), "credits": credits}


# docs/platforms/x.md#pictures
PICTURES = PictureRules(
    most=4,
    most_bytes=5_000_000,
    types=("image/jpeg", "image/png", "image/webp"),
    alt_chars=1_000,
)

FACTS = PlatformFacts(
    name="x",
    label="X",
    prefers=(VideoFormat.WIDE, VideoFormat.SQUARE, VideoFormat.TALL),
    # docs/platforms/x.md#quota
    limits=(
        Limit("posts", WindowKind.FIXED, 100, "posts", seconds=900),
        Limit("app_posts", WindowKind.FIXED, 10_000, "posts of the whole app", scope="app"),
        # Prepaid: the budget one is willing to spend in 30 days, in thousandths of a US dollar; a setting, not X's own.
        Limit("credits", WindowKind.FIXED, 100_000, "credit (in $0.001)", scope="app", seconds=30 * DAY),
    ),
    cost=cost,
    sandbox_token=re.compile(r"x-(sandbox|rt|at)-.+"),
    pictures=PICTURES,
    flags_ai=True,
    flags_paid=True,
)
