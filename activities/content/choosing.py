"""Who would make a content now, for its estimate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reelwright.domain.capability import Capability
from reelwright.domain.chains import ProviderList
from reelwright.domain.ports.costs import ChosenMakers
from reelwright.domain.ports.making import Catalog, Composer, Illustrator, Speaker, Writer
from reelwright.domain.ports.providing import ClipMaker

from .buying import Buyer, Purchasing


@dataclass(frozen=True)
class FirstOfChains:
    """The first provider of each chain that has what it needs. Those of a cheaper tier of the channel's budget, and
    those that stand in for one that is away, cost less as a rule: the estimate is of the first."""

    catalog: Catalog
    purchasing: Purchasing
    writers: ProviderList[Writer]
    speakers: ProviderList[Speaker]
    illustrators: ProviderList[Illustrator]
    composers: ProviderList[Composer]
    clips: ProviderList[ClipMaker]

    async def makers(self, content_id: str) -> ChosenMakers:
        """Those of the content's channel, as it was when the content began."""
        return ChosenMakers(
            writer=await self._first(content_id, self.writers, "writing"),
            speaker=await self._first(content_id, self.speakers, "speech"),
            illustrator=await self._first(content_id, self.illustrators, "images"),
            composer=await self._first(content_id, self.composers, "music"),
            clips=await self._first(content_id, self.clips, "clips"),
        )

    async def _first(self, content_id: str, provider_list: ProviderList[Any], capability: Capability) -> Any:
        """None where what is made offline comes first: it is free."""
        providers = await Buyer(self.catalog, purchasing=self.purchasing).providers(
            content_id, provider_list, capability
        )
        return providers[0].maker if providers and not providers[0].offline else None
