"""Starting contents and speaking to them, through Temporal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from temporalio.client import (
    Client,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowUpdateFailedError,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, CancelledError, TerminatedError
from temporalio.service import RPCError, RPCStatusCode

from reelwright.domain.content.decision import ReviewDecision
from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.status import ContentResult, PipelineStatus, Stage
from reelwright.domain.errors import InvalidInput, ReelwrightError
from reelwright.domain.ids import content_workflow_id, sha256_of
from reelwright.storage.contents import PostgresContents
from workflows import policies

from .resolve import PIPELINE, Content, described

Handle = WorkflowHandle[object, ContentResult]
SOON = timedelta(seconds=10)
MEMO_REQUEST, MEMO_TITLE = "request_sha256", "title"
SUMMARY_CHARS = 80
RETRYABLE = (
    WorkflowExecutionStatus.FAILED,
    WorkflowExecutionStatus.CANCELED,
    WorkflowExecutionStatus.TERMINATED,
    WorkflowExecutionStatus.TIMED_OUT,
)
RETRYABLE_IN_BOOKS = ("failed", "cancelled", "running")
"""A content of which the database has no end, and Temporal no run, was lost: it is taken up again."""


class ContentFailed(ReelwrightError):
    """The pipeline ended in failure; the message is the pipeline's own."""


def handle_of(client: Client, content: Content) -> Handle:
    """The content's newest run."""
    return client.get_workflow_handle(content.workflow_id, result_type=ContentResult)


async def start(
    client: Client, filed: PostgresContents | None, content_id: str, request: ContentRequest
) -> tuple[Content, bool]:
    """(content, whether it was started now). The same id with the same request is one run, also after Temporal has
    deleted it; after a failure it is started again, and everything that was finished is kept. Another request under
    the id is an `InvalidInput`."""
    content = await _known(client, filed, content_id)
    if await _is_under_way(content, filed, request):
        return content, False
    await client.start_workflow(
        PIPELINE,
        # What is not set is left out: a channel may set it.
        request.model_dump(mode="json", exclude_unset=True),
        id=content.workflow_id,
        task_queue=policies.MAIN_QUEUE,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        memo={MEMO_REQUEST: _identity(request), MEMO_TITLE: title_of(request)},
        static_summary=f"{request.source}: {title_of(request)}",
    )
    return content, True


def is_running(content: Content) -> bool:
    """Whether Temporal has an open run of it."""
    return content.run is not None and content.run.status is WorkflowExecutionStatus.RUNNING


def title_of(request: ContentRequest) -> str:
    """What a list calls a content before its story is written: its title, or the first words of what it is made of."""
    item = request.item.title or request.item.text if request.item else ""
    words = request.title or request.topic or request.script or item or request.feed or ""
    line = " ".join(re.sub(r"^\s*#+\s*", "", words).split())
    return line if len(line) <= SUMMARY_CHARS else line[: SUMMARY_CHARS - 1].rpartition(" ")[0] + "…"


async def _known(client: Client, filed: PostgresContents | None, content_id: str) -> Content:
    rows = [row for row in await filed.find(content_id) if row.content_id == content_id] if filed else []
    row = rows[0] if rows else None
    workflow_id = row.workflow_id if row else content_workflow_id(content_id)
    return Content(content_id, workflow_id, await described(client, workflow_id), row)


async def _is_under_way(content: Content, filed: PostgresContents | None, request: ContentRequest) -> bool:
    """Whether this request is running or has ended well. Raises for another request under the same id."""
    digest = await _digest(content.run)
    if digest is None and content.row is not None and filed is not None:
        documents = await filed.documents(content.content_id)
        known = ContentRequest.model_validate_json(documents.request_json) if documents else request
        digest = _identity(known)
    if digest not in (None, _identity(request)):
        raise InvalidInput(
            f"{content.content_id!r} already belongs to another request",
            field="key" if request.request_key else "id",
            remedy="choose another one",
        )
    if content.run is not None:
        return content.run.status not in RETRYABLE
    return content.row is not None and content.row.status not in RETRYABLE_IN_BOOKS


def _identity(request: ContentRequest) -> str:
    """What two requests for the same content have in common: one may allow it to cost more."""
    return sha256_of(request.model_copy(update={"max_usd": None}))


async def _digest(run: WorkflowExecutionDescription | None) -> str | None:
    return (await run.memo()).get(MEMO_REQUEST) if run is not None else None


async def status_of(handle: Handle, timeout: timedelta = SOON) -> PipelineStatus:
    """The content's own answer; `InvalidInput` when there is no such content."""
    with unknown_is_told(handle):
        answer: PipelineStatus = await handle.query("status", result_type=PipelineStatus, rpc_timeout=timeout)
    return answer


async def submit_review(handle: Handle, decision: ReviewDecision) -> PipelineStatus:
    """Hands in a decision; a refusal comes back as `InvalidInput` with the pipeline's reason."""
    try:
        with unknown_is_told(handle):
            after: PipelineStatus = await handle.execute_update("submit_review", decision, result_type=PipelineStatus)
        return after
    except WorkflowUpdateFailedError as error:
        reason = error.cause.message if isinstance(error.cause, ApplicationError) else str(error.cause)
        raise InvalidInput(reason, field="review") from error


async def cancel(handle: Handle) -> None:
    """Requests the content's cancellation; what it has made is kept."""
    with unknown_is_told(handle):
        await handle.cancel()


async def result_of(handle: Handle) -> ContentResult:
    """The end of a content. A failure is raised in the pipeline's own words, as `InvalidInput` if it was that."""
    try:
        with unknown_is_told(handle):
            return await handle.result()
    except WorkflowFailureError as error:
        raise failure_of(error, handle.id) from error


async def ended(client: Client, filed: PostgresContents | None, content: Content) -> ContentResult:
    """The end of a content, from Temporal while it has it, else from the database. Raises what made it fail."""
    if content.run is not None:
        return await result_of(handle_of(client, content))
    result = await result_filed(filed, content.content_id) if filed else None
    if result is None:
        raise ContentFailed("it ended without a result", field=content.workflow_id, remedy=START_AGAIN)
    if result.status is Stage.FAILED:
        raise ContentFailed(result.reason or "it failed", field=content.workflow_id)
    return result


async def result_filed(filed: PostgresContents, content_id: str) -> ContentResult | None:
    """How the content ended, as the database has it; None while it has not, or for an end without a result."""
    documents = await filed.documents(content_id)
    if documents is None or documents.result_json is None:
        return None
    return ContentResult.model_validate_json(documents.result_json)


def failure_of(error: WorkflowFailureError, workflow_id: str) -> ReelwrightError:
    """Why a run ended without a result."""
    cause = error.cause
    if isinstance(cause, CancelledError):
        return ContentFailed("it was cancelled", field=workflow_id)
    if isinstance(cause, TerminatedError):
        why = f" ({cause.message})" if cause.message else ""
        return ContentFailed(f"it was terminated{why}", field=workflow_id, remedy=START_AGAIN)
    if isinstance(cause, ApplicationError):
        kind = InvalidInput if cause.type == "InvalidInput" else ContentFailed
        return kind(cause.message)
    return ContentFailed(str(cause or error), field=workflow_id)


START_AGAIN = "the same request under the same id takes it up again; what was made is kept"


@contextmanager
def unknown_is_told(handle: Handle) -> Iterator[None]:
    """Temporal's "not found" as `InvalidInput`."""
    try:
        yield
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        raise InvalidInput(f"{handle.id!r} is not running", field="id", remedy="see `reelwright list`") from error
