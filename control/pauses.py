"""Holding a platform's posts, or one account's, and letting them go on."""

from __future__ import annotations

from dataclasses import dataclass

from reelwright.domain.formats import Platform
from reelwright.domain.people import Role
from reelwright.domain.publishing.outcomes import Pause

from .access import allowed
from .studio import Books, Studio


@dataclass(frozen=True)
class Resumed:
    """`ended`: whether there was such a pause. `left`: what of the platform is paused all the same."""

    ended: bool
    left: tuple[Pause, ...]


@allowed(Role.OPERATOR)
async def pause(books: Books, platform: Platform, account: str = "", *, by: str, note: str = "") -> None:
    """Every publication looks at the pause before it sends or posts anything. An empty account is all of them."""
    await books.gate.pause(platform, account, by=by, note=note)


@allowed(Role.OPERATOR)
async def resume(books: Books, platform: Platform, account: str = "", *, by: str = "") -> Resumed:
    """Ends the pause; who waits for it is woken by `wake`."""
    ended = await books.gate.resume(platform, account, by=by)
    left = tuple(each for each in await books.gate.pauses() if each.platform is platform)
    return Resumed(ended, left)


@allowed(Role.VIEWER)
async def pauses(books: Books) -> list[Pause]:
    """All of them."""
    return list(await books.gate.pauses())


@allowed(Role.OPERATOR)
async def wake(studio: Studio, platform: Platform, account: str = "") -> int:
    """Signals the waiting publications to look again; how many."""
    from .publications import wake_publications

    return await wake_publications(studio.client, platform, account)
