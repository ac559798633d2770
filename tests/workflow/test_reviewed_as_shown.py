"""What an approval binds: everything that was shown, the posts' texts among it, which are posted word for word."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError
from temporalio.testing import WorkflowEnvironment

from reelwright.domain.content.manifest import ReviewManifest
from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.shown import ShownMaterial
from reelwright.domain.content.status import ContentResult, PipelineStatus, ReviewWanted, Stage
from reelwright.domain.content.story import OWN, ModerationFinding, PostText, Story, Translation, WriteTask
from reelwright.domain.content.video import RenderPlan
from reelwright.domain.formats import Platform
from reelwright.domain.ids import publish_workflow_id
from reelwright.domain.publishing.posting import PublishTask
from tests import own_samples
from tests.depth import some_of

from .conftest import ONE_FORMAT, FakeStudio
from .fakes import own_intake
from .test_content_pipeline import SCRIPT, question
from .test_gate_properties import pools
from .test_review_gate import said

pytestmark = pytest.mark.lengthy

Handle = WorkflowHandle[Any, ContentResult]
REQUEST = ContentRequest(script=SCRIPT, formats=ONE_FORMAT, platforms=(Platform.YOUTUBE, Platform.X))


async def refusal(handle: Handle, decision: dict[str, Any]) -> str:
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await handle.execute_update("submit_review", decision)
    return str(refused.value.cause)


async def posted(studio: FakeStudio, handle: Handle, platform: Platform) -> PublishTask:
    id = publish_workflow_id(handle.id.removeprefix("content-"), platform.value, "default")
    task: PublishTask = await studio.client.get_workflow_handle(id).query("task", result_type=PublishTask)
    return task


def changed(after: ReviewWanted, before: ReviewWanted) -> tuple[str, ...]:
    assert isinstance(after.manifest, ReviewManifest) and isinstance(before.manifest, ReviewManifest)
    assert after.artifact_sha256 == after.manifest.sha256 != before.artifact_sha256
    return after.manifest.changed_from(before.manifest)


async def test_another_text_remakes_only_that_text_and_is_posted_word_for_word(studio: FakeStudio) -> None:
    handle = await studio.start(REQUEST)
    first = await question(handle)
    assert {text.platform for text in first.texts} == {Platform.YOUTUBE, Platform.X}
    before = dict(studio.makers.calls)
    words = {"youtube": {"title": "Another title", "text": "Another text, in so many words."}}
    assert "no text for tiktok is shown" in await refusal(handle, said("revise", texts={"tiktok": {"text": "a"}}))
    assert "only a revision changes them" in await refusal(handle, said("approve", texts=words))
    await handle.execute_update("submit_review", said("revise", "ana", of=first, texts=words, note="nicer"))
    second = await question(handle, 1)
    assert changed(second, first) == ("texts youtube (default)",)
    made = {name: studio.makers.calls[name] - before.get(name, 0) for name in ("write", "draw", "compose", "judge")}
    assert made == {"write": 0, "draw": 0, "compose": 0, "judge": 0}
    assert studio.makers.texts_judged[-1]["youtube title"] == "Another title", "what a reviewer has written is judged"
    await handle.execute_update("submit_review", said("approve", "ana", of=second))
    assert (await handle.result()).status is Stage.DONE
    for text in second.texts:
        task = await posted(studio, handle, text.platform)
        assert text.is_in(task.draft) and task.text_sha256 == text.sha256
    draft = (await posted(studio, handle, Platform.YOUTUBE)).draft
    assert (draft.title, draft.caption) == ("Another title", "Another text, in so many words.")


async def test_another_picture_for_a_scene_replaces_it_and_nothing_else(
    studio: FakeStudio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    handle = await studio.start(REQUEST)
    first = await question(handle)
    own = await own_picture(studio, tmp_path)
    assert "there is no scene 3" in await refusal(handle, said("revise", pictures={"3": own}))
    before, plans, cut = studio.makers.calls["draw"], list[RenderPlan](), studio.renderer.cut

    async def noted(plan: RenderPlan, *rest: Any) -> Any:
        plans.append(plan)
        return await cut(plan, *rest)

    monkeypatch.setattr(studio.renderer, "cut", noted)
    await handle.execute_update("submit_review", said("revise", "ana", of=first, pictures={"2": own}))
    second = await question(handle, 1)
    assert changed(second, first) == ("material",)
    assert studio.makers.calls["draw"] == before, "the picture of scene 1 is the one that was there"
    await handle.execute_update("submit_review", said("approve", "ana", of=second))
    assert (await handle.result()).status is Stage.DONE
    material = plans[-1].material
    assert [picture.provider for picture in material.pictures] == ["fake", OWN]


async def own_picture(studio: FakeStudio, folder: Path) -> str:
    """The address of a picture that was added to the studio."""
    (folder / "own.png").write_bytes(own_samples.saved(own_samples.picture(), "PNG"))
    stored = await own_intake(studio.media, studio.own).add(
        folder / "own.png", name="own.png", field="file", workdir=folder, progress=lambda share: None
    )
    return f"media:{stored.file.sha256}"


def finding(place: str, rule: str, decision: Any = "review") -> ModerationFinding:
    return ModerationFinding(
        place=place, rule=rule, decision=decision, score=0.6, reason=f"{place}: it", cure="mend it"
    )


async def test_what_is_found_in_a_final_text_is_asked_about_once(studio: FakeStudio) -> None:
    """Auto-approval does not count for it; what was found in the story is not told again for each platform."""
    studio.makers.found = (finding("description", "personal/phone"),)
    studio.makers.in_texts = (finding("x text", "personal/phone"), finding("youtube text", "scam/promise"))
    handle = await studio.start(REQUEST.model_copy(update={"auto_approve": True}))
    wanted = await question(handle)
    assert wanted.reasons == ("description: it: mend it", "youtube text: it: mend it")
    shown = await handle.query("shown", result_type=ShownMaterial)
    assert [found.place for found in shown.findings] == ["description", "youtube text"]
    await handle.execute_update("submit_review", said("reject", "ana", of=wanted))


async def test_a_final_text_that_must_not_go_out_ends_the_content(studio: FakeStudio) -> None:
    studio.makers.found = (finding("scene 1", "hate/slur"),)  # what a person may let pass there
    studio.makers.in_texts = (finding("youtube text", "hate/slur", "block"),)
    result = await (await studio.start(REQUEST)).result()
    assert (result.status, result.reason) == (
        Stage.BLOCKED,
        "blocked by moderation: youtube text: it: mend it",
    )
    assert not studio.youtube.posts


async def test_a_models_texts_are_shown_for_each_platform_and_posted_so(
    studio: FakeStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = studio.makers.write

    async def by_a_model(task: WriteTask) -> Story:
        story, hook = await write(task), "First of all."
        opened = story.scenes[0].model_copy(update={"text": f"{hook} {story.scenes[0].text}"})
        own = {Platform.X: PostText(title="For X", description="In one line.", tags=("short",))}
        others = (Translation(language="de", scenes=tuple("Ja." for _ in story.scenes), title="Auf Deutsch"),)
        more = {"hooks": (hook, "Or this."), "post_texts": own, "translations": others, "prompt": "story.v1@0"}
        return story.model_copy(update={"scenes": (opened, *story.scenes[1:]), **more})

    monkeypatch.setattr(studio.makers, "write", by_a_model)
    handle = await studio.start(REQUEST.model_copy(update={"caption_languages": ("de",)}))
    first = await question(handle)
    shown = await handle.query("shown", result_type=ShownMaterial)
    assert shown.hooks == ("First of all.", "Or this.")
    assert {text.platform: text.title for text in shown.texts}[Platform.X] == "For X"
    await handle.execute_update("submit_review", said("approve", "ana", of=first))
    assert (await handle.result()).status is Stage.DONE
    on_x, on_youtube = [(await posted(studio, handle, p)).draft for p in (Platform.X, Platform.YOUTUBE)]
    assert (on_x.title, on_x.tags) == ("For X", ("short",)) and "In one line." in on_x.caption
    assert on_youtube.title == "A story" and on_youtube.tags == ()


async def test_a_text_that_was_altered_after_the_approval_is_not_posted(studio: FakeStudio) -> None:
    handle = await studio.start(REQUEST)
    wanted = await question(handle)
    [key] = [key for key, text in studio.texts.kept.items() if text.platform is Platform.YOUTUBE]
    studio.texts.kept[key] = studio.texts.kept[key].model_copy(update={"text": "Buy now"})
    await handle.execute_update("submit_review", said("approve", "ana", of=wanted))
    result = await handle.result()
    assert result.status is Stage.INCOMPLETE
    assert "YouTube text on record is not the one that was reviewed" in result.reason
    assert not studio.youtube.posts and len(studio.platforms[Platform.X].posts) == 1


async def test_a_bare_approval_is_recorded_as_bound_to_what_was_open(studio: FakeStudio) -> None:
    handle = await studio.start(REQUEST)
    wanted = await question(handle)
    await handle.signal("review", {"decision": "approve", "reviewer": "ana", "note": "fine"})
    assert (await handle.result()).status is Stage.DONE
    [record] = [d for d in studio.catalog.decisions if d["kind"] == "review"]
    assert record["artifact"] == wanted.artifact_sha256
    assert record["note"] == "fine (named no artifact: it counts for the one that was open when it arrived)"


async def test_two_thousand_decisions_at_once_are_one(environment: WorkflowEnvironment, tmp_path: Path) -> None:
    """They come while the workers are away, so that one task of the workflow gets them all. (`make test` sends 400.)"""
    studio = FakeStudio(environment, tmp_path)
    async with pools(studio):
        handle = await studio.start(REQUEST)
        wanted = await question(handle)
    flood = [
        said(("approve", "revise", "reject")[n % 3], f"eve-{n}", artifact_sha256="e" * 64)
        for n in range(some_of(1_999))
    ]
    for start in range(0, len(flood), 50):
        await asyncio.gather(*(handle.signal("review", decision) for decision in flood[start : start + 50]))
    async with pools(studio):
        assert await question(handle) == wanted
        status: PipelineStatus = await handle.query("status", result_type=PipelineStatus)
        assert any("(approve) was ignored: artifact_sha256: it judges" in note for note in status.notes)
        assert len(status.notes) <= 30 and len(status.model_dump_json()) < 20_000
        await handle.signal("review", said("approve", "ana", of=wanted))
        assert (await handle.result()).status is Stage.DONE
    assert len(studio.youtube.posts) == 1
    assert (await handle.describe()).history_length < len(flood) + 500
