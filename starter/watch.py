"""Live progress of one content: a bar for people, and a line for everything that changed."""

from __future__ import annotations

import asyncio
from typing import Any

from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError

from reelwright.domain.ids import render_workflow_id
from reelwright.domain.status import PipelineStatus, Stage
from workflows.board import PERCENT

from .console import err
from .contents import Handle, status_of

POLL_S = 1.0
RENDERING_FROM, RENDERING_TO = PERCENT[Stage.RENDERING], PERCENT[Stage.PUBLISHING]


def overall_percent(status: PipelineStatus, beats: list[dict[str, Any]]) -> float:
    """The status' own percent; while rendering, moved on by the encoders' heartbeats (share 0 to 1 each)."""
    if status.stage is not Stage.RENDERING:
        return status.percent
    shares = [float(beat.get("share", 0.0)) for beat in beats if str(beat.get("label", "")).startswith("rendering")]
    mean = sum(shares) / len(shares) if shares else 0.0
    return RENDERING_FROM + (RENDERING_TO - RENDERING_FROM) * mean * 0.9


class Watch:
    """Prints what changes; survives a server or a worker that is away for a while."""

    def __init__(self, client: Client, handle: Handle, content_id: str) -> None:
        self._client = client
        self._handle = handle
        self._id = content_id
        self._said: set[str] = set()
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeElapsedColumn(),
            TextColumn("${task.fields[usd]:.4f}"),
            console=err,
            transient=True,
        )
        self._task = self._bar.add_task("starting", total=100, usd=0.0)

    async def until_closed(self) -> None:
        """Returns when the workflow has ended, however it did."""
        with self._bar:
            away = False
            while True:
                try:
                    description = await self._handle.describe()
                    if description.status is not WorkflowExecutionStatus.RUNNING:
                        return
                    self._show(await status_of(self._handle), await self._rendering())
                    away = False
                except RPCError as error:
                    if not away:
                        self._say(f"[yellow]waiting[/] for the studio to come back ({escape(error.message[:80])})")
                    away = True
                await asyncio.sleep(POLL_S)

    async def _rendering(self) -> list[dict[str, Any]]:
        """The heartbeats of the render activities that are running."""
        try:
            child = await self._client.get_workflow_handle(render_workflow_id(self._id)).describe()
        except RPCError:
            return []
        beats = []
        for activity in child.raw_description.pending_activities:
            if activity.heartbeat_details.payloads:
                beats += await self._client.data_converter.decode(activity.heartbeat_details.payloads)
        return [beat for beat in beats if isinstance(beat, dict)]

    def _show(self, status: PipelineStatus, beats: list[dict[str, Any]]) -> None:
        description = status.stage.value
        if status.stage is Stage.RENDERING and beats:
            description = ", ".join(f"{beat.get('label')} {100 * float(beat.get('share', 0)):.0f} %" for beat in beats)
        percent = overall_percent(status, beats)
        self._bar.update(self._task, description=escape(description), completed=percent, usd=status.cost_usd)
        for name, state in status.steps.items():
            if not state.endswith(" made"):  # counters move the bar, they are not news
                self._once(f"[green]•[/] {escape(name)}: {escape(state)}")
        for note in status.notes:
            self._once(f"[yellow]![/] {escape(note)}")
        if status.review:
            self._once(
                f"[bold yellow]review wanted[/] for {escape(status.title)!r}: "
                f"`reelwright review show {self._id}`, then `reelwright review approve|reject|revise {self._id}`"
            )

    def _once(self, line: str) -> None:
        if line not in self._said:
            self._said.add(line)
            self._say(line)

    def _say(self, line: str) -> None:
        self._bar.console.print(line)
