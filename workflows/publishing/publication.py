"""One publication from draft to post, the same on every platform: what differs stands in the adapters.

validate ─ book quota ─ wait ─ upload ─ process ─ arm ─ post ─ confirm or reconcile ─ record ─ extras ─ announce
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, FailureError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.publishing.posting import Publishing
    from activities.publishing.quota import Clearance, booking_of
    from reelwright.domain.errors import InvalidInput
    from reelwright.domain.publishing.posting import (
        FailedPost,
        PostResult,
        PostState,
        PreparedPost,
        ProcessingState,
        PublicationStatus,
        PublishedPost,
        PublishTask,
        Settlement,
    )
    from reelwright.domain.publishing.settlement import NOT_POSTED, POSTED, read_settlement, read_settlement_0_1

# Reloaded inside the sandbox on purpose: these run as workflow code.
with workflow.unsafe.sandbox_import_notification_policy(workflow.SandboxImportNotificationPolicy.SILENT):
    from .. import policies
    from ..failures import as_failure, reason_of
    from ..messages import TakesMessages, answered, noted, started
    from .extras import finish
    from .outcome import OpenOutcome
    from .transfer import processed, uploaded
    from .waiting import Patience

TASK = "one publish task, as a content gives it to its publications and their query `task` answers"
READ_BY_RULES = "settlements-read-by-rules"


class Publication(TakesMessages):
    """The base of the Publish workflows. Each is a workflow type of its own, so that people can tell them apart,
    pause them and watch them alone."""

    @workflow.init
    @started(wants=TASK)
    def __init__(self, task: PublishTask) -> None:
        self._task = task
        self._patience = Patience(task)
        self._outcome = OpenOutcome(task, self._patience)
        self._remarks: tuple[str, ...] = ()

    async def publish(self) -> PostResult:
        """The post, or a failed workflow with the reason and the artifacts kept."""
        try:
            prepared = await self._patience.step(Publishing.prepare_post, self._task, **policies.RECORD)
            post = await self._post(prepared)
            notes = await finish(self._patience, self._task, prepared, post, self._remarks)
        except FailureError as error:
            if not is_cancelled_exception(error):
                await self._failed(reason_of(error))
            raise as_failure(error) from error
        return PostResult(
            platform=self._task.draft.platform,
            account=self._task.draft.account,
            status="posted",
            post_id=post.post_id,
            url=post.url,
            video=self._task.video.file,
            notes=notes,
        )

    # --- messages ---------------------------------------------------------------------------------------------------

    def ignored(self, text: str) -> None:
        """A message that was ignored shows on the board."""
        self._patience.board.ignored(text)

    @workflow.signal
    @noted()
    def resume(self) -> None:
        """Look again now: the platform was resumed, or the account authorised anew."""
        self._patience.wake()

    @workflow.signal
    @noted(wants=POSTED)
    def posted(self, told: Any) -> None:
        """A person has found the post: its id, text or a whole number, or `{"post_id": ..., "url": ..., "by": ...}`."""
        self._outcome.settle(self._word(told, posted=True))

    @workflow.signal
    @noted(wants=NOT_POSTED)
    def not_posted(self, told: Any = None) -> None:
        """A person has looked and there is no post: it may be made now. `{"by": ...}`, or the name alone."""
        self._outcome.settle(self._word(told, posted=False))

    @workflow.query
    @answered()
    def status(self) -> PublicationStatus:
        """Where this publication is, for a person."""
        return self._patience.status()

    @workflow.query
    @answered()
    def task(self) -> PublishTask:
        """What was asked for; `reelwright retry` starts the same again."""
        return self._task

    def _word(self, told: Any, *, posted: bool) -> Settlement:
        """What was told, by today's rules; where release 0.1 decided otherwise, its runs do as they did."""
        before = read_settlement_0_1(told, posted=posted)
        try:
            word = read_settlement(told, posted=posted)
        except InvalidInput:
            if before is None or workflow.patched(READ_BY_RULES):
                raise
            return before
        if before is None and not workflow.patched(READ_BY_RULES):
            raise InvalidInput("a run of release 0.1 takes text only", field="input", remedy="send it in quotes")
        return word

    # --- the process ------------------------------------------------------------------------------------------------

    async def _post(self, prepared: PreparedPost) -> PublishedPost:
        """Posts, or finds the post that an earlier attempt made; again from the upload on where the platform's own
        processing has thrown the post away for a reason of its own."""
        for take in range(policies.TAKES):
            booking = booking_of(self._task, prepared, take)
            if prepared.state is not PostState.ARMED:
                await self._patience.cleared(booking)
            post = await self._post_once(prepared)
            await self._patience.call(Clearance.spend_quota, booking.key, **policies.RECORD)
            reading = await processed(self._patience, self._task)
            if reading.state is not ProcessingState.FAILED:
                self._remarks = (reading.reason,) if reading.reason and reading.state is ProcessingState.LIVE else ()
                self._patience.board.post = reading.post or post
                return self._patience.board.post
            why = f"{self._task.draft.platform.label} did not keep the video: {reading.reason}"
            if not reading.again or take + 1 == policies.TAKES:
                break
            prepared = await self._patience.step(Publishing.prepare_post, self._task, **policies.RECORD)
        raise ApplicationError(why, type="PostRejected", non_retryable=True)

    async def _post_once(self, prepared: PreparedPost) -> PublishedPost:
        """Never posts while the outcome of an attempt is open."""
        for attempt in range(policies.POST_ATTEMPTS):
            if prepared.state is not PostState.ARMED or attempt:
                await uploaded(self._patience, self._task)
                await self._on_time(prepared.not_before)
            try:
                post: PublishedPost = await self._patience.step(
                    Publishing.publish_video, self._task, stage="posting", **policies.PUBLISH_ONCE
                )
                return post
            except ActivityError as error:
                if _certain(error):
                    raise
                pause = _named_pause(error) or timedelta(seconds=min(600, 5 * 2**attempt))
            if settled := await self._outcome.settled():
                return settled
            # The platform, or a person, is certain that nothing was posted: once more, from what is missing.
            await workflow.sleep(pause, summary="before posting is tried again")
        raise ApplicationError(
            f"{self._task.draft.platform.label}: {policies.POST_ATTEMPTS} attempts to post came to nothing",
            type="PlatformTransient",
            non_retryable=True,
        )

    async def _on_time(self, not_before: datetime | None) -> None:
        while not_before and workflow.now() < not_before:
            await self._patience.wait("waiting", "uploaded; its time has not come", until=not_before)

    async def _failed(self, reason: str) -> None:
        """Ends the row and gives the quota back. What goes wrong with that is noted: the reason stays the reason."""
        failed, booked = FailedPost(task=self._task, reason=reason), self._patience.booked or self._task.key
        for activity, arg in ((Publishing.fail_post, failed), (Clearance.release_quota, booked)):
            try:
                await self._patience.call(activity, arg, **policies.RECORD)
            except ActivityError as error:
                if is_cancelled_exception(error):
                    raise
                self._patience.board.note(f"after the failure: {reason_of(error)}")
        await self._patience.board.end("failed", reason, level="bad")


def _certain(error: ActivityError) -> bool:
    """Whether the adapter knows that no post was made and none may be; anything else leaves the outcome open."""
    cause = error.cause
    return isinstance(cause, ApplicationError) and cause.type in ("InvalidInput", "PostRejected", "AssetCorrupt")


def _named_pause(error: ActivityError) -> timedelta | None:
    return error.cause.next_retry_delay if isinstance(error.cause, ApplicationError) else None
