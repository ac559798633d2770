"""What the commands about posts do: `posts`, `settle`, `retry`. Each returns its exit code."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from reelwright.domain.errors import InvalidInput
from workers.media import media_store

from . import contents, publications
from .console import EXIT_FAILURE, EXIT_OK, plain, print_json, say
from .filed import filed_contents
from .names import named, platform_of
from .posts_listing import PostRow, posts_listed
from .reach import studio
from .resolve import resolve
from .tables import Record, print_records


async def posts(content_id: str | None, *, platform: str | None, stage: str | None, limit: int, as_json: bool) -> int:
    """Publications and what they wait for."""
    wanted = named(platform)
    async with studio() as found, filed_contents(found.settings) as filed:
        content = await resolve(found.client, filed, content_id) if content_id is not None else None
        rows = await posts_listed(found.client, filed, content=content, platform=wanted, stage=stage, limit=limit)
    if as_json:
        print_json({"posts": [row.as_json() for row in rows]})
        return EXIT_OK
    print_records(
        ("content", "platform", "account", "stage"),
        [Record((row.content_id, row.platform, row.account, row.stage), _lines(row)) for row in rows],
        nothing="no posts yet",
    )
    return EXIT_OK


def _lines(row: PostRow) -> tuple[str, ...]:
    """Address or detail, what is wanted, notes, and why it could not be asked."""
    wants = f"please {row.wants}" if row.wants else ""
    return (row.url or row.detail, wants, "; ".join(row.notes), row.error)


async def settle(
    content_id: str, *, platform: str, account: str, posted: str | None, not_posted: bool, url: str, by: str
) -> int:
    """A person has looked at the account."""
    if (posted is None) == (not not_posted):
        raise InvalidInput("say either", field="settle", remedy="--posted POST_ID or --not-posted")
    if posted is not None and not posted.strip():
        raise InvalidInput("it is empty", field="--posted", remedy="give the post's id on the platform")
    place = platform_of(platform)
    async with studio() as found, filed_contents(found.settings) as filed:
        content = await resolve(found.client, filed, content_id)
        handle = await publications.find(found.client, content.content_id, place, account)
        await publications.settle(handle, post_id=posted.strip() if posted else None, url=url, by=by)
    say(f"{plain(content.content_id)} on {place.label}: {'posted' if posted else 'not posted'}, by {plain(by)}")
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
    from .background import background_of
    from .deliver import deliver
    from .ticking import regular_lines

    wanted = [platform_of(name) for name in platforms]
    if again_by and not wanted:
        raise InvalidInput(
            "it makes another post, so say where", field="--post-again", remedy="for example --platform youtube"
        )
    async with studio(start=True) as found, filed_contents(found.settings) as filed:
        content = await resolve(found.client, filed, content_id)
        async with regular_lines(lambda: "waiting for the content to end"):
            result = await contents.ended(found.client, filed, content)
        result = await publications.up_to_date(found.client, result, filed)
        failed = [
            post
            for post in result.posts
            if (post.status != "posted" or again_by)
            and post.platform in (wanted or [post.platform])
            and account in (None, post.account)
        ]
        if not failed:
            raise InvalidInput(
                f"{content.content_id} has no failed post there",
                field="platform",
                remedy=f"see `reelwright posts {content.content_id}`",
            )
        for post in failed:
            handle = await publications.find(found.client, content.content_id, post.platform, post.account)
            again = await publications.retry(found.client, handle, again_by=again_by)
            say(f"trying {post.platform.label} ({plain(post.account)}) again")
            async with regular_lines(lambda: "waiting for the post"):
                ended = await publications.outcome(again, post.platform, post.account)
            say(f"  {post.platform.value}: {plain(ended.url or ended.error or ended.status)}")
        result = await publications.up_to_date(found.client, result, filed)
        folder = out_dir or Path("out") / content.content_id
        known = await background_of(found.client, filed, content, result)
        report = await deliver(result, media_store(found.settings), folder, known)
    if as_json:
        print_json(report.model_dump(mode="json"))
    return EXIT_OK if all(post.status == "posted" for post in result.posts) else EXIT_FAILURE
