"""Who sent a request: a session by its cookie, or a program by its token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import HTTPConnection
from starlette.types import Scope

from control import exchange, signing_in
from reelwright.domain.people import TOKEN_PREFIX, Caller, Role

from .cookies import session_in

if TYPE_CHECKING:
    from control.studio import Books

    from ..parts import Parts

NOBODY = Caller(name="", role=Role.VIEWER, way="link")
"""For whom the books are opened while it is found out who asks. What is called with it checks by itself."""
READS = {"GET", "HEAD", "OPTIONS"}


async def recognise(connection: HTTPConnection) -> Caller | None:
    """Who sent a request; None for nobody known, and for a token that opens nothing, whatever the cookie. Changes are
    counted: raises `TooMany`. `ProviderUnavailable` where the database does not answer."""
    parts: Parts = connection.app.state.parts
    books = parts.books(NOBODY)
    token, cookie = bearer(connection), session_in(connection)
    if token is not None:
        caller = await of_token(books, token, issuer(parts))
    else:
        caller = await signing_in.caller_of_session(books, cookie) if cookie else None
    if caller is not None and connection.scope.get("method", "GET") not in READS and not _part_of_a_file(connection):
        await signing_in.count_write(books, caller)
    return caller


async def of_token(books: Books, token: str, issuer: str) -> Caller | None:
    """For whom a token acts, an API token or one that was exchanged for one."""
    if token.startswith(TOKEN_PREFIX):
        return await signing_in.caller_of_token(books, token)
    return await exchange.caller_of_jwt(books, token, issuer=issuer) if token.count(".") == 2 else None


def bearer(connection: HTTPConnection) -> str | None:
    """The token in `Authorization: Bearer`; None where there is no such header."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def issuer(parts: Parts) -> str:
    """What this console calls itself in the tokens that it signs."""
    return f"{parts.settings.origin}{parts.settings.root_path}"


def address_of(connection: HTTPConnection) -> str:
    """Where a request comes from; of a proxy's only where the process believes it (REELWRIGHT_CONSOLE_PROXIES)."""
    return connection.client.host if connection.client else ""


def agent_of(connection: HTTPConnection) -> str:
    """What the browser calls itself."""
    return connection.headers.get("user-agent", "")


def _part_of_a_file(connection: HTTPConnection) -> bool:
    """The parts of an upload are as many as the file is long; its beginning was counted."""
    return connection.scope.get("method") == "PATCH" and path_of(connection.scope).startswith("/uploads/")


def path_of(scope: Scope) -> str:
    """The path of the console, without that under which a proxy has put it."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))
