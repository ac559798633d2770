"""Who has a review open. A hint for others, and no lock: anybody may decide."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import timedelta

from reelwright.domain.errors import NotFound
from reelwright.domain.ids import CONTENT_ID
from reelwright.domain.people import Role
from reelwright.storage.reviews import Lease, PostgresReviews

from .access import allowed
from .studio import Studio

LEASE = timedelta(seconds=60)
"""A page that is open says so again in half the time."""


@allowed(Role.REVIEWER)
async def hold(studio: Studio, content_id: str) -> list[Lease]:
    """The caller has it open for a minute from now; who else has."""
    if not re.fullmatch(CONTENT_ID, content_id):
        raise NotFound(f"there is no content {content_id[:80]!r}", field="id")
    if studio.contents is None:
        return []
    reviews = PostgresReviews(studio.contents.pool)
    await reviews.hold(content_id, studio.caller.name, LEASE)
    return await others(studio, [content_id])


@allowed(Role.REVIEWER)
async def leave(studio: Studio, content_id: str) -> None:
    """The caller has closed it."""
    if studio.contents is not None and re.fullmatch(CONTENT_ID, content_id):
        await PostgresReviews(studio.contents.pool).leave(content_id, studio.caller.name)


@allowed(Role.VIEWER)
async def others(studio: Studio, content_ids: Collection[str]) -> list[Lease]:
    """Who but the caller has any of these open."""
    if studio.contents is None or not content_ids:
        return []
    holders = await PostgresReviews(studio.contents.pool).holders(content_ids)
    return [lease for lease in holders if lease.person != studio.caller.name]
