"""What moderation judges beside the story: the request's own texts for posts, what it declares, and the article that a
story was made from."""

from __future__ import annotations

from pydantic import Field

from ..base import Model
from .request import ContentRequest, FeedItem


class ModerationContext(Model):
    """`texts` are the request's own texts of posts, and what it says that own pictures show, by what a finding calls
    the place (`youtube caption`). `item` is the article, where a feed's entry is the source."""

    texts: dict[str, str] = Field(default_factory=dict)
    item: FeedItem | None = None
    paid_partnership: bool = False
    made_for_kids: bool = False
    made_with_ai: bool = True


def context_of(request: ContentRequest) -> ModerationContext:
    """What the request, with what it inherits, has to do with what is judged."""
    texts: dict[str, str] = {}
    for platform, post in request.posts.items():
        texts[f"{platform.value} caption"] = post.caption
        texts[f"{platform.value} first comment"] = post.first_comment
        texts[f"{platform.value} link"] = post.link
        texts |= {f"{platform.value} reply {number}": reply for number, reply in enumerate(post.thread, 1)}
        texts |= {f"{platform.value} picture {number}": own.alt for number, own in enumerate(post.pictures, 1)}
    texts |= {f"what the own picture of scene {number} shows": use.shows for number, use in request.media.items()}
    return ModerationContext(
        texts={place: text for place, text in texts.items() if text},
        item=request.item,
        paid_partnership=request.paid_partnership,
        made_for_kids=request.made_for_kids,
        # What is made here always is; of a finished video the request says it.
        made_with_ai=request.made_with_ai or not request.video,
    )
