"""The port through Temporal's SDK: for servers with TLS, keys or a codec, and for whatever lasts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Generic, TypeVar, cast

from temporalio.client import (
    Client,
    WorkflowExecution,
    WorkflowExecutionDescription,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
)
from temporalio.common import (
    SearchAttributeKey,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import (
    ApplicationError,
    CancelledError,
    TerminatedError,
    TimeoutError,
    WorkflowAlreadyStartedError,
)
from temporalio.service import RPCError, RPCStatusCode

from workflows.failures import reason_of

from .port import (
    AlreadyStarted,
    CallFailed,
    Code,
    Ending,
    Handle,
    QueryFailed,
    Run,
    RunFailed,
    RunStatus,
    Start,
    UpdateRefused,
)

ResultT = TypeVar("ResultT")
AnswerT = TypeVar("AnswerT")


class SdkClient:
    """A connected `temporalio.client.Client` as the port has it."""

    def __init__(self, connected: Client) -> None:
        self.connected = connected

    @property
    def namespace(self) -> str:
        """Its name."""
        return self.connected.namespace

    async def sdk(self) -> SdkClient:
        """Itself, as the HTTP client hands it out."""
        return self

    def handle(self, id: str, result_type: type[ResultT]) -> SdkHandle[ResultT]:
        """The handle of a workflow."""
        return SdkHandle(self.connected, self.connected.get_workflow_handle(id, result_type=result_type))

    async def runs(self, query: str, limit: int | None = None) -> AsyncIterator[Run]:
        """The runs that a list filter finds."""
        with _translated():
            async for run in self.connected.list_workflows(query, limit=limit):
                yield await _run(run)

    async def start(self, workflow_type: str, value: Any, how: Start, *, result_type: type[ResultT]) -> Handle[ResultT]:
        """Starts a run."""
        failed = WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY
        fail, join = WorkflowIDConflictPolicy.FAIL, WorkflowIDConflictPolicy.USE_EXISTING
        with _translated():
            started: WorkflowHandle[Any, ResultT] = await self.connected.start_workflow(
                workflow_type,
                value,
                id=how.id,
                task_queue=how.task_queue,
                id_reuse_policy=failed if how.again == "failed" else WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                id_conflict_policy=join if how.joins else fail,
                memo=how.memo or None,
                static_summary=how.summary or None,
                search_attributes=_keywords(how),
                result_type=result_type,
            )
        return SdkHandle(self.connected, started)


class SdkHandle(Generic[ResultT]):
    """A `WorkflowHandle` as the port has it."""

    def __init__(self, connected: Client, handle: WorkflowHandle[Any, ResultT]) -> None:
        self._connected = connected
        self._handle = handle

    @property
    def id(self) -> str:
        """The workflow's."""
        return self._handle.id

    async def describe(self) -> Run:
        """How it stands."""
        with _translated():
            return await _run(await self._handle.describe(), self._connected)

    async def query(self, name: str, *, result_type: type[AnswerT], timeout: timedelta | None = None) -> AnswerT:
        """The workflow's own answer."""
        with _translated():
            return cast(AnswerT, await self._handle.query(name, result_type=result_type, rpc_timeout=timeout))

    async def signal(self, name: str, value: Any = None) -> None:
        """Sends a signal."""
        with _translated():
            await (self._handle.signal(name) if value is None else self._handle.signal(name, value))

    async def update(
        self, name: str, value: Any, *, result_type: type[AnswerT], update_id: str | None = None
    ) -> AnswerT:
        """Sends an update and waits for its end; one with the same `update_id` is the same update."""
        with _translated():
            done = await self._handle.execute_update(name, value, result_type=result_type, id=update_id)
        return cast(AnswerT, done)

    async def cancel(self) -> None:
        """Requests its cancellation."""
        with _translated():
            await self._handle.cancel()

    async def result(self) -> ResultT:
        """Waits for its end."""
        with _translated():
            return await self._handle.result()

    async def started_with(self, input_type: type[AnswerT]) -> AnswerT | None:
        """Its first argument."""
        with _translated():
            async for event in self._handle.fetch_history_events(page_size=1):
                given = event.workflow_execution_started_event_attributes.input.payloads
                if not given:
                    return None
                [value] = await self._connected.data_converter.decode(given[:1], [input_type])
                return cast(AnswerT, value)
        return None


def _keywords(how: Start) -> TypedSearchAttributes | None:
    pairs = [SearchAttributePair(SearchAttributeKey.for_keyword(name), value) for name, value in how.keywords.items()]
    return TypedSearchAttributes(pairs) if pairs else None


async def _run(run: WorkflowExecution, connected: Client | None = None) -> Run:
    beats: list[Any] = []
    if connected is not None and isinstance(run, WorkflowExecutionDescription):
        for activity in run.raw_description.pending_activities:
            if activity.heartbeat_details.payloads:
                beats += await connected.data_converter.decode(activity.heartbeat_details.payloads)
    return Run(
        id=run.id,
        run_id=run.run_id,
        workflow_type=run.workflow_type,
        status=RunStatus(run.status) if run.status else None,
        start_time=run.start_time,
        attributes={pair.key.name: pair.value for pair in run.typed_search_attributes},
        memo=await run.memo(),
        beats=tuple(beats),
    )


@contextmanager
def _translated() -> Iterator[None]:
    """The SDK's errors as those of the port."""
    try:
        yield
    except RPCError as error:
        raise CallFailed(error.message, _code(error)) from error
    except WorkflowQueryFailedError as error:
        raise QueryFailed(error.message) from error
    except WorkflowUpdateFailedError as error:
        cause = error.cause
        raise UpdateRefused(cause.message if isinstance(cause, ApplicationError) else str(cause)) from error
    except WorkflowAlreadyStartedError as error:
        raise AlreadyStarted(str(error)) from error
    except WorkflowFailureError as error:
        raise _failed(error) from error


def _code(error: RPCError) -> Code:
    """The SDK's own clock ends a call as a cancelled one."""
    late = error.status is RPCStatusCode.CANCELLED and error.message == "Timeout expired"
    return Code.DEADLINE_EXCEEDED if late else Code(error.status)


_ENDINGS: tuple[tuple[type[BaseException], Ending], ...] = (
    (CancelledError, "cancelled"),
    (TerminatedError, "terminated"),
    (TimeoutError, "timed_out"),
)


def _failed(error: WorkflowFailureError) -> RunFailed:
    cause = error.cause
    if isinstance(cause, ApplicationError):
        return RunFailed(cause.message, "failed", application=True, kind=cause.type or "")
    ending: Ending = next((name for kind, name in _ENDINGS if isinstance(cause, kind)), "failed")
    return RunFailed(str(cause or error), ending, reason=reason_of(cause))
