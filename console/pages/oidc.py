"""Signing in at an identity provider, where one is set (docs/access.md)."""

from __future__ import annotations

from datetime import timedelta

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from control import signing_in
from reelwright.domain.errors import InvalidInput, ProviderUnavailable

from ..access.cookies import give, session_in, take_back
from ..access.oidc import Provider
from ..access.recognising import NOBODY, address_of, agent_of
from ..forms import within
from ..problems import problem_of
from ..routing import PageRequest, local, public
from .login import asking, signed_in

COOKIE = "__Host-reelwright-oidc"


@public("/login/oidc")
async def oidc_begin(request: PageRequest) -> Response:
    """Sends the browser there."""
    provider, back_to = _provider(request), within(request.query_params.get("to"))
    books = request.parts.books(NOBODY)
    try:
        await signing_in.slow_down(books, "", address_of(request))
        begun = await provider.begin(books, _own(request), back_to)
    except (InvalidInput, ProviderUnavailable) as error:
        return asking(request, back_to, problem=problem_of(error))
    answer = RedirectResponse(begun.url, status_code=303)
    give(answer, begun.cookie, COOKIE, timedelta(minutes=10))
    return answer


@public("/login/oidc/callback")
async def oidc_callback(request: PageRequest) -> Response:
    """The browser comes back. It changes something, and is a GET since the protocol has it so: the state in the
    address must fit this browser's cookie, and is used once."""
    provider, books = _provider(request), request.parts.books(NOBODY)
    try:
        identity, back_to = await provider.finish(
            books, dict(request.query_params), request.cookies.get(COOKIE, ""), _own(request)
        )
        cookie, _ = await signing_in.signed_in_elsewhere(
            books,
            identity.subject,
            identity.name,
            identity.role,
            address=address_of(request),
            agent=agent_of(request),
            before=session_in(request),
        )
    except (InvalidInput, ProviderUnavailable) as error:
        answer = asking(request, "/", problem=problem_of(error))
    else:
        answer = signed_in(request, cookie, within(back_to))
    take_back(answer, COOKIE)
    return answer


def _provider(request: PageRequest) -> Provider:
    provider = request.parts.extras.get("oidc")
    if not isinstance(provider, Provider):
        raise HTTPException(404)
    return provider


def _own(request: PageRequest) -> str:
    return f"{request.parts.settings.origin}{local(request, 'oidc_callback')}"


ROUTES = [oidc_begin, oidc_callback]
