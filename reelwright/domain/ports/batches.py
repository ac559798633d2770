"""What batches need: their records, and somebody who does things to contents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ..batches import BatchAction, BatchItem, BatchSummary, ItemOutcome
from ..content.request import ContentRequest


class BatchBook(Protocol):
    """The records of batches."""

    async def batch(self, id: str) -> BatchSummary:
        """Raises `NotFound`."""
        ...

    async def waiting(self, id: str, limit: int) -> Sequence[int]:
        """The numbers of the next items that nothing was done about."""
        ...

    async def item(self, id: str, number: int) -> BatchItem:
        """Raises `NotFound`."""
        ...

    async def ended(self, id: str, number: int, outcome: ItemOutcome) -> None:
        """Notes what has become of an item; what was noted first stays."""
        ...

    async def leave(self, id: str) -> int:
        """Leaves out what is still waiting; how many."""
        ...


class BatchDesk(Protocol):
    """Does one thing to one content, in the name of a person, and says what has become of it. The same again changes
    nothing. Raises `InvalidInput` for what cannot be done, `ProviderUnavailable` for what can be done later."""

    async def start(self, content_id: str, request: ContentRequest, *, by: str) -> str: ...

    async def act(self, action: BatchAction, content_id: str, *, by: str) -> str: ...
