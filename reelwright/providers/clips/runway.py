"""Runway: clips of a still or of words (docs/providers.md#runway). Implements `domain.ports.providing.ClipMaker`."""

from __future__ import annotations

import asyncio
import math
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from reelwright.domain.costs.estimate import Estimate
from reelwright.domain.costs.prices import PriceTable
from reelwright.domain.errors import ProviderRefused
from reelwright.domain.ports.providing import ClipJob, ClipOrder, ClipState, Shape
from reelwright.domain.redaction import know
from reelwright.domain.text.incoming import foreign, one_line

from ..common.answers import no_use
from ..common.http import Service, call, post_json
from .job import data_uri, estimate_of, failed, fetch_clip, shrunk, text_of, utf16_cut

BASE = "https://api.dev.runwayml.com"
VERSION = "2024-11-06"
PROMPT_UNITS = 1_000
USD_PER_CREDIT = 0.01
THROTTLED_S = 30.0
"""A throttled task waits for others of the account: asking often does not help."""
_RATIOS: dict[Shape, str] = {"16:9": "1280:720", "9:16": "720:1280", "1:1": "960:960"}
_FIXED_SECONDS = {"veo3.1": (4, 6, 8), "veo3.1_fast": (4, 6, 8)}
_LEAST_S, _MOST_S = 2, 10
_STILL_ALONE = frozenset({"gen4_turbo"})
"""Models that make nothing out of words alone."""
_NO_SQUARE = frozenset({"veo3.1", "veo3.1_fast"})


class Runway:
    """`model` is any of Runway's that takes `promptText`, `ratio` and `duration`."""

    def __init__(
        self,
        key: SecretStr,
        prices: PriceTable,
        *,
        model: str = "gen4_turbo",
        base: str = BASE,
        version: str = VERSION,
        allow_private: bool = False,
    ) -> None:
        know(key, lasting=True)
        headers = {"Authorization": f"Bearer {key.get_secret_value()}", "X-Runway-Version": version}
        self._service = Service("runway", base, headers)
        self._model, self._prices, self._allow_private = model, prices, allow_private

    @property
    def name(self) -> str:
        """`runway:gen4_turbo`."""
        return f"runway:{self._model}"

    def estimate(self, order: ClipOrder) -> Estimate:
        """By the second that it makes, which may be more than the scene's."""
        return estimate_of(self.name, self.seconds(order.seconds), self._prices)

    def seconds(self, wanted: float) -> int:
        """Whole seconds as the model makes them: the fewest that are enough, or as many as it can."""
        choices = _FIXED_SECONDS.get(self._model, tuple(range(_LEAST_S, _MOST_S + 1)))
        return next((each for each in choices if each >= math.ceil(wanted)), choices[-1])

    async def submit(self, order: ClipOrder, still: bytes | None = None) -> ClipJob:
        """Begins a task; paid for with it."""
        if still is None and self._model in _STILL_ALONE:
            raise ProviderRefused(
                f"{self._model} makes clips of a still alone",
                field="runway",
                remedy="give the scene's picture, or set REELWRIGHT_RUNWAY_MODEL to gen4.5",
                why="input",
            )
        shape: Shape = order.shape
        if shape == "1:1" and (still is None or self._model in _NO_SQUARE):
            shape = "16:9"  # it is cropped
        body: dict[str, Any] = {
            "model": self._model,
            "promptText": utf16_cut(one_line(order.prompt), PROMPT_UNITS) or "gentle natural motion",
            "ratio": _RATIOS[shape],
            "duration": self.seconds(order.seconds),
        }
        if order.seed is not None and self._model not in _FIXED_SECONDS:
            body["seed"] = order.seed % 4_294_967_296
        path = "v1/text_to_video"
        if still is not None:
            body["promptImage"] = data_uri(await asyncio.to_thread(shrunk, still))
            path = "v1/image_to_video"
        answer, _ = await post_json(self._service, path, body)
        if not (task := text_of(answer, "id")):
            raise no_use("runway", "its answer has no id of a task", cost_known=False)
        return ClipJob(provider=self.name, id=task)

    async def poll(self, job: ClipJob) -> ClipState:
        """The task's state; a task that is not there (it is kept for a time) has expired."""
        task = await self._task(job)
        return _state(task) if task is not None else ClipState(state="expired", why="the task is not there any more")

    async def fetch(self, job: ClipJob, to: Path) -> Path:
        """The clip. Addresses expire within a day or two: they are asked for anew each time."""
        task = await self._task(job)
        state = _state(task) if task is not None else ClipState(state="expired", why="the task is not there any more")
        if task is None or state.state != "done":
            raise failed(state, "runway")
        address = str(task["output"][0])
        know(address)
        return await fetch_clip(address, to, vendor="runway", allow_private=self._allow_private)

    async def cancel(self, job: ClipJob) -> None:
        """Ends a task that runs; deletes one that is done."""
        await call(self._service, "DELETE", f"v1/tasks/{job.id}", also=(404,))

    async def _task(self, job: ClipJob) -> dict[str, Any] | None:
        reply = await call(self._service, "GET", f"v1/tasks/{job.id}", also=(404,))
        return None if reply.status == 404 else reply.object()


def _state(task: dict[str, Any]) -> ClipState:
    """Runway's statuses in ours. One that is not known here is taken for one under way."""
    status = text_of(task, "status")
    usd = _usd(task)
    if status == "SUCCEEDED":
        output = task.get("output")
        if not isinstance(output, list) or not output or not isinstance(output[0], str):
            return ClipState(state="failed", why="it succeeded without a clip", usd=usd)
        return ClipState(state="done", progress=1.0, usd=usd)
    if status == "FAILED":
        code = text_of(task, "failureCode")
        why = foreign(" ".join(filter(None, [code, text_of(task, "failure")])))
        return ClipState(state="refused" if code.startswith("SAFETY") else "failed", why=why, usd=usd)
    if status == "CANCELLED":
        return ClipState(state="failed", why="it was cancelled", usd=usd)
    if status == "THROTTLED":
        return ClipState(state="waiting", why="other tasks of the account run", retry_after_s=THROTTLED_S)
    if status == "PENDING":
        return ClipState(state="waiting")
    progress = task.get("progress")
    return ClipState(state="running", progress=float(progress) if isinstance(progress, (int, float)) else 0.0)


def _usd(task: dict[str, Any]) -> float | None:
    """The final price: fully refunded tasks report 0."""
    cost = task.get("cost")
    credits = cost.get("credits") if isinstance(cost, dict) else None
    known = isinstance(credits, (int, float)) and not isinstance(credits, bool)
    return round(float(credits) * USD_PER_CREDIT, 6) if known and credits is not None else None
