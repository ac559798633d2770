"""The ports of recognising what a channel has told before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ..content.policy import ModerationPolicy
from ..content.story import ModerationFinding, Story


@dataclass(frozen=True)
class Earlier:
    """An earlier content of a channel, and what it is recognised by."""

    content_id: str
    title: str
    runs: frozenset[int] = frozenset()
    pictures: tuple[int, ...] = ()


class FingerprintBook(Protocol):
    """What contents are recognised by. A content is earlier than another where it was noted first, and counts where it
    was not rejected, blocked, cancelled, and did not fail."""

    async def note_story(self, content_id: str, channel: str, title: str, runs: frozenset[int]) -> None:
        """In place of what was noted for this content before."""
        ...

    async def note_pictures(self, content_id: str, channel: str, title: str, pictures: Sequence[int]) -> None: ...

    async def with_runs(self, content_id: str, channel: str, runs: frozenset[int]) -> Sequence[Earlier]:
        """The earlier contents that share the most runs with this one, a few."""
        ...

    async def with_pictures(self, content_id: str, channel: str) -> Sequence[Earlier]:
        """The newest earlier contents that have pictures to be recognised by."""
        ...


class RepeatJudge(Protocol):
    """Finds what an earlier content of the channel has too."""

    async def judge_story(
        self, content_id: str, channel: str, story: Story, policy: ModerationPolicy
    ) -> list[ModerationFinding]: ...

    async def hash_of(self, picture: bytes) -> int | None:
        """What a picture is recognised by; None where it shows nothing."""
        ...

    async def judge_pictures(
        self, content_id: str, channel: str, title: str, hashes: Sequence[int | None], policy: ModerationPolicy
    ) -> list[ModerationFinding]: ...
