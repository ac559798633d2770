"""One publication from draft to post, the same on every platform: what differs stands in the adapters.

validate ─ book quota ─ wait ─ upload ─ process ─ arm ─ post ─ confirm or reconcile ─ record ─ extras ─ announce
"""

from __future__ import annotations

from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, FailureError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.publishing.posting import Publishing
    from activities.publishing.quota import QuotaBooking
    from reelwright.domain.errors import PlatformTransient, PostRejected
    from reelwright.domain.publishing.posting import (
        FailedPost,
        PostResult,
        PostState,
        PreparedPost,
        ProcessingState,
        PublishedPost,
        PublishTask,
    )
    from reelwright.domain.publishing.quota import booking_of

# Reloaded inside the sandbox on purpose: these run as workflow code.
with workflow.unsafe.sandbox_import_notification_policy(workflow.SandboxImportNotificationPolicy.SILENT):
    from .. import policies
    from ..failures import as_failure, read, reason_of, translate
    from ..messages import started
    from .extras import finish
    from .inbox import TASK, PublicationMessages
    from .transfer import processed, uploaded


class Publication(PublicationMessages):
    """The base of the Publish workflows. Each is a workflow type of its own, so that people can distinguish
    them, and pause and watch each alone."""

    @workflow.init
    @started(wants=TASK)
    def __init__(self, task: PublishTask) -> None:
        super().__init__(task)
        self._remarks: tuple[str, ...] = ()

    async def publish(self) -> PostResult:
        """The post, or a failed workflow with the reason and the artifacts kept."""
        try:
            prepared = await self._runner.step(Publishing.prepare_post, self._task, **policies.RECORD)
            post = await self._post(prepared)
            notes = await finish(self._runner, self._task, prepared, post, self._remarks)
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
            video=self._task.file,
            notes=notes,
        )

    # --- the process ------------------------------------------------------------------------------------------------

    async def _post(self, prepared: PreparedPost) -> PublishedPost:
        """Posts, or finds the post that an earlier attempt made; again from the upload on where the platform's own
        processing has thrown the post away for a reason of its own."""
        for take in range(policies.TAKES):
            booking = booking_of(self._task, prepared, take)
            if prepared.state is not PostState.ARMED:
                await self._runner.cleared(booking)
            post = await self._post_once(prepared)
            await self._runner.call(QuotaBooking.spend_quota, booking.key, **policies.RECORD)
            reading = await processed(self._runner, self._task)
            if reading.state is not ProcessingState.FAILED:
                self._remarks = (reading.reason,) if reading.reason and reading.state is ProcessingState.LIVE else ()
                self._runner.board.post = reading.post or post
                return self._runner.board.post
            why = f"{self._task.draft.platform.label} did not keep the video: {reading.reason}"
            if not reading.again or take + 1 == policies.TAKES:
                break
            prepared = await self._runner.step(Publishing.prepare_post, self._task, **policies.RECORD)
        raise translate(PostRejected(why))

    async def _post_once(self, prepared: PreparedPost) -> PublishedPost:
        """Never posts while the outcome of an attempt is open."""
        for attempt in range(policies.POST_ATTEMPTS):
            if prepared.state is not PostState.ARMED or attempt:
                await uploaded(self._runner, self._task)
                await self._on_time(prepared.not_before)
            try:
                post: PublishedPost = await self._runner.step(
                    Publishing.publish_video, self._task, stage="posting", **policies.PUBLISH_ONCE
                )
                return post
            except ActivityError as error:
                failure = read(error)
                if failure.final:
                    raise
                pause = failure.retry_after or timedelta(seconds=min(600, 5 * 2**attempt))
            if settled := await self._outcome.settled():
                return settled
            # The platform, or a person, is certain that nothing was posted: once more, from what is missing.
            await workflow.sleep(pause, summary="before posting is tried again")
        label = self._task.draft.platform.label
        raise translate(PlatformTransient(f"{label}: {policies.POST_ATTEMPTS} attempts to post came to nothing"))

    async def _on_time(self, not_before: datetime | None) -> None:
        while not_before and workflow.now() < not_before:
            await self._runner.wait("waiting", "uploaded; its time has not come", until=not_before)

    async def _failed(self, reason: str) -> None:
        """Ends the row and gives the quota back. What goes wrong with that is noted: the reason stays the reason."""
        failed, booked = FailedPost(task=self._task, reason=reason), self._runner.booked or self._task.key
        for activity, arg in ((Publishing.fail_post, failed), (QuotaBooking.release_quota, booked)):
            try:
                await self._runner.call(activity, arg, **policies.RECORD)
            except ActivityError as error:
                if is_cancelled_exception(error):
                    raise
                self._runner.board.note(f"after the failure: {reason_of(error)}")
        await self._runner.board.end("failed", reason, level="bad")
