"""Live progress of one content: a bar for people, and a line for everything that changed."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowQueryFailedError
from temporalio.service import RPCError

from reelwright.domain.content.status import PipelineStatus, Stage
from reelwright.domain.content.video import RenderProgress
from reelwright.domain.ids import render_workflow_id

from .console import err, plain
from .contents import SOON, Handle, status_of
from .ticking import regular_lines

POLL_S = 1.0
ENCODING = 0.9
"""Encoding's part of a render's time; joining, measuring and thumbnails take the rest."""
RENDERING_FROM, RENDERING_TO = 38, 90
"""Where the content's own percent stands when rendering begins and when it ends: `workflows.content.board.PERCENT`,
which is not loaded here, since it would bring all workflows with it."""


@dataclass(frozen=True)
class Rendering:
    """What a render tells: its own count of what is encoded, and the heartbeats of what is running now."""

    progress: RenderProgress
    beats: tuple[dict[str, Any], ...] = ()

    @property
    def share(self) -> float:
        """How much of the encoding is done, 0 to 1: the finished tasks and, of those under way, what they tell."""
        under_way = sum(weight * self._beat(f"rendering {title}") for title, weight in self.progress.running.items())
        return (self.progress.done + under_way) / self.progress.total if self.progress.total else 0.0

    @property
    def doing(self) -> str:
        """For people: "rendering 16:9 scene 3 40 %, mixing sound 5 %"."""
        return ", ".join(f"{beat.get('label')} {100 * float(beat.get('share', 0)):.0f} %" for beat in self.beats)

    def _beat(self, label: str) -> float:
        return max((float(beat.get("share", 0.0)) for beat in self.beats if beat.get("label") == label), default=0.0)


def overall_percent(status: PipelineStatus, rendering: Rendering | None) -> float:
    """The status' own percent; while rendering, moved on by what the render tells."""
    if status.stage is not Stage.RENDERING or rendering is None:
        return status.percent
    return RENDERING_FROM + (RENDERING_TO - RENDERING_FROM) * ENCODING * rendering.share


async def rendering_of(client: Client, content_id: str) -> Rendering | None:
    """What a content's render tells; None when there is none, or none that answers."""
    child = client.get_workflow_handle(render_workflow_id(content_id))
    try:
        told = await child.query("progress", result_type=RenderProgress, rpc_timeout=SOON)
        described = await child.describe()
    except (RPCError, WorkflowQueryFailedError):
        return None
    beats = []
    for activity in described.raw_description.pending_activities:
        if activity.heartbeat_details.payloads:
            beats += await client.data_converter.decode(activity.heartbeat_details.payloads)
    return Rendering(told, tuple(beat for beat in beats if isinstance(beat, dict)))


class Watch:
    """Prints what changes; survives a server or a worker that is away for a while."""

    def __init__(self, client: Client, handle: Handle, content_id: str) -> None:
        self._client = client
        self._handle = handle
        self._id = content_id
        self._said: set[str] = set()
        self._furthest = 0.0
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeElapsedColumn(),
            TextColumn("${task.fields[usd]:.4f}"),
            console=err,
            transient=True,
            disable=not err.is_terminal,
        )
        self._now = "starting"
        self._task = self._bar.add_task("starting", total=100, usd=0.0)

    async def until_closed(self) -> None:
        """Returns when the workflow has ended, however it did."""
        with self._bar:
            async with regular_lines(lambda: plain(self._now)):
                await self._poll()

    async def _poll(self) -> None:
        away = False
        while True:
            try:
                description = await self._handle.describe()
                if description.status is not WorkflowExecutionStatus.RUNNING:
                    await self._last_news()
                    return
                status = await status_of(self._handle)
                rendering = status.stage is Stage.RENDERING
                self._show(status, await rendering_of(self._client, self._id) if rendering else None)
                away = False
            except (RPCError, WorkflowQueryFailedError) as error:
                if not away:
                    self._say(f"[yellow]waiting[/] for the studio to come back ({plain(str(error)[:80])})")
                    self._now = "waiting for the studio to come back"
                away = True
            await asyncio.sleep(POLL_S)

    async def _last_news(self) -> None:
        """What came about between the last look and the end, if there is still somebody to tell it."""
        with suppress(RPCError, WorkflowQueryFailedError):
            self._show(await status_of(self._handle), None)

    def _show(self, status: PipelineStatus, rendering: Rendering | None) -> None:
        description = status.stage.value
        if status.stage is Stage.RENDERING and rendering and rendering.beats:
            description = rendering.doing
        if status.stage in (Stage.WRITING, Stage.MATERIAL) and RENDERING_FROM > self._furthest > status.percent:
            self._furthest = status.percent  # a reviewer sent it back: that is told
        # A finished task and a new attempt tell less for a moment; what was seen stays.
        self._furthest = 100.0 if status.stage.final else max(self._furthest, overall_percent(status, rendering))
        doing = f", {description}" if description != status.stage.value else ""
        self._now = f"{status.stage.value} {self._furthest:.0f} %{doing}"
        self._bar.update(self._task, description=plain(description), completed=self._furthest, usd=status.cost_usd)
        for name, state in status.steps.items():
            if name not in status.made:  # counters move the bar, they are not news
                self._once(f"[green]•[/] {plain(name)}: {plain(state)}")
        for note in status.notes:
            self._once(f"[yellow]![/] {plain(note)}")
        if status.review:
            self._now += f", `reelwright review show {self._id}` is waited for"
            self._once(
                f"[bold yellow]review wanted[/] for {plain(status.title)!r}: "
                f"`reelwright review show {self._id}`, then `reelwright review approve|reject|revise {self._id}`"
            )

    def _once(self, line: str) -> None:
        if line not in self._said:
            self._said.add(line)
            self._say(line)

    def _say(self, line: str) -> None:
        self._bar.console.print(line)
