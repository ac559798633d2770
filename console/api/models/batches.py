"""Batches: many contents at once."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from reelwright.domain.batches import ITEMS, BatchItem, BatchSummary

from .common import Answer, Body, Listing
from .contents import NewContent


class BatchList(Answer):
    """Batches, newest first."""

    items: tuple[BatchSummary, ...]


class NewBatch(Body):
    """Requests for contents, as `POST /v1/contents` takes them. All are checked before any is started."""

    items: tuple[NewContent, ...] = Field(min_length=1, max_length=ITEMS)


class Act(Body):
    """What is done to each of these contents. There is no approval: a review means that a person has looked at it."""

    action: Literal["cancel", "retry"]
    ids: tuple[Annotated[str, Field(min_length=1, max_length=1_000)], ...] = Field(min_length=1, max_length=ITEMS)


class BatchShown(Listing):
    """A batch with some of its items, by their number."""

    batch: BatchSummary
    items: tuple[BatchItem, ...]
