"""What the rules make of the corpus."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from reelwright.domain.content.policy import ModerationPolicy
from reelwright.domain.content.story import ModerationVerdict, Scene, Story
from reelwright.policies import Policies
from reelwright.providers.moderation.lexicon import SCORES, shipped_rules
from reelwright.providers.moderation.rules import RulesModerator

from .corpus import CLEAN, Case


@dataclass(frozen=True)
class Judged:
    """A case and its verdict; `policy` is the one that looks for its rule."""

    case: Case
    policy: str
    verdict: ModerationVerdict

    @property
    def stopped(self) -> bool:
        """Whether it is blocked."""
        return self.verdict.decision == "block"

    @property
    def found(self) -> frozenset[str]:
        """The rules that found something."""
        return frozenset(finding.rule for finding in self.verdict.findings)


async def judged(cases: Iterable[Case]) -> list[Judged]:
    """Each case alone, as a scene. By the preset `standard`; rules that it does not look for by `kids`."""
    policies = {name: Policies().find(name) for name in ("standard", "kids")}
    moderator = RulesModerator()
    found = []
    for case in cases:
        policy = _policy(case.rule, policies)
        scene = Scene(index=0, text=case.text)
        story = Story(title="-", description="", scenes=(scene,), language=case.language, writer="corpus")
        found.append(Judged(case, policy.name, await moderator.judge(story, policy)))
    return found


def _policy(rule: str, policies: dict[str, ModerationPolicy]) -> ModerationPolicy:
    categories = {known.id: known.category for known in shipped_rules()}
    looked_for = rule not in categories or policies["standard"].decide(categories[rule], 1.0) != "allow"
    return policies["standard" if looked_for else "kids"]


def blocking(rule: str) -> bool:
    """Whether a finding of this rule blocks in the preset `standard`."""
    scores = {known.id: known.score for known in shipped_rules()}
    if rule in scores:
        category = {known.id: known.category for known in shipped_rules()}[rule]
        return Policies().find("standard").decide(category, scores[rule]) == "block"
    return rule in ("personal/card", "personal/national-id") and SCORES["block"] >= 0.9


def summary(results: list[Judged]) -> dict[str, Any]:
    """`recall` and `precision` of the blocking rules, `clean_stopped` and `clean_reviewed` as shares of the clean
    texts, and recall and precision of each rule."""
    clean = [one for one in results if one.case.rule == CLEAN]
    to_block = [one for one in results if blocking(one.case.rule)]
    # `kids` blocks more than the rules that are counted here.
    stopped = [one for one in results if one.stopped and one.policy == "standard"]
    found: Counter[str] = Counter(rule for one in results for rule in one.found)
    rules = sorted({one.case.rule for one in results} - {CLEAN})
    by_rule = {}
    for rule in rules:
        own = [one for one in results if one.case.rule == rule]
        hits = sum(rule in one.found for one in own)
        by_rule[rule] = {
            "texts": len(own),
            "recall": _share(hits, len(own)),
            "precision": _share(hits, found[rule]),
            "blocks": blocking(rule),
        }
    return {
        "texts": len(results),
        "recall": _share(sum(one.stopped for one in to_block), len(to_block)),
        "precision": _share(sum(one in to_block for one in stopped), len(stopped)),
        "clean": len(clean),
        "clean_stopped": _share(sum(one.stopped for one in clean), len(clean)),
        "clean_reviewed": _share(sum(one.verdict.decision == "review" for one in clean), len(clean)),
        "by_language": {
            language: _share(sum(one.stopped for one in own), len(own))
            for language in sorted({one.case.language for one in to_block})
            if (own := [one for one in to_block if one.case.language == language])
        },
        "by_rule": by_rule,
    }


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
