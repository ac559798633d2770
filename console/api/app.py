"""The API as one application, which the console mounts at `/api`."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from reelwright.domain.people import Role

from ..parts import Parts
from .document import VERSION, document
from .problems import answered
from .routes import operations
from .routing import operation


class Api:
    """The API as what the console mounts: made when it is first asked for something, since a page needs none of it."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    @cached_property
    def app(self) -> FastAPI:
        """The application."""
        return create_api(self._parts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        await self.app(scope, receive, send)


def create_api(parts: Parts | None) -> FastAPI:
    """The API on what the console is made of; without it nothing can be called, and the document is all there is."""
    app = FastAPI(
        title="Reelwright",
        version=VERSION,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        root_path_in_servers=False,
        exception_handlers={HTTPException: answered, RequestValidationError: answered},
    )
    app.state.parts = parts
    app.openapi = lambda: document(app)  # type: ignore[method-assign]
    for each in (*operations(), openapi_document):
        each.mount(app)
    return app


@operation("GET", "/openapi.json", needs=Role.VIEWER, tag="Reference", answers=None, once="")
async def openapi_document(request: Request) -> Response:
    """This document."""
    made: dict[str, Any] = request.app.openapi()
    return JSONResponse({**made, "servers": [{"url": request.scope.get("root_path", "")}]})
