"""Files of one's own, sent in parts: `POST /uploads` begins, `PATCH` adds a part, `HEAD` tells how far it is, and
`POST …/finish` takes the file in. What the protocol is: `control.uploads`."""

from __future__ import annotations

import json

from starlette.responses import JSONResponse, Response

from control import uploads as control
from reelwright.domain.errors import InvalidInput
from reelwright.domain.people import Role

from ..routing import PageRequest, page

OFFSET = "Upload-Offset"
REQUEST_BYTES = 10_000


@page("/uploads", needs=Role.OPERATOR, methods=("POST",), name="begin_upload")
async def begin_upload(request: PageRequest) -> Response:
    """Takes `{"name": …, "size": …}`; answers with the upload's id."""
    given = await _json(request)
    name, size = given.get("name"), given.get("size")
    if not isinstance(name, str):
        raise InvalidInput("it is no text", field="name", remedy="give the file's name")
    if not isinstance(size, int) or isinstance(size, bool):
        raise InvalidInput("it is no number", field="size", remedy="give the file's bytes")
    begun = await control.begin(request.books, name, size, most_bytes=request.parts.settings.upload_bytes)
    return JSONResponse({"id": begun.id, "received": 0, "part_bytes": control.PART_BYTES}, status_code=201)


@page("/uploads/{id}", needs=Role.OPERATOR, methods=("HEAD", "PATCH"), name="upload")
async def upload(request: PageRequest) -> Response:
    """HEAD: how much of it is here. PATCH: one part, which begins at the byte that the header says."""
    id = request.path_params["id"]
    if request.method == "HEAD":
        found = await control.upload(request.books, id)
    else:
        starts = _number(request.headers.get(OFFSET, ""))
        await control.upload(request.books, id)  # nothing is received for an upload that is not there
        found = await control.add(request.books, id, await _part(request), starts=starts)
    headers = {OFFSET: str(found.received), "Upload-Length": str(found.size), "Cache-Control": "no-store"}
    return Response(status_code=204, headers=headers)


@page("/uploads/{id}/finish", needs=Role.OPERATOR, methods=("POST",), name="finish_upload")
async def finish_upload(request: PageRequest) -> Response:
    """Takes the whole file in; answers with what it is."""
    media = await control.finish(request.studio, request.books, request.path_params["id"])
    return JSONResponse(
        {"sha256": media.file.sha256, "kind": media.kind, "name": media.name, "size": media.file.size,
         "notes": list(media.notes)}
    )  # fmt: skip


async def _part(request: PageRequest) -> bytes:
    """The body, at most one part. What is longer is not read to its end."""
    taken = bytearray()
    async for piece in request.stream():
        taken += piece
        if len(taken) > control.PART_BYTES:
            raise InvalidInput(
                f"it has more than {control.PART_BYTES:,} bytes", field="part", remedy="send smaller parts"
            )
    return bytes(taken)


async def _json(request: PageRequest) -> dict[str, object]:
    taken = bytearray()
    async for piece in request.stream():
        taken += piece
        if len(taken) > REQUEST_BYTES:
            raise InvalidInput("it is too long", field="body", remedy="send a name and a size")
    try:
        value = json.loads(taken)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise InvalidInput("it is no JSON object", field="body", remedy='send {"name": …, "size": …}')
    return value


def _number(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 15:
        raise InvalidInput(f"{text[:20]!r} is no offset", field=OFFSET, remedy="say at which byte the part begins")
    return int(text)


ROUTES = [begin_upload, finish_upload, upload]
