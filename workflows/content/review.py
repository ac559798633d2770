"""Where reviewers' decisions come in, and which question each of them answers."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from pydantic import ValidationError

    from reelwright.domain.content.decision import ReviewDecision
    from reelwright.domain.content.review_rules import ReviewRules, same_person
    from reelwright.domain.content.status import ReviewWanted
    from reelwright.domain.errors import InvalidInput
    from reelwright.domain.explain import explain

# Reloaded inside the sandbox on purpose: these run as workflow code.
with workflow.unsafe.sandbox_import_notification_policy(workflow.SandboxImportNotificationPolicy.SILENT):
    from ..failures import translate
    from ..versions import changed_from_here
    from .board import Board
    from .waiting import Patience


def problem_in(decision: ReviewDecision, wanted: ReviewWanted, rules: ReviewRules) -> str:
    """What of a decision cannot be done about what is shown, or an empty string."""
    if missing := [number for number in decision.scenes if number > wanted.scenes > 0]:
        return f"scenes: there is no scene {missing[0]}; this one has {wanted.scenes}"
    if decision.decision == "revise" and rules.rounds is not None and wanted.revision >= rules.rounds:
        return f"decision: the policy allows {rules.rounds} revisions; approve or reject it"
    if missing := [number for number in decision.pictures if number > wanted.scenes]:
        return f"pictures: there is no scene {missing[0]}; this one has {wanted.scenes}"
    if decision.pictures and not wanted.own_pictures:
        return "pictures: this content takes none; send it back with a note"
    shown = {text.platform for text in wanted.texts}
    if strange := [platform.value for platform in decision.texts if platform not in shown]:
        return f"texts: no text for {strange[0]} is shown; name a platform that it is posted to"
    if (decision.thumbnail or 0) > len(wanted.thumbnails):
        return f"thumbnail: {len(wanted.thumbnails)} are offered, there is no number {decision.thumbnail}"
    return ""


KEPT = 50
"""Decisions that answer no question are kept for runs of the first release only, see `_Given`; these are enough."""


@dataclass(frozen=True)
class _Given:
    """A decision, and whether it answers the open question. In the first release one that came early, or after another,
    was kept for the next question. Such runs replay as they were; a decision that is given now is bound."""

    decision: ReviewDecision
    answers: bool


class ReviewInbox:
    """Holds the open question. The first decision that fits it closes it; all others are noted and change nothing."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._wanted: ReviewWanted | None = None
        self._hash_needed = ""
        self._decided = ""
        self._given: list[_Given] = []
        self._rules = ReviewRules()
        self._approved: tuple[ReviewDecision, ...] = ()
        self._patience = Patience(board)

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
        if not self._rules.may_decide(decision.reviewer, escalated=self._wanted.escalated):
            return f"reviewer: {decision.reviewer} is not on the list of the policy's reviewers"
        seen, wanted = decision.artifact_sha256, self._wanted.artifact_sha256
        if seen is None and self._hash_needed:
            return f"artifact_sha256: {self._hash_needed}, so say what you saw; `status` names {wanted}"
        if seen is not None and seen != wanted:
            return f"artifact_sha256: it judges {seen[:12]}, but {wanted[:12]} is to be judged"
        return problem_in(decision, self._wanted, self._rules) or self._why_not_second(decision)

    def _why_not_second(self, decision: ReviewDecision) -> str:
        """Why a second approval does not count, or an empty string."""
        if decision.decision != "approve" or not self._approved:
            return ""
        first = self._approved[0]
        if same_person(first.reviewer, decision.reviewer):
            return f"reviewer: {first.reviewer} has approved it already; another person must approve it, too"
        if None not in (first.thumbnail, decision.thumbnail) and first.thumbnail != decision.thumbnail:
            return f"thumbnail: {first.reviewer} has approved number {first.thumbnail}; choose the same or none"
        return ""

    def refuse(self, decision: ReviewDecision) -> None:
        """For the update's validator: raises instead of ignoring."""
        if problem := self.problem_with(decision):
            raise translate(InvalidInput(problem))

    def take(self, decision: ReviewDecision) -> None:
        """Takes a decision. One that answers the open question closes it."""
        answers = not self.problem_with(decision)
        if answers and self._rules.second_person and decision.decision == "approve" and not self._approved:
            self._wait_for_another(decision)
            return
        seen = decision.artifact_sha256
        kept_before = not self._board.stage.final and (self._wanted is None or seen in (None, self._artifact()))
        if answers or kept_before:
            self._given = [*self._given, _Given(decision, answers)][-KEPT:]
        if answers:
            self._wanted = None
            self._decided = f"{decision.decision} by {decision.reviewer}"

    def _wait_for_another(self, decision: ReviewDecision) -> None:
        """The first of two people has approved: the question stays open."""
        assert self._wanted is not None
        self._approved = (decision,)
        self._ask(self._wanted.model_copy(update={"approved_by": decision.reviewer}))
        self._board.step("review", f"approved by {decision.reviewer}; waits for another person's approval")

    def _ask(self, wanted: ReviewWanted) -> None:
        self._wanted = wanted
        self._board.show_review(wanted)

    async def _patiently(self) -> None:
        """Until there is a decision, or all that the policy wants to happen before has happened."""
        asked = workflow.now()
        for after, step in self._rules.steps:
            left = asked + after - workflow.now()
            if left > timedelta(0):
                with suppress(TimeoutError):
                    await workflow.wait_condition(self._is_answered, timeout=left, timeout_summary=f"review: {step}")
            if self._wanted is None or self._is_answered():
                return
            self._ask(self._patience.take(step, self._wanted, self._rules))

    def _is_answered(self) -> bool:
        return any(given.answers for given in self._given)

    async def decide(self, wanted: ReviewWanted, rules: ReviewRules) -> tuple[ReviewDecision, ...]:
        """Requests a review, and waits without a limit. Months are possible: nothing runs meanwhile. Two decisions
        where two people had to approve, or one of them had before another decided otherwise."""
        self._hash_needed = self._why_hash_is_needed(wanted)
        self._wanted, self._decided = wanted, ""
        self._rules, self._approved = rules, ()
        self._given = [g for g in self._given if g.decision.artifact_sha256 in (None, wanted.artifact_sha256)]
        self._board.want_review(wanted)
        if rules.steps and workflow.patched("review-waits"):
            await self._patiently()
        await workflow.wait_condition(lambda: bool(self._given))
        if not self._given[0].answers and changed_from_here("bound-reviews", wanted.revision):
            await workflow.wait_condition(lambda: any(given.answers for given in self._given))
            self._given = [given for given in self._given if given.answers]
        self._wanted = None
        self._board.want_review(None)
        return (*self._approved, self._given.pop(0).decision)

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
