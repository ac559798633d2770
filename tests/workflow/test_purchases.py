"""What has been paid for: the cost is never lost, a slow bucket never makes it be bought again."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput

from activities import heartbeat
from activities.content.editorial import Editorial
from activities.content.material import ComposeMusic, DrawScene, SpeakScene, Studio, Voices
from activities.rendering.rendering import Rendering
from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.story import Scene, Story, WriteTask
from reelwright.domain.errors import ProviderRefused, ProviderUnavailable
from reelwright.domain.text.spoken.reading import read_aloud
from reelwright.drawn import DrawnIllustrator
from workers.interceptors import Heartbeats
from workers.plugin import reelwright_plugin

from .fake_renderer import FakeRenderer
from .fakes import Makers, MemoryCatalog, MemoryMedia
from .test_rendering import plan_of

SCENE = Scene(index=0, text="Hello.")
STORY = Story(title="t", description="d", scenes=(SCENE,), writer="w")
TASK = WriteTask(content_id="c", request=ContentRequest(topic="Tides"))


class Bucket(MemoryMedia):
    """A bucket that loses its line `broken` times, and keeps everybody waiting until `open` is set."""

    def __init__(self, broken: int = 0) -> None:
        super().__init__()
        self.broken = broken
        self.open = asyncio.Event()
        self.open.set()
        self.asked = asyncio.Event()

    async def put_bytes(self, data: bytes, media_type: str) -> Any:
        self.asked.set()
        await self.open.wait()
        if self.broken:
            self.broken -= 1
            raise ProviderUnavailable("the bucket does not answer")
        return await super().put_bytes(data, media_type)


class Body(ActivityInboundInterceptor):
    """The end of the interceptors' chain: the activity itself."""

    def __init__(self, run: Callable[[], Awaitable[Any]]) -> None:
        self._run = run

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        return await self._run()


def as_worker(env: ActivityEnvironment, run: Callable[[], Awaitable[Any]]) -> Awaitable[Any]:
    """Runs an activity as a worker does: inside the interceptor that beats, under a heartbeat timeout."""
    env.info = dataclasses.replace(env.info, heartbeat_timeout=timedelta(seconds=20))
    chain = Heartbeats().intercept_activity(Body(run))
    given = ExecuteActivityInput(fn=run, args=(), executor=None, headers={})
    return env.run(chain.execute_activity, given)  # type: ignore[no-any-return]


def makers_of(media: MemoryMedia) -> dict[str, tuple[Callable[[], Awaitable[Any]], MemoryCatalog, Makers]]:
    catalog, makers = MemoryCatalog(), Makers()
    voices, studio = Voices(catalog, media, makers), Studio(catalog, media, makers, makers)
    speak = SpeakScene(content_id="c", scene=SCENE, language="en")
    draw = DrawScene(content_id="c", scene=SCENE, story=STORY)
    music = ComposeMusic(content_id="c", mood="calm", duration_s=9)
    return {
        "speak": (partial(voices.speak_scene, speak), catalog, makers),
        "draw": (partial(studio.draw_scene, draw), catalog, makers),
        "compose": (partial(studio.compose_music, music), catalog, makers),
    }


async def fails(env: ActivityEnvironment, run: Callable[[], Awaitable[Any]], error: type[Exception]) -> None:
    with pytest.raises(error):
        await env.run(run)


@pytest.mark.parametrize("kind", ["speak", "draw", "compose"])
async def test_beats_go_on_while_the_bucket_keeps_a_paid_answer_waiting(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_aloud(SCENE.text, "en")  # a language's rules are loaded once, which takes longer than the limit below
    monkeypatch.setattr(heartbeat, "BEAT_S", 0.01)
    monkeypatch.setattr(heartbeat, "NO_PROGRESS_S", 0.05)
    bucket, env = Bucket(), ActivityEnvironment()
    run, _, makers = makers_of(bucket)[kind]
    bucket.open.clear()
    beats, waiting = 0, asyncio.Event()

    def beat(*_: object) -> None:
        nonlocal beats
        beats += bucket.asked.is_set()
        if beats > 20:  # many more than the time without progress allows
            waiting.set()

    env.on_heartbeat = beat
    working = asyncio.ensure_future(as_worker(env, run))
    await asyncio.wait_for(waiting.wait(), 60)
    bucket.open.set()
    assert (await working).usd == 0.01
    assert makers.calls[kind] == 1


async def test_captions_are_written_with_a_sign_of_life(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "BEAT_S", 0.01)
    bucket, env = Bucket(), ActivityEnvironment()
    plan = await plan_of(SimpleNamespace(media=bucket), "one", "two")  # type: ignore[arg-type]
    rendering = Rendering(MemoryCatalog(), bucket, FakeRenderer(), tmp_path)
    bucket.open.clear()
    env.on_heartbeat = lambda *_: bucket.open.set()  # without a beat nothing goes on
    written = await asyncio.wait_for(env.run(rendering.write_captions, plan), 30)
    assert {file.kind for file in written.files} == {"srt", "vtt"}


def test_every_worker_beats_for_its_activities() -> None:
    interceptors = reelwright_plugin().interceptors or []
    assert any(isinstance(each, Heartbeats) for each in interceptors)  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", ["speak", "draw", "compose"])
async def test_a_bucket_that_breaks_after_the_answer_loses_no_cost(kind: str) -> None:
    env = ActivityEnvironment()
    run, catalog, makers = makers_of(Bucket(broken=1))[kind]
    await fails(env, run, ProviderUnavailable)
    assert sum(catalog.booked["c"].values()) == pytest.approx(0.01)
    assert [row["state"] for row in catalog.purchases] == ["paid"]
    made = await env.run(run)
    # Sound and pictures are not kept with the purchase: they were bought twice, and both times are in the books.
    assert makers.calls[kind] == 2
    assert sum(catalog.booked["c"].values()) == pytest.approx(0.02)
    assert made.spent == pytest.approx(0.02), "all attempts of this activity"


async def test_a_story_that_was_paid_for_is_not_bought_again(monkeypatch: pytest.MonkeyPatch) -> None:
    catalog, makers, env = MemoryCatalog(), Makers(), ActivityEnvironment()
    editorial = Editorial(catalog, makers, makers, makers)
    record = catalog.record_result
    lost = {"connection": True}

    async def breaks(*args: Any, **named: Any) -> str:
        if lost.pop("connection", False):
            raise ProviderUnavailable("the database does not answer")
        return await record(*args, **named)

    monkeypatch.setattr(catalog, "record_result", breaks)
    await fails(env, partial(editorial.write_story, TASK), ProviderUnavailable)
    assert catalog.booked == {"c": {"writing": 0.01}}
    story = await env.run(editorial.write_story, TASK)
    assert makers.calls["write"] == 1
    assert catalog.booked == {"c": {"writing": 0.01}}
    assert (story.spent, story.usd) == (0.01, 0.01)
    assert [(row["state"], row["answer"]) for row in catalog.purchases] == [("stored", None)]


async def test_a_crash_between_the_record_and_the_answer_to_temporal_tells_the_cost_later() -> None:
    env = ActivityEnvironment()
    run, _, makers = makers_of(MemoryMedia())["speak"]
    await env.run(run)  # its answer is lost
    env.info = dataclasses.replace(env.info, attempt=2)
    assert (await env.run(run)).spent == 0.01
    env.info = dataclasses.replace(env.info, attempt=2, activity_id="another")
    assert (await env.run(run)).spent == 0.0
    assert makers.calls["speak"] == 1


@pytest.mark.parametrize("error", [ProviderRefused("it declines"), ProviderUnavailable("busy")])
async def test_what_a_refused_answer_has_cost_is_booked(error: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    catalog, makers, env = MemoryCatalog(), Makers(), ActivityEnvironment()
    error.usd = 0.25

    async def refuse(task: WriteTask) -> Story:
        raise error

    monkeypatch.setattr(makers, "write", refuse)
    editorial = Editorial(catalog, makers, makers, makers)
    await fails(env, partial(editorial.write_story, TASK), type(error))
    assert catalog.booked == {"c": {"writing": 0.25}}
    assert [row["state"] for row in catalog.purchases] == ["lost"]


async def test_an_answer_that_is_too_large_is_paid_for_and_not_asked_for_again() -> None:
    catalog, makers, env = MemoryCatalog(), Makers(), ActivityEnvironment()
    editorial = Editorial(catalog, makers, makers, makers)
    task = WriteTask(content_id="c", request=ContentRequest(script="\n\n".join(["A scene."] * 250)))
    for _ in range(2):
        with pytest.raises(Exception, match="250 scenes is more than"):
            await env.run(editorial.write_story, task)
    assert makers.calls["write"] == 1
    assert catalog.booked == {"c": {"writing": 0.01}}


async def test_a_picture_has_on_record_what_it_was_read_as_and_a_brief_makes_another() -> None:
    catalog, env = MemoryCatalog(), ActivityEnvironment()
    studio = Studio(catalog, MemoryMedia(), DrawnIllustrator(64), Makers())
    scene = Scene(index=0, text="Shares fell 7 percent.")
    story = STORY.model_copy(update={"scenes": (scene,)})
    drawn = await env.run(studio.draw_scene, DrawScene(content_id="c", scene=scene, story=story))
    again = await env.run(studio.draw_scene, DrawScene(content_id="c", scene=scene, story=story))
    wanted = DrawScene(content_id="c", scene=scene, story=story, brief="two owls in a forest at night")
    other = await env.run(studio.draw_scene, wanted)
    assert drawn.card and (drawn.card.text, drawn.card.direction) == ("7 percent", "down")
    assert again.card == drawn.card and again.reading == drawn.reading
    assert other.card is None and other.reading and other.reading.shows == ("owl x2",)
    assert other.image.sha256 != drawn.image.sha256
