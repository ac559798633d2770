"""Starting a content for a front end: with what it inherits from its channel, and its own media looked at first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from reelwright.domain.content.request import ContentRequest
from reelwright.domain.people import Role
from reelwright.domain.ports.channels import PolicyShelf
from reelwright.domain.publishing.schedule import check_schedule

from . import contents
from .access import allowed
from .channels import foreseen
from .requests import Wishes, content_id_for, destination, requested
from .resolve import Content
from .studio import Books, Studio


@allowed(Role.OPERATOR)
async def prepared(
    studio: Studio, books: Books, wishes: Wishes, policies: PolicyShelf
) -> tuple[str, ContentRequest, str]:
    """(content id, request, where it will be posted, for people). Nothing is begun. Raises `InvalidInput` for what is
    wrong in the request, what does not go with its channel, and stored media that cannot be used where it is named."""
    content_id, request = requested(wishes)
    return content_id, request, await checked(studio, books, request, policies)


@allowed(Role.OPERATOR)
async def start(studio: Studio, books: Books, wishes: Wishes, policies: PolicyShelf) -> tuple[Content, bool]:
    """Starts it; whether it was started now: the same key again is the same content."""
    content_id, request, _ = await prepared(studio, books, wishes, policies)
    return await contents.start(studio.client, studio.contents, content_id, request)


@dataclass(frozen=True)
class Begun:
    """`new`: whether it was started now; the same request under the same id is one run. `going` is where it will be
    posted, for people."""

    content: Content
    new: bool
    going: str


@allowed(Role.OPERATOR)
async def begin(
    studio: Studio, books: Books, request: ContentRequest, policies: PolicyShelf, *, content_id: str | None = None
) -> Begun:
    """Starts a content from a whole request, once it is checked as `prepared` does."""
    going = await checked(studio, books, request, policies)
    id = content_id if content_id is not None else content_id_for(request)
    content, new = await contents.start(studio.client, studio.contents, id, request)
    return Begun(content, new, going)


@allowed(Role.OPERATOR)
async def checked(studio: Studio, books: Books, request: ContentRequest, policies: PolicyShelf) -> str:
    """Where it will be posted, for people. Raises `InvalidInput` for a time that has passed, what does not go with its
    channel, and stored media that cannot be used where it is named."""
    for publish_at in (request.publish_at, *(own.publish_at for own in request.posts.values())):
        check_schedule(publish_at, datetime.now(UTC))
    whole, found = await foreseen(studio, request, policies)
    await _usable(books, request)
    chosen = "platforms" in request.model_fields_set or (found is not None and "platforms" in found.inherited)
    return destination(whole, chosen=chosen, slots=found.slots if found else ())


async def _usable(books: Books, request: ContentRequest) -> None:
    """Looks at the stored media that a request names; what is fetched from elsewhere is looked at by its pipeline."""
    from reelwright.domain.content.taken import NamedMedia
    from reelwright.domain.content.taking import taken_of
    from reelwright.domain.errors import NotFound

    named = NamedMedia.of(request)
    found = {}
    for field, address in named.addresses():
        if not address.startswith("media:"):
            return
        stored = await books.own_media.find(address.removeprefix("media:"))
        if stored is None:
            raise NotFound(f"no file {address[:18]}… is stored", field=field, remedy="upload it, or choose another")
        found[address] = stored
    taken_of(named, found)
