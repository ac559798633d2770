"""What the commands about posts do: `posts`, `settle`, `retry`. Each returns its exit code."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from reelwright.domain.errors import InvalidInput
from reelwright.domain.publishing.posting import PostResult
from reelwright.storage.contents import PostgresContents
from workers.media import media_store

from . import contents, publications
from .console import EXIT_FAILURE, EXIT_OK, plain, print_json, say
from .filed import filed_contents
from .names import named, platform_of
from .posts_listing import PostRow, posts_listed
from .reach import Studio, studio
from .resolve import Content, resolve
from .retrying import Wanted, outcomes, retry_all
from .tables import Record, count, print_records
from .ticking import regular_lines


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
    wait: bool = True,
    out_dir: Path | None,
    as_json: bool,
) -> int:
    """Tries posts again, all at the same time, and with `wait` waits for these and no others. With `again_by` (who
    asks) those that are posted already are posted once more. The report of a content that has ended is brought up to
    date; one that still runs makes its own."""
    wanted = Wanted([platform_of(name) for name in platforms], account, again_by)
    if again_by and not wanted.platforms:
        raise InvalidInput(
            "it makes another post, so say where", field="--post-again", remedy="for example --platform youtube"
        )
    async with studio(start=True, keep=not wait) as found, filed_contents(found.settings) as filed:
        content = await resolve(found.client, filed, content_id)
        started = await retry_all(found.client, filed, content, wanted)
        for each in started:
            said = f"is not tried again: {plain(each.error)}" if each.error else "is tried again"
            say(f"{each.platform.label} ({plain(each.account)}) {said}")
        if not wait:
            _tell_retried(content, tuple(each.running() for each in started), as_json=as_json)
            return EXIT_FAILURE if any(each.error for each in started) else EXIT_OK
        async with regular_lines(lambda: f"waiting for {count(len(started), 'post')}"):
            posts = await outcomes(started)
        for post in posts:
            say(f"  {post.platform.value}: {plain(post.url or post.error or post.status)}")
        content = await resolve(found.client, filed, content_id)
        if contents.is_running(content):
            _tell_retried(content, posts, as_json=as_json)
            return EXIT_OK if all(post.status == "posted" for post in posts) else EXIT_FAILURE
        return await _brought_up_to_date(found, filed, content, out_dir, as_json=as_json)


def _tell_retried(content: Content, posts: Sequence[PostResult], *, as_json: bool) -> None:
    """The posts that are tried again, as far as they are, where there is no report to bring up to date."""
    if as_json:
        listed = [post.model_dump(mode="json", exclude={"video"}) for post in posts]
        print_json({"content_id": content.content_id, "posts": listed})
    else:
        say(f"see `reelwright posts {plain(content.content_id)}`")


async def _brought_up_to_date(
    found: Studio, filed: PostgresContents | None, content: Content, out_dir: Path | None, *, as_json: bool
) -> int:
    """The report of a content that has ended, with what has become of its posts since."""
    from .background import background_of
    from .deliver import deliver

    result = await contents.ended(found.client, filed, content)
    result = await publications.up_to_date(found.client, result, filed)
    folder = out_dir or Path("out") / content.content_id
    known = await background_of(found.client, filed, content, result)
    report = await deliver(result, media_store(found.settings), folder, known)
    if as_json:
        print_json(report.model_dump(mode="json"))
    return EXIT_OK if all(post.status == "posted" for post in result.posts) else EXIT_FAILURE
