"""The studio's moderator: the local rules, then the classifiers that are configured."""

from __future__ import annotations

from collections.abc import Mapping

from reelwright.domain.content.judging import ModerationContext, with_findings
from reelwright.domain.content.policy import ModerationPolicy
from reelwright.domain.content.story import ModerationFinding, ModerationVerdict, Story
from reelwright.policies import standard

from .parts import parts_of, parts_of_texts
from .remote.chain import Classifiers
from .rules import RulesModerator


class StudioModerator:
    """Both add findings, and the gravest counts. What the rules block is not sent out."""

    def __init__(self, rules: RulesModerator, classifiers: Classifiers) -> None:
        self._rules = rules
        self._classifiers = classifiers
        self.name = "+".join(filter(None, [rules.name, classifiers.texts_name]))

    async def judge(
        self, story: Story, policy: ModerationPolicy | None = None, context: ModerationContext | None = None
    ) -> ModerationVerdict:
        """The verdict on a story and the request's own texts."""
        verdict = await self._rules.judge(story, policy, context)
        if verdict.decision == "block" or not self._classifiers.texts_name:
            return verdict
        parts = parts_of(story, context or ModerationContext())
        found = await self._classifiers.judge_parts(parts, policy or standard())
        return with_findings(verdict, found, self._classifiers.texts_name)

    async def judge_texts(
        self, texts: Mapping[str, str], policy: ModerationPolicy, context: ModerationContext, language: str = "en"
    ) -> list[ModerationFinding]:
        """What is found in texts beside a story, by the names of their places (`youtube text`): the final texts of
        platforms."""
        found = await self._rules.judge_texts(texts, policy, context, language)
        if any(finding.decision == "block" for finding in found):
            return found
        return [*found, *await self._classifiers.judge_parts(parts_of_texts(texts, language), policy)]
