"""Batches: which items are next, and one of them."""

from __future__ import annotations

from dataclasses import dataclass

from temporalio import activity

from reelwright.domain.batches import (
    BatchAction,
    BatchFault,
    BatchOrder,
    BatchPart,
    BatchPick,
    ItemOutcome,
    ItemState,
)
from reelwright.domain.content.request import ContentRequest
from reelwright.domain.errors import ReelwrightError
from reelwright.domain.ports.batches import BatchBook, BatchDesk
from reelwright.domain.text.incoming import cut, one_line

PART = 100
"""Items of one part: their numbers are in the history."""
TOLD_CHARS = 300


@dataclass
class Batching:
    """Idempotent: an item that has ended is not done again, and what the desk does again changes nothing."""

    book: BatchBook
    desk: BatchDesk

    @activity.defn
    async def batch_part(self, order: BatchOrder) -> BatchPart:
        """The next items; none when all have ended."""
        return BatchPart(numbers=tuple(await self.book.waiting(order.id, PART)))

    @activity.defn
    async def do_item(self, pick: BatchPick) -> ItemOutcome:
        """Does what the batch is for to one item, and notes what has become of it. A refusal is an outcome."""
        batch, item = await self.book.batch(pick.batch), await self.book.item(pick.batch, pick.number)
        if item.state is not ItemState.WAITING:
            return ItemOutcome(state=item.state, told=item.told)
        try:
            if batch.action is BatchAction.START:
                request = ContentRequest.model_validate(item.request)
                told = await self.desk.start(item.content_id, request, by=batch.made_by)
            else:
                told = await self.desk.act(batch.action, item.content_id, by=batch.made_by)
            outcome = ItemOutcome(state=ItemState.DONE, told=_line(told))
        except ReelwrightError as error:
            if error.retryable:
                raise
            outcome = ItemOutcome(state=ItemState.FAILED, told=_line(str(error)))
        await self.book.ended(pick.batch, pick.number, outcome)
        return outcome

    @activity.defn
    async def fail_item(self, fault: BatchFault) -> None:
        """Notes an item that could not be done, so that the batch goes on without it."""
        await self.book.ended(fault.batch, fault.number, ItemOutcome(state=ItemState.FAILED, told=_line(fault.why)))

    @activity.defn
    async def leave_rest(self, order: BatchOrder) -> None:
        """Leaves out what is still waiting: the batch was stopped."""
        await self.book.leave(order.id)


def _line(text: str) -> str:
    return cut(one_line(text), TOLD_CHARS)
