"""How contents stand, as lists show them: kept in the database, and read without asking Temporal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from .content.stages import Stage
from .costs.money import Money

DEAD_STAGES = ("terminated", "timed_out", "lost")
"""Ends of a content that only its run can tell: it did not close its books."""
SHOWN = 20
"""Rows of each list that `Today` holds."""
WANTING_STAGES = ("parked", "needs_authorization", "needs_budget")
"""Stages of a publication that waits for a person."""
BEGINS_AT: dict[str, int] = {
    Stage.ACCEPTED: 0,
    Stage.WRITING: 2,
    Stage.MODERATION: 8,
    Stage.MATERIAL: 10,
    Stage.REVIEW: 35,
    Stage.PARKED: 35,
    Stage.RENDERING: 38,
    Stage.PUBLISHING: 90,
}
"""The percent at which each stage begins."""


def percent_of(stage: str) -> int:
    """How far a content in this stage is at least; 100 once nothing more will happen."""
    return BEGINS_AT.get(stage, 100)


@dataclass(frozen=True)
class Board:
    """One content. `review` is `wanted`, `decided` or empty; `asked` is since when it is wanted. `detail` is why it
    ended, or the last step that is done. `filed`: whether a worker has begun it."""

    content_id: str
    workflow_id: str
    channel: str
    title: str
    priority: int
    stage: str
    percent: int
    detail: str
    review: str
    asked: datetime | None
    cost: Money
    filed: bool
    started: datetime
    updated: datetime
    ended: datetime | None


@dataclass(frozen=True)
class WantingPost:
    """A publication that waits for a person: one of `WANTING_STAGES`. `key` is its content, platform and account."""

    key: str
    workflow_id: str
    content_id: str
    platform: str
    account: str
    channel: str
    stage: str
    since: datetime


@dataclass(frozen=True)
class Watched:
    """When the running contents were last looked at (None: never), and what is in the way of it since."""

    seen_at: datetime | None = None
    trouble: str = ""


@dataclass(frozen=True)
class Counts:
    """Contents by stage, open reviews, publications that wait for a person by stage, and as of when."""

    stages: Mapping[str, int] = field(default_factory=dict)
    reviews: int = 0
    wanting: Mapping[str, int] = field(default_factory=dict)
    watched: Watched = Watched()

    @property
    def parked(self) -> int:
        """Publications of which nobody knows whether they are posted."""
        return self.wanting.get("parked", 0)


@dataclass(frozen=True)
class Lapsed:
    """An account that has to be authorised again."""

    platform: str
    name: str
    why: str


@dataclass(frozen=True)
class PostedPost:
    """A post that appeared today."""

    content_id: str
    platform: str
    account: str
    title: str
    url: str
    at: datetime


@dataclass(frozen=True)
class NearBudget:
    """A channel that has used most of what it may spend in a `period` (day or month)."""

    channel: str
    period: str
    used: Money
    limit: Money

    @property
    def percent(self) -> int:
        """How much of it is used."""
        return int(100 * self.used.amount / self.limit.amount)


@dataclass(frozen=True)
class Today:
    """What wants a person, what runs, and what the day (UTC) has brought. Of each list the first rows, and how many
    there are in all in `counts`, `running_in_all`, `failed_in_all`, `posted_in_all`."""

    counts: Counts
    reviews: tuple[Board, ...]
    wanting: tuple[WantingPost, ...]
    lapsed: tuple[Lapsed, ...]
    failed: tuple[Board, ...]
    failed_in_all: int
    running: tuple[Board, ...]
    running_in_all: int
    posted: tuple[PostedPost, ...]
    posted_in_all: int
    spent: Mapping[str, Money]
    near: tuple[NearBudget, ...]


Order = Literal["started", "ended", "asked"]


@dataclass(frozen=True)
class BoardFilters:
    """Which contents a list shows; what is left out does not filter. `text` is looked for in titles and ids. `since`
    and `until` (exclusive) go by the time of `order`: newest first by `started` or `ended`, and the longest waiting
    first by `asked`, which lists open reviews only."""

    stages: tuple[str, ...] = ()
    channel: str | None = None
    ids: tuple[str, ...] = ()
    text: str = ""
    running: bool | None = None
    since: datetime | None = None
    until: datetime | None = None
    order: Order = "started"
