"""Figures for Prometheus: requests by route, and streams that are open. No id is a label: there would be one series for
each content. Read at `/metrics`, with a token, or without one from this machine itself."""

from __future__ import annotations

import ipaddress
import time

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .routing import PageRequest, public, recognised

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5, 5.0, 10.0)
ELSEWHERE = "(none)"
"""The route of a request that no route is for."""
FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")


class Metrics:
    """A registry of its own: two consoles in one process, as in tests, do not share figures."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "reelwright_console_requests", "Requests.", ("route", "method", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "reelwright_console_request_seconds",
            "Time to the end of the answer; streams are left out.",
            ("route", "method"),
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.streams = Gauge(
            "reelwright_console_streams", "Streams and sockets that are open.", ("route",), registry=self.registry
        )

    def text(self) -> bytes:
        """In Prometheus' text format."""
        return generate_latest(self.registry)


class Measured:
    """Counts what passes through."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        began, status, streaming = time.perf_counter(), 0, ""

        async def told(message: Message) -> None:
            nonlocal status, streaming
            if message["type"] == "http.response.start":
                status = message["status"]
                if (b"content-type", b"text/event-stream") in _plain(message) and not streaming:
                    streaming = self._opened(scope)
            elif message["type"] == "websocket.accept" and not streaming:
                streaming = self._opened(scope)
            await send(message)

        try:
            await self._app(scope, receive, told)
        finally:
            route = streaming or route_of(scope)
            if streaming:
                self._metrics.streams.labels(route).dec()
            if scope["type"] == "http":
                method = scope["method"] if scope["method"] in METHODS else "OTHER"
                self._metrics.requests.labels(route, method, str(status or 500)).inc()
                if not streaming:
                    self._metrics.seconds.labels(route, method).observe(time.perf_counter() - began)

    def _opened(self, scope: Scope) -> str:
        route = route_of(scope)
        self._metrics.streams.labels(route).inc()
        return route


METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def _plain(message: Message) -> list[tuple[bytes, bytes]]:
    return [(name.lower(), value.partition(b";")[0].strip().lower()) for name, value in message.get("headers", ())]


def route_of(scope: Scope) -> str:
    """The template of the route that served a request, without a proxy's path: `/api/v1/contents/{id:path}`."""
    route = scope.get("route")
    if route is None:
        return ELSEWHERE
    if isinstance(route, Mount):
        return f"{route.path}/{ELSEWHERE}"
    root = scope.get("root_path", "").removeprefix(scope.get("app_root_path", ""))
    return f"{root}{getattr(route, 'path', '')}"


@public("/metrics")
async def metrics(request: PageRequest) -> Response:
    """The figures of this process: for a program with a token, or for one on this machine."""
    if not on_this_machine(request):
        caller = await recognised(request)
        if caller is None or caller.way != "token":
            raise HTTPException(401)
    made: Metrics = request.app.state.metrics
    return Response(made.text(), media_type=CONTENT_TYPE_LATEST)


def on_this_machine(request: PageRequest) -> bool:
    """Whether it comes from a program beside this one, and not from a proxy for somebody elsewhere."""
    if request.client is None or any(name in request.headers for name in FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False


ROUTES = [metrics]
