"""The database and the folder: SQLite in write-ahead mode, and a file for each upload and each post."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

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
create table if not exists papers (platform text, kind text, key text, body text not null,
    primary key (platform, kind, key));
create table if not exists asked (seq integer primary key, platform text not null, what text not null,
    told text not null);
"""


class Database:
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
        for table in ("settings", "faults", "tokens", "quota", "sessions", "posts", "extras", "papers", "asked"):
            self._db.execute(f"delete from {table}")  # noqa: S608
        for name in ("sessions", "posts"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
            (self.folder / name).mkdir()
