"""Moderation policies: presets, the operator's own files, what is wrong in one, and what a content has of them."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from activities.content.channels import Channels
from activities.content.editorial import Editorial, ModerateStory
from control.channel_files import WrongInFile, parsed
from control.channels import Change, check_policies, foreseen
from reelwright.domain.channels.config import ChannelConfig
from reelwright.domain.channels.in_force import InForce, Inheriting
from reelwright.domain.content.policy import CATEGORIES, Category, Decision, ModerationPolicy, Thresholds
from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.story import Scene, Story
from reelwright.domain.errors import InvalidInput
from reelwright.domain.people import HERE
from reelwright.policies import PRESETS, Policies, standard
from reelwright.providers.moderation.rules import RulesModerator
from tests.workflow.fakes import Makers, MemoryCatalog, MemoryChannels


def own(folder: Path, text: str, name: str = "mine") -> ModerationPolicy:
    (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return Policies(folder).find(name)


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_decides_about_every_category(name: str) -> None:
    policy = Policies().find(name)
    assert policy.name == name and set(policy.categories) == set(CATEGORIES) and policy.extends is None
    assert ModerationPolicy.model_validate_json(policy.model_dump_json()) == policy, "it is recorded as JSON"


@pytest.mark.parametrize(
    ("preset", "category", "score", "decision"),
    [
        ("standard", "hate", 0.95, "block"),
        ("standard", "hate", 0.6, "review"),
        ("standard", "hate", 0.4, "allow"),
        ("standard", "scam", 1.0, "review"),
        ("standard", "profanity", 1.0, "allow"),
        ("kids", "profanity", 0.6, "block"),
        ("kids", "alcohol-tobacco", 0.6, "review"),
        ("brand_safe", "competitor-mention", 0.6, "block"),
    ],
)
def test_a_score_is_held_against_the_thresholds(
    preset: str, category: Category, score: float, decision: Decision
) -> None:
    assert Policies().find(preset).decide(category, score) == decision


def test_a_market_makes_it_stricter_and_never_milder(tmp_path: Path) -> None:
    plain, german = standard(), own(tmp_path, "name: mine\nextends: standard\nmarkets: [DE]\n")
    assert (plain.decide("hate", 0.6), german.decide("hate", 0.6)) == ("review", "block")
    milder = own(tmp_path, "name: mine\nmarkets: [NO]\nregional: {NO: {hate: {review: null, block: null}}}\n")
    assert milder.markets == ("NO",) and milder.decide("hate", 0.95) == "block"
    assert ModerationPolicy(name="bare").decide("hate", 0.5) == Thresholds().decide(0.5) == "review"


def test_a_file_extends_a_preset_key_by_key(tmp_path: Path) -> None:
    policy = own(tmp_path, "name: mine\nextends: kids\ncategories: {hate: {block: 0.35}}\ncompetitors: [Globex]\n")
    assert policy.categories["hate"] == Thresholds(review=0.3, block=0.35), "the other threshold is inherited"
    assert policy.kids.made_for_kids and policy.competitors == ("Globex",)
    over = own(tmp_path, "name: standard\nextends: standard\nmarkets: [AT]\n", "standard")
    assert over.markets == ("AT",) and over.categories == standard().categories, "before the preset of that name"
    assert Policies(tmp_path).names() == (*PRESETS, "mine")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "name: mine\ncategoris: {}\n",
            "mine.yaml, line 2: categoris: there is no such key; did you mean `categories`?",
        ),
        ("name: mine\ncategories:\n  hat: {}\n", 'line 3: categories.hat: "hat" is no category; did you mean `hate`?'),
        ("name: mine\ncategories:\n  hate:\n    revue: 1\n", "line 4: categories.hate.revue: there is no such key"),
        ("name: mine\ncategories:\n\n  hate: {block: 1.5}\n", "line 4: categories.hate.block: 1.5 is out of range"),
        ("name: mine\ncategories:\n  hate: {review: -1}\n", "line 3: categories.hate.review: -1 is out of range"),
        ("name: mine\ncategories:\n  hate: {review: .nan}\n", 'line 3: categories.hate.review: ".nan" is no score'),
        ("name: mine\ncategories:\n  hate: {review: high}\n", 'line 3: categories.hate.review: "high" is no score'),
        (
            "name: mine\ncategories:\n  hate: {review: 0.8, block: 0.2}\n",
            "line 3: categories.hate: block (0.2) is below",
        ),
        ("name: mine\nmarkets: [de]\n", 'line 2: markets.0: "de" is no country'),
        ("name: mine\nmarkets: [DE, DE]\n", "line 2: markets: a country is named twice"),
        ("name: mine\ncompetitors: Acme\n", "line 2: competitors: it is no list"),
        ("name: mine\nname: mine\n", "line 2: name: this key stands twice"),
        ("name: mine\nextends: nope\n", "line 2: extends: there is no policy 'nope'; choose from standard"),
        ("name: mine\nextends: mine\n", "line 2: extends: it extends itself"),
        ("name: other\n", "line 1: name: the file is named mine"),
        ("name: [mine\n", "line 2: it is not YAML"),
        ("name: &a mine\nextends: *a\n", "line 1: extends: an alias (*) is used"),
        ("name: !x mine\n", "line 1: name: a tag (!x) is used"),
        ("- name\n", "line 1: it is no table"),
        ("", "line 1: it is no table"),
        ("a: " + "[" * 1_200, "mine.yaml"),
    ],
)
def test_what_is_wrong_in_a_file_is_told_with_line_and_key(tmp_path: Path, text: str, line: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        own(tmp_path, text)
    assert line in str(refused.value) and "\n" not in str(refused.value)


def test_a_cycle_and_an_unknown_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("name: a\nextends: b\n")
    (tmp_path / "b.yaml").write_text("name: b\nextends: a\n")
    with pytest.raises(InvalidInput, match=r"^b\.yaml, line 2: extends: a cycle: it extends a"):
        Policies(tmp_path).find("a")
    with pytest.raises(InvalidInput, match=r"^moderation: there is no policy 'strict'; choose from standard, kids"):
        Policies().find("strict")


@pytest.mark.parametrize(
    ("policy", "line"),
    [
        ("strict", "kids.toml, line 2: moderation: there is no policy 'strict'; choose from standard"),
        ("mine", "kids.toml, line 2: moderation: mine.yaml, line 2: nam: there is no such key"),
    ],
)
def test_a_channel_names_a_policy_that_is_there(tmp_path: Path, policy: str, line: str) -> None:
    (tmp_path / "mine.yaml").write_text("name: mine\nnam: mine\n")
    file = parsed(f'name = "kids"\nmoderation = "{policy}"\n'.encode(), "kids.toml")
    with pytest.raises(WrongInFile) as refused:
        check_policies([Change(file.config(), file)], Policies(tmp_path))
    assert line in str(refused.value)
    fine = parsed(b'name = "kids"\nmoderation = "kids"\n', "kids.toml")
    check_policies([Change(fine.config(), fine)], Policies(tmp_path))
    assert fine.config().not_enforced == ()


def test_what_older_releases_recorded_is_what_it_was() -> None:
    recorded = '{"channel":"kids","version":3,"parents":{},"inherited":{},"slots":[]}'
    assert InForce.model_validate_json(recorded).model_dump_json() == recorded


async def test_a_content_keeps_the_policy_that_was_in_force(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("name: mine\nextends: standard\nblocked_terms: [Globex]\n")
    book, catalog = MemoryChannels(), MemoryCatalog()
    book.lines["c"] = [(1, ChannelConfig(name="c", moderation="mine"))]
    channels, makers = Channels(book, Policies(tmp_path)), Makers()
    found = await channels.resolve_channel(Inheriting.of("one", ContentRequest(topic="Tides", channel="c")))
    assert found.policy is not None and found.policy.blocked_terms == ("Globex",)
    (tmp_path / "mine.yaml").unlink()
    assert await channels.resolve_channel(Inheriting.of("one", ContentRequest(topic="Tides", channel="c"))) == found
    with pytest.raises(InvalidInput, match="there is no policy 'mine'"):
        await channels.resolve_channel(Inheriting.of("two", ContentRequest(topic="Tides", channel="c")))
    with pytest.raises(InvalidInput, match="there is no policy 'mine'"):  # what `run` does before it starts
        handed = SimpleNamespace(channels=book, caller=HERE)
        await foreseen(handed, ContentRequest(topic="Tides", channel="c"), Policies())  # type: ignore[arg-type]
    plain = await channels.resolve_channel(Inheriting.of("three", ContentRequest(topic="Tides")))
    assert plain.policy == standard(), "a channel that names none has the preset"

    editorial = Editorial(catalog, makers, makers, RulesModerator(), channels=book)
    told = Story(title="Globex", description="", scenes=(Scene(index=0, text="Buy it."),), writer="test")
    decisions = {
        id: (await editorial.moderate_story(ModerateStory(content_id=id, story=told))).decision
        for id in ("one", "three", "of-an-older-release")
    }
    assert decisions == {"one": "block", "three": "allow", "of-an-older-release": "allow"}


@pytest.mark.parametrize(
    ("line", "where", "why"),
    [
        ("remind_after: 2", "review.remind_after", "'2' is no duration"),
        ("remind_after: 0h", "review.remind_after", "no duration"),
        ("park_after: 400d", "review.park_after", "longer than 366 days"),
        ("remind_afer: 2h", "review.remind_afer", "did you mean `remind_after`"),
        ("shows: everything", "review.shows", ""),
        ("rounds: -1", "review.rounds", "out of range"),
        ("{remind_after: 1d, park_after: 2h}", "review", "park_after is not after remind_after"),
        ("{second_person: true, reviewers: [ana]}", "review", "only one reviewer is named"),
    ],
)
def test_what_is_wrong_in_a_review_section_is_told_with_line_and_key(
    tmp_path: Path, line: str, where: str, why: str
) -> None:
    section = f"review: {line}" if line.startswith("{") else f"review:\n  {line}"
    with pytest.raises(InvalidInput) as caught:
        own(tmp_path, f"name: mine\n{section}\n")
    assert caught.value.field == where and why in str(caught.value)
    assert f"mine.yaml, line {2 if line.startswith('{') else 3}" in str(caught.value)


def test_a_review_section_is_merged_and_leaves_other_policies_as_they_were(tmp_path: Path) -> None:
    own(tmp_path, "name: base\nreview: {reviewers: [ana, bob], remind_after: 2h}\n", "base")
    rules = own(tmp_path, "name: mine\nextends: base\nreview: {park_after: 3d}\n").review
    assert [(after.total_seconds(), step) for after, step in rules.steps] == [(7_200, "remind"), (259_200, "park")]
    assert rules.may_decide("ANA ", escalated=False) and not rules.may_decide("eve", escalated=True)
    on_record = ModerationPolicy(name="mine")
    assert on_record.review.shows == "material" and "review" not in on_record.model_dump(mode="json")
    assert standard().review.shows == "preview"
