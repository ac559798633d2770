"""Harvesting: which sources are due, what is new in one, and the record of what was started."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from temporalio import activity

from reelwright.domain.content.request import ContentRequest
from reelwright.domain.errors import InvalidInput, ProviderUnavailable
from reelwright.domain.feeds import rules
from reelwright.domain.feeds.entries import NO_VALIDATORS, FeedDocument
from reelwright.domain.feeds.harvest import (
    SOURCES,
    ClaimedRequest,
    ContentOfItem,
    DueSources,
    HarvestRequest,
    ItemState,
    Likeness,
    MarkStarted,
    ReadSource,
    SourceHarvest,
)
from reelwright.domain.feeds.sifting import Sifting
from reelwright.domain.feeds.source import SourceState
from reelwright.domain.ids import sha256_of
from reelwright.domain.ports.feeds import FeedBook, FeedHarvester


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Harvesting:
    """Each step is idempotent: what was decided and claimed is on record, one entry after the other, and validators are
    noted only when a feed's entries have all been decided."""

    book: FeedBook
    feeds: FeedHarvester
    likeness: Likeness = Likeness()  # noqa: RUF009  # it is frozen
    now: Callable[[], datetime] = _now

    @activity.defn
    async def due_sources(self, request: HarvestRequest) -> DueSources:
        """The sources to be read, by their priorities. Named ones are those, due or not, in the order given."""
        if request.sources:
            return DueSources(names=tuple(dict.fromkeys(request.sources)))
        return DueSources(names=tuple(await self.book.due(self.now(), SOURCES)))

    @activity.defn
    async def read_source(self, asked: ReadSource) -> SourceHarvest:
        """Reads a feed, decides about its new entries, and claims those that become contents. What the feed does wrong
        is noted with the source and in the result; nothing of it is raised."""
        try:
            source = await self.book.find(asked.name)
        except InvalidInput as error:
            return SourceHarvest(name=asked.name, outcome="gone", error=str(error))
        if source.paused:
            return SourceHarvest(name=asked.name, outcome="gone", error=f"it is paused by {source.paused_by}")
        now = self.now()
        try:
            document = await self.feeds.read(source.source.url, source.validators, now)
        except (InvalidInput, ProviderUnavailable) as error:
            return await self._failed(source, error, now)
        return await self._sifted(source, document, now)

    async def _sifted(self, source: SourceState, document: FeedDocument, now: datetime) -> SourceHarvest:
        waiting = len(await self.book.unstarted(source.name))
        room = source.source.most_items - waiting
        sifting = Sifting(self.feeds, self.book, source, self.likeness, now, room)
        counts: Counter[ItemState] = Counter()
        async for verdict in sifting.verdicts(document.entries):
            state = await self.book.record(source, verdict, self.likeness, now)
            if state is not None:
                counts[state] += 1
        outcome = "unchanged" if document.unchanged else "ok"
        decided = not (sifting.left or sifting.undecided)
        await self.book.harvested(
            source.name,
            now=now,
            due_at=rules.next_due(source.source, now),
            outcome=outcome,
            error="",
            # Without them the whole feed comes again, and with it what was left.
            validators=None if document.unchanged else document.validators if decided else NO_VALIDATORS,
        )
        return SourceHarvest(
            name=source.name,
            outcome=outcome,
            claimed=tuple(await self.book.unstarted(source.name)),
            duplicates=counts[ItemState.DUPLICATE],
            filtered=counts[ItemState.FILTERED],
            failed=counts[ItemState.FAILED],
            known=sifting.known,
            left=sifting.left,
        )

    async def _failed(
        self, source: SourceState, error: InvalidInput | ProviderUnavailable, now: datetime
    ) -> SourceHarvest:
        """Noted once for each harvest; what an earlier harvest has claimed is started all the same."""
        retry_after = timedelta(seconds=getattr(error, "retry_after_s", None) or 0)
        due_at = rules.due_after_failure(source.source, now, source.failures + 1, retry_after)
        await self.book.harvested(
            source.name, now=now, due_at=due_at, outcome="failed", error=str(error), validators=None
        )
        claimed = tuple(await self.book.unstarted(source.name))
        return SourceHarvest(name=source.name, outcome="failed", error=str(error), claimed=claimed)

    @activity.defn
    async def claimed_request(self, asked: ContentOfItem) -> ClaimedRequest:
        """The request of a claimed item, the same whenever it is asked for."""
        claimed = await self.book.request(asked.content_id)
        if claimed.request is None:
            return claimed
        request = ContentRequest.model_validate(claimed.request)
        # What `reelwright start` compares, where somebody gives the same request under the same id.
        return claimed.model_copy(update={"sha256": sha256_of(request.model_copy(update={"max_usd": None}))})

    @activity.defn
    async def mark_started(self, started: MarkStarted) -> None:
        """Its content has an execution in Temporal."""
        await self.book.mark_started(started.content_id)
