"""A content's publications, each a workflow of its own: list them, wake them, settle them, try them again."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from temporalio.client import Client, WorkflowExecutionStatus, WorkflowFailureError, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError, RPCStatusCode

from reelwright.domain.errors import InvalidInput
from reelwright.domain.formats import Platform
from reelwright.domain.ids import CONTENT_PREFIX, post_marker, publish_workflow_id
from reelwright.domain.posting import PostResult, PublicationStatus, PublishTask
from reelwright.domain.status import ContentResult, Stage
from workflows import policies
from workflows.failures import reason_of

Handle = WorkflowHandle[Any, PostResult]
RUNNING = "ExecutionStatus = 'Running'"


def platform_of(name: str) -> Platform:
    """The platform of a typed name."""
    try:
        return Platform(name.strip().lower())
    except ValueError:
        choices = ", ".join(platform.value for platform in Platform)
        raise InvalidInput(
            f"unknown platform {name[:40]!r}", field="platform", remedy=f"choose from {choices}"
        ) from None


def publication(client: Client, content_id: str, platform: Platform, account: str = "default") -> Handle:
    """The handle of one publication, its newest run."""
    content_id = content_id.removeprefix(CONTENT_PREFIX)
    return client.get_workflow_handle(publish_workflow_id(content_id, platform.value, account), result_type=PostResult)


async def find(client: Client, content_id: str, platform: Platform, account: str = "default") -> Handle:
    """The same, or `InvalidInput` when the content has no such publication."""
    handle = publication(client, content_id, platform, account)
    try:
        await handle.describe()
    except RPCError as error:
        if error.status != RPCStatusCode.NOT_FOUND:
            raise
        raise InvalidInput(
            f"{content_id} has no publication on {platform.label} ({account})",
            field="platform",
            remedy=f"see `reelwright posts {content_id}`",
        ) from error
    return handle


async def wake_publications(client: Client, platform: Platform, account: str = "") -> int:
    """Tells the waiting publications of a platform (or of one account there) to look again; how many were told."""
    told = 0
    async for workflow in client.list_workflows(f"ReelPlatform = '{platform.value}' AND {RUNNING}"):
        if account and not workflow.id.endswith(f"/{platform.value}/{account}"):
            continue
        try:
            await client.get_workflow_handle(workflow.id).signal("resume")
            told += 1
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND:  # it has ended meanwhile
                raise
    return told


async def listed(
    client: Client, *, content_id: str | None, platform: Platform | None, stage: str | None, limit: int
) -> list[dict[str, Any]]:
    """Publications, newest first, as rows for people. `stage` is a plain word; nothing else gets into the query."""
    query = [f"ReelPlatform {f'= {platform.value!r}' if platform else 'IS NOT NULL'}"]
    if stage is not None:
        if not stage.replace("_", "").isalpha():
            raise InvalidInput(f"unknown stage {stage[:40]!r}", field="stage", remedy="for example parked or failed")
        query.append(f"ReelStage = '{stage}'")
    if content_id is not None:
        query.append(f"ReelContentId = '{_plain(content_id.removeprefix(CONTENT_PREFIX))}'")
    rows: list[dict[str, Any]] = []
    async for workflow in client.list_workflows(" AND ".join(query), limit=limit):
        attributes = {pair.key.name: pair.value for pair in workflow.typed_search_attributes}
        status = await status_of(client.get_workflow_handle(workflow.id, run_id=workflow.run_id))
        rows.append(
            {
                "content_id": attributes.get("ReelContentId", ""),
                "platform": attributes.get("ReelPlatform", ""),
                "account": status.account,
                "stage": status.stage,
                "detail": status.detail,
                "until": status.until.isoformat() if status.until else "",
                "wants": status.wants,
                "url": status.post.url if status.post else "",
                "post_id": status.post.post_id if status.post else "",
                "notes": list(status.notes),
                "workflow_id": workflow.id,
            }
        )
    return rows


async def status_of(handle: WorkflowHandle[Any, Any], rpc_timeout: timedelta | None = None) -> PublicationStatus:
    """The publication's own answer."""
    answer: PublicationStatus = await handle.query("status", result_type=PublicationStatus, rpc_timeout=rpc_timeout)
    return answer


def _plain(content_id: str) -> str:
    if "'" in content_id or "\\" in content_id:
        raise InvalidInput(f"{content_id[:40]!r} is no content id", field="id")
    return content_id


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
    """Starts a failed publication again, from the same artifacts; one that is under way is told to look again.

    With `again_by`, who asks for it, the artifacts are posted although this content has a live post on the account."""
    description = await handle.describe()
    if description.status is WorkflowExecutionStatus.RUNNING:
        if again_by:
            raise InvalidInput("it is under way", field="post-again", remedy="wait for its end, or cancel it first")
        await handle.signal("resume")
        return handle
    if description.status is WorkflowExecutionStatus.COMPLETED and not again_by:
        raise InvalidInput(
            "it is posted already", field="id", remedy="see `reelwright posts`; --post-again makes another post"
        )
    task: PublishTask = await handle.query("task", result_type=PublishTask)
    return await client.start_workflow(
        description.workflow_type,
        posted_again(task, again_by) if again_by else task,
        id=handle.id,
        task_queue=policies.MAIN_QUEUE,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        id_conflict_policy=WorkflowIDConflictPolicy.FAIL if again_by else WorkflowIDConflictPolicy.USE_EXISTING,
        static_summary=task.draft.title[:100],
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
    except WorkflowFailureError as error:
        return PostResult(platform=platform, account=account, status="failed", error=reason_of(error.cause))


async def up_to_date(client: Client, result: ContentResult) -> ContentResult:
    """A content's result with what has become of its failed posts since: a later `retry` counts."""
    posts = []
    for post in result.posts:
        handle = publication(client, result.content_id, post.platform, post.account)
        if post.status != "posted" and await _completed(handle):
            post = await handle.result()
        posts.append(post)
    if tuple(posts) == result.posts:
        return result
    missing = [f"{post.platform.value}: {post.error}" for post in posts if post.status != "posted"]
    status = Stage.INCOMPLETE if missing else Stage.DONE
    return result.model_copy(update={"posts": tuple(posts), "status": status, "reason": "; ".join(missing)})


async def _completed(handle: Handle) -> bool:
    try:
        return (await handle.describe()).status is WorkflowExecutionStatus.COMPLETED
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            return False
        raise
