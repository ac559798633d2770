"""Contents: the list of all, and one of them."""

from __future__ import annotations

from starlette.responses import Response

from control import operations
from control.listing import STAGES, contents_of
from control.names import named_channel
from reelwright.domain.people import Role

from ..problems import problem_of
from ..routing import PageRequest, page, to
from ..templating import render

ROWS = 100


@page("/contents", needs=Role.VIEWER)
async def contents(request: PageRequest) -> Response:
    """All contents, newest first, by pages of `ROWS`; of one stage and one channel where they are named."""
    query = request.query_params
    stage, channel = query.get("stage") or None, query.get("channel") or None
    listed = await contents_of(
        request.studio, stage=stage, channel=named_channel(channel), limit=ROWS, cursor=query.get("after")
    )
    return render(
        request,
        "contents.html",
        rows=listed.rows,
        next_cursor=listed.next_cursor,
        cursor=query.get("after"),
        query={"stage": stage, "channel": channel},
        stages=STAGES,
    )


@page("/contents/{id:path}/cancel", needs=Role.OPERATOR, methods=("POST",))
async def cancel_content(request: PageRequest) -> Response:
    """Requests its cancellation."""
    id = request.path_params["id"]
    await operations.cancel(request.studio, id)
    return to(request, "content", id=id, query={"told": "cancelled"})


@page("/contents/{id:path}", needs=Role.VIEWER)
async def content(request: PageRequest) -> Response:
    """One content: stage, steps, posts, files, notes, and what can be done now."""
    id = request.path_params["id"]
    try:
        status = await operations.status(request.studio, id)
    except Exception as error:
        problem = problem_of(error)
        if problem.status != 503:
            raise
        return render(request, "content_away.html", status=503, id=id, problem=problem)
    return render(
        request, "content.html", view=status.view, rendering=status.rendering, told=request.query_params.get("told", "")
    )


ROUTES = [contents, cancel_content, content]
