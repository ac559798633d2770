"""What a language model is told: the instructions from the prompt files, and the outside text as fenced data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reelwright.domain.content.story import Story, WriteTask
from reelwright.domain.formats import LANGUAGES, Platform
from reelwright.domain.ids import sha256_of
from reelwright.domain.text.incoming import clean, foreign, one_line

from .extract import item_of
from .prompts import platform_lines, prompt
from .shapes import shape_of

STORY, TRANSLATION, REPAIR, SCHEMA = "story.v1", "translation.v1", "repair.v1", "schema.v1"
POSTS, NO_POSTS = "posts.v1", "posts-none.v1"
SHAPES = {"tiktok": "tiktok.v1", "reels": "reels.v1", "shorts": "shorts.v1", "video": "video.v1"}
"""The versions in use."""

ITEM_CHARS = 12_000
"""How much of a feed entry is shown to the model: about 3,000 tokens, far past a news article."""
PROBLEM_CHARS = 900
REPAIR_BYTES = 4 * PROBLEM_CHARS + 400
"""A bound for `repair`."""


@dataclass(frozen=True)
class Instructions:
    """A system prompt, and what is put on record of it."""

    text: str
    names: tuple[str, ...]

    @property
    def on_record(self) -> str:
        """The versions, and the digest of what they came to: `story.v1+shorts.v1@3fa9c1d2e4b5`."""
        return f"{'+'.join(self.names)}@{sha256_of(self.text)[:12]}"


def instructions_for(task: WriteTask) -> Instructions:
    """How a story is written. Nothing from outside is in it but choices: a language and platforms."""
    request = task.request
    shape = SHAPES[shape_of(request)]
    lines = [f"- {platform.value}: {platform_lines()[platform.value]}" for platform in posted_on(task)]
    posts = POSTS if lines else NO_POSTS
    text = prompt(STORY).filled(
        language=LANGUAGES[request.language].name,
        shape=prompt(shape).text,
        posts=prompt(posts).filled(platforms="\n".join(lines)) if lines else prompt(posts).text,
        grounding="" if request.topic is not None else ' and what the entry in "text" says',
    )
    return Instructions(text, (STORY, shape, posts))


def posted_on(task: WriteTask) -> tuple[Platform, ...]:
    """The platforms that need texts of the model's: not those whose post has a text of the user's own."""
    own = task.request.posts
    return tuple(
        platform
        for platform in task.request.platforms
        if platform.value in platform_lines() and not (platform in own and own[platform].caption)
    )


def data_for(task: WriteTask) -> str:
    """The outside text of a story."""
    request = task.request
    data: dict[str, Any] = {}
    if request.topic is not None:
        data["topic"] = request.topic
    else:
        item = item_of(task)
        data |= {"headline": one_line(item.title), "text": clean(item.text)[:ITEM_CHARS]}
    wishes = {
        "title_wanted": request.title,
        "tone": request.tone,
        "call_to_action": request.call_to_action,
        "reviewer_note": clean(task.note),
        "previous_narration": task.previous.text if task.previous is not None else "",
    }
    return fenced(data | {name: text for name, text in wishes.items() if text})


def translating(source: str, target: str) -> Instructions:
    """How a story's words are translated from one language into another."""
    text = prompt(TRANSLATION).filled(source=LANGUAGES[source].name, target=LANGUAGES[target].name)
    return Instructions(text, (TRANSLATION,))


def words_of_story(story: Story, credit: str = "") -> str:
    """A story's words, to be translated; the credit of its source in the description is left out."""
    scenes = [scene.text for scene in story.scenes]
    lead = story.description.removesuffix(credit).strip()
    return fenced({"title": story.title, "description": lead, "tags": list(story.tags), "scenes": scenes})


def repair(problem: str) -> str:
    """What is said of an answer that is of no use. The problem may name fields that the answer has invented."""
    return prompt(REPAIR).filled(problem=foreign(problem, PROBLEM_CHARS).translate(_NO_FENCE))


def schema_shown(schema: Mapping[str, Any]) -> str:
    """What is added to the instructions for a server that may not enforce the schema."""
    return "\n\n" + prompt(SCHEMA).filled(schema=json.dumps(schema))


_NO_FENCE = str.maketrans({"<": "‹", ">": "›"})


def fenced(data: Mapping[str, Any]) -> str:
    """Outside text as a delimited JSON document. No `<` is left in it, so nothing in it can close the delimiter."""
    document = json.dumps(data, ensure_ascii=False, indent=1).replace("<", "\\u003c").replace(">", "\\u003e")
    return f"<data>\n{document}\n</data>"
