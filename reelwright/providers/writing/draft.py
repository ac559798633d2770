"""The schemas of a language model's answers, as they are sent to the provider and as they are checked here.

The schema that is sent carries no lengths (one SDK strips them, one API ignores some); they are in the field
descriptions and checked when the answer is read. Every field is required, and no other is allowed: what "strict" means
to OpenAI, and every other provider takes.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from reelwright.domain.content.story import Mood
from reelwright.domain.formats import Platform
from reelwright.domain.text.incoming import clean, one_line, words

SCENES = (3, 12)
SCENE_WORDS = (4, 60)
STORY_WORDS = (45, 220)
"""Bounds of what is accepted, without hook and call to action; what is requested is narrower: 5 to 8 scenes, 65 to 150
words."""
HOOK_WORDS = 25
CALL_WORDS = 30
SPOKEN_WORDS = STORY_WORDS[1] + HOOK_WORDS + CALL_WORDS
"""The most that is spoken: the scenes, the hook and the call to action."""
MAX_OUTPUT_TOKENS = 9_000
"""The greatest length of an answer. A story takes about 2,000 tokens, in other scripts than the Latin up to twice as
many; the rest is room for reasoning, which counts as output."""
HOOKS = (3, 5)
"""Five are requested; three are enough to choose from."""
PROMPT_CHARS = 600
LOOK_CHARS = 300
CHARACTERS = 6
SEARCH_CHARS = 60


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _spoken(value: str) -> str:
    value = one_line(value)
    count = len(words(value))
    if not SCENE_WORDS[0] <= count <= SCENE_WORDS[1]:
        raise ValueError(f"a scene has {SCENE_WORDS[0]} to {SCENE_WORDS[1]} words, this one has {count}")
    return value


def _named(value: str) -> str:
    value = one_line(value)
    if not words(value) or len(value) > 120:
        raise ValueError("a title has words, and at most 90 characters")
    return value


def _hooks(values: list[str]) -> list[str]:
    hooks = list(dict.fromkeys(hook for hook in map(one_line, values) if words(hook)))
    if len(hooks) < HOOKS[0]:
        raise ValueError(f"five different opening lines are wanted, these are {len(hooks)}")
    if long := next((hook for hook in hooks if len(words(hook)) > HOOK_WORDS), None):
        raise ValueError(f"an opening line has at most {HOOK_WORDS} words, one has {len(words(long))}")
    return hooks[: HOOKS[1]]


def _asked(value: str) -> str:
    value = one_line(value)
    if len(words(value)) > CALL_WORDS:
        raise ValueError(f"a call to action has at most {CALL_WORDS} words")
    return value


def _seen(value: str) -> str:
    value = one_line(value)
    if not words(value) or len(value) > PROMPT_CHARS:
        raise ValueError(f"it has words, and at most {PROMPT_CHARS} characters")
    return value


def _line(value: str) -> str:
    value = one_line(value)
    if len(value) > LOOK_CHARS:
        raise ValueError(f"it has at most {LOOK_CHARS} characters")
    return value


def _searches(values: list[str]) -> list[str]:
    """What is too long to be searched for is left out."""
    return list(dict.fromkeys(s for s in map(one_line, values) if words(s) and len(s) <= SEARCH_CHARS))[:4]


class DraftScene(_Form):
    """One scene as the model writes it."""

    heading: Annotated[str, AfterValidator(one_line)] = Field(description="2 to 5 words shown on screen, or empty")
    text: Annotated[str, AfterValidator(_spoken)] = Field(
        description="what is spoken: 1 to 3 plain sentences, 8 to 30 words, no markup, no stage directions"
    )
    image_prompt: Annotated[str, AfterValidator(_seen)] = Field(description="what is seen, in English, 10 to 40 words")
    search: Annotated[list[str], AfterValidator(_searches)] = Field(description="2 to 4 searches in English")


class DraftCharacter(_Form):
    """Somebody who is seen in several scenes."""

    name: Annotated[str, AfterValidator(_line)] = Field(description="as the image prompts call them")
    look: Annotated[str, AfterValidator(_line)] = Field(description="in English, at most 30 words")


class DraftPost(_Form):
    """The texts of a post on one platform."""

    platform: Platform
    title: Annotated[str, AfterValidator(one_line)]
    description: Annotated[str, AfterValidator(clean)] = Field(description="no URLs, no hashtags")
    hashtags: list[str] = Field(description="without #")


class Draft(_Form):
    """A story as the model writes it."""

    title: Annotated[str, AfterValidator(_named)] = Field(description="at most 90 characters, no angle brackets")
    description: Annotated[str, AfterValidator(clean)] = Field(description="2 or 3 sentences for the post, no URLs")
    tags: list[str] = Field(description="5 to 10 words or short phrases, lower case, without #")
    mood: Mood = Field(description="the mood of the background music")
    hooks: Annotated[list[str], AfterValidator(_hooks)] = Field(description="five opening lines, the best first")
    scenes: list[DraftScene] = Field(description="the scenes in order; the first goes on from any of the hooks")
    call_to_action: Annotated[str, AfterValidator(_asked)] = Field(description="one sentence that ends the video")
    look: Annotated[str, AfterValidator(_line)] = Field(description="the style of all pictures, in English")
    characters: list[DraftCharacter] = Field(description="who is seen in several scenes; may be empty")
    posts: list[DraftPost] = Field(description="one for each platform that is named, else empty")

    @model_validator(mode="after")
    def _sizes(self) -> Draft:
        if not SCENES[0] <= len(self.scenes) <= SCENES[1]:
            raise ValueError(f"a story has {SCENES[0]} to {SCENES[1]} scenes, this one has {len(self.scenes)}")
        total = sum(len(words(scene.text)) for scene in self.scenes)
        if not STORY_WORDS[0] <= total <= STORY_WORDS[1]:
            raise ValueError(f"a story has {STORY_WORDS[0]} to {STORY_WORDS[1]} words, this one has {total}")
        if len(self.characters) > CHARACTERS:
            raise ValueError(f"a story has at most {CHARACTERS} characters, this one has {len(self.characters)}")
        return self


class DraftTranslation(_Form):
    """A story's words in another language."""

    title: Annotated[str, AfterValidator(_named)] = Field(description="at most 90 characters, no angle brackets")
    description: Annotated[str, AfterValidator(clean)]
    tags: list[str]
    scenes: list[Annotated[str, AfterValidator(one_line)]] = Field(description="as many as were given, in their order")
