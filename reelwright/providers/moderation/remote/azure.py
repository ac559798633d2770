"""Azure AI Content Safety, by REST: the SDK asks for a version of the API that is no longer served."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import SecretStr

from reelwright.domain.ports.classifying import Scores

from .asking import NoUse, post, service_of

API_VERSION = "2024-09-01"
TEXT_CHARS = 10_000
GRAVEST = 6
AT_ONCE = 4
_BETWEEN = "\n\n"


class AzureClassifier:
    """Charged by the call. One call takes one text, so short ones are sent together; where something is found in them,
    each is asked for alone."""

    vendor = "azure"
    text_chars = TEXT_CHARS

    def __init__(self, api_key: SecretStr, endpoint: str) -> None:
        headers = {"Ocp-Apim-Subscription-Key": api_key.get_secret_value()}
        self._service = service_of(self.vendor, f"{endpoint.rstrip('/')}/contentsafety", headers)
        self._turns = asyncio.Semaphore(AT_ONCE)
        self.name = f"{self.vendor}:{API_VERSION}"

    async def score_texts(self, texts: Sequence[str]) -> list[Scores]:
        """Severities from 0 to 6, as shares of 6."""
        groups = await asyncio.gather(*(self._group(group) for group in _packed(texts)))
        return [scores for group in groups for scores in group]

    async def score_picture(self, jpeg: bytes) -> Scores:
        """Sent within the request: at most 4 MB."""
        return await self._asked("image", {"image": {"content": base64.b64encode(jpeg).decode()}})

    async def _group(self, texts: list[str]) -> list[Scores]:
        together = await self._text(_BETWEEN.join(texts))
        if len(texts) == 1 or not any(together.values()):
            return [together for _ in texts]
        return list(await asyncio.gather(*(self._text(text) for text in texts)))

    async def _text(self, text: str) -> Scores:
        return await self._asked("text", {"text": text})

    async def _asked(self, kind: str, body: dict[str, Any]) -> Scores:
        async with self._turns:
            answer = await post(self._service, f"{kind}:analyze", body, {"api-version": API_VERSION})
        return _scores(answer)


def _scores(answer: dict[str, Any]) -> Scores:
    found = answer.get("categoriesAnalysis")
    if not isinstance(found, list) or not found:
        raise NoUse("its answer has no categoriesAnalysis", field=AzureClassifier.vendor)
    scores: Scores = {}
    for one in found:
        row = one if isinstance(one, dict) else {}
        severity, category = row.get("severity"), row.get("category")
        if not isinstance(category, str) or isinstance(severity, bool) or not isinstance(severity, int):
            raise NoUse("its answer has a category without a severity", field=AzureClassifier.vendor)
        scores[category[:100]] = min(max(severity, 0), GRAVEST) / GRAVEST
    return scores


def _packed(texts: Sequence[str]) -> Iterator[list[str]]:
    """Neighbours, as many as one call takes."""
    group: list[str] = []
    for text in texts:
        if group and sum(map(len, group)) + len(text) + len(_BETWEEN) * len(group) > TEXT_CHARS:
            yield group
            group = []
        group.append(text)
    if group:
        yield group
