"""What the sandbox remembers: SQLite and files in one folder, so that a restart keeps sessions, posts and quotas."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import time
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_SCHEMA = """
create table if not exists settings (name text primary key, value text not null);
create table if not exists faults (id integer primary key, spec text not null);
create table if not exists tokens (token text primary key, account text not null, expires real not null);
create table if not exists quota (account text, bucket text, day text, used integer not null,
    primary key (account, bucket, day));
create table if not exists sessions (id text primary key, platform text not null, account text not null,
    meta text not null, media_type text not null, total integer not null, committed integer not null,
    post_id text not null, created real not null);
create table if not exists posts (seq integer primary key, post_id text unique not null, platform text not null,
    account text not null, meta text not null, media_type text not null, size integer not null, sha256 text not null,
    created real not null, polls integer not null, deleted integer not null);
create index if not exists posts_by_bytes on posts (sha256);
create table if not exists extras (seq integer primary key, post_id text not null, kind text not null,
    meta text not null, data blob not null);
"""


@dataclass(frozen=True)
class Settings:
    """How the platforms behave; `POST /_control/settings` changes any of them."""

    access_token_s: float = 3599.0
    """How long an access token lives."""
    inserts_per_day: int = 100
    units_per_day: int = 10_000
    uploads_per_channel_day: int = 0
    """Over this, `uploadLimitExceeded`; 0 is no limit."""
    session_s: float = 7 * 86_400.0
    """How long an upload session lives (its real length is not documented)."""
    max_commit: int = 0
    """At most so many bytes of one PUT are kept, in steps of 256 KiB; 0 keeps all."""
    processing_polls: int = 1
    """So often a video still reads `uploaded` before it reads its outcome."""
    processing_s: float = 0.0
    """And at least so long after the upload."""
    outcome: str = "processed"
    """`processed`, `failed` or `rejected`, and why:"""
    outcome_reason: str = ""
    reject_duplicates: bool = False
    """Identical bytes on one channel end as `rejected`, reason `duplicate`."""
    listed_after_s: float = 0.0
    """Reads do not show a video sooner than this after its upload."""
    revoked: tuple[str, ...] = ()
    """Accounts whose refresh tokens no longer work."""
    clock_offset_s: float = 0.0
    """Added to the real time wherever the sandbox reads it."""


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


@dataclass(frozen=True)
class Post:
    """A published video. `meta` is what the platform was told, in its own words."""

    post_id: str
    platform: str
    account: str
    meta: dict[str, Any]
    media_type: str
    size: int
    sha256: str
    created: float
    polls: int = 0
    deleted: bool = False
    extra: dict[str, Any] = field(default_factory=dict)


class SandboxStore:
    """One folder's state. Used from one event loop; every call is short."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("sessions", "posts"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(folder / "sandbox.sqlite3", isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = normal")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Ends the use of the database."""
        self._db.close()

    def reset(self) -> None:
        """Forgets everything, settings and tokens included."""
        for table in ("settings", "faults", "tokens", "quota", "sessions", "posts", "extras"):
            self._db.execute(f"delete from {table}")  # noqa: S608
        for name in ("sessions", "posts"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
            (self.folder / name).mkdir()

    # --- settings, time, faults -----------------------------------------------------------------------------------

    def settings(self) -> Settings:
        """The settings in force."""
        rows = self._db.execute("select name, value from settings").fetchall()
        values = {row["name"]: json.loads(row["value"]) for row in rows}
        if "revoked" in values:
            values["revoked"] = tuple(values["revoked"])
        return replace(Settings(), **values)

    def change_settings(self, changes: dict[str, Any]) -> Settings:
        """Raises `ValueError` naming the setting that does not exist or has the wrong type."""
        known = asdict(Settings())
        for name, value in changes.items():
            if name not in known:
                raise ValueError(f"{name}: there is no such setting; there are {', '.join(known)}")
            wanted: Any = (int, float) if isinstance(known[name], float) else type(known[name])
            wanted = list if wanted is tuple else wanted
            if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
                raise ValueError(f"{name}: {value!r} is of the wrong type")
            self._db.execute("insert or replace into settings values (?, ?)", (name, json.dumps(value)))
        return self.settings()

    def now(self) -> float:
        """Seconds since the epoch, by the sandbox's clock."""
        return time.time() + self.settings().clock_offset_s

    def add_fault(self, spec: dict[str, Any]) -> int:
        """Queues a fault; faults are taken in the order they were added."""
        cursor = self._db.execute("insert into faults (spec) values (?)", (json.dumps(spec),))
        return int(cursor.lastrowid or 0)

    def faults(self) -> list[tuple[int, dict[str, Any]]]:
        """The faults that are still to happen."""
        rows = self._db.execute("select id, spec from faults order by id")
        return [(row["id"], json.loads(row["spec"])) for row in rows]

    def change_fault(self, number: int, spec: dict[str, Any] | None) -> None:
        """Replaces a fault, or forgets it."""
        if spec is None:
            self._db.execute("delete from faults where id = ?", (number,))
        else:
            self._db.execute("update faults set spec = ? where id = ?", (json.dumps(spec), number))

    # --- tokens and quotas ------------------------------------------------------------------------------------------

    def add_token(self, token: str, account: str, expires: float) -> None:
        """Issues an access token."""
        self._db.execute("insert into tokens values (?, ?, ?)", (token, account, expires))

    def account_of(self, token: str) -> str | None:
        """The account of a token that is still good."""
        row = self._db.execute("select account, expires from tokens where token = ?", (token,)).fetchone()
        return str(row["account"]) if row and row["expires"] > self.now() else None

    def expire_tokens(self) -> None:
        """Every access token issued so far stops working."""
        self._db.execute("update tokens set expires = 0")

    def charge(self, account: str, bucket: str, day: str, cost: int, limit: int) -> bool:
        """Books `cost` on a day's bucket; False when it would go over `limit`."""
        row = self._db.execute(
            "select used from quota where account = ? and bucket = ? and day = ?", (account, bucket, day)
        ).fetchone()
        used = (row["used"] if row else 0) + cost
        if used > limit:
            return False
        self._db.execute("insert or replace into quota values (?, ?, ?, ?)", (account, bucket, day, used))
        return True

    # --- sessions -----------------------------------------------------------------------------------------------------

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

    def commit(self, session_id: str, committed: int) -> None:
        """Notes how many of a session's bytes are safe."""
        self._db.execute("update sessions set committed = ? where id = ?", (committed, session_id))

    def drop_session(self, session_id: str) -> None:
        """Forgets a session and its bytes."""
        self._db.execute("delete from sessions where id = ?", (session_id,))
        self.session_file(session_id).unlink(missing_ok=True)

    # --- posts --------------------------------------------------------------------------------------------------------

    def post_file(self, post_id: str) -> Path:
        """Where a post's bytes are kept."""
        return self.folder / "posts" / post_id

    def publish(self, session: Session, post_id: str) -> Post:
        """Turns a finished session into a post."""
        source = self.session_file(session.id)
        with source.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        post = Post(
            post_id=post_id,
            platform=session.platform,
            account=session.account,
            meta=session.meta,
            media_type=session.media_type,
            size=source.stat().st_size,
            sha256=sha256,
            created=self.now(),
        )
        # Linked first, unlinked last: killed anywhere between, the session can be finished again.
        target = self.post_file(post_id)
        target.unlink(missing_ok=True)
        target.hardlink_to(source)
        self._db.execute("begin")
        self._db.execute(
            """insert into posts (post_id, platform, account, meta, media_type, size, sha256, created, polls, deleted)
               values (?, ?, ?, ?, ?, ?, ?, ?, 0, 0)""",
            (
                post_id,
                post.platform,
                post.account,
                json.dumps(post.meta),
                post.media_type,
                post.size,
                sha256,
                post.created,
            ),
        )
        self._db.execute("update sessions set post_id = ?, committed = total where id = ?", (post_id, session.id))
        self._db.execute("commit")
        source.unlink()
        return post

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

    def first_alike(self, post: Post) -> str:
        """The id of the account's oldest post with the same bytes: its own, unless it is a duplicate."""
        row = self._db.execute(
            """select post_id from posts where platform = ? and account = ? and sha256 = ? and deleted = 0
               order by seq limit 1""",
            (post.platform, post.account, post.sha256),
        ).fetchone()
        return str(row["post_id"]) if row else post.post_id

    def poll(self, post_id: str) -> None:
        """Counts a reading of a post's state."""
        self._db.execute("update posts set polls = polls + 1 where post_id = ?", (post_id,))

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


def _post(row: sqlite3.Row) -> Post:
    values = {name: row[name] for name in row.keys() if name != "seq"}  # noqa: SIM118
    return Post(**{**values, "meta": json.loads(row["meta"]), "deleted": bool(row["deleted"])})


def iso(seconds: float) -> str:
    """An instant the way the platforms write it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
