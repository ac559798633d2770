"""The ports of finished videos of the user's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ..content.finished import DeliveryRules
from ..content.story import Narration, Story
from ..formats import VideoFormat
from .rendering import Progress, WrittenCaptions


@dataclass(frozen=True)
class ReadyVideo:
    """A video as it is posted: `path` is the file itself or what was made of it, with `notes` on what was changed.
    `thumbnail` is a JPEG of one of its frames."""

    path: Path
    width: int
    height: int
    fps: float
    frames: int
    duration_s: float
    thumbnail: Path
    thumbnail_size: tuple[int, int]
    notes: tuple[str, ...] = ()


class Finisher(Protocol):
    """Makes ready what was finished elsewhere. Results are written into `workdir`; a cancelled call ends its processes
    before it returns."""

    async def finish(
        self, video: Path, format: VideoFormat, rules: DeliveryRules, workdir: Path, progress: Progress
    ) -> ReadyVideo:
        """Encodes it again only where the rules leave no other way. Raises `InvalidInput` (field `video`) for what
        cannot be posted, `RenderFailed` for what could not be made."""
        ...

    async def sound(self, video: Path, workdir: Path, progress: Progress) -> Path:
        """What is heard in it: a mono 16 kHz WAV."""
        ...

    async def captions(
        self, story: Story, spoken: Narration, formats: Sequence[VideoFormat], seconds: float, workdir: Path
    ) -> Sequence[WrittenCaptions]:
        """Both kinds of file for the spoken language and for each translation, by the times of the words in a video of
        `seconds`."""
        ...
