"""Temporal's server as control sees it: runs, handles, errors. Nothing here imports the SDK."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any, Generic, Literal, Protocol, TypeVar

ResultT = TypeVar("ResultT")
ResultT_co = TypeVar("ResultT_co", covariant=True)
AnswerT = TypeVar("AnswerT")
Ending = Literal["failed", "cancelled", "terminated", "timed_out"]


class RunStatus(IntEnum):
    """How a run stands. Numbers and names are those of Temporal's `WorkflowExecutionStatus`."""

    RUNNING = 1
    COMPLETED = 2
    FAILED = 3
    CANCELED = 4
    TERMINATED = 5
    CONTINUED_AS_NEW = 6
    TIMED_OUT = 7


class Code(IntEnum):
    """Why the server refused a call: the codes of gRPC (https://grpc.io/docs/guides/status-codes/)."""

    CANCELLED = 1
    UNKNOWN = 2
    INVALID_ARGUMENT = 3
    DEADLINE_EXCEEDED = 4
    NOT_FOUND = 5
    ALREADY_EXISTS = 6
    PERMISSION_DENIED = 7
    RESOURCE_EXHAUSTED = 8
    FAILED_PRECONDITION = 9
    ABORTED = 10
    OUT_OF_RANGE = 11
    UNIMPLEMENTED = 12
    INTERNAL = 13
    UNAVAILABLE = 14
    DATA_LOSS = 15
    UNAUTHENTICATED = 16


class TemporalError(Exception):
    """Any of the errors below."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class CallFailed(TemporalError):
    """The server refused a call, or did not answer it."""

    def __init__(self, message: str, code: Code) -> None:
        super().__init__(message)
        self.code = code


class QueryFailed(TemporalError):
    """The workflow has no such query, or answered it with an error."""


class UpdateRefused(TemporalError):
    """The workflow refused an update; the message is its own reason."""


class AlreadyStarted(TemporalError):
    """A run of this id is under way, or has ended and may not be repeated."""


class RunFailed(TemporalError):
    """A run ended without a result. `application`: by an error of the workflow's own, whose type is `kind`. `reason` is
    the message of the first application error inside."""

    def __init__(
        self, message: str, ending: Ending, *, application: bool = False, kind: str = "", reason: str = ""
    ) -> None:
        super().__init__(message)
        self.ending = ending
        self.application = application
        self.kind = kind
        self.reason = reason or message


@dataclass(frozen=True)
class Run:
    """One run of a workflow. `attributes` are its search attributes by name, `beats` the details of the last heartbeats
    of its running activities; a list has neither those nor more of the memo than was stored."""

    id: str
    run_id: str
    workflow_type: str
    status: RunStatus | None
    start_time: datetime
    attributes: Mapping[str, Any] = field(default_factory=dict)
    memo: Mapping[str, Any] = field(default_factory=dict)
    beats: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Start:
    """How a run is started. `again`: under an id whose last run has ended, `always` or only when it `failed`. `joins`:
    one that is under way is taken instead; else it is an `AlreadyStarted`."""

    id: str
    task_queue: str
    again: Literal["always", "failed"] = "failed"
    joins: bool = True
    memo: Mapping[str, Any] = field(default_factory=dict)
    summary: str = ""
    keywords: Mapping[str, str] = field(default_factory=dict)
    """Search attributes of the type Keyword."""


class Handle(Protocol, Generic[ResultT_co]):
    """The newest run under a workflow id. Every method raises `CallFailed`."""

    @property
    def id(self) -> str:
        """The workflow's."""

    async def describe(self) -> Run:
        """How it stands."""

    async def query(self, name: str, *, result_type: type[AnswerT], timeout: timedelta | None = None) -> AnswerT:
        """The workflow's own answer. Raises `QueryFailed`."""

    async def signal(self, name: str, value: Any = None) -> None:
        """Sends a signal, with one argument unless it is None."""

    async def update(
        self, name: str, value: Any, *, result_type: type[AnswerT], update_id: str | None = None
    ) -> AnswerT:
        """Sends an update and waits for its end. One with the same `update_id` as an earlier one is that one, and is
        answered as it was. Raises `UpdateRefused`."""

    async def cancel(self) -> None:
        """Requests its cancellation."""

    async def result(self) -> ResultT_co:
        """Waits for its end. Raises `RunFailed`."""

    async def started_with(self, input_type: type[AnswerT]) -> AnswerT | None:
        """Its first argument; None where it has none."""


class Client(Protocol):
    """A namespace of a server."""

    @property
    def namespace(self) -> str:
        """Its name."""

    def handle(self, id: str, result_type: type[ResultT]) -> Handle[ResultT]:
        """The handle of a workflow, whether or not there is one."""

    def runs(self, query: str, limit: int | None = None) -> AsyncIterator[Run]:
        """The runs that a list filter finds, newest first. Raises `CallFailed`."""

    async def start(self, workflow_type: str, value: Any, how: Start, *, result_type: type[ResultT]) -> Handle[ResultT]:
        """Starts a run. Raises `AlreadyStarted` and `CallFailed`."""
