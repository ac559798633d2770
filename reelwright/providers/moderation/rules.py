"""Moderation offline, by rules that can be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from reelwright.domain.content.judging import ModerationContext, verdict_of
from reelwright.domain.content.policy import Category, ModerationPolicy
from reelwright.domain.content.story import ModerationFinding, ModerationVerdict, Story
from reelwright.domain.ids import sha256_of
from reelwright.domain.text.addresses import addresses
from reelwright.domain.text.languages import detected
from reelwright.policies import standard

from .claims import Article
from .declared import Found, base, declared, texts_declared
from .lexicon import SCORES, Hit, Lexicon, rule_of_blocked, rule_of_terms, shipped
from .normal import views
from .parts import Part, parts_of, parts_of_texts, sources_of, spoken
from .personal import personal_data
from .spans import span_of

INSTRUCTION = "instruction"
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
        findings = self._decided(self._all(story, in_force, context or ModerationContext()), in_force)
        return verdict_of(
            findings, provider=self.name, input_sha256=sha256_of(story), policy=policy.name if policy else ""
        )

    async def judge_texts(
        self, texts: Mapping[str, str], policy: ModerationPolicy, context: ModerationContext, language: str = "en"
    ) -> list[ModerationFinding]:
        """What is found in texts beside a story, by the names of their places (`youtube text`), by the same rules."""
        parts = parts_of_texts(texts, language)
        found = [*self._in_parts(parts, policy), *texts_declared(parts, policy, context)]
        return self._decided(found, policy)

    @staticmethod
    def _decided(found: Iterable[Found], policy: ModerationPolicy) -> list[ModerationFinding]:
        decided = [(one, policy.decide(one.category, one.score)) for one in dict.fromkeys(found)]
        return [_finding(one, decision) for one, decision in decided if decision != "allow"]

    def _in_parts(self, parts: Iterable[Part], policy: ModerationPolicy) -> Iterator[Found]:
        lexicons = [*self._lexicons, *_own(policy)]
        for part in parts:
            yield from _terms(lexicons, part, policy)
            yield from _personal(part)
            if policy.kids.no_links:
                yield from _links(part)

    def _all(self, story: Story, policy: ModerationPolicy, context: ModerationContext) -> Iterator[Found]:
        parts = parts_of(story, context)
        yield from self._in_parts(parts, policy)
        for part in sources_of(context, story.language):
            yield from (one for one in _terms([shipped()], part, policy) if one.category == INSTRUCTION)
        article = Article(f"{context.item.title}\n{context.item.text}") if context.item else None
        if article is not None and context.item is not None:
            source = context.item.language or detected(context.item.text)
            for part in spoken(story):
                yield from _claims(article, part, same_language=bool(source) and base(source) == base(part.language))
        yield from declared(parts, story, policy, context)


def _terms(lexicons: Iterable[Lexicon], part: Part, policy: ModerationPolicy) -> Iterator[Found]:
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
        yield Found(
            hit.rule.id,
            category,
            hit.score,
            f"{part.place}: {hit.rule.label}{shown}",
            hit.rule.cure,
            part.place,
            span_of(hit.matched, part.text),
        )


def _personal(part: Part) -> Iterator[Found]:
    for found in personal_data(part.text, part.language):
        reason = f"{part.place}: {found.label} ({_cut(found.shown)})"
        cure, span = _CURES[found.rule], (found.start, found.end)
        yield Found(found.rule, "personal-data", found.score, reason, cure, part.place, span)


def _links(part: Part) -> Iterator[Found]:
    for address in addresses(part.text):
        reason = f"{part.place}: a link in a piece for children"
        yield Found(
            "kids/link", "kids", SCORES["review"], reason, "take the link out", part.place, (address.start, address.end)
        )


def _claims(article: Article, part: Part, *, same_language: bool) -> Iterator[Found]:
    for claim in article.unsupported(part.text, same_language=same_language):
        reason = f'{part.place}: {claim.label} ("{_cut(claim.shown)}")'
        span = (claim.start, claim.end)
        yield Found(claim.rule, "unsupported-claim", SCORES["review"], reason, _CLAIM_CURE, part.place, span)


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


def _finding(found: Found, decision: str) -> ModerationFinding:
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


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARS else text[: _SHOWN_CHARS - 1] + "…"
