"""What a piece may cost, before it is bought."""

from __future__ import annotations

from ..base import Model
from .money import ZERO, Money


class Estimate(Model):
    """The price of one purchase. `worst` is reserved before the call: the provider's answer cannot cost more. `usual`
    is what such a purchase costs as a rule. `priced` is false where no price is known; both are zero then."""

    step: str
    provider: str
    usual: Money = ZERO
    worst: Money = ZERO
    priced: bool = True

    @property
    def free(self) -> bool:
        """Whether it certainly costs nothing."""
        return self.priced and not self.worst


class ContentEstimate(Model):
    """What a content is going to buy, without revisions. Free steps are left out. `limit` is the most that it may
    cost, None without a limit; `spent` is what it has cost, or holds, already."""

    purchases: tuple[Estimate, ...] = ()
    limit: Money | None = None
    spent: Money = ZERO

    @property
    def usual(self) -> Money:
        """All together, as a rule."""
        return sum((one.usual for one in self.purchases), ZERO)

    @property
    def worst(self) -> Money:
        """All together, at most."""
        return sum((one.worst for one in self.purchases), ZERO)

    @property
    def label(self) -> str:
        """For people: `about $0.0007, at most $0.0089 of $0.05 (writing by openai:gpt-6-luna)`."""
        what = ", ".join(f"{one.step} by {one.provider}" for one in self.purchases)
        if not all(one.priced for one in self.purchases):
            return f"unknown: there is no price ({what})"
        limit = f" of {self.limit}" if self.limit is not None else ""
        spent = f", and {self.spent} is spent" if self.spent else ""
        return f"about {self.usual}, at most {self.worst}{limit} ({what}){spent}"


def free(step: str, provider: str) -> Estimate:
    """Of what costs nothing."""
    return Estimate(step=step, provider=provider)
