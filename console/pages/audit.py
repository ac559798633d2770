"""Who decided or changed what, and the evidence of a content."""

from __future__ import annotations

from starlette.responses import Response

from control import audit as control
from control.evidence import evidence as evidence_of
from reelwright.domain.people import Role

from ..routing import PageRequest, page
from ..templating import render

ROWS = 100


@page("/audit", needs=Role.VIEWER)
async def audit(request: PageRequest) -> Response:
    """The rows, newest first; only those about one subject where it is named."""
    query = request.query_params
    about = query.get("about") or None
    listed = await control.audit(request.books, about, limit=ROWS, cursor=query.get("after"))
    return render(
        request,
        "audit.html",
        rows=listed.rows,
        next_cursor=listed.next_cursor,
        cursor=query.get("after"),
        query={"about": about},
        verified=await control.verify(request.books) if query.get("verify") else None,
    )


@page("/contents/{id:path}/evidence", needs=Role.VIEWER)
async def evidence(request: PageRequest) -> Response:
    """All assets and decisions of a content with where they come from."""
    return render(request, "evidence.html", document=await evidence_of(request.books, request.path_params["id"]))


ROUTES = [audit, evidence]
