"""What the makers of clips share."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

from PIL import Image

from reelwright.domain.costs.estimate import Estimate
from reelwright.domain.costs.money import Money
from reelwright.domain.costs.prices import PriceTable
from reelwright.domain.errors import InvalidInput, ProviderRefused, ProviderUnavailable
from reelwright.domain.ports.providing import ClipState

from ..common.downloading import BadDownload, Rule, download

CLIP_BYTES = 500_000_000
STILL_BYTES = 3_500_000
"""As base64 under 5 MB."""
STILL_SIDE = 2_048


def estimate_of(name: str, seconds: float, prices: PriceTable) -> Estimate:
    """The price of so many seconds; without a price on record it is not known."""
    price = prices.unit(name, "second")
    if price is None:
        return Estimate(step="clips", provider=name, priced=False)
    at_most: Money = price.at_most(seconds)
    return Estimate(step="clips", provider=name, usual=at_most, worst=at_most)


def shrunk(still: bytes) -> bytes:
    """The still as a JPEG that a request can carry. Raises `InvalidInput`."""
    try:
        with Image.open(io.BytesIO(still)) as opened:
            if opened.format == "JPEG" and len(still) <= STILL_BYTES and max(opened.size) <= STILL_SIDE:
                return still
            picture = opened.convert("RGB")
    except (OSError, ValueError, SyntaxError) as error:
        raise InvalidInput("the still is no picture", field="still", remedy="give a JPEG or a PNG") from error
    picture.thumbnail((STILL_SIDE, STILL_SIDE), Image.Resampling.LANCZOS)
    made = io.BytesIO()
    picture.save(made, "JPEG", quality=90)
    return made.getvalue()


def data_uri(jpeg: bytes) -> str:
    """A JPEG as a data URI."""
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"


def utf16_cut(text: str, units: int) -> str:
    """The text's beginning that has at most so many UTF-16 code units, by which some count; whole characters."""
    coded = text.encode("utf-16-le", "replace")
    return text if len(coded) <= 2 * units else coded[: 2 * units].decode("utf-16-le", "ignore")


def failed(state: ClipState, vendor: str) -> ProviderRefused:
    """The error for whoever fetches a clip that there is not."""
    return ProviderRefused(
        f"there is no clip to fetch: it is {state.state}{f' ({state.why})' if state.why else ''}",
        field=vendor,
        remedy="ask for its state first",
        usd=state.usd or 0.0,
        why="policy" if state.state == "refused" else "",
    )


async def fetch_clip(address: str, to: Path, *, vendor: str, allow_private: bool) -> Path:
    """The finished clip. Its address is secret and short-lived: no error shows it."""
    try:
        return await download(address, to, Rule(most_bytes=CLIP_BYTES, seconds=600.0, allow_private=allow_private))
    except BadDownload as error:
        # The job is asked for fresh addresses by the next attempt.
        later = ProviderUnavailable(error.reason, field=vendor, remedy="it is fetched again by itself")
        later.cost_known = True
        raise later from None


def text_of(answer: dict[str, Any], key: str) -> str:
    """A text in an answer; empty where it is none."""
    value = answer.get(key)
    return value if isinstance(value, str) else ""
