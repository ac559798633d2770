"""What a content may spend: shown before anything is bought, and waited for while its channel's budget is spent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TypeVar

from temporalio import workflow
from temporalio.exceptions import FailureError

with workflow.unsafe.imports_passed_through():
    from activities.content.costs import Costs
    from reelwright.domain.content.story import WriteTask
    from reelwright.domain.costs.estimate import ContentEstimate

# Reloaded inside the sandbox on purpose: these run as workflow code.
with workflow.unsafe.sandbox_import_notification_policy(workflow.SandboxImportNotificationPolicy.SILENT):
    from .. import policies
    from ..failures import Told, read
    from .board import Board

MadeT = TypeVar("MadeT")
STEP = "budget"


class BudgetDesk:
    """Estimates, and holds purchases until the budget has room for them."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._changes = 0
        self._waiting = 0
        self._estimate = "has room again"

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
                told = read(error)
                if told.waits_for != "period":
                    raise
            await self._wait(told, seen, turn)
        return await buy()

    async def _wait(self, told: Told, seen: int, turn: int) -> None:
        """Until the period's end, or for the pause of this turn; not longer than until a budget is changed."""
        end = datetime.fromisoformat(told.details["until"])
        channel, field, remedy = (told.details.get(name, "") for name in ("channel", "field", "remedy"))
        why = told.message.removeprefix(f"{field}: ").removesuffix(f"; {remedy}")
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
