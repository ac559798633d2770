"""Child workflows whose id an earlier run's child may still have, after a reset of the parent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from itertools import count
from typing import TypeVar

from temporalio import workflow
from temporalio.exceptions import WorkflowAlreadyStartedError

# Reloaded inside the sandbox on purpose: these run as workflow code.
with workflow.unsafe.sandbox_import_notification_policy(workflow.SandboxImportNotificationPolicy.SILENT):
    from . import policies
    from .content.board import Board

ResultT = TypeVar("ResultT")


async def when_free(start: Callable[[], Awaitable[ResultT]], step: str, board: Board) -> ResultT:
    """The result of a child, started when no other run of its id is left.

    What an earlier run of the parent began is waited for, not doubled: it goes on by itself, and the child started
    after it finds in the database what it has done. Looks again by itself, and whenever the board changes.
    """
    for turn in count():
        try:
            return await start()
        except WorkflowAlreadyStartedError:
            if not workflow.patched("wait-for-earlier-child"):
                raise
        board.step(step, "begun by an earlier run of this content and still under way; its end is waited for")
        await _changed(board, policies.child_wait(turn), step)
    raise AssertionError("the loop has no end")


async def _changed(board: Board, wait: timedelta, step: str) -> None:
    seen = board.changes
    with suppress(TimeoutError):
        await workflow.wait_condition(
            lambda: board.changes > seen, timeout=wait, timeout_summary=f"{step}: an earlier run's child"
        )
