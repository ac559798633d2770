"""What happens while nobody decides: a reminder, an escalation, and in the end the content is parked."""

from __future__ import annotations

import asyncio
from typing import Literal

from temporalio import workflow
from temporalio.exceptions import FailureError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.publishing.extras import Extras
    from reelwright.domain.content.review_rules import ReviewRules, Step
    from reelwright.domain.content.status import ReviewWanted, Stage
    from reelwright.domain.ids import sha256_of
    from reelwright.domain.publishing.posting import Notice

# Reloaded inside the sandbox on purpose: these run as workflow code.
with workflow.unsafe.sandbox_import_notification_policy(workflow.SandboxImportNotificationPolicy.SILENT):
    from .. import policies
    from .board import Board

DONE = {"remind": "reminded", "escalate": "escalated", "park": "parked"}


class Patience:
    """Takes the steps of a policy's `review` section. A notice that cannot be sent holds up nothing."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._notices: set[asyncio.Task[None]] = set()

    def take(self, step: Step, wanted: ReviewWanted, rules: ReviewRules) -> ReviewWanted:
        """The question after a step, which is on the board and under way to the channel's people."""
        to = ", ".join(rules.escalate_to)
        after = {"remind": rules.remind_after, "escalate": rules.escalate_after, "park": rules.park_after}[step]
        text = f"no decision for {after}"
        if step == "escalate" and to:
            text += f"; {to} may decide now"
        if step == "park":
            text += "; it waits on and is not approved by itself"
            wanted = wanted.model_copy(update={"parked": True})
            self._board.enter(Stage.PARKED)
        elif step == "escalate":
            wanted = wanted.model_copy(update={"escalated": True})
        self._board.step("review", f"{DONE[step]} ({text})")
        self._board.note(f"review of revision {wanted.revision}: {DONE[step]} at {workflow.now():%Y-%m-%d %H:%M} UTC")
        title = f"{wanted.title or self._board.content_id}: review {DONE[step]}"
        self._tell(title, f"{text}. Content {self._board.content_id}, artifact {wanted.artifact_sha256[:12]}.", step)
        return wanted

    def _tell(self, title: str, text: str, step: Step) -> None:
        level: Literal["info", "warning"] = "info" if step == "remind" else "warning"
        key = f"{self._board.content_id}/review/{sha256_of([workflow.info().run_id, title, text])[:16]}"
        task = asyncio.create_task(self._send(Notice(key=key, title=title, text=text, level=level)))
        self._notices.add(task)
        task.add_done_callback(self._notices.discard)

    async def _send(self, notice: Notice) -> None:
        try:
            await workflow.execute_activity_method(Extras.announce, notice, **policies.ANNOUNCE)
        except FailureError as error:
            if not is_cancelled_exception(error):
                self._board.note(f"the notice could not be sent: {error.cause or error}")
