"""Operations under the names that control will have them by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from control import costs
from control.access import allowed
from control.paging import Page
from control.posts_listing import PostRow, posts_listed
from control.publications import wake_publications
from control.resolve import resolve
from control.studio import Books, Studio
from reelwright.domain.errors import NotFound
from reelwright.domain.formats import Platform
from reelwright.domain.people import Role


@allowed(Role.VIEWER)
async def posts_page(
    studio: Studio,
    id: str | None = None,
    *,
    platform: Platform | None,
    stage: str | None,
    limit: int,
    cursor: str | None = None,
    channel: str | None = None,
) -> Page[PostRow]:
    """`posts_listed` of a studio, and of the content with this id, if one is named."""
    content = await resolve(studio.client, studio.contents, id) if id is not None else None
    return await posts_listed(
        studio.client,
        studio.contents,
        content=content,
        platform=platform,
        stage=stage,
        limit=limit,
        cursor=cursor,
        channel=channel,
    )


@allowed(Role.OPERATOR)
async def wake(studio: Studio, platform: Platform, account: str = "") -> int:
    """Signals the waiting publications to look again; how many."""
    return await wake_publications(studio.client, platform, account)


@allowed(Role.OPERATOR)
async def wake_contents(studio: Studio, names: list[str]) -> int:
    """Signals the contents of these channels to look at their budget again; how many."""
    return await costs.wake_contents(studio.client, names)


@allowed(Role.VIEWER)
async def media_newest(books: Books, limit: int, kind: str | None = None) -> Sequence[Any]:
    """The newest of the user's own files, of one kind, if it is named."""
    return await books.own_media.newest(limit, kind)


@allowed(Role.VIEWER)
async def media_found(books: Books, sha256: str) -> Any:
    """The one whose sha256 begins so. Raises `NotFound` unless it is exactly one."""
    rows = await books.own_media.beginning(sha256)
    if len(rows) != 1:
        which = "no file has" if not rows else "more than one file has"
        raise NotFound(f"{which} a sha256 {sha256}…", field="sha256", remedy="see the list of media")
    return rows[0]
