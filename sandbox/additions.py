"""What is added to a post or changed about it once it exists: caption tracks, comments, its own words."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from .store import Post, SandboxStore


@dataclass(frozen=True)
class Extra:
    """One addition. `meta` is the data sent to the platform, in its own fields."""

    number: int
    post_id: str
    kind: str
    meta: dict[str, Any]
    data: bytes


class PostAdditions:
    """Extras and changes of posts, over a store."""

    def __init__(self, store: SandboxStore) -> None:
        self._store = store

    def add(self, post_id: str, kind: str, meta: dict[str, Any], data: bytes = b"") -> Extra:
        """A new extra; its number is unique in this sandbox."""
        return Extra(self._store.add_extra(post_id, kind, meta, data), post_id, kind, meta, data)

    def of(self, post_id: str, kind: str = "") -> list[Extra]:
        """A post's extras (of one kind), oldest first."""
        rows = self._store.database.execute(
            "select * from extras where post_id = ? and (? = '' or kind = ?) order by seq", (post_id, kind, kind)
        )
        return [_extra(row) for row in rows]

    def get(self, number: int) -> Extra | None:
        """An extra by its number."""
        row = self._store.database.execute("select * from extras where seq = ?", (number,)).fetchone()
        return _extra(row) if row else None

    def change(self, number: int, meta: dict[str, Any], data: bytes) -> None:
        """Replaces an extra's data."""
        self._store.database.execute(
            "update extras set meta = ?, data = ? where seq = ?", (json.dumps(meta), data, number)
        )

    def drop(self, number: int) -> None:
        """Takes an extra away."""
        self._store.database.execute("delete from extras where seq = ?", (number,))

    def rewrite(self, post: Post, *, title: str, text: str, meta: dict[str, Any]) -> None:
        """Changes a post's text."""
        self._store.database.execute(
            "update posts set title = ?, text = ?, meta = ? where post_id = ?",
            (title, text, json.dumps(meta), post.post_id),
        )

    def first_alike(self, post: Post) -> str:
        """The id of the account's oldest post with the same bytes: its own, unless it is a duplicate."""
        row = self._store.database.execute(
            """select post_id from posts where platform = ? and account = ? and sha256 = ? and deleted = 0
               order by seq limit 1""",
            (post.platform, post.account, post.sha256),
        ).fetchone()
        return str(row["post_id"]) if row else post.post_id


def _extra(row: Any) -> Extra:
    return Extra(row["seq"], row["post_id"], row["kind"], json.loads(row["meta"]), bytes(row["data"]))
