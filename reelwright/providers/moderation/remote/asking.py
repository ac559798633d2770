"""One POST of JSON to a classifier: tries, limits, and errors in our words."""

from __future__ import annotations

from typing import Any

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt, wait_random

from reelwright.domain.errors import ProviderUnavailable
from reelwright.domain.text.incoming import foreign

from ...common.answers import NoUse as NoUse
from ...common.answers import TooSlow
from ...common.http import Params, Service, post_json

TRIES = 2
WAIT_S = (0.2, 0.8)
"""Seconds between the tries, chosen by chance, where the vendor names none."""
LONGEST_WAIT_S = 5.0
"""A vendor that wants a longer pause counts as away: a person decides meanwhile."""
TIMEOUT_S, CONNECT_S = 8.0, 4.0
ANSWER_BYTES = 2_000_000


def service_of(vendor: str, base: str, headers: dict[str, str]) -> Service:
    """Where a classifier is asked; `headers` hold the key."""
    return Service(vendor, base, headers, timeout_s=TIMEOUT_S, connect_s=CONNECT_S, most_bytes=ANSWER_BYTES)


async def post(service: Service, path: str, body: Any, params: Params | None = None) -> dict[str, Any]:
    """The answer, a JSON object. Raises `ProviderUnavailable` and `ProviderRefused`."""
    retrying = AsyncRetrying(
        retry=retry_if_exception(_worth_another_try), stop=stop_after_attempt(TRIES), wait=_wait, reraise=True
    )
    async for attempt in retrying:
        with attempt:
            answer, _ = await post_json(service, path, body, params)
            return answer
    raise AssertionError("tenacity raises the last error")


def scores_of(vendor: str, value: Any, flags: Any = None) -> dict[str, float]:
    """A table of scores out of an answer. What the vendor flags counts 0.5 at least, whatever its own threshold is."""
    if not isinstance(value, dict) or not value:
        raise NoUse("its answer has no scores", field=vendor)
    scores: dict[str, float] = {}
    for name, score in value.items():
        # Null: the category does not apply to this kind of input.
        if score is None:
            continue
        if not isinstance(score, (int, float)) or isinstance(score, bool) or not 0 <= score <= 1:
            raise NoUse(f"its score {foreign(str(score), 40)} is no number from 0 to 1", field=vendor)
        scores[str(name)[:100]] = float(score)
    for name, flagged in flags.items() if isinstance(flags, dict) else ():
        if flagged is True:
            scores[str(name)[:100]] = max(scores.get(str(name)[:100], 0.0), 0.5)
    return scores


def results_of(vendor: str, answer: dict[str, Any], count: int) -> list[dict[str, float]]:
    """The scores of each input, of answers that are shaped like OpenAI's."""
    results = answer.get("results")
    if not isinstance(results, list) or len(results) != count:
        raise NoUse(f"its answer has not {count} result{'s' * (count != 1)}", field=vendor)
    rows = [result if isinstance(result, dict) else {} for result in results]
    return [scores_of(vendor, row.get("category_scores"), row.get("categories")) for row in rows]


def _worth_another_try(error: BaseException) -> bool:
    if not isinstance(error, ProviderUnavailable) or isinstance(error, TooSlow):
        return False
    return error.retry_after_s is None or error.retry_after_s <= LONGEST_WAIT_S


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    named = error.retry_after_s if isinstance(error, ProviderUnavailable) else None
    return wait_random(*WAIT_S)(state) if named is None else named
