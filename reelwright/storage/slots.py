"""The table `slot_claims`. Implements `domain.ports.channels.SlotBook`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from reelwright.domain.channels.in_force import InForce
from reelwright.domain.channels.slots import upcoming
from reelwright.domain.errors import PostRejected
from reelwright.domain.formats import Platform
from reelwright.domain.publishing.schedule import HORIZON

from .database import transaction

_CLAIM = """insert into slot_claims (post_key, content_id, platform, account, at) values ($1, $2, $3, $4, $5)
            on conflict do nothing returning at"""


class PostgresSlots:
    """`pool` is an `asyncpg.Pool`."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    async def claim(
        self, key: str, *, content_id: str, platform: Platform, account: str, now: datetime
    ) -> datetime | None:
        """The slot of the post with this key: the one it has, or else the next that is free on the account. None where
        the content's channel has no slots on the platform. Raises `PostRejected` when all of a year are taken."""
        async with transaction(self._pool) as connection:
            claimed: datetime | None = await connection.fetchval("select at from slot_claims where post_key = $1", key)
            if claimed is not None:
                return claimed.astimezone(UTC)
            kept = await connection.fetchval("select in_force from channels_in_force where content_id = $1", content_id)
            slots = InForce.model_validate_json(kept).slots if kept else ()
            some = False
            for at in upcoming(slots, platform, now):
                some = True
                if await connection.fetchval(_CLAIM, key, content_id, platform.value, account, at) is not None:
                    return at
        if not some:
            return None
        raise PostRejected(
            f"all posting slots of {platform.label} ({account}) in the next {HORIZON.days} days are taken",
            field="slots",
            remedy="add slots to the channel, or give the request a `publish_at`",
        )
