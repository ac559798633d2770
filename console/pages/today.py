"""Today: what wants a person, what runs, what was posted and spent."""

from __future__ import annotations

from starlette.responses import Response

from control import board
from reelwright.domain.boards import SHOWN
from reelwright.domain.people import Role

from ..routing import PageRequest, page
from ..templating import render


@page("/", needs=Role.VIEWER)
async def today(request: PageRequest) -> Response:
    """What wants a person, and what this day (UTC) has brought. Nothing is asked of Temporal."""
    return render(request, "today.html", today=await board.today(request.books), shown=SHOWN)


ROUTES = [today]
