"""What people are shown of costs and budgets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ..capability import CAPABILITIES, Capability
from .estimate import Estimate
from .limits import Counted, Limits, Spending
from .money import Money
from .tiers import Tier, allowed, class_of

By = Literal["day", "channel", "provider", "content"]


@dataclass(frozen=True)
class Sum:
    """What was spent under one name: a day, a channel, a provider or a content; `purchases` counts the payments."""

    name: str
    usd: Money
    purchases: int


@dataclass(frozen=True)
class BudgetState:
    """A channel's limits and what counts against them at the time `now`."""

    limits: Limits
    day: Counted
    month: Counted
    now: datetime
    day_ends: datetime
    month_ends: datetime

    def tier(self, capability: Capability | None) -> Tier:
        """From which class of provider this capability may be bought now."""
        return self.limits.tier(capability, Spending(day=self.day, month=self.month), self.now)

    def allows(self, capability: Capability, wanted: Estimate | None) -> bool:
        """Whether the capability's tier allows a purchase (None: it costs nothing). Where contents wait while it pauses
        it is what will be allowed then."""
        if wanted is None or wanted.free:
            return True
        tier = self.tier(capability)
        if tier == "pause" and self.limits.degrade.of(capability).paused != "offline":
            return True
        return allowed(tier, class_of(wanted.provider, self.limits.classes))

    @property
    def tiers(self) -> dict[Capability, Tier]:
        """That of each capability; empty for a channel without a policy."""
        if not self.limits.degrade.set_values and not self.limits.degrade.capabilities:
            return {}
        return {capability: self.tier(capability) for capability in CAPABILITIES}
