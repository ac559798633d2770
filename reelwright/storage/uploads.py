"""The tables `uploads` and `upload_parts`: files that are sent in parts, whichever replica receives each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from reelwright.domain.content.taken import StoredMedia
from reelwright.domain.errors import InvalidInput, NotFound

from .database import transaction

KEPT = timedelta(days=1)
"""An upload that has received nothing for so long is deleted."""


@dataclass(frozen=True)
class Upload:
    """A file that is being sent. `received` and `size` are bytes; `media` is set once it was taken in."""

    id: str
    owner: str
    name: str
    size: int
    received: int
    media: StoredMedia | None
    begun_at: datetime

    @property
    def whole(self) -> bool:
        """Whether all of it is here."""
        return self.received == self.size


class PostgresUploads:
    """`pool` is an `asyncpg.Pool`. An upload is its owner's alone: for others there is none."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    async def begin(self, id: str, *, owner: str, name: str, size: int, most_open: int) -> Upload:
        """A new upload. Raises `InvalidInput` where its owner has `most_open` that are not taken in yet. Uploads that
        were given up are deleted here."""
        async with transaction(self._pool) as connection:
            await connection.execute("delete from uploads where updated_at < now() - $1::interval", KEPT)
            await connection.execute("select pg_advisory_xact_lock(hashtextextended('uploads ' || $1, 0))", owner)
            count = await connection.fetchval("select count(*) from uploads where owner = $1 and media is null", owner)
            if count >= most_open:
                raise InvalidInput(
                    f"{count} uploads are under way", field="upload", remedy="let them end, or wait a day for old ones"
                )
            row = await connection.fetchrow(
                "insert into uploads (id, owner, name, size) values ($1, $2, $3, $4) returning *", id, owner, name, size
            )
        return _upload(row)

    async def find(self, id: str, *, owner: str) -> Upload:
        """Raises `NotFound`."""
        async with transaction(self._pool) as connection:
            return _upload(await self._row(connection, id, owner))

    async def add(self, id: str, data: bytes, *, owner: str, starts: int) -> Upload:
        """Adds the part that begins at the byte `starts`. A part that is here already is not added again: the answer
        says how far the upload is. Raises `InvalidInput` for one that would leave a gap or go beyond the end."""
        async with transaction(self._pool) as connection:
            row = await self._row(connection, id, owner, lock=True)
            if starts < row["received"] and starts + len(data) <= row["received"]:
                return _upload(row)
            if starts != row["received"]:
                raise InvalidInput(
                    f"{row['received']} bytes are here, and the part begins at {starts}",
                    field="Upload-Offset",
                    remedy="ask for the offset, and go on there",
                )
            if starts + len(data) > row["size"]:
                raise InvalidInput(
                    f"it goes beyond the file's {row['size']} bytes", field="Upload-Offset", remedy="begin a new upload"
                )
            await connection.execute("insert into upload_parts values ($1, $2, $3)", id, starts, data)
            row = await connection.fetchrow(
                "update uploads set received = $2, updated_at = now() where id = $1 returning *", id, starts + len(data)
            )
        return _upload(row)

    async def write(self, upload: Upload, to: Path) -> None:
        """Writes the whole file."""
        async with transaction(self._pool) as connection:
            with to.open("wb") as file:
                async for part in connection.cursor(
                    "select data from upload_parts where upload = $1 order by starts", upload.id, prefetch=2
                ):
                    file.write(part["data"])

    async def taken(self, upload: Upload, media: StoredMedia) -> None:
        """Notes what it was taken in as, and deletes its parts."""
        async with transaction(self._pool) as connection:
            await connection.execute(
                "update uploads set media = $2, updated_at = now() where id = $1", upload.id, media.model_dump_json()
            )
            await connection.execute("delete from upload_parts where upload = $1", upload.id)

    async def remove(self, id: str, *, owner: str) -> None:
        """Deletes it with its parts; what was taken in stays."""
        async with transaction(self._pool) as connection:
            await connection.execute("delete from uploads where id = $1 and owner = $2", id, owner)

    @staticmethod
    async def _row(connection: Any, id: str, owner: str, *, lock: bool = False) -> Any:
        row = await connection.fetchrow(
            f"select * from uploads where id = $1 and owner = $2 {'for update' if lock else ''}",  # noqa: S608
            id,
            owner,
        )
        if row is None:
            raise NotFound("there is no such upload", field="upload", remedy="begin it again: a day old, it is deleted")
        return row


def _upload(row: Any) -> Upload:
    media = StoredMedia.model_validate_json(row["media"]) if row["media"] else None
    return Upload(row["id"], row["owner"], row["name"], row["size"], row["received"], media, row["begun_at"])
