"""The platforms' quotas as data: buckets, windows, what a publication costs. The ledger keeps the books.

Sources: docs/platforms, the page named at each bucket. Limits that the platform itself reports per account
(Instagram's `quota_total`, TikTok, X's headers) replace the defaults here.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from ..base import Model
from ..formats import Platform
from ..text.links import has_link
from .posting import PostDraft, PreparedPost, PublishTask


class WindowKind(StrEnum):
    """`calendar`: days of a time zone, 23 to 25 hours long. `fixed`: windows of `seconds` counted from the epoch.
    `rolling`: any `seconds` long stretch of time."""

    CALENDAR = "calendar"
    FIXED = "fixed"
    ROLLING = "rolling"


class Bucket(Model):
    """One counter of a platform's. `scope` says whose it is: one per account, or one for the whole application.

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


_DAY = 86_400
X_POST_MILLS, X_LINK_MILLS = 15, 200
"""Pay per use since 2026-02-06 (docs/platforms/x.md#quota), in thousandths of a US dollar: a post, and a post with a
URL in it."""

BUCKETS: tuple[Bucket, ...] = (
    # docs/platforms/youtube.md#quota: since 2026-06-01 inserts have a bucket of their own, all else shares a pool.
    Bucket(platform=Platform.YOUTUBE, name="inserts", window=WindowKind.CALENDAR, limit=100, scope="app",
           zone="America/Los_Angeles", what="video uploads"),
    Bucket(platform=Platform.YOUTUBE, name="units", window=WindowKind.CALENDAR, limit=10_000, scope="app",
           zone="America/Los_Angeles", what="all other calls"),
    # docs/platforms/instagram.md#quota: Meta names 25, 50 and 100; the account's own `quota_total` is read and
    # believed.
    Bucket(platform=Platform.INSTAGRAM, name="posts", window=WindowKind.ROLLING, limit=50, seconds=_DAY, what="posts"),
    Bucket(platform=Platform.INSTAGRAM, name="containers", window=WindowKind.ROLLING, limit=400, seconds=_DAY,
           early=True, what="media containers"),
    # docs/platforms/tiktok.md#calls, #errors: about 15 a day per creator, over all apps; inits 6 a minute.
    Bucket(platform=Platform.TIKTOK, name="posts", window=WindowKind.ROLLING, limit=15, seconds=_DAY, what="posts"),
    Bucket(platform=Platform.TIKTOK, name="inits", window=WindowKind.ROLLING, limit=6, seconds=60,
           early=True, what="upload starts"),
    # docs/platforms/facebook.md#reels: API reels per page.
    Bucket(platform=Platform.FACEBOOK, name="reels", window=WindowKind.ROLLING, limit=30, seconds=_DAY, what="reels"),
    # docs/platforms/x.md#quota
    Bucket(platform=Platform.X, name="posts", window=WindowKind.FIXED, limit=100, seconds=900, what="posts"),
    Bucket(platform=Platform.X, name="app_posts", window=WindowKind.FIXED, limit=10_000, scope="app", seconds=_DAY,
           what="posts of the whole app"),
    # Prepaid: the budget one is willing to spend in 30 days, in thousandths of a US dollar; a setting, not X's own.
    Bucket(platform=Platform.X, name="credits", window=WindowKind.FIXED, limit=100_000, scope="app", seconds=30 * _DAY,
           what="credit (in $0.001)"),
    # docs/platforms/linkedin.md#quota: Share on LinkedIn, per member and UTC day.
    Bucket(platform=Platform.LINKEDIN, name="posts", window=WindowKind.CALENDAR, limit=150, zone="UTC", what="posts"),
    # docs/platforms/bluesky.md#limits: points for writes, 2 a put; the video service's day is UNVERIFIED.
    Bucket(platform=Platform.BLUESKY, name="points", window=WindowKind.FIXED, limit=5_000, seconds=3_600,
           what="points for writes in an hour"),
    Bucket(platform=Platform.BLUESKY, name="points_day", window=WindowKind.FIXED, limit=35_000, seconds=_DAY,
           what="points for writes in a day"),
    Bucket(platform=Platform.BLUESKY, name="videos", window=WindowKind.ROLLING, limit=25, seconds=_DAY, early=True,
           what="video uploads"),
)  # fmt: skip


def buckets_of(platform: Platform) -> dict[str, Bucket]:
    """The platform's buckets by name."""
    return {bucket.name: bucket for bucket in BUCKETS if bucket.platform is platform}


def cost_of(draft: PostDraft, kind: str) -> dict[str, int]:
    """What a publication takes from which bucket; `kind` is the place the adapter chose (`PostKind`)."""
    match draft.platform:
        case Platform.YOUTUBE:
            # thumbnails.set 50, captions.insert 400 each, a comment 50, and about a score of polls and look-ups.
            tracks = len({file.language for file in draft.captions})
            extras = 50 * (draft.thumbnail is not None) + 400 * tracks + 50 * bool(draft.first_comment)
            return {"inserts": 1, "units": 20 + extras}
        case Platform.INSTAGRAM:
            return {"posts": 1, "containers": 1}
        case Platform.TIKTOK:
            return {"posts": 1, "inits": 1}
        case Platform.FACEBOOK:
            return {"reels": 1} if kind == "reel" else {}
        case Platform.X:
            # A reply is a post too, and so is the first comment.
            texts = [draft.caption or f"{draft.title} {draft.description}", *draft.thread]
            texts += [draft.first_comment] if draft.first_comment else []
            credits = sum(X_LINK_MILLS if has_link(text) else X_POST_MILLS for text in texts)
            return {"posts": len(texts), "app_posts": len(texts), "credits": credits}
        case Platform.LINKEDIN:
            return {"posts": 1}
        case Platform.BLUESKY:
            points = 2 * (1 + len(draft.thread) + bool(draft.first_comment))
            return {"points": points, "points_day": points, "videos": 1}
    raise AssertionError(f"no costs for {draft.platform}")


class Booking(Model):
    """A request for units. The same `key` asked again is the same booking; `priority` 1 goes before 5."""

    key: str
    platform: Platform
    account: str
    costs: dict[str, int]
    priority: int = 3
    not_before: datetime | None = None


class Slot(Model):
    """The answer: granted now, or a place in the queue that opens at `at` (aware). `bucket` is what it waits for, and
    `why` says so for a person ("YouTube's video uploads are booked out until ...")."""

    granted: bool
    at: datetime
    bucket: str = ""
    why: str = ""


class QuotaReading(Model):
    """What a platform itself reports of a bucket; None where it does not say. `resets_at` is aware."""

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


# --- what a publication asks of the ledger ---------------------------------------------------------------------------

UPLOAD_LEAD = timedelta(minutes=10)
"""A scheduled post's upload begins so long before its time, so that it appears on time."""


def booking_of(task: PublishTask, prepared: PreparedPost, take: int = 0) -> Booking:
    """What the publication asks of the ledger; a further take is a further post, and counts anew."""
    lead: datetime | None = prepared.not_before - UPLOAD_LEAD if prepared.not_before else None
    return Booking(
        key=f"{task.key}/take-{take + 1}" if take else task.key,
        platform=task.draft.platform,
        account=task.draft.account,
        costs=prepared.costs,
        priority=task.priority,
        not_before=lead,
    )
