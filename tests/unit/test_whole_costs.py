"""What all the material of a content may cost, before and after its story is written."""

from __future__ import annotations

import pytest

from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.story import Scene, Story
from reelwright.domain.costs.estimate import ContentEstimate, Estimate
from reelwright.domain.costs.limits import Limits
from reelwright.domain.costs.money import Money
from reelwright.domain.costs.whole import (
    MOST_SCENES,
    MOST_WORDS,
    Plan,
    clip_scenes,
    material_costs,
    planned,
    together,
    unwritten_costs,
)
from reelwright.domain.errors import OverBudget
from reelwright.domain.ports.costs import ChosenMakers
from reelwright.providers.writing import draft
from tests.workflow.fakes import Makers
from tests.workflow.priced import Choice, PricedPictures

STORY = Story(
    title="t", description="d", writer="w", scenes=tuple(Scene(index=i, text=t) for i, t in enumerate(("abcd", "ef")))
)  # fmt: skip
MAKERS = Choice(clips=True).chosen


def usual(estimates: tuple[Estimate, ...]) -> dict[str, str]:
    return {one.step: str(one.usual) for one in estimates}


def worst(estimates: tuple[Estimate, ...]) -> dict[str, str]:
    return {one.step: str(one.worst) for one in estimates}


def test_a_written_story_costs_what_its_scenes_do() -> None:
    assert usual(material_costs(MAKERS, Plan(STORY))) == {"speech": "$0.006", "images": "$0.20", "music": "$0.01"}
    longer = Plan(STORY, spoken={0: "a whole sentence"}, clips="some")
    assert usual(material_costs(MAKERS, longer))["speech"] == "$0.018", "as it is read aloud"
    assert usual(material_costs(MAKERS, longer))["clips"] == "$1.00"
    assert worst(material_costs(MAKERS, longer))["clips"] == "$2.00"


def test_what_is_brought_along_and_what_is_made_offline_costs_nothing() -> None:
    own = Plan(STORY, own_pictures=frozenset({0}), own_speech=frozenset({0, 1}), own_music=True, clips="all")
    assert usual(material_costs(MAKERS, own)) == {"images": "$0.10", "clips": "$1.00"}
    offline = ChosenMakers(speaker=Makers(), illustrator=PricedPictures())
    assert usual(material_costs(offline, Plan(STORY))) == {"images": "$0.20"}
    assert material_costs(ChosenMakers(), Plan(STORY)) == ()
    request = ContentRequest.model_validate(
        {
            "script": "A scene of words.",
            "media": {"2": {"file": "https://example.org/a.png"}},
            "narration": {"scenes": {"1": "https://example.org/a.wav"}},
            "music": {"file": "https://example.org/m.wav"},
        }
    )
    assert usual(material_costs(MAKERS, planned(STORY, request))) == {"speech": "$0.002", "images": "$0.10"}


def test_a_story_that_is_not_written_is_as_long_as_a_model_writes_it_and_at_most_as_long_as_is_accepted() -> None:
    assert (draft.SCENES[1], draft.STORY_WORDS[1]) == (MOST_SCENES, MOST_WORDS)
    found = unwritten_costs(MAKERS, ContentRequest(topic="Tides"))
    # 130 words of five letters in seven scenes; 220 of eleven in twelve, at twice the price.
    assert usual(found) == {"speech": "$0.773", "images": "$0.70", "music": "$0.50"}
    assert worst(found) == {"speech": "$5.256", "images": "$2.40", "music": "$1.70"}


def test_purchases_of_a_step_are_told_together_and_one_without_a_price_spoils_them() -> None:
    parts = material_costs(MAKERS, Plan(STORY))
    assert ContentEstimate(purchases=parts, limit=Money.of(1), spent=Money.of("0.02")).label == (
        "about $0.216, at most $0.432 of $1.00 (speech by v:speech, images by p:images, music by m:music), "
        "and $0.02 is spent"
    )
    unknown = Estimate(step="images", provider="p:images", priced=False)
    (sum_,) = together([*(one for one in parts if one.step == "images"), unknown])
    assert not sum_.priced and not sum_.free


@pytest.mark.parametrize(("share", "scenes"), [("none", set()), ("some", {0, 3, 6}), ("all", set(range(8)))])
def test_some_scenes_have_clips(share: str, scenes: set[int]) -> None:
    assert clip_scenes(8, share) == scenes  # type: ignore[arg-type]


def test_a_step_that_was_begun_counts_once() -> None:
    limits = Limits("kids", content=Money.of("0.50"))
    whole = material_costs(MAKERS, Plan(STORY))  # at most 0.432
    limits.admit_content(whole, {"writing": Money.of("0.06"), "speech": Money.of("0.01")})
    with pytest.raises(OverBudget, match=r"may cost \$0.502 with the \$0.07 that it has cost, and its limit is \$0.50"):
        limits.admit_content(whole, {"writing": Money.of("0.07")})
