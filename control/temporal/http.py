"""The port through the HTTP API of Temporal's server, for commands of a moment.

What the API does not answer (an id with a slash), or answers in a way that is not understood here (a codec, another
release), is left to the SDK's client, which is loaded and connected then.
"""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from reelwright.domain.errors import ProviderUnavailable

from .api import CALL_S, Api
from .payloads import NotUnderstood, decoded, encoded, fields
from .port import AlreadyStarted, CallFailed, Code, Handle, QueryFailed, Run, RunFailed, RunStatus, Start, UpdateRefused

if TYPE_CHECKING:
    from .sdk import SdkClient

ResultT = TypeVar("ResultT")
AnswerT = TypeVar("AnswerT")
T = TypeVar("T")

PAGE = 1_000
LONG_S = 70.0
"""For a call that the server answers when something happens, or after 20 s or so with nothing."""
_STATUS, _STAGE = "WORKFLOW_EXECUTION_STATUS_", "UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED"
_CLOSE_EVENT = "HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT"
_REUSE = {
    "failed": "WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY",
    "always": "WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE",
}


class HttpClient:
    """A namespace, reached at `address` (`http://host:port`). `connect` makes the SDK's client for the same server."""

    def __init__(self, address: str, namespace: str, connect: Callable[[], Awaitable[SdkClient]]) -> None:
        self.namespace = namespace
        self.api = Api(address, namespace)
        self._connect = connect
        self._sdk: SdkClient | None = None

    async def sdk(self) -> SdkClient:
        """The SDK's client; connected at the first call."""
        if self._sdk is None:
            try:
                self._sdk = await self._connect()
            except ProviderUnavailable as error:
                if not self.api.answered:
                    raise
                # It has answered before: to whoever watches it is away, and may come back.
                raise CallFailed(error.message, Code.UNAVAILABLE) from error
        return self._sdk

    def handle(self, id: str, result_type: type[ResultT]) -> HttpHandle[ResultT]:
        """The handle of a workflow."""
        return HttpHandle(self, id, result_type)

    async def runs(self, query: str, limit: int | None = None) -> AsyncIterator[Run]:
        """The runs that a list filter finds."""
        page, given = {"query": query, "pageSize": str(min(limit or PAGE, PAGE))}, 0
        while True:
            try:
                answer = await self.api.read(query=page)
                found = [_run(each) for each in answer.get("executions") or ()]
            except NotUnderstood:
                if given:  # half of the list is out already
                    raise CallFailed("the server's HTTP API ended a list early", Code.UNAVAILABLE) from None
                break
            for run in found:
                yield run
                given += 1
                if given == limit:
                    return
            if not answer.get("nextPageToken"):
                return
            page["nextPageToken"] = answer["nextPageToken"]
        async for run in (await self.sdk()).runs(query, limit):
            yield run

    async def start(self, workflow_type: str, value: Any, how: Start, *, result_type: type[ResultT]) -> Handle[ResultT]:
        """Starts a run."""
        body = {
            "workflowType": {"name": workflow_type},
            "taskQueue": {"name": how.task_queue},
            "input": {"payloads": [encoded(value)]},
            "identity": _identity(),
            "requestId": str(uuid.uuid4()),
            "workflowIdReusePolicy": _REUSE[how.again],
            "workflowIdConflictPolicy": "WORKFLOW_ID_CONFLICT_POLICY_" + ("USE_EXISTING" if how.joins else "FAIL"),
            **({"memo": {"fields": {name: encoded(each) for name, each in how.memo.items()}}} if how.memo else {}),
            **({"userMetadata": {"summary": encoded(how.summary)}} if how.summary else {}),
            **({"searchAttributes": {"indexedFields": _keywords(how.keywords)}} if how.keywords else {}),
        }
        try:
            await self.api.send(how.id, body=body)
        except NotUnderstood:
            return await (await self.sdk()).start(workflow_type, value, how, result_type=result_type)
        except CallFailed as error:
            if error.code is Code.ALREADY_EXISTS:
                raise AlreadyStarted("Workflow execution already started") from error
            raise
        return self.handle(how.id, result_type)

    async def either(self, http: Callable[[], Awaitable[T]], sdk: Callable[[SdkClient], Awaitable[T]]) -> T:
        """Over HTTP, and where that is not understood by the SDK."""
        try:
            return await http()
        except NotUnderstood:
            return await sdk(await self.sdk())


class HttpHandle(Generic[ResultT]):
    """The newest run under a workflow id."""

    def __init__(self, client: HttpClient, id: str, result_type: type[ResultT]) -> None:
        self._client = client
        self._api = client.api
        self._id = id
        self._result_type = result_type

    @property
    def id(self) -> str:
        """The workflow's."""
        return self._id

    async def describe(self) -> Run:
        """How it stands."""

        async def http() -> Run:
            answer = await self._api.read(self._id)
            return _run(answer.get("workflowExecutionInfo"), answer.get("pendingActivities") or ())

        return await self._client.either(http, lambda sdk: sdk.handle(self._id, self._result_type).describe())

    async def query(self, name: str, *, result_type: type[AnswerT], timeout: timedelta | None = None) -> AnswerT:
        """The workflow's own answer."""

        async def http() -> AnswerT:
            limit = timeout.total_seconds() if timeout else CALL_S
            try:
                answer = await self._api.send(self._id, "query", name, body={}, timeout_s=limit, repeats=True)
            except CallFailed as error:
                if error.code is Code.INVALID_ARGUMENT:  # as the SDK has it
                    raise QueryFailed(error.message) from error
                raise
            return cast(AnswerT, _one(answer.get("queryResult"), result_type))

        def sdk(client: SdkClient) -> Awaitable[AnswerT]:
            return client.handle(self._id, self._result_type).query(name, result_type=result_type, timeout=timeout)

        return await self._client.either(http, sdk)

    async def signal(self, name: str, value: Any = None) -> None:
        """Sends a signal."""

        async def http() -> None:
            payloads = [] if value is None else [encoded(value)]
            # With its request id the server takes it once, however often it is sent.
            body = {"input": {"payloads": payloads}, "identity": _identity(), "requestId": str(uuid.uuid4())}
            await self._api.send(self._id, "signal", name, body=body)

        await self._client.either(http, lambda sdk: sdk.handle(self._id, self._result_type).signal(name, value))

    async def update(
        self, name: str, value: Any, *, result_type: type[AnswerT], update_id: str | None = None
    ) -> AnswerT:
        """Sends an update and waits for its end."""
        id = update_id or str(uuid.uuid4())  # with the same id it is the same update, by whichever client it is sent

        async def http() -> AnswerT:
            request = {
                "meta": {"updateId": id, "identity": _identity()},
                "input": {"args": {"payloads": [encoded(value)]}},
            }
            body = {"waitPolicy": {"lifecycleStage": _STAGE}, "request": request}
            outcome = None
            while not outcome:  # the server answers also when it has waited long enough
                answer = await self._api.send(self._id, "update", name, body=body, timeout_s=LONG_S, repeats=True)
                outcome = answer.get("outcome")
            if "failure" in outcome:
                raise UpdateRefused(_application(outcome["failure"]).message)
            return cast(AnswerT, _one(outcome.get("success"), result_type))

        def sdk(client: SdkClient) -> Awaitable[AnswerT]:
            handle = client.handle(self._id, self._result_type)
            return handle.update(name, value, result_type=result_type, update_id=id)

        return await self._client.either(http, sdk)

    async def cancel(self) -> None:
        """Requests its cancellation."""

        async def http() -> None:
            body = {"identity": _identity(), "requestId": str(uuid.uuid4())}
            await self._api.send(self._id, "cancel", body=body)

        await self._client.either(http, lambda sdk: sdk.handle(self._id, self._result_type).cancel())

    async def result(self) -> ResultT:
        """Waits for its end."""
        return await self._client.either(self._end, lambda sdk: sdk.handle(self._id, self._result_type).result())

    async def _end(self) -> ResultT:
        query = {"historyEventFilterType": _CLOSE_EVENT, "waitNewEvent": "true"}
        while True:
            answer = await self._api.read(self._id, "history", query=query, timeout_s=LONG_S)
            events = (answer.get("history") or {}).get("events") or ()
            if events:
                return cast(ResultT, _ended(events[0], self._result_type))
            if not answer.get("nextPageToken"):
                raise NotUnderstood("a history without an end")
            query["nextPageToken"] = answer["nextPageToken"]

    async def started_with(self, input_type: type[AnswerT]) -> AnswerT | None:
        """Its first argument."""

        async def http() -> AnswerT | None:
            answer = await self._api.read(self._id, "history", query={"maximumPageSize": "1"})
            try:
                first = answer["history"]["events"][0]["workflowExecutionStartedEventAttributes"]
            except (KeyError, IndexError, TypeError) as error:
                raise NotUnderstood("a history without a beginning") from error
            given = (first.get("input") or {}).get("payloads")
            return decoded(given[0], input_type) if given else None

        return await self._client.either(
            http, lambda sdk: sdk.handle(self._id, self._result_type).started_with(input_type)
        )


def _run(info: Any, activities: Any = ()) -> Run:
    try:
        beats = [
            decoded(payload)
            for activity in activities
            for payload in (activity.get("heartbeatDetails") or {}).get("payloads") or ()
        ]
        return Run(
            id=info["execution"]["workflowId"],
            run_id=info["execution"]["runId"],
            workflow_type=info["type"]["name"],
            status=RunStatus[info["status"].removeprefix(_STATUS)],
            start_time=datetime.fromisoformat(info["startTime"]),
            attributes=fields((info.get("searchAttributes") or {}).get("indexedFields")),
            memo=fields((info.get("memo") or {}).get("fields")),
            beats=tuple(beats),
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise NotUnderstood("a run of another shape") from error


def _one(holder: Any, result_type: Any) -> Any:
    payloads = (holder or {}).get("payloads")
    return decoded(payloads[0], result_type) if payloads else None


def _ended(event: Mapping[str, Any], result_type: Any) -> Any:
    """The result in a closing event, or `RunFailed`. One that went on in another run is not understood here."""
    name = str(event.get("eventType", "")).removeprefix("EVENT_TYPE_WORKFLOW_EXECUTION_")
    camel = name.title().replace("_", "")
    told = event.get(f"workflowExecution{camel}EventAttributes") or {}
    if told.get("newExecutionRunId"):
        raise NotUnderstood("it went on in another run")
    if name == "COMPLETED":
        return _one(told.get("result"), result_type)
    if name == "FAILED":
        raise _application(told.get("failure"))
    if name == "CANCELED":
        raise RunFailed("Workflow cancelled", "cancelled")
    if name == "TERMINATED":
        raise RunFailed(told.get("reason") or "Workflow terminated", "terminated")
    if name == "TIMED_OUT":
        raise RunFailed("Workflow timed out", "timed_out")
    raise NotUnderstood(f"an end of the kind {name[:40]!r}")


def _application(failure: Any) -> RunFailed:
    """An application's failure; any other kind, and one in the hands of a codec, is not understood here."""
    if not isinstance(failure, dict) or "applicationFailureInfo" not in failure or "encodedAttributes" in failure:
        raise NotUnderstood("a failure of another kind")
    kind = str(failure["applicationFailureInfo"].get("type", ""))
    return RunFailed(str(failure.get("message", "")), "failed", application=True, kind=kind)


def _keywords(values: Mapping[str, str]) -> dict[str, Any]:
    keyword = encoded("")["metadata"] | {"type": "S2V5d29yZA=="}  # "Keyword"
    return {name: encoded(value) | {"metadata": keyword} for name, value in values.items()}


def _identity() -> str:
    """Who asks, as the SDK has it."""
    return f"{os.getpid()}@{socket.gethostname()}"
