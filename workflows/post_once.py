"""The irreversible call and what follows when its answer is lost. Shared by all Publish workflows."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

with workflow.unsafe.imports_passed_through():
    from activities.publishing import Publishing
    from reelwright.domain.posting import PublishedPost, PublishTask

# Reloaded inside the sandbox on purpose: these run as workflow code.
with workflow.unsafe.sandbox_import_notification_policy(workflow.SandboxImportNotificationPolicy.SILENT):
    from . import policies

# What the adapter knows for certain made no post; anything else, a timeout above all, leaves the outcome open.
CERTAIN = ("InvalidInput", "PostRejected", "QuotaExhausted", "NeedsAuthorization")
MAX_ATTEMPTS = 50
"""With pauses of up to ten minutes: about eight hours of a platform that takes uploads and then no posts."""


async def post_once(task: PublishTask, queue: str) -> PublishedPost:
    """Posts, or finds the post that an earlier attempt made. Never posts while the outcome of an attempt is open."""
    for attempt in range(MAX_ATTEMPTS):
        try:
            return await workflow.execute_activity_method(
                Publishing.publish_video,
                task,
                task_queue=queue,
                summary="the irreversible call",
                **policies.PUBLISH_ONCE,
            )
        except ActivityError as error:
            if isinstance(error.cause, ApplicationError) and error.cause.type in CERTAIN:
                raise
        if post := await _settled(task, queue):
            return post
        # The platform is certain that nothing was posted, and the row is disarmed: send what is missing, once more.
        pause = timedelta(seconds=min(600, 5 * 2**attempt))
        await workflow.sleep(pause, summary="before posting is tried again")
        await workflow.execute_activity_method(Publishing.upload_video, task, task_queue=queue, **policies.UPLOAD)
    raise ApplicationError(
        f"{task.draft.platform.value}: {MAX_ATTEMPTS} attempts to post came to nothing; nothing was posted",
        type="PlatformTransient",
        non_retryable=True,
    )


async def _settled(task: PublishTask, queue: str) -> PublishedPost | None:
    """The post, or None when the platform is certain that there is none. Asks for about a day, then gives up."""
    for wait in policies.RECONCILE_WAITS:
        await workflow.sleep(wait, summary="looking for the post on the platform")
        found = await workflow.execute_activity_method(
            Publishing.reconcile_post, task, task_queue=queue, **policies.ASK_PLATFORM
        )
        if found.outcome == "posted":
            return found.post
        if found.outcome == "absent":
            return None
    raise ApplicationError(
        f"{task.draft.platform.value}: the platform does not tell whether the post was made; look at the account",
        type="OutcomeUnknown",
        non_retryable=True,
    )
