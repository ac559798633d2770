"""Posts, pauses, quotas."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from control.posts_listing import PostRow
from reelwright.domain.formats import Platform
from reelwright.domain.publishing.posting import Pause
from reelwright.domain.publishing.quota import BucketState

from .common import INTEGER, Answer, Body, Listing, Name, Note


class PostList(Listing):
    """Posts, newest first."""

    items: tuple[PostRow, ...]


class Retry(Body):
    """Which posts of a content are tried again: without `platforms` and `account` all that have failed. With
    `post_again` also those that are posted already, as another post."""

    content_id: Annotated[str, Field(min_length=1, max_length=1_000)]
    platforms: tuple[Platform, ...] = Field(default=(), max_length=len(Platform))
    account: Name | None = None
    post_again: bool = False


class Retried(Answer):
    """One post that is tried again; `error` is why it could not be."""

    platform: Platform
    account: str
    status: str
    error: str = ""


class RetriedList(Answer):
    """The posts that are tried again."""

    content_id: str
    items: tuple[Retried, ...]


class Settle(Body):
    """What a person has seen on the account of a parked post: it is there, under `post_id`, or it is not there."""

    content_id: Annotated[str, Field(min_length=1, max_length=1_000)]
    platform: Platform
    account: Name = "default"
    posted: bool
    post_id: Annotated[str, StringConstraints(max_length=200)] = ""
    url: Annotated[str, StringConstraints(max_length=2_000, pattern="^(https?://\\S+)?$")] = ""

    @model_validator(mode="after")
    def _whole(self) -> Settle:
        if self.posted != bool(self.post_id):
            raise ValueError("post_id: give it where the post is there, and leave it out where it is not")
        return self


class PauseList(Answer):
    """What posts nothing until it is resumed."""

    items: tuple[Pause, ...]


class NewPause(Body):
    """What is to post nothing: one account, or without `account` the whole platform."""

    platform: Platform
    account: Name | None = None
    note: Note = ""


class Resumed(Answer):
    """`ended`: whether there was such a pause. `left` is what of the platform is paused all the same."""

    ended: bool
    left: tuple[Pause, ...]
    woken: int | None = Field(description="how many waiting publications were told; null where Temporal is away")


class QuotaRow(BucketState):
    """A counter of a platform, and the channels that post on its account."""

    channels: tuple[str, ...] = ()


class QuotaList(Answer):
    """The counters of the platforms."""

    items: tuple[QuotaRow, ...]


class NewLimit(Body):
    """A limit of a counter; without `account` of all accounts."""

    limit: Annotated[int, Field(gt=0, le=INTEGER)]
    account: Name | None = None


class Limit(Answer):
    """The limit as it is now; `what` is what is counted."""

    platform: Platform
    bucket: str
    account: str
    limit: int
    what: str


class BestTime(Body):
    """`HH:MM Zone`: the time at which an account's posts appear."""

    best_time: Annotated[str, StringConstraints(min_length=5, max_length=80)] = Field(examples=["18:30 Europe/Berlin"])


class NextTime(Answer):
    """The next such instant."""

    next: datetime
