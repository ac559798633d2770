"""Who would make a content now: for estimates, without a call. Implements `domain.ports.costs.MakerChoice`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reelwright.domain.chains import Link, ProviderList
from reelwright.domain.channels.config import Capability
from reelwright.domain.costs.totals import BudgetState
from reelwright.domain.costs.whole import sampled
from reelwright.domain.ports.channels import ChannelBook
from reelwright.domain.ports.costs import ChannelBudgets, ChosenMakers

_FIELDS: Mapping[Capability, str] = {
    "writing": "writer",
    "speech": "speaker",
    "images": "illustrator",
    "music": "composer",
    "clips": "clips",
}


@dataclass(frozen=True)
class ChainChoice:
    """The first provider of each chain of the content's channel that can be used and that the tier of the channel's
    budget allows now. What is made offline is free: of it only the writer is named, which an estimate of a script
    asks."""

    channels: ChannelBook
    provider_lists: Mapping[Capability, ProviderList[Any]]
    budgets: ChannelBudgets

    async def makers(self, content_id: str) -> ChosenMakers:
        """Those of this content."""
        kept = await self.channels.kept(content_id)
        budget = await self.budgets.state(kept.channel if kept else "default")
        found: dict[str, Any] = {}
        for capability, provider_list in self.provider_lists.items():
            chain = provider_list.chain(kept.providers.get(capability, ()) if kept else ())
            usable = (link for link in chain if not link.lacks)
            link = next((link for link in usable if link.offline or _allowed(budget, capability, link)), None)
            if link is not None and (not link.offline or capability == "writing"):
                found[_FIELDS[capability]] = link.maker
        return ChosenMakers(**found)


def _allowed(budget: BudgetState, capability: Capability, link: Link[Any]) -> bool:
    return not budget.tiers or budget.allows(capability, sampled(capability, link.maker))
