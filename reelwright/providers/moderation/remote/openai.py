"""OpenAI's `/moderations`: texts, many in one call, and pictures, one in a call."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from pydantic import SecretStr

from reelwright.domain.ports.classifying import Scores

from .asking import post, results_of, service_of

BASE_URL = "https://api.openai.com/v1"
MODEL = "omni-moderation-latest"
TEXTS = 32
"""In one call."""


class OpenAIClassifier:
    """Free of charge, with limits of requests and tokens a minute."""

    vendor = "openai"
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
            some = texts[start : start + TEXTS]
            scores += await self._asked(list(some), len(some))
        return scores

    async def score_picture(self, jpeg: bytes) -> Scores:
        """Sent within the request."""
        address = f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"
        [scores] = await self._asked([{"type": "image_url", "image_url": {"url": address}}], 1)
        return scores

    async def _asked(self, given: list[Any], count: int) -> list[Scores]:
        answer = await post(self._service, "moderations", {"model": self._model, "input": given})
        return results_of(self.vendor, answer, count)
