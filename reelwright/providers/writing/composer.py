"""A narration for a bare topic without a language model: ways to study the topic, and no facts about it.

The templates have no knowledge of any topic, so they claim nothing about it. The topic is data: it replaces a mark by
plain replacement, once, and is never read as a pattern.
"""

from __future__ import annotations

import random

from reelwright.domain.content.story import Scene, Story, WriteTask
from reelwright.domain.errors import InvalidInput
from reelwright.domain.ids import seed_of
from reelwright.domain.text.incoming import words

from .composer_texts import TEXTS, Texts
from .finish import fit_description, fit_title, mood_of, tags_of

NOTICE = "Composed from templates without a language model; it states no facts about the topic."
SHORT_TOPIC_WORDS = 7
"""A topic of at most this many words is named a second time."""
WORD_BUDGET = 140
"""Narrations are kept under this by leaving out optional scenes when the topic is long; about 50 s of speech."""
_TOPIC = "{topic}"


class TemplateComposer:
    """Writes 6 to 8 scenes of questions to ask about a topic. Every revision takes another wording of every scene."""

    name = "composer"

    async def write(self, task: WriteTask) -> Story:
        """The story. Raises `InvalidInput` (field `topic`) for a language it has no texts in, or without a topic."""
        request = task.request
        texts = TEXTS.get(request.language.split("-")[0])
        if request.topic is None:
            raise InvalidInput("there is no topic", field="topic", remedy="say what the video is about")
        if texts is None:
            raise InvalidInput(
                f"without a language model a topic can be written about in {', '.join(sorted(TEXTS))} only, "
                f"not in {request.language}",
                field="topic",
                remedy="give a script, or configure a language model",
            )
        narration = _narration(request.topic, texts, seed=seed_of(task.content_id), revision=task.revision)
        title = fit_title(request.title or request.topic)
        return Story(
            title=title,
            description=fit_description(_fill(texts.description, request.topic), texts.disclosure),
            tags=tags_of(request.topic, "", request.language),
            language=request.language,
            mood=mood_of(request.topic),
            scenes=tuple(Scene(index=i, text=text) for i, text in enumerate(narration)),
            writer=self.name,
            notice=NOTICE,
            template=True,
        )


def _narration(topic: str, texts: Texts, *, seed: int, revision: int) -> list[str]:
    """Opening, questions, sources, checks and the closing, which states how it was made."""
    rng = random.Random(seed)
    short = len(words(topic)) <= SHORT_TOPIC_WORDS
    slots = [
        texts.openings,
        texts.reasons,
        texts.questions,
        texts.returns if short else texts.people,
        texts.sources,
        texts.checks,
        texts.doubts,
        texts.closings,
    ]
    # A start by chance and a step by revision: no revision repeats the one before in any scene.
    scenes = [_fill(slot[(rng.randrange(len(slot)) + revision) % len(slot)], topic) for slot in slots]
    for optional in (3, 1):  # the later first, so that the indices hold
        if sum(len(words(scene)) for scene in scenes) > WORD_BUDGET:
            del scenes[optional]
    return scenes


def _fill(template: str, topic: str) -> str:
    """The topic in the template's place, its own closing full stop giving way to the template's."""
    bare = topic.rstrip(" .")
    ends_itself = bool(bare) and bare[-1] in "?!…"
    if ends_itself:
        template = template.replace(_TOPIC + ".", _TOPIC)
    return template.replace(_TOPIC, bare or topic)
