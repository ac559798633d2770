"""Starting a content for a front end: with what it inherits from its channel, and its own media looked at first."""

from __future__ import annotations

from reelwright.domain.content.request import ContentRequest
from reelwright.domain.people import Role
from reelwright.domain.ports.channels import PolicyShelf

from . import contents
from .access import allowed
from .channels import foreseen
from .requests import Wishes, destination, requested
from .resolve import Content
from .studio import Books, Studio


@allowed(Role.OPERATOR)
async def prepared(
    studio: Studio, books: Books, wishes: Wishes, policies: PolicyShelf
) -> tuple[str, ContentRequest, str]:
    """(content id, request, where it will be posted, for people). Nothing is begun. Raises `InvalidInput` for what is
    wrong in the request, what does not go with its channel, and stored media that cannot be used where it is named."""
    content_id, request = requested(wishes)
    whole, found = await foreseen(studio, request, policies)
    await _usable(books, request)
    chosen = "platforms" in request.model_fields_set or (found is not None and "platforms" in found.inherited)
    return content_id, request, destination(whole, chosen=chosen, slots=found.slots if found else ())


@allowed(Role.OPERATOR)
async def start(studio: Studio, books: Books, wishes: Wishes, policies: PolicyShelf) -> tuple[Content, bool]:
    """Starts it; whether it was started now: the same key again is the same content."""
    content_id, request, _ = await prepared(studio, books, wishes, policies)
    return await contents.start(studio.client, studio.contents, content_id, request)


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
