"""What a content that has ended leaves: its report and its files, without a folder to put them in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from reelwright.domain.assets import AssetRef
from reelwright.domain.errors import NotFound, ReelwrightError
from reelwright.domain.people import Role
from reelwright.storage.contents import FiledDecision

from . import operations
from .access import allowed
from .background import background_of
from .deliver import files_of
from .report import Report, report_of
from .studio import Studio


@dataclass(frozen=True)
class NamedFile:
    """A file in the media store, under the name that it is delivered with."""

    name: str
    ref: AssetRef


@allowed(Role.VIEWER)
async def report(studio: Studio, id: str) -> Report:
    """The report of a content that has ended. Raises `InvalidInput` when it has not."""
    content = await operations.finished(studio, id)
    try:
        result = await operations.end_of(studio, content)
    except ReelwrightError as error:
        return await operations.failed(studio, content, str(error))
    known = await background_of(studio.client, studio.contents, content, result, layout=studio.layout)
    return report_of(result, background=known)


@allowed(Role.VIEWER)
async def files(studio: Studio, id: str) -> tuple[NamedFile, ...]:
    """The files of a content that has ended, but for those of streaming packages, which are hundreds. Raises
    `InvalidInput` when it has not ended, and what made it fail."""
    content = await operations.finished(studio, id)
    return tuple(NamedFile(name, ref) for ref, name in files_of(await operations.end_of(studio, content)))


@allowed(Role.VIEWER)
async def decisions(studio: Studio, content_id: str) -> list[FiledDecision]:
    """Who has decided what about a content, oldest first; none without a database."""
    return await studio.contents.decisions(content_id) if studio.contents else []


@allowed(Role.VIEWER)
async def file(studio: Studio, id: str, name: str) -> NamedFile:
    """One of them. Raises `NotFound`."""
    for found in await files(studio, id):
        if found.name == name:
            return found
    raise NotFound(f"{id[:80]!r} has no file {name[:80]!r}", field="name", remedy="see the list of its files")


def read(studio: Studio, file: NamedFile, *, start: int = 0) -> AsyncIterator[bytes]:
    """Its bytes from `start` on."""
    return studio.media().read(file.ref, start=start)
