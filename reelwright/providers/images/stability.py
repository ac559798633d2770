"""Pictures by Stability AI's REST (docs/providers.md#stability). The same seed and prompt give the same picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from pydantic import SecretStr

from reelwright.domain.content.story import Scene, Story
from reelwright.domain.costs.estimate import Estimate
from reelwright.domain.costs.prices import PriceTable
from reelwright.domain.errors import Refusal
from reelwright.domain.redaction import know

from ..common.answers import Told, refused, reject
from ..common.http import Reply, media_service, post_bytes
from ..common.tariff import Picturing
from .illustrator import ModelIllustrator, Sent
from .prompting import Prompt

BASE = "https://api.stability.ai"
PATHS: Mapping[str, str] = {"core": "core", "ultra": "ultra"}
"""All other models are those of `sd3`."""
SEEDS = 4_294_967_294
"""The largest seed; 0 is any."""
PROMPT_CHARS = 10_000
_WHY: Mapping[str, Refusal] = {
    "content_moderation": "policy",
    "payment_required": "credit",
    "unauthorized": "key",
    "not_found": "model",
}


def told(reply: Reply) -> Told:
    """`{"id", "name", "errors"}` (UNVERIFIED)."""
    body = reply.fields
    name = str(body.get("name") or "")
    errors = body.get("errors")
    words = "; ".join(str(one) for one in errors[:3]) if isinstance(errors, list) else ""
    return Told((name,) if name else (), words, _WHY.get(name, ""))


class StabilityIllustrator(ModelIllustrator):
    """One model: `core`, `ultra`, or one of Stable Diffusion 3.5. `preset` is one of the vendor's style presets."""

    vendor: ClassVar[str] = "stability"

    def __init__(
        self, api_key: SecretStr, prices: PriceTable, *, model: str = "core", preset: str = "", base_url: str = ""
    ) -> None:
        know(api_key, lasting=True)
        self.model, self._preset = model, preset
        self._tariff = Picturing(prices, self.name, (f"stability:{model}",))
        headers = {"Authorization": f"Bearer {api_key.get_secret_value()}", "Accept": "image/*"}
        self._service = media_service(self.vendor, base_url or BASE, headers, told)

    @property
    def name(self) -> str:
        return f"stability:{self.model}" + (f":{self._preset}" if self._preset else "")

    def estimate(self, scene: Scene, *, story: Story) -> Estimate:
        return self._tariff.estimate()

    async def make(self, prompt: Prompt, seed: int) -> Sent:
        own = 1 + seed % SEEDS
        form = {
            "prompt": prompt.text[:PROMPT_CHARS],
            "negative_prompt": prompt.negative[:PROMPT_CHARS],
            "aspect_ratio": "1:1",
            "seed": str(own),
            "output_format": "png",
        }
        if self.model not in PATHS:
            form["model"] = self.model
        if self._preset:
            form["style_preset"] = self._preset
        path = f"v2beta/stable-image/generate/{PATHS.get(self.model, 'sd3')}"
        # A form of several parts, though none of them is a file.
        reply = await post_bytes(self._service, path, files={name: (None, value) for name, value in form.items()})
        usd = self._tariff.usd or 0.0
        if reply.headers.get("finish-reason", "").upper() == "CONTENT_FILTERED":
            raise refused(self.vendor, "policy", "the picture was filtered", usd=usd)
        if not reply.media_type.startswith("image/"):
            reject(self.vendor, f"what it sent is no picture ({reply.media_type[:40]})", usd=usd)
        used = reply.headers.get("seed", "")
        return Sent(reply.data, usd, reply.request_id, int(used) if used.isdecimal() and len(used) < 12 else own)
