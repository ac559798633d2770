"""The platforms' quotas as data: buckets, windows, what a publication costs. The ledger keeps the books.

What each platform allows stands in `domain.platforms`. Limits that the platform itself reports per account (Instagram's
`quota_total`, TikTok, X's headers) replace the defaults there.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from ..base import Model
from ..platforms import Platform
from ..platforms.facts import WindowKind as WindowKind

if TYPE_CHECKING:  # with them comes all that a content is; a command about quotas needs none of it
    from .posting import PostDraft, PreparedPost, PublishTask


class Bucket(Model):
    """One counter of a platform. `scope`: one per account, or one for the whole application.

    `limit` in units per window; `zone` is the time zone of a calendar window, `seconds` the length of the others.
    `early`: the platform counts the beginning of an upload, so units are spent as soon as they are granted and not
    only when the post is made."""

    platform: Platform
    name: str
    window: WindowKind
    limit: Annotated[int, Field(gt=0)]
    scope: str = "account"
    zone: str = "UTC"
    seconds: int = 86_400
    early: bool = False
    what: str = ""


BUCKETS: tuple[Bucket, ...] = tuple(
    Bucket(platform=platform, **vars(limit)) for platform in Platform for limit in platform.facts.limits
)
"""Every platform's, from its facts."""


def buckets_of(platform: Platform) -> dict[str, Bucket]:
    """The platform's buckets by name."""
    return {bucket.name: bucket for bucket in BUCKETS if bucket.platform is platform}


def cost_of(draft: PostDraft, kind: str) -> dict[str, int]:
    """What a publication takes from which bucket; `kind` is the place the adapter chose (`PostKind`)."""
    return draft.platform.facts.cost(draft, kind)


class Booking(Model):
    """A request for units. The same `key` again is the same booking; `priority` 1 goes before 5."""

    key: str
    platform: Platform
    account: str
    costs: dict[str, int]
    priority: int = 3
    not_before: datetime | None = None


class Slot(Model):
    """The answer: granted now, or a place in the queue that opens at `at` (aware). `bucket` is what it waits for, and
    `why` is the explanation for people ("YouTube's video uploads are booked out until ...")."""

    granted: bool
    at: datetime
    bucket: str = ""
    why: str = ""


class QuotaReading(Model):
    """A platform's own report of a bucket; None where it reports nothing. `resets_at` is aware."""

    bucket: str
    used: int | None = None
    limit: int | None = None
    resets_at: datetime | None = None


class BucketState(Model):
    """A bucket as `reelwright quota` shows it. `account` is empty for an app-wide one. `booked` waits for later
    windows; `next_free` is when one unit more would be granted."""

    platform: Platform
    account: str
    bucket: str
    limit: int
    used: int
    held: int
    booked: int
    resets_at: datetime | None
    next_free: datetime
    reported: bool = False


# --- a publication's booking -----------------------------------------------------------------------------------------

UPLOAD_LEAD = timedelta(minutes=10)
"""A scheduled post's upload begins so long before its time, so that it appears on time."""


def booking_of(task: PublishTask, prepared: PreparedPost, take: int = 0) -> Booking:
    """The publication's booking; a further take is a further post, and counts again."""
    lead: datetime | None = prepared.not_before - UPLOAD_LEAD if prepared.not_before else None
    return Booking(
        key=f"{task.key}/take-{take + 1}" if take else task.key,
        platform=task.draft.platform,
        account=task.draft.account,
        costs=prepared.costs,
        priority=task.priority,
        not_before=lead,
    )
