"""The pipeline on a real Temporal server, its activities on fakes."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from temporalio.client import WorkflowFailureError, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment

from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.status import PipelineStatus, ReviewWanted, Stage
from reelwright.domain.errors import RenderFailed

from .conftest import FakeStudio, looks

pytestmark = pytest.mark.lengthy

SCRIPT = "The first scene is here.\n\nThe second scene is here."


@pytest.fixture
def environment(temporal: WorkflowEnvironment) -> WorkflowEnvironment:
    """With the sandbox, as workers have it."""
    return temporal


async def until(handle: WorkflowHandle[Any, Any], stage: Stage) -> PipelineStatus:
    """Waits until `status` says so."""
    async for _ in looks():
        status: PipelineStatus = await handle.query("status", result_type=PipelineStatus)
        if status.stage is stage:
            return status
    raise AssertionError("it looks until it raises")


async def question(handle: WorkflowHandle[Any, Any], revision: int = 0) -> ReviewWanted:
    """The review of this revision, once it is asked for."""
    async for _ in looks():
        status = await handle.query("status", result_type=PipelineStatus)
        if status.review and status.review.revision == revision:
            return status.review
    raise AssertionError("it looks until it raises")


async def test_what_is_counted_is_told_as_numbers(studio: FakeStudio) -> None:
    handle = await studio.start(ContentRequest(script=SCRIPT))
    await question(handle)
    status: PipelineStatus = await handle.query("status", result_type=PipelineStatus)
    scenes = status.review.scenes if status.review else 0
    assert scenes and status.made == {"speech": scenes, "pictures": scenes, "music": 1}
    assert {name for name, state in status.steps.items() if state.endswith(" made")} == set(status.made)
    await handle.cancel()


async def test_minimal_request_waits_for_a_review_and_then_posts(studio: FakeStudio) -> None:
    handle = await studio.start({"topic": "Why octopuses have three hearts"}, formats=None)
    status = await until(handle, Stage.REVIEW)
    assert status.review is not None
    assert status.review.text == "Why octopuses have three hearts"
    assert not studio.renderer.calls

    await handle.signal("review", {"decision": "approve", "reviewer": "editor-1"})
    result = await handle.result()

    assert result.status is Stage.DONE
    assert [video.format.value for video in result.videos] == ["16:9", "9:16", "1:1"]
    assert len(studio.youtube.posts) == 1
    assert result.posts[0].video == result.videos[0].file
    assert result.posts[0].url == "https://example.test/v1"
    assert result.cost.by_step == {
        "writing": 0.01, "speech": 0.01, "images": 0.01, "music": 0.01, "sound": 0.0, "render": 0.0,
    }  # fmt: skip
    assert [d["by"] for d in studio.catalog.decisions] == ["fake", "fake", "editor-1"], (
        "the story, the texts, the review"
    )


async def test_captions_in_other_languages_and_notes_reach_the_result(studio: FakeStudio) -> None:
    studio.renderer.notes = ["scene 1: the picture was turned upright"]
    german = "Die erste Szene ist hier.\n\nDie zweite ist hier."
    request = {"script": SCRIPT, "translations": {"de": german}}
    handle = await studio.start({**request, "auto_approve": True})
    result = await handle.result()
    assert [(track.language, track.kind) for track in result.captions] == [
        (language, kind) for language in ("en", "de") for kind in ("srt", "vtt")
    ]
    assert list(result.notes) == studio.renderer.notes
    status = await handle.query("status", result_type=PipelineStatus)
    assert studio.renderer.notes[0] in status.notes

    revised = await studio.start(request)
    await until(revised, Stage.REVIEW)
    await revised.signal("review", {"decision": "revise", "reviewer": "e", "script": "Another script is here."})
    seen = (await question(revised, 1)).artifact_sha256
    await revised.signal("review", {"decision": "approve", "reviewer": "e", "artifact_sha256": seen})
    assert {track.language for track in (await revised.result()).captions} == {"en"}
    status = await revised.query("status", result_type=PipelineStatus)
    assert any("translations (de) were of the earlier script" in note for note in status.notes)


async def test_auto_approval_needs_no_one_unless_moderation_asks_for_a_person(studio: FakeStudio) -> None:
    request = ContentRequest(script=SCRIPT, auto_approve=True)
    assert (await (await studio.start(request)).result()).status is Stage.DONE

    studio.makers.verdict = "review"
    handle = await studio.start(ContentRequest(script=SCRIPT, auto_approve=True))
    status = await until(handle, Stage.REVIEW)
    assert status.review is not None
    assert status.review.reasons == ("a reason",)
    seen = status.review.artifact_sha256
    await handle.signal("review", {"decision": "reject", "reviewer": "editor-1", "note": "no", "artifact_sha256": seen})
    result = await handle.result()
    assert (result.status, result.reason) == (Stage.REJECTED, "rejected by editor-1: no")
    assert len(studio.youtube.posts) == 1


async def test_moderation_blocks_before_anything_is_spent_on_speech(studio: FakeStudio) -> None:
    studio.makers.verdict = "block"
    result = await (await studio.start(ContentRequest(script=SCRIPT, auto_approve=True))).result()
    assert result.status is Stage.BLOCKED
    assert studio.makers.calls["speak"] == studio.makers.calls["draw"] == 0


async def test_a_revision_remakes_only_what_changed(studio: FakeStudio) -> None:
    handle = await studio.start(ContentRequest(script=SCRIPT, title="Kept"))
    first = await until(handle, Stage.REVIEW)
    assert first.review is not None
    new = SCRIPT.replace("second scene", "other scene")
    await handle.signal("review", {"decision": "revise", "reviewer": "e", "script": new})
    second = await question(handle, 1)
    assert second.artifact_sha256 != first.review.artifact_sha256
    assert studio.makers.calls == {"write": 2, "judge": 2, "speak": 3, "draw": 3, "compose": 1}

    await handle.execute_update(
        "submit_review",
        {"decision": "approve", "reviewer": "e", "artifact_sha256": second.artifact_sha256},
    )
    assert (await handle.result()).status is Stage.DONE


async def test_a_review_of_something_else_is_refused_or_noted(studio: FakeStudio) -> None:
    handle = await studio.start(ContentRequest(script=SCRIPT))
    await until(handle, Stage.REVIEW)
    wrong = {"decision": "approve", "reviewer": "e", "artifact_sha256": "f" * 64}
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await handle.execute_update("submit_review", wrong)
    assert "it judges ffffffffffff" in str(refused.value.cause)
    await handle.signal("review", wrong)
    await handle.signal("review", {"decision": "maybe", "reviewer": "e"})
    status = await handle.query("status", result_type=PipelineStatus)
    assert status.stage is Stage.REVIEW
    assert "it judges" in status.notes[0]
    assert "decision" in status.notes[1]
    await handle.signal("review", {"decision": "approve", "reviewer": "e"})
    assert (await handle.result()).status is Stage.DONE


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"topik": "x"}, "topik: there is no such field"),
        ({"topic": "x", "formats": ["4:3"]}, "formats: unknown format '4:3'; choose from 16:9, 9:16, 1:1"),
        ({"topic": "x", "platforms": ["myspace"]}, "platforms: unknown platform 'myspace'"),
        ({"topic": "x", "language": "xx"}, "language: unknown language 'xx'"),
        ({}, "give exactly one of topic, script and feed; none was given"),
        ("just text", "request: "),
        ({"script": "one"}, "script: 1 words is too short"),
    ],
)
async def test_bad_json_fails_with_a_readable_reason(studio: FakeStudio, given: Any, said: str) -> None:
    handle = await studio.start(given)
    with pytest.raises(WorkflowFailureError) as failure:
        await asyncio.wait_for(handle.result(), 600)
    assert isinstance(failure.value.cause, ApplicationError)
    assert failure.value.cause.type == "InvalidInput"
    assert said in failure.value.cause.message


async def test_no_input_at_all_fails_with_a_readable_reason(studio: FakeStudio) -> None:
    handle = await studio.client.start_workflow("ContentPipeline", id="content-empty", task_queue="reelwright")
    with pytest.raises(WorkflowFailureError) as failure:
        await asyncio.wait_for(handle.result(), 600)
    assert "input: it is missing" in str(failure.value.cause)


async def test_a_failed_render_fails_the_content_with_its_own_words(studio: FakeStudio) -> None:
    studio.renderer.fail = RenderFailed("no such colour", field="scene 1")
    handle = await studio.start(ContentRequest(script=SCRIPT, auto_approve=True))
    with pytest.raises(WorkflowFailureError) as failure:
        await handle.result()
    assert isinstance(failure.value.cause, ApplicationError)
    assert (failure.value.cause.type, failure.value.cause.message) == ("RenderFailed", "scene 1: no such colour")
    status = await handle.query("status", result_type=PipelineStatus)
    assert (status.stage, status.error) == (Stage.FAILED, "scene 1: no such colour")


async def test_the_same_content_again_makes_and_posts_nothing_twice(studio: FakeStudio) -> None:
    request = ContentRequest(script=SCRIPT, auto_approve=True)
    first = await (await studio.start(request, "content-twice")).result()
    made = dict(studio.makers.calls), dict(studio.renderer.calls)
    second = await (await studio.start(request, "content-twice")).result()
    assert second.posts == first.posts
    assert len(studio.youtube.posts) == 1
    assert studio.makers.calls["speak"] == made[0]["speak"]
    assert studio.renderer.calls["render 9:16"] == made[1]["render 9:16"] == 1


async def test_cancel_closes_the_books(studio: FakeStudio) -> None:
    handle = await studio.start(ContentRequest(script=SCRIPT), "content-cancelled")
    await until(handle, Stage.REVIEW)
    await handle.cancel()
    with pytest.raises(WorkflowFailureError):
        await handle.result()
    assert studio.catalog.contents["cancelled"]["status"] == "cancelled"


async def test_an_entry_is_spoken_in_its_own_language_and_board_and_report_say_so(studio: FakeStudio) -> None:
    studio.makers.item_language = "de"
    for request, spoken, note in (
        ({"feed": "https://example.org/feed", "auto_approve": True}, "de", "the feed is in German"),
        (
            {"feed": "https://example.org/feed", "auto_approve": True, "language": "fr"},
            "fr",
            "the feed says de, spoken as fr",
        ),
    ):
        studio.makers.languages.clear()
        handle = await studio.start(request)
        result = await handle.result()
        assert studio.makers.languages == {spoken}
        assert any(note in line for line in result.notes), "the report says so, too"
        assert any(note in line for line in (await handle.query("status"))["notes"])
