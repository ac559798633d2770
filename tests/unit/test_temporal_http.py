"""The client of Temporal's HTTP API against servers that answer oddly: what is not understood is left to the SDK."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from control.failures import explained
from control.temporal.http import HttpClient
from control.temporal.payloads import NotUnderstood, decoded, encoded
from control.temporal.port import CallFailed, Code, RunStatus, TemporalError
from reelwright.domain.content.status import PipelineStatus, Stage
from reelwright.domain.errors import InvalidInput, ProviderUnavailable


class Asked(Exception):
    """The SDK was asked."""


async def sdk() -> Any:
    raise Asked


def response(status: int, body: bytes, *, length: int | None = None) -> bytes:
    head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(body) if length is None else length}\r\n\r\n"
    return head.encode() + body


RUN: dict[str, Any] = {
    "execution": {"workflowId": "a", "runId": "r"},
    "type": {"name": "T"},
    "startTime": "2026-11-30T17:07:45.301921019Z",
    "status": "WORKFLOW_EXECUTION_STATUS_RUNNING",
}


@asynccontextmanager
async def served(*answers: bytes) -> AsyncIterator[tuple[HttpClient, list[bytes]]]:
    """A client of a server that gives these answers in turn, and what it was sent."""
    left, seen = list(answers), list[bytes]()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        size = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
        seen.append(head + await reader.readexactly(size))
        writer.write(left.pop(0))
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield HttpClient(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", "a b", sdk), seen


def whole(**fields: Any) -> bytes:
    return response(200, json.dumps({"workflowExecutionInfo": {**RUN, **fields}}).encode())


CODEC = {"metadata": {"encoding": base64.b64encode(b"binary/encrypted").decode()}, "data": "AAAA"}


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-OpenSSH\r\n",
        response(200, b"<html>"),
        response(200, b"[]"),
        response(200, b"{}"),
        response(200, b'{"workflowExecutionInfo": {', length=400),
        response(404, b'{"code": 5, "message": "Not Found"}'),
        response(404, b"404 page not found"),
        response(503, b'{"code": 14, "message": "unavailable"}'),
        response(429, b'{"code": 8, "message": "busy", "details": []}'),
        response(400, b'{"code": 99, "message": "what"}'),
        whole(status="WORKFLOW_EXECUTION_STATUS_PAUSED"),
        whole(startTime="yesterday"),
        whole(memo={"fields": {"title": CODEC}}),
        whole(searchAttributes={"indexedFields": {"ReelStage": "review"}}),
    ],
)
async def test_what_is_not_understood_is_left_to_the_sdk(answer: bytes) -> None:
    async with served(answer) as (client, _):
        with pytest.raises(Asked):
            await client.handle("a", object).describe()


async def test_a_run_is_read_and_asked_for_by_its_quoted_id() -> None:
    attributes = {"ReelStage": encoded("review"), "ReelCostUsd": encoded(0.5)}
    async with served(whole(searchAttributes={"indexedFields": attributes})) as (client, seen):
        run = await client.handle("it's a ü?", object).describe()
    assert seen[0].startswith(b"GET /api/v1/namespaces/a%20b/workflows/it%27s%20a%20%C3%BC%3F HTTP/1.1\r\n")
    assert b"no-payload-shorthand" in seen[0]
    assert (run.status, run.start_time.microsecond, dict(run.attributes)) == (
        RunStatus.RUNNING, 301921, {"ReelStage": "review", "ReelCostUsd": 0.5},
    )  # fmt: skip


@pytest.mark.parametrize(
    "effect",
    [lambda handle: handle.signal("resume"), lambda handle: handle.cancel()],
)
async def test_an_effect_is_not_sent_twice(effect: Callable[[Any], Awaitable[None]]) -> None:
    async with served(b"") as (client, seen):
        with pytest.raises(CallFailed, match="may have been done") as caught:
            await effect(client.handle("a", object))
    assert caught.value.code is Code.UNAVAILABLE and len(seen) == 1
    told = explained(caught.value)
    assert isinstance(told, ProviderUnavailable) and "may have been done" in str(told)


async def test_an_update_is_the_same_one_until_it_has_an_outcome() -> None:
    status = PipelineStatus(content_id="c", stage=Stage.REVIEW, percent=35)
    done = {"outcome": {"success": {"payloads": [encoded(status)]}}}
    async with served(response(200, b"{}"), response(200, json.dumps(done).encode())) as (client, seen):
        after = await client.handle("a", object).update("submit_review", {"x": 1}, result_type=PipelineStatus)
    assert after == status
    first, second = (json.loads(each.partition(b"\r\n\r\n")[2])["request"]["meta"]["updateId"] for each in seen)
    assert first == second


async def test_a_list_goes_on_from_page_to_page_and_stops_at_its_limit() -> None:
    def page(*ids: str, more: str = "") -> bytes:
        runs = [{**RUN, "execution": {"workflowId": id, "runId": "r"}} for id in ids]
        return response(200, json.dumps({"executions": runs, "nextPageToken": more}).encode())

    async with served(page("a", "b", more="bW9y+/=="), page("c", "d"), page("a", "b", more="x"), b"") as (client, seen):
        assert [run.id async for run in client.runs("X = 'y'", limit=3)] == ["a", "b", "c"]
        assert b"nextPageToken=bW9y%2B%2F%3D%3D" in seen[1] and b"query=X+%3D+%27y%27" in seen[0]
        with pytest.raises(CallFailed, match="ended a list early"):
            _ = [run async for run in client.runs("X = 'y'")]


@pytest.mark.parametrize("value", [{"a": [1, "ü", None]}, "text", 0.5, None, True])
def test_a_payload_is_the_sdks(value: Any) -> None:
    from temporalio.api.common.v1 import Payload

    from workers.converter import data_converter

    theirs: Payload = data_converter.payload_converter.to_payloads([value])[0]
    ours = encoded(value)
    assert base64.b64decode(ours.get("data", "")) == theirs.data
    assert {name: base64.b64decode(text) for name, text in ours["metadata"].items()} == dict(theirs.metadata)
    assert decoded(ours) == value == data_converter.payload_converter.from_payloads([theirs], [object])[0]


def test_a_payload_of_another_type_is_not_understood() -> None:
    with pytest.raises(NotUnderstood):
        decoded(encoded({"percent": "many"}), PipelineStatus)
    with pytest.raises(NotUnderstood):
        decoded(CODEC)


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (CallFailed("late", Code.DEADLINE_EXCEEDED), ProviderUnavailable, "is a worker up?"),
        (CallFailed("no", Code.PERMISSION_DENIED), ProviderUnavailable, "TEMPORAL_API_KEY: Temporal refuses"),
        (CallFailed("bad id", Code.INVALID_ARGUMENT), InvalidInput, "does not take it: bad id"),
        (CallFailed("gone", Code.INTERNAL), ProviderUnavailable, "Temporal: gone"),
        (TemporalError("odd"), ProviderUnavailable, "see the workflow in Temporal's UI"),
    ],
)
def test_an_error_is_one_line(error: TemporalError, kind: type, said: str) -> None:
    told = explained(error)
    assert type(told) is kind and said in str(told)
