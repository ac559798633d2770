"""What people may send a publication, and what it answers. The process itself is in `publication.py`."""

from __future__ import annotations

from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from reelwright.domain.errors import InvalidInput
    from reelwright.domain.publishing.posting import PublicationStatus, PublishTask, Settlement
    from reelwright.domain.publishing.settlement import NOT_POSTED, POSTED, read_settlement, read_settlement_0_1

# Reloaded inside the sandbox on purpose: these run as workflow code.
with workflow.unsafe.sandbox_import_notification_policy(workflow.SandboxImportNotificationPolicy.SILENT):
    from ..messages import TakesMessages, answered, noted
    from .outcome import OpenOutcome
    from .runner import StepRunner

TASK = "one publish task, as a content gives it to its publications and their query `task` answers"
READ_BY_RULES = "settlements-read-by-rules"


class PublicationMessages(TakesMessages):
    """The signals and queries of every Publish workflow."""

    def __init__(self, task: PublishTask) -> None:
        self._task = task
        self._runner = StepRunner(task)
        self._outcome = OpenOutcome(task, self._runner)

    def ignored(self, text: str) -> None:
        """A message that was ignored shows on the board."""
        self._runner.board.ignored(text)

    @workflow.signal
    @noted()
    def resume(self) -> None:
        """Look again now: the platform was resumed, or the account authorised anew."""
        self._runner.wake()

    @workflow.signal
    @noted(wants=POSTED)
    def posted(self, told: Any) -> None:
        """A person has found the post: its id, text or a whole number, or `{"post_id": ..., "url": ..., "by": ...}`."""
        self._outcome.settle(self._word(told, posted=True))

    @workflow.signal
    @noted(wants=NOT_POSTED)
    def not_posted(self, told: Any = None) -> None:
        """A person has looked and there is no post: it may be made now. `{"by": ...}`, or the name alone."""
        self._outcome.settle(self._word(told, posted=False))

    @workflow.query
    @answered()
    def status(self) -> PublicationStatus:
        """Where this publication is, for a person."""
        return self._runner.status()

    @workflow.query
    @answered()
    def task(self) -> PublishTask:
        """The request; `reelwright retry` starts the same again."""
        return self._task

    def _word(self, told: Any, *, posted: bool) -> Settlement:
        """A person's statement, by today's rules; runs of release 0.1 keep the rules of that release."""
        before = read_settlement_0_1(told, posted=posted)
        try:
            word = read_settlement(told, posted=posted)
        except InvalidInput:
            if before is None or workflow.patched(READ_BY_RULES):
                raise
            return before
        if before is None and not workflow.patched(READ_BY_RULES):
            raise InvalidInput("a run of release 0.1 takes text only", field="input", remedy="send it in quotes")
        return word
