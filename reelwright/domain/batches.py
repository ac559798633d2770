"""Batches: many contents started from a table, or one thing done to many. docs/batches.md."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from .base import Model, UserInput

ITEMS = 1_000
"""Items of one batch at most."""
PARALLEL = 4
"""Items that one batch does at the same time, unless it says otherwise."""
BATCH_ID = r"[a-z0-9]{8,40}"


class BatchAction(StrEnum):
    """What is done to each item. There is no approval: a review means that a person has looked at it."""

    START = "start"
    CANCEL = "cancel"
    RETRY = "retry"


class ItemState(StrEnum):
    """What has become of an item. Nothing was done about `WAITING` ones yet; `LEFT` ones were left out when the batch
    was stopped."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    LEFT = "left"


class BatchOrder(UserInput):
    """Starts `Batch`: the id of the batch, whose items are on record. `paused`: it begins by waiting."""

    id: Annotated[str, Field(pattern=f"^{BATCH_ID}$")]
    parallel: Annotated[int, Field(ge=1, le=20)] = PARALLEL
    paused: bool = False


class BatchPart(Model):
    """The numbers of the items that are next."""

    numbers: tuple[int, ...] = ()


class BatchPick(Model):
    """One item of a batch."""

    batch: str
    number: int


class BatchFault(BatchPick):
    """An item that could not be done for a reason that is no refusal: a fault of the program, or of the machine."""

    why: str


class ItemOutcome(Model):
    """What has become of an item, in a line for people."""

    state: ItemState
    told: str = ""


class BatchItem(Model):
    """An item on record. `content_id` is what it is about; `request` is the request to start, as JSON data."""

    number: int
    content_id: str
    title: str = ""
    request: dict[str, Any] | None = None
    state: ItemState = ItemState.WAITING
    told: str = ""
    ended_at: datetime | None = None


class BatchSummary(Model):
    """A batch on record; `counts` are its items by state."""

    id: str
    action: BatchAction
    made_by: str
    made_at: datetime
    note: str = ""
    counts: dict[ItemState, int] = Field(default_factory=dict)

    @property
    def total(self) -> int:
        """All its items."""
        return sum(self.counts.values())

    @property
    def ended(self) -> int:
        """Those that nothing more is done about."""
        return self.total - self.counts.get(ItemState.WAITING, 0)


class BatchProgress(Model):
    """How far a running batch is: the answer of its query, and its result."""

    id: str
    done: int = 0
    failed: int = 0
    paused: bool = False
    stopped: bool = False
