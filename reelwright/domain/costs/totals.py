"""What people are shown of costs and budgets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from .limits import Counted, Limits
from .money import Money

By = Literal["day", "channel", "provider", "content"]


@dataclass(frozen=True)
class Sum:
    """What was spent under one name: a day, a channel, a provider or a content; `purchases` counts the payments."""

    name: str
    usd: Money
    purchases: int


@dataclass(frozen=True)
class BudgetState:
    """A channel's limits and what counts against them now."""

    limits: Limits
    day: Counted
    month: Counted
    day_ends: datetime
    month_ends: datetime
