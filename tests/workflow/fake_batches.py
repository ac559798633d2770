"""Batches in memory, and a desk that can be made to fail."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime

from reelwright.domain.batches import BatchAction, BatchItem, BatchSummary, ItemOutcome, ItemState
from reelwright.domain.content.request import ContentRequest
from reelwright.domain.errors import InvalidInput, NotFound, ProviderUnavailable


@dataclass
class MemoryBatches:
    """One batch after the other."""

    kept: dict[str, tuple[BatchAction, dict[int, BatchItem]]] = field(default_factory=dict)

    def add(self, id: str, action: BatchAction, *content_ids: str, script: str = "") -> None:
        request = {"script": script, "platforms": [], "formats": ["9:16"], "auto_approve": True} if script else None
        items = {n: BatchItem(number=n, content_id=one, request=request) for n, one in enumerate(content_ids, 1)}
        self.kept[id] = (action, items)

    def states(self, id: str) -> dict[str, int]:
        return dict(Counter(item.state.value for item in self.kept[id][1].values()))

    async def batch(self, id: str) -> BatchSummary:
        if id not in self.kept:
            raise NotFound("there is no such batch", field="batch")
        return BatchSummary(id=id, action=self.kept[id][0], made_by="ana", made_at=datetime.now(UTC))

    async def waiting(self, id: str, limit: int) -> list[int]:
        await self.batch(id)
        return [n for n, item in self.kept[id][1].items() if item.state is ItemState.WAITING][:limit]

    async def item(self, id: str, number: int) -> BatchItem:
        return self.kept[id][1][number]

    async def ended(self, id: str, number: int, outcome: ItemOutcome) -> None:
        item = self.kept[id][1][number]
        if item.state is ItemState.WAITING:
            self.kept[id][1][number] = item.model_copy(update={"state": outcome.state, "told": outcome.told})

    async def leave(self, id: str) -> int:
        waiting = await self.waiting(id, 10_000)
        for number in waiting:
            await self.ended(id, number, ItemOutcome(state=ItemState.LEFT))
        return len(waiting)


@dataclass
class Desk:
    """`refuse` names contents that are refused, `away` those for which Temporal is away once; `bug` those that hit a
    fault. `hold` holds every call."""

    done: list[str] = field(default_factory=list)
    refuse: set[str] = field(default_factory=set)
    away: set[str] = field(default_factory=set)
    bug: set[str] = field(default_factory=set)
    hold: asyncio.Event | None = None
    at_once: int = 0
    most_at_once: int = 0

    async def start(self, content_id: str, request: ContentRequest, *, by: str) -> str:
        return await self._do("start", content_id, by)

    async def act(self, action: BatchAction, content_id: str, *, by: str) -> str:
        return await self._do(action.value, content_id, by)

    async def _do(self, what: str, content_id: str, by: str) -> str:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            if self.hold is not None:
                await self.hold.wait()
            if content_id in self.away:
                self.away.discard(content_id)
                raise ProviderUnavailable("Temporal is away")
            if content_id in self.refuse:
                raise InvalidInput("it has ended already", field="id")
            if content_id in self.bug:
                raise RuntimeError("a fault")
            self.done.append(f"{what} {content_id} for {by}")
            return "done"
        finally:
            self.at_once -= 1
