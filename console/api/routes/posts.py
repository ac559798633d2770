"""Posts: list, try again, settle; what holds them: pauses and quotas."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query

from control import operations, pauses, quotas
from control.posts_listing import posts_of
from control.retrying import Wanted
from reelwright.domain.errors import NotFound, ProviderUnavailable
from reelwright.domain.formats import Platform
from reelwright.domain.people import Role
from reelwright.domain.publishing.quota import buckets_of

from ..calls import Call, Called
from ..models.common import Done
from ..models.posts import (
    Limit as LimitNow,
)
from ..models.posts import (
    NewLimit,
    NewPause,
    PauseList,
    PostList,
    QuotaList,
    QuotaRow,
    Resumed,
    Retried,
    RetriedList,
    Retry,
    Settle,
)
from ..parameters import ROWS, AccountQuery, After, ChannelQuery, Limit, PlatformPath, PlatformQuery
from ..routing import operation

TAG, HELD = "Posts", "Quotas and pauses"


@operation("GET", "/v1/posts", needs=Role.VIEWER, tag=TAG, answers=PostList)
async def list_posts(
    call: Called,
    content: Annotated[str | None, Query(min_length=1, max_length=1_000, description="only of this content")] = None,
    platform: PlatformQuery = None,
    stage: Annotated[str | None, Query(max_length=40, description="for example `posted`, `parked`, `failed`")] = None,
    channel: ChannelQuery = None,
    limit: Limit = ROWS,
    after: After = None,
) -> PostList:
    """All posts, newest first: those that exist, those under way, and those that have failed."""
    page = await posts_of(
        call.studio,
        content,
        platform=platform,
        stage=stage,
        limit=limit,
        cursor=call.after("posts", after),
        channel=channel,
    )
    return PostList(items=page.rows, next=call.next("posts", page.next_cursor))


@operation(
    "POST", "/v1/posts/retry", needs=Role.OPERATOR, tag=TAG, answers=RetriedList, status=202,
    once="required", repeatable=False,
)  # fmt: skip
async def retry_posts(call: Called, body: Retry) -> RetriedList:
    """Tries posts of a content again, all at the same time. Nothing is waited for."""
    again_by = call.caller.name if body.post_again else ""
    wanted = Wanted(body.platforms, body.account, again_by)
    content, started = await operations.retry(call.studio, body.content_id, wanted)
    rows = tuple(Retried.model_validate(one.running()) for one in started)
    return RetriedList(content_id=content.content_id, items=rows)


@operation("POST", "/v1/posts/settle", needs=Role.OPERATOR, tag=TAG, answers=Done)
async def settle_post(call: Called, body: Settle) -> Done:
    """Your word on a parked post, after you have looked at the account. It goes on with it."""
    content = await operations.settle(
        call.studio,
        body.content_id,
        body.platform,
        body.account,
        post_id=body.post_id if body.posted else None,
        url=body.url,
        by=call.caller.name,
    )
    return Done(done=f"{content.content_id} on {body.platform.value}: {'posted' if body.posted else 'not posted'}")


# --- quotas ----------------------------------------------------------------------------------------------------------


@operation("GET", "/v1/quota", needs=Role.VIEWER, tag=HELD, answers=QuotaList)
async def list_quota(
    call: Called, platform: PlatformQuery = None, account: AccountQuery = None, channel: ChannelQuery = None
) -> QuotaList:
    """What is used of the platforms' quotas, what is booked, and when one more fits."""
    used = await quotas.quota(call.books, platform, account, channel)
    return QuotaList(items=tuple(QuotaRow(**vars(one.state), channels=one.channels) for one in used))


@operation("PUT", "/v1/quota/{platform}/{bucket}", needs=Role.ADMIN, tag=HELD, answers=LimitNow)
async def set_quota(
    call: Called, platform: PlatformPath, bucket: Annotated[str, Path(max_length=60)], body: NewLimit
) -> LimitNow:
    """Another limit of a counter, for all accounts or one."""
    if bucket not in buckets_of(platform):
        raise NotFound(
            f"{platform.label} has no counter {bucket[:60]!r}",
            field="bucket",
            remedy=f"choose from {', '.join(buckets_of(platform)) or 'none'}",
        )
    what = await quotas.set_limit(call.books, platform, bucket, body.limit, body.account, by=call.caller.name)
    return LimitNow(platform=platform, bucket=bucket, account=body.account or "", limit=body.limit, what=what)


# --- pauses ----------------------------------------------------------------------------------------------------------


@operation("GET", "/v1/pauses", needs=Role.VIEWER, tag=HELD, answers=PauseList)
async def list_pauses(call: Called) -> PauseList:
    """What posts nothing until it is resumed."""
    return PauseList(items=tuple(await pauses.pauses(call.books)))


@operation("POST", "/v1/pauses", needs=Role.OPERATOR, tag=HELD, answers=PauseList)
async def pause_posts(call: Called, body: NewPause) -> PauseList:
    """Nothing is posted there until it is resumed; what is being sent is finished."""
    books = call.books
    await pauses.pause(books, body.platform, body.account or "", by=call.caller.name, note=body.note)
    return PauseList(items=tuple(await pauses.pauses(books)))


@operation("DELETE", "/v1/pauses/{platform}", needs=Role.OPERATOR, tag=HELD, answers=Resumed)
async def resume_posts(call: Called, platform: PlatformPath, account: AccountQuery = None) -> Resumed:
    """Ends a pause, and tells the posts that wait for it."""
    resumed = await pauses.resume(call.books, platform, account or "", by=call.caller.name)
    return Resumed(ended=resumed.ended, left=resumed.left, woken=await _woken(call, platform, account or ""))


async def _woken(call: Call, platform: Platform, account: str) -> int | None:
    """How many were told; None while Temporal is away: they look by themselves once an hour."""
    from ...problems import problem_of

    try:
        return await pauses.wake(call.studio, platform, account)
    except ProviderUnavailable:
        return None
    except Exception as error:
        if problem_of(error).status != 503:
            raise
        return None


OPERATIONS = [
    list_posts,
    retry_posts,
    settle_post,
    list_quota,
    set_quota,
    list_pauses,
    pause_posts,
    resume_posts,
]
