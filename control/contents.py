"""Starting contents and speaking to them, through Temporal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

from reelwright.domain.content.status import ContentResult, PipelineStatus, Stage
from reelwright.domain.errors import InvalidInput, ReelwrightError
from reelwright.domain.ids import content_workflow_id, sha256_of
from reelwright.storage.contents import PostgresContents
from workflows.queues import MAIN_QUEUE

from .resolve import MEMO_REQUEST, MEMO_TITLE, PIPELINE, Content, described
from .temporal import port
from .temporal.port import CallFailed, Client, Code, RunFailed, RunStatus, Start, UpdateRefused

if TYPE_CHECKING:  # a status is asked for without either
    from reelwright.domain.content.decision import ReviewDecision
    from reelwright.domain.content.request import ContentRequest

Handle: TypeAlias = port.Handle[ContentResult]
SOON = timedelta(seconds=10)
SUMMARY_CHARS = 80
RETRYABLE = (
    RunStatus.FAILED,
    RunStatus.CANCELED,
    RunStatus.TERMINATED,
    RunStatus.TIMED_OUT,
)
RETRYABLE_IN_BOOKS = ("failed", "cancelled", "running")
"""A content of which the database has no end, and Temporal no run, was lost: it is taken up again."""


class ContentFailed(ReelwrightError):
    """The pipeline ended in failure; the message is the pipeline's own."""


def handle_of(client: Client, content: Content) -> Handle:
    """The content's newest run."""
    return client.handle(content.workflow_id, ContentResult)


async def start(
    client: Client, filed: PostgresContents | None, content_id: str, request: ContentRequest
) -> tuple[Content, bool]:
    """(content, whether it was started now). The same id with the same request is one run, also after Temporal has
    deleted it; after a failure it is started again, and everything that was finished is kept. Another request under
    the id is an `InvalidInput`."""
    content = await _known(client, filed, content_id)
    if await _is_under_way(content, filed, request):
        return content, False
    title = title_of(request)
    await client.start(
        PIPELINE,
        # What is not set is left out: a channel may set it.
        request.model_dump(mode="json", exclude_unset=True),
        Start(
            id=content.workflow_id,
            task_queue=MAIN_QUEUE,
            memo={MEMO_REQUEST: _identity(request), MEMO_TITLE: title},
            summary=f"{request.source}: {title}",
        ),
        result_type=ContentResult,
    )
    return content, True


def is_running(content: Content) -> bool:
    """Whether Temporal has an open run of it."""
    return content.run is not None and content.run.status is RunStatus.RUNNING


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
    digest = content.run.memo.get(MEMO_REQUEST) if content.run is not None else None
    if digest is None and content.row is not None and filed is not None:
        from reelwright.domain.content.request import ContentRequest

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


async def status_of(handle: Handle, timeout: timedelta = SOON) -> PipelineStatus:
    """The content's own answer; `InvalidInput` when there is no such content."""
    with unknown_is_told(handle):
        return await handle.query("status", result_type=PipelineStatus, timeout=timeout)


async def submit_review(handle: Handle, decision: ReviewDecision, *, update_id: str | None = None) -> PipelineStatus:
    """Hands in a decision; a refusal comes back as `InvalidInput` with the pipeline's reason. Two with the same
    `update_id` are one."""
    try:
        with unknown_is_told(handle):
            return await handle.update("submit_review", decision, result_type=PipelineStatus, update_id=update_id)
    except UpdateRefused as error:
        raise InvalidInput(error.message, field="review") from error


async def cancel(handle: Handle) -> None:
    """Requests the content's cancellation; what it has made is kept."""
    with unknown_is_told(handle):
        await handle.cancel()


async def result_of(handle: Handle) -> ContentResult:
    """The end of a content. A failure is raised in the pipeline's own words, as `InvalidInput` if it was that."""
    try:
        with unknown_is_told(handle):
            return await handle.result()
    except RunFailed as error:
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


def failure_of(error: RunFailed, workflow_id: str) -> ReelwrightError:
    """Why a run ended without a result."""
    if error.ending == "cancelled":
        return ContentFailed("it was cancelled", field=workflow_id)
    if error.ending == "terminated":
        why = f" ({error.message})" if error.message else ""
        return ContentFailed(f"it was terminated{why}", field=workflow_id, remedy=START_AGAIN)
    if error.application:
        kind = InvalidInput if error.kind == "InvalidInput" else ContentFailed
        return kind(error.message)
    return ContentFailed(error.message, field=workflow_id)


START_AGAIN = "the same request under the same id takes it up again; what was made is kept"


@contextmanager
def unknown_is_told(handle: port.Handle[Any]) -> Iterator[None]:
    """Temporal's "not found" as `InvalidInput`."""
    try:
        yield
    except CallFailed as error:
        if error.code is not Code.NOT_FOUND:
            raise
        raise InvalidInput(f"{handle.id!r} is not running", field="id", remedy="see `reelwright list`") from error
