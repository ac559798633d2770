"""Luma's Agents API: clips of a still or of words (docs/providers.md#luma). Implements
`domain.ports.providing.ClipMaker`."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from reelwright.domain.costs.estimate import Estimate
from reelwright.domain.costs.prices import PriceTable
from reelwright.domain.ports.providing import ClipJob, ClipOrder, ClipState
from reelwright.domain.redaction import know
from reelwright.domain.text.incoming import foreign, one_line

from ..common.answers import no_use
from ..common.http import Service, call, post_json
from .job import estimate_of, failed, fetch_clip, shrunk, text_of

BASE = "https://agents.lumalabs.ai/v1"
PROMPT_CHARS = 3_000
"""No limit is known (UNVERIFIED)."""
_SHORT_S, _LONG_S = 5, 10
_REFUSED = frozenset({"content_moderated"})
_WAITS = {"rate_limited": 60.0}


class Luma:
    """A clip lasts five or ten seconds."""

    def __init__(
        self,
        key: SecretStr,
        prices: PriceTable,
        *,
        model: str = "ray-3.2",
        resolution: str = "1080p",
        base: str = BASE,
        allow_private: bool = False,
    ) -> None:
        know(key, lasting=True)
        self._service = Service("luma", base, {"Authorization": f"Bearer {key.get_secret_value()}"})
        self._model, self._resolution, self._prices, self._allow_private = model, resolution, prices, allow_private

    @property
    def name(self) -> str:
        """`luma:ray-3.2`."""
        return f"luma:{self._model}"

    def estimate(self, order: ClipOrder) -> Estimate:
        """By the second; Luma publishes no price: without one of the operator's own (`luma:ray-3.2`) it is unknown."""
        return estimate_of(self.name, self.seconds(order.seconds), self._prices)

    def seconds(self, wanted: float) -> int:
        """Five where that is enough, else ten."""
        return _SHORT_S if wanted <= _SHORT_S else _LONG_S

    async def submit(self, order: ClipOrder, still: bytes | None = None) -> ClipJob:
        """Begins a generation; paid for with it."""
        video: dict[str, Any] = {"duration": f"{self.seconds(order.seconds)}s", "resolution": self._resolution}
        if still is not None:
            jpeg = await asyncio.to_thread(shrunk, still)
            frame = {"data": base64.b64encode(jpeg).decode(), "media_type": "image/jpeg"}
            # A frame at the start alone is `start_frame` up to five seconds; anchors hold for both lengths.
            video |= {"keyframes": [frame], "keyframe_indexes": [0]}
        body = {
            "type": "video",
            "model": self._model,
            "prompt": one_line(order.prompt)[:PROMPT_CHARS] or "gentle natural motion",
            "aspect_ratio": order.shape,
            "video": video,
        }
        answer, _ = await post_json(self._service, "generations", body)
        if not (generation := text_of(answer, "id")):
            raise no_use("luma", "its answer has no id of a generation", cost_known=False)
        return ClipJob(provider=self.name, id=generation)

    async def poll(self, job: ClipJob) -> ClipState:
        """The generation's state; one that is not there has expired."""
        generation = await self._generation(job)
        return self._state(generation, job) if generation is not None else _expired()

    async def fetch(self, job: ClipJob, to: Path) -> Path:
        """The clip. Addresses expire after an hour: they are asked for anew each time."""
        generation = await self._generation(job)
        state = self._state(generation, job) if generation is not None else _expired()
        if generation is None or state.state != "done":
            raise failed(state, "luma")
        address = _address(generation)
        know(address)
        return await fetch_clip(address, to, vendor="luma", allow_private=self._allow_private)

    async def cancel(self, job: ClipJob) -> None:
        """Luma has no call for it: a generation runs to its end, and is paid for."""

    async def _generation(self, job: ClipJob) -> dict[str, Any] | None:
        reply = await call(self._service, "GET", f"generations/{job.id}", also=(404,))
        return None if reply.status == 404 else reply.object()

    def _state(self, generation: dict[str, Any], job: ClipJob) -> ClipState:
        """Luma's states in ours. One that is not known here is taken for one under way."""
        state = text_of(generation, "state")
        if state == "completed":
            if not _address(generation):
                return ClipState(state="failed", why="it was completed without a clip")
            return ClipState(state="done", progress=1.0)
        if state == "failed":
            code = text_of(generation, "failure_code")
            why = foreign(": ".join(filter(None, [code, text_of(generation, "failure_reason")])))
            if code == "output_not_found":
                return ClipState(state="expired", why=why)
            return ClipState(state="refused" if code in _REFUSED else "failed", why=why, retry_after_s=_WAITS.get(code))
        return ClipState(state="waiting" if state == "queued" else "running")


def _expired() -> ClipState:
    return ClipState(state="expired", why="the generation is not there any more")


def _address(generation: dict[str, Any]) -> str:
    output = generation.get("output")
    found = [each for each in output if isinstance(each, dict)] if isinstance(output, list) else []
    return next((text_of(each, "url") for each in found if text_of(each, "type") in ("video", "")), "")
