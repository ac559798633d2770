"""Nothing that anybody sends to a workflow stops it: every signal, update, query and start input of every workflow.

A new workflow or handler is covered as soon as it stands in `workers.pools.WORKFLOWS`; a workflow of a new kind wants a
line in `WAITING` that brings one into a state where it waits.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from _pytest.mark.structures import ParameterSet
from temporalio.api.common.v1 import Payload, Payloads, WorkflowExecution, WorkflowType
from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.api.query.v1 import WorkflowQuery
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.update.v1 import Input, Meta, Request, WaitPolicy
from temporalio.api.workflowservice.v1 import (
    QueryWorkflowRequest,
    SignalWorkflowExecutionRequest,
    StartWorkflowExecutionRequest,
    UpdateWorkflowExecutionRequest,
)
from temporalio.client import WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment
from temporalio.workflow import _Definition

from control.listing import contents_listed
from control.posts_listing import posts_listed
from reelwright.domain.batches import BatchAction
from reelwright.domain.formats import Platform
from reelwright.domain.ids import publish_workflow_id
from workers.pools import WORKFLOWS
from workflows import policies
from workflows.batches.batch import Batch
from workflows.content.pipeline import ContentPipeline
from workflows.harvesting.harvest_feeds import HarvestFeeds
from workflows.publishing.distribution import PUBLISHERS
from workflows.publishing.publication import Publication
from workflows.rendering.render_video import RenderVideo

from .conftest import FakeStudio, eventually
from .test_rendering import plan_of

pytestmark = pytest.mark.lengthy

Handle = WorkflowHandle[Any, Any]
SOON = timedelta(minutes=5)
SCRIPT = "The first scene is here.\n\nThe second scene is here."


def encoded(encoding: str | None, data: bytes) -> Payload:
    return Payload(metadata={} if encoding is None else {"encoding": encoding.encode()}, data=data)


def plain(value: Any) -> Payload:
    return encoded("json/plain", json.dumps(value).encode())


def nested(depth: int) -> Payload:
    return encoded("json/plain", b"[" * depth + b"]" * depth)


JUNK = {
    "null": plain(None),
    "binary null": encoded("binary/null", b""),
    "a boolean": plain(True),
    "a number": plain(7),
    "a large number": plain(10**40),
    "a fraction": plain(1.8e18),
    "not a number": encoded("json/plain", b"NaN"),
    "a number of 9000 digits": encoded("json/plain", b"9" * 9_000),
    "empty text": plain(""),
    "text": plain("just text"),
    "controls": plain("a\u0000b\u001b[31m\u202ec"),
    "a list": plain([1, {"a": None}]),
    "an object": plain({"no such field": {"a": [1, 2]}, "decision": 5, "post_id": None, "by": [], "platform": {}}),
    "a long field": plain({"x" * 5_000: 1}),
    "deep": nested(150),
    "too deep": nested(50_000),
    "1 MB of text": plain("x" * 1_000_000),
    "1 MB of fields": plain({f"f{n}": n for n in range(60_000)}),
    "binary": encoded("binary/plain", b"\x00\xff\xfe"),
    "text as binary": encoded("binary/plain", b'{"decision": "approve", "reviewer": "e"}'),
    "encrypted": encoded("binary/encrypted", b"\x01\x02"),
    "no encoding": encoded(None, b'"x"'),
    "an encoding that is no text": Payload(metadata={"encoding": b"\xff\xfe"}, data=b"x"),
    "corrupt JSON": encoded("json/plain", b'{"decision": "appr'),
    "empty JSON": encoded("json/plain", b""),
    "JSON that is not UTF-8": encoded("json/plain", b'"\xff\xfe"'),
    "half a surrogate pair": encoded("json/plain", b'"\\ud800"'),
    "an unknown protobuf": Payload(metadata={"encoding": b"json/protobuf", "messageType": b"no.Such"}, data=b"{}"),
    "a corrupt protobuf": Payload(
        metadata={"encoding": b"binary/protobuf", "messageType": b"temporal.api.common.v1.Payload"}, data=b"\xff"
    ),
    "a protobuf": Payload(
        metadata={"encoding": b"binary/protobuf", "messageType": b"temporal.api.common.v1.Payload"}, data=b""
    ),
}
INPUTS: dict[str, list[Payload]] = {
    "nothing": [],
    **{name: [payload] for name, payload in JUNK.items()},
    "two objects": [plain({}), plain({})],
    "two that nobody can read": [JUNK["encrypted"], JUNK["no encoding"]],
    "one and null": [plain({}), plain(None)],
    "five": [plain(n) for n in range(5)],
}


@pytest.fixture
def environment(temporal: WorkflowEnvironment) -> WorkflowEnvironment:
    """With the sandbox, as workers have it."""
    return temporal


def one_of_a_kind() -> list[ParameterSet]:
    """Every workflow; those that have the very same handlers as one before them (the platforms' publications) only in
    `make test-deep`."""
    known: set[frozenset[object]] = set()
    cases = []
    for cls in WORKFLOWS:
        handlers = frozenset(function for _, function in inspect.getmembers(cls, inspect.isfunction))
        handlers -= {cls.__dict__.get("run"), cls.__dict__.get("__init__")}
        cases.append(pytest.param(cls, id=cls.__name__, marks=[pytest.mark.deep] if handlers in known else []))
        known.add(handlers)
    return cases


def inputs_of(cls: type) -> dict[str, list[Payload]]:
    """What a workflow of this class is sent. The publications share all of their code but their names: one of them
    gets everything, and the others get it shared out among them."""
    publications = [one for one in WORKFLOWS if issubclass(one, Publication)]
    if cls not in publications[1:]:
        return INPUTS
    names = list(INPUTS)[publications.index(cls) - 1 :: len(publications) - 1]
    return {name: INPUTS[name] for name in names}


# --- workflows that wait ----------------------------------------------------------------------------------------------


@dataclass
class Waiting:
    """A workflow that waits, and how it is brought to its end by a right message."""

    handle: Handle
    finish: Callable[[], Awaitable[Any]]


async def _content(studio: FakeStudio, cls: type) -> Waiting:
    handle = await studio.start({"script": SCRIPT, "formats": ["9:16"]})

    async def in_review() -> bool:
        return bool((await handle.query("status"))["stage"] == "review")

    async def finish() -> None:
        await handle.signal("review", {"decision": "reject", "reviewer": "ana"})
        assert (await handle.result()).status == "rejected"

    await eventually(in_review)
    return Waiting(handle, finish)


async def _publication(studio: FakeStudio, cls: type) -> Waiting:
    name = _Definition.must_from_class(cls).name
    [platform] = [p for p, run in PUBLISHERS.items() if run.__qualname__.split(".")[0] == name]
    await studio.gate.pause(platform, "", by="ana", note="guard")
    content_id = uuid.uuid4().hex[:12]
    request = {"script": SCRIPT, "auto_approve": True, "platforms": [platform.value], "formats": ["9:16"]}
    await studio.start(request, f"content-{content_id}")
    handle = studio.client.get_workflow_handle(publish_workflow_id(content_id, platform.value, "default"))

    async def paused() -> bool:
        try:
            return bool((await handle.query("status"))["stage"] == "paused")
        except RPCError:
            return False

    async def finish() -> None:
        await studio.gate.resume(platform, "")
        await handle.signal("resume")
        assert (await handle.result())["status"] == "posted"

    await eventually(paused)
    return Waiting(handle, finish)


async def _render(studio: FakeStudio, cls: type) -> Waiting:
    studio.renderer.hold = asyncio.Event()
    plan = await plan_of(studio, "one", "two")
    handle = await studio.client.start_workflow(
        "RenderVideo", plan, id=f"render-{uuid.uuid4().hex[:8]}", task_queue=policies.MAIN_QUEUE
    )

    async def rendering() -> bool:
        return any(call.startswith("segment") for call in studio.renderer.calls)

    async def finish() -> None:
        assert studio.renderer.hold is not None
        studio.renderer.hold.set()
        assert (await handle.result())["videos"]

    await eventually(rendering)
    return Waiting(handle, finish)


async def _harvest(studio: FakeStudio, cls: type) -> Waiting:
    studio.feeds.hold = asyncio.Event()
    source = studio.feed_book.add("guard")
    studio.feeds.documents[source.source.url] = []
    handle = await studio.client.start_workflow(
        "HarvestFeeds", {}, id=f"harvest-{uuid.uuid4().hex[:8]}", task_queue=policies.MAIN_QUEUE
    )

    async def reading() -> bool:
        return studio.feeds.reads[source.source.url] > 0

    async def finish() -> None:
        assert studio.feeds.hold is not None
        studio.feeds.hold.set()
        assert (await handle.result())["sources"][0]["outcome"] == "ok"

    await eventually(reading)
    return Waiting(handle, finish)


async def _batch(studio: FakeStudio, cls: type) -> Waiting:
    studio.desk.hold = asyncio.Event()
    id = uuid.uuid4().hex[:12]
    studio.batch_book.add(id, BatchAction.CANCEL, "a", "b")
    handle = await studio.client.start_workflow("Batch", {"id": id}, id=f"batch-{id}", task_queue=policies.MAIN_QUEUE)

    async def doing() -> bool:
        return studio.desk.at_once > 0

    async def finish() -> None:
        assert studio.desk.hold is not None
        studio.desk.hold.set()
        await handle.signal("go_on")
        await handle.result()
        assert "waiting" not in studio.batch_book.states(id)

    await eventually(doing)
    return Waiting(handle, finish)


WAITING: dict[type, Callable[[FakeStudio, type], Awaitable[Waiting]]] = {
    ContentPipeline: _content,
    Publication: _publication,
    RenderVideo: _render,
    HarvestFeeds: _harvest,
    Batch: _batch,
}


async def waiting(studio: FakeStudio, cls: type) -> Waiting:
    """One of these, in a state where it waits."""
    for kind, bring in WAITING.items():
        if issubclass(cls, kind):
            return await bring(studio, cls)
    pytest.fail(f"{cls.__name__} is a workflow of a new kind: add to WAITING how one is brought to where it waits")


# --- what anybody can send --------------------------------------------------------------------------------------------


async def send_signal(handle: Handle, name: str, payloads: list[Payload]) -> None:
    await handle._client.workflow_service.signal_workflow_execution(
        SignalWorkflowExecutionRequest(
            namespace=handle._client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=handle.id),
            signal_name=name,
            input=Payloads(payloads=payloads),
            request_id=uuid.uuid4().hex,
        )
    )


async def send_update(handle: Handle, name: str, payloads: list[Payload]) -> str:
    """The refusal, or "" if the update was taken."""
    answer = await handle._client.workflow_service.update_workflow_execution(
        UpdateWorkflowExecutionRequest(
            namespace=handle._client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=handle.id),
            wait_policy=WaitPolicy(lifecycle_stage=3),  # type: ignore[arg-type]
            request=Request(
                meta=Meta(update_id=uuid.uuid4().hex),
                input=Input(name=name, args=Payloads(payloads=payloads)),
            ),
        ),
        timeout=SOON,
    )
    return str(answer.outcome.failure.message)


async def send_query(handle: Handle, name: str, payloads: list[Payload]) -> bytes:
    answer = await handle._client.workflow_service.query_workflow(
        QueryWorkflowRequest(
            namespace=handle._client.namespace,
            execution=WorkflowExecution(workflow_id=handle.id),
            query=WorkflowQuery(query_type=name, query_args=Payloads(payloads=payloads)),
        ),
        timeout=SOON,
    )
    [payload] = answer.query_result.payloads
    return b"null" if payload.metadata["encoding"] == b"binary/null" else bytes(payload.data)


async def start_raw(studio: FakeStudio, cls: type, payloads: list[Payload], workflow_id: str = "") -> Handle:
    workflow_id = workflow_id or f"start-{uuid.uuid4().hex[:12]}"
    await studio.client.workflow_service.start_workflow_execution(
        StartWorkflowExecutionRequest(
            namespace=studio.client.namespace,
            workflow_id=workflow_id,
            workflow_type=WorkflowType(name=_Definition.must_from_class(cls).name),
            task_queue=TaskQueue(name=policies.MAIN_QUEUE),
            input=Payloads(payloads=payloads),
            request_id=uuid.uuid4().hex,
        )
    )
    return studio.client.get_workflow_handle(workflow_id)


async def failed_tasks(handle: Handle) -> list[str]:
    """Causes and reasons of failed workflow tasks: each is a workflow that stood still. One that the server gives up
    because more signals have come meanwhile than it buffers (2 MB) is not counted: it begins another at once."""
    failures = [
        event.workflow_task_failed_event_attributes
        async for event in handle.fetch_history_events()
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED
    ]
    full = WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_FORCE_CLOSE_COMMAND
    # TMPRL1101: a task took longer than 2 s. That says how busy the machine is, and the task is tried again.
    told = [f for f in failures if f.cause != full and "TMPRL1101" not in f.failure.message]
    return [f"{WorkflowTaskFailedCause.Name(f.cause)}: {f.failure.message}" for f in told]


async def is_listed(studio: FakeStudio, cls: type, workflow_id: str) -> bool:
    """Whether the lists that people see still have this workflow, where it is one that they show."""
    if issubclass(cls, ContentPipeline):
        listed = await contents_listed(studio.temporal, None, stage=None, limit=500)
        return workflow_id in [one.workflow_id for one in listed.rows]
    if issubclass(cls, Publication):
        rows = await posts_listed(studio.temporal, None, content=None, platform=None, stage="paused", limit=500)
        return workflow_id in [row.workflow_id for row in rows.rows]
    return True


@pytest.mark.parametrize("cls", one_of_a_kind())
async def test_nothing_that_is_sent_stops_a_workflow(studio: FakeStudio, cls: type) -> None:
    definition = _Definition.must_from_class(cls)
    there = await waiting(studio, cls)
    for name in definition.signals:
        for payloads in inputs_of(cls).values():
            await send_signal(there.handle, name or "no-such-signal", payloads)
    for name in definition.updates:
        for what, payloads in inputs_of(cls).items():
            refusal = await send_update(there.handle, name or "no-such-update", payloads)
            assert refusal, f"update {name} took {what}"
            assert "\n" not in refusal
            assert len(refusal) <= 250
            assert not any(word in refusal for word in ("Error", "argument", "Traceback")), f"{what}: {refusal}"
    for name in definition.queries:
        for payloads in inputs_of(cls).values():
            assert await send_query(there.handle, str(name), payloads)
    if "status" in definition.queries:
        status = json.loads(await send_query(there.handle, "status", []))
        notes = status["notes"]
        assert any("ignored" in note for note in notes)
        assert len(notes) <= 40
        assert max(len(note) for note in notes) <= 400
        assert all(note.isprintable() for note in notes)
        for name in filter(None, definition.signals):
            await send_signal(there.handle, name, INPUTS["two that nobody can read"])
            [*_, last] = json.loads(await send_query(there.handle, "status", []))["notes"]
            assert last.startswith(f"signal {name}: ignored: input: it cannot be read (encoding binary/encrypted)")
    await eventually(lambda: is_listed(studio, cls, there.handle.id))  # visibility follows a moment later
    assert await failed_tasks(there.handle) == []
    description = await there.handle.describe()
    assert description.raw_description.pending_workflow_task.attempt <= 1
    await there.finish()
    assert await failed_tasks(there.handle) == []
    for name in definition.queries:  # from the history alone, when it is over
        assert await send_query(there.handle, str(name), [JUNK["encrypted"]])


@pytest.mark.parametrize("cls", one_of_a_kind())
async def test_a_wrong_start_input_fails_with_a_reason(studio: FakeStudio, cls: type) -> None:
    for what, payloads in inputs_of(cls).items():
        handle = await start_raw(studio, cls, payloads)
        with pytest.raises(WorkflowFailureError) as failure:
            await asyncio.wait_for(handle.result(), 600)
        cause = failure.value.cause
        assert isinstance(cause, ApplicationError), what
        assert cause.type == "InvalidInput", f"{what}: {cause}"
        assert "\n" not in cause.message
        assert len(cause.message) <= 250
        assert "Error" not in cause.message, f"{what}: {cause.message}"
        assert await failed_tasks(handle) == [], what
        if cls is ContentPipeline:
            status = await handle.query("status")
            assert (status["stage"], status["error"]) == ("failed", cause.message)


async def test_a_signal_that_comes_with_a_wrong_start(studio: FakeStudio) -> None:
    for cls in WORKFLOWS:
        handle = await studio.client.start_workflow(
            _Definition.must_from_class(cls).name or "",
            id=f"start-{uuid.uuid4().hex[:12]}",
            task_queue=policies.MAIN_QUEUE,
            start_signal="review" if cls is ContentPipeline else "posted",
            start_signal_args=[{"decision": "approve"}, 2],
        )
        with pytest.raises(WorkflowFailureError) as failure:
            await asyncio.wait_for(handle.result(), 600)
        assert "input: it is missing" in str(failure.value.cause)
        assert await failed_tasks(handle) == []


async def test_every_kind_of_workflow_is_known_here() -> None:
    unknown = [cls.__name__ for cls in WORKFLOWS if not issubclass(cls, tuple(WAITING))]
    assert not unknown, f"add to WAITING how these are brought to where they wait: {unknown}"
    assert len([cls for cls in WORKFLOWS if issubclass(cls, Publication)]) == len(Platform)
