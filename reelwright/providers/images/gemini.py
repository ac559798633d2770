"""Pictures by Gemini's REST (docs/providers.md#gemini)."""

from __future__ import annotations

import base64
import binascii
from typing import ClassVar, Literal

from pydantic import SecretStr

from reelwright.domain.content.story import Scene, Story
from reelwright.domain.costs.estimate import Estimate
from reelwright.domain.costs.prices import PriceTable
from reelwright.domain.redaction import know
from reelwright.domain.text.incoming import foreign

from ..common.answers import no_use, reject
from ..common.gemini import BASE, answered, told
from ..common.http import media_service, post_json
from ..common.tariff import Picturing
from .illustrator import ModelIllustrator, Sent
from .prompting import Prompt

SEEDS = 2**31
Size = Literal["1K", "2K", "4K"]


class GeminiIllustrator(ModelIllustrator):
    """One model of Gemini. `size` is about the side in thousands of pixels; 2K needs no enlarging."""

    vendor: ClassVar[str] = "gemini"

    def __init__(
        self,
        api_key: SecretStr,
        prices: PriceTable,
        *,
        model: str = "gemini-3.1-flash-image",
        size: Size = "2K",
        base_url: str = "",
    ) -> None:
        know(api_key, lasting=True)
        self.model, self._size = model, size
        self._tariff = Picturing(prices, self.name, (self.name, f"gemini:{model}"))
        headers = {"x-goog-api-key": api_key.get_secret_value()}
        self._service = media_service(self.vendor, base_url or BASE, headers, told)

    @property
    def name(self) -> str:
        return f"gemini:{self.model}:{self._size}"

    def estimate(self, scene: Scene, *, story: Story) -> Estimate:
        return self._tariff.estimate()

    async def make(self, prompt: Prompt, seed: int) -> Sent:
        usd, own = self._tariff.usd or 0.0, seed % SEEDS
        body, reply = await post_json(
            self._service,
            f"v1beta/models/{self.model}:generateContent",
            {
                "contents": [{"role": "user", "parts": [{"text": prompt.with_negative}]}],
                "generationConfig": {
                    "responseModalities": ["IMAGE"],
                    "imageConfig": {"aspectRatio": "1:1", "imageSize": self._size},
                    "seed": own,
                },
            },
            usd=usd,
        )
        part = answered(body, "inlineData", usd=usd)["inlineData"]
        kind = str(part.get("mimeType") or "")
        if not kind.startswith("image/"):
            reject(self.vendor, f"what it sent is no picture ({foreign(kind, 40)})", usd=usd)
        try:
            data = base64.b64decode(part["data"], validate=True)
        except (KeyError, TypeError, ValueError, binascii.Error) as error:
            raise no_use(self.vendor, "its picture is not base64", usd=usd) from error
        return Sent(data, usd, foreign(str(body.get("responseId") or reply.request_id), 100), own)
