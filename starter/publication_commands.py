"""What the commands about posts do: `posts`, `settle`, `retry`. Each returns its exit code."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from control import contents, operations
from control.names import platform_of
from control.resolve import Content
from control.retrying import Wanted
from control.studio import Studio
from reelwright.domain.errors import InvalidInput
from reelwright.domain.publishing.outcomes import PostResult, by_place

from .console import EXIT_FAILURE, EXIT_OK, plain, print_json, say
from .opening import opened
from .tables import count
from .ticking import regular_lines


async def settle(
    content_id: str, *, platform: str, account: str, posted: str | None, not_posted: bool, url: str, by: str
) -> int:
    """A person has looked at the account."""
    if (posted is None) == (not not_posted):
        raise InvalidInput("say either", field="settle", remedy="--posted POST_ID or --not-posted")
    if posted is not None and not posted.strip():
        raise InvalidInput("it is empty", field="--posted", remedy="give the post's id on the platform")
    place = platform_of(platform)
    async with opened() as (_, studio):
        content = await operations.settle(
            studio, content_id, place, account, post_id=posted.strip() if posted else None, url=url, by=by
        )
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
    """Tries posts again, all at the same time, and with `wait` waits for these and no others. With `again_by` (the
    requester) those that are posted already are posted once more. The report of a content that has ended is updated;
    one that still runs makes its own."""
    wanted = Wanted([platform_of(name) for name in platforms], account, again_by)
    if again_by and not wanted.platforms:
        raise InvalidInput(
            "it makes another post, so say where", field="--post-again", remedy="for example --platform youtube"
        )
    async with opened(start=True, keep=not wait) as (_, studio):
        content, started = await operations.retry(studio, content_id, wanted)
        for each in started:
            said = f"is not tried again: {plain(each.error)}" if each.error else "is tried again"
            say(f"{each.platform.label} ({plain(each.account)}) {said}")
        if not wait:
            _tell_retried(content, tuple(each.running() for each in started), as_json=as_json)
            return EXIT_FAILURE if any(each.error for each in started) else EXIT_OK
        async with regular_lines(lambda: f"waiting for {count(len(started), 'post')}"):
            content, posts = await operations.retried(studio, content_id, started)
        for where, post in by_place(posts).items():
            say(f"  {plain(where)}: {plain(post.url or post.error or post.status)}")
        if contents.is_running(content):
            _tell_retried(content, posts, as_json=as_json)
            return EXIT_OK if all(post.status == "posted" for post in posts) else EXIT_FAILURE
        return await _brought_up_to_date(studio, content, out_dir, as_json=as_json)


def _tell_retried(content: Content, posts: Sequence[PostResult], *, as_json: bool) -> None:
    """The posts that are tried again, as far as they are, where there is no report to bring up to date."""
    if as_json:
        listed = [post.model_dump(mode="json", exclude={"video"}) for post in posts]
        print_json({"content_id": content.content_id, "posts": listed})
    else:
        say(f"see `reelwright posts {plain(content.content_id)}`")


async def _brought_up_to_date(studio: Studio, content: Content, out_dir: Path | None, *, as_json: bool) -> int:
    """The report of a content that has ended, with what has become of its posts since."""
    result = await operations.end_of(studio, content)
    delivery = await operations.fetch(studio, content, result, out_dir or Path("out") / content.content_id)
    if as_json:
        print_json(delivery.report.model_dump(mode="json"))
    return EXIT_OK if all(post.status == "posted" for post in result.posts) else EXIT_FAILURE
