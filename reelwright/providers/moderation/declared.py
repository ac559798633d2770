"""What must be said of a piece, and where: in texts, in the picture, and in the flags of platforms."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from reelwright.domain.content.judging import ModerationContext
from reelwright.domain.content.policy import Category, ModerationPolicy
from reelwright.domain.content.story import Story

from . import disclosures
from .lexicon import SCORES
from .parts import Part

_REVIEW = SCORES["review"]


@dataclass(frozen=True)
class Found:
    """Something that was found, before the policy decides about it."""

    rule: str
    category: Category
    score: float
    reason: str
    cure: str
    place: str
    span: tuple[int, int] | None = None


def base(language: str) -> str:
    """A language without its country."""
    return language.replace("_", "-").split("-")[0].lower()


def declared(
    parts: Sequence[Part], story: Story, policy: ModerationPolicy, context: ModerationContext
) -> Iterator[Found]:
    """What the request declares, and what texts, picture and flags say."""
    if policy.kids.made_for_kids and not context.made_for_kids:
        yield Found(
            "kids/undeclared", "kids", SCORES["block"], "request: it is not declared as made for children",
            "set made_for_kids = true, or choose another moderation policy", "request",
        )  # fmt: skip
    paid, with_ai = _words(story.language)
    if policy.disclosures.paid_partnership:
        said = next((part for part in parts if disclosures.says_paid(part.text)), None)
        if context.paid_partnership and said is None:
            yield _missing(
                "paid-unsaid", "description", "no text says that it is a paid partnership", f'begin it with "{paid}"'
            )
        if said is not None and not context.paid_partnership:
            yield _missing(
                "paid-undeclared", said.place, "it says that it is paid for, and the request does not declare it",
                "set paid_partnership = true, or take the words out",
            )  # fmt: skip
    wants_ai = policy.disclosures.made_with_ai and context.made_with_ai
    if wants_ai and not _any(disclosures.says_ai, parts):
        yield _missing("ai-unsaid", "description", "no text says that it was made with AI", f'add "{with_ai}"')
    yield from _in_picture(policy, context, paid, with_ai)
    yield from _in_flags(policy, context)


def texts_declared(parts: Sequence[Part], policy: ModerationPolicy, context: ModerationContext) -> Iterator[Found]:
    """What the final texts of each platform have to say; texts of one platform have its name as their first word."""
    by_platform: dict[str, list[Part]] = {}
    for part in parts:
        by_platform.setdefault(part.place.split(" ")[0], []).append(part)
    wants = policy.disclosures
    for own in by_platform.values():
        place, language = own[0].place, base(own[0].language)
        paid, with_ai = _words(language)
        if wants.paid_partnership and context.paid_partnership and not _any(disclosures.says_paid, own):
            yield _missing("paid-unsaid", place, "it does not say that it is paid for", f'begin it with "{paid}"')
        if wants.made_with_ai and context.made_with_ai and not _any(disclosures.says_ai, own):
            yield _missing("ai-unsaid", place, "it does not say that it was made with AI", f'add "{with_ai}"')


def _any(says: Callable[[str], bool], parts: Sequence[Part]) -> bool:
    return any(says(part.text) for part in parts)


def _words(language: str) -> tuple[str, str]:
    """What to write, in this language or in English."""
    return (
        disclosures.PAID.get(base(language), disclosures.PAID["en"]),
        disclosures.WITH_AI.get(base(language), disclosures.WITH_AI["en"]),
    )


def _in_picture(policy: ModerationPolicy, context: ModerationContext, paid: str, with_ai: str) -> Iterator[Found]:
    """What is drawn over the whole video: the label, and the watermark. Of a finished video nothing is known."""
    wanted = policy.disclosures.in_picture
    label, others = context.ai_label, (context.ai_label, *context.picture_texts)
    confirm = "or have a person confirm that the picture says it"
    if wanted and context.paid_partnership and not any(map(disclosures.says_paid, others)):
        yield _missing(
            "paid-unseen", "picture", "it does not say that it is a paid partnership",
            f'set style.brand.watermark = "{paid}", {confirm}',
        )  # fmt: skip
    if wanted and context.made_with_ai and not label and not any(map(disclosures.says_ai, others)):
        yield _missing(
            "ai-unseen", "picture", "it does not say that it was made with AI",
            f'set style.ai_label = "{with_ai}", {confirm}',
        )  # fmt: skip


def _in_flags(policy: ModerationPolicy, context: ModerationContext) -> Iterator[Found]:
    """Flags are set wherever a platform has them; some have none."""
    if not policy.disclosures.in_flag:
        return
    for platform in context.platforms:
        lacks = {"paid": (context.paid_partnership, platform.facts.flags_paid, "a paid partnership")}
        lacks["ai"] = (context.made_with_ai, platform.facts.flags_ai, "what is made with AI")
        for name, (wanted, has, what) in lacks.items():
            if wanted and not has:
                yield _missing(
                    f"{name}-unflagged", platform.value, f"it has no flag for {what}",
                    "leave the platform out, or have a person confirm that the post's text is enough",
                )  # fmt: skip


def _missing(rule: str, place: str, reason: str, cure: str) -> Found:
    return Found(f"disclosure/{rule}", "disclosure", _REVIEW, f"{place}: {reason}", cure, place)
