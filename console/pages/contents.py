"""One content."""

from __future__ import annotations

from starlette.responses import Response

from control import finished, operations
from control.board import boards_of
from control.watching import overall_percent
from reelwright.domain.content.stages import Stage
from reelwright.domain.people import Role

from ..problems import problem_of
from ..routing import PageRequest, page, to
from ..templating import render


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
        known = await boards_of(request.books, [id])
        return render(
            request, "content_away.html", status=503, id=id, problem=problem, board=known[0] if known else None
        )
    view = status.view
    made = view.stage in (Stage.DONE, Stage.INCOMPLETE)
    return render(
        request,
        "content.html",
        view=view,
        percent=overall_percent(view, status.rendering),
        rendering=status.rendering,
        told=request.query_params.get("told", ""),
        decisions=await finished.decisions(request.studio, view.content_id),
        files=await finished.files(request.studio, view.content_id) if made else (),
    )


ROUTES = [cancel_content, content]
