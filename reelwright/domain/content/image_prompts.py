"""What whoever makes a scene's picture or clip by a prompt is given: the story's style, what is seen, and who, always
in the same words, so that the pictures of a story look like those of one hand. (Libraries of stock are searched by
words: `providers.stock.words`.)"""

from __future__ import annotations

import re

from ..text.incoming import one_line
from .story import Character, Mood, Scene, Story

SCENE_CHARS, LOOK_CHARS = 1_500, 400
STYLES: dict[Mood, str] = {
    "calm": "soft natural light, muted colours, quiet composition",
    "curious": "clear daylight, fresh colours, a sense of discovery",
    "bright": "bright light, vivid cheerful colours",
    "tense": "dramatic low-key light, strong contrast, deep shadows",
    "sad": "overcast light, cool desaturated colours",
    "epic": "golden light, wide scale, rich colours",
}
"""Of stories whose writer names no look."""


def prompt_of(scene: Scene, story: Story) -> str:
    """The prompt of a scene, in lines. The first is the same for all scenes of a story; a character is described the
    same way in each scene that names it; a reviewer's wish comes last, since it changes what would be seen without it.
    The key of such a picture must have all of it: it changes with the story's `look` and `characters` too."""
    lines = [f"Style: {style_of(story)}", f"Scene: {_cut(shown_in(scene), SCENE_CHARS)}"]
    lines += [f"{_cut(one.name, LOOK_CHARS)}: {_cut(one.look, LOOK_CHARS)}" for one in seen_in(scene, story)]
    lines += [f"Change: {_cut(scene.wish, SCENE_CHARS)}"] if scene.wish else []
    return "\n".join(line if line.endswith((".", "!", "?", "…")) else f"{line}." for line in lines)


def shown_in(scene: Scene) -> str:
    """What the picture shows: the brief, the writer's image prompt, else what is spoken."""
    return scene.brief or scene.image_prompt or scene.text


def seen_in(scene: Scene, story: Story) -> tuple[Character, ...]:
    """The characters that the scene's picture is said to show, by their names."""
    shown = f"{scene.wish} {shown_in(scene)}".casefold()
    return tuple(one for one in story.characters if _named(one.name.casefold(), shown))


def style_of(story: Story) -> str:
    """One style line for a whole story: its writer's, or one by its mood."""
    look = _cut(story.look, LOOK_CHARS).rstrip(".!") or f"cinematic illustration, {STYLES[story.mood]}"
    return f"{look}, consistent characters and palette throughout"


def _cut(text: str, chars: int) -> str:
    line = one_line(text)
    return line if len(line) <= chars else line[:chars].rsplit(" ", 1)[0]


def _named(name: str, text: str) -> bool:
    return bool(name) and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None
