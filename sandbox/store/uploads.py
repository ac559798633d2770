"""Uploads under way: a row and a file for each."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .database import Database


@dataclass(frozen=True)
class Session:
    """An upload under way. `post_id` is set once it is finished."""

    id: str
    platform: str
    account: str
    meta: dict[str, Any]
    media_type: str
    total: int
    committed: int = 0
    post_id: str = ""
    created: float = 0.0


class Uploads(Database):
    """Sessions by their ids."""

    def session_file(self, session_id: str) -> Path:
        """Where a session's bytes are kept until they are a post."""
        return self.folder / "sessions" / session_id

    def add_session(self, session: Session) -> None:
        """Begins an upload."""
        values = {**asdict(session), "meta": json.dumps(session.meta)}
        self._db.execute(
            """insert into sessions (id, platform, account, meta, media_type, total, committed, post_id, created)
               values (:id, :platform, :account, :meta, :media_type, :total, :committed, :post_id, :created)""",
            values,
        )
        self.session_file(session.id).touch()

    def session(self, session_id: str) -> Session | None:
        """A session by its id."""
        row = self._db.execute("select * from sessions where id = ?", (session_id,)).fetchone()
        return Session(**{**dict(row), "meta": json.loads(row["meta"])}) if row else None

    def watched(self, session_id: str) -> Callable[[], Session | None]:
        """A function that returns the session's present state. It reads again only after a change of the database:
        reading for every block of an upload took a fifth of the whole upload's time."""
        seen, session = -1, None

        def look() -> Session | None:
            nonlocal seen, session
            if (now := self._db.total_changes) != seen:
                seen, session = now, self.session(session_id)
            return session

        return look

    def commit(self, session_id: str, committed: int) -> None:
        """Notes how many of a session's bytes are safe."""
        self._db.execute("update sessions set committed = ? where id = ?", (committed, session_id))

    def drop_session(self, session_id: str) -> None:
        """Deletes a session and its bytes."""
        self._db.execute("delete from sessions where id = ?", (session_id,))
        self.session_file(session_id).unlink(missing_ok=True)

    def change_session(self, session_id: str, meta: dict[str, Any]) -> None:
        """Replaces a session's data and state, in the platform's own fields."""
        self._db.execute("update sessions set meta = ? where id = ?", (json.dumps(meta), session_id))

    def sessions(self, platform: str, account: str = "") -> list[Session]:
        """A platform's sessions, newest first."""
        rows = self._db.execute(
            "select * from sessions where platform = ? and (? = '' or account = ?) order by created desc",
            (platform, account, account),
        )
        return [Session(**{**dict(row), "meta": json.loads(row["meta"])}) for row in rows]

    def fill_session(self, session_id: str, data: bytes) -> None:
        """The whole file of an upload at once."""
        self.session_file(session_id).write_bytes(data)
        self._db.execute(
            "update sessions set committed = ?, total = ? where id = ?", (len(data), len(data), session_id)
        )
