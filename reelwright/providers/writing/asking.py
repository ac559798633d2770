"""One question to a language model and its answer, whichever provider it is."""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, Literal, TypeVar

import httpx2
from pydantic import BaseModel, ValidationError
from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt, wait_random

from reelwright.domain.errors import ProviderRefused
from reelwright.domain.text.incoming import foreign

from ..common.answers import MESSAGE_CHARS

FormT = TypeVar("FormT", bound=BaseModel)

TIMEOUT_S = 120.0
QUICK_TRIES = 2
"""Tries of one call within one attempt, for a broken connection or a server error. Longer waits are the caller's."""
QUICK_WAIT_S = (0.2, 0.8)
"""Seconds between the tries, chosen by chance so that many workers do not come back together."""
REMEDY = "change the topic or the text, or give a script"
CUT_OFF = "it was cut off at the greatest length of an answer; write a shorter one"
_FENCED = re.compile(r"```(?:json)?\s*(\{.*\})\s*```", re.DOTALL)


@dataclass(frozen=True)
class Turn:
    """One message of the conversation."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True)
class Question(Generic[FormT]):
    """What is asked: the instructions, the conversation so far, the form of the answer, and its greatest length in
    tokens, reasoning included."""

    instructions: str
    turns: tuple[Turn, ...]
    form: type[FormT]
    most_tokens: int

    def and_then(self, answer: str, wish: str) -> Question[FormT]:
        """The same with an answer and what is to be put right."""
        turns = (*self.turns, Turn("assistant", answer or "(nothing)"), Turn("user", wish))
        return Question(self.instructions, turns, self.form, self.most_tokens)


@dataclass(frozen=True)
class Answer(Generic[FormT]):
    """What came back: the form filled in, or `problem` with the text that has it. `usd` was spent either way."""

    usd: float
    filled: FormT | None = None
    text: str = ""
    problem: str = ""
    request_id: str = ""


class BodyRecorder:
    """An httpx2 response hook that keeps the last answer's JSON and headers.

    The SDKs raise on an answer that does not fit the schema and drop the rest of it with the error, but its tokens have
    been paid for, and fields beside the text mark a refusal or a cut-off answer. `required` is a key that every good
    answer has; an answer that is no such JSON object counts as a broken connection. `id_header` is the provider's
    header with its id of the call.
    """

    def __init__(self, required: str, id_header: str = "x-request-id") -> None:
        self.body: dict[str, Any] = {}
        self.request_id = ""
        self._required, self._id_header = required, id_header

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
        self.request_id = response.headers.get(self._id_header, "")[:200]


@cache
def tls() -> ssl.SSLContext:
    """What servers' certificates are checked with. Reading the authorities takes 40 ms of CPU: once is enough."""
    return httpx2.create_ssl_context()


def quick_retries(worth: Callable[[BaseException], bool]) -> AsyncRetrying:
    """Two tries, a moment apart, if `worth(error)` allows the second; the last error is raised unchanged."""
    return AsyncRetrying(
        retry=retry_if_exception(worth),
        stop=stop_after_attempt(QUICK_TRIES),
        wait=wait_random(*QUICK_WAIT_S),
        reraise=True,
    )


def judged(form: type[FormT], text: str, *, usd: float, request_id: str, cut_off: bool = False) -> Answer[FormT]:
    """An answer by its text: the form filled in, or what is wrong with it. Servers that do not enforce a schema put the
    document between Markdown's fences, out of which it is taken."""
    if cut_off:
        return Answer(usd=usd, text=text, problem=CUT_OFF, request_id=request_id)
    found = _FENCED.search(text)
    try:
        filled = form.model_validate_json(found[1] if found else text)
    except ValidationError as error:
        problem = problem_of(error) if text.strip() else "it is empty"
        return Answer(usd=usd, text=text, problem=problem, request_id=request_id)
    return Answer(usd=usd, filled=filled, text=text, request_id=request_id)


def declined(provider: str, why: str, usd: float) -> ProviderRefused:
    """The error for a model that declines, or whose provider has filtered its answer."""
    said = foreign(why, MESSAGE_CHARS) or "no reason given"
    return ProviderRefused(f"the model declined: {said}", field=provider, remedy=REMEDY, usd=usd, why="policy")


def rows(value: Any) -> list[dict[str, Any]]:
    """The objects of a list out of an answer; none where it is no list."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def table(value: Any) -> dict[str, Any]:
    """An object out of an answer; empty where it is none."""
    return value if isinstance(value, dict) else {}


def strings(parts: list[dict[str, Any]], kind: str = "text") -> str:
    """The texts of those parts of an answer that have one, joined."""
    return "".join(part[kind] for part in parts if isinstance(part.get(kind), str))


def count(usage: Any, *path: str) -> int:
    """A number of tokens out of an answer's `usage`; 0 where it is not there or no number."""
    for name in path:
        usage = usage.get(name) if isinstance(usage, dict) else None
    return max(0, int(usage)) if isinstance(usage, int | float) and not isinstance(usage, bool) else 0


def problem_of(error: ValidationError) -> str:
    """What is wrong with an answer, a line per mistake, without repeating it."""
    lines = []
    for entry in error.errors(include_url=False, include_context=False, include_input=False)[:8]:
        place = ".".join(str(part)[:60] for part in entry["loc"]) or "the answer"
        lines.append(f"{place}: {entry['msg'].removeprefix('Value error, ')}")
    return "; ".join(lines)
