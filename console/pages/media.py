"""Files of contents: videos, pictures, sound, captions."""

from __future__ import annotations

from time import monotonic

from starlette.responses import Response

from control.review_look import ContentFiles, files_of
from control.studio import Studio
from reelwright.domain.assets import AssetRef
from reelwright.domain.errors import NotFound
from reelwright.domain.people import Role

from ..routing import PageRequest, page
from ..streaming import media_answer

FRESH_S = 30.0
"""How long is remembered which files a content has: a player asks for a video in many ranges."""
REMEMBERED = 200


async def file_of(
    request: PageRequest, studio: Studio, id: str, sha256: str, *, fresh_s: float = FRESH_S
) -> tuple[AssetRef, str]:
    """(a file of a content that may be seen, the artifact that was open at most `fresh_s` ago). Raises `NotFound`."""
    known: dict[str, tuple[float, ContentFiles]] = request.app.state.__dict__.setdefault("content_files", {})
    at, found = known.get(id, (0.0, ContentFiles("", {})))
    if sha256 not in found.files or monotonic() - at > fresh_s:
        found = await files_of(studio, id)
        while len(known) >= REMEMBERED:
            known.pop(next(iter(known)))
        known[id] = (monotonic(), found)
    if sha256 not in found.files:
        raise NotFound(f"{id[:80]!r} shows no such file", field="sha256", remedy="load its page again")
    return found.files[sha256], found.artifact


@page("/contents/{id:path}/media/{sha256}", needs=Role.VIEWER)
async def content_media(request: PageRequest) -> Response:
    """One file of a content's review or result."""
    path, studio = request.path_params, request.studio
    file, _ = await file_of(request, studio, path["id"], path["sha256"])
    return await media_answer(request, studio.media(), file)


ROUTES = [content_media]
