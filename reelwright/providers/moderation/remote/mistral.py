"""Mistral's `/v1/moderations`: texts, many in one call."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import SecretStr

from reelwright.domain.ports.classifying import Scores

from .asking import post, results_of, service_of

BASE_URL = "https://api.mistral.ai"
MODEL = "mistral-moderation-2603"
TEXTS = 32


class MistralClassifier:
    """Free of charge. It sees no pictures."""

    vendor = "mistral"
    text_chars = 8_000

    def __init__(self, api_key: SecretStr, base_url: str | None = None, model: str = MODEL) -> None:
        headers = {"Authorization": f"Bearer {api_key.get_secret_value()}"}
        self._service = service_of(self.vendor, base_url or BASE_URL, headers)
        self._model = model
        self.name = f"{self.vendor}:{model}"

    async def score_texts(self, texts: Sequence[str]) -> list[Scores]:
        """Each text is an input of its own."""
        scores: list[Scores] = []
        for start in range(0, len(texts), TEXTS):
            some = list(texts[start : start + TEXTS])
            answer = await post(self._service, "v1/moderations", {"model": self._model, "input": some})
            scores += results_of(self.vendor, answer, len(some))
        return scores
