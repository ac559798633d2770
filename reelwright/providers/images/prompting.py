"""What a picture model is asked for: the story's style, its characters, and what the scene shows, always in the same
words, so that the pictures of a story look like those of one hand."""

from __future__ import annotations

from dataclasses import dataclass

from reelwright.domain.content.story import Mood, Scene, Story
from reelwright.domain.text.incoming import one_line

SCENE_CHARS = 1_500
STYLES: dict[Mood, str] = {
    "calm": "soft natural light, muted colours, quiet composition",
    "curious": "clear daylight, fresh colours, a sense of discovery",
    "bright": "bright light, vivid cheerful colours",
    "tense": "dramatic low-key light, strong contrast, deep shadows",
    "sad": "overcast light, cool desaturated colours",
    "epic": "golden light, wide scale, rich colours",
}
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


def prompt_of(scene: Scene, story: Story) -> Prompt:
    """The prompt of a scene. Its first line is the same for all scenes of a story; a reviewer's wish comes last, since
    it changes what would be seen without it."""
    shown = _cut(scene.brief or scene.text)
    lines = [f"Style: {style_of(story)}.", f"Scene: {shown}"]
    if scene.wish:
        lines.append(f"Change: {_cut(scene.wish)}")
    return Prompt("\n".join((*lines, FRAME)))


def style_of(story: Story) -> str:
    """One style line for a whole story."""
    return f"cinematic illustration, {STYLES[story.mood]}, consistent characters and palette throughout"


def _cut(text: str) -> str:
    line = one_line(text)
    return line if len(line) <= SCENE_CHARS else line[:SCENE_CHARS].rsplit(" ", 1)[0]
