"""Instagram's pictures at wire level: fetched from the address that is given, alone or as the items of a carousel.

Source: docs/platforms/instagram.md#pictures.
"""

from __future__ import annotations

import asyncio
import urllib.request
from dataclasses import dataclass
from typing import Any

from ..store import SandboxStore, Session
from .access import Call, Refusal
from .jpeg import jpeg_size

MAX_BYTES = 8_000_000
RATIOS = (0.8, 1.91)
NARROWEST = 320
ALT_TEXT = 1_000
TIMEOUT_S = 20.0
DOWNLOAD = "Media download has failed. The media URI doesn't meet our requirements."
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Fetched:
    """A picture's bytes, or why there are none."""

    data: bytes = b""
    fail: str = ""


async def fetch(address: str) -> Fetched:
    """The picture behind an address, checked as Instagram does."""
    if not address.startswith(("http://", "https://")):
        return Fetched(fail=DOWNLOAD)
    try:
        data = await asyncio.to_thread(_read, address)
    except (OSError, ValueError):
        return Fetched(fail=DOWNLOAD)
    size = jpeg_size(data)
    if size is None or len(data) > MAX_BYTES:
        return Fetched(fail="The image format is not supported or it is too large (2207005)")
    if not RATIOS[0] - 0.005 <= size[0] / max(size[1], 1) <= RATIOS[1] + 0.005 or size[0] < NARROWEST:
        return Fetched(fail="The aspect ratio is not supported (2207009)")
    return Fetched(data)


def _read(address: str) -> bytes:
    with _DIRECT.open(address, timeout=TIMEOUT_S) as answer:
        return bytes(answer.read(MAX_BYTES + 1))


def check_picture(call: Call) -> None:
    """What creating a picture's container refuses."""
    if len(call.params.get("alt_text", "")) > ALT_TEXT:
        raise Refusal(100, "(#100) Param alt_text is too long")
    if call.flag("is_carousel_item") and call.params.get("caption"):
        raise Refusal(100, "(#100) A carousel item cannot have a caption")


def children_of(call: Call, store: SandboxStore, most: int) -> list[Session]:
    """The items of a carousel, in order; each must be one of the account's that is not used otherwise."""
    names = [name.strip() for name in call.need("children").split(",") if name.strip()]
    if not 2 <= len(names) <= most or len(set(names)) != len(names):
        raise Refusal(100, f"(#100) children must be 2 to {most} containers", 2207023)
    found = []
    for name in names:
        session = store.session(name)
        told: dict[str, Any] = session.meta if session and session.account == call.account else {}
        if session is None or not told.get("item"):
            raise Refusal(100, f"(#100) {name} is not a carousel item")
        found.append(session)
    return found
