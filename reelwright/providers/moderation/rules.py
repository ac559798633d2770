"""Moderation offline, by rules that can be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from reelwright.domain.content.judging import ModerationContext
from reelwright.domain.content.policy import Category, ModerationPolicy
from reelwright.domain.content.story import ModerationFinding, ModerationVerdict, Story
from reelwright.domain.ids import sha256_of
from reelwright.domain.text.addresses import addresses
from reelwright.domain.text.languages import detected
from reelwright.policies import standard

from . import disclosures
from .claims import Article
from .lexicon import SCORES, Hit, Lexicon, rule_of_blocked, rule_of_terms, shipped
from .normal import views
from .personal import personal_data
from .spans import span_of

MAX_REASONS = 20
_SHOWN_CHARS = 60
_CURES = {
    "personal/email": "take the address out, or have a person confirm that it is public",
    "personal/address": "take the address out, or have a person confirm that it is public",
    "personal/phone": "take the number out, or have a person confirm that it is public",
    "personal/iban": "take the number out, or have a person confirm that it is public",
    "personal/card": "take the number out",
    "personal/national-id": "take the number out",
}
_CLAIM_CURE = "take it out, say what the article says, or have a person confirm it from another source"


@dataclass(frozen=True)
class _Part:
    """A text that the public will hear or read, with a name for it."""

    place: str
    text: str
    language: str


@dataclass(frozen=True)
class _Found:
    """Something in a part, before the policy decides about it."""

    rule: str
    category: Category
    score: float
    reason: str
    cure: str
    place: str
    span: tuple[int, int] | None = None


class RulesModerator:
    """Judges a story by lists of terms, the shapes of personal data, and the article it was made from. Costs nothing,
    sends nothing out.

    `blocked_terms` are the operator's own words and phrases; each blocks, whatever its case, accents or disguise, in
    every policy. Rules do not understand: they catch the plain cases and hand the doubtful ones to a person.
    """

    name = "rules"

    def __init__(self, blocked_terms: tuple[str, ...] = ()) -> None:
        own = rule_of_blocked(blocked_terms)
        self._lexicons = [*([Lexicon([own])] if own else []), shipped()]

    async def judge(
        self, story: Story, policy: ModerationPolicy | None = None, context: ModerationContext | None = None
    ) -> ModerationVerdict:
        """`block` when anything must not be published, `review` when a person must look, else `allow`."""
        in_force = policy or standard()
        found = self._all(story, in_force, context or ModerationContext())
        decided = [(one, in_force.decide(one.category, one.score)) for one in dict.fromkeys(found)]
        findings = [_finding(one, decision) for one, decision in decided if decision != "allow"]
        ordered = sorted(dict.fromkeys(findings), key=lambda finding: finding.decision != "block")[:MAX_REASONS]
        return ModerationVerdict(
            decision="allow" if not ordered else ordered[0].decision,
            reasons=tuple(dict.fromkeys(f"{finding.reason}: {finding.cure}" for finding in ordered)),
            provider=self.name,
            input_sha256=sha256_of(story),
            findings=tuple(ordered),
            policy=policy.name if policy else "",
        )

    def _all(self, story: Story, policy: ModerationPolicy, context: ModerationContext) -> Iterator[_Found]:
        parts = [*_parts(story), *_posts(context, story)]
        lexicons = [*self._lexicons, *_own(policy)]
        article = Article(f"{context.item.title}\n{context.item.text}") if context.item else None
        for part in parts:
            yield from _terms(lexicons, part, policy)
            yield from _personal(part)
            if policy.kids.no_links:
                yield from _links(part)
        if article is not None and context.item is not None:
            source = context.item.language or detected(context.item.text)
            for part in _spoken(story):
                yield from _claims(article, part, same_language=bool(source) and _base(source) == _base(part.language))
        yield from _declared(parts, story, policy, context)


def _terms(lexicons: Iterable[Lexicon], part: _Part, policy: ModerationPolicy) -> Iterator[_Found]:
    """What the lists of terms find; of one category only the gravest is reported, once."""
    gravest: dict[Category, Hit] = {}
    seen = views(part.text)
    for hit in (hit for lexicon in lexicons for hit in lexicon.search(seen)):
        known = gravest.get(hit.rule.category)
        if known is None or _rank(hit) < _rank(known):
            gravest[hit.rule.category] = hit
    for category in sorted(gravest):
        if policy.decide(category, gravest[category].score) == "allow":
            continue
        hit = gravest[category]
        shown = "" if hit.rule.masked else f' ("{_cut(hit.matched)}")'
        yield _Found(
            hit.rule.id,
            category,
            hit.score,
            f"{part.place}: {hit.rule.label}{shown}",
            hit.rule.cure,
            part.place,
            span_of(hit.matched, part.text),
        )


def _personal(part: _Part) -> Iterator[_Found]:
    for found in personal_data(part.text, part.language):
        reason = f"{part.place}: {found.label} ({_cut(found.shown)})"
        cure, span = _CURES[found.rule], (found.start, found.end)
        yield _Found(found.rule, "personal-data", found.score, reason, cure, part.place, span)


def _links(part: _Part) -> Iterator[_Found]:
    for address in addresses(part.text):
        reason = f"{part.place}: a link in a piece for children"
        yield _Found(
            "kids/link", "kids", SCORES["review"], reason, "take the link out", part.place, (address.start, address.end)
        )


def _claims(article: Article, part: _Part, *, same_language: bool) -> Iterator[_Found]:
    for claim in article.unsupported(part.text, same_language=same_language):
        reason = f'{part.place}: {claim.label} ("{_cut(claim.shown)}")'
        span = (claim.start, claim.end)
        yield _Found(claim.rule, "unsupported-claim", SCORES["review"], reason, _CLAIM_CURE, part.place, span)


def _declared(
    parts: list[_Part], story: Story, policy: ModerationPolicy, context: ModerationContext
) -> Iterator[_Found]:
    """What the request declares, and what the texts say."""
    language = _base(story.language)
    if policy.kids.made_for_kids and not context.made_for_kids:
        yield _Found(
            "kids/undeclared", "kids", SCORES["block"], "request: it is not declared as made for children",
            "set made_for_kids = true, or choose another moderation policy", "request",
        )  # fmt: skip
    if policy.disclosures.paid_partnership:
        said = next((part for part in parts if disclosures.says_paid(part.text)), None)
        if context.paid_partnership and said is None:
            words = disclosures.PAID.get(language, disclosures.PAID["en"])
            yield _Found(
                "disclosure/paid-unsaid", "disclosure", SCORES["review"],
                "description: no text says that it is a paid partnership", f'begin it with "{words}"', "description",
            )  # fmt: skip
        if said is not None and not context.paid_partnership:
            yield _Found(
                "disclosure/paid-undeclared", "disclosure", SCORES["review"],
                f"{said.place}: it says that it is paid for, and the request does not declare it",
                "set paid_partnership = true, or take the words out", said.place,
            )  # fmt: skip
    wants_ai = policy.disclosures.made_with_ai and context.made_with_ai
    if wants_ai and not any(disclosures.says_ai(part.text) for part in parts):
        words = disclosures.WITH_AI.get(language, disclosures.WITH_AI["en"])
        yield _Found(
            "disclosure/ai-unsaid", "disclosure", SCORES["review"],
            "description: no text says that it was made with AI", f'add "{words}"', "description",
        )  # fmt: skip


@lru_cache(maxsize=64)
def _lexicon_of(blocked: tuple[str, ...], brands: tuple[str, ...], competitors: tuple[str, ...]) -> Lexicon:
    """The names and terms of a policy."""
    rules = [
        rule_of_terms(
            blocked, category="blocked-term", label="a blocked term", score=SCORES["block"], field="blocked_terms",
            cure="use another word",
        ),
        rule_of_terms(
            brands, category="brand-mention", label="a brand is named", score=SCORES["review"], field="brands",
            cure="have a person confirm how it is named",
        ),
        rule_of_terms(
            competitors, category="competitor-mention", label="a competitor is named", score=SCORES["review"],
            field="competitors", cure="take the name out",
        ),
    ]  # fmt: skip
    return Lexicon(rule for rule in rules if rule is not None)


def _own(policy: ModerationPolicy) -> list[Lexicon]:
    names = (policy.blocked_terms, policy.brands, policy.competitors)
    return [_lexicon_of(*names)] if any(names) else []


def _finding(found: _Found, decision: str) -> ModerationFinding:
    start, end = found.span or (None, None)
    return ModerationFinding(
        place=found.place,
        rule=found.rule or found.category,
        decision="block" if decision == "block" else "review",
        score=found.score,
        reason=found.reason,
        cure=found.cure,
        start=start,
        end=end,
    )


def _rank(hit: Hit) -> tuple[float, int, str]:
    """The higher score, then the shorter match (the plainest evidence), then the alphabet for repeatability."""
    return -hit.score, len(hit.matched), hit.matched


def _parts(story: Story) -> Iterator[_Part]:
    """Everything of the story that the public will hear or read. Scenes count from 1, as people do."""
    yield _Part("title", story.title, story.language)
    for scene in story.scenes:
        if scene.heading:
            yield _Part(f"scene {scene.index + 1} heading", scene.heading, story.language)
        yield _Part(f"scene {scene.index + 1}", scene.text, story.language)
        if scene.brief:
            yield _Part(f"the picture brief of scene {scene.index + 1}", scene.brief, story.language)
        if scene.shows:
            yield _Part(f"what the own picture of scene {scene.index + 1} shows", scene.shows, story.language)
    for translation in story.translations:
        for index, text in enumerate(translation.scenes):
            yield _Part(f"scene {index + 1} in {translation.language}", text, translation.language)
    yield _Part("description", story.description, story.language)
    for tag in story.tags:
        yield _Part("tags", tag, story.language)


def _posts(context: ModerationContext, story: Story) -> Iterator[_Part]:
    """The request's own texts of posts."""
    for place, text in context.texts.items():
        yield _Part(place, text, story.language)


def _spoken(story: Story) -> Iterator[_Part]:
    """What states something: the scenes."""
    for scene in story.scenes:
        yield _Part(f"scene {scene.index + 1}", scene.text, story.language)


def _base(language: str) -> str:
    return language.replace("_", "-").split("-")[0].lower()


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARS else text[: _SHOWN_CHARS - 1] + "…"
