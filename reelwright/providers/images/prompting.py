"""What a picture model is asked for: the scene's prompt, how it is framed, and what is not to be shown."""

from __future__ import annotations

from dataclasses import dataclass

from reelwright.domain.content.image_prompts import prompt_of
from reelwright.domain.content.story import Scene, Story

FRAME = (
    "Square picture. The subject stands whole in the middle third, with calm surroundings to all four edges, so that "
    "it may be cropped to 16:9 and to 9:16."
)
NEGATIVE = "text, letters, captions, watermark, logo, frame, border, collage, split screen, deformed hands, low quality"
"""What no picture of a video shows: its words are set by the renderer."""


@dataclass(frozen=True)
class Prompt:
    """What is to be seen, and what is not."""

    text: str
    negative: str = NEGATIVE

    @property
    def with_negative(self) -> str:
        """For models that take one text alone."""
        return f"{self.text}\nDo not show: {self.negative}." if self.negative else self.text


def framed(scene: Scene, story: Story) -> Prompt:
    """The prompt of a scene (`image_prompts.prompt_of`) for a square picture of it."""
    return Prompt(f"{prompt_of(scene, story)}\n{FRAME}")
