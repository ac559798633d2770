"""What a content has from its channel, resolved once."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from temporalio import activity

from reelwright.domain.channels.in_force import InForce, Inheriting, in_force
from reelwright.domain.ports.channels import ChannelBook, PolicyShelf


@dataclass
class Channels:
    """Reads the channels' versions, and keeps for each content what it has of them."""

    book: ChannelBook
    policies: PolicyShelf | None = None

    @activity.defn
    async def resolve_channel(self, asked: Inheriting) -> InForce:
        """What the content's request inherits: what is on record for the content, else from the newest version of its
        channel, which is recorded with its whole moderation policy. So a reset, another run, a later version of the
        channel and a changed policy file change nothing."""
        kept = await self.book.kept(asked.content_id)
        if kept is not None:
            return kept
        found = in_force(asked, await self.book.line(asked.channel))
        if self.policies is not None:
            policy = await asyncio.to_thread(self.policies.find, found.moderation)
            found = found.model_copy(update={"policy": policy})
        return await self.book.keep(asked.content_id, found)
