"""What is used of the platforms' quotas, by which channels, and their limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reelwright.domain.formats import Platform
from reelwright.domain.people import Role
from reelwright.domain.publishing.quota import BucketState, buckets_of

from .access import allowed
from .studio import Books

if TYPE_CHECKING:
    from reelwright.domain.channels.config import ChannelConfig


@dataclass(frozen=True)
class Used:
    """A bucket, and the channels whose newest versions post on its account; where a bucket is that of all accounts of a
    platform, the channels that post there at all."""

    state: BucketState
    channels: tuple[str, ...]


@allowed(Role.VIEWER)
async def quota(
    books: Books, platform: Platform | None = None, account: str | None = None, channel: str | None = None
) -> list[Used]:
    """All buckets, of one platform, account or channel where it is named. Raises `InvalidInput` for a channel that was
    never applied."""
    from . import channels  # a limit is set without them

    if channel is not None:
        await channels.channel(books, channel)
    posting = {one.version.name: one.whole or one.version.config for one in await channels.channels(books)}
    used = [
        Used(state, tuple(name for name, config in posting.items() if _posts(config, state)))
        for state in await books.quota.state(platform, account)
    ]
    return [one for one in used if channel is None or channel in one.channels]


def _posts(config: ChannelConfig, state: BucketState) -> bool:
    """Whether a channel posts on the bucket's account. One that names none on a platform posts on `default`."""
    request = config.request
    platforms = request.platforms if request.platforms is not None else tuple(config.accounts)
    if state.platform not in platforms:
        return False
    own = request.posts.get(state.platform)
    named = (own.accounts or ((own.account,) if own.account else ())) if own else ()
    return not state.account or state.account in (named or config.accounts.get(state.platform, ()) or ("default",))


@allowed(Role.ADMIN)
async def set_limit(
    books: Books, platform: Platform, bucket: str, limit: int, account: str | None = None, *, by: str = ""
) -> str:
    """Stores the limit, for all accounts or one; what is counted there, such as `posts`."""
    await books.quota.set_limit(platform, bucket, limit, account or "", by=by)
    return buckets_of(platform)[bucket].what
