"""PublishYouTube: one video on one channel, once."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.publishing import Publishing
    from reelwright.domain.posting import PostResult, PostState, ProcessingState, PublishTask

# Reloaded inside the sandbox on purpose: these run as workflow code.
with workflow.unsafe.sandbox_import_notification_policy(workflow.SandboxImportNotificationPolicy.SILENT):
    from . import policies, search
    from .post_once import post_once


@workflow.defn
class PublishYouTube:
    """Validate, upload, arm, post, confirm. YouTube's post exists from the last byte on, so posting is sending it."""

    @workflow.run
    async def run(self, task: PublishTask) -> PostResult:
        workflow.upsert_search_attributes(
            [
                search.CONTENT_ID.value_set(task.content_id),
                search.PLATFORM.value_set(task.draft.platform.value),
                search.STAGE.value_set("publishing"),
            ]
        )
        self._queue = policies.publish_queue(task.draft.platform.value)
        row = await workflow.execute_activity_method(
            Publishing.prepare_post, task, task_queue=self._queue, **policies.RECORD
        )
        if row.state not in (PostState.ARMED, PostState.POSTED):
            await workflow.execute_activity_method(
                Publishing.upload_video, task, task_queue=self._queue, **policies.UPLOAD
            )
        post = await post_once(task, self._queue)
        trouble = await self._processed(task)
        workflow.upsert_search_attributes([search.STAGE.value_set("failed" if trouble else "posted")])
        return PostResult(
            platform=task.draft.platform,
            account=task.draft.account,
            status="failed" if trouble else "posted",
            post_id=post.post_id,
            url=post.url,
            error=trouble,
            video=task.video.file,
        )

    async def _processed(self, task: PublishTask) -> str:
        """Waits for YouTube's own processing; returns what went wrong, or an empty string."""
        for wait in policies.PROCESSING_WAITS:
            reading = await workflow.execute_activity_method(
                Publishing.read_processing, task, task_queue=self._queue, **policies.ASK_PLATFORM
            )
            if reading.state is ProcessingState.LIVE:
                return ""
            if reading.state is ProcessingState.FAILED:
                return f"YouTube did not accept the video: {reading.reason}"
            await workflow.sleep(wait, summary="YouTube is processing the video")
        return ""
