"""Edits of RenderVideo in a branch that no recorded run took: the plan is made anew only when the pool has changed; and
a small workflow whose fingerprint can be read at a glance."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from activities.rendering.rendering import Rendering
    from reelwright.domain.content.video import RenderedContent, RenderPlan, Soundtrack

# Reloaded inside the sandbox on purpose: these run as workflow code.
with workflow.unsafe.sandbox_import_notification_policy(workflow.SandboxImportNotificationPolicy.SILENT):
    from workflows import policies
    from workflows.messages import started
    from workflows.rendering.render_video import _BESIDE, PLAN, Delivered, RenderVideo, _pool_changed


class _Edited(RenderVideo):
    async def _before_planning_anew(self) -> None:
        """What the edit adds."""

    async def _videos(self, sound: asyncio.Task[Soundtrack]) -> list[Delivered]:
        for left in reversed(range(policies.RENDER_PLANS)):
            try:
                planned = await self._begin(Rendering.plan_render, self._given)
                self._notes = planned.notes
                self._tally.plan(planned)
                if workflow.patched(_BESIDE) and not self._drawn:
                    self._drawn = [self._thumbnails(one) for one in self._plan.formats]
                begun = [self._segments(one) for one in planned.tasks]
                videos = asyncio.gather(*(self._video(planned, order, begun, sound) for order in planned.orders))
                made, _ = await asyncio.gather(videos, asyncio.gather(*self._drawn))
                return made
            except ActivityError as error:
                if not left or not _pool_changed(error):
                    raise
                await self._before_planning_anew()
        raise AssertionError("the last round returns or raises")


@workflow.defn(name="RenderVideo")
class OnlyRenamed(_Edited):
    """Other names, and a helper more."""

    @workflow.run
    @started(wants=PLAN)
    async def run(self, plan: RenderPlan) -> RenderedContent:
        return await super().run(plan)


@workflow.defn(name="RenderVideo")
class WaitsUnversioned(_Edited):
    """A timer more, for all runs."""

    @workflow.run
    @started(wants=PLAN)
    async def run(self, plan: RenderPlan) -> RenderedContent:
        return await super().run(plan)

    async def _before_planning_anew(self) -> None:
        await workflow.sleep(timedelta(seconds=5))


@workflow.defn(name="RenderVideo")
class WaitsBehindPatch(_Edited):
    """A timer more, for runs that were begun with it."""

    @workflow.run
    @started(wants=PLAN)
    async def run(self, plan: RenderPlan) -> RenderedContent:
        return await super().run(plan)

    async def _before_planning_anew(self) -> None:
        if workflow.patched("wait-before-planning-anew"):
            await workflow.sleep(timedelta(seconds=5))


@workflow.defn
class Example:
    """Never run."""

    @workflow.run
    async def run(self, times: int) -> None:
        for _ in range(times):
            if times > 3 and workflow.patched("example"):
                await self._step("again")
        await workflow.get_external_workflow_handle("other").signal("hello")

    async def _step(self, text: str) -> None:
        try:
            await workflow.execute_activity(text)
        finally:
            await workflow.wait_condition(lambda: True, timeout=1)
