"""The `pauses` table: what posts nothing for now. Implements `domain.ports.publishing.Gate`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reelwright.domain.formats import Platform
from reelwright.domain.publishing.outcomes import Pause

from .audit import record
from .database import transaction

_ROW = "platform, account, since, paused_by as by, note"


class PostgresGate:
    """`pool` is an `asyncpg.Pool`."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    async def pause(self, platform: Platform, account: str, *, by: str, note: str) -> None:
        """`account` empty pauses the whole platform. Pausing what is paused changes nothing."""
        async with transaction(self._pool) as connection:
            new = await connection.fetchval(
                """insert into pauses (platform, account, paused_by, note) values ($1, $2, $3, $4)
                   on conflict do nothing returning true""",
                platform.value,
                account,
                by,
                note,
            )
            if new:
                await record(connection, "pause", _subject(platform, account), by=by, after={"note": note})

    async def resume(self, platform: Platform, account: str, *, by: str = "") -> bool:
        """Whether there was a pause to end. A paused account of a platform that is resumed stays paused."""
        async with transaction(self._pool) as connection:
            ended = await connection.fetchrow(
                "delete from pauses where platform = $1 and account = $2 returning since, paused_by, note",
                platform.value,
                account,
            )
            if ended:
                before = {"since": ended["since"].isoformat(), "by": ended["paused_by"], "note": ended["note"]}
                await record(connection, "resume", _subject(platform, account), by=by, before=before)
        return bool(ended)

    async def closed(self, platform: Platform, account: str) -> Pause | None:
        """The pause that holds this account, if any; the platform's own before the account's."""
        async with transaction(self._pool) as connection:
            row = await connection.fetchrow(
                f"select {_ROW} from pauses where platform = $1 and account in ('', $2) order by account limit 1",  # noqa: S608
                platform.value,
                account,
            )
        return Pause.model_validate(dict(row)) if row else None

    async def pauses(self) -> Sequence[Pause]:
        """All of them, by platform and account."""
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(f"select {_ROW} from pauses order by platform, account")  # noqa: S608
        return [Pause.model_validate(dict(row)) for row in rows]


def _subject(platform: Platform, account: str) -> str:
    return f"{platform.value}/{account}" if account else platform.value
