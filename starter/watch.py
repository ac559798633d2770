"""Live progress of one content: a bar for people, and a line for every change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from control.watching import RENDERING_FROM, Away, Rendering, overall_percent, watched
from reelwright.domain.content.status import PipelineStatus, Stage

from .console import err, plain
from .ticking import regular_lines

if TYPE_CHECKING:
    from control.contents import Handle
    from control.temporal.port import Client


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
            console=err(),
            transient=True,
            disable=not err().is_terminal,
        )
        self._now = "starting"
        self._task = self._bar.add_task("starting", total=100, usd=0.0)

    async def until_closed(self) -> None:
        """Returns when the workflow has ended, however it did."""
        with self._bar:
            async with regular_lines(lambda: plain(self._now)):
                await self._poll()

    async def _poll(self) -> None:
        async for news in watched(self._client, self._handle, self._id):
            if isinstance(news, Away):
                self._say(f"[yellow]waiting[/] for the studio to come back ({plain(news.why[:80])})")
                self._now = "waiting for the studio to come back"
            else:
                self._show(news.status, news.rendering)

    def _show(self, status: PipelineStatus, rendering: Rendering | None) -> None:
        description = status.stage.value
        if status.stage is Stage.RENDERING and rendering and rendering.beats:
            description = rendering.doing
        if status.stage in (Stage.WRITING, Stage.MATERIAL) and RENDERING_FROM > self._furthest > status.percent:
            self._furthest = status.percent  # a reviewer sent it back, which is shown
        # A finished task and a new attempt report less for a moment; the highest value is kept.
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
