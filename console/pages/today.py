"""Today: what wants a person, what runs, what was posted and spent."""

from __future__ import annotations

from starlette.responses import Response

from control.listing import reviews_of
from reelwright.domain.people import Role

from ..routing import PageRequest, page
from ..templating import render


@page("/", needs=Role.VIEWER)
async def today(request: PageRequest) -> Response:
    """What wants a person."""
    return render(request, "today.html", reviews=await reviews_of(request.studio))


ROUTES = [today]
