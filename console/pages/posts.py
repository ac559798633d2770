"""Publications: as a board, a calendar, a list, and those that wait for a person's word."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import Response

from control import operations, pauses
from control.calendar import calendar
from control.names import named, named_channel, platform_of
from control.posts_listing import PostRow, posts_of
from control.retrying import Wanted
from reelwright.domain.formats import Platform
from reelwright.domain.people import Role

from ..forms import form_of, text_of
from ..routing import PageRequest, page, to
from ..templating import render

ROWS = 100
VIEWS = ("board", "calendar", "list", "parked")
COLUMNS: tuple[tuple[str, frozenset[str]], ...] = (
    ("waiting", frozenset({"", "validating", "waiting", "paused"})),
    ("uploading", frozenset({"prepared", "uploading"})),
    ("processing", frozenset({"armed", "posting", "processing", "reconciling", "finishing"})),
    ("parked", frozenset({"parked"})),
    ("posted", frozenset({"posted"})),
    ("failed", frozenset({"failed", "cancelled", "terminated", "timed_out"})),
)
"""The board's columns, and the stages of a publication that stand in each."""


@page("/posts", needs=Role.VIEWER)
async def posts(request: PageRequest) -> Response:
    """The newest publications of one platform, stage and channel where they are named."""
    query = request.query_params
    view = query.get("view") if query.get("view") in VIEWS else "board"
    if view == "calendar":
        return await _calendar(request)
    stage = "parked" if view == "parked" else query.get("stage") or None
    listed = await posts_of(
        request.studio,
        platform=named(query.get("platform")),
        stage=stage,
        limit=ROWS,
        cursor=query.get("after"),
        channel=named_channel(query.get("channel") or None),
    )
    return render(
        request,
        "posts.html",
        view=view,
        views=VIEWS,
        rows=listed.rows,
        columns=_board(listed.rows) if view == "board" else (),
        next_cursor=listed.next_cursor,
        cursor=query.get("after"),
        query={"view": view, "platform": query.get("platform"), "channel": query.get("channel"), "stage": stage},
        platforms=tuple(Platform),
        paused=await pauses.pauses(request.books),
    )


async def _calendar(request: PageRequest) -> Response:
    query = request.query_params
    span, zone = query.get("span") or "month", query.get("zone") or "UTC"
    shown = await calendar(request.books, span=span, day=query.get("day"), zone=zone)
    return render(
        request,
        "calendar.html",
        view="calendar",
        views=VIEWS,
        shown=shown,
        span=span,
        query={"view": "calendar", "span": span, "zone": zone},
        today=request.parts.clock().astimezone().date(),
    )


def _board(rows: Sequence[PostRow]) -> list[tuple[str, list[PostRow]]]:
    """The rows by column; a stage that none has is waiting."""
    known = {stage: name for name, stages in COLUMNS for stage in stages}
    return [(name, [row for row in rows if known.get(row.stage, "waiting") == name]) for name, _ in COLUMNS]


@page("/posts/settle", needs=Role.OPERATOR, methods=("POST",))
async def settle_post(request: PageRequest) -> Response:
    """A person has looked at the account: the parked post is there, or it is not."""
    form = await form_of(request)
    content, platform, account = (text_of(form, name, most=200) for name in ("content", "platform", "account"))
    there = text_of(form, "there", most=5) == "yes"
    post_id = text_of(form, "post_id", most=300) if there else None
    url = text_of(form, "url", most=2_000, needed=False) if there else ""
    who = request.caller.name
    await operations.settle(request.studio, content, platform_of(platform), account, post_id=post_id, url=url, by=who)
    return to(request, "posts", query={"view": "parked"})


@page("/posts/retry", needs=Role.OPERATOR, methods=("POST",))
async def retry_posts(request: PageRequest) -> Response:
    """Tries a content's failed post on one platform again."""
    form = await form_of(request)
    content = text_of(form, "content", most=200)
    platform = platform_of(text_of(form, "platform", most=20))
    await operations.retry(request.studio, content, Wanted(platforms=(platform,)))
    return to(request, "content", id=content)


@page("/platforms/pause", needs=Role.OPERATOR, methods=("POST",))
async def pause_platform(request: PageRequest) -> Response:
    """Holds a platform's posts, or one account's."""
    form = await form_of(request)
    platform = platform_of(text_of(form, "platform", most=20))
    account = text_of(form, "account", most=64, needed=False)
    note = text_of(form, "note", most=500, needed=False)
    await pauses.pause(request.books, platform, account, by=request.caller.name, note=note)
    return to(request, "posts")


@page("/platforms/resume", needs=Role.OPERATOR, methods=("POST",))
async def resume_platform(request: PageRequest) -> Response:
    """Lets them go on."""
    form = await form_of(request)
    platform = platform_of(text_of(form, "platform", most=20))
    account = text_of(form, "account", most=64, needed=False)
    await pauses.resume(request.books, platform, account, by=request.caller.name)
    await pauses.wake(request.studio, platform, account)
    return to(request, "posts")


ROUTES = [posts, settle_post, retry_posts, pause_platform, resume_platform]
