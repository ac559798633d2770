"""Who would make a content now, for its estimate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reelwright.domain.capability import Capability
from reelwright.domain.chains import Roster
from reelwright.domain.ports.costs import ChosenMakers
from reelwright.domain.ports.making import Catalog, Composer, Illustrator, Speaker, Writer
from reelwright.domain.ports.providing import ClipMaker

from .buying import Buyer, Market


@dataclass(frozen=True)
class FirstOfChains:
    """The first provider of each chain that has what it needs. Those of a cheaper tier of the channel's budget, and
    those that stand in for one that is away, cost less as a rule: the estimate is of the first."""

    catalog: Catalog
    market: Market
    writers: Roster[Writer]
    speakers: Roster[Speaker]
    illustrators: Roster[Illustrator]
    composers: Roster[Composer]
    clips: Roster[ClipMaker]

    async def makers(self, content_id: str) -> ChosenMakers:
        """Those of the content's channel, as it was when the content began."""
        return ChosenMakers(
            writer=await self._first(content_id, self.writers, "writing"),
            speaker=await self._first(content_id, self.speakers, "speech"),
            illustrator=await self._first(content_id, self.illustrators, "images"),
            composer=await self._first(content_id, self.composers, "music"),
            clips=await self._first(content_id, self.clips, "clips"),
        )

    async def _first(self, content_id: str, roster: Roster[Any], capability: Capability) -> Any:
        """None where what is made offline comes first: it is free."""
        sellers = await Buyer(self.catalog, market=self.market).sellers(content_id, roster, capability)
        return sellers[0].maker if sellers and not sellers[0].offline else None
