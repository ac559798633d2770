"""Where reviewers' decisions come in, and which question each of them answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from pydantic import ValidationError

    from reelwright.domain.content.request import ReviewDecision
    from reelwright.domain.content.status import ReviewWanted
    from reelwright.domain.errors import InvalidInput
    from reelwright.domain.explain import explain

# Reloaded inside the sandbox on purpose: these run as workflow code.
with workflow.unsafe.sandbox_import_notification_policy(workflow.SandboxImportNotificationPolicy.SILENT):
    from ..failures import translate
    from ..versions import changed_from_here
    from .board import Board

KEPT = 50
"""Decisions that answer no question are kept for runs of the first release only, see `_Given`; these are enough."""


@dataclass(frozen=True)
class _Given:
    """A decision, and whether it answers the open question. In the first release one that came early, or after another,
    was kept for the next question. Such runs replay as they were; a decision that is given now is bound."""

    decision: ReviewDecision
    answers: bool


class ReviewDesk:
    """Holds the open question. The first decision that fits it closes it; all others are noted and change nothing."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._wanted: ReviewWanted | None = None
        self._hash_needed = ""
        self._decided = ""
        self._given: list[_Given] = []

    def take_signal(self, payload: Any) -> None:
        """A signal cannot be refused, so what is wrong with it is written on the board instead."""
        try:
            decision = ReviewDecision.model_validate(payload)
        except ValidationError as error:
            self._board.note(f"a review was ignored: {explain(error)}")
            return
        if problem := self.problem_with(decision):
            self._board.note(f"a review by {decision.reviewer} ({decision.decision}) was ignored: {problem}")
        self.take(decision)

    def problem_with(self, decision: ReviewDecision) -> str:
        """Why this decision cannot be taken now, or an empty string."""
        if self._board.stage.final:
            return f"this content is already {self._board.stage.value}"
        if self._wanted is None and self._decided:
            return f"the review is over: {self._decided}"
        if self._wanted is None:
            return (
                f"nothing is up for review yet (stage {self._board.stage.value}); send it when `status` shows a review"
            )
        seen, wanted = decision.artifact_sha256, self._wanted.artifact_sha256
        if seen is None and self._hash_needed:
            return f"artifact_sha256: {self._hash_needed}, so say what you saw; `status` names {wanted}"
        if seen is not None and seen != wanted:
            return f"artifact_sha256: it judges {seen[:12]}, but {wanted[:12]} is to be judged"
        if missing := [number for number in decision.scenes if number > self._wanted.scenes > 0]:
            return f"scenes: there is no scene {missing[0]}; this one has {self._wanted.scenes}"
        return ""

    def refuse(self, decision: ReviewDecision) -> None:
        """For the update's validator: raises instead of ignoring."""
        if problem := self.problem_with(decision):
            raise translate(InvalidInput(problem))

    def take(self, decision: ReviewDecision) -> None:
        """Takes a decision. One that answers the open question closes it."""
        answers = not self.problem_with(decision)
        seen = decision.artifact_sha256
        kept_before = not self._board.stage.final and (self._wanted is None or seen in (None, self._artifact()))
        if answers or kept_before:
            self._given = [*self._given, _Given(decision, answers)][-KEPT:]
        if answers:
            self._wanted = None
            self._decided = f"{decision.decision} by {decision.reviewer}"

    async def decide(self, wanted: ReviewWanted) -> ReviewDecision:
        """Requests a review, and waits without a limit. Months are possible: nothing runs meanwhile."""
        self._hash_needed = self._why_hash_is_needed(wanted)
        self._wanted, self._decided = wanted, ""
        self._given = [g for g in self._given if g.decision.artifact_sha256 in (None, wanted.artifact_sha256)]
        self._board.want_review(wanted)
        await workflow.wait_condition(lambda: bool(self._given))
        if not self._given[0].answers and changed_from_here("bound-reviews", wanted.revision):
            await workflow.wait_condition(lambda: any(given.answers for given in self._given))
            self._given = [given for given in self._given if given.answers]
        self._wanted = None
        self._board.want_review(None)
        return self._given.pop(0).decision

    def _why_hash_is_needed(self, wanted: ReviewWanted) -> str:
        """Why a decision has to name the artifact, or an empty string. Only the first question of a content can be
        answered without: its reviewer can have seen nothing else. After a revision, a decision that was sent while the
        earlier material was shown may arrive late, and would apply to material that was not reviewed."""
        if wanted.reasons:
            return "a person has to look at this one"
        if wanted.revision > 0 and changed_from_here("named-reviews", wanted.revision):
            return f"this is revision {wanted.revision}, and another decision may have come before yours"
        return ""

    def _artifact(self) -> str | None:
        return self._wanted.artifact_sha256 if self._wanted else None
