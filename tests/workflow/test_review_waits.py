"""A policy's `review` section: who may decide, and what happens while nobody does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError

from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.status import ContentResult, PipelineStatus, ReviewWanted, Stage

from .conftest import ONE_FORMAT, FakeStudio, eventually
from .test_content_pipeline import SCRIPT, question
from .test_review_gate import notes, said

pytestmark = pytest.mark.lengthy

Handle = WorkflowHandle[Any, ContentResult]
REQUEST = ContentRequest(script=SCRIPT, formats=ONE_FORMAT)
WAITS = {
    **{"remind_after": "2h", "escalate_after": "1d", "escalate_to": ["zoe"], "park_after": "3d"},
    **{"reviewers": ["ana", "bob"]},
}


async def asked(studio: FakeStudio, **rules: Any) -> tuple[Handle, ReviewWanted]:
    """A content with an open question, whose clock stands still but for `fast_forward`."""
    studio.review(**rules)
    with studio.env.with_time_skipping_disabled():
        handle = await studio.start(REQUEST)
    return handle, await question(handle)


async def status_of(handle: Handle) -> PipelineStatus:
    status: PipelineStatus = await handle.query("status", result_type=PipelineStatus)
    return status


async def refusal(handle: Handle, decision: dict[str, Any]) -> str:
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await handle.execute_update("submit_review", decision)
    return str(refused.value.cause)


@pytest.mark.parametrize(
    ("hours", "told", "stage", "by"),
    [
        (3, ["reminded"], Stage.REVIEW, "ana"),
        (25, ["reminded", "escalated"], Stage.REVIEW, "zoe"),
        (80, ["reminded", "escalated", "parked"], Stage.PARKED, "bob"),
    ],
)
async def test_a_reminder_an_escalation_and_parking_and_an_approval_after_each(
    studio: FakeStudio, hours: int, told: list[str], stage: Stage, by: str
) -> None:
    handle, wanted = await asked(studio, **WAITS)
    assert "zoe is not on the list" in await refusal(handle, said("approve", "zoe", of=wanted))
    await studio.env.fast_forward(handle, timedelta(hours=hours))
    await eventually(lambda: _announced(studio, len(told)))
    status = await status_of(handle)
    assert status.stage is stage and status.review is not None
    assert status.review.artifact_sha256 == wanted.artifact_sha256
    assert (status.review.escalated, status.review.parked) == ("escalated" in told, "parked" in told)
    assert status.steps["review"].startswith(told[-1])
    assert [notice.title for notice in studio.people.told] == [f"A story: review {word}" for word in told]
    assert all(f"revision 0: {word} at " in "\n".join(status.notes) for word in told)
    assert not studio.renderer.calls and not studio.youtube.posts, "nothing is approved by waiting"
    await handle.execute_update("submit_review", said("approve", by, of=wanted))
    assert (await handle.result()).status is Stage.DONE
    assert len(studio.youtube.posts) == 1


async def _announced(studio: FakeStudio, count: int) -> bool:
    return len([notice for notice in studio.people.told if ": review " in notice.title]) >= count


async def test_a_revision_after_parking_asks_anew_and_waits_anew(studio: FakeStudio) -> None:
    """The revision and an approval of what was shown before cross."""
    handle, first = await asked(studio, park_after="1d")
    await studio.env.fast_forward(handle, timedelta(hours=30))
    assert (await status_of(handle)).stage is Stage.PARKED
    await handle.signal("review", said("revise", "ana", note="scene 1: at night", of=first))
    await handle.signal("review", said("approve", "bob", of=first))
    second = await question(handle, 1)
    assert not second.parked and "bob (approve) was ignored" in await notes(handle)
    assert (await status_of(handle)).stage is Stage.REVIEW
    await studio.env.fast_forward(handle, timedelta(hours=30))
    assert (await status_of(handle)).stage is Stage.PARKED and not studio.youtube.posts
    await handle.signal("review", said("reject", "ana", of=second))
    assert (await handle.result()).status is Stage.REJECTED


async def test_who_is_not_on_the_list_is_refused_and_noted(studio: FakeStudio) -> None:
    handle, wanted = await asked(studio, reviewers=["Ana"])
    assert "reviewer: eve is not on the list of the policy's reviewers" in await refusal(handle, said("approve", "eve"))
    await handle.signal("review", said("approve", "eve", of=wanted))
    assert "eve (approve) was ignored: reviewer: eve is not on the list" in await notes(handle)
    await handle.signal("review", said("approve", " ana", of=wanted))
    assert (await handle.result()).status is Stage.DONE


async def test_two_people_must_approve_the_same(studio: FakeStudio) -> None:
    studio.review(second_person=True)
    handle = await studio.start(REQUEST.model_copy(update={"auto_approve": True}))
    wanted = await question(handle)
    assert any("two people" in reason for reason in wanted.reasons), "auto-approval does not count"
    await handle.execute_update("submit_review", said("approve", "ana", of=wanted))
    open_still = await question(handle)
    assert open_still == wanted.model_copy(update={"approved_by": "ana"})
    assert "ana has approved it already" in await refusal(handle, said("approve", "ANA", of=wanted))
    await handle.execute_update("submit_review", said("revise", "bob", of=wanted, note="scene 1"))
    second = await question(handle, 1)
    assert second.approved_by == "", "an approval of the earlier material counts for nothing"
    for person in ("bob", "ana"):
        assert not studio.renderer.calls
        await handle.execute_update("submit_review", said("approve", person, of=second))
    assert (await handle.result()).status is Stage.DONE
    reviews = [(d["decision"], d["by"], d["artifact"]) for d in studio.catalog.decisions if d["kind"] == "review"]
    assert reviews == [
        ("approve", "ana", wanted.artifact_sha256),
        ("revise", "bob", wanted.artifact_sha256),
        ("approve", "bob", second.artifact_sha256),
        ("approve", "ana", second.artifact_sha256),
    ]


async def test_after_the_last_round_it_is_approved_or_rejected(studio: FakeStudio) -> None:
    handle, first = await asked(studio, rounds=1)
    await handle.execute_update("submit_review", said("revise", "ana", of=first, note="scene 1"))
    second = await question(handle, 1)
    assert "the policy allows 1 revisions" in await refusal(handle, said("revise", "ana", of=second, note="scene 1"))
    await handle.execute_update("submit_review", said("approve", "ana", of=second))
    assert (await handle.result()).status is Stage.DONE
