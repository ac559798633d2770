"""What is used of the platforms' quotas, and what is booked."""

from __future__ import annotations

from starlette.responses import Response

from control import quotas
from control.names import named, named_channel
from reelwright.domain.formats import Platform
from reelwright.domain.people import Role

from ..routing import PageRequest, page
from ..templating import render


@page("/quota", needs=Role.VIEWER)
async def quota(request: PageRequest) -> Response:
    """All buckets, or those of one platform or channel."""
    query = request.query_params
    platform, channel = query.get("platform") or None, query.get("channel") or None
    used = await quotas.quota(request.books, named(platform), channel=named_channel(channel))
    return render(
        request,
        "quota.html",
        rows=used,
        platforms=tuple(Platform),
        query={"platform": platform, "channel": channel},
        now=request.parts.clock(),
    )


ROUTES = [quota]
