"""Duplicates of earlier contents of a channel. Implements `domain.ports.repeats.RepeatJudge`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from reelwright.domain.content.policy import ModerationPolicy
from reelwright.domain.content.story import ModerationFinding, Story
from reelwright.domain.ports.repeats import Earlier, FingerprintBook

from .likeness import alike, picture_hash, runs_of, share_of

_CURE = "tell it anew, set allow_repeat = true, or have a person confirm the repetition"


class Repeats:
    """Notes what a content is recognised by, and compares it with what was noted earlier."""

    def __init__(self, book: FingerprintBook) -> None:
        self._book = book

    async def judge_story(
        self, content_id: str, channel: str, story: Story, policy: ModerationPolicy
    ) -> list[ModerationFinding]:
        """The narration. One from templates is like others by design: it is neither noted nor compared."""
        runs = frozenset() if story.template else runs_of(story.text)
        await self._book.note_story(content_id, channel, story.title, runs)
        if not runs:
            return []
        earlier = await self._book.with_runs(content_id, channel, runs)
        shares = [(share_of(runs, one.runs), one) for one in earlier]
        return _finding("story", "text", "of its text is", shares, policy)

    async def hash_of(self, picture: bytes) -> int | None:
        """A perceptual hash; None of a picture that shows nothing."""
        return await asyncio.to_thread(picture_hash, picture)

    async def judge_pictures(
        self, content_id: str, channel: str, title: str, hashes: Sequence[int | None], policy: ModerationPolicy
    ) -> list[ModerationFinding]:
        """Pictures that are not drawn here, and frames of clips."""
        own = tuple(dict.fromkeys(each for each in hashes if each is not None))
        await self._book.note_pictures(content_id, channel, title, own)
        if not own:
            return []
        earlier = await self._book.with_pictures(content_id, channel)
        shares = [
            (sum(any(alike(each, old) for old in one.pictures) for each in own) / len(own), one) for one in earlier
        ]
        return _finding("pictures", "pictures", "of its pictures are", shares, policy)


def _finding(
    place: str, rule: str, what: str, shares: list[tuple[float, Earlier]], policy: ModerationPolicy
) -> list[ModerationFinding]:
    """The earlier content with the greatest share, where the policy minds it."""
    share, one = max(shares, key=lambda pair: pair[0], default=(0.0, None))
    decision = policy.decide("duplicate", round(share, 4))
    if one is None or decision == "allow" or share == 0:
        return []
    return [
        ModerationFinding(
            place=place,
            rule=f"duplicate/{rule}",
            decision=decision,
            score=round(share, 4),
            reason=f'{place}: {share:.0%} {what} in the earlier content {one.content_id} ("{one.title[:80]}") too',
            cure=_CURE,
        )
    ]
