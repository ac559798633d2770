"""RenderVideo: from agreed material to inspected files."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias, TypeVar

from temporalio import workflow
from temporalio.common import VersioningBehavior
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from activities.rendering.rendering import PackageHls, Rendering
    from activities.rendering.stills import DrawThumbnails, Thumbnails
    from reelwright.domain.content.video import (
        FormatOrder,
        GivenPlan,
        HlsPackage,
        Inspection,
        InspectJob,
        JoinJob,
        RenderCut,
        RenderedContent,
        RenderedVideo,
        RenderPlan,
        RenderProgress,
        SegmentFiles,
        SegmentTask,
        Soundtrack,
    )
    from reelwright.domain.formats import VideoFormat
    from reelwright.domain.ports.rendering import TOOLCHAIN_FIELD

# Reloaded inside the sandbox on purpose: these run as workflow code.
with workflow.unsafe.sandbox_import_notification_policy(workflow.SandboxImportNotificationPolicy.SILENT):
    from .. import policies, search
    from ..failures import read
    from ..messages import answered, started
    from .tally import Tally


ArgT = TypeVar("ArgT")
MadeT = TypeVar("MadeT")
Delivered: TypeAlias = tuple[RenderedVideo, Inspection, HlsPackage | None]
"""One format's file, what was measured on it, and its streaming ladder if one was requested."""
_BESIDE = "thumbnails-beside-segments"
"""Renders that were begun without it draw them last."""
PLAN = "one render plan, as a content gives it to its render"


@workflow.defn(versioning_behavior=VersioningBehavior.PINNED)
class RenderVideo:
    """Segments side by side, each made once: a crash or a changed scene costs the segments that are missing."""

    @workflow.init
    @started(wants=PLAN)
    def __init__(self, plan: RenderPlan) -> None:
        self._plan = plan
        self._given: GivenPlan = plan
        self._begun: list[asyncio.Task[Any]] = []
        self._drawn: list[asyncio.Task[Thumbnails]] = []
        self._tally = Tally()
        self._notes: tuple[str, ...] = ()

    @workflow.run
    @started(wants=PLAN)
    async def run(self, plan: RenderPlan) -> RenderedContent:
        workflow.upsert_search_attributes([search.CONTENT_ID.value_set(plan.content_id)])
        try:
            if workflow.patched("plan-by-reference"):
                self._given = await self._begin(Rendering.keep_plan, plan)
            sound = self._begin(Rendering.mix_sound, self._given)
            # The sound is awaited here too, so that its failure is known before an hour of encoding is over.
            captions, made, soundtrack = await asyncio.gather(
                self._begin(Rendering.write_captions, self._given), self._videos(sound), sound
            )
            if workflow.patched(_BESIDE):
                thumbnails = await asyncio.gather(*self._drawn)
            else:
                thumbnails = await asyncio.gather(*(self._thumbnails(format) for format in plan.formats))
        finally:
            await self._stop()
        inspections = tuple(inspection for _, inspection, _ in made)
        heard = [note for inspection in inspections for note in inspection.notes]
        return RenderedContent(
            videos=tuple(video for video, _, _ in made),
            captions=captions.files,
            thumbnails=tuple(image for drawn in thumbnails for image in drawn.images),
            inspections=inspections,
            hls=tuple(package for _, _, package in made if package),
            # The formats share one soundtrack: a note about one holds for all, and once is enough.
            notes=tuple(dict.fromkeys([*self._notes, *soundtrack.notes, *heard])),
        )

    @workflow.query
    @answered()
    def progress(self) -> RenderProgress:
        """The encoding's progress; the heartbeats have the rest."""
        return self._tally.progress()

    async def _videos(self, sound: asyncio.Task[Soundtrack]) -> list[Delivered]:
        """Every format; planned anew when the pool was given another build under way, which fits no older segment."""
        for left in reversed(range(policies.RENDER_PLANS)):
            try:
                cut = await self._begin(Rendering.plan_render, self._given)
                self._notes = cut.notes
                self._tally.plan(cut)
                if workflow.patched(_BESIDE) and not self._drawn:
                    # Before the segments, in whose queue they would wait for the last one.
                    self._drawn = [self._thumbnails(format) for format in self._plan.formats]
                # All are begun here, in the plan's order: the longest first.
                work = [self._segments(task) for task in cut.tasks]
                videos = asyncio.gather(*(self._video(cut, order, work, sound) for order in cut.orders))
                # Awaited here too: as with the sound, a failure is known before an hour of encoding is over.
                made, _ = await asyncio.gather(videos, asyncio.gather(*self._drawn))
                return made
            except ActivityError as error:
                if not left or not _pool_changed(error):
                    raise
        raise AssertionError("the last round returns or raises")

    def _thumbnails(self, format: VideoFormat) -> asyncio.Task[Thumbnails]:
        return self._begin(Rendering.draw_thumbnails, DrawThumbnails(plan=self._given, format=format), format)

    def _segments(self, task: SegmentTask) -> asyncio.Task[SegmentFiles]:
        """A task's segments, counted when they are there."""
        begun = self._begin(Rendering.render_segment, task, task.cut.title)
        begun.add_done_callback(
            lambda done: self._tally.finish(task, made=not done.cancelled() and not done.exception())
        )
        return begun

    async def _video(
        self,
        cut: RenderCut,
        order: FormatOrder,
        work: list[asyncio.Task[SegmentFiles]],
        sound: asyncio.Task[Soundtrack],
    ) -> Delivered:
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
        video = await self._begin(Rendering.join_format, join, order.format, policies.FINISH)
        wanted = InspectJob(plan=self._given, video=video, soundtrack=soundtrack, segments=join.segments)
        inspection = await self._begin(Rendering.inspect_video, wanted, order.format, policies.FINISH)
        if not self._plan.style.hls:
            return video, inspection, None
        streamed = PackageHls(content_id=self._plan.content_id, plan=cut.plan, video=video)
        return video, inspection, await self._begin(Rendering.package_hls, streamed, order.format)

    def _begin(
        self,
        step: Callable[[Rendering, ArgT], Awaitable[MadeT]],
        arg: ArgT,
        summary: str | None = None,
        options: policies.Options = policies.RENDER,
    ) -> asyncio.Task[MadeT]:
        """An activity of the plan's pool, begun at once."""
        begun = workflow.start_activity_method(
            step, arg, task_queue=policies.media_queue(self._plan.pool), summary=summary, **options
        )
        self._begun.append(begun)
        return begun

    async def _stop(self) -> None:
        """No task keeps running after this workflow has ended in any way: no encoder works without a use."""
        running = [begun for begun in self._begun if not begun.done()]
        for begun in running:
            begun.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def _pool_changed(error: ActivityError) -> bool:
    return read(error).details.get("field") == TOOLCHAIN_FIELD
