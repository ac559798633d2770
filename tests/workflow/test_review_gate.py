"""The gate: a decision counts for the question that was open when it came, and for nothing else."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError

from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.status import ContentResult, PipelineStatus, ReviewWanted, Stage
from workflows import policies

from .conftest import ONE_FORMAT, FakeStudio
from .resets import reset, task_ends
from .test_content_pipeline import SCRIPT, question

pytestmark = pytest.mark.lengthy

Handle = WorkflowHandle[Any, ContentResult]
REQUEST = ContentRequest(script=SCRIPT, formats=ONE_FORMAT)


def said(decision: str, by: str = "e", *, of: ReviewWanted | None = None, **more: Any) -> dict[str, Any]:
    named = {"artifact_sha256": of.artifact_sha256} if of else {}
    return {"decision": decision, "reviewer": by, **named, **more}


async def notes(handle: Handle) -> str:
    return "\n".join((await handle.query("status", result_type=PipelineStatus)).notes)


async def asked_again(handle: Handle, revision: int) -> ReviewWanted:
    """The question of that revision, which stays open: nothing that came before has answered it."""
    wanted = await question(handle, revision)
    await asyncio.sleep(0.2)
    assert await question(handle, revision) == wanted
    return wanted


@pytest.mark.parametrize("hashed", [False, True])
@pytest.mark.sample(1)
async def test_an_approval_that_came_with_a_revision_does_not_count_for_the_new_material(
    studio: FakeStudio, hashed: bool
) -> None:
    handle = await studio.start(REQUEST)
    first = await question(handle)
    await handle.signal("review", said("revise", "ana", script="Another script that nobody saw."))
    await handle.signal("review", said("approve", "bob", of=first if hashed else None))
    second = await asked_again(handle, 1)
    assert "bob (approve) was ignored" in await notes(handle)
    assert not studio.renderer.calls and not studio.youtube.posts
    await handle.signal("review", said("reject", "ana", of=second))
    assert (await handle.result()).status is Stage.REJECTED


@pytest.mark.parametrize("decision", ["approve", "reject", "revise"])
@pytest.mark.sample(1)
async def test_a_decision_that_arrives_after_the_next_question_opened_does_not_answer_it(
    studio: FakeStudio, decision: str
) -> None:
    """Bob looks at the first material and decides without a hash, while Ana has already had it changed."""
    handle = await studio.start(REQUEST)
    await question(handle)
    await handle.signal("review", said("revise", "ana", note="the music"))
    second = await question(handle, 1)
    await handle.signal("review", said(decision, "bob"))
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await handle.execute_update("submit_review", said(decision, "bob"))
    assert "artifact_sha256: this is revision 1" in str(refused.value.cause)
    assert second.artifact_sha256 in str(refused.value.cause)
    assert await asked_again(handle, 1) == second
    assert f"bob ({decision}) was ignored: artifact_sha256: this is revision 1" in await notes(handle)
    assert not studio.renderer.calls and not studio.youtube.posts
    await handle.signal("review", said("approve", "bob", of=second))
    assert (await handle.result()).status is Stage.DONE


async def test_an_approval_before_the_question_is_noted_and_not_kept(studio: FakeStudio) -> None:
    handle = await studio.client.start_workflow(
        "ContentPipeline", REQUEST, id="content-early", task_queue=policies.MAIN_QUEUE, result_type=ContentResult,
        start_signal="review", start_signal_args=[said("approve", "eve")],
    )  # fmt: skip
    await asked_again(handle, 0)
    assert "eve (approve) was ignored: nothing is up for review yet" in await notes(handle)
    assert not studio.renderer.calls
    await handle.signal("review", said("approve", "ana"))
    assert (await handle.result()).status is Stage.DONE


async def test_where_a_person_must_look_the_hash_is_demanded(studio: FakeStudio) -> None:
    studio.makers.verdict = "review"
    handle = await studio.start(REQUEST)
    wanted = await question(handle)
    await handle.signal("review", said("approve", "ana"))
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await handle.execute_update("submit_review", said("approve", "ana"))
    assert "artifact_sha256: a person has to look at this one" in str(refused.value.cause)
    assert wanted.artifact_sha256 in str(refused.value.cause)
    assert "ana (approve) was ignored: artifact_sha256" in await notes(handle)
    await handle.execute_update("submit_review", said("approve", "ana", of=wanted))
    assert (await handle.result()).status is Stage.DONE


async def test_a_late_or_equal_decision_is_noted_and_changes_nothing(studio: FakeStudio) -> None:
    handle = await studio.start(REQUEST)
    await question(handle)
    for _ in range(3):
        await handle.signal("review", said("revise", "ana", note="other pictures"))
    await handle.signal("review", said("reject", "bob"))
    second = await asked_again(handle, 1)
    told = await notes(handle)
    assert "ana (revise) was ignored" in told and "bob (reject) was ignored" in told
    assert "the review is over: revise by ana" in told
    assert studio.makers.calls["judge"] == 2, "three equal revisions are one"
    await handle.signal("review", said("approve", "ana", of=second))
    assert (await handle.result()).status is Stage.DONE


async def test_a_decision_is_recorded_with_what_it_was_about(studio: FakeStudio) -> None:
    handle = await studio.start(REQUEST, "content-recorded")
    first = await question(handle)
    await handle.signal("review", said("revise", "ana", note="other pictures"))
    second = await question(handle, 1)
    await handle.signal("review", said("approve", "ana", of=second))
    await handle.result()
    reviews = [(d["decision"], d["artifact"]) for d in studio.catalog.decisions if d["kind"] == "review"]
    assert reviews == [("revise", first.artifact_sha256), ("approve", second.artifact_sha256)]


@pytest.mark.parametrize(
    ("asked", "drawn", "composed", "written"),
    [
        (said("revise", note="scene 2 is too dark"), 1, 0, 0),
        (said("revise", note="Szenen 1 und 2 bitte anders"), 2, 0, 0),
        (said("revise", scenes=[1]), 1, 0, 0),
        (said("revise", note="the music is too loud"), 0, 1, 0),
        (said("revise", note="I do not like it"), 2, 1, 1),
        (said("revise", script=SCRIPT.replace("second", "other")), 1, 0, 1),
    ],
)
@pytest.mark.sample(2)
async def test_a_revision_makes_only_what_it_can_change(
    studio: FakeStudio, asked: dict[str, Any], drawn: int, composed: int, written: int
) -> None:
    handle = await studio.start(REQUEST)
    wanted = await question(handle)
    assert "all pictures and the music are made anew" in wanted.note_effect
    before = dict(studio.makers.calls)
    await handle.signal("review", asked)
    after = await question(handle, 1)
    assert after.artifact_sha256 != wanted.artifact_sha256
    more = {name: studio.makers.calls[name] - before[name] for name in ("draw", "compose", "write")}
    assert more == {"draw": drawn, "compose": composed, "write": written}
    await handle.signal("review", said("reject", of=after))
    await handle.result()


async def test_a_note_goes_to_the_writer_who_can_follow_it(studio: FakeStudio) -> None:
    studio.makers.follows_notes = True
    handle = await studio.start(REQUEST)
    wanted = await question(handle)
    assert "any other note is given to fake" in wanted.note_effect
    await handle.signal("review", said("revise", note="shorter, please"))
    second = await question(handle, 1)
    assert (studio.makers.calls["write"], studio.makers.calls["draw"], studio.makers.calls["compose"]) == (2, 2, 1)
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await handle.execute_update("submit_review", said("revise", of=second, scenes=[3]))
    assert "scenes: there is no scene 3; this one has 2" in str(refused.value.cause)
    await handle.signal("review", said("reject", of=second))
    await handle.result()


async def test_a_piece_from_templates_is_not_approved_by_itself(studio: FakeStudio) -> None:
    studio.makers.template = True
    handle = await studio.start({"topic": "Tides", "auto_approve": True})
    wanted = await question(handle)
    assert any("composed from templates" in reason for reason in wanted.reasons)
    await handle.signal("review", said("reject", of=wanted))
    await handle.result()
    allowed = await studio.start({"topic": "Tides", "auto_approve": True, "allow_template": True})
    assert (await allowed.result()).status is Stage.DONE


async def test_decisions_that_a_reset_applies_again_answer_no_other_question(studio: FakeStudio) -> None:
    handle = await studio.start(REQUEST, "content-turned")
    first = await question(handle)
    await handle.signal("review", {"decision": "maybe"})  # a workflow task during which the question is open
    assert "a review was ignored" in await notes(handle)
    asked = (await task_ends(handle))[-1]
    await handle.signal("review", said("revise", "ana", script="Another script is here."))
    second = await question(handle, 1)
    await handle.signal("review", said("approve", "ana", of=second))
    assert (await handle.result()).status is Stage.DONE
    again = await reset(studio.client, "content-turned", asked)
    assert await asked_again(again, 1) == second, (
        "the revision is applied again, the approval comes before its question"
    )
    assert "ana (approve) was ignored: the review is over: revise by ana" in await notes(again)
    await again.signal("review", said("approve", "ana", of=first))
    assert await asked_again(again, 1) == second
    await again.signal("review", said("reject", "ana", of=second))
    assert (await again.result()).status is Stage.REJECTED
    assert len(studio.youtube.posts) == 1


@pytest.mark.deep
async def test_many_revisions_go_on_in_runs_with_short_histories(studio: FakeStudio) -> None:
    handle = await studio.start(REQUEST, "content-many")
    first = await handle.describe()
    rounds = 2 * policies.REVISIONS_PER_RUN + 1
    for revision in range(rounds):
        seen = await question(handle, revision)
        await handle.signal("review", said("revise", of=seen, note=f"scene 1, number {revision}"))
    wanted = await question(handle, rounds)
    description = await handle.describe()
    assert description.run_id != first.run_id
    assert description.history_length < 200
    status = await handle.query("status", result_type=PipelineStatus)
    assert status.title == "A story" and status.cost_usd > 0
    await handle.execute_update("submit_review", said("approve", of=wanted))
    result: ContentResult = await studio.client.get_workflow_handle("content-many", result_type=ContentResult).result()
    assert result.status is Stage.DONE
    assert studio.makers.calls["draw"] == 2 + rounds
    assert len(studio.youtube.posts) == 1
