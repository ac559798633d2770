"""Answers of classifiers, and what contents are recognised by, in a real PostgreSQL."""

from __future__ import annotations

from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from activities.content.editorial import Editorial, ModerateStory
from activities.content.seen import ModerateMaterial, Seeing
from reelwright.domain.content.judging import ModerationContext
from reelwright.domain.content.policy import ModerationPolicy
from reelwright.domain.content.seen import SeenPicture
from reelwright.domain.content.story import Scene, Story
from reelwright.policies import standard
from reelwright.providers.moderation.repeats import Repeats
from reelwright.providers.moderation.rules import RulesModerator
from reelwright.storage.catalog import PostgresCatalog
from reelwright.storage.moderation import PostgresFingerprints, PostgresScores
from tests.unit.test_likeness import TEXTS, saved, scene
from tests.workflow.fakes import Looker, Makers, MemoryMedia

from .filing import fresh, open_content


def story(text: str, title: str = "Three hearts", **more: Any) -> Story:
    return Story(title=title, description="", scenes=(Scene(index=0, text=text),), writer="test", **more)


async def test_the_first_answer_is_kept(pool: Any) -> None:
    scores, first, second = PostgresScores(pool), "1" * 64, "2" * 64
    assert await scores.known("openai:m", [first]) == {}
    await scores.keep("openai:m", {first: {"hate": 0.5}, second: {}})
    await scores.keep("openai:m", {first: {"hate": 0.9}})
    assert await scores.known("openai:m", [first, second, "3" * 64]) == {first: {"hate": 0.5}, second: {}}
    assert await scores.known("azure:m", [first]) == {}


class Desk:
    """The activities on the books."""

    def __init__(self, catalog: PostgresCatalog, pool: Any) -> None:
        self.catalog, self.pool, self.channel, self.media = catalog, pool, fresh(), MemoryMedia()
        repeats, makers = Repeats(PostgresFingerprints(pool)), Makers()
        seeing = Seeing(self.media, Looker(), repeats)
        self.editorial = Editorial(catalog, makers, makers, RulesModerator(), seeing=seeing, repeats=repeats)

    async def opened(self) -> str:
        content_id = fresh()
        await open_content(self.catalog, content_id)
        return content_id

    async def told(self, content_id: str, text: str, *, story_: Story | None = None, **context: Any) -> list[str]:
        """The reasons against a text."""
        asked = ModerationContext(channel=self.channel, **context)
        job = ModerateStory(content_id=content_id, story=story_ or story(text), context=asked)
        return list((await self.editorial.moderate_story(job)).reasons)

    async def ended(self, content_id: str, status: str) -> None:
        await self.catalog.close_content(content_id, status=status, result_json="{}")

    async def shown(self, content_id: str, *seeds: int, drawn: bool = False) -> list[str]:
        files = [
            await self.media.put_bytes(saved(scene(seed), "JPEG", quality=70 + seed), "image/jpeg") for seed in seeds
        ]
        pictures = tuple(SeenPicture(place=f"picture {n}", file=file, drawn=drawn) for n, file in enumerate(files))
        context = ModerationContext(channel=self.channel)
        job = ModerateMaterial(content_id=content_id, title="Shown", pictures=pictures, context=context)
        return list((await ActivityEnvironment().run(self.editorial.moderate_material, job)).reasons)


@pytest.fixture
def desk(catalog: PostgresCatalog, pool: Any) -> Desk:
    return Desk(catalog, pool)


async def test_a_text_that_an_earlier_content_has_is_reviewed(desk: Desk) -> None:
    first, second, third = [await desk.opened() for _ in range(3)]
    assert await desk.told(first, TEXTS["en"]) == []
    await desk.ended(first, "done")
    [reason] = await desk.told(second, TEXTS["en"].replace("octopus", "kraken"))
    assert f'earlier content {first} ("Three hearts")' in reason and "%" in reason and "allow_repeat" in reason
    assert await desk.told(second, TEXTS["de"]) == [], "a revision"
    assert await desk.told(first, TEXTS["en"]) == [], "never of itself, nor of a later one"
    assert await desk.told(third, TEXTS["en"], allow_repeat=True) == []


async def test_contents_that_did_not_go_out_do_not_count(desk: Desk) -> None:
    for status in ("rejected", "blocked", "failed", "cancelled"):
        content = await desk.opened()
        assert await desk.told(content, TEXTS["zh"]) == []
        await desk.ended(content, status)
    running, other = await desk.opened(), await desk.opened()
    assert await desk.told(running, TEXTS["zh"]) == []
    assert running in (await desk.told(other, TEXTS["zh"]))[0], "one that is under way counts"


async def test_other_channels_templates_and_own_thresholds(desk: Desk) -> None:
    first, second = await desk.opened(), await desk.opened()
    await desk.told(first, TEXTS["hi"])
    assert await desk.told(second, "", story_=story(TEXTS["hi"], template=True)) == []
    own = desk.channel
    desk.channel = fresh()
    assert await desk.told(second, TEXTS["hi"]) == []
    repeats = Repeats(PostgresFingerprints(desk.pool))
    blocking = ModerationPolicy.model_validate(
        {"name": "p", "categories": {"duplicate": {"review": 0.2, "block": 0.6}}}
    )
    third = await desk.opened()
    [finding] = await repeats.judge_story(third, own, story(TEXTS["hi"]), blocking)
    assert (finding.decision, finding.rule, finding.score) == ("block", "duplicate/text", 1.0)
    never = ModerationPolicy.model_validate({"name": "p", "categories": {"duplicate": {"review": None, "block": None}}})
    assert await repeats.judge_story(third, own, story(TEXTS["hi"]), never) == []
    assert standard().decide("duplicate", 1.0) == "review"


async def test_pictures_that_an_earlier_content_has(desk: Desk) -> None:
    first, second, third = [await desk.opened() for _ in range(3)]
    assert await desk.shown(first, 1, 2, 3) == []
    [reason] = await desk.shown(second, 3, 2, 9)
    assert "67% of its pictures" in reason and first in reason
    assert await desk.shown(second, 3, 7, 8, 9) == [], "a picture that recurs is no repetition"
    assert await desk.shown(third, 1, 2, 3, drawn=True) == []
