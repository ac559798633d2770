"""The `control.studio.Studio` of a command: a studio that was found or started, its database, its media store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from control.studio import Studio
from reelwright.domain.people import Caller
from reelwright.storage.contents import PostgresContents
from workers.layout import layout

from .caller import caller_in, caller_of
from .filed import filed_contents
from .reach import Found, studio

if TYPE_CHECKING:
    from reelwright.domain.ports.making import MediaStore
    from reelwright.domain.ports.media import MediaIntake


@asynccontextmanager
async def opened(*, start: bool = False, keep: bool = False) -> AsyncIterator[tuple[Found, Studio]]:
    """(what was found, the same as the operations expect it); the options are those of `reach.studio`."""
    async with studio(start=start, keep=keep) as found, filed_contents(found.settings) as filed:
        caller = await (caller_in(filed.pool) if filed else caller_of(found.settings))
        yield found, handed_in(found, filed, caller)


@asynccontextmanager
async def reached() -> AsyncIterator[tuple[Found, Studio]]:
    """The same of a studio that is up, for operations that need no database."""
    async with studio() as found:
        yield found, handed_in(found, None, await caller_of(found.settings))


def handed_in(found: Found, filed: PostgresContents | None, caller: Caller) -> Studio:
    """The studio for the operations. What only some of them need is loaded when they need it."""

    def media() -> MediaStore:
        from workers.media import media_store

        return media_store(found.settings)

    if filed is None:
        return Studio(found.client, filed, media, layout, caller=caller)
    pool = filed.pool

    def intake() -> MediaIntake:
        from workers.media import own_intake

        return own_intake(found.settings, pool, media())

    return Studio(found.client, filed, media, layout, intake, caller)
