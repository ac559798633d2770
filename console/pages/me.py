"""The caller's own: sessions, tokens, password."""

from __future__ import annotations

import secrets

from starlette.responses import Response

from control import people as control
from control.links import span_of
from reelwright.domain.errors import InvalidInput
from reelwright.domain.people import LONGEST_TOKEN, PASSWORD_CHARS, Role

from ..forms import fields
from ..problems import problem_of
from ..routing import PageRequest, page, to
from ..templating import render


@page("/me", needs=Role.VIEWER)
async def me(request: PageRequest) -> Response:
    """Who the caller is here, where they are signed in, and which programs act for them."""
    return await _shown(request, told=request.query_params.get("told", ""))


@page("/me/password", needs=Role.VIEWER, methods=("POST",))
async def change_password(request: PageRequest) -> Response:
    """Changes the caller's password; their other sessions end."""
    given = await fields(request)
    try:
        await control.change_password(request.books, given.get("before", ""), given.get("after", ""))
    except InvalidInput as error:
        return await _shown(request, error=error, form="password")
    return to(request, "me", query={"told": "password"})


@page("/me/tokens", needs=Role.VIEWER, methods=("POST",))
async def make_token(request: PageRequest) -> Response:
    """Makes a token and shows it, this once. It stands in no address, so this answer is no redirect."""
    given = await fields(request)
    try:
        token, _ = await control.make_token(
            request.books,
            request.caller.name,
            label=given.get("label", ""),
            role=control.role_of(given.get("role", "")),
            life=span_of(given.get("expires", ""), most=LONGEST_TOKEN),
            by=request.caller.name,
            id=given.get("id", ""),
        )
    except InvalidInput as error:
        return await _shown(request, error=error, form="token", typed=given)
    return await _shown(request, token=token)


@page("/me/tokens/revoke", needs=Role.VIEWER, methods=("POST",))
async def revoke_token(request: PageRequest) -> Response:
    """Revokes one of the caller's tokens; also when it was revoked already."""
    given = await fields(request)
    await control.revoke_token(request.books, given.get("id", ""), by=request.caller.name)
    return to(request, "me", query={"told": "token"})


@page("/me/sessions/end", needs=Role.VIEWER, methods=("POST",))
async def end_session(request: PageRequest) -> Response:
    """Ends one of the caller's sessions; without an id all but this one."""
    given = await fields(request)
    if id := given.get("id", ""):
        await control.end_session(request.books, id, by=request.caller.name)
    else:
        await control.end_sessions(request.books, request.caller.name, by=request.caller.name)
    return to(request, "me", query={"told": "session"})


async def _shown(
    request: PageRequest,
    *,
    error: InvalidInput | None = None,
    form: str = "",
    typed: dict[str, str] | None = None,
    told: str = "",
    token: str = "",
) -> Response:
    caller, problem = request.caller, problem_of(error) if error else None
    return render(
        request,
        "me.html",
        status=problem.status if problem else 200,
        problem=problem,
        form=form,
        told=told,
        token=token,
        typed={key: value[:200] for key, value in (typed or {}).items()},
        one=await control.me(request.books),
        sessions=await control.sessions(request.books, caller.name),
        tokens=await control.tokens(request.books, caller.name),
        roles=[role.value for role in Role if caller.role.includes(role)],
        once=secrets.token_hex(8),  # a form that is sent twice makes one token
        now=request.parts.clock(),
        least=PASSWORD_CHARS[0],
    )


ROUTES = [me, change_password, make_token, revoke_token, end_session]
