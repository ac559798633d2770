"""The bytes' way to the platform, and what the platform makes of them before and after the post."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.publishing.posting import Publishing
    from reelwright.domain.errors import PlatformTransient, PostRejected
    from reelwright.domain.publishing.posting import Processing, ProcessingState, PublishTask

# Reloaded inside the sandbox on purpose: these run as workflow code.
with workflow.unsafe.sandbox_import_notification_policy(workflow.SandboxImportNotificationPolicy.SILENT):
    from .. import policies
    from ..failures import translate
    from .runner import StepRunner


async def uploaded(runner: StepRunner, task: PublishTask) -> None:
    """Uploads, and waits until the platform has processed what it was sent; a fresh upload where that may help."""
    for _ in range(policies.TAKES):
        await runner.step(Publishing.upload_video, task, stage="uploading", **policies.UPLOAD)
        reading = await _read(runner, Publishing.read_ready, task, policies.READY_WAITS)
        if reading.state is ProcessingState.LIVE:
            return
        if reading.state is ProcessingState.PROCESSING:
            raise translate(PlatformTransient(f"{task.draft.platform.label} has not processed the video in a day"))
        if not reading.again:
            break
    raise translate(PostRejected(f"{task.draft.platform.label} cannot use the video: {reading.reason}"))


async def processed(runner: StepRunner, task: PublishTask) -> Processing:
    """What the platform makes of the post; one that is still processing after hours is left as posted."""
    return await _read(runner, Publishing.read_processing, task, policies.PROCESSING_WAITS)


async def _read(
    runner: StepRunner, activity: Callable[..., Any], task: PublishTask, waits: tuple[timedelta, ...]
) -> Processing:
    """Looks until the platform is through with it; the last look, when it is not through by then."""
    for wait in waits:
        reading: Processing = await runner.step(activity, task, stage="processing", **policies.ASK_PLATFORM)
        if reading.state is not ProcessingState.PROCESSING:
            return reading
        await workflow.sleep(wait, summary=f"{task.draft.platform.label} is processing the video")
    return reading
