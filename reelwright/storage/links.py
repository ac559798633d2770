"""The `review_links` table: signed links that were made, and which of them were revoked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import asyncpg

from reelwright.domain.base import Model
from reelwright.domain.errors import InvalidInput

from .database import transaction


class ReviewLink(Model):
    """One link that was made. The token itself is not kept."""

    id: str
    content_id: str
    artifact_sha256: str
    scope: str
    made_at: datetime
    made_by: str
    expires_at: datetime
    revoked_at: datetime | None = None


class PostgresLinks:
    """`pool` is an `asyncpg.Pool`."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    async def add(self, link: ReviewLink) -> None:
        """Notes a link that was made. Raises `InvalidInput` for a content that is not on record."""
        async with transaction(self._pool) as connection:
            try:
                await connection.execute(
                    """insert into review_links (id, content_id, artifact_sha256, scope, made_at, made_by, expires_at)
                       values ($1, $2, $3, $4, $5, $6, $7)""",
                    *(link.id, link.content_id, link.artifact_sha256, link.scope),
                    *(link.made_at, link.made_by, link.expires_at),
                )
            except asyncpg.ForeignKeyViolationError as error:
                raise InvalidInput(f"there is no content {link.content_id[:120]!r}", field="id") from error

    async def find(self, id: str) -> ReviewLink | None:
        """The link with this id."""
        async with transaction(self._pool) as connection:
            row = await connection.fetchrow("select * from review_links where id = $1", id)
        return ReviewLink.model_validate(dict(row)) if row else None

    async def of(self, content_id: str) -> list[ReviewLink]:
        """The links of a content, the oldest first."""
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(
                "select * from review_links where content_id = $1 order by made_at, id", content_id
            )
        return [ReviewLink.model_validate(dict(row)) for row in rows]

    async def revoke(self, content_id: str, id: str | None, *, by: str) -> int:
        """Revokes one link of a content, or all; how many were open until now."""
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(
                """update review_links set revoked_at = now(), revoked_by = $3
                   where content_id = $1 and ($2::text is null or id = $2) and revoked_at is null returning id""",
                content_id,
                id,
                by,
            )
        return len(rows)
