"""The audit: who decided or changed what, and whether its chain of hashes holds."""

from __future__ import annotations

import re

from reelwright.domain.audit import AuditRow, Verified
from reelwright.domain.errors import InvalidInput
from reelwright.domain.people import Role

from .access import allowed
from .paging import Page
from .studio import Books

_NEXT = re.compile(r"[1-9][0-9]{0,17}")
_HASH = re.compile(r"[0-9a-f]{8,64}")


@allowed(Role.VIEWER)
async def audit(
    books: Books, about: str | None = None, *, limit: int = 20, cursor: str | None = None
) -> Page[AuditRow]:
    """The rows, newest first; only those about a content or another subject (`youtube/main`, a channel), if one is
    named."""
    if cursor and not _NEXT.fullmatch(cursor):
        raise InvalidInput(
            f"{cursor[:40]!r} is no cursor", field="cursor", remedy="give the next_cursor of the page before"
        )
    rows = await books.audit.page(limit + 1, before=int(cursor) if cursor else None, about=about)
    more = len(rows) > limit
    return Page(tuple(rows[:limit]), str(rows[limit - 1].sequence) if more else None)


@allowed(Role.VIEWER)
async def verify(books: Books, expected: str | None = None) -> Verified:
    """Walks the whole chain. `expected` is the beginning of a hash that was printed earlier, which must be part of
    it."""
    if expected is not None and not _HASH.fullmatch(expected):
        raise InvalidInput(
            f"{expected[:70]!r} is not the beginning of a hash",
            field="expect",
            remedy="give at least 8 of the digits that an earlier --verify printed",
        )
    return await books.audit.verify(expected or "")
