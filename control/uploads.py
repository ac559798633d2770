"""The user's own files, sent in parts: begun, gone on with after a break, and taken in when they are whole.

The protocol is the core of tus (https://tus.io/protocols/resumable-upload): a part says at which byte it begins, and an
upload that was broken off goes on at the byte that it has come to."""

from __future__ import annotations

import secrets
from pathlib import Path
from tempfile import TemporaryDirectory

from reelwright.domain.content.taken import StoredMedia
from reelwright.domain.errors import InvalidInput
from reelwright.domain.people import Role
from reelwright.domain.text.incoming import cut, one_line
from reelwright.storage.uploads import Upload

from .access import allowed
from .studio import Books, NoStudio, Studio

MOST_OPEN = 20
"""Uploads of one person at the same time."""
PART_BYTES = 8 * 1024 * 1024
NAME_CHARS = 200


@allowed(Role.OPERATOR)
async def begin(books: Books, name: str, size: int, *, most_bytes: int) -> Upload:
    """A new upload of a file of `size` bytes, at most `most_bytes`. Raises `InvalidInput` before anything is sent."""
    told = cut(one_line(name), NAME_CHARS) or "the file"
    if size < 1:
        raise InvalidInput(f"{told} is empty", field="size", remedy="choose another file")
    if size > most_bytes:
        raise InvalidInput(
            f"{told} has {size:,} bytes, more than {most_bytes:,}", field="size", remedy="choose a smaller file"
        )
    id = secrets.token_urlsafe(18)
    return await books.uploads.begin(id, owner=books.caller.name, name=told, size=size, most_open=MOST_OPEN)


@allowed(Role.OPERATOR)
async def upload(books: Books, id: str) -> Upload:
    """How far it is."""
    return await books.uploads.find(id, owner=books.caller.name)


@allowed(Role.OPERATOR)
async def add(books: Books, id: str, data: bytes, *, starts: int) -> Upload:
    """Adds a part of at most `PART_BYTES` that begins at the byte `starts`."""
    if not data or len(data) > PART_BYTES:
        raise InvalidInput(
            f"a part has {len(data):,} bytes", field="part", remedy=f"send 1 to {PART_BYTES:,} bytes at a time"
        )
    return await books.uploads.add(id, data, owner=books.caller.name, starts=starts)


@allowed(Role.OPERATOR)
async def finish(studio: Studio, books: Books, id: str) -> StoredMedia:
    """Takes a whole upload in: it is decoded to its end, stored and recorded. Once it was, the same again. Raises
    `InvalidInput` for one that is not whole, and for a file that cannot be used; its parts are deleted then."""
    if studio.intake is None:
        raise NoStudio(field="DATABASE_URL")
    found = await books.uploads.find(id, owner=books.caller.name)
    if found.media is not None:
        return found.media
    if not found.whole:
        raise InvalidInput(
            f"{found.received:,} of {found.size:,} bytes are here", field="upload", remedy="send the rest first"
        )
    with TemporaryDirectory(prefix="reelwright-upload-") as folder:
        file = Path(folder) / "file"
        await books.uploads.write(found, file)
        try:
            media = await studio.intake().add(
                file, name=found.name, field="file", workdir=Path(folder), progress=lambda share: None
            )
        except InvalidInput:
            await books.uploads.remove(id, owner=books.caller.name)
            raise
    await books.uploads.taken(found, media)
    return media
