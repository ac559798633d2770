"""What whoever makes a scene's picture by a prompt, or looks for one by words, is given."""

from __future__ import annotations

import re

from .story import Character, Scene, Story

SEARCHES = 4
_WORDS = 6
"""Libraries find less with every further word."""


def prompt_of(scene: Scene, story: Story) -> str:
    """What the picture shows, in one text: the reviewer's wish, the brief or the model's image prompt, else what is
    spoken; then who is seen in it, described the same way in every scene, and the style of all pictures. The key of
    such a picture must have all of it: it changes with the story's `look` and `characters` too."""
    shown = scene.brief or scene.image_prompt or scene.text
    parts = [scene.wish, shown] if scene.wish else [shown]
    parts += [f"{one.name}: {one.look}" for one in seen_in(scene, story)]
    parts += [f"Style: {story.look}"] if story.look else []
    return " ".join(part if part.endswith((".", "!", "?")) else f"{part}." for part in parts)


def seen_in(scene: Scene, story: Story) -> tuple[Character, ...]:
    """The characters that the scene's picture is said to show, by their names."""
    shown = f"{scene.wish} {scene.brief or scene.image_prompt or scene.text}".casefold()
    return tuple(one for one in story.characters if _named(one.name.casefold(), shown))


def searches_of(scene: Scene, story: Story) -> tuple[str, ...]:
    """Search words for the scene, the most fitting first: the model's, else what is known of it, cut short."""
    if scene.search and not scene.wish:
        return scene.search[:SEARCHES]
    known = (scene.wish, scene.brief, *scene.search, scene.heading, scene.text, story.title)
    short = (" ".join(re.findall(r"[\w'-]+", text)[:_WORDS]) for text in known)
    return tuple(dict.fromkeys(filter(None, short)))[:SEARCHES]


def _named(name: str, text: str) -> bool:
    return bool(name) and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None
