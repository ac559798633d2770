"""Pages whose data does not exist yet: what each will show, said plainly."""

from __future__ import annotations

from starlette.responses import Response

from reelwright.domain.people import Role

from ..routing import PageRequest, page
from ..templating import render


@page("/analytics", needs=Role.VIEWER)
async def analytics(request: PageRequest) -> Response:
    """How posts did: their figures are not read back yet."""
    return render(
        request,
        "seat.html",
        here="analytics",
        label="Analytics",
        missing="The platforms' figures are not read back yet.",
    )


@page("/experiments", needs=Role.VIEWER)
async def experiments(request: PageRequest) -> Response:
    """What was tried against what: there are no experiments yet."""
    missing = "There are no experiments yet: they need the platforms' figures."
    return render(request, "seat.html", here="experiments", label="Experiments", missing=missing)


ROUTES = [analytics, experiments]
