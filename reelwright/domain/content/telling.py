"""A channel uses each entry of a feed once, independent of the number of requests and their origin."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


class EntryMemory(Protocol):
    """Which content of a channel uses which entry. An entry has several keys; one in common is enough."""

    async def tellers(self, channel: str, keys: Iterable[str]) -> Mapping[str, str]:
        """The content id by key, for those of `keys` that are claimed in the channel."""

    async def claim(self, channel: str, keys: Sequence[str], content_id: str) -> bool:
        """Claims an entry for a content, which then holds this one and no other; a repeated claim returns the same.
        False when another content holds it. Of two concurrent claims, one succeeds."""


@dataclass(frozen=True)
class Telling:
    """One content's choice among a feed's entries. A claim is kept when the content fails, so that it may be tried
    again, and when it is rejected or cancelled: that entry shall not be proposed a second time."""

    memory: EntryMemory
    channel: str
    content_id: str

    async def untold(self, entries: Sequence[Sequence[str]]) -> list[int]:
        """The indices of usable entries, each given by its keys: first the one this content has claimed, then the
        unclaimed ones, in their order."""
        tellers = await self.memory.tellers(self.channel, [key for keys in entries for key in keys])
        owners = [{tellers[key] for key in keys if key in tellers} for keys in entries]
        own = [index for index, found in enumerate(owners) if self.content_id in found]
        return [*own, *(index for index, found in enumerate(owners) if not found)]

    async def claim(self, keys: Sequence[str]) -> bool:
        """Whether this content may use the entry."""
        return await self.memory.claim(self.channel, keys, self.content_id)
