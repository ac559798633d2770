"""RenderVideo: from agreed material to inspected files."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

with workflow.unsafe.imports_passed_through():
    from activities.rendering import DrawThumbnail, Rendering
    from reelwright.domain.ports import TOOLCHAIN_FIELD
    from reelwright.domain.video import (
        FormatOrder,
        Inspection,
        InspectJob,
        JoinJob,
        RenderCut,
        RenderedContent,
        RenderedVideo,
        RenderPlan,
        SegmentFiles,
        Soundtrack,
    )

# Reloaded inside the sandbox on purpose: these run as workflow code.
with workflow.unsafe.sandbox_import_notification_policy(workflow.SandboxImportNotificationPolicy.SILENT):
    from . import policies, search


ArgT = TypeVar("ArgT")
MadeT = TypeVar("MadeT")


@workflow.defn
class RenderVideo:
    """Segments side by side, each made once: a crash or a changed scene costs the segments that are missing."""

    @workflow.init
    def __init__(self, plan: RenderPlan) -> None:
        self._plan = plan
        self._begun: list[asyncio.Task[Any]] = []

    @workflow.run
    async def run(self, plan: RenderPlan) -> RenderedContent:
        workflow.upsert_search_attributes([search.CONTENT_ID.value_set(plan.content_id)])
        try:
            sound = self._begin(Rendering.mix_sound, plan)
            # The sound is awaited here too, so that its failure is known before an hour of encoding is over.
            captions, made, _ = await asyncio.gather(
                self._begin(Rendering.write_captions, plan), self._videos(sound), sound
            )
            thumbnails = await asyncio.gather(
                *(
                    self._begin(Rendering.draw_thumbnail, DrawThumbnail(plan=plan, format=format), format)
                    for format in plan.formats
                )
            )
        finally:
            await self._stop()
        return RenderedContent(
            videos=tuple(video for video, _ in made),
            captions=captions.files,
            thumbnails=tuple(thumbnails),
            inspections=tuple(inspection for _, inspection in made),
        )

    async def _videos(self, sound: asyncio.Task[Soundtrack]) -> list[tuple[RenderedVideo, Inspection]]:
        """Every format; planned anew when the pool was given another build under way, which fits no older segment."""
        for left in reversed(range(policies.RENDER_PLANS)):
            try:
                cut = await self._begin(Rendering.plan_render, self._plan)
                # All are begun here, in the plan's order: the longest first.
                work = [self._begin(Rendering.render_segment, task, task.cut.title) for task in cut.tasks]
                return list(await asyncio.gather(*(self._video(cut, order, work, sound) for order in cut.orders)))
            except ActivityError as error:
                if not left or not _pool_changed(error):
                    raise
        raise AssertionError("the last round returns or raises")

    async def _video(
        self,
        cut: RenderCut,
        order: FormatOrder,
        work: list[asyncio.Task[SegmentFiles]],
        sound: asyncio.Task[Soundtrack],
    ) -> tuple[RenderedVideo, Inspection]:
        """One format, joined when its last segment is there; a file that fails its own inspection is not done."""
        mine = [made for task, made in zip(cut.tasks, work, strict=True) if task.cut.format == order.format]
        files = {file.digest: file for file in cut.made}
        for done in await asyncio.gather(*mine):
            files.update({file.digest: file for file in done.files})
        soundtrack = await sound
        join = JoinJob(
            content_id=self._plan.content_id,
            plan=cut.plan,
            format=order.format,
            segments=tuple(files[digest] for digest in order.digests),
            soundtrack=soundtrack,
        )
        video = await self._begin(Rendering.join_format, join, order.format)
        wanted = InspectJob(plan=self._plan, video=video, soundtrack=soundtrack)
        return video, await self._begin(Rendering.inspect_video, wanted, order.format)

    def _begin(
        self, step: Callable[[Rendering, ArgT], Awaitable[MadeT]], arg: ArgT, summary: str | None = None
    ) -> asyncio.Task[MadeT]:
        """An activity of the plan's pool, begun at once."""
        begun = workflow.start_activity_method(
            step, arg, task_queue=policies.media_queue(self._plan.pool), summary=summary, **policies.RENDER
        )
        self._begun.append(begun)
        return begun

    async def _stop(self) -> None:
        """Nothing is left running when this workflow is over, however it ends: no encoder works for nobody."""
        running = [begun for begun in self._begun if not begun.done()]
        for begun in running:
            begun.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def _pool_changed(error: ActivityError) -> bool:
    cause = error.cause
    return isinstance(cause, ApplicationError) and any(
        isinstance(detail, dict) and detail.get("field") == TOOLCHAIN_FIELD for detail in cause.details
    )
