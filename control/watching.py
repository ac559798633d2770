"""The progress of a render and of a content: the figures behind a progress bar."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from reelwright.domain.content.rendered import RenderProgress
from reelwright.domain.content.status import PipelineStatus, Stage
from reelwright.domain.ids import render_workflow_id

from .contents import SOON, Handle, status_of
from .temporal.port import CallFailed, Client, QueryFailed, RunStatus

POLL_S = 1.0
ENCODING = 0.9
"""Encoding's part of a render's time; joining, measuring and thumbnails take the rest."""
RENDERING_FROM, RENDERING_TO = 38, 90
"""Where the content's own percent stands when rendering begins and when it ends: `workflows.content.board.PERCENT`,
which is not loaded here, since it would bring all workflows with it."""


@dataclass(frozen=True)
class Rendering:
    """A render's progress: its own count of what is encoded, and the heartbeats of the running tasks."""

    progress: RenderProgress
    beats: tuple[dict[str, Any], ...] = ()

    @property
    def share(self) -> float:
        """How much of the encoding is done, 0 to 1: the finished tasks and the reported shares of the running ones."""
        under_way = sum(weight * self._beat(f"rendering {title}") for title, weight in self.progress.running.items())
        return (self.progress.done + under_way) / self.progress.total if self.progress.total else 0.0

    @property
    def doing(self) -> str:
        """For people: "rendering 16:9 scene 3 40 %, mixing sound 5 %"."""
        return ", ".join(f"{beat.get('label')} {100 * float(beat.get('share', 0)):.0f} %" for beat in self.beats)

    def _beat(self, label: str) -> float:
        return max((float(beat.get("share", 0.0)) for beat in self.beats if beat.get("label") == label), default=0.0)


def overall_percent(status: PipelineStatus, rendering: Rendering | None) -> float:
    """The status' own percent; while rendering, advanced by the render's progress."""
    if status.stage != Stage.RENDERING or rendering is None:  # a view has its stage as text
        return status.percent
    return RENDERING_FROM + (RENDERING_TO - RENDERING_FROM) * ENCODING * rendering.share


async def rendering_of(client: Client, content_id: str) -> Rendering | None:
    """The progress of a content's render; None when there is none, or no answer."""
    child = client.handle(render_workflow_id(content_id), object)
    try:
        told = await child.query("progress", result_type=RenderProgress, timeout=SOON)
        described = await child.describe()
    except (CallFailed, QueryFailed):
        return None
    return Rendering(told, tuple(beat for beat in described.beats if isinstance(beat, dict)))


@dataclass(frozen=True)
class News:
    """A content's present status, and its render's progress while there is one."""

    status: PipelineStatus
    rendering: Rendering | None = None


@dataclass(frozen=True)
class Away:
    """No answer: a server or a worker is unreachable, and may return."""

    why: str


async def watched(client: Client, handle: Handle, content_id: str) -> AsyncIterator[News | Away]:
    """A content's status, about once a second, until it has ended in any way. A period without answers is reported
    once; the last changes before the end are reported if a worker still answers."""
    away = False
    while True:
        try:
            described = await handle.describe()
            if described.status is not RunStatus.RUNNING:
                break
            status = await status_of(handle)
            rendering = await rendering_of(client, content_id) if status.stage is Stage.RENDERING else None
            away = False
            yield News(status, rendering)
        except (CallFailed, QueryFailed) as error:
            if not away:
                yield Away(str(error))
            away = True
        await asyncio.sleep(POLL_S)
    try:
        last = await status_of(handle)
    except (CallFailed, QueryFailed):
        return
    yield News(last)
