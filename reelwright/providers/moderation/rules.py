"""Moderation offline, by rules that can be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from reelwright.domain.content.story import ModerationVerdict, Story
from reelwright.domain.ids import sha256_of

from .lexicon import Hit, Lexicon, Severity, rule_of_blocked, shipped_rules
from .normal import views
from .personal import personal_data

MAX_REASONS = 20
NOTHING: Mapping[str, str] = MappingProxyType({})
_SHOWN_CHARS = 60


@dataclass(frozen=True)
class _Finding:
    decision: Severity
    reason: str


class RulesModerator:
    """Judges a story by a small list of terms and by the shapes of personal data. Costs nothing, sends nothing out.

    `blocked_terms` are the operator's own words and phrases; each blocks, whatever its case, accents or disguise.
    Rules do not understand: they catch the plain cases and hand the doubtful ones to a person.
    """

    name = "rules"

    def __init__(self, blocked_terms: tuple[str, ...] = ()) -> None:
        own = rule_of_blocked(blocked_terms)
        self._lexicon = Lexicon([*([own] if own else []), *shipped_rules()])

    async def judge(self, story: Story, also: Mapping[str, str] = NOTHING) -> ModerationVerdict:
        """`block` when anything must not be published, `review` when a person must look, else `allow`."""
        findings = list(
            dict.fromkeys(
                finding for place, text in (*_parts(story), *also.items()) for finding in self._find(place, text)
            )
        )
        blocking = [finding for finding in findings if finding.decision == "block"]
        ordered = [*blocking, *(finding for finding in findings if finding.decision != "block")]
        return ModerationVerdict(
            decision="block" if blocking else "review" if findings else "allow",
            reasons=tuple(finding.reason for finding in ordered[:MAX_REASONS]),
            provider=self.name,
            input_sha256=sha256_of([sha256_of(story), dict(also)] if also else story),
        )

    def _find(self, place: str, text: str) -> Iterator[_Finding]:
        """The findings in one part; of one category only the gravest is reported, once."""
        gravest: dict[str, Hit] = {}
        for hit in self._lexicon.search(views(text)):
            known = gravest.get(hit.rule.category)
            if known is None or _rank(hit) < _rank(known):
                gravest[hit.rule.category] = hit
        for category in sorted(gravest):
            hit = gravest[category]
            shown = "" if hit.rule.masked else f' ("{_cut(hit.matched)}")'
            yield _Finding(hit.decision, f"{place}: {hit.rule.label}{shown}")
        for found in personal_data(text):
            yield _Finding(found.decision, f"{place}: {found.label} ({_cut(found.shown)})")


def _rank(hit: Hit) -> tuple[bool, int, str]:
    """Block before review, then the shorter match (the plainest evidence), then the alphabet for repeatability."""
    return hit.decision != "block", len(hit.matched), hit.matched


def _parts(story: Story) -> Iterator[tuple[str, str]]:
    """Everything the public will hear or read, with a name for it. Scenes count from 1, as people do."""
    yield "title", story.title
    for scene in story.scenes:
        if scene.heading:
            yield f"scene {scene.index + 1} heading", scene.heading
        yield f"scene {scene.index + 1}", scene.text
        if scene.brief:
            yield f"the picture brief of scene {scene.index + 1}", scene.brief
        if scene.shows:
            yield f"what the own picture of scene {scene.index + 1} shows", scene.shows
    for translation in story.translations:
        for index, text in enumerate(translation.scenes):
            yield f"scene {index + 1} in {translation.language}", text
    yield "description", story.description
    for tag in story.tags:
        yield "tags", tag


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARS else text[: _SHOWN_CHARS - 1] + "…"
