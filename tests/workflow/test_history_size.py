"""A request of the permitted maximum leaves a history that replays quickly and stays far from the server's limit."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowHandle
from temporalio.testing import ActivityEnvironment

from activities.content.editorial import Editorial, ModerateStory
from activities.content.material import DrawScene, Studio
from activities.rendering.rendering import Rendering
from activities.rendering.stills import DrawThumbnails
from reelwright.domain.content.decision import ReviewDecision
from reelwright.domain.content.fields import SCRIPT_WORDS
from reelwright.domain.content.request import REQUEST_BYTES, TRANSLATIONS, ContentRequest
from reelwright.domain.content.status import Stage
from reelwright.domain.content.story import Scene, Story, WordTiming, WriteTask
from reelwright.domain.content.voice import PLAIN, Delivery
from reelwright.domain.errors import AssetCorrupt
from reelwright.domain.formats import LANGUAGES
from reelwright.domain.ids import render_workflow_id
from reelwright.domain.ports.making import Speech
from reelwright.providers.writing.script import ScriptWriter

from .conftest import FakeStudio
from .fake_renderer import FakeRenderer
from .fakes import Makers, MemoryCatalog, MemoryMedia
from .test_content_pipeline import question
from .test_rendering import plan_of

SCENES = 100
LIMIT = 5_000_000


def paragraphs(filler: str) -> str:
    """A hundred paragraphs of sixteen words, the permitted number together."""
    assert SCENES * 16 == SCRIPT_WORDS
    return "\n\n".join(f"Paragraph {n} says {' '.join([filler] * 12)} now." for n in range(SCENES))


def largest() -> ContentRequest:
    """The longest script, as many translations as there may be, and texts that leave no room for another one."""
    script = paragraphs("everything")
    others = [code for code in LANGUAGES if code != "en"][:TRANSLATIONS]
    words = paragraphs("sehr-vernünftig")
    request = ContentRequest(script=script, translations=dict.fromkeys(others, words))
    size = len(script.encode()) + TRANSLATIONS * len(words.encode())
    assert 0.9 * REQUEST_BYTES < size <= REQUEST_BYTES
    return request


async def speak(text: str, *, language: str, delivery: Delivery = PLAIN) -> Speech:
    """A time for every word, as a real voice gives."""
    timings = tuple(
        WordTiming(text=word, start=round(0.4 * at + 0.013, 3), end=round(0.4 * at + 0.371, 3))
        for at, word in enumerate(text.split())
    )
    return Speech(wav=text.encode(), duration_s=9.0, words=timings)


async def weight(handle: WorkflowHandle[Any, Any]) -> int:
    """Bytes of a history, as the server counts them."""
    return sum(event.ByteSize() for event in (await handle.fetch_history()).events)


@pytest.mark.lengthy
@pytest.mark.deep
async def test_the_largest_request_keeps_its_histories_small(studio: FakeStudio) -> None:
    studio.makers.write = ScriptWriter().write  # type: ignore[method-assign]
    studio.makers.speak = speak  # type: ignore[method-assign]
    handle = await studio.start(largest(), "content-largest", formats=None)
    await _asked(handle, 0)
    before = await weight(handle)
    await handle.signal("review", ReviewDecision(decision="revise", reviewer="e", note="shorter sentences"))
    wanted = await _asked(handle, 1)
    revision = await weight(handle) - before
    approve = ReviewDecision(decision="approve", reviewer="e", artifact_sha256=wanted.artifact_sha256)
    await handle.signal("review", approve)
    assert (await handle.result()).status is Stage.DONE
    content = await weight(handle)
    render = await weight(studio.client.get_workflow_handle(render_workflow_id("largest")))
    print(f"content {content:,} bytes, of which the revision {revision:,}; render {render:,}")
    assert content - revision < LIMIT
    assert render < LIMIT
    assert revision < LIMIT / 2, "twenty of them fit into one run with room to spare"


async def _asked(handle: WorkflowHandle[Any, Any], revision: int) -> Any:
    while True:
        try:
            return await question(handle, revision)
        except AssertionError:  # not yet: the test's own time limit is the real one
            await asyncio.sleep(0.1)


# --- activities take what this release and the one before send --------------------------------------------------------

STORY = Story(title="t", description="d", scenes=(Scene(index=0, text="Hello."),), writer="w")


async def test_a_scene_is_drawn_once_whichever_way_its_story_comes() -> None:
    catalog, makers, env = MemoryCatalog(), Makers(), ActivityEnvironment()
    studio = Studio(catalog, MemoryMedia(), makers, makers)
    editorial = Editorial(catalog, makers, makers, makers)
    story = await env.run(
        editorial.write_story, WriteTask(content_id="c", request=ContentRequest(script="Hello out there."))
    )
    old = DrawScene.model_validate_json(
        DrawScene(content_id="c", scene=story.scenes[0], story=story.booked()).model_dump_json(exclude={"record"})
    )
    new = DrawScene(content_id="c", scene=story.scenes[0], record=story.record)
    assert len(new.model_dump_json()) < 300
    first, again = await env.run(studio.draw_scene, old), await env.run(studio.draw_scene, new)
    assert makers.calls["draw"] == 1 and first.booked() == again.booked()
    lost = DrawScene(content_id="c", scene=Scene(index=0, text="Other."), record="nowhere")
    with pytest.raises(AssetCorrupt) as caught:
        await env.run(studio.draw_scene, lost)
    assert caught.value.field == "story" and caught.value.remedy


async def test_a_story_is_judged_and_rewritten_under_the_same_keys_whichever_way_it_comes() -> None:
    catalog, makers, env = MemoryCatalog(), Makers(), ActivityEnvironment()
    editorial = Editorial(catalog, makers, makers, makers)
    task = WriteTask(content_id="c", request=ContentRequest(script="Hello out there."))
    story = await env.run(editorial.write_story, task)
    for job in (
        ModerateStory(content_id="c", story=story.booked()),
        ModerateStory(content_id="c", record=story.record),
    ):
        await env.run(editorial.moderate_story, job)
    assert len(catalog.decisions) == 1, "one judgement of one story"
    whole = task.revised(ReviewDecision(decision="revise", reviewer="e", note="shorter"), story.booked())
    named = whole.by_reference(story.record)
    assert named.previous is None and whole.by_reference("") == whole
    first, again = await env.run(editorial.write_story, whole), await env.run(editorial.write_story, named)
    assert makers.calls["write"] == 2 and first.record == again.record
    assert "previous_record" not in whole.model_dump_json(), "keys of what is written already stay"


async def test_a_plan_is_rendered_alike_whichever_way_it_comes(tmp_path: Path) -> None:
    studio: Any = type("Shelf", (), {})()
    studio.media, catalog, env = MemoryMedia(), MemoryCatalog(), ActivityEnvironment()
    plan = await plan_of(studio, "one", "two")
    rendering = Rendering(catalog, studio.media, FakeRenderer(), tmp_path)
    kept = await env.run(rendering.keep_plan, plan)
    assert len(kept.model_dump_json()) < 400
    for step in (rendering.mix_sound, rendering.plan_render, rendering.write_captions):
        assert await env.run(step, plan) == await env.run(step, kept)
    assert rendering.renderer.calls["mix"] == 1  # type: ignore[attr-defined]
    format = plan.formats[0]
    drawn = [await env.run(rendering.draw_thumbnails, DrawThumbnails(plan=p, format=format)) for p in (plan, kept)]
    assert drawn[0] == drawn[1]
    old = DrawThumbnails.model_validate_json(DrawThumbnails(plan=plan, format=format).model_dump_json())
    assert old.plan == plan, "what is on its way is read as what it is"
