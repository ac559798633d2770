"""Posts: made of finished uploads, with what is added to them afterwards."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .controls import Controls
from .uploads import Session, Uploads


@dataclass(frozen=True)
class Post:
    """A published video. `meta` is the data sent to the platform, in its own fields; `title` and `text` are the visible
    parts. A post without a video of its own has size 0."""

    post_id: str
    platform: str
    account: str
    title: str
    text: str
    meta: dict[str, Any]
    media_type: str
    size: int
    sha256: str
    created: float
    polls: int = 0
    deleted: bool = False


class Posts(Uploads, Controls):
    """Posts by their ids, and the files with their bytes."""

    def post_file(self, post_id: str) -> Path:
        """Where a post's bytes are kept."""
        return self.folder / "posts" / post_id

    def publish(
        self,
        session: Session,
        post_id: str,
        *,
        title: str,
        text: str,
        meta: dict[str, Any] | None = None,
        created: float | None = None,
    ) -> Post:
        """Turns a finished session into a post; done twice, it makes two posts, as the platforms do."""
        source = self.session_file(session.id)
        source = source if source.exists() else self.post_file(session.post_id)
        with source.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        post = Post(
            post_id=post_id,
            platform=session.platform,
            account=session.account,
            title=title,
            text=text,
            meta=session.meta if meta is None else meta,
            media_type=session.media_type,
            size=source.stat().st_size,
            sha256=sha256,
            created=self.now() if created is None else created,
        )
        # Linked first, unlinked last: killed anywhere between, the session can be finished again.
        target = self.post_file(post_id)
        target.unlink(missing_ok=True)
        target.hardlink_to(source)
        self._db.execute("begin")
        self._insert(post)
        self._db.execute("update sessions set post_id = ?, committed = total where id = ?", (post_id, session.id))
        self._db.execute("commit")
        self.session_file(session.id).unlink(missing_ok=True)
        return post

    def publish_pictures(self, sessions: Sequence[Session], post_id: str, *, text: str, meta: dict[str, Any]) -> Post:
        """Makes a post of several uploads. Its bytes are theirs one after the other; `meta` gets each one's digest."""
        parts = [self.session_file(session.id).read_bytes() for session in sessions]
        whole = b"".join(parts)
        target = self.post_file(post_id)
        target.write_bytes(whole)
        shown = [{"sha256": hashlib.sha256(part).hexdigest(), "size": len(part)} for part in parts]
        post = Post(
            post_id=post_id,
            platform=sessions[0].platform,
            account=sessions[0].account,
            title="",
            text=text,
            meta={**meta, "pictures": shown},
            media_type=sessions[0].media_type,
            size=len(whole),
            sha256=hashlib.sha256(whole).hexdigest(),
            created=self.now(),
        )
        self._db.execute("begin")
        self._insert(post)
        for session in sessions:
            self._db.execute("update sessions set post_id = ?, committed = total where id = ?", (post_id, session.id))
        self._db.execute("commit")
        return post

    def add_text_post(self, post_id: str, platform: str, account: str, text: str, meta: dict[str, Any]) -> Post:
        """A post without a video of its own: a reply of a thread, an article."""
        digest = hashlib.sha256(b"").hexdigest()
        post = Post(post_id, platform, account, "", text, meta, "text/plain", 0, digest, self.now())
        self.post_file(post_id).touch()
        self._insert(post)
        return post

    def _insert(self, post: Post) -> None:
        values = {**asdict(post), "meta": json.dumps(post.meta)}
        self._db.execute(
            """insert into posts (post_id, platform, account, title, text, meta, media_type, size, sha256, created,
                                  polls, deleted)
               values (:post_id, :platform, :account, :title, :text, :meta, :media_type, :size, :sha256, :created,
                       0, 0)""",
            values,
        )

    def posts(self, platform: str = "", account: str = "") -> list[Post]:
        """The posts that exist, newest first."""
        rows = self._db.execute(
            """select * from posts where deleted = 0 and (? = '' or platform = ?) and (? = '' or account = ?)
               order by seq desc""",
            (platform, platform, account, account),
        )
        return [_post(row) for row in rows]

    def post(self, post_id: str) -> Post | None:
        """A post by its id, deleted ones left out."""
        row = self._db.execute("select * from posts where post_id = ? and deleted = 0", (post_id,)).fetchone()
        return _post(row) if row else None

    def poll(self, post_id: str) -> None:
        """Counts a reading of a post's state."""
        self._db.execute("update posts set polls = polls + 1 where post_id = ?", (post_id,))

    def change_post(self, post_id: str, *, text: str, meta: dict[str, Any]) -> None:
        """A post that was edited."""
        self._db.execute("update posts set text = ?, meta = ? where post_id = ?", (text, json.dumps(meta), post_id))

    def delete_post(self, post_id: str) -> None:
        """Takes a post away, and its bytes."""
        self._db.execute("update posts set deleted = 1 where post_id = ?", (post_id,))
        self.post_file(post_id).unlink(missing_ok=True)

    def add_extra(self, post_id: str, kind: str, meta: dict[str, Any], data: bytes) -> int:
        """Keeps a thumbnail or a caption track."""
        cursor = self._db.execute(
            "insert into extras (post_id, kind, meta, data) values (?, ?, ?, ?)",
            (post_id, kind, json.dumps(meta), data),
        )
        return int(cursor.lastrowid or 0)

    def extras(self, post_id: str, kind: str) -> list[tuple[dict[str, Any], bytes]]:
        """A post's thumbnails or caption tracks."""
        rows = self._db.execute("select meta, data from extras where post_id = ? and kind = ?", (post_id, kind))
        return [(json.loads(row["meta"]), bytes(row["data"])) for row in rows]

    def numbered_extras(self, post_id: str, kind: str) -> list[tuple[int, dict[str, Any]]]:
        """A post's comments or tracks with the numbers `add_extra` gave them."""
        rows = self._db.execute(
            "select seq, meta from extras where post_id = ? and kind = ? order by seq", (post_id, kind)
        )
        return [(row["seq"], json.loads(row["meta"])) for row in rows]


def _post(row: sqlite3.Row) -> Post:
    values = {name: row[name] for name in row.keys() if name != "seq"}  # noqa: SIM118
    return Post(**{**values, "meta": json.loads(row["meta"]), "deleted": bool(row["deleted"])})
