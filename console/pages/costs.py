"""What was spent, and the budgets."""

from __future__ import annotations

from starlette.responses import Response

from control import costs as control
from control.names import named_channel
from reelwright.domain.people import Role

from ..routing import PageRequest, page
from ..templating import render

POINTS = 60
"""Bars of the chart at most: the newest."""


@page("/costs", needs=Role.VIEWER)
async def costs(request: PageRequest) -> Response:
    """By day, channel, provider or content; of one channel and from a day on where they are named."""
    query = request.query_params
    by, channel, since = query.get("by") or "day", named_channel(query.get("channel") or None), query.get("since")
    sums = await control.costs(request.books, by, channel=channel, since=since or None)
    newest = sorted(sums, key=lambda one: one.name)[-POINTS:]
    return render(
        request,
        "costs.html",
        rows=sums,
        points=[(one.name, one.usd.amount) for one in newest] if by == "day" else [],
        kinds=control.KINDS,
        by=by,
        query={"by": by, "channel": channel, "since": since},
        budgets=await control.budgets(request.books, channel),
        unknown=await control.unknown(request.books),
    )


ROUTES = [costs]
