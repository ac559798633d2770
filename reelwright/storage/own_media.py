"""The table `own_media`. Implements `domain.ports.media.MediaBook`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from reelwright.domain.base import Model
from reelwright.domain.content.stored import StoredMedia

from .database import transaction


class AddedMedia(Model):
    """A row: what is stored, and since when."""

    media: StoredMedia
    added_at: datetime


class PostgresMediaBook:
    """`pool` is an `asyncpg.Pool`."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    async def find(self, sha256: str) -> StoredMedia | None:
        """What is on record for these bytes."""
        async with transaction(self._pool) as connection:
            text = await connection.fetchval("select media from own_media where sha256 = $1", sha256)
        return StoredMedia.model_validate_json(text) if text else None

    async def add(self, media: StoredMedia) -> StoredMedia:
        """Records it, and returns what is on record: the first to be recorded stays."""
        async with transaction(self._pool) as connection:
            await connection.execute(
                """insert into own_media (sha256, name, kind, media_type, bytes, media) values ($1, $2, $3, $4, $5, $6)
                   on conflict (sha256) do nothing""",
                media.file.sha256,
                media.name,
                media.kind,
                media.file.media_type,
                media.file.size,
                media.model_dump_json(),
            )
            text = await connection.fetchval("select media from own_media where sha256 = $1", media.file.sha256)
        return StoredMedia.model_validate_json(text)

    async def newest(self, limit: int, kind: str | None = None) -> Sequence[AddedMedia]:
        """The last `limit` files that were added, of one kind where it is named."""
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(
                """select media, added_at from own_media where $2::text is null or kind = $2
                   order by added_at desc, sha256 limit $1""",
                limit,
                kind,
            )
        return [
            AddedMedia(media=StoredMedia.model_validate_json(row["media"]), added_at=row["added_at"]) for row in rows
        ]

    async def beginning(self, sha256: str) -> Sequence[AddedMedia]:
        """Those whose sha256 begins so; at most two, since more than one is too many."""
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(
                "select media, added_at from own_media where starts_with(sha256, $1) order by sha256 limit 2", sha256
            )
        return [
            AddedMedia(media=StoredMedia.model_validate_json(row["media"]), added_at=row["added_at"]) for row in rows
        ]
