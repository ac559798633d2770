"""What a harvest is asked, what it finds, and what it tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field

from ..base import Model, UserInput
from ..limits import at_most
from .source import SOURCE_NAME

SOURCES = 200
"""The most sources of one harvest; what is left is due at the next."""


class ItemState(StrEnum):
    """What has become of an entry. `NEW` has its content's id and request on record and is about to be started; the
    others are final, but a `FAILED` one that may succeed later is tried again a few times."""

    NEW = "new"
    STARTED = "started"
    DUPLICATE = "duplicate"
    FILTERED = "filtered"
    FAILED = "failed"


class HarvestRequest(UserInput):
    """Starts `HarvestFeeds`. `{}` is all sources that are due; a source that is named is read whether it is due or
    not, unless it is paused."""

    sources: Annotated[
        tuple[Annotated[str, Field(pattern=SOURCE_NAME)], ...], at_most(SOURCES, "sources", "name fewer")
    ] = ()


class DueSources(Model):
    """The names of the sources to be read, in the order of their priorities."""

    names: tuple[str, ...] = ()


class ReadSource(Model):
    """Which source is read."""

    name: str


class ClaimedItem(Model):
    """An item whose content may be started: the id is fixed."""

    content_id: str
    title: str = ""
    priority: int = 3


class SourceHarvest(Model):
    """How reading one source went. `claimed` has also what an earlier harvest claimed and did not start. `left`
    entries were not looked at, since the harvest had enough items."""

    name: str
    outcome: Literal["ok", "unchanged", "failed", "gone"] = "ok"
    error: str = ""
    claimed: tuple[ClaimedItem, ...] = ()
    duplicates: int = 0
    filtered: int = 0
    failed: int = 0
    known: int = 0
    left: int = 0


class ContentOfItem(Model):
    """Names the content of a claimed item."""

    content_id: str


class ClaimedRequest(Model):
    """The request of a claimed item, as on record; None when it is not to be started any more."""

    request: dict[str, Any] | None = None
    title: str = ""
    sha256: str = ""


class MarkStarted(Model):
    """A content has been started."""

    content_id: str


class HarvestResult(Model):
    """How a harvest went. `started` are the ids of contents that began with it, `found_started` those that were begun
    by an earlier harvest which was interrupted before it could note it."""

    sources: tuple[SourceHarvest, ...] = ()
    started: tuple[str, ...] = ()
    found_started: tuple[str, ...] = ()
    not_started: dict[str, str] = Field(default_factory=dict)


class HarvestProgress(Model):
    """The answer to the query `progress`."""

    sources: int = 0
    read: int = 0
    started: int = 0
    failed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Likeness:
    """When two texts are the same story: the share of its runs of words that the newer one has in common with the
    older, and for how long a text is remembered."""

    share: float = 0.5
    days: int = 30

    def since(self, now: datetime) -> datetime:
        """Texts that were seen before this are not compared."""
        return now - timedelta(days=self.days)


@dataclass(frozen=True)
class Duplicate:
    """What an item repeats: the content it is told in, and how that was found."""

    content_id: str
    how: str


@dataclass(frozen=True)
class Verdict:
    """What is decided about one entry. `request` (JSON data) is set for `NEW` alone. `retry`: it may succeed later."""

    state: ItemState
    title: str
    keys: tuple[str, ...]
    url: str = ""
    published: str = ""
    reason: str = ""
    duplicate_of: str = ""
    content_id: str = ""
    request: dict[str, Any] | None = None
    text_sha256: str = ""
    runs: frozenset[int] = frozenset()
    retry: bool = False


class SeenItem(Model):
    """An item on record, for people."""

    source: str
    state: ItemState
    title: str
    url: str = ""
    published: str = ""
    reason: str = ""
    content_id: str = ""
    duplicate_of: str = ""
    seen_at: datetime
