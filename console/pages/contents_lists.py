"""Contents in lists: all of them, and those that run. Read from the boards: Temporal is not asked, and may be away."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import cast

from starlette.responses import Response

from control.batches import new_key
from control.board import board, counts
from control.listing import STAGES
from reelwright.domain.boards import BoardFilters, Order
from reelwright.domain.errors import InvalidInput
from reelwright.domain.people import Role

from ..routing import PageRequest, page
from ..templating import render

ROWS = 100
ORDERS = ("started", "ended")


@page("/contents", needs=Role.VIEWER)
async def contents(request: PageRequest) -> Response:
    """All contents by pages of `ROWS`, newest first: of the stages, the channel, the words and the days of the query.
    `rows` asks for single ones of them, as rows of the table alone."""
    query = _query(request, "q", "stage", "channel", "since", "until", "by")
    filters = BoardFilters(
        stages=tuple(request.query_params.getlist("stage")) if query["stage"] else (),
        channel=query["channel"],
        text=query["q"] or "",
        since=_day(query["since"], "since"),
        until=_day(query["until"], "until", after=True),
        order=_order(query["by"]),
    )
    return await _listed(request, filters, "contents", query)


@page("/pipelines", needs=Role.VIEWER)
async def pipelines(request: PageRequest) -> Response:
    """The contents that have not ended: stage, how far they are, since when, and what they have cost."""
    query = _query(request, "q", "stage", "channel")
    filters = BoardFilters(
        stages=(query["stage"],) if query["stage"] else (),
        channel=query["channel"],
        text=query["q"] or "",
        running=True,
    )
    return await _listed(request, filters, "pipelines", query)


async def _listed(request: PageRequest, filters: BoardFilters, name: str, query: dict[str, str | None]) -> Response:
    if ids := tuple(request.query_params.getlist("rows")):
        found = await board(request.books, BoardFilters(**{**vars(filters), "ids": ids}), limit=max(1, len(ids)))
        return render(request, f"{name}_rows.html", rows=found.rows, by=filters.order)
    after = request.query_params.get("after") or None
    listed = await board(request.books, filters, after=after, limit=ROWS)
    return render(
        request,
        f"{name}.html",
        rows=listed.rows,
        by=filters.order,
        next_cursor=listed.next_cursor,
        cursor=after,
        query=query,
        counts=await counts(request.books, filters.channel),
        stages=STAGES,
        key=new_key(),
    )


def _query(request: PageRequest, *names: str) -> dict[str, str | None]:
    return {name: request.query_params.get(name) or None for name in names}


def _order(by: str | None) -> Order:
    if by not in (None, *ORDERS):
        raise InvalidInput(f"unknown order {by[:40]!r}", field="by", remedy=f"choose from {', '.join(ORDERS)}")
    return cast(Order, by or "started")


def _day(given: str | None, field: str, *, after: bool = False) -> datetime | None:
    """The begin of a day (UTC), or of the one after it."""
    if given is None:
        return None
    try:
        begin = datetime.combine(datetime.fromisoformat(given).date(), time(), UTC)
        return begin + timedelta(days=1) if after else begin
    except (ValueError, OverflowError) as error:
        raise InvalidInput(f"{given[:40]!r} is no day", field=field, remedy="write it as 2026-12-01") from error


ROUTES = [contents, pipelines]
