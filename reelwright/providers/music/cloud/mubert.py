"""Mubert's API v3 (docs/providers.md#mubert). Implements `domain.ports.providing.PricedComposer`."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import SecretStr

from reelwright.domain.content.story import Mood
from reelwright.domain.costs.estimate import Estimate
from reelwright.domain.costs.prices import PriceTable
from reelwright.domain.errors import ProviderRefused, ProviderUnavailable
from reelwright.domain.ports.making import Score
from reelwright.domain.redaction import know
from reelwright.domain.text.incoming import foreign

from ...common.answers import AGAIN, Told, no_use
from ...common.downloading import BadDownload, Rule, download
from ...common.http import Reply, Service, get_json, post_json
from ...common.reading import plainly
from .prompts import prompt_of, seconds_of
from .seamless import score_of

LEAST_S, MOST_S = 15.0, 300.0
TRACK_BYTES = 60_000_000
BITRATE = 320
PATIENCE_S = 300.0
_DONE = frozenset({"done", "completed", "ready", "success"})
"""Its pages spell the state in several ways."""
_FAILED = frozenset({"failed", "error", "canceled", "cancelled", "rejected"})
_INTENSITY: dict[Mood, str] = {
    "calm": "low",
    "sad": "low",
    "curious": "medium",
    "bright": "medium",
    "tense": "medium",
    "epic": "high",
}


class Mubert:
    """`customer` is the id of an end user of the licence, and `token` theirs."""

    name = "mubert"

    def __init__(
        self,
        customer: str,
        token: SecretStr,
        prices: PriceTable,
        *,
        base: str,
        most_s: float = 120.0,
        poll_s: float = 3.0,
        allow_private: bool = False,
    ) -> None:
        know(token, lasting=True)
        headers = {"customer-id": customer, "access-token": token.get_secret_value()}
        self._service = Service(self.name, base, headers, read_error=_told)
        self._prices, self._most_s = prices, min(max(most_s, LEAST_S), MOST_S)
        self._poll_s, self._allow_private = poll_s, allow_private

    def estimate(self, mood: Mood, *, duration_s: float) -> Estimate:
        """By the track; unknown without a price on record (`mubert`): plans include a number of tracks."""
        price = self._prices.unit(self.name, "track")
        if price is None:
            return Estimate(step="music", provider=self.name, priced=False)
        return Estimate(step="music", provider=self.name, usual=price.at_most(1), worst=price.at_most(1))

    async def compose(self, mood: Mood, *, duration_s: float, seed: int) -> Score:
        """A track; the provider takes no seed."""
        prompt = prompt_of(mood)
        body = {
            "prompt": prompt[:200],
            "duration": round(seconds_of(duration_s, LEAST_S, self._most_s)),
            "bitrate": BITRATE,
            "format": "mp3",
            "intensity": _INTENSITY[mood],
            "mode": "track",
        }
        answer, _ = await post_json(self._service, "public/tracks", body)
        track = self._data(answer, cost_known=False)
        price = self._prices.unit(self.name, "track")
        usd = price.of(1) if price else 0.0
        try:
            address = await self._made(track)
            data = await self._downloaded(address)
        except (ProviderUnavailable, ProviderRefused) as error:
            error.usd = usd
            raise
        return await score_of(data, vendor=self.name, usd=usd, request_id=_id(track), prompt=prompt)

    async def _made(self, track: dict[str, Any]) -> str:
        """Where the finished track lies."""
        if not _id(track):
            raise no_use(self.name, "its answer has no id of a track", cost_known=False)
        try:
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    generation = _generation(track)
                    status = str(generation.get("status") or "").lower()
                    address = generation.get("url")
                    if status in _DONE and isinstance(address, str) and address:
                        know(address)
                        return address
                    if status in _FAILED:
                        raise ProviderRefused(
                            f"the track failed ({foreign(status)})", field=self.name, remedy="try again later"
                        )
                    await asyncio.sleep(self._poll_s)
                    track = self._data(await get_json(self._service, f"public/tracks/{_id(track)}"))
        except TimeoutError as error:
            raise ProviderUnavailable(
                f"the track was not made within {PATIENCE_S:g} s", field=self.name, remedy=AGAIN
            ) from error

    async def _downloaded(self, address: str) -> bytes:
        with TemporaryDirectory(prefix="reelwright-music-") as folder:
            file = Path(folder) / "track"
            try:
                await download(address, file, Rule(most_bytes=TRACK_BYTES, allow_private=self._allow_private))
            except BadDownload as error:
                raise ProviderUnavailable(f"the track: {error.reason}", field=self.name, remedy=AGAIN) from None
            return await asyncio.to_thread(file.read_bytes)

    def _data(self, answer: dict[str, Any], *, cost_known: bool = True) -> dict[str, Any]:
        data = answer.get("data")
        if not isinstance(data, dict):
            raise no_use(self.name, "its answer has no data", cost_known=cost_known)
        return data


def _id(track: dict[str, Any]) -> str:
    found = track.get("id")
    return str(found)[:200] if isinstance(found, (str, int)) and found != "" else ""


def _generation(track: dict[str, Any]) -> dict[str, Any]:
    """The finished one of several, else the first."""
    listed = track.get("generations")
    found = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    done = (each for each in found if str(each.get("status") or "").lower() in _DONE)
    return next(done, found[0] if found else {})


def _told(reply: Reply) -> Told:
    """403 `LicenseForbidden…`: what the licence allows is used up, or not part of it."""
    told = plainly(reply)
    remedy = "look at what the licence includes, or raise it"
    return replace(told, why="credit", remedy=remedy) if reply.status == 403 else told
