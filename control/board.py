"""How contents stand, for lists and counts, and what has changed since a mark. Only the database is read: nothing here
waits for Temporal."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from reelwright.domain.boards import Board, BoardFilters, Counts, Today, Watched
from reelwright.domain.errors import InvalidInput
from reelwright.domain.news import TOPICS, Mark, News
from reelwright.domain.people import Caller, Role
from reelwright.storage.contents import Place

from .access import allowed
from .listing import STAGES
from .names import named_channel
from .paging import Page, place_of, written
from .studio import Books

ALL = BoardFilters()
LIMIT = 100
AT_ONCE = 500
TEXT_CHARS = 200
AGO_S = 3_600


@allowed(Role.VIEWER)
async def board(
    books: Books, filters: BoardFilters = ALL, *, after: str | None = None, limit: int = LIMIT
) -> Page[Board]:
    """At most `limit` contents after those that the cursor `after` stands for, in the filters' order. Raises
    `InvalidInput` for a stage or a cursor that does not exist."""
    if not 1 <= limit <= AT_ONCE:
        raise InvalidInput(f"{limit} rows", field="limit", remedy=f"ask for 1 to {AT_ONCE}")
    if len(filters.ids) > AT_ONCE:
        raise InvalidInput(f"{len(filters.ids)} ids", field="rows", remedy=f"ask for at most {AT_ONCE}")
    for stage in filters.stages:
        if stage not in STAGES:
            raise InvalidInput(
                f"unknown stage {stage[:40]!r}", field="stage", remedy=f"choose from {', '.join(STAGES)}"
            )
    filters = replace(filters, channel=named_channel(filters.channel), text=filters.text.strip()[:TEXT_CHARS])
    if any("\0" in text for text in (filters.text, *filters.ids)):
        raise InvalidInput("it has a NUL in it", field="rows" if filters.ids else "q", remedy="leave it out")
    rows = await books.boards.page(filters, after=place_of(after), limit=limit + 1)
    more = len(rows) > limit
    rows = rows[:limit]
    return Page(tuple(rows), written(_place(rows[-1], filters)) if more else None)


def _place(row: Board, filters: BoardFilters) -> Place:
    at = {"started": row.started, "ended": row.ended, "asked": row.asked}[filters.order]
    assert at is not None, "the order leaves out what has no such time"
    return Place(at, row.content_id)


@allowed(Role.VIEWER)
async def boards_of(books: Books, content_ids: Sequence[str]) -> list[Board]:
    """The boards of these contents, newest first; ids that no content has are passed over."""
    if len(content_ids) > AT_ONCE:
        raise InvalidInput(f"{len(content_ids)} ids", field="rows", remedy=f"ask for at most {AT_ONCE}")
    return await books.boards.some([id for id in content_ids if "\0" not in id])


@allowed(Role.VIEWER)
async def counts(books: Books, channel: str | None = None) -> Counts:
    """Contents by stage, open reviews, publications that wait for a person: of one channel, or of all."""
    return await books.boards.counts(named_channel(channel))


@allowed(Role.VIEWER)
async def today(books: Books) -> Today:
    """What wants a person, what runs, what was posted and spent on this day (UTC)."""
    return await books.boards.today()


@allowed(Role.VIEWER)
async def news_mark(books: Books) -> Mark:
    """Where the news stand. A page that takes it before it reads its rows misses nothing that comes after."""
    return await books.news.mark()


@allowed(Role.VIEWER)
async def news_ago(books: Books, seconds: float) -> Mark:
    """Where the news stood so many seconds ago, or a little before: for a page that was read then."""
    if not 0 <= seconds <= AGO_S:
        raise InvalidInput(f"{seconds:g} seconds", field="ago", remedy=f"give 0 to {AGO_S}")
    return await books.news.mark_ago(timedelta(seconds=seconds))


@allowed(Role.VIEWER)
async def news_after(books: Books, mark: Mark, topics: frozenset[str] | None = None, *, limit: int = AT_ONCE) -> News:
    """What has changed since a mark, oldest first: of these topics, or of all that the caller may hear."""
    mine = frozenset(topic for topic, needs in TOPICS.items() if books.caller.role.includes(needs))
    return await books.news.after(mark, limit=limit, kinds=mine if topics is None else mine & topics)


@allowed(Role.VIEWER)
async def watched(books: Books) -> Watched:
    """When the running contents were last looked at, and what is in the way of it."""
    return await books.boards.watched()


@allowed(Role.VIEWER)
async def stream_ticket(books: Books) -> str:
    """A ticket that opens one WebSocket for this caller within a minute: for programs that cannot send a header."""
    ticket = secrets.token_urlsafe(32)
    await books.news.keep_ticket(ticket, books.caller)
    return ticket


async def use_stream_ticket(books: Books, ticket: str) -> Caller | None:
    """Whose ticket it was; None for one that opens nothing. Whoever comes with it is nobody yet: no role is needed."""
    return await books.news.use_ticket(ticket) if 0 < len(ticket) <= 200 else None
