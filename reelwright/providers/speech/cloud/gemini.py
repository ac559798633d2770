"""Gemini's voices by REST (docs/providers.md#gemini). They tell no times: the words are aligned; a text that was not
read to the letter shows in the aligner's certainty."""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
from collections.abc import Sequence
from typing import ClassVar

from pydantic import SecretStr

from reelwright.domain.costs.prices import PriceTable
from reelwright.domain.redaction import know

from ...common.answers import no_use, reject
from ...common.gemini import BASE, answered, tokens_of, told
from ...common.http import get_json, media_service, post_json
from ...common.tariff import Speaking
from ..sound import SAMPLE_RATE
from .audio import decoded
from .engine import Asked, Engine, Heard, ListedVoice
from .locales import locale_of

VOICES = (
    *("Achernar", "Achird", "Algenib", "Algieba", "Alnilam", "Aoede", "Autonoe", "Callirrhoe", "Charon", "Despina"),
    *("Enceladus", "Erinome", "Fenrir", "Gacrux", "Iapetus", "Kore", "Laomedeia", "Leda", "Orus", "Puck"),
    *("Pulcherrima", "Rasalgethi", "Sadachbia", "Sadaltager", "Schedar", "Sulafat", "Umbriel", "Vindemiatrix"),
    *("Zephyr", "Zubenelgenubi"),
)
MOST_CHARS = 2_000
"""Two to three minutes: far from the 16,384 tokens of an answer, and short enough that the voice stays itself."""
_RATE = re.compile(r"rate=(\d{4,6})")
_USUAL_RATE = 24_000


class GeminiSpeech(Engine):
    """One model of Gemini."""

    vendor: ClassVar[str] = "gemini"
    most_chars = MOST_CHARS

    def __init__(
        self,
        api_key: SecretStr,
        prices: PriceTable,
        *,
        model: str = "gemini-3.8-flash-tts",
        voice: str = "Kore",
        base_url: str = "",
    ) -> None:
        know(api_key, lasting=True)
        self.model, self.default = model, voice
        self.tariff = Speaking(prices, self.name, by_tokens=model)
        headers = {"x-goog-api-key": api_key.get_secret_value()}
        self._service = media_service(self.vendor, base_url or BASE, headers, told)

    def fits(self, voice: str, *, mine: bool) -> bool:
        return voice in VOICES

    async def look(self, voice: str, language: str) -> None:
        if voice not in VOICES:
            raise self.missing(voice)
        await get_json(self._service, f"v1beta/models/{self.model}")

    async def voices(self) -> Sequence[ListedVoice]:
        return [ListedVoice(name, name) for name in VOICES]

    async def say(self, asked: Asked) -> Heard:
        voice = {"prebuiltVoiceConfig": {"voiceName": asked.voice}}
        body, reply = await post_json(
            self._service,
            f"v1beta/models/{self.model}:generateContent",
            {
                "contents": [{"role": "user", "parts": [{"text": asked.text}]}],
                "generationConfig": {
                    "responseModalities": ["AUDIO"],
                    "speechConfig": {"languageCode": locale_of(asked.language), "voiceConfig": voice},
                },
            },
            usd=self.tariff.usd(chars=len(asked.text), seconds=0.0),
        )
        read, written = tokens_of(body)
        usd = self.tariff.usd(chars=len(asked.text), seconds=0.0, read=read, written=written)
        part = answered(body, "inlineData", usd=usd)["inlineData"]
        try:
            data = base64.b64decode(part["data"], validate=True)
        except (KeyError, TypeError, ValueError, binascii.Error) as error:
            raise no_use(self.vendor, "its answer has no sound", usd=usd) from error
        kind = str(part.get("mimeType") or "")
        if not kind.startswith("audio/"):
            reject(self.vendor, f"what it sent is no sound ({kind[:40]})", usd=usd)
        rate = _RATE.search(kind)
        raw = (int(rate[1]) if rate else _USUAL_RATE) if "l16" in kind.lower() or "pcm" in kind.lower() else None
        samples = await asyncio.to_thread(decoded, data, vendor=self.vendor, pcm_rate=raw, usd=usd)
        usd = self.tariff.usd(chars=len(asked.text), seconds=samples.size / SAMPLE_RATE, read=read, written=written)
        return Heard(samples, (), str(body.get("responseId") or reply.request_id)[:100], usd)
