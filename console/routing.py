"""Routes that say who may use them. A route without a role cannot be made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any
from urllib.parse import quote

from starlette.datastructures import URL
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from control.access import require
from control.studio import Books, Studio
from reelwright.domain.people import Caller, Role

from .parts import Parts

SIGNED_OUT = 401
READS = {"GET", "HEAD"}


class PageRequest(Request):
    """A request with what its handler needs. `caller` is who sent it."""

    @property
    def parts(self) -> Parts:
        """What the console is made of."""
        parts: Parts = self.app.state.parts
        return parts

    @property
    def caller(self) -> Caller:
        """Who sent it. Raises 401 where nobody is known; only public routes get so far."""
        caller: Caller | None = self.state.caller if hasattr(self.state, "caller") else None
        if caller is None:
            raise HTTPException(SIGNED_OUT)
        return caller

    @property
    def known(self) -> Caller | None:
        """Who sent it, if that is known."""
        return self.state.caller if hasattr(self.state, "caller") else None

    @property
    def books(self) -> Books:
        """The database, for the caller."""
        return self.parts.books(self.caller)

    @property
    def studio(self) -> Studio:
        """The studio, for the caller."""
        return self.parts.studio(self.caller)

    @property
    def wants_page(self) -> bool:
        """Whether a browser will show the answer as a page."""
        return "text/html" in self.headers.get("accept", "")


Handler = Callable[[PageRequest], Awaitable[Response]]


class Page:
    """A handler with its path and its role, to be listed in a module's `ROUTES`."""

    def __init__(self, handler: Handler, path: str, needs: Role | None, methods: Sequence[str], name: str) -> None:
        self.handler, self.path, self.needs, self.methods, self.name = handler, path, needs, methods, name
        self.__doc__ = handler.__doc__

    @property
    def public(self) -> bool:
        """Whether it is for everybody."""
        return self.needs is None

    def route(self) -> Route:
        """For Starlette. The route carries the page, so that a test can walk all routes and their roles."""

        async def checked(request: Request) -> Response:
            asked = PageRequest(request.scope, request.receive)
            if self.needs is not None:
                if await recognised(asked) is None:
                    return _signed_out(asked)
                require(asked.caller, self.needs, what=self.name.replace("_", " "))
            return await self.handler(asked)

        route = Route(self.path, checked, methods=list(self.methods), name=self.name)
        route.page = self  # type: ignore[attr-defined]
        return route


def page(path: str, *, needs: Role, methods: Sequence[str] = ("GET",), name: str = "") -> Callable[[Handler], Page]:
    """A route for callers whose role includes `needs`."""
    return lambda handler: Page(handler, path, needs, methods, name or handler.__name__)


def public(path: str, *, methods: Sequence[str] = ("GET",), name: str = "") -> Callable[[Handler], Page]:
    """A route for everybody: its handler checks by itself what it may show."""
    return lambda handler: Page(handler, path, None, methods, name or handler.__name__)


def routes_of(pages: Iterable[Page]) -> list[Route]:
    """For Starlette."""
    return [one.route() for one in pages]


def to(request: Request, name: str, /, **path: Any) -> RedirectResponse:
    """303 to another page, after a form was handled. `query` among the arguments is its query string as a mapping."""
    query = path.pop("query", None)
    url = URL(local(request, name, **path))
    return RedirectResponse(str(url.include_query_params(**query)) if query else str(url), status_code=303)


def local(request: Request, name: str, /, **path: Any) -> str:
    """A page's path, with the path that a proxy has put the console under. Without a host: it is never taken from the
    request."""
    quoted = {key: quote(str(value), safe="") for key, value in path.items()}
    return f"{request.scope.get('root_path', '')}{request.app.url_path_for(name, **quoted)}"


async def recognised(request: PageRequest) -> Caller | None:
    """Who sent a request, for a public page that wants to know: otherwise nothing is asked of the database for one."""
    if not hasattr(request.state, "caller"):
        request.state.caller = await request.parts.recognise(request)
    return request.known


def _signed_out(request: PageRequest) -> Response:
    if not (request.wants_page and request.method in READS):
        raise HTTPException(SIGNED_OUT)
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    root = request.scope.get("root_path", "")
    return RedirectResponse(f"{root}/login?to={quote(here.removeprefix(root), safe='')}", status_code=303)
