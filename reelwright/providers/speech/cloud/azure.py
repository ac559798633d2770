"""Azure Speech by REST (docs/providers.md#azure-speech), as batch synthesis or at once.

Batch synthesis is the default: its answer has the time of each word, which the call that speaks at once has not, and
the id of a job is ours, made of what is spoken. A worker that dies meanwhile finds the job again, and pays once. It
takes 10 to 120 s a part, though; `rest` takes one, and its words are aligned.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Literal
from xml.sax.saxutils import escape, quoteattr

from pydantic import SecretStr

from reelwright.domain.content.voice import VoiceChoice
from reelwright.domain.costs.prices import PriceTable
from reelwright.domain.errors import InvalidInput, Refusal
from reelwright.domain.redaction import know

from ...common.answers import Told
from ...common.http import Reply, get_array, media_service, post_bytes
from ...common.reading import plainly
from ...common.tariff import Speaking
from .audio import decoded
from .azure_batch import Batch
from .engine import Asked, Engine, Heard, ListedVoice
from .locales import locale_of

FORMAT = "riff-48khz-16bit-mono-pcm"
MOST_CHARS = 4_000
"""Spoken in half of the ten minutes at which an answer is cut off."""
AGENT = "reelwright"
_VOICE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?-[A-Z]{2}(-[a-z]+)?-[A-Za-z0-9]+(:[A-Za-z0-9]+)?")
_TWICE = re.compile("[\u3400-\u9fff\uf900-\ufaff]")
"""Chinese characters count as two."""
_CODES: Mapping[str, Refusal] = {"401": "key", "403": "key", "Unauthorized": "key", "Forbidden": "key"}

Mode = Literal["batch", "rest"]


def told(reply: Reply) -> Told:
    """`{"error": {"code", "message"}}`; a call that speaks at once answers an error with text, or with nothing."""
    plain = plainly(reply)
    code = plain.codes[0] if plain.codes else ""
    return replace(plain, why=refusal_of(code, plain.message) if reply.status < 429 else "")


def refusal_of(code: str, message: str) -> Refusal:
    """Why a job or a call was refused, where code or words tell it."""
    if code in _CODES:
        return _CODES[code]
    if "quota" in code.lower():
        return "credit"
    return "model" if "voice" in f"{code} {message}".lower() else ""


class AzureSpeech(Engine):
    """Azure's neural voices. A voice is its name (`de-DE-KatjaNeural`); a multilingual one speaks every language."""

    vendor: ClassVar[str] = "azure"
    most_chars = MOST_CHARS

    def __init__(
        self,
        api_key: SecretStr,
        prices: PriceTable,
        *,
        region: str,
        voice: str = "en-US-AvaMultilingualNeural",
        mode: Mode = "batch",
        base_url: str = "",
    ) -> None:
        know(api_key, lasting=True)
        self.default = voice
        self.model = "neural"
        self.tariff, self._dear = Speaking(prices, self.name), Speaking(prices, f"{self.vendor}:hd")
        self.settings = (mode,)
        self._mode = mode
        key = {"Ocp-Apim-Subscription-Key": api_key.get_secret_value(), "User-Agent": AGENT}
        at_once = base_url or f"https://{region}.tts.speech.microsoft.com"
        jobs = base_url or f"https://{region}.api.cognitive.microsoft.com"
        self._service = media_service(self.vendor, at_once, key, told)
        self._batch = Batch(media_service(self.vendor, jobs, key, told), FORMAT, refusal_of)
        self._voices: dict[str, ListedVoice] = {}

    def fits(self, voice: str, *, mine: bool) -> bool:
        return bool(_VOICE.fullmatch(voice))

    def voice_of(self, choice: VoiceChoice, language: str) -> str:
        voice = super().voice_of(choice, language)
        if "Multilingual" not in voice and voice.partition("-")[0] != locale_of(language).partition("-")[0]:
            raise InvalidInput(
                f"{voice} does not speak {language}",
                field="voice",
                remedy="choose a voice of the language, or a multilingual one",
            )
        return voice

    def own(self, choice: VoiceChoice) -> tuple[float, float]:
        return choice.speed, choice.pitch

    def tariff_of(self, voice: str) -> Speaking:
        return self._dear if ":" in voice else self.tariff

    def chars(self, text: str) -> int:
        return len(text) + len(_TWICE.findall(text))

    async def look(self, voice: str, language: str) -> None:
        if not self._voices:
            self._voices = {one.id: one for one in await self.voices()}
        if voice not in self._voices:
            raise self.missing(voice)

    async def voices(self) -> Sequence[ListedVoice]:
        rows = await get_array(self._service, "cognitiveservices/voices/list")
        return [_listed(row) for row in rows if isinstance(row, dict) and row.get("ShortName")]

    async def say(self, asked: Asked) -> Heard:
        ssml = ssml_of(asked)
        tariff = self.tariff_of(asked.voice)
        usd = tariff.usd(chars=self.chars(asked.text), seconds=0.0)
        if self._mode == "batch":
            sound, marks, billed = await self._batch.spoken(ssml, usd=usd)
            usd = tariff.usd(chars=billed, seconds=0.0) if billed else usd
            samples = await asyncio.to_thread(decoded, sound, vendor=self.vendor, usd=usd)
            return Heard(samples, marks, self._batch.id_of(ssml), usd)
        reply = await post_bytes(
            self._service,
            "cognitiveservices/v1",
            content=ssml.encode(),
            headers={"Content-Type": "application/ssml+xml", "X-Microsoft-OutputFormat": FORMAT},
        )
        samples = await asyncio.to_thread(decoded, reply.data, vendor=self.vendor, usd=usd)
        return Heard(samples, (), reply.request_id, usd)


def ssml_of(asked: Asked) -> str:
    """The text as SSML. What is read is text: signs that mean something in XML are escaped."""
    said, locale = escape(asked.text), locale_of(asked.language)
    speed, pitch = asked.choice.speed, asked.choice.pitch
    if (speed, pitch) != (1.0, 0.0):
        said = f"<prosody rate={quoteattr(f'{speed - 1:+.0%}')} pitch={quoteattr(f'{pitch:+g}st')}>{said}</prosody>"
    home = "-".join(asked.voice.split("-")[:2])
    if home != locale and "Multilingual" in asked.voice:
        said = f"<lang xml:lang={quoteattr(locale)}>{said}</lang>"
    return (
        f'<speak version="1.0" xmlns="http://www.w3.org/2001/10/synthesis" xml:lang={quoteattr(home)}>'
        f"<voice name={quoteattr(asked.voice)}>{said}</voice></speak>"
    )


def _listed(row: dict[str, Any]) -> ListedVoice:
    more = row.get("SecondaryLocaleList")
    languages = (row.get("Locale"), *(more if isinstance(more, list) else ()))
    return ListedVoice(
        id=str(row["ShortName"]),
        name=str(row.get("DisplayName") or row["ShortName"]),
        languages=tuple(str(one) for one in languages if one),
    )
