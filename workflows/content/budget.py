"""What a content may spend: shown before anything is bought, and waited for while its channel's budget is spent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TypeVar

from temporalio import workflow
from temporalio.exceptions import FailureError

with workflow.unsafe.imports_passed_through():
    from activities.content.costs import Costs, EstimateMaterial
    from reelwright.domain.content.request import ContentRequest
    from reelwright.domain.content.story import Story, WriteTask
    from reelwright.domain.content.taken import TakenMedia
    from reelwright.domain.costs.estimate import ContentEstimate

# Reloaded inside the sandbox on purpose: these run as workflow code.
with workflow.unsafe.sandbox_import_notification_policy(workflow.SandboxImportNotificationPolicy.SILENT):
    from .. import policies
    from ..failures import Failure, read
    from .board import Board

MadeT = TypeVar("MadeT")
STEP = "budget"


class BudgetGate:
    """Estimates, and holds purchases until the budget has room for them."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._changes = 0
        self._waiting = 0
        self._estimate = "has room again"
        self._buys = False
        """Whether the first estimate has found anything that costs something."""

    def changed(self) -> None:
        """A budget was changed: who waits looks again."""
        self._changes += 1

    async def estimate(self, task: WriteTask) -> None:
        """Shows what the content may cost. Raises the failure of `OverBudget`: nothing was spent."""
        if workflow.patched("estimate-first"):
            # Texts that no provider is shown, and no estimate needs: they would be in the history once more.
            into = task.request.translated_into  # while it is known what is translated already
            lean = {"translations": {}, "posts": {}, "caption_languages": into}
            request = task.request.model_copy(update=lean)
            found: ContentEstimate = await workflow.execute_activity_method(
                Costs.estimate_content, task.model_copy(update={"request": request}), **policies.RECORD
            )
            self._buys = bool(found.purchases)
            self._show(found)

    async def estimate_material(
        self, content_id: str, request: ContentRequest, story: Story, taken: TakenMedia
    ) -> None:
        """The same once the story is written, by its own scenes, before any of its material is bought."""
        if self._buys and workflow.patched("estimate-material"):
            job = EstimateMaterial.of(content_id, request, story, taken)
            self._show(await workflow.execute_activity_method(Costs.estimate_material, job, **policies.RECORD))

    def _show(self, found: ContentEstimate) -> None:
        if found.purchases:
            self._estimate = found.label
            self._board.step(STEP, found.label)

    async def bought(self, buy: Callable[[], Awaitable[MadeT]]) -> MadeT:
        """What `buy` returns. While the channel's budget is spent, it is called again: when the day or the month has
        ended, when somebody has changed a budget, and in between ever less often, since what was reserved for other
        purchases is freed, too."""
        if workflow.patched("wait-for-budget"):
            return await self._patiently(buy)
        return await buy()

    async def _patiently(self, buy: Callable[[], Awaitable[MadeT]]) -> MadeT:
        for turn in range(policies.TURNS):
            seen = self._changes
            try:
                return await buy()
            except FailureError as error:
                failure = read(error)
                if failure.waits_for != "period":
                    raise
            await self._wait(failure, seen, turn)
        return await buy()

    async def _wait(self, failure: Failure, seen: int, turn: int) -> None:
        """Until the period's end, or for the pause of this turn; not longer than until a budget is changed."""
        end = datetime.fromisoformat(failure.details["until"])
        channel, field, remedy = (failure.details.get(name, "") for name in ("channel", "field", "remedy"))
        why = failure.message.removeprefix(f"{field}: ").removesuffix(f"; {remedy}")
        self._waiting += 1
        self._board.step(
            STEP,
            f"waiting for budget of channel {channel} until {end:%Y-%m-%d %H:%M} UTC, or until "
            f"`reelwright budget set {channel}` raises it: {why}",
        )
        # Not all at the same moment: thousands may wait for it.
        spread = timedelta(seconds=workflow.random().uniform(0, policies.BUDGET_SPREAD_S))
        left = max(end - workflow.now(), timedelta(seconds=1)) + spread
        with suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: self._changes != seen, timeout=min(left, policies.budget_check(turn)), timeout_summary=STEP
            )
        self._waiting -= 1
        if not self._waiting:
            self._board.step(STEP, self._estimate)
