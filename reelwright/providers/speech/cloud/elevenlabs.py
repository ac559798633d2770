"""ElevenLabs by REST (docs/providers.md#elevenlabs): speech with the time of each character, the account's voices, and
clones, which are known by their name so that the consent of the person counts."""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pydantic import SecretStr

from reelwright.domain.content.voice import VoiceChoice
from reelwright.domain.costs.prices import PriceTable
from reelwright.domain.errors import InvalidInput, ProviderRefused, Refusal
from reelwright.domain.ids import seed_of
from reelwright.domain.redaction import know

from ...common.answers import Told, no_use, refused
from ...common.http import Reply, Service, get_array, get_json, media_service, post_bytes, post_json
from ...common.tariff import Speaking
from ..sound import Samples
from .audio import decoded
from .engine import Asked, Engine, Heard, ListedVoice
from .marks import Mark

BASE = "https://api.elevenlabs.io"
MOST_CHARS: Mapping[str, int] = {"eleven_flash_v2_5": 40_000, "eleven_turbo_v2_5": 40_000, "eleven_flash_v2": 30_000}
USUAL_MOST_CHARS = 10_000
AT_ONCE_CHARS = 5_000
"""A part is no longer than this, whatever the model takes: a call that breaks off is paid for as a whole."""
SPEEDS = (0.7, 1.2)
EARLIER = 3
"""Calls before this one that may be named."""
PAGE = 100
PAGES = 20
_ID = re.compile(r"[A-Za-z0-9]{20}")
_NAME = re.compile(r"[^\W_][\w .()'-]{0,59}")
_CLONES = ("cloned", "professional")
_WITH_LANGUAGE = ("_v2_5", "_v3", "_v4", "_turbo")
"""Models that take `language_code`; others refuse it."""
_WHY: Mapping[str, Refusal] = {
    "quota_exceeded": "credit",
    "payment_required": "credit",
    "invalid_api_key": "key",
    "missing_permissions": "key",
    "detected_unusual_activity": "key",
    "voice_not_found": "model",
    "model_not_found": "model",
    "invalid_voice_id": "model",
    "max_character_limit_exceeded": "input",
    "content_policy_violation": "policy",
}
_BUSY = ("too_many_concurrent_requests", "system_busy", "rate_limit_exceeded")


def told(reply: Reply) -> Told:
    """`detail` is `{"status", "message"}`, a text, or a list of what is wrong with the request."""
    detail = reply.fields.get("detail")
    if isinstance(detail, list):
        detail = detail[0] if detail and isinstance(detail[0], dict) else {}
        return Told(("validation",), f"{detail.get('loc', '')}: {detail.get('msg', '')}", "input")
    if not isinstance(detail, dict):
        return Told((), str(detail or ""))
    code = str(detail.get("status") or detail.get("code") or "")
    why = _WHY.get(code) or ("policy" if "policy" in code or "moderation" in code else "")
    return Told((code,) if code else (), str(detail.get("message") or ""), why, code in _BUSY)


class ElevenLabs(Engine):
    """One model of ElevenLabs. `output` is the format that is asked for; those above 44.1 kHz, and PCM at it, need a
    larger plan."""

    vendor: ClassVar[str] = "elevenlabs"

    def __init__(
        self,
        api_key: SecretStr,
        prices: PriceTable,
        *,
        model: str = "eleven_v4",
        voice: str = "JBFqnCBsd6RMkjVDRZzb",
        output: str = "mp3_44100_128",
        stability: float = 0.5,
        similarity: float = 0.75,
        timestamps: bool = True,
        base_url: str = "",
    ) -> None:
        know(api_key, lasting=True)
        self.model, self.default, self.most_chars = (
            model,
            voice,
            min(MOST_CHARS.get(model, USUAL_MOST_CHARS), AT_ONCE_CHARS),
        )
        self.tariff = Speaking(prices, self.name)
        self.settings = (output, f"{stability:g} {similarity:g}")
        self._output, self._timestamps = output, timestamps
        self._voice_settings = {"stability": stability, "similarity_boost": similarity}
        headers = {"xi-api-key": api_key.get_secret_value()}
        self._service = media_service(self.vendor, base_url or BASE, headers, told)
        self._ids: dict[str, str] = {}
        self._without_times = False

    @property
    def service(self) -> Service:
        """Where it is asked."""
        return self._service

    def fits(self, voice: str, *, mine: bool) -> bool:
        """An id, or, with the vendor before it, a name."""
        return bool(_ID.fullmatch(voice)) or (mine and bool(_NAME.fullmatch(voice)))

    def own(self, choice: VoiceChoice) -> tuple[float, float]:
        return min(max(choice.speed, SPEEDS[0]), SPEEDS[1]), 0.0

    async def look(self, voice: str, language: str) -> None:
        models = [one for one in await get_array(self._service, "v1/models") if isinstance(one, dict)]
        row = next((one for one in models if one.get("model_id") == self.model), None)
        if row is None or row.get("can_do_text_to_speech") is False:
            raise refused(self.vendor, "model", f"there is no model {self.model[:60]!r} that speaks")
        known = {str(one.get("language_id")) for one in row.get("languages") or () if isinstance(one, dict)}
        if known and language.partition("-")[0] not in {code.partition("-")[0] for code in known}:
            raise InvalidInput(
                f"{self.name} does not speak {language}", field="language", remedy="choose another provider or model"
            )
        await self._id_of(voice)

    async def voices(self) -> Sequence[ListedVoice]:
        return [_listed(row) for row in await self._rows({})]

    async def say(self, asked: Asked) -> Heard:
        voice = await self._id_of(asked.voice)
        usd = self.tariff.usd(chars=len(asked.text), seconds=0.0)
        if self._timestamps and not self._without_times:
            try:
                return await self._timed(voice, asked, usd)
            except ProviderRefused as error:
                # Not every model tells times (UNVERIFIED for eleven_v4): then the aligner finds them.
                if error.why != "input" or "timestamp" not in error.message.lower():
                    raise
                self._without_times = True
        reply = await post_bytes(
            self._service, f"v1/text-to-speech/{voice}", params={"output_format": self._output}, json=self._body(asked)
        )
        return Heard(await asyncio.to_thread(self._decoded, reply.data, usd), (), reply.request_id, usd)

    async def _timed(self, voice: str, asked: Asked, usd: float) -> Heard:
        body, reply = await post_json(
            self._service,
            f"v1/text-to-speech/{voice}/with-timestamps",
            self._body(asked),
            {"output_format": self._output},
            usd=usd,
        )
        try:
            data = base64.b64decode(body["audio_base64"], validate=True)
        except (KeyError, TypeError, ValueError, binascii.Error) as error:
            raise no_use(self.vendor, "its answer has no sound", usd=usd) from error
        samples = await asyncio.to_thread(self._decoded, data, usd)
        return Heard(samples, _marks(body.get("alignment")), reply.request_id, usd)

    def _body(self, asked: Asked) -> dict[str, Any]:
        speed, _ = self.own(asked.choice)
        body: dict[str, Any] = {
            "text": asked.text,
            "model_id": self.model,
            "voice_settings": {**self._voice_settings, **({"speed": speed} if speed != 1.0 else {})},
            # The same text sounds the same, as far as the vendor can.
            "seed": seed_of("elevenlabs", asked.text) % 2**32,
        }
        if self.model.endswith(_WITH_LANGUAGE):
            body["language_code"] = asked.language.partition("-")[0]
        around = {"previous_text": asked.before, "next_text": asked.after}
        body |= {name: text for name, text in around.items() if text}
        if asked.earlier:
            body["previous_request_ids"] = list(asked.earlier[-EARLIER:])
        return body

    def _decoded(self, data: bytes, usd: float) -> Samples:
        kind, _, rest = self._output.partition("_")
        rate = int(rest.partition("_")[0]) if kind == "pcm" else None
        return decoded(data, vendor=self.vendor, pcm_rate=rate, usd=usd)

    async def _id_of(self, voice: str) -> str:
        """The id of a voice that the account has. A clone is found by its name alone."""
        if voice not in self._ids:
            if _ID.fullmatch(voice):
                row = await self._row(voice)
                if row.cloned:
                    raise InvalidInput(
                        f"the voice {voice} is a clone",
                        field="voice",
                        remedy=f"choose it by its name (elevenlabs:{row.name}), so that the person's consent counts",
                    )
            else:
                rows = [_listed(one) for one in await self._rows({"search": voice})]
                found = [one for one in rows if one.name == voice]
                if len(found) != 1:
                    raise self.missing(voice, f"there are {len(found)} voices called {voice[:60]!r}" if found else "")
                row = found[0]
            self._ids[voice] = row.id
        return self._ids[voice]

    async def _row(self, voice: str) -> ListedVoice:
        try:
            return _listed(await get_json(self._service, f"v1/voices/{voice}"))
        except ProviderRefused as error:
            if error.why in ("model", "input"):
                raise self.missing(voice) from error
            raise

    async def _rows(self, query: dict[str, Any]) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        params = {**query, "page_size": PAGE}
        for _ in range(PAGES):
            body = await get_json(self._service, "v2/voices", params)
            page = body.get("voices")
            if not isinstance(page, list):
                raise no_use(self.vendor, "its answer has no voices")
            rows += [row for row in page if isinstance(row, dict)]
            token = body.get("next_page_token")
            if not (body.get("has_more") and token):
                break
            params = {**params, "next_page_token": str(token)}
        return rows


def _marks(alignment: Any) -> tuple[Mark, ...]:
    """The characters' times; nothing where they are not as they should be: then the aligner finds them."""
    if not isinstance(alignment, dict):
        return ()
    names = ("characters", "character_start_times_seconds", "character_end_times_seconds")
    texts, starts, ends = (alignment.get(name) for name in names)
    if not (isinstance(texts, list) and isinstance(starts, list) and isinstance(ends, list)):
        return ()
    if not len(texts) == len(starts) == len(ends):
        return ()
    try:
        return tuple(Mark(str(t), float(s), float(e)) for t, s, e in zip(texts, starts, ends, strict=True))
    except (TypeError, ValueError):
        return ()


def _listed(row: dict[str, Any]) -> ListedVoice:
    labels = row.get("labels") if isinstance(row.get("labels"), dict) else {}
    known = [one.get("locale") or one.get("language") for one in row.get("verified_languages") or () if one]
    languages = known or [(labels or {}).get("language")]
    return ListedVoice(
        id=str(row.get("voice_id") or ""),
        name=str(row.get("name") or ""),
        languages=tuple(dict.fromkeys(str(one) for one in languages if one)),
        cloned=str(row.get("category") or "") in _CLONES,
    )
