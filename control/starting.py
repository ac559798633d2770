"""Starting a content from a whole request, for front ends other than the command line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from reelwright.domain.channels.in_force import InForce
from reelwright.domain.content.request import ContentRequest
from reelwright.domain.people import Role
from reelwright.domain.ports.channels import PolicyShelf
from reelwright.domain.publishing.schedule import check_schedule

from . import channels, contents
from .access import allowed
from .requests import content_id_for, destination
from .resolve import Content
from .studio import Studio


@dataclass(frozen=True)
class Begun:
    """`new`: whether it was started now; the same request under the same id is one run. `whole` is the request with
    what it inherits from its channel, `going` where it will be posted, in words."""

    content: Content
    new: bool
    whole: ContentRequest
    going: str


@allowed(Role.OPERATOR)
async def begin(
    studio: Studio, request: ContentRequest, *, policies: PolicyShelf, content_id: str | None = None
) -> Begun:
    """Checks the request with what it would inherit from its channel, and starts it. Raises `InvalidInput` with the
    field, before anything is started or paid."""
    for publish_at in (request.publish_at, *(own.publish_at for own in request.posts.values())):
        check_schedule(publish_at, datetime.now(UTC))
    whole, found = await channels.foreseen(studio.channels, request, policies)
    id = content_id if content_id is not None else content_id_for(request)
    content, new = await contents.start(studio.client, studio.contents, id, request)
    return Begun(content, new, whole, _going(request, whole, found))


def _going(request: ContentRequest, whole: ContentRequest, found: InForce | None) -> str:
    if not whole.platforms:
        return "it will be posted nowhere"
    chosen = "platforms" in request.model_fields_set or (found is not None and "platforms" in found.inherited)
    return destination(whole, chosen=chosen, slots=found.slots if found else ())
