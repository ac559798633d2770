"""The console as one application."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from reelwright.domain.errors import ReelwrightError
from reelwright.domain.people import Caller, Role

from . import assets, metrics
from .access.csrf import OwnPagesOnly
from .access.headers import SafeHeaders
from .access.limits import SmallBodies
from .api.app import Api
from .api.problems import answered as refused_by_api
from .api.reference import API_PAGES
from .live import sse, websocket
from .live.hub import Hub
from .pages import screens
from .parts import Parts
from .problems import headers_of, problem_of
from .routing import PageRequest, routes_of
from .templating import render

API = "/api"
log = logging.getLogger(__name__)
ITSELF = Caller(name="the console", role=Role.ADMIN)
"""Who reads the news for all streams; each stream gets what its own caller may hear."""


def create_app(parts: Parts) -> Starlette:
    """The pages, the API and the news, on what they are handed. Nothing is opened here: the process does that."""
    routes: Sequence[BaseRoute] = [
        *routes_of(assets.ROUTES),
        *routes_of(sse.ROUTES),
        *routes_of(websocket.ROUTES),
        *websocket.SOCKETS,
        *routes_of(screens()),
        *routes_of(API_PAGES),
        *routes_of(metrics.ROUTES),
        Mount(API, Api(parts)),
    ]
    figures = metrics.Metrics()
    app = Starlette(
        routes=routes,
        middleware=[Middleware(metrics.Measured, metrics=figures), *middleware(parts)],
        exception_handlers={
            HTTPException: _answered,
            ReelwrightError: _answered,
            Exception: _answered,
        },
    )
    app.state.parts = parts
    app.state.metrics = figures
    app.state.stopping = asyncio.Event()  # set when the process is to end: open streams end then
    app.state.hub = Hub(parts.books(ITSELF), app.state.stopping)
    app.state.names = {route.name for route in routes if isinstance(route, Route)}
    return app


def middleware(parts: Parts) -> list[Middleware]:
    """What every request passes through, from outside to inside."""
    return [
        Middleware(SafeHeaders, settings=parts.settings),
        Middleware(OwnPagesOnly, settings=parts.settings, refuse=_answered),
        Middleware(SmallBodies, refuse=_answered),
    ]


async def _answered(request: Request, error: Exception) -> Response:
    """An error as a page, or for programs as problem+json (RFC 9457)."""
    if request.url.path.removeprefix(request.scope.get("root_path", "")).startswith(f"{API}/"):
        return await refused_by_api(request, error, below=API)
    problem = problem_of(error)
    if problem.status >= 500:
        log.error("%s %s: %s", request.method, request.url.path, error, exc_info=problem.status == 500)
    asked = PageRequest(request.scope, request.receive)
    headers = headers_of(error, problem.status)
    if asked.wants_page:
        page = render(asked, "problem.html", status=problem.status, problem=problem)
        page.headers.update(headers)
        return page
    return JSONResponse(
        problem.model_dump(), status_code=problem.status, headers=headers, media_type="application/problem+json"
    )
