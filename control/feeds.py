"""Sources of feeds: add, look at, try, hold, remove; harvest them now. `harvest_schedule` has the schedule."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from reelwright.domain.errors import InvalidInput
from reelwright.domain.explain import explain
from reelwright.domain.feeds.entries import NO_VALIDATORS
from reelwright.domain.feeds.harvest import (
    Duplicate,
    HarvestRequest,
    HarvestResult,
    ItemState,
    Likeness,
    SeenItem,
    Verdict,
)
from reelwright.domain.feeds.sifting import Sifting
from reelwright.domain.feeds.source import FeedSource, SourceState, check_name
from reelwright.domain.people import Role
from workflows.queues import MAIN_QUEUE

from .access import HasCaller, allowed
from .studio import Books, Studio
from .temporal.port import Start

if TYPE_CHECKING:  # a list of sources loads no requests
    from reelwright.domain.ports.feeds import FeedHarvester, SeenEntries

WORKFLOW = "HarvestFeeds"
SCHEDULE = "harvest-feeds"
"""The schedule's id, and what its runs' ids begin with."""


def source_of(given: dict[str, Any]) -> FeedSource:
    """A source as given, without the fields that are None. Raises `InvalidInput` with field and remedy."""
    try:
        return FeedSource.model_validate({name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        raise explain(error) from error


@allowed(Role.OPERATOR)
async def add(books: Books, source: FeedSource, *, by: str, name: str | None = None) -> SourceState:
    """Adds a source, which is due at once."""
    return await books.feeds.add(source, by=by, name=check_name(name) if name is not None else "")


@allowed(Role.VIEWER)
async def sources(books: Books, channel: str | None = None) -> list[SourceState]:
    """All sources, or a channel's."""
    return await books.feeds.sources(channel)


@allowed(Role.VIEWER)
async def show(
    books: Books, name: str, *, state: str | None = None, limit: int = 20
) -> tuple[SourceState, list[SeenItem]]:
    """A source, and what has become of its newest entries."""
    source = await books.feeds.find(name)
    return source, await books.feeds.items(name, state=_state_of(state), limit=limit)


@allowed(Role.OPERATOR)
async def pause(books: Books, name: str, *, by: str, note: str = "") -> SourceState:
    """Nothing of it is read or started until it is resumed."""
    return await books.feeds.pause(name, by=by, note=note)


@allowed(Role.OPERATOR)
async def resume(books: Books, name: str, *, by: str) -> SourceState:
    """It is due at once."""
    return await books.feeds.resume(name, by=by)


@allowed(Role.OPERATOR)
async def remove(books: Books, name: str, *, by: str) -> SourceState:
    """Removes it; what it has brought stays on record."""
    return await books.feeds.remove(name, by=by)


def _state_of(state: str | None) -> ItemState | None:
    if state is None:
        return None
    try:
        return ItemState(state)
    except ValueError as error:
        raise InvalidInput(
            f"{state[:40]!r} is no state of an item", field="state", remedy=f"choose from {', '.join(ItemState)}"
        ) from error


# --- a trial ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Trial:
    """What a harvest would do now. `known` entries were decided before, `left` ones would wait for the next."""

    source: SourceState
    verdicts: tuple[Verdict, ...]
    known: int
    left: int


@dataclass(frozen=True)
class NothingSeen:
    """The memory of a studio that has seen nothing: what a trial compares with where there is no database."""

    async def known(self, source: str, keys: Sequence[str]) -> frozenset[str]:
        """None."""
        return frozenset()

    async def duplicate(
        self, source: SourceState, verdict: Verdict, likeness: Likeness, now: datetime
    ) -> Duplicate | None:
        """None."""
        return None


def changed(source: SourceState, given: dict[str, Any]) -> SourceState:
    """A source with some fields as given, for a trial. Raises `InvalidInput`."""
    given = {name: value for name, value in given.items() if value is not None and name != "url"}
    return source.model_copy(update={"source": source_of({**source.source.model_dump(exclude_unset=True), **given})})


@allowed(Role.OPERATOR)
async def trial(
    asks: HasCaller,
    source: FeedSource | SourceState,
    feeds: FeedHarvester,
    seen: SeenEntries,
    likeness: Likeness | None = None,
) -> Trial:
    """Reads the feed, and articles where its entries are teasers, and decides as a harvest would. Writes nothing.
    `asks` is a `Books`, or whatever says who the caller is where there is no database."""
    now = datetime.now(UTC)
    state = source if isinstance(source, SourceState) else SourceState(name="", source=source, added_at=now, due_at=now)
    document = await feeds.read(state.source.url, NO_VALIDATORS, now)
    sifting = Sifting(feeds, seen, state, likeness or Likeness(), now, state.source.most_items)
    verdicts = [verdict async for verdict in sifting.verdicts(document.entries)]
    return Trial(state, tuple(verdicts), sifting.known, sifting.left)


@allowed(Role.OPERATOR)
async def harvest(studio: Studio, names: Sequence[str] = ()) -> HarvestResult:
    """Harvests now, and waits for the end: the sources that are due, or those that are named."""
    try:
        request = HarvestRequest(sources=tuple(names))
    except ValidationError as error:
        raise explain(error) from error
    how = Start(id=f"{SCHEDULE}-now-{secrets.token_hex(4)}", task_queue=MAIN_QUEUE, joins=False)
    handle = await studio.client.start(WORKFLOW, request, how, result_type=HarvestResult)
    return await handle.result()
