"""What writers by language model have in common: the question, one repair, and the story made from the answer."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import httpx2
from pydantic import SecretStr, ValidationError
from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt, wait_random

from reelwright.domain.content.story import Scene, Story, WriteTask
from reelwright.domain.costs.estimate import Estimate
from reelwright.domain.costs.money import Money
from reelwright.domain.costs.prices import TokenPrice, price_of
from reelwright.domain.errors import InvalidInput, ProviderRefused, ReelwrightError
from reelwright.domain.redaction import know, redact_values

from ..common.lifecycles import need_alive
from .draft import Draft, data_for, instructions_for
from .extract import item_of, source_credit
from .finish import fit_description, fit_tags, fit_title

MAX_OUTPUT_TOKENS = 6_000
"""A story takes about 600 tokens; the rest is room for reasoning, which counts as output."""
USUAL_OUTPUT_TOKENS = 1_200
"""What a story takes as a rule, with some reasoning."""
BYTES_PER_TOKEN = 4
"""As a rule, in English. A token has at least one byte, which is the bound for what is reserved."""
WRAPPING_TOKENS = 500
"""A bound for what the provider adds around the messages: roles, and the schema in its own words."""
TIMEOUT_S = 120.0
QUICK_TRIES = 2
"""Tries of one call within one attempt, for a broken connection or a server error. Longer waits are the caller's."""
QUICK_WAIT_S = (0.2, 0.8)
"""Seconds between the tries, chosen by chance so that many workers do not come back together."""


@dataclass(frozen=True)
class Turn:
    """One message of the conversation."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True)
class Answer:
    """What came back: a draft, or `problem` with the text that has it. `usd` was spent either way."""

    usd: float
    draft: Draft | None = None
    text: str = ""
    problem: str = ""


class BodyRecorder:
    """An httpx2 response hook that keeps the last answer's JSON.

    The SDKs' `parse` raises on an answer that does not fit the schema and drops the rest of it with the error, but its
    tokens have been paid for, and fields beside the text mark a refusal or a cut-off answer. `required` is a key
    that every good answer has; an answer that is no such JSON object counts as a broken connection.
    """

    def __init__(self, required: str) -> None:
        self.body: dict[str, Any] = {}
        self._required = required

    async def __call__(self, response: httpx2.Response) -> None:
        if response.status_code != 200:
            return
        await response.aread()
        try:
            body = json.loads(response.content)
        except (ValueError, RecursionError) as error:
            raise httpx2.DecodingError("the answer is not JSON", request=response.request) from error
        if not isinstance(body, dict) or not isinstance(body.get(self._required), list):
            raise httpx2.DecodingError(f"the answer has no {self._required}", request=response.request)
        self.body = body


def quick_retries(worth: Any) -> AsyncRetrying:
    """Two tries, a moment apart, if `worth(error)` allows the second; the last error is raised unchanged."""
    return AsyncRetrying(
        retry=retry_if_exception(worth),
        stop=stop_after_attempt(QUICK_TRIES),
        wait=wait_random(*QUICK_WAIT_S),
        reraise=True,
    )


class ModelWriter(ABC):
    """Writes by a language model. `price` replaces the price table's; without either the cost is given as 0 with a
    notice that says so."""

    provider: ClassVar[str]

    def __init__(
        self, api_key: SecretStr | str, model: str, base_url: str | None = None, *, price: TokenPrice | None = None
    ) -> None:
        key = api_key if isinstance(api_key, SecretStr) else SecretStr(api_key)
        if not key.get_secret_value().strip():
            raise InvalidInput(
                "the API key is empty", field=f"{self.provider}_api_key", remedy="set it or leave it out"
            )
        know(key, lasting=True)
        self._api_key = key
        self._model = model
        self._base_url = base_url or None
        self._price = price or price_of(model)
        self.name = f"{self.provider}:{model}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}(model={self._model!r})"

    @abstractmethod
    async def _ask(self, instructions: str, turns: Sequence[Turn]) -> Answer:
        """One call. Raises `ProviderRefused` and `ProviderUnavailable`, with what the answer has cost (`usd`)."""

    def estimate(self, task: WriteTask) -> Estimate:
        """What a story may cost: at most two answers of the greatest length, the second to a question that repeats the
        first."""
        if self._price is None:
            return Estimate(step="writing", provider=self.name, priced=False)
        shown = instructions_for(task) + data_for(task) + json.dumps(Draft.model_json_schema())
        size = len(shown.encode())
        first = size + WRAPPING_TOKENS
        second = first + MAX_OUTPUT_TOKENS + REPAIR_BYTES
        return Estimate(
            step="writing",
            provider=self.name,
            usual=Money.of(self._cost(fresh=size // BYTES_PER_TOKEN, cached=0, written=USUAL_OUTPUT_TOKENS)),
            worst=self._price.at_most(read=first + second, written=2 * MAX_OUTPUT_TOKENS),
        )

    async def write(self, task: WriteTask) -> Story:
        """The story. Raises `InvalidInput` for a task without topic or entry, `ProviderRefused` when the model declines
        or its answer is unusable even after one repair, `ProviderUnavailable` when a later request may succeed; both
        carry the cost (`usd`)."""
        if not self._base_url:  # an own server may have a model of that name for ever
            need_alive(self.provider, self._model)
        if task.request.script is not None:
            raise InvalidInput("a script is not rewritten by a model", field="script", remedy="use the script as it is")
        instructions = instructions_for(task)
        turns = [Turn("user", data_for(task))]
        answer = await self._ask(instructions, turns)
        usd = answer.usd
        if answer.draft is None:
            turns += [Turn("assistant", answer.text or "(nothing)"), Turn("user", _repair_request(answer.problem))]
            try:
                answer = await self._ask(instructions, turns)
            except ReelwrightError as error:
                error.usd += usd  # the first answer is paid for, whatever becomes of the second
                raise
            usd += answer.usd
        if answer.draft is None:
            raise ProviderRefused(
                f"{self._model} gave no usable story, twice: {answer.problem}"[:300],
                field=self.provider,
                remedy="start again, try another model, or give a script",
                usd=usd,
            )
        return self._story(task, redact_values(answer.draft), usd)

    def _cost(self, *, fresh: int, cached: int, written: int) -> float:
        return self._price.usd(fresh=fresh, cached=cached, written=written) if self._price else 0.0

    def _story(self, task: WriteTask, draft: Draft, usd: float) -> Story:
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
            scenes=tuple(
                Scene(index=i, text=scene.text, heading=scene.heading[:80]) for i, scene in enumerate(draft.scenes)
            ),
            writer=self.name,
            notice=notice,
            usd=round(usd, 8),
            follows_notes=True,
        )


def problem_of(error: ValidationError) -> str:
    """What is wrong with a draft, a line per mistake, without repeating the draft."""
    lines = []
    for entry in error.errors(include_url=False, include_context=False, include_input=False)[:8]:
        place = ".".join(str(part) for part in entry["loc"]) or "story"
        lines.append(f"{place}: {entry['msg'].removeprefix('Value error, ')}")
    return "; ".join(lines)


PROBLEM_CHARS = 900
REPAIR_BYTES = 4 * PROBLEM_CHARS + 400
"""A bound for `_repair_request`."""


def _repair_request(problem: str) -> str:
    return (
        f"That answer cannot be used: {problem[:PROBLEM_CHARS]}. Write the whole narration again, as one JSON document "
        "of the given schema, with this put right."
    )
