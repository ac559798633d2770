"""How a clip fills its place in time: which of its moments is seen at each of the video's."""

from __future__ import annotations

from dataclasses import dataclass

from reelwright.domain.content.media import SceneClip
from reelwright.domain.errors import InvalidInput

SLOWEST = 0.5
"""The least share of its own speed a clip is played at."""
SLOWEST_AUTO = 0.8
"""The same where nothing is said of it: slower than this looks like slow motion."""
SHORTEST_S = 0.04
"""Less than a frame at 25 a second is no moving picture."""


@dataclass(frozen=True)
class Playing:
    """A clip from `start_s` on, of which `available_s` are there, at `speed` times its own. What comes after its end is
    its beginning again if it `loops`, else its last picture."""

    start_s: float
    available_s: float
    speed: float = 1.0
    loops: bool = False

    def at(self, seconds: float) -> float:
        """The moment of the clip, in seconds from its first picture, that is seen `seconds` after the place began."""
        gone = max(seconds, 0.0) * self.speed
        return self.start_s + (gone % self.available_s if self.loops else min(gone, self.available_s))


def play(clip: SceneClip, seconds: float, *, field: str) -> Playing:
    """How `clip` fills a place of so many seconds. Raises `InvalidInput` naming `field` where nothing of it is left
    after its start."""
    available = clip.facts.duration_s - clip.start_s
    if not available >= SHORTEST_S:
        raise InvalidInput(
            f"the clip lasts {clip.facts.duration_s:.2f} s and is to begin at {clip.start_s:.2f} s",
            field=f"{field}.start_s",
            remedy="begin earlier, or take a longer clip",
        )
    if available >= seconds or clip.fit == "trim":
        return Playing(clip.start_s, available)
    share = available / seconds
    if clip.fit == "slow":
        speed = max(share, SLOWEST)
        return Playing(clip.start_s, available, speed, loops=share < speed)
    if clip.fit == "auto" and share >= SLOWEST_AUTO:
        return Playing(clip.start_s, available, share)
    return Playing(clip.start_s, available, loops=True)
