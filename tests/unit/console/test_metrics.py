"""Figures for Prometheus: by route and never by id, and who may read them."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import StreamingResponse
from starlette.routing import Route

from console.metrics import Measured, Metrics
from reelwright.domain.people import Caller, Role
from tests.console_app import ORIGIN, PERSONS, app_of

TOKEN = Caller(name="prometheus", role=Role.VIEWER, way="token", key="t1")


def asking(app: Any, host: str = "127.0.0.1") -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False, client=(host, 5_000))
    return httpx.AsyncClient(transport=transport, base_url=ORIGIN)


def counted(text: str, name: str = "reelwright_console_requests_total") -> dict[tuple[str, ...], float]:
    return {
        tuple(sample.labels[one] for one in ("route", "method", "status") if one in sample.labels): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name
    }


async def test_requests_are_counted_by_their_route() -> None:
    async with asking(app_of()) as client:
        for path in ("/health", "/health", "/api/auth/session", "/api/v1/contents?after=x", "/api/nothing", "/nothing"):
            await client.get(path)
        await client.get("/api/v1/contents/%00-an-id")
        await client.request("BREW", "/health", headers={"Sec-Fetch-Site": "same-origin"})
        text = (await client.get("/metrics")).text
    found = counted(text)
    assert found["/health", "GET", "200"] == 2
    assert found["/api/auth/session", "GET", "200"] == 1
    assert found["/api/v1/contents", "GET", "422"] == 1
    assert found["/api/v1/contents/{id:path}", "GET", "422"] == 1
    assert found["/api/(none)", "GET", "404"] == found["(none)", "GET", "404"] == 1
    assert found["/health", "OTHER", "405"] == 1
    assert "an-id" not in text
    assert counted(text, "reelwright_console_request_seconds_count")["/health", "GET"] == 2


@pytest.mark.parametrize(
    ("host", "headers", "caller", "status"),
    [
        ("127.0.0.1", {}, None, 200),
        ("::1", {}, None, 200),
        ("127.0.0.1", {"X-Forwarded-For": "203.0.113.9"}, None, 401),
        ("203.0.113.9", {}, None, 401),
        ("203.0.113.9", {}, PERSONS[Role.ADMIN], 401),
        ("203.0.113.9", {}, TOKEN, 200),
    ],
    ids=["loopback", "loopback-6", "proxy", "elsewhere", "session", "token"],
)
async def test_who_may_read_them(host: str, headers: dict[str, str], caller: Caller | None, status: int) -> None:
    async with asking(app_of(caller=caller), host) as client:
        assert (await client.get("/metrics", headers=headers)).status_code == status


async def test_open_streams_are_a_gauge() -> None:
    metrics, leave = Metrics(), asyncio.Event()

    async def news(request: Any) -> StreamingResponse:
        async def events() -> Any:
            yield b": hello\n\n"
            await leave.wait()

        return StreamingResponse(events(), media_type="text/event-stream")

    app = Starlette(routes=[Route("/events", news)], middleware=[Middleware(Measured, metrics=metrics)])
    sent: list[Any] = []
    began = asyncio.Event()

    async def send(message: Any) -> None:
        sent.append(message)
        if message["type"] == "http.response.body":
            began.set()

    async def receive() -> Any:
        await leave.wait()
        return {"type": "http.disconnect"}

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/events",
        "raw_path": b"/events",
        "query_string": b"",
        "headers": [],
    }
    served = asyncio.create_task(app(scope, receive, send))
    await began.wait()
    name = "reelwright_console_streams"
    assert counted(metrics.text().decode(), name) == {("/events",): 1.0}
    leave.set()
    await served
    assert counted(metrics.text().decode(), name) == {("/events",): 0.0}
    assert not counted(metrics.text().decode(), "reelwright_console_request_seconds_count"), "a stream is not slow"
