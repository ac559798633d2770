"""Moderation policies: what each says, and which channels use it."""

from __future__ import annotations

import json

from starlette.responses import Response

from control import channels
from control.policies import policies as policies_of
from control.policies import policy as policy_of
from reelwright.domain.people import Role

from ..routing import PageRequest, page
from ..templating import render


@page("/policies", needs=Role.VIEWER)
async def policies(request: PageRequest) -> Response:
    """All that can be named, with the channels that use them."""
    shown = await policies_of(request.books, request.parts.policies)
    used: dict[str, list[str]] = {}
    for one in await channels.channels(request.books):
        used.setdefault((one.whole or one.version.config).moderation or "standard", []).append(one.version.name)
    return render(request, "policies.html", rows=shown, used=used)


@page("/policies/{name}", needs=Role.VIEWER)
async def policy(request: PageRequest) -> Response:
    """A whole policy, with what it inherits."""
    found = await policy_of(request.books, request.parts.policies, request.path_params["name"])
    fields = channels.flat(json.loads(found.model_dump_json()))
    return render(request, "policy.html", policy=found, fields=fields)


ROUTES = [policies, policy]
