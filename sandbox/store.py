"""What the sandbox remembers: SQLite and files in one folder, so that a restart keeps sessions, posts and quotas."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .settings import PlatformSettings as PlatformSettings
from .settings import Settings as Settings
from .settings import SettingsT

_SCHEMA = """
create table if not exists settings (name text primary key, value text not null);
create table if not exists faults (id integer primary key, spec text not null);
create index if not exists faults_by_account on faults
    (json_extract(spec, '$.platform'), json_extract(spec, '$.account'));
create table if not exists tokens (token text primary key, account text not null, expires real not null);
create table if not exists quota (account text, bucket text, day text, used integer not null,
    primary key (account, bucket, day));
create table if not exists sessions (id text primary key, platform text not null, account text not null,
    meta text not null, media_type text not null, total integer not null, committed integer not null,
    post_id text not null, created real not null);
create table if not exists posts (seq integer primary key, post_id text unique not null, platform text not null,
    account text not null, title text not null, text text not null, meta text not null, media_type text not null,
    size integer not null, sha256 text not null, created real not null, polls integer not null,
    deleted integer not null);
create index if not exists posts_by_bytes on posts (sha256);
create table if not exists extras (seq integer primary key, post_id text not null, kind text not null,
    meta text not null, data blob not null);
"""


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

    @property
    def database(self) -> sqlite3.Connection:
        """For what only one platform needs."""
        return self._db

    def close(self) -> None:
        """Ends the use of the database."""
        self._db.close()

    def reset(self) -> None:
        """Deletes everything, settings and tokens included."""
        for table in ("settings", "faults", "tokens", "quota", "sessions", "posts", "extras"):
            self._db.execute(f"delete from {table}")  # noqa: S608
        for name in ("sessions", "posts"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
            (self.folder / name).mkdir()

    # --- settings, time, faults -----------------------------------------------------------------------------------

    def settings(self) -> Settings:
        """The settings in force."""
        rows = self._db.execute("select name, value from settings where name not like '%.%'").fetchall()
        values = {row["name"]: _frozen(json.loads(row["value"])) for row in rows}
        return replace(Settings(), **values)

    def change_settings(self, changes: dict[str, Any]) -> Settings:
        """Raises `ValueError` naming the setting that does not exist or has the wrong type."""
        self._change(asdict(Settings()), changes, "")
        return self.settings()

    def platform_settings(self, kind: type[SettingsT]) -> SettingsT:
        """The settings of one platform in force; `kind` is its frozen dataclass with a class variable `PLATFORM`."""
        rows = self._db.execute("select name, value from settings where name like ?", (f"{kind.PLATFORM}.%",))
        values = {row["name"].partition(".")[2]: _frozen(json.loads(row["value"])) for row in rows}
        return replace(kind(), **values)

    def change_platform_settings(self, kind: type[SettingsT], changes: dict[str, Any]) -> SettingsT:
        """Raises `ValueError` naming the setting that does not exist or has the wrong type."""
        self._change(asdict(kind()), changes, f"{kind.PLATFORM}.")
        return self.platform_settings(kind)

    def _change(self, known: dict[str, Any], changes: dict[str, Any], prefix: str) -> None:
        for name, value in changes.items():
            if name not in known:
                raise ValueError(f"{name}: there is no such setting; there are {', '.join(known)}")
            wanted: Any = (int, float) if isinstance(known[name], float) else type(known[name])
            wanted = list if wanted is tuple else wanted
            if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
                raise ValueError(f"{name}: {value!r} is of the wrong type")
            self._db.execute("insert or replace into settings values (?, ?)", (prefix + name, json.dumps(value)))

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

    def faults_for(self, platform: str, account: str) -> list[tuple[int, dict[str, Any]]]:
        """Faults of a platform that may apply to a request of this account: its own, and those of no account. Thousands
        may be waiting, each for another account, and every request calls this."""
        rows = self._db.execute(
            "select id, spec from faults where json_extract(spec, '$.platform') = ?"
            " and json_extract(spec, '$.account') in ('', ?) order by id",
            (platform, account),
        )
        return [(row["id"], json.loads(row["spec"])) for row in rows]

    def change_fault(self, number: int, spec: dict[str, Any] | None) -> None:
        """Replaces a fault, or deletes it."""
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

    def owner_of(self, token: str) -> str:
        """The account a token was issued to, valid or not, or ""."""
        row = self._db.execute("select account from tokens where token = ?", (token,)).fetchone()
        return str(row["account"]) if row else ""

    def expiry_of(self, token: str) -> float:
        """When a token ends, in seconds since the epoch; 0 for one that does not exist."""
        row = self._db.execute("select expires from tokens where token = ?", (token,)).fetchone()
        return float(row["expires"]) if row else 0.0

    def expire_tokens(self, account: str = "") -> None:
        """Every access token issued so far (to the account) stops working."""
        self._db.execute("update tokens set expires = 0 where ? = '' or account = ?", (account, account))

    def drop_token(self, token: str) -> None:
        """A token that was used up (a rotated refresh token) is forgotten."""
        self._db.execute("delete from tokens where token = ?", (token,))

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

    def used(self, account: str, bucket: str, day: str) -> int:
        """How much of a day's bucket is spent."""
        row = self._db.execute(
            "select used from quota where account = ? and bucket = ? and day = ?", (account, bucket, day)
        ).fetchone()
        return int(row["used"]) if row else 0

    def charge_sliding(self, account: str, bucket: str, seconds: float, limit: int) -> int:
        """Books one on a window that slides; how many are left in it, or -1 when it is full."""
        now = self.now()
        self._db.execute(
            "delete from quota where account = ? and bucket = ? and day <= ?",
            (account, bucket, f"{now - seconds:020.6f}"),
        )
        row = self._db.execute(
            "select coalesce(sum(used), 0) as used from quota where account = ? and bucket = ?", (account, bucket)
        ).fetchone()
        if row["used"] >= limit:
            return -1
        self._db.execute(
            """insert into quota values (?, ?, ?, 1)
               on conflict (account, bucket, day) do update set used = used + 1""",
            (account, bucket, f"{now:020.6f}"),
        )
        return limit - int(row["used"]) - 1

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

    # --- posts --------------------------------------------------------------------------------------------------------

    def post_file(self, post_id: str) -> Path:
        """Where a post's bytes are kept."""
        return self.folder / "posts" / post_id

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

    def fill_session(self, session_id: str, data: bytes) -> None:
        """The whole file of an upload at once."""
        self.session_file(session_id).write_bytes(data)
        self._db.execute(
            "update sessions set committed = ?, total = ? where id = ?", (len(data), len(data), session_id)
        )

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


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _post(row: sqlite3.Row) -> Post:
    values = {name: row[name] for name in row.keys() if name != "seq"}  # noqa: SIM118
    return Post(**{**values, "meta": json.loads(row["meta"]), "deleted": bool(row["deleted"])})


def iso(seconds: float) -> str:
    """An instant the way the platforms write it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
