"""Where reviewers' decisions come in and wait until they are wanted."""

from __future__ import annotations

from typing import Any

from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from pydantic import ValidationError

    from reelwright.domain.explain import explain
    from reelwright.domain.request import ReviewDecision
    from reelwright.domain.status import ReviewWanted

# Reloaded inside the sandbox on purpose: these run as workflow code.
with workflow.unsafe.sandbox_import_notification_policy(workflow.SandboxImportNotificationPolicy.SILENT):
    from .board import Board


class ReviewDesk:
    """Holds the open question and the answers. A decision may come early: it then waits for its question."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._wanted: ReviewWanted | None = None
        self._decisions: list[ReviewDecision] = []

    def take_signal(self, payload: Any) -> None:
        """A signal cannot be refused, so what is wrong with it is written on the board instead."""
        try:
            decision = ReviewDecision.model_validate(payload)
        except ValidationError as error:
            self._board.note(f"a review was ignored: {explain(error)}")
            return
        if problem := self.problem_with(decision):
            self._board.note(f"a review by {decision.reviewer} was ignored: {problem}")
            return
        self._decisions.append(decision)

    def problem_with(self, decision: ReviewDecision) -> str:
        """Why this decision cannot be taken now, or an empty string."""
        if self._board.stage.final:
            return f"this content is already {self._board.stage.value}"
        seen = decision.artifact_sha256
        if self._wanted and seen and seen != self._wanted.artifact_sha256:
            return f"artifact_sha256: it judges {seen[:12]}, but {self._wanted.artifact_sha256[:12]} is to be judged"
        return ""

    def refuse(self, decision: ReviewDecision) -> None:
        """For the update's validator: raises instead of ignoring."""
        if problem := self.problem_with(decision):
            raise ApplicationError(problem, type="InvalidInput", non_retryable=True)

    def take(self, decision: ReviewDecision) -> None:
        """Takes a decision that has been checked."""
        self._decisions.append(decision)

    async def decide(self, wanted: ReviewWanted) -> ReviewDecision:
        """Asks, and waits for as long as it takes. Months are fine: nothing runs meanwhile."""
        self._wanted = wanted
        self._decisions = [d for d in self._decisions if d.artifact_sha256 in (None, wanted.artifact_sha256)]
        self._board.want_review(wanted)
        await workflow.wait_condition(lambda: bool(self._decisions))
        self._wanted = None
        self._board.want_review(None)
        return self._decisions.pop(0)
