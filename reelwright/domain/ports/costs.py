"""What the activities are handed of budgets."""

from __future__ import annotations

from typing import Protocol

from ..costs.limits import Limits


class BudgetBook(Protocol):
    """The limits of budgets. Errors are those of `domain.errors`."""

    async def limits(self, content_id: str) -> Limits:
        """The limits that hold for a content now."""
        ...
