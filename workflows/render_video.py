"""RenderVideo: from agreed material to inspected files."""

from __future__ import annotations

import asyncio

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.rendering import DrawThumbnail, Rendering
    from reelwright.domain.formats import VideoFormat
    from reelwright.domain.video import (
        Inspection,
        InspectJob,
        RenderedContent,
        RenderedVideo,
        RenderJob,
        RenderPlan,
        Soundtrack,
    )

# Reloaded inside the sandbox on purpose: these run as workflow code.
with workflow.unsafe.sandbox_import_notification_policy(workflow.SandboxImportNotificationPolicy.SILENT):
    from . import policies, search


@workflow.defn
class RenderVideo:
    """One soundtrack, then every format by itself: a crash costs at most the format that was being made."""

    @workflow.run
    async def run(self, plan: RenderPlan) -> RenderedContent:
        workflow.upsert_search_attributes([search.CONTENT_ID.value_set(plan.content_id)])
        media = policies.media_queue(plan.pool)
        captions = workflow.start_activity_method(Rendering.write_captions, plan, task_queue=media, **policies.RENDER)
        soundtrack = await workflow.execute_activity_method(
            Rendering.mix_sound, plan, task_queue=media, **policies.RENDER
        )
        made = await asyncio.gather(*(self._video(plan, format, soundtrack) for format in plan.formats))
        thumbnails = await asyncio.gather(
            *(
                workflow.execute_activity_method(
                    Rendering.draw_thumbnail,
                    DrawThumbnail(plan=plan, format=format),
                    task_queue=media,
                    summary=format.value,
                    **policies.RENDER,
                )
                for format in plan.formats
            )
        )
        return RenderedContent(
            videos=tuple(video for video, _ in made),
            captions=(await captions).files,
            thumbnails=tuple(thumbnails),
            inspections=tuple(inspection for _, inspection in made),
        )

    async def _video(
        self, plan: RenderPlan, format: VideoFormat, soundtrack: Soundtrack
    ) -> tuple[RenderedVideo, Inspection]:
        """One format; a render that fails its own inspection is not done."""
        media = policies.media_queue(plan.pool)
        video = await workflow.execute_activity_method(
            Rendering.render_format,
            RenderJob(plan=plan, format=format, soundtrack=soundtrack),
            task_queue=media,
            summary=format.value,
            **policies.RENDER,
        )
        inspection = await workflow.execute_activity_method(
            Rendering.inspect_video,
            InspectJob(plan=plan, video=video, soundtrack=soundtrack),
            task_queue=media,
            summary=format.value,
            **policies.RENDER,
        )
        return video, inspection
