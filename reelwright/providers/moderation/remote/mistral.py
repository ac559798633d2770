"""Mistral's `/v1/moderations`: texts, many in one call."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import SecretStr

from reelwright.domain.ports.classifying import Scores

from .asking import post, results_of

BASE_URL = "https://api.mistral.ai"
MODEL = "mistral-moderation-2603"
TEXTS = 32


class MistralClassifier:
    """Free of charge. It sees no pictures."""

    vendor = "mistral"
    text_chars = 8_000

    def __init__(self, api_key: SecretStr, base_url: str | None = None, model: str = MODEL) -> None:
        self._key = api_key
        self._url = f"{(base_url or BASE_URL).rstrip('/')}/v1/moderations"
        self._model = model
        self.name = f"{self.vendor}:{model}"

    async def score_texts(self, texts: Sequence[str]) -> list[Scores]:
        """Each text is an input of its own."""
        headers = {"Authorization": f"Bearer {self._key.get_secret_value()}"}
        scores: list[Scores] = []
        for start in range(0, len(texts), TEXTS):
            some = list(texts[start : start + TEXTS])
            answer = await post(self.vendor, self._url, headers, {"model": self._model, "input": some})
            scores += results_of(self.vendor, answer, len(some))
        return scores
