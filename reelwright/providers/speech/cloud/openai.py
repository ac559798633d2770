"""OpenAI's voices by its SDK (docs/providers.md#openai-speech), for as long as they are served. They tell no times: the
words are aligned."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import Any, ClassVar

import httpx2
import openai
from pydantic import SecretStr

from reelwright.domain.costs.prices import PriceTable
from reelwright.domain.redaction import know
from reelwright.domain.text.incoming import foreign

from ...common.answers import no_use
from ...common.http import MEDIA_BYTES, MEDIA_S
from ...common.openai_errors import error_of, need_no_page
from ...common.tariff import Speaking
from ..sound import SAMPLE_RATE
from .audio import decoded
from .engine import Asked, Engine, Heard, ListedVoice

VOICES = (
    *("alloy", "ash", "ballad", "cedar", "coral", "echo", "fable"),
    *("marin", "nova", "onyx", "sage", "shimmer", "verse"),
)
MOST_CHARS = 4_096
_OWN = re.compile(r"voice_[A-Za-z0-9_-]{1,60}")
_PLAIN = ("tts-1", "tts-1-hd")
"""Models that take no instructions."""


class OpenAISpeech(Engine):
    """One model of OpenAI. `style` is an instruction for how it is said ("calm, as to a friend")."""

    vendor: ClassVar[str] = "openai"
    most_chars = MOST_CHARS

    def __init__(
        self,
        api_key: SecretStr,
        prices: PriceTable,
        *,
        model: str = "gpt-4o-mini-tts",
        voice: str = "marin",
        style: str = "",
        base_url: str | None = None,
    ) -> None:
        know(api_key, lasting=True)
        self.model, self.default = model, voice
        self.tariff = Speaking(prices, self.name)
        self.settings = (style,) if style else ()
        self._key, self._base, self._style = api_key, base_url, style

    def fits(self, voice: str, *, mine: bool) -> bool:
        return voice in VOICES or bool(_OWN.fullmatch(voice))

    async def look(self, voice: str, language: str) -> None:
        if not self.fits(voice, mine=True):
            raise self.missing(voice)
        async with self._client() as client:
            try:
                await client.models.retrieve(self.model)
            except openai.OpenAIError as error:
                raise error_of(error, paid=False) from None

    async def voices(self) -> Sequence[ListedVoice]:
        return [ListedVoice(name, name) for name in VOICES]

    async def say(self, asked: Asked) -> Heard:
        more: dict[str, Any] = {"instructions": self._style} if self._style and self.model not in _PLAIN else {}
        spoken: Any = {"id": asked.voice} if _OWN.fullmatch(asked.voice) else asked.voice
        data = bytearray()
        async with self._client() as client:
            try:
                async with client.audio.speech.with_streaming_response.create(
                    model=self.model, voice=spoken, input=asked.text, response_format="wav", **more
                ) as response:
                    need_no_page(response.status_code, response.headers)
                    request = str(response.headers.get("x-request-id", ""))
                    async for chunk in response.iter_bytes():
                        data += chunk
                        if len(data) > MEDIA_BYTES:
                            raise no_use(
                                self.vendor, f"its answer has more than {MEDIA_BYTES:,} bytes", cost_known=False
                            )
            except openai.OpenAIError as error:
                raise error_of(error) from None
            except httpx2.HTTPError as error:
                raise no_use(self.vendor, f"the answer broke off ({type(error).__name__})", cost_known=False) from None
        usd = self.tariff.usd(chars=len(asked.text), seconds=0.0)
        samples = await asyncio.to_thread(decoded, bytes(data), vendor=self.vendor, usd=usd)
        usd = self.tariff.usd(chars=len(asked.text), seconds=samples.size / SAMPLE_RATE)
        return Heard(samples, (), foreign(request, 100), usd)

    def _client(self) -> openai.AsyncOpenAI:
        return openai.AsyncOpenAI(
            api_key=self._key.get_secret_value(), base_url=self._base, max_retries=0, timeout=MEDIA_S
        )
