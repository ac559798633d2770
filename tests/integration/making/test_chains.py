"""Chains on a real PostgreSQL: in each way of failing the next one makes it, and what happened is on record."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import pytest

from activities.content.editorial import Editorial
from activities.content.material import CheckVoices, ComposeMusic, SettleVoice
from reelwright.domain.content.credit import Credit
from reelwright.domain.content.material_lines import credits_of
from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.story import Material, Music, Narration, WriteTask
from reelwright.domain.content.voice import Delivery, VoiceChoice
from reelwright.domain.errors import InvalidInput, ProviderRefused, ProviderUnavailable
from reelwright.storage.evidence import PostgresEvidence

from .kit import SCENES, STORY, Provider, Shop, activity, draw, provider_list, speak

Run = Callable[[str], Awaitable[Any]]
KINDS = ("write", "speak", "draw", "compose")


def unavailable(message: str = "HTTP 500", **more: Any) -> ProviderUnavailable:
    error = ProviderUnavailable(message, **more)
    error.cost_known = True
    return error


def run_of(shop: Shop[Any], kind: str, makers: Any) -> Run:
    """The activity that buys one thing of a kind."""
    env, none = activity(), Provider("none")

    async def run(content: str) -> Any:
        if kind == "write":
            editorial = Editorial(shop.catalog, none, none, none, writers=makers, purchasing=shop.purchasing)  # type: ignore[arg-type]
            task = WriteTask(content_id=content, request=ContentRequest(topic="Tides", channel=shop.channel))
            return await env.run(editorial.write_story, task)
        if kind == "speak":
            return await env.run(shop.voices(makers).speak_scene, speak(content))
        if kind == "draw":
            return await env.run(shop.studio(makers).draw_scene, draw(content))
        job = ComposeMusic(content_id=content, mood="calm", duration_s=9)
        return await env.run(shop.studio(makers).compose_music, job)

    return run


def made_by(made: Any) -> str:
    return str(getattr(made, "provider", "") or made.writer)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "error",
    [
        ProviderRefused("it declines", why="policy"),
        ProviderRefused("HTTP 402 (credit)", why="credit"),
        ProviderRefused("no such model", why="model"),
        ProviderRefused("HTTP 401", why="key"),
        ProviderRefused("no usable story, twice", why="nonsense", usd=0.01),
        unavailable("too many requests", retry_after_s=900.0),
    ],
    ids=["policy", "credit", "model", "key", "nonsense", "long-pause"],
)
async def test_what_will_not_go_better_is_made_by_the_next(kind: str, error: Any, pool: Any) -> None:
    shop, first, second = Shop[Any](pool), Provider("one"), Provider("two")
    first.always = error
    content = await shop.content()
    made = await run_of(shop, kind, provider_list(first, second, offline=Provider("off")))(content)
    assert made_by(made) == "two:m"
    assert made.fell_back == (f"one: {error.message}",)
    assert made.spent == pytest.approx(0.02 + error.usd)
    [document] = await PostgresEvidence(pool).document(content)
    [row] = [row for row in document.rows if row.kind != "decision"]
    assert row.details == {"fell_back": [f"one: {error.message}"]}
    assert row.whole and row.provider == "two:m"


@pytest.mark.parametrize("kind", KINDS)
async def test_what_may_go_better_is_tried_again_and_then_made_by_the_next(kind: str, pool: Any) -> None:
    shop, first, second = Shop[Any](pool), Provider("one"), Provider("two")
    run = run_of(shop, kind, provider_list(first, second, offline=Provider("off")))
    patient, content = await shop.content(), await shop.content()
    first.fails = [unavailable(), unavailable()]
    for _ in range(2):
        with pytest.raises(ProviderUnavailable, match="HTTP 500"):
            await run(patient)
    made = await run(patient)
    assert (made_by(made), made.fell_back) == ("one:m", ()), "a server that was restarted"
    if kind == "write":
        return  # the same request of the same channel: what the first content has bought
    shop.channel = f"{shop.channel}-2"
    content, first.always = await shop.content(), unavailable("HTTP 503")
    for _ in range(2):
        with pytest.raises(ProviderUnavailable, match="HTTP 503"):
            await run(content)
    made = await run(content)
    assert (made_by(made), made.fell_back) == ("two:m", ("one: HTTP 503",))


@pytest.mark.parametrize("kind", KINDS)
async def test_an_adapter_that_breaks_and_an_empty_answer_are_no_end(kind: str, pool: Any) -> None:
    shop, broken, empty, off = Shop[Any](pool), Provider("one"), Provider("two"), Provider("off")
    broken.always, empty.nothing = KeyError("choices"), True
    run, content = run_of(shop, kind, provider_list(broken, empty, offline=off)), await shop.content()
    for _ in range(2):
        with pytest.raises(KeyError):
            await run(content)
    made = await run(content)
    assert made_by(made) == "off:m"
    assert made.fell_back[0] == "one: KeyError in its adapter"
    assert made.fell_back[1].startswith("two: ")
    assert empty.calls[kind] == 1, "what is of no use is not bought twice"
    states = [row["state"] for row in await shop.purchases(content)]
    assert states.count("unknown") == 3, "nobody knows what the broken calls have cost"


async def test_one_without_its_key_one_that_is_shut_and_one_nobody_knows_are_passed_over(pool: Any) -> None:
    shop, first, second, third = Shop[Any](pool), Provider("one"), Provider("two"), Provider("three")
    makers = provider_list(first, second, third, offline=Provider("off"), lacks="ONE_KEY is not set")
    await shop.gate.refused("two", "images", "HTTP 402")
    content = await shop.content(images=["one", "piper", "two", "three"])
    made = await run_of(shop, "draw", makers)(content)
    assert made.provider == "three:m"
    assert made.fell_back[0] == "one: ONE_KEY is not set"
    assert made.fell_back[1] == "piper: this worker's release has no such provider"
    assert made.fell_back[2].startswith("two: paused until") and "HTTP 402" in made.fell_back[2]
    assert not first.calls and not second.calls


async def test_the_channels_order_goes_before_that_of_the_settings_and_offline_is_added(pool: Any) -> None:
    shop, first, second, off = Shop[Any](pool), Provider("one"), Provider("two"), Provider("off")
    makers = provider_list(first, second, offline=off)
    made = await run_of(shop, "draw", makers)(await shop.content(images=["two"]))
    assert (made.provider, made.fell_back) == ("two:m", ())
    made = await run_of(shop, "draw", makers)(await shop.content(images=["local", "one"]))
    assert (made.provider, first.calls["draw"]) == ("off:m", 0)
    second.always = ProviderRefused("no", why="policy")
    content = await shop.content(images=["two"])
    job = draw(content, 1)
    made = await activity().run(shop.studio(makers).draw_scene, job)
    assert (made.provider, made.fell_back) == ("off:m", ("two: no",))


async def test_a_story_that_changes_its_speaker_is_spoken_by_one(pool: Any) -> None:
    shop, first, off, env = Shop[Any](pool), Provider("one"), Provider("off"), activity()
    voices, content = shop.voices(provider_list(first, offline=off)), await shop.content()
    spoken = await env.run(voices.speak_scene, speak(content, 0))
    first.always = ProviderRefused("HTTP 402", why="credit")
    other = await env.run(voices.speak_scene, speak(content, 1))
    assert (spoken.by, other.by) == ("one", "local")
    again = await env.run(voices.speak_scene, speak(content, 0))
    assert (again.by, again.provider) == ("local", "off:m")
    assert again.fell_back == ("one: all of this content are by local",)
    first.always = None
    assert (await env.run(voices.speak_scene, speak(content, 1))).by == "local", "nor does it change back"


async def test_a_voice_that_only_one_has_is_its_own_and_the_others_speak_with_theirs(pool: Any) -> None:
    shop, cloud, off = Shop[Any](pool), Provider("one", voices=["Rachel"]), Provider("off", voices=["amy"])
    voices, env, content = shop.voices(provider_list(cloud, offline=off)), activity(), await shop.content()
    rachel, amy = (Delivery(choice=VoiceChoice(voice=name)) for name in ("Rachel", "amy"))
    assert (await env.run(voices.settle_voice, SettleVoice(language="en", content_id=content))).voice == "Rachel"
    assert (await env.run(voices.speak_scene, speak(content, 0, delivery=rachel))).by == "one"
    local = await env.run(voices.speak_scene, speak(await shop.content(), 0, delivery=amy))
    assert (local.by, local.fell_back) == ("local", ("one: no voice amy",))
    cloud.always = ProviderRefused("HTTP 402", why="credit")
    assert (await env.run(voices.speak_scene, speak(await shop.content(), 1, delivery=rachel))).by == "local"
    for name in ("Rachel", "amy"):
        await env.run(voices.check_voices, CheckVoices(language="en", choices={"voice": VoiceChoice(voice=name)}))
    with pytest.raises(InvalidInput, match="voice: no voice Bob"):
        await env.run(voices.check_voices, CheckVoices(language="en", choices={"voice": VoiceChoice(voice="Bob")}))


async def test_a_found_work_has_its_credit_in_evidence_and_in_the_posts(pool: Any) -> None:
    shop, stock = Shop[Any](pool), Provider("stock")
    stock.credit = Credit(
        provider="stock", asset="stock:7", author="Ana", licence="CC-BY-4.0", licence_url="https://example.org/by",
        line="Photo: Ana (CC BY 4.0)", owed=True, read=date(2026, 11, 30),
    )  # fmt: skip
    content = await shop.content()
    picture = await run_of(shop, "draw", provider_list(stock, offline=Provider("off")))(content)
    [document] = await PostgresEvidence(pool).document(content)
    [row] = document.rows
    assert (row.licence, row.terms, row.terms_read) == ("CC-BY-4.0", "https://example.org/by", date(2026, 11, 30))
    assert row.details and row.details["credit"]["author"] == "Ana"
    assert (row.request_id, row.prompt, row.usd) == ("req-2", f"draw {SCENES[0].text}", 0.02)
    narration = Narration(scene=0, audio=picture.image, duration_s=1, words=(), provider="p")
    music = Music(audio=picture.image, duration_s=1, mood="calm", provider="p")
    material = Material(story=STORY, narrations=(narration,), pictures=(picture,), music=music)
    assert credits_of(material) == ("Photo: Ana (CC BY 4.0)",)


async def test_calls_at_once_are_capped_for_all_workers_and_waiting_is_no_try(pool: Any) -> None:
    one = Provider("one")
    shops = [Shop[Any](pool) for _ in range(6)]
    one.hold = asyncio.Event()
    off = Provider("off")
    runs = []
    for shop in shops:
        content = await shop.content()
        runs.append(asyncio.ensure_future(run_of(shop, "compose", provider_list(one, offline=off, most=2))(content)))
    while one.calls["compose"] < 2:
        await one.asked.wait()
        await asyncio.sleep(0.01)
    one.hold.set()
    made = await asyncio.gather(*runs)
    assert {each.provider for each in made} == {"one:m"}
    assert one.most_at_once == 2
