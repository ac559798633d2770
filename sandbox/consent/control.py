"""The control interface of consent: `/_control/apps`, `/_control/connect/<platform>`, and the log."""

from __future__ import annotations

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from ..store import SandboxStore
from ..wire import json_object
from .books import ConsentBooks
from .model import App


class ConsentControl:
    """Routes under `/_control`, over a store. `platforms` are those that have consent pages."""

    def __init__(self, store: SandboxStore, platforms: tuple[str, ...]) -> None:
        self._store = store
        self._platforms = platforms

    def routes(self) -> list[Route]:
        """All of them."""
        return [
            Route("/_control/apps", self.apps, methods=["GET", "POST"]),
            Route("/_control/connect/{platform}", self.switches, methods=["GET", "POST"]),
            Route("/_control/connect/{platform}/log", self.log, methods=["GET"]),
        ]

    async def apps(self, request: Request) -> Response:
        """GET the registered applications; POST one to register it."""
        if request.method == "POST":
            try:
                app = App.model_validate(json_object(await request.body()))
            except (ValueError, ValidationError) as error:
                return PlainTextResponse(f"not an application: {error}", 400)
            if app.platform not in self._platforms:
                return PlainTextResponse(f"no such platform; there are {', '.join(self._platforms)}", 404)
            ConsentBooks(self._store, app.platform).register(app)
        found = [app for platform in self._platforms for app in ConsentBooks(self._store, platform).apps()]
        return JSONResponse({"apps": found})

    async def switches(self, request: Request) -> Response:
        """GET the switches of a platform; POST an object to change some."""
        platform = request.path_params["platform"]
        if platform not in self._platforms:
            return PlainTextResponse(f"no such platform; there are {', '.join(self._platforms)}", 404)
        books = ConsentBooks(self._store, platform)
        if request.method == "POST":
            try:
                books.switch(json_object(await request.body()))
            except (ValueError, ValidationError) as error:
                return PlainTextResponse(f"not switches: {error}", 400)
        return JSONResponse(books.switches().model_dump())

    async def log(self, request: Request) -> Response:
        """Who asked how, without secrets."""
        return JSONResponse({"log": ConsentBooks(self._store, request.path_params["platform"]).log()})
