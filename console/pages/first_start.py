"""One-use links: the first admin is made, and passwords are set. The link's secret stands behind `#`, which browsers
send nowhere; the page's script moves it into the form. Without scripts it is pasted there."""

from __future__ import annotations

from starlette.responses import Response

from control import signing_in
from reelwright.domain.errors import InvalidInput
from reelwright.domain.people import PASSWORD_CHARS

from ..access.cookies import kept_by_browsers
from ..access.recognising import NOBODY, address_of, agent_of
from ..forms import fields
from ..problems import Problem, headers_of, problem_of
from ..routing import PageRequest, public, to
from ..templating import render
from .login import signed_in


@public("/first")
async def first(request: PageRequest) -> Response:
    """The page for the first admin; the login where there is somebody."""
    if await signing_in.anybody(request.parts.books(NOBODY)):
        return to(request, "login")
    return _asking(request, first=True)


@public("/first", methods=("POST",))
async def first_admin(request: PageRequest) -> Response:
    """Makes the first admin and signs them in."""
    given = await fields(request)
    try:
        cookie, _ = await signing_in.begin(
            request.parts.books(NOBODY),
            _secret(given.get("link", "")),
            given.get("name", ""),
            given.get("password", ""),
            address=address_of(request),
            agent=agent_of(request),
        )
    except InvalidInput as error:
        return _refused(request, error, first=True, name=given.get("name", ""), link=given.get("link", ""))
    return signed_in(request, cookie, "/")


@public("/password")
async def password(request: PageRequest) -> Response:
    """The page for a new password."""
    return _asking(request, first=False)


@public("/password", methods=("POST",))
async def new_password(request: PageRequest) -> Response:
    """Sets the password and signs in."""
    given = await fields(request)
    try:
        cookie, _ = await signing_in.use_password_link(
            request.parts.books(NOBODY),
            _secret(given.get("link", "")),
            given.get("password", ""),
            address=address_of(request),
            agent=agent_of(request),
        )
    except InvalidInput as error:
        return _refused(request, error, first=False, link=given.get("link", ""))
    return signed_in(request, cookie, "/")


def _secret(pasted: str) -> str:
    """Of a whole link that was pasted, what stands behind `#`."""
    return pasted.strip().rpartition("#")[2]


def _refused(request: PageRequest, error: InvalidInput, *, first: bool, name: str = "", link: str = "") -> Response:
    problem = problem_of(error)
    answer = _asking(request, first=first, problem=problem, name=name, link=link)
    answer.headers.update(headers_of(error, problem.status))
    return answer


def _asking(
    request: PageRequest, *, first: bool, problem: Problem | None = None, name: str = "", link: str = ""
) -> Response:
    return render(
        request,
        "first.html",
        status=problem.status if problem else 200,
        first=first,
        problem=problem,
        name=name[:100],
        given=link[:300],
        least=PASSWORD_CHARS[0],
        kept=kept_by_browsers(request.parts.settings),
    )


ROUTES = [first, first_admin, password, new_password]
