"""What a content has from its channel, resolved once."""

from __future__ import annotations

from dataclasses import dataclass

from temporalio import activity

from reelwright.domain.channels.in_force import InForce, Inheriting, in_force
from reelwright.domain.ports.channels import ChannelBook


@dataclass
class Channels:
    """Reads the channels' versions, and keeps for each content what it has of them."""

    book: ChannelBook

    @activity.defn
    async def resolve_channel(self, asked: Inheriting) -> InForce:
        """What the content's request inherits: what is on record for the content, else from the newest version of its
        channel, which is recorded. So a reset, another run and a later version of the channel change nothing."""
        kept = await self.book.kept(asked.content_id)
        if kept is not None:
            return kept
        return await self.book.keep(asked.content_id, in_force(asked, await self.book.line(asked.channel)))
