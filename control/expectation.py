"""What a content will probably cost, before there is anything to count: from what the channel's last contents cost. The
exact estimate is made when the story is written, before anything is bought (docs/costs.md)."""

from __future__ import annotations

from dataclasses import dataclass

from reelwright.domain.costs.money import Money
from reelwright.domain.costs.totals import BudgetState
from reelwright.domain.people import Role

from .access import allowed
from .studio import Books

LAST = 20


@dataclass(frozen=True)
class Expectation:
    """The cost of a channel's last finished contents, at most `LAST`: how many they were, the least, the median and the
    most. Without any, all are None. `budget` is what the channel may still spend."""

    channel: str
    contents: int
    least: Money | None
    median: Money | None
    most: Money | None
    budget: BudgetState


@allowed(Role.VIEWER)
async def expectation(books: Books, channel: str) -> Expectation:
    """For a channel, whether or not it was ever applied."""
    spent = await books.budgets.last_contents(channel, LAST)
    middle = sorted(spent, key=lambda usd: usd.amount)
    return Expectation(
        channel=channel,
        contents=len(middle),
        least=middle[0] if middle else None,
        median=middle[len(middle) // 2] if middle else None,
        most=middle[-1] if middle else None,
        budget=await books.budgets.state(channel),
    )
