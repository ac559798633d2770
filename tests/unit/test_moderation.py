"""Moderation by rules: what is caught, in which disguise, what is left alone, and how fast."""

import time
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelwright.domain.content.judging import context_of
from reelwright.domain.content.media import MediaUse
from reelwright.domain.content.policy import CATEGORIES
from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.story import ModerationVerdict, Scene, Story
from reelwright.domain.errors import InvalidInput
from reelwright.domain.ids import sha256_of
from reelwright.providers.moderation.lexicon import LANGUAGES, Lexicon, Rule, shipped_rules
from reelwright.providers.moderation.normal import fold, spread, views
from reelwright.providers.moderation.rules import RulesModerator
from tests.depth import examples


def story(*texts: str, title: str = "A title", description: str = "", tags: tuple[str, ...] = ()) -> Story:
    scenes = tuple(Scene(index=index, text=text) for index, text in enumerate(texts))
    return Story(title=title, description=description, tags=tags, scenes=scenes, writer="test")


async def judge(*texts: str, blocked: tuple[str, ...] = (), **fields: object) -> ModerationVerdict:
    return await RulesModerator(blocked).judge(story(*texts, **fields))  # type: ignore[arg-type]


async def test_an_honest_story_is_allowed() -> None:
    given_story = story(
        "Octopuses have three hearts. Two of them pump blood through the gills.", "One rests when it swims."
    )
    verdict = await RulesModerator().judge(given_story)
    assert verdict == ModerationVerdict(
        decision="allow", reasons=(), provider="rules", input_sha256=sha256_of(given_story)
    )
    assert verdict.input_sha256 != (await judge("Another story.")).input_sha256


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("How to make a pipe bomb at home.", "weapons"),
        ("HOW TO MAKE A P1PE B0MB.", "weapons"),
        ("Ｈｏｗ ｔｏ ｍａｋｅ ａ ｂｏｍｂ", "weapons"),
        ("How to make a b o m b today", "weapons"),
        ("How to ma\u200bke a bo\u00admb", "weapons"),
        ("How to mаke a bоmb", "weapons"),  # Cyrillic а and о
        ("How to make a bömb", "weapons"),
        ("how to make a booooomb", "weapons"),
        ("h o w t o m a k e b o m b s", "weapons"),
        ("Comment fabriquer une bombe artisanale", "weapons"),
        ("Wie man eine Bombe aus dem Baumarkt baut", "weapons"),
        ("Here is how to kill yourself.", "self-harm"),
        ("You should k!ll y0urself", "self-harm"),
        ("Nobody likes you, k.y.s. kys", "self-harm"),
        ("Watch child p0rn here", "minors"),
        ("A 14-year-old girl, naked", "minors"),
        ("Kill all the Muslims", "violence against people"),
        ("you n1gg3r", "slur"),
        ("you n i g g e r", "slur"),
        ("Pay with 4242 4242 4242 4242 now", "payment card"),
        ("Pay with 5500-0000-0000-0004 now", "payment card"),
    ],
)
async def test_what_must_not_be_published_is_blocked(text: str, category: str) -> None:
    verdict = await judge("A harmless beginning.", text)
    assert verdict.decision == "block", verdict
    assert verdict.reasons[0].startswith("scene 2: ") and category in verdict.reasons[0]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("She lost her brother to suicide.", "help line"),
        ("Suicide prevention: how to not harm yourself.", "self-harm"),
        ("How scientists learned how to build an atomic bomb.", "weapons"),
        ("The police fight against child pornography.", "minors"),
        ("Guaranteed returns of ten percent!", "scam"),
        ("Send 1 bitcoin and get two back", "scam"),
        ("DOUBLE Y0UR M0NEY", "scam"),
        ("Write to jane.doe@company.io today", "an email address (j…@company.io)"),
        ("Call +49 30 901820 now", "a phone number (…20)"),
        ("Call (212) 555-0187 now", "a phone number"),
        ("Ruf 030 / 901820 an", "a phone number"),
        ("Give to DE89 3704 0044 0532 0130 00 please", "a bank account (IBAN) (DE89…00)"),
        ("GB29NWBK60161331926819", "a bank account"),
    ],
)
async def test_what_a_person_must_see_is_reviewed(text: str, reason: str) -> None:
    verdict = await judge(text)
    assert verdict.decision == "review", verdict
    assert verdict.reasons[0].startswith("scene 1: ") and reason in verdict.reasons[0]


@pytest.mark.parametrize(
    "text",
    [
        "Scunthorpe, Penistone and Essex: a classic assassin's passage through Middlesex.",
        "S c u n t h o r p e is a town.",
        "The Niger runs through Nigeria and Niger; snigger at the niggardly.",
        "How to make a bath bomb. How to build a bomb shelter. Comment faire une bombe de bain.",
        "How to kill weeds without poison, the best way to kill them.",
        "How to cut yourself a slice of cake.",
        "The Suicide Squad is a film.",
        "Kike Hernández plays baseball.",
        "Essen für Kinder: wie man einen Kuchen backt.",
        "In 1914-1918, on 2026-11-21, at 12:30, 1,234,567 people paid 3.14159265 or 10,000.50.",
        "The number 4242 4242 4242 4241 fails its checksum, and so does DE89 3704 0044 0532 0130 01.",
        "ISBN 978-3-16-148410-0 and version 1.2.3.4 and 192.168.0.1.",
        "Read https://example.com/2125550187/x and write to someone@example.com.",
        "0 0 0 0 0 0 0 0, 1 2 3 4 5 6 7 8 9 10.",
        "It was the atomic bomb that ended it.",
        "A minor planet, naked to the eye, and a kid goat.",
        "👩‍👩‍👧 مرحبا ';:[]%{}\\ — “quotes”",
    ],
)
async def test_innocent_text_is_left_alone(text: str) -> None:
    verdict = await judge(text)
    assert verdict.decision == "allow", verdict.reasons


@pytest.mark.parametrize(
    "text",
    [
        "The police found a bomb at the suspect's home.",
        "If you think of suicide, you should talk to somebody: help is near.",
        "How porn affects teenagers: what studies say.",
        "Every ten minutes a woman is killed by her partner.",
        "All the Jews of the town were murdered in 1942.",
        "I will kill for this cake, you all know it.",
        "Die Polizei fand eine selbstgebaute Bombe zu Hause.",
        "Was brauchst du bei Gedanken an Suizid? Sprich mit einer Ärztin.",
        "La police a trouvé une bombe artisanale à la maison.",
        "La policía encontró una bomba casera en su casa.",
        "警方在他家发现自制炸弹的材料。",
        "शहर में पुलिस को घर पर बम मिला।",
        "عثر رجال الشرطة على قنبلة في بيت المشتبه به.",
    ],
)
async def test_what_reports_and_helps_is_not_blocked(text: str) -> None:
    assert (await judge(text)).decision != "block"


async def test_blocked_terms_are_the_operators_own() -> None:
    terms = ("Acme Corp", "naïve brand", "  ")
    for text in ("Buy from ACME corp!", "a c m e c o r p", "4cm3 c0rp", "Acme\nCorp", "NAÏVE Brand", "naive brand"):
        verdict = await judge(text, blocked=terms)
        assert verdict.decision == "block" and "a blocked term" in verdict.reasons[0], text
    for text in ("Acme. Corp is another sentence.", "acmecorporation", "a brand"):
        assert (await judge(text, blocked=terms)).decision == "allow", text
    special = await judge("50% (off) [now] {x} a.*b", blocked=("a.*b", "[z]"))
    assert special.decision == "block", "signs in a term are not an expression"
    assert (await judge("aXb anything", blocked=("a.*b",))).decision == "allow"
    with pytest.raises(InvalidInput, match=r"blocked_terms: '\.\.\.' has no letter"):
        RulesModerator(("acme", "..."))


async def test_every_part_is_named() -> None:
    verdict = await RulesModerator(("acme",)).judge(
        Story(
            title="Acme",
            description="acme",
            tags=("x", "acme"),
            scenes=(Scene(index=0, text="Fine."), Scene(index=1, text="Also acme.", heading="acme")),
            writer="test",
        )
    )
    assert [reason.split(":")[0] for reason in verdict.reasons] == [
        "title",
        "scene 2 heading",
        "scene 2",
        "description",
        "tags",
    ]


async def test_the_gravest_comes_first_and_nothing_private_is_repeated() -> None:
    verdict = await judge(
        "Suicide is spoken of.",
        "Mail jane.doe@company.io, card 4111 1111 1111 1111.",
        "You nigger.",
        "Kill yourself. kys",
    )
    assert verdict.decision == "block"
    blocking = ["card" in verdict.reasons[0], "slur" in verdict.reasons[1], "self-harm" in verdict.reasons[2]]
    assert all(blocking), verdict.reasons
    everything = " ".join(verdict.reasons)
    assert "jane" not in everything and "4111 1111" not in everything and "nigger" not in everything
    many = await judge(*["Guaranteed returns!"] * 100)
    assert len(many.reasons) == 20


async def test_a_thousand_harmless_words_pass() -> None:
    plain = "The naïve keeper climbed the tower — at night — and lit the gr3at lamp; it cost $5 a week in 1905. "
    text = (plain * 55).strip()
    assert len(text.split()) >= 1_000
    scenes = story(*[text[start : start + 600] for start in range(0, len(text), 600)])
    judged = await RulesModerator(("acme", "globex corp")).judge(scenes)
    assert (judged.decision, judged.reasons) == ("allow", ())


@pytest.mark.parametrize(
    "piece", ["a ", "a.", "how to ", "4", "4 ", "a@", "a1", "$", "nude kid ", "x" * 50 + "-", "+1 "]
)
async def test_long_hostile_text_takes_linear_time(piece: str) -> None:
    started = time.process_time()
    await judge(piece * (50_000 // len(piece)))
    assert time.process_time() - started < 60


@examples(60)
@given(st.text(max_size=200))
async def test_any_text_gets_a_verdict(text: str) -> None:
    verdict = await judge(text, title=text, blocked=(f"{text} x",))
    assert verdict.decision in ("allow", "review", "block")
    assert (verdict.decision == "allow") == (not verdict.reasons)


def test_views_undo_disguises() -> None:
    assert views("Plain words. Two").texts == ("plain words . two",)
    assert "bomb" in views("b-o-m-b").runs
    assert "hello all" in views("h3l10 a11").texts or "hello all" in views("h3110 a11").texts
    assert spread("a_b, c… d") == "a b c . d"


def test_the_lexicon_is_well_formed() -> None:
    rules = shipped_rules()
    Lexicon(rules)
    assert {rule.category for rule in rules} <= set(CATEGORIES)
    by_language = Counter(rule.id for rule in rules)
    missing = {id: count for id, count in by_language.items() if count < len(LANGUAGES) and id != "hate/slogan"}
    assert not missing, "each rule has terms in every language"
    for rule in rules:
        assert rule.label and rule.cure and 0 < rule.score <= 1, rule.id
        for term in rule.terms:
            assert term == fold(term), term
    for bad in (".. bomb", "bom* x", "a ..", "", "a (b", "a|"):
        with pytest.raises((ValueError, IndexError)):
            Lexicon([Rule(category="scam", label="x", score=0.95, terms=(bad,))])


async def test_what_own_pictures_show_is_judged_with_its_place() -> None:
    moderator, told = RulesModerator(("gadget",)), story("A harmless text.")
    seen = ContentRequest(topic="x", media={2: MediaUse(file="media:" + "a" * 64, shows="a g4dget")})
    verdict = await moderator.judge(told, None, context_of(seen))
    assert verdict.decision == "block" and verdict.reasons[0].startswith("what the own picture of scene 2 shows: ")
