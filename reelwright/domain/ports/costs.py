"""What the activities are handed of budgets and prices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from ..costs.limits import Limits
from ..costs.money import Money
from ..costs.totals import BudgetState
from .making import Composer, Illustrator, Speaker, Writer
from .providing import ClipMaker


class BudgetBook(Protocol):
    """The limits of budgets. Errors are those of `domain.errors`."""

    async def limits(self, content_id: str) -> Limits:
        """The limits that hold for a content now."""
        ...

    async def counted(self, content_id: str) -> Mapping[str, Money]:
        """What is spent and reserved for a content, by step; steps without either are left out."""
        ...


class ChannelBudgets(Protocol):
    """The channels' budgets as they stand."""

    async def state(self, channel: str) -> BudgetState:
        """One channel's budget; without limits where it has none."""
        ...


@dataclass(frozen=True)
class ChosenMakers:
    """Who would make a content now: of each capability the first provider of its chain that can be used and that the
    tier of the channel's budget allows (`domain.costs.tiers`). A maker costs something where it has an `estimate` (the
    `Priced...` of `ports.making` and `ports.providing`); None and every other maker are free."""

    writer: Writer | None = None
    speaker: Speaker | None = None
    illustrator: Illustrator | None = None
    composer: Composer | None = None
    clips: ClipMaker | None = None


class MakerChoice(Protocol):
    """Chooses the makers of a content, without a call to a provider."""

    async def makers(self, content_id: str) -> ChosenMakers:
        """Those of this content now. Raises `InvalidInput` for an unknown content."""
        ...
