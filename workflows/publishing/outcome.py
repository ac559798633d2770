"""An armed post whose outcome is open: the platform is read, then a person decides. Nothing is posted meanwhile."""

from __future__ import annotations

from itertools import count

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.publishing.posting import Publishing
    from reelwright.domain.publishing.posting import PublishedPost, PublishTask, Reconciliation, Settlement, SettleTask

# Reloaded inside the sandbox on purpose: these run as workflow code.
with workflow.unsafe.sandbox_import_notification_policy(workflow.SandboxImportNotificationPolicy.SILENT):
    from .. import policies
    from ..versions import changed_from_here
    from .runner import StepRunner


class OpenOutcome:
    """Finds out what came of the irreversible call."""

    def __init__(self, task: PublishTask, runner: StepRunner) -> None:
        self._task = task
        self._label = task.draft.platform.label
        self._runner = runner
        self._settlement: Settlement | None = None

    def settle(self, settlement: Settlement) -> None:
        """A person's word on an open outcome; one without an id is noted and not taken."""
        if settlement.posted and not settlement.post_id:
            self._runner.board.note("`posted` came without the post's id and was not taken")
            return
        self._settlement = settlement

    async def settled(self) -> PublishedPost | None:
        """The post, or None when it is certain that there is none. Reads the platform for about a day; then, or where
        no read can decide, a person decides, and nothing is posted meanwhile."""
        self._settlement = None
        for wait in policies.RECONCILE_WAITS:
            if wait:
                await self._runner.wait("reconciling", "looking for the post on the platform", runner=wait)
            found = await self._look("reconciling")
            if found.outcome in ("posted", "absent"):
                return found.post
            if found.outcome == "untold":
                break
        return await self._parked(found.reason or "it does not list the post, and does not say that there is none")

    async def _parked(self, reason: str) -> PublishedPost | None:
        """Waits for a person's statement. A message that something has changed (`resume`, `retry`, a new authorisation)
        makes the platform be read once more."""
        wants = "look at the account, then `reelwright settle`"
        why = f"{self._label} does not report whether the post was made: {reason}"
        await self._runner.board.call(wants, why)
        for turn in count():
            await self._runner.until_woken("parked", why, wants=wants, or_else=lambda: self._settlement is not None)
            if self._settlement is not None:
                return await self._taken(self._settlement)
            if changed_from_here("parked-looks-again", turn):
                looked = await self._look("parked")
                if looked.outcome in ("posted", "absent"):
                    self._runner.board.note(f"{self._label} reports now: {looked.outcome}")
                    return looked.post
        raise AssertionError("the loop has no end")

    async def _taken(self, settlement: Settlement) -> PublishedPost | None:
        """A person's statement is accepted; but before "not posted" allows a new post, the platform is read a last
        time, and its answer decides."""
        by = settlement.by or "a person"
        if not settlement.posted and workflow.patched("last-look"):
            looked = await self._look("reconciling")
            if looked.post is not None:
                self._runner.board.note(
                    f"settled as not posted by {by}, but {self._label} has it: {looked.post.post_id}"
                )
                return looked.post
        settle = SettleTask(task=self._task, settlement=settlement)
        post: PublishedPost | None = await self._runner.call(Publishing.settle_post, settle, **policies.RECORD)
        self._runner.board.note(f"settled by {by}: {'posted' if post else 'not posted'}")
        return post

    async def _look(self, stage: str) -> Reconciliation:
        looked: Reconciliation = await self._runner.step(
            Publishing.reconcile_post, self._task, stage=stage, **policies.ASK_PLATFORM
        )
        return looked
