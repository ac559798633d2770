"""The user's own files in the media store: what there is. What allows their use is in `consents`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from reelwright.domain.errors import InvalidInput, NotFound
from reelwright.domain.people import Role

from .access import allowed

if TYPE_CHECKING:
    from reelwright.domain.ports.media import MediaIntake
    from reelwright.storage.own_media import AddedMedia

    from .studio import Books


@allowed(Role.VIEWER)
async def newest(books: Books, limit: int, kind: str | None = None) -> Sequence[AddedMedia]:
    """The newest ones, of one kind, if it is named."""
    return await books.own_media.newest(limit, kind)


@allowed(Role.VIEWER)
async def find(books: Books, sha256: str) -> AddedMedia:
    """The one whose sha256 begins so. Raises `InvalidInput` unless it is exactly one."""
    wanted = sha256.removeprefix("media:").lower()
    if not re.fullmatch(r"[0-9a-f]{6,64}", wanted):
        raise InvalidInput(f"{sha256[:80]!r} is no sha256", field="sha256", remedy="give at least six of its digits")
    rows = await books.own_media.beginning(wanted)
    if len(rows) != 1:
        which, error = ("no file has", NotFound) if not rows else ("more than one file has", InvalidInput)
        raise error(f"{which} a sha256 {wanted}…", field="sha256", remedy="see `reelwright media list`")
    return rows[0]


@allowed(Role.OPERATOR)
async def taking(books: Books, intake: MediaIntake) -> MediaIntake:
    """What takes in new files, for callers who may add some."""
    return intake
