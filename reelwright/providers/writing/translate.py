"""A story's words in other languages: a question for each of them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Self

from pydantic import model_validator

from reelwright.domain.content.story import Story, Translation, WriteTask
from reelwright.domain.costs.estimate import Estimate
from reelwright.domain.errors import ProviderRefused, ReelwrightError, Refusal
from reelwright.domain.redaction import redact_values
from reelwright.domain.text.incoming import words

from .asking import Question, Turn
from .draft import MAX_OUTPUT_TOKENS, DraftTranslation
from .finish import fit_description, fit_tags, fit_title
from .tasks import fenced, translating, words_of_story
from .translated import Translated, left_out

if TYPE_CHECKING:
    from .model import ModelWriter

AT_ONCE = 4
"""Questions asked at the same time."""
WRITTEN_TOKENS = 6_000
"""The greatest length of an answer for a story of a model's own; as a rule it has a tenth of that."""
MOST_TOKENS = 32_000
"""For a script it grows with the text, a token for each byte, up to this."""
USUAL_TOKENS = 700
"""Of a story of a model's own, read and written, as a rule."""
AROUND_BYTES = 4_000
"""A bound for title, tags and the marks around a script's scenes."""
_FOR_GOOD: frozenset[Refusal] = frozenset({"key", "credit", "model"})
"""Refusals that are not about the text: the next call would be refused as well."""


async def translated(
    writer: ModelWriter, story: Story, languages: Sequence[str], credit: str, within_s: float
) -> Translated:
    """See `ModelWriter.translate`."""
    turns, until = asyncio.Semaphore(AT_ONCE), asyncio.get_running_loop().time() + within_s

    async def one(language: str) -> tuple[Translation, float]:
        async with asyncio.timeout_at(until), turns:
            filled = await writer.fill(_question(story, language, credit), what=f"translation ({language})")
        draft = redact_values(filled.form)
        made = Translation(
            language=language,
            scenes=tuple(draft.scenes),
            title=fit_title(draft.title),
            description=fit_description(draft.description, credit),
            tags=fit_tags(draft.tags),
        )
        return made, filled.usd

    found = await asyncio.gather(*[one(language) for language in languages], return_exceptions=True)
    made = [each for each in found if not isinstance(each, BaseException)]
    spent = sum(usd for _, usd in made) + sum(each.usd for each in found if isinstance(each, ReelwrightError))
    notes = [_note(language, each, spent) for language, each in zip(languages, found, strict=True)]
    return Translated(tuple(translation for translation, _ in made), spent, tuple(filter(None, notes)))


def _note(language: str, found: object, spent: float) -> str:
    """Why a language is left out; empty where it is not. Raises what is no reason to leave it out."""
    if isinstance(found, TimeoutError):
        return left_out(language, "the model did not answer in time")
    if isinstance(found, ProviderRefused) and found.why not in _FOR_GOOD:
        return left_out(language, found.message)
    if isinstance(found, ReelwrightError):
        found.usd = spent
    if isinstance(found, BaseException):
        raise found
    return ""


def _question(story: Story, language: str, credit: str) -> Question[DraftTranslation]:
    data = words_of_story(story, credit)
    most = WRITTEN_TOKENS if story.follows_notes else _most_tokens(data)
    instructions = translating(story.language, language).text
    return Question(instructions, (Turn("user", data),), _form(len(story.scenes)), most)


def _most_tokens(data: str) -> int:
    return min(MOST_TOKENS, max(WRITTEN_TOKENS, len(data.encode())))


def _form(scenes: int) -> type[DraftTranslation]:
    """The form for a story of so many scenes."""

    class Counted(DraftTranslation):
        @model_validator(mode="after")
        def _as_many(self) -> Self:
            if len(self.scenes) != scenes:
                raise ValueError(f"{scenes} scenes were given, and these are {len(self.scenes)}")
            if empty := [place for place, text in enumerate(self.scenes, 1) if not words(text)]:
                raise ValueError(f"scene {empty[0]} has no words")
            return self

    Counted.__name__ = DraftTranslation.__name__  # the schema's name on the wire
    return Counted


def translation_estimate(writer: ModelWriter, task: WriteTask, language: str) -> Estimate:
    """What one language may cost. A script is there already; of a story that is still to be written its greatest length
    is known."""
    script = task.request.script  # else its words come out of an answer that has its own greatest length
    instructions = translating(task.request.language, language).text
    if script is None:
        question = Question(instructions, (), DraftTranslation, WRITTEN_TOKENS)
        return writer.estimate_of(
            question, read_usually=USUAL_TOKENS, written=USUAL_TOKENS, further=MAX_OUTPUT_TOKENS + AROUND_BYTES
        )
    data = fenced({"scenes": [script]})
    size = len(data.encode())
    question = Question(instructions, (Turn("user", data),), DraftTranslation, _most_tokens(data) + AROUND_BYTES)
    # The description is the script's beginning, once more.
    return writer.estimate_of(question, read_usually=size // 4, written=size // 3, further=size + AROUND_BYTES)
