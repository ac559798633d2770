"""A content's publications, each a workflow of its own: list them, wake them, settle them, try them again."""

from __future__ import annotations

import asyncio
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

from reelwright.domain.content.status import ContentResult, Stage
from reelwright.domain.errors import InvalidInput, NotFound
from reelwright.domain.formats import Platform
from reelwright.domain.ids import post_marker, publish_workflow_id
from reelwright.domain.publishing.outcomes import PostResult, PublicationStatus, missing_from
from reelwright.storage.contents import PostgresContents
from workflows.queues import MAIN_QUEUE

from .resolve import described
from .temporal import port
from .temporal.port import CallFailed, Client, Code, RunFailed, RunStatus, Start

if TYPE_CHECKING:  # what is posted is read by what posts it again
    from reelwright.domain.publishing.posting import PublishTask

Handle: TypeAlias = port.Handle[PostResult]
UNDER_WAY = "ExecutionStatus = 'Running'"


def publication(client: Client, content_id: str, platform: Platform, account: str = "default") -> Handle:
    """The handle of one publication, its newest run. `content_id` is the content's, not a workflow id."""
    return client.handle(publish_workflow_id(content_id, platform.value, account), PostResult)


async def find(client: Client, content_id: str, platform: Platform, account: str = "default") -> Handle:
    """The same, or `InvalidInput` when the content has no such publication."""
    handle = publication(client, content_id, platform, account)
    try:
        await handle.describe()
    except CallFailed as error:
        if error.code is not Code.NOT_FOUND:
            raise
        raise NotFound(
            f"{content_id} has no publication on {platform.label} ({account})",
            field="platform",
            remedy=f"see `reelwright posts {content_id}`",
        ) from error
    return handle


async def wake_publications(client: Client, platform: Platform, account: str = "") -> int:
    """Signals the waiting publications of a platform (or of one account there) to check again; returns how many."""
    told = 0
    async for workflow in client.runs(f"ReelPlatform = '{platform.value}' AND {UNDER_WAY}"):
        if account and not workflow.id.endswith(f"/{platform.value}/{account}"):
            continue
        try:
            await client.handle(workflow.id, object).signal("resume")
            told += 1
        except CallFailed as error:
            if error.code is not Code.NOT_FOUND:  # it has ended meanwhile
                raise
    return told


async def status_of(handle: port.Handle[Any], timeout: timedelta | None = None) -> PublicationStatus:
    """The publication's own answer."""
    return await handle.query("status", result_type=PublicationStatus, timeout=timeout)


async def settle(handle: Handle, *, post_id: str | None, url: str, by: str) -> None:
    """A person's word on a parked publication: its post's id, or None for: there is no post."""
    status = await status_of(handle)
    if status.stage != "parked":
        raise InvalidInput(
            f"it is {status.stage}, and nobody is asked about it", field="id", remedy="see `reelwright posts`"
        )
    if post_id is None:
        await handle.signal("not_posted", {"by": by})
    else:
        await handle.signal("posted", {"post_id": post_id, "url": url, "by": by})


async def retry(client: Client, handle: Handle, *, again_by: str = "") -> Handle:
    """Starts a failed publication again, from the same artifacts; one that is running is signalled to check again.

    With `again_by`, the requester's name, the artifacts are posted although this content has a live post on the
    account."""
    description = await handle.describe()
    if description.status is RunStatus.RUNNING:
        if again_by:
            raise InvalidInput("it is under way", field="post-again", remedy="wait for its end, or cancel it first")
        await handle.signal("resume")
        return handle
    if description.status is RunStatus.COMPLETED and not again_by:
        raise InvalidInput(
            "it is posted already", field="id", remedy="see `reelwright posts`; --post-again makes another post"
        )
    from reelwright.domain.publishing.posting import PublishTask

    task = await handle.query("task", result_type=PublishTask)
    return await client.start(
        description.workflow_type,
        posted_again(task, again_by) if again_by else task,
        Start(
            id=handle.id,
            task_queue=MAIN_QUEUE,
            again="always",
            joins=not again_by,
            summary=task.draft.title[:100],
            keywords={"ReelChannel": task.channel} if task.channel else {},
        ),
        result_type=PostResult,
    )


def posted_again(task: PublishTask, by: str) -> PublishTask:
    """The same post as another one: with a key and a marker of its own, so that neither is taken for the other."""
    key = f"{task.key.partition('/again-')[0]}/again-{secrets.token_hex(4)}"
    draft = task.draft.model_copy(update={"marker": post_marker(key)})
    return task.model_copy(update={"key": key, "draft": draft, "again_by": by})


async def outcome(handle: Handle, platform: Platform, account: str) -> PostResult:
    """How a publication ended; waits for it."""
    try:
        return await handle.result()
    except RunFailed as error:
        return PostResult(platform=platform, account=account, status="failed", error=error.reason)


async def up_to_date(client: Client, result: ContentResult, filed: PostgresContents | None = None) -> ContentResult:
    """A content's result with the later outcomes of its failed posts: a later `retry` counts. Runs that Temporal no
    longer has are read from the database."""
    posts = await as_they_are(client, result.content_id, result.posts, filed)
    if posts == result.posts:
        return result
    missing = missing_from(posts)
    status = Stage.INCOMPLETE if missing else Stage.DONE
    return result.model_copy(update={"posts": posts, "status": status, "reason": missing})


async def as_they_are(
    client: Client, content_id: str, posts: tuple[PostResult, ...], filed: PostgresContents | None = None
) -> tuple[PostResult, ...]:
    """A content's posts, with what has become of the failed ones since."""
    return tuple(await asyncio.gather(*(_as_it_is_now(client, filed, content_id, post) for post in posts)))


async def _as_it_is_now(
    client: Client, filed: PostgresContents | None, content_id: str, post: PostResult
) -> PostResult:
    if post.status == "posted":
        return post
    run = await described(client, publish_workflow_id(content_id, post.platform.value, post.account))
    if run is not None and run.status is RunStatus.COMPLETED:
        return await publication(client, content_id, post.platform, post.account).result()
    if run is None and filed is not None:
        rows = await filed.posts(10, content_id=content_id, platform=post.platform.value)
        for row in rows:
            if row.account == post.account and row.state == "posted":
                return post.model_copy(update={"status": "posted", "post_id": row.post_id, "url": row.url, "error": ""})
    return post
