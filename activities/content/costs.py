"""What a content is going to cost, before anything is bought for it."""

from __future__ import annotations

from dataclasses import dataclass

from temporalio import activity

from reelwright.domain.content.story import WriteTask
from reelwright.domain.costs.estimate import ContentEstimate, Estimate
from reelwright.domain.ports.costs import BudgetBook
from reelwright.domain.ports.making import PricedWriter, Writer


def writing_costs(writer: Writer, task: WriteTask) -> Estimate | None:
    """What a story may cost; None where it costs nothing."""
    return writer.estimate(task) if isinstance(writer, PricedWriter) else None


@dataclass
class Costs:
    """Adds up what a content's providers may charge. Voices, pictures and music are made offline: they cost nothing."""

    budgets: BudgetBook
    writer: Writer

    @activity.defn
    async def estimate_content(self, task: WriteTask) -> ContentEstimate:
        """The estimate of a content that is about to be written. Raises `OverBudget` where it may cost more than the
        request or the channel allows a content."""
        purchases = tuple(one for one in [writing_costs(self.writer, task)] if one is not None and not one.free)
        limits = await self.budgets.limits(task.content_id)
        limits.admit_content(purchases)
        return ContentEstimate(purchases=purchases, limit=limits.of_content)
