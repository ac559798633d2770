"""Signing in and out."""

from __future__ import annotations

from starlette.datastructures import URL
from starlette.responses import RedirectResponse, Response

from control import signing_in
from reelwright.domain.errors import InvalidInput
from reelwright.domain.people import NotSignedIn, Role

from ..access.cookies import give, kept_by_browsers, session_in, take_back
from ..access.recognising import NOBODY, address_of, agent_of
from ..forms import fields, within
from ..problems import Problem, headers_of, problem_of
from ..routing import PageRequest, page, public, recognised, to
from ..templating import render


@public("/login")
async def login(request: PageRequest) -> Response:
    """Asks for name and password; whoever is signed in goes on."""
    back_to = within(request.query_params.get("to"))
    if await recognised(request) is not None:
        return onward(request, back_to)
    nobody = not await signing_in.anybody(request.parts.books(NOBODY))
    if nobody and "oidc" not in request.parts.extras:
        return to(request, "first")
    return asking(request, back_to, nobody=nobody)


@public("/login", methods=("POST",))
async def sign_in(request: PageRequest) -> Response:
    """Signs in, in a new session."""
    given = await fields(request)
    name, back_to = given.get("name", ""), within(given.get("to"))
    try:
        cookie, _ = await signing_in.sign_in(
            request.parts.books(NOBODY),
            name,
            given.get("password", ""),
            address=address_of(request),
            agent=agent_of(request),
            before=session_in(request),
        )
    except InvalidInput as error:
        problem = problem_of(error)
        answer = asking(request, back_to, problem=problem, name=name)
        answer.headers.update(headers_of(error, problem.status))
        return answer
    return signed_in(request, cookie, back_to)


@public("/login/done")
async def login_done(request: PageRequest) -> Response:
    """Whoever has just signed in goes on, unless their browser has not kept the cookie: then that is said, instead of
    asking for the password for ever."""
    back_to = within(request.query_params.get("to"))
    if await recognised(request) is not None:
        return onward(request, back_to)
    lost = NotSignedIn(
        "your browser has not kept the session's cookie",
        field="cookie",
        remedy="open the console by https, or at http://127.0.0.1; and allow its cookies",
    )
    return asking(request, back_to, problem=problem_of(lost))


@public("/logout", methods=("POST",))
async def logout(request: PageRequest) -> Response:
    """Ends the session."""
    if cookie := session_in(request):
        await signing_in.sign_out(request.parts.books(NOBODY), cookie)
    answer = to(request, "login")
    take_back(answer)
    return answer


@page("/signed-in", needs=Role.VIEWER)
async def whoami(request: PageRequest) -> Response:
    """Nothing but whether the session is still open, for scripts: 204, or 401 without one."""
    return Response(status_code=204)


def asking(
    request: PageRequest, back_to: str, *, problem: Problem | None = None, name: str = "", nobody: bool = False
) -> Response:
    """The page that asks for name and password."""
    return render(
        request,
        "login.html",
        status=problem.status if problem else 200,
        problem=problem,
        name=name[:100],
        nobody=nobody,
        back_to=back_to,
        provider=request.parts.extras.get("oidc"),
        kept=kept_by_browsers(request.parts.settings),
    )


def signed_in(request: PageRequest, cookie: str, back_to: str) -> Response:
    """Hands the cookie out, and goes on."""
    answer = to(request, "login_done", query={"to": back_to})
    give(answer, cookie)
    return answer


def onward(request: PageRequest, back_to: str) -> Response:
    """To a path of the console."""
    return RedirectResponse(str(URL(request.scope.get("root_path", "") + back_to)), status_code=303)


ROUTES = [login, sign_in, login_done, logout, whoami]
