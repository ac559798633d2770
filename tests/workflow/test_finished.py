"""Finished videos of the user's own on a real Temporal server: looked at, encoded and aligned for real, posted to
platforms that are fakes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowFailureError, WorkflowHandle

from reelwright.domain.assets import AssetRef
from reelwright.domain.content.finished import FinishedMaterial, story_of
from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.status import ContentResult, PipelineStatus, Stage
from reelwright.domain.content.taken import StoredMedia
from reelwright.domain.content.video import RenderedContent, RenderedVideo
from reelwright.domain.errors import PostRejected
from reelwright.domain.formats import Platform, VideoFormat
from reelwright.domain.ports.publishing import VideoFacts
from reelwright.domain.publishing.posting import PostDraft, PostKind
from tests.finished_videos import AAC, H264, SAID, spoken, video
from workflows.publishing.distribution import post_tasks

from .conftest import FakeStudio
from .fake_platforms import FakePlatform
from .fakes import own_intake
from .test_content_pipeline import question

pytestmark = pytest.mark.lengthy

EVERYWHERE = [platform.value for platform in Platform]
GENERATION = {
    "write_story", "read_feed", "speak_scene", "settle_voice", "draw_scene", "compose_music", "keep_plan", "mix_sound",
    "plan_render", "render_segment", "join_format", "draw_thumbnails", "write_captions", "inspect_video",
}  # fmt: skip


@pytest.fixture(scope="module")
async def videos(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("finished")
    said = str(await spoken(folder))
    return {
        "good": video(folder / "good.mp4", sounds=(said,)),
        "vp9": video(
            folder / "vp9.webm", "-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus"
        ),
        "silent": video(folder / "silent.mp4", *H264, sounds=()),
        "two sounds": video(folder / "two.mp4", sounds=("sine=220", "sine=330")),
        "shorter": video(folder / "short.mp4", *H264, *AAC, "-shortest", sounds=(said,), seconds=3),
    }


async def added(studio: FakeStudio, path: Path) -> str:
    """The address of a file that the user has added."""
    studio.scratch.mkdir(exist_ok=True)
    intake = own_intake(studio.media, studio.own)
    media: StoredMedia = await intake.add(
        path, name=path.name, field="file", workdir=studio.scratch, progress=lambda _: None
    )
    return f"media:{media.file.sha256}"


async def begun(studio: FakeStudio, path: Path, **fields: Any) -> WorkflowHandle[Any, ContentResult]:
    request = {"video": {"9:16": await added(studio, path)}, "title": "Tides", "auto_approve": True, **fields}
    return await studio.start(request, formats=None)


async def activities(handle: WorkflowHandle[Any, Any]) -> set[str]:
    """The types of the activities that a content has called, in its own run and in its children."""
    return {
        event.activity_task_scheduled_event_attributes.activity_type.name
        async for event in handle.fetch_history_events()
        if event.HasField("activity_task_scheduled_event_attributes")
    }


async def refusal(handle: WorkflowHandle[Any, ContentResult]) -> str:
    with pytest.raises(WorkflowFailureError) as failed:
        await handle.result()
    return str(failed.value.cause)


async def test_it_is_posted_everywhere_as_it_is_and_nothing_is_generated(
    studio: FakeStudio, videos: dict[str, Path]
) -> None:
    handle = await begun(studio, videos["good"], platforms=EVERYWHERE, description="How tides work.")
    result = await handle.result()
    assert result.status is Stage.DONE, result.reason
    assert [post.status for post in result.posts] == ["posted"] * len(Platform)
    called = await activities(handle)
    assert not called & GENERATION and {"take_media", "finish_video", "check_post", "approve_posts"} <= called
    assert not await child_of(studio, handle, "render")
    assert set(studio.makers.calls) == {"judge"} and not studio.renderer.calls
    [delivered] = result.videos
    assert studio.media.files[delivered.file.sha256] == videos["good"].read_bytes()
    assert (delivered.width, delivered.height, delivered.fps, delivered.frames) == (360, 640, 25, 100)
    assert not result.notes and not result.captions
    [still] = result.thumbnails
    assert (still.variant, still.width, still.height) == ("frame", 360, 640)
    assert {post.video.sha256 for post in result.posts if post.video} == {delivered.file.sha256}
    assert all(len(platform.posts) == 1 for platform in studio.platforms.values())


async def child_of(studio: FakeStudio, handle: WorkflowHandle[Any, Any], name: str) -> bool:
    found = studio.client.list_workflows(f"WorkflowId = '{handle.id}/{name}'")
    return [child async for child in found] != []


@pytest.mark.deep
async def test_what_no_platform_takes_is_encoded_once_and_said(studio: FakeStudio, videos: dict[str, Path]) -> None:
    result = await (await begun(studio, videos["vp9"])).result()
    assert result.status is Stage.DONE

    assert any("vp9 is not H.264" in note for note in result.notes)
    assert any("opus is not AAC" in note for note in result.notes)
    assert result.videos[0].file.media_type == "video/mp4"


async def test_a_script_becomes_captions_at_the_times_it_is_said(studio: FakeStudio, videos: dict[str, Path]) -> None:
    handle = await begun(studio, videos["good"], script=SAID)
    result = await handle.result()
    assert result.status is Stage.DONE
    assert [(track.language, track.kind) for track in result.captions] == [("en", "srt"), ("en", "vtt")]
    text = studio.media.files[result.captions[0].file.sha256].decode()
    assert "The moon pulls at the sea." in text.replace("\n", " ")
    assert not {"speak_scene", "draw_scene", "compose_music"} & await activities(handle)


@pytest.mark.deep
async def test_a_script_that_is_not_said_needs_a_person(studio: FakeStudio, videos: dict[str, Path]) -> None:
    other = "Quarterly revenue exceeded all expectations, although margins narrowed because freight became expensive."
    handle = await begun(studio, videos["good"], script=other)
    wanted = await question(handle)
    assert any("may not be the script" in reason for reason in wanted.reasons)
    assert wanted.note_effect.startswith("a finished video is posted as it is")
    assert "sha256" in wanted.pictures[0]
    revise = {"decision": "revise", "reviewer": "e", "artifact_sha256": wanted.artifact_sha256, "script": SAID}
    await handle.signal("review", revise)
    result = await handle.result()
    assert result.status is Stage.DONE, "the script is what is said now: auto-approval counts"
    status: PipelineStatus = await handle.query("status", result_type=PipelineStatus)
    assert status.stage is Stage.DONE


@pytest.mark.parametrize(
    ("which", "fields", "said"),
    [
        ("silent", {}, "video.9:16: silent.mp4 has no sound, not one audio stream"),
        ("two sounds", {}, "video.9:16: two.mp4 has 2 audio streams, not one audio stream"),
    ],
)
@pytest.mark.sample(1)
async def test_a_file_that_cannot_be_posted_is_refused_before_anything(
    studio: FakeStudio, videos: dict[str, Path], which: str, fields: dict[str, Any], said: str
) -> None:
    handle = await begun(studio, videos[which], **fields)
    assert said in await refusal(handle)
    assert await activities(handle) == {"open_content", "resolve_channel", "take_media", "close_content"}


async def test_the_wrong_shape_and_lengths_that_differ_are_refused(studio: FakeStudio, videos: dict[str, Path]) -> None:
    tall, shorter = await added(studio, videos["good"]), await added(studio, videos["shorter"])
    wide = await studio.start({"video": {"16:9": tall}, "title": "Tides"}, formats=None)
    assert "video.16:9: good.mp4 has 360x640 pixels, which is not 16:9; name it by its own format (9:16)" in (
        await refusal(wide)
    )
    both = {"video": {"9:16": tall, "360x640": shorter}, "script": SAID}
    assert "script: the videos last" in await refusal(await studio.start(both, formats=None))


async def test_each_platform_is_asked_before_anyone_has_to_look(
    studio: FakeStudio, videos: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_long(self: FakePlatform, draft: PostDraft, facts: VideoFacts, options: Any) -> PostKind:
        if self.platform in (Platform.X, Platform.BLUESKY):
            raise PostRejected(f"{facts.duration_s:g} s is too much", field="video", remedy="shorten it")
        return PostKind.VIDEO

    monkeypatch.setattr(FakePlatform, "validate", too_long)
    handle = await begun(studio, videos["good"], platforms=EVERYWHERE, auto_approve=False)
    said = await refusal(handle)
    assert "X: 4 s is too much; shorten it" in said and "Bluesky: 4 s is too much" in said
    assert "video: " in said and "leave that platform out" in said
    assert not any(platform.posts for platform in studio.platforms.values())


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "title: a finished video without a script has none"),
        ({"title": "T", "topic": "tides"}, "video: it is posted as it is, and topic is for videos that are made"),
        ({"title": "T", "music": {"file": "media:" + "0" * 64}}, "music is for videos that are made"),
        ({"title": "T", "style": {"preset": "draft"}}, "style is for videos that are made"),
        ({"title": "T", "video": {"3:2": "media:" + "0" * 64}}, "unknown format '3:2'"),
        ({"title": "T", "video": {"9:16": "/etc/passwd"}}, "is no address of media"),
    ],
)
def test_what_does_not_go_with_a_finished_video(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said.replace("'", ".")):
        ContentRequest.model_validate({"video": {"9:16": "media:" + "0" * 64}, **fields})


@pytest.mark.parametrize("declared", [False, True])
def test_it_is_made_with_ai_only_where_that_is_declared(declared: bool) -> None:
    request = ContentRequest(video={VideoFormat.TALL: "media:" + "0" * 64}, title="T", made_with_ai=declared)
    file = AssetRef(key="-", sha256="0" * 64, size=1, media_type="video/mp4")
    ready = RenderedVideo(format=VideoFormat.TALL, file=file, width=1080, height=1920, fps=30, frames=90, duration_s=3)
    rendered = RenderedContent(videos=(ready,), captions=(), thumbnails=())
    material = FinishedMaterial(story=story_of(request), rendered=rendered)
    [task] = post_tasks("c", request, material, rendered)
    assert task.draft.synthetic_media is declared
    with pytest.raises(ValueError, match="made_with_ai: it is declared of a finished video"):
        ContentRequest(topic="tides", made_with_ai=True)


def test_a_description_is_of_a_finished_video() -> None:
    with pytest.raises(ValueError, match="description: it goes with a finished video"):
        ContentRequest(topic="tides", description="How tides work.")
    plain = ContentRequest(topic="tides").model_dump()
    assert not {"description", "video"} & set(plain), "older digests of requests stay"
