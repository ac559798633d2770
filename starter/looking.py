"""`list`, `status`, `posts`, `review list` and `cancel`, without what makes, judges or delivers contents. Each returns
its exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from control.listing import contents_of, reviews_of
from control.names import named, named_channel
from control.posts_listing import PostRow, posts_of
from control.reviewing import quoted
from reelwright.domain.ids import content_workflow_id

from .console import EXIT_OK, plain, print_json, say
from .opening import opened
from .tables import Record, local, print_fields, print_records, say_more

if TYPE_CHECKING:
    from control.operations import Status
    from control.view import ContentView


async def status(id: str, *, as_json: bool) -> int:
    """The content's own answer; while it renders, with the render's progress."""
    from control import operations  # a list needs no content's own answer

    async with opened() as (_, studio):
        now = await operations.status(studio, id)
    if as_json:
        print_json(now.view.model_dump(mode="json") | {"doing": _doing(now)})
    else:
        print_fields(_status_fields(now.view, _doing(now)))
    return EXIT_OK


def _doing(now: Status) -> str:
    """The render's present step, for people."""
    if now.rendering is None:
        return ""
    return ", ".join(filter(None, (f"{100 * now.rendering.share:.0f} % of the pictures", now.rendering.doing)))


def _status_fields(view: ContentView, doing: str) -> list[tuple[str, str]]:
    fields = [
        ("content", view.content_id),
        ("workflow", view.workflow_id if view.workflow_id != content_workflow_id(view.content_id) else ""),
        ("title", view.title),
        ("stage", f"{view.stage}, {view.percent} %"),
        ("doing", doing),
        *view.steps.items(),
        ("review", f"wanted; `reelwright review show {view.content_id}`" if view.review else ""),
        *(("note", note) for note in view.notes),
        ("error", view.error),
        ("you", view.remedy),
        ("cost", f"${view.cost_usd:.4f}"),
    ]
    return [(name, value) for name, value in fields if value]


async def list_contents(
    *, stage: str | None, channel: str | None, limit: int, cursor: str | None, as_json: bool
) -> int:
    """Newest first, each content once."""
    async with opened() as (_, studio):
        page = await contents_of(studio, stage=stage, limit=limit, cursor=cursor, channel=named_channel(channel))
    if as_json:
        rows: list[dict[str, Any]] = [one.as_json() for one in page.rows]
        print_json({"contents": rows, "next_cursor": page.next_cursor or ""})
        return EXIT_OK
    print_records(
        ("content", "stage", "channel", "started", "cost", "title"),
        [
            Record((one.id, one.stage, one.channel, local(one.started), f"${one.usd:.4f}", one.title))
            for one in page.rows
        ],
        nothing="no contents yet" if stage is None else f"no content is in the stage {stage}",
    )
    say_more(page.next_cursor)
    return EXIT_OK


async def cancel(id: str) -> int:
    """Requests cancellation; the content updates its row by itself."""
    from control import operations

    async with opened() as (_, studio):
        content = await operations.cancel(studio, id)
    say(f"{plain(content.content_id)} is asked to stop")
    return EXIT_OK


async def posts(
    content_id: str | None,
    *,
    platform: str | None,
    stage: str | None,
    channel: str | None = None,
    limit: int,
    cursor: str | None = None,
    as_json: bool,
) -> int:
    """Publications and what they wait for."""
    wanted, of = named(platform), named_channel(channel)
    async with opened() as (_, studio):
        page = await posts_of(
            studio,
            id=content_id,
            platform=wanted,
            stage=stage,
            limit=limit,
            cursor=cursor,
            channel=of,
        )
    if as_json:
        print_json({"posts": [row.as_json() for row in page.rows], "next_cursor": page.next_cursor or ""})
        return EXIT_OK
    print_records(
        ("content", "platform", "account", "kind", "stage", "channel"),
        [
            Record((row.content_id, row.platform, row.account, row.kind, row.stage, row.channel), _lines(row))
            for row in page.rows
        ],
        nothing="no posts yet",
    )
    say_more(page.next_cursor)
    return EXIT_OK


def _lines(row: PostRow) -> tuple[str, ...]:
    """Address or detail, what is required of a person, notes, and why it could not be queried."""
    wants = f"please {row.wants}" if row.wants else ""
    return (row.url or row.detail, wants, "; ".join(row.notes), row.error)


async def review_list(*, as_json: bool) -> int:
    """Running contents with an open question."""
    async with opened() as (_, studio):
        listed = await reviews_of(studio)
    if as_json:
        print_json({"reviews": [one.as_json() for one in listed]})
        return EXIT_OK
    print_records(
        ("content", "since", "channel", "title"),
        [
            Record((one.id, local(one.started), one.channel, one.title), (f"reelwright review show {quoted(one.id)}",))
            for one in listed
        ],
        nothing="nothing waits for a review",
    )
    return EXIT_OK
