"""What the activities are handed of channels."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from ..channels.config import ChannelConfig
from ..channels.in_force import InForce
from ..content.policy import ModerationPolicy
from ..formats import Platform


class ChannelBook(Protocol):
    """The versions of channels, and what each content has from its channel. Errors are those of `domain.errors`."""

    async def line(self, name: str) -> list[tuple[int, ChannelConfig]]:
        """The newest version of a channel and of those it extends, its own first, as they stand at one moment; empty
        where nothing was ever applied under the name."""
        ...

    async def kept(self, content_id: str) -> InForce | None:
        """What is recorded for a content."""
        ...

    async def keep(self, content_id: str, found: InForce) -> InForce:
        """Records it for a content; what is recorded first stays, and is returned to everyone."""
        ...


class PolicyShelf(Protocol):
    """Moderation policies by name."""

    def names(self) -> tuple[str, ...]:
        """All that can be named."""
        ...

    def find(self, name: str) -> ModerationPolicy:
        """The whole policy, with what it inherits; `standard` for an empty name. Raises `InvalidInput` for an unknown
        name, and for a file in which something is wrong."""
        ...


class SlotBook(Protocol):
    """Which post appears in which posting slot. Each slot of an account takes one post."""

    async def claim(
        self, key: str, *, content_id: str, platform: Platform, account: str, now: datetime
    ) -> datetime | None:
        """The slot of the post with this key: the one it has, or else the next that is free on the account. None where
        the content's channel has no slots on the platform. Raises `PostRejected` when all of a year are taken."""
        ...
