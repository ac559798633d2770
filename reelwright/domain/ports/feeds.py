"""The ports of harvesting: who reads feeds and articles, and who knows what was seen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from ..content.request import FeedItem
from ..feeds.entries import Article, FeedDocument, FeedEntry, Validators
from ..feeds.harvest import ClaimedItem, ClaimedRequest, Duplicate, ItemState, Likeness, Verdict
from ..feeds.source import SourceState


class FeedHarvester(Protocol):
    """Reads feeds and articles. Raises `InvalidInput` (field `feed`) where it cannot succeed, `ProviderUnavailable`
    where it may later."""

    async def read(self, url: str, validators: Validators, now: datetime) -> FeedDocument:
        """The feed, if it has changed since `validators` were noted."""
        ...

    async def article(self, url: str) -> Article:
        """The main text of a page, as far as its site lets robots read it."""
        ...

    async def item(self, entry: FeedEntry, text: str) -> FeedItem:
        """The entry with its own or its article's text, cut to a useful length, and its language."""
        ...

    async def runs(self, text: str) -> frozenset[int]:
        """What a text is recognised by; nothing for a short one."""
        ...


class SeenEntries(Protocol):
    """What was decided before. Nothing is written here."""

    async def known(self, source: str, keys: Sequence[str]) -> frozenset[str]:
        """Those of the keys whose entries of this source have been decided for good."""
        ...

    async def duplicate(
        self, source: SourceState, verdict: Verdict, likeness: Likeness, now: datetime
    ) -> Duplicate | None:
        """What the item repeats in its channel: by its keys ever, by its text as long as a text is remembered."""
        ...


class FeedBook(SeenEntries, Protocol):
    """Sources, and what has become of their entries."""

    async def due(self, now: datetime, limit: int) -> Sequence[str]:
        """The names of the sources that are due and not paused, by priority, then by the time they wait."""
        ...

    async def find(self, name: str) -> SourceState:
        """Raises `InvalidInput` for an unknown one."""
        ...

    async def record(
        self, source: SourceState, verdict: Verdict, likeness: Likeness, now: datetime
    ) -> ItemState | None:
        """Records what was decided; a `NEW` one takes its keys in the channel. What another source has taken meanwhile
        is recorded as a duplicate. The state on record; None when it was decided before, and for a source that is gone
        or paused."""
        ...

    async def unstarted(self, source: str) -> Sequence[ClaimedItem]:
        """Items that were claimed and not started, the oldest claim first; none of a paused source."""
        ...

    async def request(self, content_id: str) -> ClaimedRequest:
        """The request of a claimed item; empty when it is not to be started."""
        ...

    async def mark_started(self, content_id: str) -> None:
        """Idempotent."""
        ...

    async def harvested(
        self, name: str, *, now: datetime, due_at: datetime, outcome: str, error: str, validators: Validators | None
    ) -> None:
        """Notes how a harvest went. `validators` None leaves those on record."""
        ...
