"""What is used of the platforms' quotas, and their limits."""

from __future__ import annotations

from reelwright.domain.formats import Platform
from reelwright.domain.publishing.quota import BucketState, buckets_of

from .studio import Books


async def quota(books: Books, platform: Platform | None = None, account: str | None = None) -> list[BucketState]:
    """All buckets, of one platform or account where it is named."""
    return list(await books.quota.state(platform, account))


async def set_limit(books: Books, platform: Platform, bucket: str, limit: int, account: str | None = None) -> str:
    """Stores the limit, for all accounts or one; what is counted there, such as `posts`."""
    await books.quota.set_limit(platform, bucket, limit, account or "")
    return buckets_of(platform)[bucket].what
