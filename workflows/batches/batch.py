"""Batch: does one thing to many contents, a few at a time. It outlives the page and the process that began it."""

from __future__ import annotations

import asyncio

from temporalio import workflow
from temporalio.common import VersioningBehavior
from temporalio.exceptions import FailureError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.batches.batching import Batching
    from reelwright.domain.batches import (
        BatchFault,
        BatchOrder,
        BatchPart,
        BatchPick,
        BatchProgress,
        ItemOutcome,
        ItemState,
    )
    from reelwright.domain.text.incoming import cut

# Reloaded inside the sandbox on purpose: these run as workflow code.
with workflow.unsafe.sandbox_import_notification_policy(workflow.SandboxImportNotificationPolicy.SILENT):
    from .. import details, policies
    from ..failures import reason_of
    from ..messages import TakesMessages, answered, noted, started

WANTS = '{"id": "the id of a batch that is on record"}'
WHY_CHARS = 300
PARTS = 5
"""Parts of one run: a run of 500 items has some 3,000 events; after that it goes on with a short history."""


@workflow.defn(versioning_behavior=VersioningBehavior.AUTO_UPGRADE)
class Batch(TakesMessages):
    """`pause` holds it before the next item, `go_on` lets it go on, `stop` leaves the rest out."""

    @workflow.init
    @started(wants=WANTS)
    def __init__(self, order: BatchOrder | None = None) -> None:
        self._id = order.id if order else ""
        self._paused = order is not None and order.paused
        self._stopped = False
        self._counts = {ItemState.DONE: 0, ItemState.FAILED: 0}
        self._notes: list[str] = []

    @workflow.run
    @started(wants=WANTS)
    async def run(self, order: BatchOrder) -> BatchProgress:
        for _ in range(PARTS):
            part: BatchPart = await workflow.execute_activity_method(Batching.batch_part, order, **policies.RECORD)
            if not part.numbers or self._stopped:
                return await self._end(order)
            turns = asyncio.Semaphore(order.parallel)
            await asyncio.gather(*(self._item(number, turns) for number in part.numbers))
            self._show()
        workflow.continue_as_new(order.model_copy(update={"paused": self._paused}))

    @workflow.signal
    @noted()
    def pause(self) -> None:
        """No item is begun until `go_on`."""
        self._paused = True
        self._show()

    @workflow.signal
    @noted()
    def go_on(self) -> None:
        """The next items."""
        self._paused = False
        self._show()

    @workflow.signal
    @noted()
    def stop(self) -> None:
        """What has not begun is left out."""
        self._stopped = True
        self._show()

    @workflow.query
    @answered()
    def progress(self) -> BatchProgress:
        """How far this run is; all items are on record."""
        done, failed = self._counts[ItemState.DONE], self._counts[ItemState.FAILED]
        return BatchProgress(id=self._id, done=done, failed=failed, paused=self._paused, stopped=self._stopped)

    def ignored(self, text: str) -> None:
        """In the UI."""
        self._notes = [*self._notes[-9:], text]
        self._show()

    async def _item(self, number: int, turns: asyncio.Semaphore) -> None:
        async with turns:
            await workflow.wait_condition(lambda: self._stopped or not self._paused)
            if self._stopped:
                return
            pick = BatchPick(batch=self._id, number=number)
            try:
                outcome: ItemOutcome = await workflow.execute_activity_method(
                    Batching.do_item, pick, summary=f"item {number}", **policies.BATCH_ITEM
                )
            except FailureError as error:
                if is_cancelled_exception(error):
                    raise
                fault = BatchFault(batch=pick.batch, number=number, why=cut(reason_of(error), WHY_CHARS))
                await workflow.execute_activity_method(Batching.fail_item, fault, **policies.RECORD)
                self._counts[ItemState.FAILED] += 1
                return
            if outcome.state in self._counts:
                self._counts[outcome.state] += 1

    async def _end(self, order: BatchOrder) -> BatchProgress:
        if self._stopped:
            await workflow.execute_activity_method(Batching.leave_rest, order, **policies.RECORD)
        return self.progress()

    def _show(self) -> None:
        state = "stopped" if self._stopped else "paused" if self._paused else "running"
        rows = [(name.value, str(count)) for name, count in self._counts.items()]
        details.show(f"**Batch** {details.plain(self._id)}: {state}", ("items", "number"), rows, self._notes)
