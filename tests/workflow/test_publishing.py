"""One post, whatever happens to the irreversible call."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio.client import WorkflowFailureError, WorkflowHandle
from temporalio.service import RPCError

from control import publications
from control.posts_listing import posts_listed
from control.resolve import Content
from control.temporal.sdk import SdkHandle
from reelwright.domain.content.request import ContentRequest, PostOptions
from reelwright.domain.content.status import Stage
from reelwright.domain.errors import InvalidInput, NeedsAuthorization, NeedsBudget, PostRejected, QuotaExhausted
from reelwright.domain.formats import Platform
from reelwright.domain.ids import publish_workflow_id
from reelwright.domain.publishing.posting import Processing, ProcessingState, PublicationStatus
from reelwright.domain.publishing.quota import Slot

from .conftest import ONE_FORMAT, FakeStudio, eventually

pytestmark = pytest.mark.lengthy

Handle = WorkflowHandle[Any, Any]
REQUEST = ContentRequest(script="A scene.\n\nAnother one.", auto_approve=True, formats=ONE_FORMAT)


async def test_a_lost_reply_is_reconciled_not_repeated(studio: FakeStudio) -> None:
    studio.youtube.lose_reply = 1
    result = await (await studio.start(REQUEST)).result()
    assert result.status is Stage.DONE
    assert len(studio.youtube.posts) == 1
    assert studio.youtube.calls["publish"] == 1
    assert studio.youtube.calls["reconcile"] == 1


@pytest.mark.deep
async def test_an_open_outcome_is_looked_up_again_and_again(studio: FakeStudio) -> None:
    studio.youtube.lose_reply = 1
    studio.youtube.hidden_reads = 4
    result = await (await studio.start(REQUEST)).result()
    assert result.status is Stage.DONE
    assert len(studio.youtube.posts) == studio.youtube.calls["publish"] == 1
    assert studio.youtube.calls["reconcile"] == 5


async def publication(studio: FakeStudio, content_id: str, platform: Platform = Platform.YOUTUBE) -> Handle:
    """The publication's own workflow, once it stands."""
    handle = studio.client.get_workflow_handle(publish_workflow_id(content_id, platform.value, "default"))
    await eventually(lambda: _known(handle))
    return handle


async def _known(handle: Handle) -> bool:
    try:
        await handle.describe()
    except RPCError:
        return False
    return True


async def stage_of(handle: Handle) -> PublicationStatus:
    return await handle.query("status", result_type=PublicationStatus)


async def in_stage(handle: Handle, stage: str) -> PublicationStatus:
    async def there() -> bool:
        return (await stage_of(handle)).stage == stage

    await eventually(there)
    return await stage_of(handle)


@pytest.mark.deep
async def test_an_outcome_that_stays_open_waits_for_a_person(studio: FakeStudio) -> None:
    studio.youtube.lose_reply = 1
    studio.youtube.hidden_reads = 1_000
    handle = await studio.start(REQUEST, "content-open")
    post = await publication(studio, "open")
    status = await in_stage(post, "parked")
    assert "does not report whether the post was made" in status.detail
    assert "reelwright settle" in status.wants
    assert studio.youtube.calls["publish"] == 1
    content = Content("open", "content-open")
    page = await posts_listed(studio.temporal, None, content=content, platform=None, stage="parked", limit=5)
    assert [(row.platform, row.wants) for row in page.rows] == [("youtube", status.wants)]
    await publications.settle(SdkHandle(studio.client, post), post_id="v1", url="https://example.test/v1", by="ana")
    result = await handle.result()
    assert (result.status, result.posts[0].post_id) == (Stage.DONE, "v1")
    assert len(studio.youtube.posts) == studio.youtube.calls["publish"] == 1
    assert [notice.level for notice in studio.people.told] == ["warning", "good"]


async def test_not_posted_lets_it_be_posted(studio: FakeStudio) -> None:
    studio.youtube.fail_before = 1
    studio.youtube.untold = True
    handle = await studio.start(REQUEST, "content-untold")
    post = await publication(studio, "untold")
    status = await in_stage(post, "parked")
    assert "members cannot list their posts" in status.detail
    assert studio.youtube.calls["reconcile"] == 1
    await post.signal("posted", {"by": "ana"})  # no id: noted, not taken
    await publications.settle(SdkHandle(studio.client, post), post_id=None, url="", by="ana")
    assert (await handle.result()).status is Stage.DONE
    assert len(studio.youtube.posts) == 1


async def test_a_paused_platform_holds_for_a_month_and_goes_on(studio: FakeStudio) -> None:
    await studio.gate.pause(Platform.YOUTUBE, "", by="ana", note="rollback")
    handle = await studio.start(REQUEST, "content-paused")
    post = await publication(studio, "paused")
    status = await in_stage(post, "paused")
    assert "paused since" in status.detail
    assert "ana: rollback" in status.detail
    began = await studio.env.get_current_time(post)
    await studio.env.fast_forward(post, timedelta(days=30))
    assert not studio.youtube.calls["upload"]
    await studio.gate.resume(Platform.YOUTUBE, "")
    assert await publications.wake_publications(studio.temporal, Platform.YOUTUBE, "another") == 0
    assert await publications.wake_publications(studio.temporal, Platform.YOUTUBE) == 1
    assert (await handle.result()).status is Stage.DONE
    assert await studio.env.get_current_time(post) - began >= timedelta(days=30)
    assert len(studio.youtube.posts) == 1


async def test_a_spent_quota_is_slept_through(studio: FakeStudio) -> None:
    reset = datetime.now(UTC) + timedelta(hours=9)
    studio.youtube.refuse = [QuotaExhausted("spent", resets_at=reset, bucket="inserts")]
    studio.quota.slots = [Slot(granted=True, at=datetime.now(UTC))]
    handle = await studio.start(REQUEST, "content-quota")
    assert (await handle.result()).status is Stage.DONE
    assert studio.quota.closed_until == {"inserts": reset}
    assert studio.youtube.calls["publish"] == 2
    assert studio.youtube.calls["reconcile"] == 0


async def test_a_booked_out_quota_is_one_timer(studio: FakeStudio) -> None:
    at = datetime.now(UTC) + timedelta(hours=30)
    studio.quota.slots = [Slot(granted=False, at=at, bucket="inserts", why="video uploads are booked out")]
    handle = await studio.start(REQUEST, "content-booked")
    post = await publication(studio, "booked")
    assert (await handle.result()).status is Stage.DONE
    assert studio.quota.calls["reserve"] == 2
    timers = [e async for e in post.fetch_history_events() if e.HasField("timer_started_event_attributes")]
    assert len(timers) == 1


async def test_a_lapsed_authorisation_waits_for_a_person(studio: FakeStudio) -> None:
    studio.youtube.refuse = [NeedsAuthorization("revoked", field="account", remedy="authorise it")]
    handle = await studio.start(REQUEST, "content-auth")
    post = await publication(studio, "auth")
    await in_stage(post, "needs_authorization")
    await post.signal("resume")
    assert (await handle.result()).status is Stage.DONE
    assert "authorise YouTube" in studio.people.told[0].title


async def test_an_account_that_is_missing_waits_for_a_person_before_anything_is_booked(studio: FakeStudio) -> None:
    account = studio.accounts.known.pop((Platform.YOUTUBE, "default"))
    handle = await studio.start(REQUEST, "content-nobody")
    post = await publication(studio, "nobody")
    status = await in_stage(post, "needs_authorization")
    assert "no account 'default'" in status.detail and "authorise YouTube" in status.wants
    assert (studio.quota.calls["reserve"], studio.youtube.calls["validate"]) == (0, 0)
    await studio.accounts.put(account)
    await post.signal("resume")
    assert (await handle.result()).status is Stage.DONE


async def test_a_spent_budget_waits_for_a_person(studio: FakeStudio) -> None:
    studio.youtube.refuse = [NeedsBudget("no credits", field="budget", remedy="buy some")]
    handle = await studio.start(REQUEST, "content-budget")
    post = await publication(studio, "budget")
    await in_stage(post, "needs_budget")
    await post.signal("resume")
    assert (await handle.result()).status is Stage.DONE
    assert "raise the budget of YouTube" in studio.people.told[0].title
    assert studio.youtube.calls["reconcile"] == 0, "nothing was posted, and the adapter said so"


async def test_one_broken_platform_leaves_the_others_alone_and_is_retried(studio: FakeStudio) -> None:
    studio.platforms[Platform.X].refuse = [PostRejected("not this", field="caption", remedy="change it")]
    request = ContentRequest(script="A scene.\n\nAnother one.", auto_approve=True, platforms=tuple(Platform))
    result = await (await studio.start(request, "content-six")).result()
    assert result.status is Stage.INCOMPLETE
    assert {post.platform: post.status for post in result.posts} == {
        platform: "failed" if platform is Platform.X else "posted" for platform in Platform
    }
    assert "x: caption: not this" in result.reason
    failed = await publications.find(studio.temporal, "six", Platform.X)
    again = await publications.retry(studio.temporal, failed)
    assert (await publications.outcome(again, Platform.X, "default")).status == "posted"
    mended = await publications.up_to_date(studio.temporal, result)
    assert (mended.status, mended.reason) == (Stage.DONE, "")
    with pytest.raises(InvalidInput, match="posted already"):
        await publications.retry(studio.temporal, again)
    with pytest.raises(InvalidInput, match="no publication on X"):
        await publications.find(studio.temporal, "nobody", Platform.X)
    assert all(len(platform.posts) == 1 for platform in studio.platforms.values())
    assert studio.renderer.calls["mix"] == 1


@pytest.mark.parametrize("made", [True, False])
@pytest.mark.sample(1)
async def test_a_publication_that_failed_with_an_open_outcome_is_looked_up_when_it_is_retried(
    studio: FakeStudio, made: bool
) -> None:
    youtube = studio.youtube
    youtube.lose_reply, youtube.fail_before = int(made), int(not made)
    youtube.unreadable = [InvalidInput("the list has another shape", field="youtube", remedy="update")]
    result = await (await studio.start(REQUEST, "content-half")).result()
    assert (result.posts[0].status, len(youtube.posts)) == ("failed", int(made))
    again = await publications.retry(
        studio.temporal, await publications.find(studio.temporal, "half", Platform.YOUTUBE)
    )
    outcome = await publications.outcome(again, Platform.YOUTUBE, "default")
    assert (outcome.status, len(youtube.posts)) == ("posted", 1)
    assert youtube.calls["publish"] == (1 if made else 2)
    assert youtube.calls["reconcile"] == 2


async def test_a_scheduled_post_appears_on_time(studio: FakeStudio) -> None:
    at = datetime.now(UTC) + timedelta(days=3)
    request = REQUEST.model_copy(update={"publish_at": at})
    handle = await studio.start(request, "content-later")
    post = await publication(studio, "later")
    assert (await handle.result()).status is Stage.DONE
    assert await studio.env.get_current_time(post) >= at


async def test_a_post_without_a_time_appears_in_its_slot_and_one_with_a_time_takes_none(studio: FakeStudio) -> None:
    slot, at = datetime.now(UTC) + timedelta(days=2), datetime.now(UTC) + timedelta(days=1)
    studio.slots.times[Platform.YOUTUBE] = slot
    handle = await studio.start(REQUEST, "content-slotted")
    post = await publication(studio, "slotted")
    assert (await handle.result()).status is Stage.DONE
    assert await studio.env.get_current_time(post) >= slot and len(studio.slots.claimed) == 1
    given = await studio.start(REQUEST.model_copy(update={"publish_at": at}), "content-given")
    assert (await given.result()).status is Stage.DONE and len(studio.slots.claimed) == 1


async def test_a_time_that_is_past_is_refused_before_anything_is_made(studio: FakeStudio) -> None:
    request = REQUEST.model_copy(update={"publish_at": datetime.now(UTC) - timedelta(hours=1)})
    handle = await studio.start(request, "content-past")
    with pytest.raises(WorkflowFailureError) as failure:
        await handle.result()
    assert "publish_at" in str(failure.value.cause)
    assert not studio.makers.calls


async def test_a_comment_whose_answer_was_lost_is_not_doubled(studio: FakeStudio) -> None:
    studio.youtube.lose_comment = 1
    request = ContentRequest(
        script="A scene.\n\nAnother one.",
        auto_approve=True,
        posts={Platform.YOUTUBE: PostOptions(first_comment="What do you think?")},
    )
    assert (await (await studio.start(request)).result()).status is Stage.DONE
    assert studio.youtube.comments == ["What do you think?"]


async def test_a_video_that_the_platform_spoilt_is_sent_again(studio: FakeStudio) -> None:
    studio.youtube.readings = [Processing(state=ProcessingState.FAILED, reason="internal", again=True)]
    assert (await (await studio.start(REQUEST)).result()).status is Stage.DONE
    assert studio.youtube.calls["publish"] == 2


async def test_a_certain_no_is_tried_again(studio: FakeStudio) -> None:
    studio.youtube.fail_before = 2
    result = await (await studio.start(REQUEST)).result()
    assert result.status is Stage.DONE
    assert len(studio.youtube.posts) == 1
    assert studio.youtube.calls["publish"] == 3
