"""Contents: list, start, look at, stop, fetch."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from typing import Annotated
from urllib.parse import quote

from fastapi import Path, Query
from starlette.responses import Response, StreamingResponse

from control import finished, operations
from control.board import board
from control.listing import STAGES
from control.report import Report
from control.starting import begin
from reelwright.domain.boards import BoardFilters
from reelwright.domain.content.request import ContentRequest
from reelwright.domain.people import Role

from ..calls import Call, Called
from ..models.contents import (
    ContentFile,
    ContentFiles,
    ContentList,
    ContentRow,
    ContentStatus,
    NewContent,
    Started,
    Stopping,
)
from ..parameters import ROWS, After, ChannelQuery, ContentPath, Limit
from ..routing import operation

TAG = "Contents"
Stage = Annotated[str | None, Query(max_length=40, description=f"one of {', '.join(STAGES)}")]


@operation("GET", "/v1/contents", needs=Role.VIEWER, tag=TAG, answers=ContentList)
async def list_contents(
    call: Called, stage: Stage = None, channel: ChannelQuery = None, limit: Limit = ROWS, after: After = None
) -> ContentList:
    """All contents, newest first."""
    filters = BoardFilters(stages=() if stage is None else (stage,), channel=channel)
    page = await board(call.books, filters, limit=limit, after=call.after("contents", after))
    rows = tuple(ContentRow.on_board(row) for row in page.rows)
    return ContentList(items=rows, next=call.next("contents", page.next_cursor))


@operation(
    "POST", "/v1/contents", needs=Role.OPERATOR, tag=TAG, answers=Started, status=201, once="required",
    responses={200: {"model": Started, "description": "The same request was started before"}},
)  # fmt: skip
async def start_content(call: Called, body: NewContent) -> Started:
    """Starts a content. Its channel's rules are checked first; nothing is paid before it runs."""
    return await started(call, body)


async def started(call: Call, body: NewContent) -> Started:
    """Starts what is asked for; 201 where it was started now, 200 where it was known."""
    request = body.request()
    if body.id is None and request.request_key is None and call.key:
        request = ContentRequest.model_validate(
            {**request.model_dump(exclude_unset=True), "request_key": _request_key(call)}
        )
    begun = await begin(call.studio, call.books, request, call.parts.policies, content_id=body.id)
    status = call.path(f"/v1/contents/{quote(begun.content.content_id, safe='')}")
    call.answer.status_code = 201 if begun.new else 200
    call.answer.headers["Location"] = status
    return Started(
        content_id=begun.content.content_id,
        workflow_id=begun.content.workflow_id,
        started=begun.new,
        status=status,
        notes=(begun.going,),
    )


def _request_key(call: Call) -> str:
    """What leads from the caller's key to the content, also after the process that took it has died."""
    return "api:" + hashlib.sha256(f"{call.caller.id}\n{call.key}".encode()).hexdigest()[:40]


@operation(
    "POST", "/v1/contents/{id:path}/cancel", needs=Role.OPERATOR, tag=TAG, answers=Stopping, status=202
)  # fmt: skip
async def cancel_content(call: Called, id: ContentPath) -> Stopping:
    """Requests its cancellation; what it has made is kept."""
    return Stopping.model_validate(await operations.cancel(call.studio, id))


@operation("GET", "/v1/contents/{id:path}/report", needs=Role.VIEWER, tag=TAG, answers=Report)
async def content_report(call: Called, id: ContentPath) -> Report:
    """The report of a content that has ended: docs/schemas/report.schema.json."""
    return await finished.report(call.studio, id)


@operation("GET", "/v1/contents/{id:path}/files", needs=Role.VIEWER, tag=TAG, answers=ContentFiles)
async def content_files(call: Called, id: ContentPath) -> ContentFiles:
    """The videos, captions and thumbnails of a content that has ended."""
    return ContentFiles(
        items=tuple(
            ContentFile(
                name=file.name,
                media_type=file.ref.media_type,
                size=file.ref.size,
                sha256=file.ref.sha256,
                url=call.path(f"/v1/contents/{quote(id, safe='')}/files/{quote(file.name, safe='')}"),
            )
            for file in await finished.files(call.studio, id)
        )
    )


@operation(
    "GET", "/v1/contents/{id:path}/files/{name}", needs=Role.VIEWER, tag=TAG, answers=None,
    responses={200: {"description": "The bytes", "content": {"application/octet-stream": {}}}},
)  # fmt: skip
async def content_file(call: Called, id: ContentPath, name: Annotated[str, Path(max_length=200)]) -> Response:
    """The bytes of one of them, from the beginning; browsers have the console's own address for parts of one."""
    studio = call.studio
    file = await finished.file(studio, id, name)

    async def pieces() -> AsyncIterator[bytes]:
        async for piece in finished.read(studio, file):
            yield piece

    headers = {
        "Content-Length": str(file.ref.size),
        "ETag": f'"{file.ref.sha256}"',
        "Cache-Control": "private, max-age=31536000, immutable",
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name)}",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    return StreamingResponse(pieces(), media_type=file.ref.media_type, headers=headers)


@operation("GET", "/v1/contents/{id:path}", needs=Role.VIEWER, tag=TAG, answers=ContentStatus)
async def content_status(call: Called, id: ContentPath) -> ContentStatus:
    """How it stands: stage, percent, steps, posts, notes, and the open question, if a person is asked."""
    return ContentStatus.told(await operations.status(call.studio, id))


OPERATIONS = [
    list_contents,
    start_content,
    cancel_content,
    content_report,
    content_files,
    content_file,
    content_status,
]
