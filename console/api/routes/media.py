"""The user's own files: sent, listed, declared."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path as FilePath
from typing import Annotated

from fastapi import Path, Query
from starlette.requests import Request

from control import consents, own_media
from reelwright.domain.content.taken import MediaKind
from reelwright.domain.errors import ProviderUnavailable
from reelwright.domain.people import Role

from ..bodies import ApiRequest
from ..calls import Called
from ..models.house import Media, MediaList, NewRights, RightsNow
from ..parameters import ROWS, Limit
from ..routing import operation

TAG = "Media"
UPLOAD_BYTES = 2_000_000_000
Sha256Path = Annotated[str, Path(pattern="^[0-9a-f]{6,64}$", description="the sha256, or its beginning")]
_BODY = {
    "requestBody": {
        "required": True,
        "description": "the file's bytes",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@operation("GET", "/v1/media", needs=Role.VIEWER, tag=TAG, answers=MediaList)
async def list_media(call: Called, kind: Annotated[MediaKind | None, Query()] = None, limit: Limit = ROWS) -> MediaList:
    """The newest ones, of one kind if it is named."""
    rows = await own_media.newest(call.books, limit, kind)
    return MediaList(items=tuple(Media.of(row.media, row.added_at) for row in rows))


@operation(
    "POST", "/v1/media", needs=Role.OPERATOR, tag=TAG, answers=Media, status=201, once="",
    limit=UPLOAD_BYTES, streams=True, extra=_BODY,
)  # fmt: skip
async def add_media(
    call: Called,
    request: Request,
    name: Annotated[str, Query(min_length=1, max_length=200, description="a name for people, such as `beach.mp4`")],
) -> Media:
    """Takes a file in: decoded to its end, stored under its sha256. The same bytes sent again are taken in once."""
    if call.studio.intake is None:
        raise ProviderUnavailable("this process takes no media in", field="DATABASE_URL")
    asked = ApiRequest(request.scope, request.receive)
    asked.limit = call.parts.settings.upload_bytes
    with tempfile.TemporaryDirectory(prefix="reelwright-upload-") as folder:
        path = FilePath(folder) / ("upload" + FilePath(FilePath(name).name).suffix[:10].lower())
        await _written(asked, path)
        work = FilePath(folder) / "work"
        work.mkdir()
        intake = await own_media.taking(call.books, call.studio.intake())
        taken = await intake.add(path, name=name, field=BODY, workdir=work, progress=_silent)
    return Media.of(taken)


BODY = "body"


async def _written(request: ApiRequest, path: FilePath) -> None:
    file = await asyncio.to_thread(path.open, "wb")
    try:
        async for piece in request.pieces():
            await asyncio.to_thread(file.write, piece)
    finally:
        await asyncio.to_thread(file.close)


def _silent(share: float) -> None:
    """Nobody watches."""


@operation("GET", "/v1/media/{sha256}", needs=Role.VIEWER, tag=TAG, answers=Media)
async def get_media(call: Called, sha256: Sha256Path) -> Media:
    """One of them."""
    found = await own_media.find(call.books, sha256)
    return Media.of(found.media, found.added_at)


@operation("PUT", "/v1/media/{sha256}/rights", needs=Role.OPERATOR, tag=TAG, answers=RightsNow)
async def declare_rights(call: Called, sha256: Sha256Path, body: NewRights) -> RightsNow:
    """Declares what allows the use of one of them: docs/evidence.md."""
    books = call.books
    found = await own_media.find(books, sha256)
    declared = await consents.declare(
        books,
        found.media.file.sha256,
        licence=body.licence,
        terms=body.terms,
        expires=body.expires.isoformat() if body.expires else None,
        consent=body.consent,
        by=call.caller.name,
    )
    return RightsNow(**dict(declared))


OPERATIONS = [list_media, add_media, get_media, declare_rights]
