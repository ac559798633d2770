"""What a reviewer's revision makes anew: only what the note can change."""

from __future__ import annotations

import re
from typing import ClassVar

from pydantic import Field

from ..base import Grown, Model
from .decision import ReviewDecision
from .story import Story

MAX_BRIEF_CHARS = 300
"""A picture brief of a script or a note is cut here."""
_SCENES = re.compile(
    r"(?:scenes?|szenen?|scènes?|escenas?|scen[ae]|cenas?|pictures?|images?|bild(?:er)?)\s*#?\s*"
    r"(\d{1,3}(?:\s*(?:,|and|und|et|y|e|&|\+)\s*#?\d{1,3})*)",
    re.IGNORECASE,
)
_MUSIC = re.compile(r"\b(?:music|musik|musique|música|musica|soundtrack)\b", re.IGNORECASE)


class Takes(Grown, Model):
    """Which take of each picture and of the music to make; the first is 0. Pictures go by their scene's text, so that
    a scene that only moved keeps its picture. `everything` was raised for all of them alike. `briefs` is a
    reviewer's last wish for what a scene's picture should show, by the same text."""

    added: ClassVar[frozenset[str]] = frozenset({"briefs"})

    everything: int = 0
    pictures: dict[str, int] = Field(default_factory=dict)
    sound: int = 0
    briefs: dict[str, str] = Field(default={})  # not a factory: `Grown` compares with the default

    def brief(self, text: str) -> str:
        """A reviewer's wish for the picture of the scene with this text; empty where there is none."""
        return self.briefs.get(text, "")

    def of(self, text: str) -> int:
        """The take of the picture of the scene with this text."""
        return self.everything + self.pictures.get(text, 0)

    @property
    def music(self) -> int:
        """The take of the music."""
        return self.everything + self.sound

    def after(self, decision: ReviewDecision, story: Story) -> Takes:
        """The takes that a revision of `story` requires.

        A new script changes what its words change. Scenes that the decision or its note names get other pictures, and a
        note about music other music. Any other note is for a writer who can follow it; where there is none, all
        pictures and the music are made again, as `note_effect` has announced.
        """
        if decision.script or (story.follows_notes and decision.note and not _named_only(decision, story)):
            return self
        if not _named_only(decision, story):
            return self.model_copy(update={"everything": self.everything + 1})
        texts = _texts_named(decision, story)
        pictures = {**self.pictures, **{text: self.pictures.get(text, 0) + 1 for text in texts}}
        briefs = self.briefs
        if wanted := brief_in(decision.note):
            briefs = {**self.briefs, **dict.fromkeys(texts, wanted)}
        sound = self.sound + _about_music(decision)
        return self.model_copy(update={"pictures": pictures, "sound": sound, "briefs": briefs})


def keeps_text(decision: ReviewDecision, story: Story) -> bool:
    """Whether a revision leaves the story's words alone: it names pictures or the music, and brings no script."""
    return not decision.script and _named_only(decision, story)


def _named_only(decision: ReviewDecision, story: Story) -> bool:
    return bool(_texts_named(decision, story)) or _about_music(decision)


def _texts_named(decision: ReviewDecision, story: Story) -> list[str]:
    named = set(decision.scenes) or scenes_named(decision.note)
    return [scene.text for scene in story.scenes if scene.index + 1 in named]


def _about_music(decision: ReviewDecision) -> bool:
    return bool(_MUSIC.search(decision.note))


def scenes_named(note: str) -> set[int]:
    """The scenes a note names by number, counted from 1: "scene 3", "scenes 2 and 4"."""
    return {int(number) for match in _SCENES.finditer(note) for number in re.findall(r"\d+", match[1])}


def brief_in(note: str) -> str:
    """The content for pictures in a note about scenes: the note without the scenes' numbers. Empty where nothing is
    left, and where the note is about the music as well."""
    if _MUSIC.search(note):
        return ""
    return _SCENES.sub(" ", note).strip(" \t\n:;,.-–—")[:MAX_BRIEF_CHARS]


def note_effect(story: Story) -> str:
    """What a revision without a new script will change of `story`, for the reviewer who is about to ask for one."""
    one = (
        "a note that names scenes by number (`scene 3: a lighthouse at night`) or the music changes only those "
        "pictures, which show what it says, or the music; "
    )
    if story.follows_notes:
        return (
            one
            + f"any other note is given to {story.writer}, who writes the text anew: changed scenes get new pictures"
        )
    if story.writer == "script":
        text = "the text stays as it is, since no language model is configured; send a new script to change it"
    else:
        text = "the text is put together anew by the same program, which does not read the note"
    return one + f"after any other note all pictures and the music are made anew, and {text}"
