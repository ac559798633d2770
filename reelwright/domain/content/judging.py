"""What moderation judges beside the story: the request's own texts for posts, what it declares, and the article that a
story was made from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from pydantic import Field

from ..base import Grown, Model
from ..formats import Platform
from .request import ContentRequest, FeedItem
from .story import ModerationFinding, ModerationVerdict

MAX_REASONS = 20


class ModerationContext(Grown, Model):
    """`texts` are the request's own texts of posts, and what it says that own pictures show, by what a finding calls
    the place (`youtube caption`). `item` is the article, where a feed's entry is the source, and `topic` the topic,
    where that is. `ai_label` is the label in the picture, `picture_texts` what else is in it from the first frame to
    the last; both are empty for a finished video. `platforms` are those it is posted on. Without a
    `channel` it is not compared with earlier contents."""

    added: ClassVar[frozenset[str]] = frozenset(
        {"topic", "ai_label", "picture_texts", "platforms", "channel", "allow_repeat"}
    )

    texts: dict[str, str] = Field(default_factory=dict)
    item: FeedItem | None = None
    topic: str = ""
    ai_label: str = ""
    picture_texts: tuple[str, ...] = ()
    platforms: tuple[Platform, ...] = ()
    channel: str = ""
    allow_repeat: bool = False
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
    style, drawn = request.style, not request.video
    return ModerationContext(
        texts={place: text for place, text in texts.items() if text},
        item=request.item,
        topic=request.topic or "",
        ai_label=style.ai_label if drawn else "",
        picture_texts=(style.brand.watermark,) if drawn and style.brand.watermark else (),
        platforms=request.platforms,
        channel=request.channel,
        allow_repeat=request.allow_repeat,
        paid_partnership=request.paid_partnership,
        made_for_kids=request.made_for_kids,
        # What is made here always is; of a finished video the request says it.
        made_with_ai=request.made_with_ai or not request.video,
    )


def verdict_of(
    findings: Iterable[ModerationFinding], *, provider: str, input_sha256: str, policy: str
) -> ModerationVerdict:
    """The gravest counts. The gravest are shown first, and no more than a person reads."""
    ordered = sorted(dict.fromkeys(findings), key=lambda finding: finding.decision != "block")[:MAX_REASONS]
    return ModerationVerdict(
        decision="allow" if not ordered else ordered[0].decision,
        reasons=tuple(dict.fromkeys(f"{finding.reason}: {finding.cure}" for finding in ordered)),
        provider=provider,
        input_sha256=input_sha256,
        findings=tuple(ordered),
        policy=policy,
    )


def with_findings(
    verdict: ModerationVerdict, findings: Iterable[ModerationFinding], provider: str = ""
) -> ModerationVerdict:
    """The verdict with what others found on the same; `provider` are those others."""
    return verdict_of(
        [*verdict.findings, *findings],
        provider="+".join(filter(None, [verdict.provider, provider])),
        input_sha256=verdict.input_sha256,
        policy=verdict.policy,
    )
