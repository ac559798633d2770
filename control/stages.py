"""The stages of a content in lists: its own, and those that only its run or its row can tell."""

from __future__ import annotations

from reelwright.domain.content.stages import Stage

from .temporal.port import RunStatus

DEAD = {RunStatus.TERMINATED: "terminated", RunStatus.TIMED_OUT: "timed_out"}
CLOSED = {**DEAD, RunStatus.FAILED: "failed", RunStatus.CANCELED: "cancelled"}
LOST = "lost"
"""The stage of a content that is running in the database and has no run in Temporal."""
FINAL = tuple(stage.value for stage in Stage if stage.final)
