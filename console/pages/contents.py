"""One content."""

from __future__ import annotations

from starlette.responses import Response

from control import operations
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
        return render(request, "content_away.html", status=503, id=id, problem=problem)
    return render(
        request, "content.html", view=status.view, rendering=status.rendering, told=request.query_params.get("told", "")
    )


ROUTES = [cancel_content, content]
