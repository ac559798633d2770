"""Pictures by OpenAI's SDK (docs/providers.md#openai-images). There is no seed: the bytes are kept, not made again."""

from __future__ import annotations

import base64
import binascii
from typing import ClassVar, Literal

import httpx2
import openai
from pydantic import SecretStr

from reelwright.domain.content.story import Scene, Story
from reelwright.domain.costs.estimate import Estimate
from reelwright.domain.costs.prices import PriceTable
from reelwright.domain.redaction import know
from reelwright.domain.text.incoming import foreign

from ..common.answers import no_use
from ..common.http import MEDIA_S
from ..common.openai_errors import error_of, need_no_page
from ..common.tariff import Picturing
from .illustrator import ModelIllustrator, Sent
from .prompting import Prompt

Quality = Literal["low", "medium", "high", "xhigh", "max"]
PRICED_PIXELS = 1_024 * 1_536
"""Of the size whose price the table has; tokens, and with them the price, grow with the pixels."""


class OpenAIIllustrator(ModelIllustrator):
    """One model of OpenAI. `size` is the side in pixels, a multiple of 16: 1920 is the largest square that is not
    experimental [L], and needs no enlarging."""

    vendor: ClassVar[str] = "openai"

    def __init__(
        self,
        api_key: SecretStr,
        prices: PriceTable,
        *,
        model: str = "gpt-image-2.5-flare",
        quality: Quality = "medium",
        size: int = 1_920,
        base_url: str | None = None,
    ) -> None:
        know(api_key, lasting=True)
        self.model = model
        self._key, self._base, self._quality, self._size = api_key, base_url, quality, size
        priced = f"openai:{model}:{quality}"
        self._tariff = Picturing(prices, self.name, (priced,), scale=size * size / PRICED_PIXELS)
        self._tokens = prices.of(model)

    @property
    def name(self) -> str:
        return f"openai:{self.model}:{self._quality}:{self._size}"

    def estimate(self, scene: Scene, *, story: Story) -> Estimate:
        return self._tariff.estimate()

    async def make(self, prompt: Prompt, seed: int) -> Sent:
        usd = self._tariff.usd or 0.0
        async with openai.AsyncOpenAI(
            api_key=self._key.get_secret_value(), base_url=self._base, max_retries=0, timeout=MEDIA_S
        ) as client:
            try:
                answer = await client.images.with_raw_response.generate(
                    model=self.model,
                    prompt=prompt.with_negative,
                    size=f"{self._size}x{self._size}",
                    quality=self._quality,
                    output_format="png",
                    n=1,
                )
                need_no_page(answer.status_code, answer.headers)
                made = answer.parse()
            except openai.OpenAIError as error:
                raise error_of(error) from None
            except (httpx2.HTTPError, ValueError, TypeError) as error:
                raise no_use(self.vendor, f"its answer is none ({type(error).__name__})", usd=usd) from error
        usage = getattr(made, "usage", None)
        if self._tokens is not None and usage is not None:
            usd = self._tokens.usd(fresh=usage.input_tokens, cached=0, written=usage.output_tokens)
        pictures = getattr(made, "data", None) or []
        coded = pictures[0].b64_json if pictures else None
        try:
            data = base64.b64decode(coded or "", validate=True)
        except (ValueError, binascii.Error) as error:
            raise no_use(self.vendor, "its picture is not base64", usd=usd) from error
        if not data:
            raise no_use(self.vendor, "its answer has no picture", usd=usd)
        return Sent(data, usd, foreign(str(answer.headers.get("x-request-id") or ""), 100))
