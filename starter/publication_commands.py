"""What the commands about posts do: `posts`, `settle`, `retry`. Each returns its exit code."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from reelwright.domain.errors import InvalidInput
from reelwright.domain.ids import CONTENT_PREFIX
from workers.media import media_store

from . import contents, publications
from .console import EXIT_FAILURE, EXIT_OK, out, print_json, say
from .deliver import deliver, report_of
from .reach import studio


async def posts(content_id: str | None, *, platform: str | None, stage: str | None, limit: int, as_json: bool) -> int:
    """Publications and what they wait for."""
    wanted = publications.platform_of(platform) if platform else None
    async with studio() as found:
        rows = await publications.listed(found.client, content_id=content_id, platform=wanted, stage=stage, limit=limit)
    if as_json:
        print_json({"posts": rows})
        return EXIT_OK
    table = Table(box=None, pad_edge=False)
    for column in ("content", "platform", "account", "stage", "detail"):
        table.add_column(column, overflow="fold")
    for row in rows:
        detail = [row["url"] or row["detail"], row["wants"] and f"please {row['wants']}", *row["notes"]]
        told = "\n".join(escape(str(part)) for part in detail if part)
        table.add_row(*(escape(row[name]) for name in ("content_id", "platform", "account", "stage")), told)
    out.print(table if rows else "no posts yet")
    return EXIT_OK


async def settle(
    content_id: str, *, platform: str, account: str, posted: str | None, not_posted: bool, url: str, by: str
) -> int:
    """A person has looked at the account."""
    if (posted is None) == (not not_posted):
        raise InvalidInput("say either", field="settle", remedy="--posted POST_ID or --not-posted")
    if posted is not None and not posted.strip():
        raise InvalidInput("it is empty", field="--posted", remedy="give the post's id on the platform")
    place = publications.platform_of(platform)
    async with studio() as found:
        handle = await publications.find(found.client, content_id, place, account)
        await publications.settle(handle, post_id=posted.strip() if posted else None, url=url, by=by)
    say(f"{escape(content_id)} on {place.label}: {'posted' if posted else 'not posted'}, by {escape(by)}")
    return EXIT_OK


async def retry(
    content_id: str,
    *,
    platforms: Sequence[str],
    account: str | None,
    again_by: str = "",
    out_dir: Path | None,
    as_json: bool,
) -> int:
    """Tries failed publications again and waits for them; the report is brought up to date. With `again_by` (who asks)
    those that are posted already are posted once more."""
    content_id = content_id.removeprefix(CONTENT_PREFIX)
    wanted = [publications.platform_of(name) for name in platforms]
    if again_by and not wanted:
        raise InvalidInput(
            "it makes another post, so say where", field="--post-again", remedy="for example --platform youtube"
        )
    async with studio(start=True) as found:
        result = await contents.result_of(contents.handle_of(found.client, content_id))
        result = await publications.up_to_date(found.client, result)
        failed = [
            post
            for post in result.posts
            if (post.status != "posted" or again_by)
            and post.platform in (wanted or [post.platform])
            and account in (None, post.account)
        ]
        if not failed:
            raise InvalidInput(
                f"{content_id} has no failed post there",
                field="platform",
                remedy=f"see `reelwright posts {content_id}`",
            )
        for post in failed:
            handle = await publications.find(found.client, content_id, post.platform, post.account)
            again = await publications.retry(found.client, handle, again_by=again_by)
            say(f"trying {post.platform.label} ({escape(post.account)}) again")
            ended = await publications.outcome(again, post.platform, post.account)
            say(f"  {post.platform.value}: {escape(ended.url or ended.error or ended.status)}")
        result = await publications.up_to_date(found.client, result)
        folder = out_dir or Path("out") / content_id
        await deliver(result, media_store(found.settings), folder)
    if as_json:
        print_json(report_of(result, base=folder))
    return EXIT_OK if all(post.status == "posted" for post in result.posts) else EXIT_FAILURE
