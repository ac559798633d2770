"""What an operation of the API is handed: who calls, and what it reaches for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from control.studio import Books, Studio
from reelwright.domain.people import Caller

from ..parts import Parts
from .cursors import Cursors


@dataclass(frozen=True)
class Call:
    """One request. `answer` is what headers and another status are set on."""

    request: Request
    answer: Response

    @property
    def parts(self) -> Parts:
        """What the console is made of."""
        parts: Parts = self.request.app.state.parts
        return parts

    @property
    def caller(self) -> Caller:
        """Who calls. Raises 401 where nobody is known; only public operations get so far."""
        caller: Caller | None = self.request.state.caller
        if caller is None:
            raise HTTPException(401)
        return caller

    @property
    def books(self) -> Books:
        """The database, for the caller."""
        return self.parts.books(self.caller)

    @property
    def studio(self) -> Studio:
        """The studio, for the caller."""
        return self.parts.studio(self.caller)

    @property
    def key(self) -> str:
        """The request's `Idempotency-Key`; empty without one."""
        key: str = getattr(self.request.state, "idempotency_key", "")
        return key

    def after(self, name: str, given: str | None) -> str | None:
        """The place that a cursor of this list stands for. Raises `InvalidInput` for a forged one."""
        return self._cursors.opened(name, given)

    def next(self, name: str, place: str | None) -> str | None:
        """The cursor of the next page; the `Link` header names it, too."""
        if place is None:
            return None
        cursor = self._cursors.signed(name, place)
        url = self.request.url.include_query_params(after=cursor)
        self.answer.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
        return cursor

    def path(self, path: str) -> str:
        """The address of something in the API, as a path from the console's root."""
        return f"{self.request.scope.get('root_path', '')}{path}"

    @property
    def _cursors(self) -> Cursors:
        return Cursors(self.books.secret_key)


def _called(request: Request, response: Response) -> Call:
    return Call(request, response)


Called = Annotated[Call, Depends(_called)]
