"""What a reviewer is shown: the content's own answer, gathered into a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowHandle

from control import operations
from control.review_show import gathered
from control.studio import Studio
from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.shown import ShownMaterial
from reelwright.domain.content.status import ContentResult, PipelineStatus, ReviewWanted
from reelwright.domain.formats import Platform

from .conftest import FakeStudio
from .test_content_pipeline import question

pytestmark = pytest.mark.lengthy
SCRIPT = "One thing.\n\nAnother thing.\n\nThe last thing."
REQUEST = ContentRequest(script=SCRIPT, title="Things", platforms=(Platform.YOUTUBE, Platform.X))
Handle = WorkflowHandle[Any, ContentResult]


async def shown(handle: Handle) -> ShownMaterial:
    return await handle.query("shown", result_type=ShownMaterial)


async def revised(handle: Handle, wanted: ReviewWanted, **what: Any) -> ReviewWanted:
    decision = {"decision": "revise", "reviewer": "ana", "artifact_sha256": wanted.artifact_sha256, **what}
    await handle.execute_update("submit_review", decision)
    return await question(handle, wanted.revision + 1)


def no_layout(plan: object) -> Any:
    raise AssertionError("no report is made here")


async def test_a_note_about_a_scene_changes_its_picture_and_nothing_else(studio: FakeStudio, tmp_path: Path) -> None:
    handle = await studio.start(REQUEST)
    first = await question(handle)
    before = await shown(handle)
    assert (before.artifact_sha256, before.revision, before.before) == (first.artifact_sha256, 0, None)
    assert [(text.platform.value, text.title, text.text) for text in before.texts] == [
        ("youtube", "Things", "d"),
        ("x", "Things", "d"),
    ]
    calls, cost = dict(studio.makers.calls), (await handle.query("status", result_type=PipelineStatus)).cost_usd

    await revised(handle, first, note="scene 3: make it night")
    after = await shown(handle)
    assert studio.makers.calls == {**calls, "draw": calls["draw"] + 1}
    spent = (await handle.query("status", result_type=PipelineStatus)).cost_usd - cost
    assert spent == pytest.approx(studio.makers.price)
    assert after.scenes[:2] == before.scenes[:2]
    changed = after.scenes[2]
    assert changed.picture != before.scenes[2].picture
    assert changed.model_copy(update={"picture": before.scenes[2].picture}) == before.scenes[2]

    control = Studio(studio.temporal, None, lambda: studio.media, no_layout)
    asked = await operations.question(control, handle.id)
    page = await gathered(control, asked, tmp_path / "page")
    assert [(scene.number, scene.state) for scene in page.scenes] == [(1, "same"), (2, "same"), (3, "another picture")]
    drawn = {scene.picture: scene for scene in page.scenes}
    assert (tmp_path / "page" / page.scenes[2].picture_before).read_bytes() == studio.media.files[
        before.scenes[2].picture.sha256  # type: ignore[union-attr]
    ]
    assert {path.name for path in (tmp_path / "page").iterdir()} == {
        *drawn, page.scenes[2].picture_before, *(scene.narration for scene in page.scenes)
    }  # fmt: skip
    assert page.commands["approve"].endswith(f"--artifact {after.artifact_sha256[:16]}")


async def test_a_new_script_is_shown_with_its_differences(studio: FakeStudio, tmp_path: Path) -> None:
    studio.makers.verdict = "review"
    handle = await studio.start(REQUEST)
    first = await question(handle)
    await revised(handle, first, script="One thing.\n\nAnother big thing.")
    control = Studio(studio.temporal, None, lambda: studio.media, no_layout)
    page = await gathered(control, await operations.question(control, handle.id), tmp_path)
    assert [(scene.number, scene.state) for scene in page.scenes] == [(1, "same"), (2, "changed"), (None, "removed")]
    assert [part.text.strip() for part in page.scenes[1].parts if part.kind != "same"] == ["big"]
    assert [finding.reason for finding in page.findings] == ["a reason"] and page.reasons == ()


async def test_without_an_open_question_nothing_is_shown(studio: FakeStudio) -> None:
    handle = await studio.start(REQUEST.model_copy(update={"auto_approve": True, "platforms": ()}))
    await handle.result()
    assert await handle.query("shown") is None
