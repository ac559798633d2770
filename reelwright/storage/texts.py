"""The `platform_texts` table. Implements `domain.ports.publishing.TextBook`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reelwright.domain.publishing.texts import PlatformText

from .database import transaction


class PostgresTexts:
    """`pool` is an `asyncpg.Pool`."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    async def keep(self, content_id: str, texts: Sequence[PlatformText]) -> None:
        """Keeps the texts under their digests; the same again changes nothing."""
        async with transaction(self._pool) as connection:
            await connection.executemany(
                """insert into platform_texts (content_id, sha256, platform, text) values ($1, $2, $3, $4::jsonb)
                   on conflict do nothing""",
                [(content_id, text.sha256, text.platform.value, text.model_dump_json()) for text in texts],
            )

    async def find(self, content_id: str, sha256: str) -> PlatformText | None:
        """The text that was kept under this digest, as it is there now."""
        async with transaction(self._pool) as connection:
            kept: str | None = await connection.fetchval(
                "select text::text from platform_texts where content_id = $1 and sha256 = $2", content_id, sha256
            )
        return PlatformText.model_validate_json(kept) if kept else None
