"""What is rendered for a review, and that nothing else is rendered or posted after it."""

from __future__ import annotations

from typing import Any

import pytest
from temporalio.client import WorkflowFailureError, WorkflowHandle, WorkflowUpdateFailedError

from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.shown import ShownMaterial, Shows
from reelwright.domain.content.status import ContentResult, ReviewWanted, Stage
from reelwright.domain.content.video import RenderPlan
from reelwright.domain.formats import Platform, VideoFormat
from workflows.rendering.preview import files_of

from .conftest import FakeStudio
from .test_content_pipeline import question
from .test_reviewed_as_shown import posted

pytestmark = pytest.mark.lengthy
FORMATS = (VideoFormat.WIDE, VideoFormat.TALL)
REQUEST = ContentRequest(script="One thing.\n\nAnother thing.\n\nThe last thing.", formats=FORMATS)
Handle = WorkflowHandle[Any, ContentResult]


@pytest.fixture
def shows(studio: FakeStudio, request: pytest.FixtureRequest) -> Shows:
    wanted: Shows = request.param
    studio.review(shows=wanted)
    return wanted


async def decide(handle: Handle, wanted: ReviewWanted, decision: str, **more: Any) -> None:
    said = {"decision": decision, "reviewer": "ana", "artifact_sha256": wanted.artifact_sha256, **more}
    await handle.execute_update("submit_review", said)


async def shown(handle: Handle) -> ShownMaterial:
    return await handle.query("shown", result_type=ShownMaterial)


def encoded(studio: FakeStudio) -> dict[str, int]:
    return {name: count for name, count in studio.renderer.calls.items() if name.startswith("segment ")}


@pytest.mark.parametrize("shows", ["preview"], indirect=True)
async def test_a_preview_is_there_before_the_question_and_a_revision_renders_what_changed(
    studio: FakeStudio, shows: Shows
) -> None:
    handle = await studio.start(REQUEST)
    wanted = await question(handle)
    first = await shown(handle)
    assert first.shows == shows and first.rendered and first.timeline_sha256
    assert wanted.manifest and wanted.manifest.timeline_sha256 == first.timeline_sha256
    assert wanted.manifest.files == files_of(first.rendered)
    assert list(wanted.thumbnails) == [image.file.sha256 for image in first.rendered.thumbnails]
    assert [video.format for video in first.rendered.videos] == list(FORMATS)
    assert encoded(studio) == {f"segment {format} scene {number}": 1 for format in FORMATS for number in (1, 2, 3)}

    studio.renderer.calls.clear()
    await decide(handle, wanted, "revise", note="scene 3: make it night")
    wanted = await question(handle, 1)
    second = await shown(handle)
    assert encoded(studio) == {f"segment {format} scene 3": 1 for format in FORMATS}
    assert second.timeline_sha256 != first.timeline_sha256
    assert second.rendered and second.rendered.captions == first.rendered.captions

    await decide(handle, wanted, "approve")
    result = await handle.result()
    assert result.status is Stage.DONE
    assert result.thumbnails == second.rendered.thumbnails
    assert {video.file for video in result.videos}.isdisjoint(video.file for video in second.rendered.videos)
    plans = [
        RenderPlan.model_validate_json(data)
        for data in studio.media.files.values()
        if data.startswith(b'{"content_id"') and b'"approved_timeline"' in data
    ]
    assert [plan.approved_timeline for plan in plans] == [second.timeline_sha256]


@pytest.mark.parametrize("shows", ["final"], indirect=True)
async def test_where_the_videos_are_shown_they_are_what_is_posted(studio: FakeStudio, shows: Shows) -> None:
    handle = await studio.start(REQUEST)
    wanted = await question(handle)
    before = await shown(handle)
    assert before.shows == shows and before.rendered
    made = dict(encoded(studio))
    await decide(handle, wanted, "approve")
    result = await handle.result()
    assert result.status is Stage.DONE and encoded(studio) == made, "nothing is encoded twice"
    assert (result.videos, result.thumbnails) == (before.rendered.videos, before.rendered.thumbnails)
    assert studio.youtube.posts


@pytest.mark.parametrize("shows", ["final"], indirect=True)
async def test_videos_that_are_not_those_approved_are_not_posted(
    studio: FakeStudio, shows: Shows, monkeypatch: pytest.MonkeyPatch
) -> None:
    handle = await studio.start(REQUEST)
    wanted = await question(handle)
    real = studio.renderer.thumbnails

    async def others(*args: Any) -> Any:
        paths = await real(*args)
        for path in paths.values():
            path.write_bytes(b"another")
        return paths

    monkeypatch.setattr(studio.renderer, "thumbnails", others)
    await decide(handle, wanted, "approve")
    with pytest.raises(WorkflowFailureError) as failed:
        await handle.result()
    assert "thumbnail 16:9 brand" in str(failed.value.cause)
    assert "not the file that was approved" in str(failed.value.cause)
    assert not studio.youtube.posts


@pytest.mark.parametrize("shows", ["preview", "final"], indirect=True)
async def test_no_preview_is_made_where_nobody_looks(studio: FakeStudio, shows: Shows) -> None:
    handle = await studio.start(REQUEST.model_copy(update={"auto_approve": True, "platforms": ()}))
    result = await handle.result()
    assert result.status is Stage.DONE
    assert all(count == 1 for count in encoded(studio).values()) and studio.renderer.calls["cut"] == len(FORMATS)


@pytest.mark.parametrize("shows", ["preview"], indirect=True)
async def test_the_thumbnail_that_an_approval_chooses_goes_with_the_post(studio: FakeStudio, shows: Shows) -> None:
    handle = await studio.start(REQUEST.model_copy(update={"platforms": (Platform.YOUTUBE, Platform.TIKTOK)}))
    wanted = await question(handle)
    first = await shown(handle)
    assert first.rendered and len(wanted.thumbnails) == len(first.rendered.thumbnails) > 1
    await decide(handle, wanted, "approve", thumbnail=2)
    result = await handle.result()
    second = first.rendered.thumbnails[1]
    assert result.status is Stage.DONE and second.format == VideoFormat.WIDE
    for platform, format in ((Platform.YOUTUBE, VideoFormat.WIDE), (Platform.TIKTOK, VideoFormat.TALL)):
        still = (await posted(studio, handle, platform)).draft.thumbnail
        [same] = [i for i in first.rendered.thumbnails if (i.format, i.variant) == (format, second.variant)]
        assert still == same.file, "the same variant in the format of each platform's video"


@pytest.mark.parametrize("shows", ["preview"], indirect=True)
async def test_a_thumbnail_that_is_not_offered_is_refused(studio: FakeStudio, shows: Shows) -> None:
    handle = await studio.start(REQUEST)
    wanted = await question(handle)
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await decide(handle, wanted, "approve", thumbnail=99)
    assert "thumbnail" in str(refused.value.cause)
    await decide(handle, wanted, "reject")
