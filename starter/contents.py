"""Starting contents and speaking to them, through Temporal and nothing else."""

from __future__ import annotations

from datetime import timedelta

from temporalio.client import (
    Client,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowUpdateFailedError,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, CancelledError
from temporalio.service import RPCError, RPCStatusCode

from reelwright.domain.errors import InvalidInput, ReelwrightError
from reelwright.domain.ids import CONTENT_PREFIX, content_workflow_id, sha256_of
from reelwright.domain.request import ContentRequest, ReviewDecision
from reelwright.domain.status import ContentResult, PipelineStatus
from workflows import policies

Handle = WorkflowHandle[object, ContentResult]
SOON = timedelta(seconds=10)
MEMO_REQUEST = "request_sha256"
RETRYABLE = (
    WorkflowExecutionStatus.FAILED,
    WorkflowExecutionStatus.CANCELED,
    WorkflowExecutionStatus.TERMINATED,
    WorkflowExecutionStatus.TIMED_OUT,
)


class ContentFailed(ReelwrightError):
    """The pipeline ended in failure; the message is the pipeline's own."""


def handle_of(client: Client, id: str) -> Handle:
    """By content id or by workflow id."""
    workflow_id = id if id.startswith(CONTENT_PREFIX) else content_workflow_id(id)
    return client.get_workflow_handle(workflow_id, result_type=ContentResult)


async def start(client: Client, content_id: str, request: ContentRequest) -> tuple[Handle, bool]:
    """(handle, whether it was started now). The same id with the same request is one run; after a failure it is
    taken up again, with everything that was finished kept. Another request under the id is an `InvalidInput`."""
    digest = sha256_of(request)
    handle = handle_of(client, content_id)
    if (known := await _known(handle)) is not None:
        status, memo = known
        if memo not in (None, digest):
            raise InvalidInput(
                f"{content_id!r} already belongs to another request",
                field="key" if request.request_key else "id",
                remedy="choose another one",
            )
        if status not in RETRYABLE:
            return handle, False
    await client.start_workflow(
        "ContentPipeline",
        request,
        id=handle.id,
        task_queue=policies.MAIN_QUEUE,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        memo={MEMO_REQUEST: digest},
        static_summary=f"{request.source}: {(request.title or request.topic or request.source)[:80]}",
    )
    return handle, True


async def _known(handle: Handle) -> tuple[WorkflowExecutionStatus | None, str | None] | None:
    try:
        description = await handle.describe()
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            return None
        raise
    return description.status, (await description.memo()).get(MEMO_REQUEST)


async def status_of(handle: Handle) -> PipelineStatus:
    """The content's own answer; `InvalidInput` when there is no such content."""
    try:
        answer: PipelineStatus = await handle.query("status", result_type=PipelineStatus, rpc_timeout=SOON)
        return answer
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            raise _unknown(handle) from error
        raise


async def submit_review(handle: Handle, decision: ReviewDecision) -> PipelineStatus:
    """Hands in a decision; a refusal comes back as `InvalidInput` with the pipeline's reason."""
    try:
        after: PipelineStatus = await handle.execute_update("submit_review", decision, result_type=PipelineStatus)
        return after
    except WorkflowUpdateFailedError as error:
        reason = error.cause.message if isinstance(error.cause, ApplicationError) else str(error.cause)
        raise InvalidInput(reason, field="review") from error
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            raise _unknown(handle) from error
        raise


async def cancel(handle: Handle) -> None:
    """Asks the content to stop; what it has made is kept."""
    try:
        await handle.cancel()
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            raise _unknown(handle) from error
        raise


async def result_of(handle: Handle) -> ContentResult:
    """The end of a content. A failure is raised in the pipeline's own words, as `InvalidInput` if it was that."""
    try:
        return await handle.result()
    except WorkflowFailureError as error:
        cause = error.cause
        if isinstance(cause, CancelledError):
            raise ContentFailed("it was cancelled", field=handle.id) from error
        if isinstance(cause, ApplicationError):
            kind = InvalidInput if cause.type == "InvalidInput" else ContentFailed
            raise kind(cause.message) from error
        raise ContentFailed(str(cause or error), field=handle.id) from error


def _unknown(handle: Handle) -> InvalidInput:
    return InvalidInput(
        f"there is no running content {handle.id.removeprefix(CONTENT_PREFIX)!r}",
        field="id",
        remedy="see `reelwright list`",
    )
