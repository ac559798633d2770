"""RenderVideo on a real Temporal server with a renderer that counts: what is made, what is not made again."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from temporalio.client import WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import ApplicationError

from activities.rendering.tasks import MAX_TASKS, tasks_of
from reelwright.domain.content.story import Material, Music, Narration, Picture, Scene, Story
from reelwright.domain.content.video import VARIANTS, FormatCut, HlsManifest, RenderedContent, RenderPlan, Segment
from reelwright.domain.errors import ProviderUnavailable, RenderFailed
from reelwright.domain.formats import VideoFormat
from workflows import policies
from workflows.rendering.render_video import RenderVideo

from .conftest import FakeStudio


async def plan_of(studio: FakeStudio, *texts: str, content_id: str = "c") -> RenderPlan:
    """A plan whose material is in the studio's media store."""
    put = studio.media.put_bytes
    scenes = tuple(Scene(index=index, text=text) for index, text in enumerate(texts))
    narrations, pictures = [], []
    for scene in scenes:
        sound, image = await put(f"wav {scene.text}".encode(), "a/b"), await put(f"png {scene.text}".encode(), "a/b")
        narrations.append(Narration(scene=scene.index, audio=sound, duration_s=1.0, words=(), provider="t"))
        pictures.append(Picture(scene=scene.index, image=image, provider="t"))
    music = Music(audio=await put(b"music", "a/b"), duration_s=1.0, mood="calm", provider="t")
    story = Story(title="t", description="", scenes=scenes, writer="t")
    material = Material(story=story, narrations=tuple(narrations), pictures=tuple(pictures), music=music)
    formats = (VideoFormat.WIDE, VideoFormat.SQUARE)
    return RenderPlan(content_id=content_id, material=material, formats=formats)


async def start(studio: FakeStudio, plan: RenderPlan) -> WorkflowHandle[Any, RenderedContent]:
    return await studio.client.start_workflow(
        RenderVideo.run, plan, id=f"render-{uuid.uuid4().hex[:8]}", task_queue=policies.MAIN_QUEUE
    )


def segments(studio: FakeStudio) -> dict[str, int]:
    """How often each segment was encoded."""
    calls = studio.renderer.calls.items()
    return {name.removeprefix("segment "): count for name, count in calls if name.startswith("segment ")}


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(600):
        while not condition():
            await asyncio.sleep(0.02)


async def test_segments_fan_out_and_are_joined_in_order(studio: FakeStudio) -> None:
    plan = await plan_of(studio, "one", "two", "three")
    handle = await start(studio, plan)
    rendered = await handle.result()
    assert segments(studio) == {f"{f} scene {n}": 1 for f in ("16:9", "1:1") for n in (1, 2, 3)}
    for video in rendered.videos:
        lines = studio.media.files[video.file.sha256].decode().splitlines()
        assert [line.split(" ")[2] for line in lines[:3]] == ["1", "2", "3"]
        assert lines[0].startswith(video.format)
    history = await handle.fetch_history()
    tasks = (5, 6, 7)  # a workflow's own turns: how many activities end in one of them is chance
    assert len([event for event in history.events if event.event_type not in tasks]) < 60
    started = [e.activity_task_scheduled_event_attributes for e in history.events if e.event_type == 10]
    assert {a.activity_type.name for a in started} == {
        "plan_render", "render_segment", "join_format", "inspect_video",
        "keep_plan", "mix_sound", "write_captions", "draw_thumbnails",
    }  # fmt: skip
    # Thumbnails are drawn beside the segments, and what ends a video does not wait behind other videos' segments.
    order = [a.activity_type.name for a in started]
    assert order.index("draw_thumbnails") < order.index("render_segment") < order.index("join_format")
    first = {a.activity_type.name for a in started if a.priority.priority_key == 1}
    assert first == {"join_format", "inspect_video"}
    # The plan itself does not travel with every segment.
    sizes = [len(a.input.payloads[0].data) for a in started if a.activity_type.name == "render_segment"]
    assert max(sizes) < 1_000


async def test_a_retry_and_a_changed_scene_make_only_what_is_missing(studio: FakeStudio) -> None:
    studio.renderer.fail_once["scene 2"] = ProviderUnavailable("away", field="media store")
    plan = await plan_of(studio, "one", "two", "three")
    first = await (await start(studio, plan)).result()
    made = segments(studio)
    assert sorted(made.values()) == [1, 1, 1, 1, 1, 2], "only the one that failed was made twice"

    again = await (await start(studio, plan)).result()
    assert (segments(studio), again.videos) == (made, first.videos)

    studio.renderer.calls.clear()
    other = await (await start(studio, await plan_of(studio, "one", "other", "three"))).result()
    assert segments(studio) == {"16:9 scene 2": 1, "1:1 scene 2": 1}
    assert other.videos[0].file != first.videos[0].file


async def test_a_segment_lost_from_the_store_is_made_again(studio: FakeStudio) -> None:
    plan = await plan_of(studio, "one", "two")
    first = await (await start(studio, plan)).result()
    [lost] = [sha for sha, data in studio.media.files.items() if re.fullmatch(rb"16:9 scene 1 [0-9a-f]+\n", data)]
    del studio.media.files[lost]
    del studio.catalog.results[next(k for k, v in studio.catalog.results.items() if first.videos[0].file.sha256 in v)]
    studio.renderer.calls.clear()
    again = await (await start(studio, plan)).result()
    assert segments(studio) == {"16:9 scene 1": 1}
    assert again.videos == first.videos


async def test_a_record_that_is_another_segments_is_not_used(studio: FakeStudio) -> None:
    plan = await plan_of(studio, "one", "two")
    first = await (await start(studio, plan)).result()
    results = studio.catalog.results
    one, other = [key for key, value in results.items() if "/segment/" in key and "digest" in value][:2]
    results[one], results[other] = results[other], results[one]
    for key in [key for key in results if "/render/" in key]:
        del results[key]
    studio.renderer.calls.clear()
    again = await (await start(studio, plan)).result()
    assert sorted(segments(studio).values()) == [1, 1], "both are made again"
    assert again.videos == first.videos


@pytest.mark.lengthy
async def test_three_thumbnails_and_a_streaming_ladder_if_asked_for(studio: FakeStudio) -> None:
    plain = await plan_of(studio, "one")
    rendered = await (await start(studio, plain)).result()
    assert rendered.hls == () and studio.renderer.calls["hls"] == 0
    assert [(image.format, image.variant) for image in rendered.thumbnails] == [
        (format, variant) for format in plain.formats for variant in VARIANTS
    ]
    streamed = plain.model_copy(update={"style": plain.style.model_copy(update={"hls": True})})
    packages = (await (await start(studio, streamed)).result()).hls
    assert [package.format for package in packages] == list(plain.formats)
    for package in packages:
        manifest = HlsManifest.model_validate_json(studio.media.files[package.manifest.sha256])
        assert [file.name for file in manifest.files] == ["master.m3u8", "1080p.m3u8", "1080p-0000.m4s"]
        assert package.bytes == sum(len(studio.media.files[file.file.sha256]) for file in manifest.files)
    again = (await (await start(studio, streamed)).result()).hls
    assert again == packages and studio.renderer.calls["hls"] == 2, "a ladder was made twice"
    with_dash = streamed.model_copy(update={"style": streamed.style.model_copy(update={"dash": True})})
    await (await start(studio, with_dash)).result()
    assert studio.renderer.calls["hls"] == 4, "a package without a DASH manifest is not one with it"


async def test_notes_of_all_steps_reach_the_result_once(studio: FakeStudio) -> None:
    studio.renderer.notes = ["scene 1: the picture was turned upright", "scene 1: times of words were put in order"]
    studio.renderer.sound_notes = ["material.narrations[1]: the recording is silent"]
    rendered = await (await start(studio, await plan_of(studio, "one", "two"))).result()
    assert list(rendered.notes) == studio.renderer.notes + studio.renderer.sound_notes


async def test_material_that_cannot_be_used_fails_before_an_encoder_runs(studio: FakeStudio) -> None:
    broken = RenderFailed("the picture of scene 2 is broken", field="material.pictures[1].image", remedy="make it anew")
    studio.renderer.unusable = broken
    with pytest.raises(WorkflowFailureError) as failure:
        await (await start(studio, await plan_of(studio, "one", "two"))).result()
    assert "material.pictures[1].image: the picture of scene 2 is broken" in str(failure.value.cause.__cause__)
    assert not segments(studio)


async def test_one_broken_segment_ends_the_render_and_every_other_one(studio: FakeStudio) -> None:
    # Whichever segment comes first: the server does not say in which order the pool takes them.
    studio.renderer.fail_once["*"] = RenderFailed("the picture of scene 1 is broken", field="material.pictures[0]")
    studio.renderer.hold = asyncio.Event()
    handle = await start(studio, await plan_of(studio, "one", "two", "three"))
    await until(lambda: len(segments(studio)) == 2)
    studio.renderer.hold.set()
    studio.renderer.hold = asyncio.Event()
    with pytest.raises(WorkflowFailureError) as failure:
        await handle.result()
    error = failure.value.cause.__cause__
    assert isinstance(error, ApplicationError) and error.type == "RenderFailed" and "scene 1" in str(error)
    assert not [name for name in studio.renderer.calls if name.startswith("render ")], "an unfinished file was joined"


async def test_a_cancel_reaches_every_encoder_before_the_workflow_ends(studio: FakeStudio) -> None:
    studio.renderer.hold = asyncio.Event()
    handle = await start(studio, await plan_of(studio, "one", "two", "three"))
    await until(lambda: len(segments(studio)) == 2)
    clock = asyncio.get_running_loop().time
    asked = clock()
    await handle.cancel()
    with pytest.raises(WorkflowFailureError):
        await handle.result()
    assert studio.renderer.cancelled == 2
    assert clock() - asked < 15.0


async def test_workers_of_another_build_are_planned_for_anew(studio: FakeStudio) -> None:
    studio.renderer.hold = asyncio.Event()
    handle = await start(studio, await plan_of(studio, "one", "two", "three"))
    await until(lambda: len(segments(studio)) == 2)
    studio.renderer.toolchain = "updated"
    studio.renderer.hold.set()
    studio.renderer.hold = None
    rendered = await handle.result()
    assert studio.renderer.calls["cut"] == 4, "two formats, planned twice"
    assert len(rendered.videos) == 2 and studio.renderer.calls["mix"] == 1


async def test_the_work_is_counted(studio: FakeStudio) -> None:
    plan = await plan_of(studio, "one", "two")
    studio.renderer.hold = asyncio.Event()
    handle = await start(studio, plan)
    await until(lambda: len(segments(studio)) == 2)
    told = await handle.query(RenderVideo.progress)
    sizes = [1920 * 1080, 1080 * 1080]
    assert told.total == sum((30 + 31) * size for size in sizes) and told.done == 0
    assert told.running["16:9 scene 2"] == 31 * sizes[0] and len(told.running) == 4
    studio.renderer.hold.set()
    await handle.result()
    told = await handle.query(RenderVideo.progress)
    assert (told.done, told.running) == (told.total, {})
    changed = await start(studio, await plan_of(studio, "one", "other"))
    await changed.result()
    assert (await changed.query(RenderVideo.progress)).done == told.total, "what was made already counts as done"


async def test_progress_is_told_by_scene(studio: FakeStudio) -> None:
    studio.renderer.hold = asyncio.Event()
    handle = await start(studio, await plan_of(studio, "one"))
    beats: list[dict[str, Any]] = []
    for _ in range(200):
        description = await handle.describe()
        for pending in description.raw_description.pending_activities:
            if pending.heartbeat_details.payloads:
                beats += await studio.client.data_converter.decode(pending.heartbeat_details.payloads)
        if {beat["label"] for beat in beats} >= {"rendering 16:9 scene 1", "rendering 1:1 scene 1"}:
            break
        await asyncio.sleep(0.05)
    assert {beat["label"] for beat in beats} >= {"rendering 16:9 scene 1", "rendering 1:1 scene 1"}
    assert {beat["share"] for beat in beats} <= {0.0, 0.5}
    studio.renderer.hold.set()
    await handle.result()


@pytest.mark.parametrize(("scenes", "expected"), [(8, 24), (64, 192), (100, 150)])
def test_tasks_stay_few_and_the_longest_is_first(scenes: int, expected: int) -> None:
    cuts = [
        FormatCut(
            format=format,
            toolchain="t",
            segments=tuple(
                Segment(digest=f"{format}{n}{part}", first=0, frames=15 if part else 100 + n, name=f"scene {n}")
                for n in range(scenes)
                for part in (1, 0)
            ),
        )
        for format in (VideoFormat.WIDE, VideoFormat.TALL, VideoFormat.SQUARE)
    ]
    tasks = tasks_of(cuts)
    assert len(tasks) == expected <= MAX_TASKS
    costs = [task.frames * task.format.size[0] * task.format.size[1] for task in tasks]
    assert costs == sorted(costs, reverse=True)
    made = sorted(segment.digest for task in tasks for segment in task.segments)
    assert made == sorted(segment.digest for cut in cuts for segment in cut.segments)
