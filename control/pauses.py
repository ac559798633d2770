"""Holding a platform's posts, or one account's, and letting them go on."""

from __future__ import annotations

from dataclasses import dataclass

from reelwright.domain.formats import Platform
from reelwright.domain.publishing.outcomes import Pause

from .studio import Books


@dataclass(frozen=True)
class Resumed:
    """`ended`: whether there was such a pause. `left`: what of the platform is paused all the same."""

    ended: bool
    left: tuple[Pause, ...]


async def pause(books: Books, platform: Platform, account: str = "", *, by: str, note: str = "") -> None:
    """Every publication looks at the pause before it sends or posts anything. An empty account is all of them."""
    await books.gate.pause(platform, account, by=by, note=note)


async def resume(books: Books, platform: Platform, account: str = "", *, by: str = "") -> Resumed:
    """Ends the pause; who waits for it is woken by `publications.wake_publications`."""
    ended = await books.gate.resume(platform, account, by=by)
    left = tuple(each for each in await books.gate.pauses() if each.platform is platform)
    return Resumed(ended, left)


async def pauses(books: Books) -> list[Pause]:
    """All of them."""
    return list(await books.gate.pauses())
