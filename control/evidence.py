"""The evidence of a content: one document for all its assets and decisions."""

from __future__ import annotations

from reelwright.domain.errors import InvalidInput, NotFound
from reelwright.domain.evidence import EvidenceDocument
from reelwright.domain.people import Role

from .access import allowed
from .studio import Books


@allowed(Role.VIEWER)
async def evidence(books: Books, id: str) -> EvidenceDocument:
    """The document of the content with this id, or made by the workflow with this id."""
    found = await books.evidence.document(id)
    if not found:
        raise NotFound(f"there is no content {id[:120]!r}", field="id", remedy="see `reelwright list`")
    if len(found) > 1:
        ids = ", ".join(document.content_id for document in found)
        raise InvalidInput(f"{id[:120]!r} is more than one content", field="id", remedy=f"name one of {ids}")
    return found[0]
