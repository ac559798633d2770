"""What `record.py` records of reviews since 0.5: what they show, who decides, and what is changed by hand."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from temporalio.client import WorkflowHandle

from reelwright.domain.content.shown import ShownMaterial
from reelwright.domain.content.status import ContentResult, PipelineStatus, ReviewWanted
from reelwright.domain.content.story import Story, Translation, WriteTask
from reelwright.domain.ids import publish_workflow_id
from reelwright.domain.publishing.posting import PublishTask
from tests import own_samples
from tests.workflow.conftest import FakeStudio, eventually
from tests.workflow.fakes import own_intake
from tests.workflow.test_content_pipeline import question

Handle = WorkflowHandle[Any, ContentResult]
SCRIPT = "The first scene is here.\n\nThe second scene is here."
WAITS: dict[str, Any] = {
    "reviewers": ["ana", "bob"],
    "remind_after": "2h",
    "escalate_after": "1d",
    "escalate_to": ["zoe"],
    "park_after": "3d",
}


async def preview(studio: FakeStudio) -> None:
    """A draft before each question, one revision, and a thumbnail that the approval chooses."""
    studio.review(shows="preview")
    handle = await studio.start({"script": SCRIPT, "formats": ["16:9", "9:16"]}, "content-preview")
    await decide(handle, await question(handle), "revise", note="scene 2: make it night")
    wanted = await question(handle, 1)
    seen = await shown(handle)
    assert seen.shows == "preview" and seen.rendered
    await decide(handle, wanted, "approve", thumbnail=2)
    result = await handle.result()
    assert result.thumbnails == seen.rendered.thumbnails
    assert (await posted(studio, "preview")).draft.thumbnail == seen.rendered.thumbnails[1].file


async def final(studio: FakeStudio) -> None:
    """The videos themselves are shown, and posted."""
    studio.review(shows="final")
    handle = await studio.start({"script": SCRIPT}, "content-final")
    wanted = await question(handle)
    seen = await shown(handle)
    assert seen.shows == "final" and seen.rendered
    await decide(handle, wanted, "approve")
    assert (await handle.result()).videos == seen.rendered.videos


async def waits(studio: FakeStudio) -> None:
    """A reminder, an escalation and parking; a revision, after which it is asked and parked anew; an approval."""
    studio.review(**WAITS)
    with studio.env.with_time_skipping_disabled():
        handle = await studio.start({"script": SCRIPT}, "content-waits")
    for revision in (0, 1):
        wanted = await question(handle, revision)
        await studio.env.fast_forward(handle, timedelta(hours=80))
        await eventually(_is_parked(handle, revision))
        if revision == 0:
            await decide(handle, wanted, "revise", reviewer="zoe", note="other music")
    notes = "\n".join((await status(handle)).notes)
    for word in ("reminded", "escalated", "parked"):
        assert all(f"review of revision {revision}: {word} at " in notes for revision in (0, 1)), word
    await decide(handle, wanted, "approve", reviewer="bob")
    await handle.result()


async def two_people(studio: FakeStudio) -> None:
    """One approves, the other has it revised, and then both approve it."""
    studio.review(second_person=True)
    handle = await studio.start({"script": SCRIPT, "auto_approve": True}, "content-two")
    wanted = await question(handle)
    await decide(handle, wanted, "approve", reviewer="ana")
    await decide(handle, wanted, "revise", reviewer="bob", note="scene 1")
    wanted = await question(handle, 1)
    for person in ("bob", "ana"):
        await decide(handle, wanted, "approve", reviewer=person)
    await handle.result()
    said = [(one["by"], one["decision"]) for one in studio.catalog.decisions if one["kind"] == "review"]
    assert said == [("ana", "approve"), ("bob", "revise"), ("bob", "approve"), ("ana", "approve")]


async def by_hand(studio: FakeStudio) -> None:
    """A reviewer brings another picture and other texts, each in a revision of its own."""
    studio.scratch.mkdir(exist_ok=True)
    path = studio.scratch / "own.png"
    path.write_bytes(own_samples.saved(own_samples.picture(), "PNG"))
    stored = await own_intake(studio.media, studio.own).add(
        path, name="own.png", field="file", workdir=studio.scratch, progress=lambda share: None
    )
    handle = await studio.start({"script": SCRIPT}, "content-by-hand")
    await decide(handle, await question(handle), "revise", pictures={"2": f"media:{stored.file.sha256}"})
    words = {"youtube": {"title": "Another title", "text": "Another text."}}
    await decide(handle, await question(handle, 1), "revise", texts=words)
    drawn = studio.makers.calls["draw"]
    await decide(handle, await question(handle, 2), "approve")
    await handle.result()
    assert drawn == 2, "nothing is drawn again"
    draft = (await posted(studio, "by-hand")).draft
    assert (draft.title, draft.caption) == ("Another title", "Another text.")


async def languages(studio: FakeStudio) -> None:
    """Captions in two more languages, which the writer has translated."""
    write = studio.makers.write

    async def translated(task: WriteTask) -> Story:
        story = await write(task)
        texts = {language: tuple(f"{language} {scene.text}" for scene in story.scenes) for language in _wanted(task)}
        more = tuple(Translation(language=language, scenes=scenes) for language, scenes in texts.items())
        return story.model_copy(update={"translations": more})

    studio.makers.write = translated  # type: ignore[method-assign]
    request = {"script": SCRIPT, "caption_languages": ["de", "fr"]}
    handle = await studio.start(request, "content-languages")
    await decide(handle, await question(handle), "approve")
    assert {track.language for track in (await handle.result()).captions} == {"en", "de", "fr"}


def _wanted(task: WriteTask) -> tuple[str, ...]:
    return task.request.translated_into


async def decide(handle: Handle, wanted: ReviewWanted, decision: str, *, reviewer: str = "ana", **more: Any) -> None:
    """An answer to a question, by an update."""
    said = {"decision": decision, "reviewer": reviewer, "artifact_sha256": wanted.artifact_sha256, **more}
    await handle.execute_update("submit_review", said)


async def shown(handle: Handle) -> ShownMaterial:
    """What the open question is about."""
    found: ShownMaterial = await handle.query("shown", result_type=ShownMaterial)
    return found


async def status(handle: Handle) -> PipelineStatus:
    """Where a content is."""
    found: PipelineStatus = await handle.query("status", result_type=PipelineStatus)
    return found


async def posted(studio: FakeStudio, content_id: str) -> PublishTask:
    """What the publication on YouTube was handed."""
    id = publish_workflow_id(content_id, "youtube", "default")
    task: PublishTask = await studio.client.get_workflow_handle(id).query("task", result_type=PublishTask)
    return task


def _is_parked(handle: Handle, revision: int) -> Callable[[], Awaitable[bool]]:
    async def is_parked() -> bool:
        review = (await status(handle)).review
        return review is not None and review.revision == revision and review.parked

    return is_parked


SCENARIOS = (preview, final, waits, two_people, by_hand, languages)
CONTAINS: dict[str, dict[str, int]] = {
    "content-preview": {
        "patch previews": 1,
        "patch revisions-of-pictures": 1,
        "patch reviewed-as-shown": 1,
        "patch approved-posts": 1,
        "child RenderVideo": 3,
        "update submit_review": 2,
    },
    "content-preview_preview": {"activity render_segment": 2},
    "content-preview_preview.2": {"activity render_segment": 2},
    "content-final": {"patch previews": 1, "child RenderVideo": 2},
    "content-final_render.2": {"activity join_format": 1},
    "content-waits": {"patch review-waits": 1, "activity announce": 6, "timer": 6, "update submit_review": 2},
    "content-two": {"patch two-people": 1, "activity record_decision": 3, "update submit_review": 4},
    "content-by-hand": {"patch changed-by-hand": 1, "patch own-media": 1, "activity compose_texts": 3},
    "content-languages": {"activity write_story": 1},
    "content-languages_render": {"activity write_captions": 1},
}
"""What the history of each workflow must hold at least: the reason why it is recorded."""
