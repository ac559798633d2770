"""Captions and texts of posts in other languages, by a language model on loopback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from reelwright.domain.content.request import ContentRequest, FeedItem
from reelwright.domain.content.story import Translation, WriteTask
from reelwright.domain.costs.money import Money
from reelwright.domain.errors import InvalidInput, ProviderRefused, ProviderUnavailable
from reelwright.providers.writing import asking
from reelwright.providers.writing.studio import StudioWriter
from reelwright.providers.writing.translate import MOST_TOKENS, WRITTEN_TOKENS

from .model_wires import SILENT, WIRES, Reply, Stub
from .test_model_writers import DRAFT, TOPIC

WIRE = WIRES["compatible"]
SCRIPT = "The sea is deep. Nobody has seen its floor.\n\n---\n\nDivers go down a little way, and come up again.\n"


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stub]:
    monkeypatch.setattr(asking, "QUICK_WAIT_S", (0.0, 0.02))
    server = Stub()
    yield server
    server.close()


def translation(scenes: list[str]) -> dict[str, Any]:
    return {"title": "Drei Herzen", "description": "Darum.", "tags": ["Krake"], "scenes": scenes}


def answering(**by_language: Callable[[list[str]], Reply] | Reply) -> Callable[[dict[str, Any]], Reply]:
    """Stories as asked for, and for each language what is made of the scenes that are to be translated."""

    def answer(body: dict[str, Any]) -> Reply:
        system, user = WIRE.turns(body)[0][1], WIRE.turns(body)[1][1]
        if "You translate" not in system:
            return WIRE.good(DRAFT)
        scenes = json.loads(user.removeprefix("<data>\n").removesuffix("\n</data>"))["scenes"]
        reply = next(made for name, made in by_language.items() if f"into {name}" in " ".join(system.split()))
        return reply(scenes) if callable(reply) else reply

    return answer


def told(language: str) -> Callable[[list[str]], Reply]:
    return lambda scenes: WIRE.good(translation([f"{language}: {text}" for text in scenes]))


def one_missing(scenes: list[str]) -> Reply:
    return WIRE.good(translation(scenes[1:]))


def wish(*languages: str, **source: Any) -> WriteTask:
    request = ContentRequest(**(source or {"topic": TOPIC}), caption_languages=languages)
    return WriteTask(content_id="demo", request=request)


async def test_scenes_and_texts_are_translated_and_paid(stub: Stub) -> None:
    stub.answer = answering(German=told("DE"), French=told("FR"))
    who = WIRE.writer(stub.url)
    story = await who.write(wish("de", "fr"))
    assert [one.language for one in story.translations] == ["de", "fr"]
    assert [one.scenes for one in story.translations] == [
        tuple(f"{name}: {scene.text}" for scene in story.scenes) for name in ("DE", "FR")
    ]
    german = story.translations[0]
    assert (german.title, german.description, german.tags) == ("Drei Herzen", "Darum.", ("krake",))
    one = (1000 * 0.10 + 600 * 0.50) / 1e6
    assert story.usd == pytest.approx(3 * one) and len(stub.requests) == 3
    foreseen, without = who.estimate(wish("de", "fr")), who.estimate(wish())
    assert Money.of(story.usd) < foreseen.worst and without.worst < foreseen.worst and without.usual < foreseen.usual
    sent = sum(len(json.dumps(body)) for _, _, body in stub.requests)
    most = sum(WIRE.most_tokens(body) for _, _, body in stub.requests)
    assert float(foreseen.worst) > (sent * 0.10 + most * 0.50) / 1e6, "without any repair"


async def test_the_source_that_is_owed_stays_as_it_is(stub: Stub) -> None:
    stub.answer = answering(German=told("DE"))
    item = FeedItem(title="Of squids", text="Something happened in the sea today.", url="https://e.org/a")
    story = await WIRE.writer(stub.url).write(wish("de", item=item))
    assert story.translations[0].description == "Darum.\n\nSource: Of squids — https://e.org/a"
    assert "https://e.org/a" not in WIRE.turns(stub.requests[1][2])[1][1]


async def test_too_few_scenes_are_repaired(stub: Stub) -> None:
    replies: list[Callable[[list[str]], Reply]] = [one_missing, told("DE")]
    stub.answer = answering(German=lambda scenes: replies.pop(0)(scenes))
    story = await WIRE.writer(stub.url).write(wish("de"))
    assert len(story.translations[0].scenes) == len(story.scenes) and not replies
    assert "6 scenes were given, and these are 5" in WIRE.turns(stub.requests[2][2])[-1][1]


@pytest.mark.parametrize("bad", [one_missing, lambda scenes: WIRE.good(translation(["…"] * len(scenes)))])
async def test_a_language_that_the_model_cannot_do_is_left_out_with_a_note(bad: Any, stub: Stub) -> None:
    stub.answer = answering(German=told("DE"), French=bad)
    story = await WIRE.writer(stub.url).write(wish("fr", "de"))
    assert [one.language for one in story.translations] == ["de"]
    assert "Captions in French are left out" in story.notice
    assert story.usd == pytest.approx(4 * (1000 * 0.10 + 600 * 0.50) / 1e6), "the useless answers are paid, too"


async def test_a_refusal_of_the_text_leaves_the_language_out(stub: Stub) -> None:
    stub.answer = answering(German=WIRE.refused("I will not."))
    story = await WIRE.writer(stub.url).write(wish("de"))
    assert not story.translations and "I will not." in story.notice


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (402, "billing_error", ProviderRefused),
        (401, "invalid_api_key", ProviderRefused),
        (500, "x", ProviderUnavailable),
    ],
)
async def test_what_ends_all_calls_ends_the_piece_with_what_it_cost(
    status: int, code: str, expected: type[Exception], stub: Stub
) -> None:
    stub.answer = answering(German=told("DE"), French=WIRE.failure(status, code))
    with pytest.raises(expected) as caught:
        await WIRE.writer(stub.url).write(wish("de", "fr"))
    one = (1000 * 0.10 + 600 * 0.50) / 1e6
    assert caught.value.usd == pytest.approx(2 * one), "the story, and the language that came"  # type: ignore[attr-defined]


async def test_a_language_that_takes_too_long_is_left_out(stub: Stub) -> None:
    who = WIRE.writer(stub.url)
    stub.answer = answering()
    story = await who.write(wish())
    stub.answer = None
    stub.replies = [SILENT]
    found = await who.translate(story, ["de"], within_s=0.3)
    assert not found.translations and "did not answer in time" in found.notes[0]


async def test_a_cancelled_piece_does_not_go_on(stub: Stub) -> None:
    who = WIRE.writer(stub.url)
    stub.answer = answering()
    story = await who.write(wish())
    stub.answer, stub.replies = None, [SILENT]
    going = asyncio.create_task(who.translate(story, ["de"]))
    while len(stub.requests) < 2:
        await asyncio.sleep(0.01)
    going.cancel()
    with pytest.raises(asyncio.CancelledError):
        await going


async def test_a_script_stays_and_its_captions_are_the_models(stub: Stub) -> None:
    stub.answer = answering(German=told("DE"))
    studio = StudioWriter(WIRE.writer(stub.url))
    task = wish("de", "en", script=SCRIPT, translations={"fr": "La mer.\n\n---\n\nDes plongeurs."})
    foreseen = studio.estimate(task)
    story = await studio.write(task)
    assert story.writer == "script" and story.scenes[0].text.startswith("The sea is deep.")
    assert [one.language for one in story.translations] == ["fr", "de"], "not into what is spoken or given"
    assert len(stub.requests) == 1 and story.usd > 0
    assert Money.of(story.usd) < foreseen.worst
    _, _, body = stub.requests[0]
    longest = (len(json.dumps(body)) * 0.10 + WIRE.most_tokens(body) * 0.50) / 1e6
    assert longest < float(foreseen.worst)


async def test_a_long_script_is_given_room(stub: Stub) -> None:
    stub.answer = answering(German=told("DE"))
    script = "Nobody has ever seen the floor of it, and nobody ever will. " * 120
    await StudioWriter(WIRE.writer(stub.url)).write(wish("de", script=script))
    assert WRITTEN_TOKENS < WIRE.most_tokens(stub.requests[0][2]) <= MOST_TOKENS


async def test_without_a_model_it_is_refused_or_noted() -> None:
    with pytest.raises(InvalidInput) as caught:
        await StudioWriter().write(wish("de", script=SCRIPT))
    assert caught.value.field == "caption_languages"
    story = await StudioWriter(stand_in=True).write(wish("de"))
    assert story.template and "Captions in German are left out" in story.notice
    assert (await StudioWriter().write(wish("en"))).scenes, "what is spoken needs no translation"


def test_a_given_translation_keeps_its_json() -> None:
    given = Translation(language="de", scenes=("Das Meer.",))
    assert given.model_dump_json() == '{"language":"de","scenes":["Das Meer."]}'
