"""One live post per content, platform and account, made only from what was approved, whoever starts it how often."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio.client import WorkflowFailureError, WorkflowHandle

from control import publications
from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.status import PipelineStatus, Stage
from reelwright.domain.errors import PostRejected
from reelwright.domain.formats import Platform
from reelwright.domain.ids import publish_workflow_id
from reelwright.domain.publishing.posting import PostResult, PostState, PublicationStatus, PublishTask
from reelwright.domain.publishing.quota import Slot
from workflows import policies
from workflows.publishing.platforms import PUBLICATIONS

from .conftest import ONE_FORMAT, FakeStudio, eventually
from .resets import before_activity, reset
from .test_content_pipeline import SCRIPT, question
from .test_publishing import in_stage, publication

pytestmark = pytest.mark.lengthy

REQUEST = ContentRequest(script=SCRIPT, auto_approve=True, formats=ONE_FORMAT)
WORKFLOWS = {platform: publication.__name__ for platform, publication in PUBLICATIONS.items()}


async def task_of(studio: FakeStudio, content_id: str, platform: Platform = Platform.YOUTUBE) -> PublishTask:
    handle = studio.client.get_workflow_handle(publish_workflow_id(content_id, platform.value, "default"))
    task: PublishTask = await handle.query("task", result_type=PublishTask)
    return task


async def by_hand(studio: FakeStudio, task: PublishTask, id: str) -> PostResult:
    """A publication that a person starts with Temporal's own tools."""
    result: PostResult = await studio.client.execute_workflow(
        WORKFLOWS[task.draft.platform], task, id=id, task_queue=policies.MAIN_QUEUE, result_type=PostResult
    )
    return result


def changes_for(platform: Platform, changed: dict[str, PublishTask]) -> dict[str, PublishTask]:
    """The publications share all of their code but their names: one of them gets every change, and the others get them
    shared out among them."""
    first, *others = Platform
    if platform is first:
        return changed
    assert len(changed) >= len(others), "each platform gets one"
    return dict(list(changed.items())[others.index(platform) :: len(others)])


async def test_a_publication_by_hand_posts_only_what_was_approved(studio: FakeStudio) -> None:
    request = REQUEST.model_copy(update={"platforms": tuple(Platform)})
    assert (await (await studio.start(request, "content-hand")).result()).status is Stage.DONE
    other = await studio.media.put_bytes(b"another video", "video/mp4")
    for platform in Platform:
        there = studio.platforms[platform]
        task = await task_of(studio, "hand", platform)
        draft = task.draft
        changed = {
            "text": task.model_copy(update={"draft": draft.model_copy(update={"title": "Buy now"})}),
            "caption": task.model_copy(update={"draft": draft.model_copy(update={"caption": "Buy now"})}),
            "comment": task.model_copy(update={"draft": draft.model_copy(update={"first_comment": "Buy now"})}),
            "privacy": task.model_copy(update={"draft": draft.model_copy(update={"privacy": "private"})}),
            "account": task.model_copy(update={"draft": draft.model_copy(update={"account": "second"})}),
            "video": task.model_copy(update={"video": task.video.model_copy(update={"file": other})}),
            "content": task.model_copy(update={"content_id": "another"}),
        }
        studio.accounts.known[(platform, "second")] = studio.accounts.known[(platform, "default")]
        for what, bad in changes_for(platform, changed).items():
            with pytest.raises(WorkflowFailureError) as failure:
                await by_hand(studio, bad.model_copy(update={"key": f"{task.key}/{what}"}), f"{platform.value}/{what}")
            assert "no approval is on record" in str(failure.value.cause), (platform, what)
        assert len(there.posts) == there.calls["upload"] == 1
        same = await by_hand(studio, task, f"{platform.value}/same")
        assert (same.status, len(there.posts)) == ("posted", 1)
        with pytest.raises(WorkflowFailureError) as twice:
            again = task.model_copy(update={"key": f"{task.key}/twice"})
            await by_hand(studio, again, f"{platform.value}/twice")
        assert "posted already" in str(twice.value.cause), platform
        assert len(there.posts) == 1


async def test_what_is_rejected_later_is_not_posted_any_more(studio: FakeStudio) -> None:
    await studio.gate.pause(Platform.YOUTUBE, "", by="ana", note="")
    handle = await studio.start(ContentRequest(script=SCRIPT), "content-regretted")
    wanted = await question(handle)
    await handle.signal("review", {"decision": "approve", "reviewer": "ana"})
    post = await publication(studio, "regretted")
    await in_stage(post, "paused")
    again = await reset(studio.client, "content-regretted", await before_activity(handle, "moderate_story"))
    assert (await question(again)).artifact_sha256 == wanted.artifact_sha256
    await again.signal("review", {"decision": "reject", "reviewer": "bob"})
    assert (await again.result()).status is Stage.REJECTED
    await studio.gate.resume(Platform.YOUTUBE, "")
    await post.signal("resume")
    with pytest.raises(WorkflowFailureError) as failure:
        await post.result()
    assert "approval" in str(failure.value.cause)
    assert not studio.youtube.posts


async def test_after_a_reset_another_script_is_not_posted_beside_the_first(studio: FakeStudio) -> None:
    handle = await studio.start(ContentRequest(script=SCRIPT), "content-reset")
    await question(handle)
    await handle.signal("review", {"decision": "approve", "reviewer": "ana"})
    assert (await handle.result()).status is Stage.DONE
    again = await reset(studio.client, "content-reset", await before_activity(handle, "moderate_story"))
    await question(again)
    await again.signal("review", {"decision": "revise", "reviewer": "ana", "script": "Another script is here."})
    seen = (await question(again, 1)).artifact_sha256
    await again.signal("review", {"decision": "approve", "reviewer": "ana", "artifact_sha256": seen})
    result = await again.result()
    assert (result.status, len(studio.youtube.posts)) == (Stage.INCOMPLETE, 1)
    assert "posted already" in result.reason and "--post-again" in result.reason

    failed = await publications.find(studio.temporal, "reset", Platform.YOUTUBE)
    for _ in range(2):
        retried = await publications.retry(studio.temporal, failed)
        assert (await publications.outcome(retried, Platform.YOUTUBE, "default")).status == "failed"
    assert len(studio.youtube.posts) == 1
    asked = await publications.retry(studio.temporal, failed, again_by="ana")
    assert (await publications.outcome(asked, Platform.YOUTUBE, "default")).status == "posted"
    assert len(studio.youtube.posts) == 2
    assert list(studio.posts.again.values()) == ["ana"]
    assert studio.youtube.posts[0] != studio.youtube.posts[1]


async def test_a_request_that_says_so_is_posted_again_once(studio: FakeStudio) -> None:
    first = await studio.start(REQUEST, "content-more")
    assert (await first.result()).status is Stage.DONE
    more = REQUEST.model_copy(update={"post_again": True})
    handle = await studio.start(more, "content-more")
    assert (await handle.result()).status is Stage.DONE
    assert len(studio.youtube.posts) == 2
    again = await reset(studio.client, "content-more", await before_activity(handle, "moderate_story"))
    result = await again.result()
    assert (result.status, len(studio.youtube.posts)) == (Stage.DONE, 2)


async def test_a_reset_attaches_to_the_publication_that_sleeps(studio: FakeStudio) -> None:
    at = datetime.now(UTC) + timedelta(hours=30)
    studio.quota.slots = [Slot(granted=False, at=at, bucket="inserts", why="booked out")]
    await studio.gate.pause(Platform.YOUTUBE, "", by="ana", note="")
    handle = await studio.start(REQUEST, "content-asleep")
    post = await publication(studio, "asleep")
    again = await reset(studio.client, "content-asleep", await before_activity(handle, "record_decision"))

    async def attached() -> bool:
        status = await again.query("status", result_type=PipelineStatus)
        return "earlier run" in status.steps.get("post to youtube", "")

    await eventually(attached)
    await studio.gate.resume(Platform.YOUTUBE, "")
    await post.signal("resume")
    result = await again.result()
    assert (result.status, [p.status for p in result.posts]) == (Stage.DONE, ["posted"])
    assert len(studio.youtube.posts) == 1


async def parked(studio: FakeStudio, content: str) -> tuple[WorkflowHandle[Any, Any], WorkflowHandle[Any, Any]]:
    """A content whose post was made, but whose platform does not tell."""
    studio.youtube.lose_reply, studio.youtube.untold = 1, True
    handle = await studio.start(REQUEST, f"content-{content}")
    post = await publication(studio, content)
    await in_stage(post, "parked")
    return handle, post


@pytest.mark.parametrize("how", ["resume", "retry"])
@pytest.mark.sample(1)
async def test_a_parked_post_looks_again_when_it_is_told_to(studio: FakeStudio, how: str) -> None:
    handle, post = await parked(studio, f"look-{how}")
    looked = studio.youtube.calls["reconcile"]
    if how == "resume":
        await post.signal("resume")
    else:
        await publications.retry(
            studio.temporal, publications.publication(studio.temporal, f"look-{how}", Platform.YOUTUBE)
        )

    async def again() -> bool:
        return studio.youtube.calls["reconcile"] > looked

    await eventually(again)
    status: PublicationStatus = await in_stage(post, "parked")
    assert "settle" in status.wants
    studio.youtube.untold = False
    await post.signal("resume")
    assert (await handle.result()).status is Stage.DONE
    assert len(studio.youtube.posts) == studio.youtube.calls["publish"] == 1


async def test_not_posted_is_not_believed_where_the_platform_tells_by_now(studio: FakeStudio) -> None:
    handle, post = await parked(studio, "believed")
    studio.youtube.untold = False
    await post.signal("not_posted", {"by": "ana"})
    result = await handle.result()
    assert (result.status, result.posts[0].post_id) == (Stage.DONE, "v1")
    assert len(studio.youtube.posts) == studio.youtube.calls["publish"] == 1
    notes = (await post.query("status", result_type=PublicationStatus)).notes
    assert any("settled as not posted by ana, but YouTube has it" in note for note in notes)


async def test_the_reason_of_a_refusal_is_told_even_before_there_is_a_row(
    studio: FakeStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PostRejected("640x360 is too small", field="video", remedy="render it larger")

    monkeypatch.setattr(studio.youtube, "validate", refuse)
    result = await (await studio.start(REQUEST, "content-small")).result()
    assert result.status is Stage.INCOMPLETE
    assert "video: 640x360 is too small; render it larger" in result.posts[0].error


async def test_what_goes_wrong_after_a_failure_does_not_hide_its_reason(
    studio: FakeStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio.youtube.refuse = [PostRejected("not this", field="caption", remedy="change it")]

    async def broken(*_: object) -> None:
        raise PostRejected("the books are shut", field="books", remedy="open them")

    monkeypatch.setattr(studio.posts, "fail", broken)
    result = await (await studio.start(REQUEST, "content-hidden")).result()
    assert "caption: not this" in result.posts[0].error and "books" not in result.posts[0].error
    [row] = studio.posts.rows.values()
    assert row.state is not PostState.POSTED
