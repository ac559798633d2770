"""What writers by language model have in common: the questions, one repair of each answer, and the story made from
them."""

from __future__ import annotations

import json
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic

from pydantic import SecretStr

from reelwright.domain.content.story import Character, PostText, Scene, Story, WriteTask
from reelwright.domain.costs.estimate import Estimate
from reelwright.domain.costs.money import Money
from reelwright.domain.costs.prices import TokenPrice, price_of
from reelwright.domain.errors import InvalidInput, ProviderRefused, ReelwrightError
from reelwright.domain.formats import Platform
from reelwright.domain.redaction import know, redact_values
from reelwright.domain.text.incoming import one_line

from ..common.lifecycles import need_alive
from .asking import TIMEOUT_S, Answer, FormT, Question, Turn
from .draft import MAX_OUTPUT_TOKENS, Draft
from .extract import item_of, source_credit
from .finish import fit_description, fit_tags, fit_title
from .tasks import REPAIR_BYTES, data_for, instructions_for, posted_on, repair
from .translate import translated, translation_estimate
from .translated import Translated

USUAL_OUTPUT_TOKENS = 2_200
"""What a story takes as a rule, with some reasoning."""
BYTES_PER_TOKEN = 4
"""As a rule, in English. A token has at least one byte, which is the bound for what is reserved."""
WRAPPING_TOKENS = 500
"""A bound for what the provider adds around the messages: roles, and the schema in its own words."""
WITHIN_S = 270.0
"""Of the five minutes that a story may take with its translations."""


@dataclass(frozen=True)
class Filled(Generic[FormT]):
    """A form that a model has filled in, what that has cost, and the provider's id of the last call."""

    form: FormT
    usd: float
    request_id: str


class ModelWriter(ABC):
    """Writes by a language model. `price` replaces the price table's; without either the cost is given as 0 with a
    notice that says so."""

    provider: ClassVar[str]
    key_needed: ClassVar[bool] = True
    timeout_s: float = TIMEOUT_S
    """Of one call."""

    def __init__(
        self, api_key: SecretStr | str, model: str, base_url: str | None = None, *, price: TokenPrice | None = None
    ) -> None:
        key = api_key if isinstance(api_key, SecretStr) else SecretStr(api_key)
        if key.get_secret_value().strip():
            know(key, lasting=True)
        elif self.key_needed:
            raise InvalidInput(
                "the API key is empty", field=f"{self.provider}_api_key", remedy="set it or leave it out"
            )
        if not model.strip():
            raise InvalidInput("no model is named", field=f"{self.provider}_model", remedy="name one")
        self._api_key = key
        self._model = model
        self._base_url = base_url or None
        self._price = price or price_of(model)
        self.name = f"{self.provider}:{model}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}(model={self._model!r})"

    @abstractmethod
    async def _ask(self, question: Question[FormT]) -> Answer[FormT]:
        """One call. Raises `ProviderRefused` and `ProviderUnavailable`, with what the answer has cost (`usd`)."""

    def estimate(self, task: WriteTask) -> Estimate:
        """What a story may cost with its translations: at most two answers each, of the greatest length, the second to
        a question that repeats the first."""
        if self._price is None:
            return Estimate(step="writing", provider=self.name, priced=False)
        found = Estimate(step="writing", provider=self.name)
        if task.request.script is None:
            question = self._question(task)
            read = len(question.instructions) + len(question.turns[0].text)
            found = self.estimate_of(question, read_usually=read // BYTES_PER_TOKEN, written=USUAL_OUTPUT_TOKENS)
        for language in task.request.translated_into:
            one = translation_estimate(self, task, language)
            found = found.model_copy(update={"usual": found.usual + one.usual, "worst": found.worst + one.worst})
        return found

    def estimate_of(self, question: Question[FormT], *, read_usually: int, written: int, further: int = 0) -> Estimate:
        """What a question may cost with its repair; `further` are tokens that it will have besides what it has now."""
        if self._price is None:
            return Estimate(step="writing", provider=self.name, priced=False)
        schema = json.dumps(question.form.model_json_schema())
        # Twice the schema: a server that may not enforce it is shown it in the instructions, too.
        texts = (question.instructions, *(turn.text for turn in question.turns), schema, schema)
        first = sum(len(text.encode()) for text in texts) + further + WRAPPING_TOKENS
        second = first + question.most_tokens + REPAIR_BYTES
        usual = read_usually + len(schema) // BYTES_PER_TOKEN
        return Estimate(
            step="writing",
            provider=self.name,
            usual=Money.of(self._cost(fresh=usual, cached=0, written=written)),
            worst=self._price.at_most(read=first + second, written=2 * question.most_tokens),
        )

    async def write(self, task: WriteTask) -> Story:
        """The story. Raises `InvalidInput` for a task without topic or entry, `ProviderRefused` when the model declines
        or its answer is unusable even after one repair, `ProviderUnavailable` when a later request may succeed; both
        carry the cost (`usd`)."""
        if not self._base_url:  # an own server may have a model of that name for ever
            need_alive(self.provider, self._model)
        if task.request.script is not None:
            raise InvalidInput("a script is not rewritten by a model", field="script", remedy="use the script as it is")
        begun, question = time.monotonic(), self._question(task)
        filled = await self.fill(question, what="story")
        story = self._story(task, redact_values(filled.form), filled)
        if not task.request.translated_into:
            return story
        left = max(1.0, WITHIN_S - (time.monotonic() - begun))
        credit = source_credit(item_of(task)) if task.request.topic is None else ""
        try:
            more = await self.translate(story, task.request.translated_into, credit=credit, within_s=left)
        except ReelwrightError as error:
            error.usd += filled.usd  # the story is paid for, whatever becomes of its translations
            raise
        return more.added_to(story)

    async def translate(
        self, story: Story, languages: Sequence[str], *, credit: str = "", within_s: float = WITHIN_S
    ) -> Translated:
        """A story's words in other languages; `credit` is the paragraph of its description that stays as it is. A
        language that the model cannot do is left out with a note. Raises `ProviderUnavailable`, and `ProviderRefused`
        where the next call would be refused as well; both carry the cost."""
        return await translated(self, story, languages, credit, within_s)

    async def fill(self, question: Question[FormT], *, what: str) -> Filled[FormT]:
        """The form filled in, at the second try if need be. `what` names it for people."""
        answer = await self._ask(question)
        usd = answer.usd
        if answer.filled is None:
            try:
                answer = await self._ask(question.and_then(answer.text, repair(answer.problem)))
            except ReelwrightError as error:
                error.usd += usd  # the first answer is paid for, whatever becomes of the second
                raise
            usd += answer.usd
        if answer.filled is None:
            raise ProviderRefused(
                f"{self._model} gave no usable {what}, twice: {answer.problem}"[:300],
                field=self.provider,
                remedy="start again, try another model, or give a script",
                usd=usd,
                why="nonsense",
            )
        return Filled(answer.filled, usd, answer.request_id)

    def _question(self, task: WriteTask) -> Question[Draft]:
        turns = (Turn("user", data_for(task)),)
        return Question(instructions_for(task).text, turns, Draft, MAX_OUTPUT_TOKENS)

    def _cost(self, *, fresh: int, cached: int, written: int) -> float:
        return self._price.usd(fresh=fresh, cached=cached, written=written) if self._price else 0.0

    def _story(self, task: WriteTask, draft: Draft, filled: Filled[Draft]) -> Story:
        credit = source_credit(item_of(task)) if task.request.topic is None else ""
        notice = f"Written by a language model ({self.name}). Check its facts before publishing."
        if self._price is None:
            notice += " The model's price is not known, so its cost is given as 0."
        return Story(
            title=fit_title(task.request.title or draft.title),
            description=fit_description(draft.description, credit),
            tags=fit_tags(draft.tags),
            language=task.request.language,
            mood=draft.mood,
            scenes=_scenes(draft),
            writer=self.name,
            notice=notice,
            usd=round(filled.usd, 8),
            follows_notes=True,
            hooks=tuple(draft.hooks),
            call_to_action=draft.call_to_action,
            look=draft.look,
            characters=tuple(Character(name=one.name, look=one.look) for one in draft.characters if one.name),
            post_texts=_post_texts(task, draft, credit),
            prompt=instructions_for(task).on_record,
            request_id=filled.request_id,
        )


def _scenes(draft: Draft) -> tuple[Scene, ...]:
    """The scenes; the first begins with the first hook, the last ends with the call to action."""
    texts = [scene.text for scene in draft.scenes]
    hook = draft.hooks[0]
    texts[0] = f"{hook} {one_line(texts[0].removeprefix(hook))}".rstrip()
    if draft.call_to_action and not texts[-1].endswith(draft.call_to_action):
        texts[-1] = f"{texts[-1]} {draft.call_to_action}"
    return tuple(
        Scene(
            index=index,
            text=text,
            heading=scene.heading[:80],
            image_prompt=scene.image_prompt,
            search=tuple(scene.search),
        )
        for index, (scene, text) in enumerate(zip(draft.scenes, texts, strict=True))
    )


def _post_texts(task: WriteTask, draft: Draft, credit: str) -> dict[Platform, PostText]:
    """By platform, of those that were asked for. The title that the request names is every post's."""
    wanted = posted_on(task)
    return {
        Platform(post.platform): PostText(
            title="" if task.request.title else fit_title(post.title),
            description=fit_description(post.description, credit) if post.description else "",
            tags=fit_tags(post.hashtags),
        )
        for post in draft.posts
        if Platform(post.platform) in wanted
    }
