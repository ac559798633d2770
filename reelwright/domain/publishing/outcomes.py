"""How publications stand and how they ended: what is shown of them, without what is posted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from ..assets import AssetRef
from ..base import Model
from ..formats import Platform, PostKind


class PublishedPost(Model):
    """A post that exists. `url` is empty while the platform does not report it."""

    post_id: str
    url: str = ""


class PublicationStatus(Model):
    """A person's view of one publication, as its `status` query answers. `until` is when a wait ends, as far as known;
    `wants` is what a person must do, empty when nothing. `kind` is the place that was asked for; older workers do not
    name it."""

    content_id: str
    platform: Platform
    account: str
    stage: str
    detail: str = ""
    until: datetime | None = None
    wants: str = ""
    post: PublishedPost | None = None
    notes: tuple[str, ...] = ()
    kind: PostKind | None = None


class Pause(Model):
    """A platform (`account` empty) or one account of it that posts nothing until it is resumed."""

    platform: Platform
    account: str = ""
    since: datetime
    by: str = ""
    note: str = ""


class PostResult(Model):
    """How a post ended, for the report. `status` is `posted` or `failed`."""

    platform: Platform
    account: str
    status: str
    post_id: str = ""
    url: str = ""
    error: str = ""
    video: AssetRef | None = None
    notes: tuple[str, ...] = ()


def place(platform: Platform, account: str, *, several: bool) -> str:
    """The place of a post, for people: the platform, with the account where it is posted to several there."""
    return f"{platform.value} ({account})" if several else platform.value


def by_place(posts: Iterable[PostResult]) -> dict[str, PostResult]:
    """Posts of one content by their place, in order."""
    posts = tuple(posts)
    on = Counter(post.platform for post in posts)
    return {place(post.platform, post.account, several=on[post.platform] > 1): post for post in posts}


def missing_from(posts: Iterable[PostResult]) -> str:
    """What was not posted, and why, in one line; empty if nothing is missing."""
    left = {where: post for where, post in by_place(posts).items() if post.status != "posted"}
    return "; ".join(f"{where}: {post.error}" for where, post in left.items())
