"""ElevenLabs Music (docs/providers.md#elevenlabs-music). Implements `domain.ports.providing.PricedComposer`."""

from __future__ import annotations

from dataclasses import replace

from pydantic import SecretStr

from reelwright.domain.content.story import Mood
from reelwright.domain.costs.estimate import Estimate
from reelwright.domain.costs.prices import PriceTable
from reelwright.domain.ports.making import Score
from reelwright.domain.redaction import know

from ...common.answers import Told, no_use
from ...common.http import Reply, Service, post_bytes
from ...common.reading import plainly
from .prompts import prompt_of, seconds_of
from .seamless import score_of

LEAST_S, MOST_S = 3.0, 600.0
ANSWER_BYTES = 40_000_000
TIMEOUT_S = 300.0
_SOUND = frozenset({"", "application/octet-stream", "binary/octet-stream"})
"""Besides `audio/…`: what a proxy makes of a type, or leaves out."""
_REFUSED = frozenset({"bad_prompt", "bad_composition_plan", "content_policy_violation"})


class ElevenLabsMusic:
    """`most_s`: the longest piece that is bought; a longer video repeats it."""

    def __init__(
        self, key: SecretStr, prices: PriceTable, *, base: str, model: str = "music_v2", most_s: float = 120.0
    ) -> None:
        know(key, lasting=True)
        headers = {"xi-api-key": key.get_secret_value()}
        self._service = Service(
            "elevenlabs", base, headers, read_error=_told, timeout_s=TIMEOUT_S, most_bytes=ANSWER_BYTES
        )
        self._model, self._prices, self._most_s = model, prices, min(max(most_s, LEAST_S), MOST_S)

    @property
    def name(self) -> str:
        """`elevenlabs:music_v2`."""
        return f"elevenlabs:{self._model}"

    def estimate(self, mood: Mood, *, duration_s: float) -> Estimate:
        """By the second that is asked for; unknown without a price on record (`elevenlabs:music_v2`)."""
        price = self._prices.unit(self.name, "second")
        if price is None:
            return Estimate(step="music", provider=self.name, priced=False)
        at_most = price.at_most(seconds_of(duration_s, LEAST_S, self._most_s))
        return Estimate(step="music", provider=self.name, usual=at_most, worst=at_most)

    async def compose(self, mood: Mood, *, duration_s: float, seed: int) -> Score:
        """An instrumental. The seed cannot be sent with a prompt."""
        prompt, milliseconds = prompt_of(mood), round(1_000 * seconds_of(duration_s, LEAST_S, self._most_s))
        reply = await post_bytes(
            self._service,
            "v1/music",
            json={
                "prompt": prompt,
                "music_length_ms": milliseconds,
                "model_id": self._model,
                "force_instrumental": True,
            },
        )
        if not (reply.media_type.startswith("audio/") or reply.media_type in _SOUND):
            # Nothing in it says that it was charged for, or that it was not.
            raise no_use("elevenlabs", f"its answer is {reply.media_type}, and no sound", cost_known=False)
        price = self._prices.unit(self.name, "second")
        usd = price.of(milliseconds / 1_000) if price else 0.0
        song = str(reply.headers.get("song-id", ""))[:200]
        return await score_of(
            reply.data, vendor="elevenlabs", usd=usd, request_id=reply.request_id or song, prompt=prompt
        )


def _told(reply: Reply) -> Told:
    """`{"detail": {"status": …, "message": …}}`: a spent quota comes as 401, and a refused prompt with another one."""
    told = plainly(reply)
    if "quota_exceeded" in told.codes:
        return replace(told, why="credit")
    if _REFUSED.intersection(told.codes):
        return replace(told, why="policy", remedy="choose another mood")
    return told
