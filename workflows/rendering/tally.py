"""Counts what a render has encoded, to show its progress."""

from __future__ import annotations

import math

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from reelwright.domain.content.video import FormatCut, RenderCut, RenderProgress, SegmentTask


class Tally:
    """Weighs by frames times pixels: about what encoding them takes."""

    def __init__(self) -> None:
        self._total = 0
        self._done = 0
        self._running: dict[str, int] = {}

    def plan(self, cut: RenderCut) -> None:
        """A plan, or another one: what is made already counts as done."""
        frames = {file.digest: file.frames for file in cut.made}
        made = [
            frames[digest] * math.prod(order.format.size)
            for order in cut.orders
            for digest in order.digests
            if digest in frames
        ]
        self._running = {task.cut.title: _weight(task.cut) for task in cut.tasks}
        self._done = sum(made)
        self._total = self._done + sum(self._running.values())

    def finish(self, task: SegmentTask, *, made: bool) -> None:
        """A task has ended: its segments are there, or (not `made`) nothing came of it."""
        weight = self._running.pop(task.cut.title, 0)
        self._done += weight if made else 0

    def progress(self) -> RenderProgress:
        """The answer to the `progress` query."""
        return RenderProgress(done=self._done, total=self._total, running=self._running)


def _weight(cut: FormatCut) -> int:
    return cut.frames * math.prod(cut.format.size)
