"""People: who may come in, with which role; all sessions and all tokens."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from control import people as control
from reelwright.domain.errors import InvalidInput
from reelwright.domain.people import Role

from ..forms import fields
from ..problems import problem_of
from ..routing import PageRequest, local, page, to
from ..templating import render

CHANGES = {
    "disable": control.disable,
    "enable": control.enable,
    "sign_out": control.end_sessions,
}


@page("/people", needs=Role.ADMIN)
async def people(request: PageRequest) -> Response:
    """Everybody, who is signed in, and which programs act for whom."""
    return await _shown(request, told=request.query_params.get("told", ""))


@page("/people", needs=Role.ADMIN, methods=("POST",))
async def add_person(request: PageRequest) -> Response:
    """Adds somebody, and shows the link to their password, this once."""
    given = await fields(request)
    try:
        role = control.role_of(given.get("role", ""))
        added = await control.add(request.books, given.get("name", ""), role, by=request.caller.name)
        secret = await control.password_link(request.books, added.name, by=request.caller.name)
    except InvalidInput as error:
        return await _shown(request, error=error, form="add", typed=given)
    return await _shown(request, link=_link(request, secret), link_for=added.name)


@page("/people/change", needs=Role.ADMIN, methods=("POST",))
async def change_person(request: PageRequest) -> Response:
    """Another role, disabled, enabled, signed out, or a new link to a password: `what` says which."""
    given = await fields(request)
    what, name = given.get("what", ""), given.get("name", "")
    try:
        if what == "password":
            secret = await control.password_link(request.books, name, by=request.caller.name)
            return await _shown(request, link=_link(request, secret), link_for=name)
        if what == "role":
            await control.set_role(request.books, name, control.role_of(given.get("role", "")), by=request.caller.name)
        elif what in CHANGES:
            await CHANGES[what](request.books, name, by=request.caller.name)
        else:
            raise InvalidInput(f"{what[:40]!r} is no change", field="what", remedy="load the page again")
    except InvalidInput as error:
        return await _shown(request, error=error, form="change")
    return to(request, "people", query={"told": what})


@page("/people/session", needs=Role.ADMIN, methods=("POST",))
async def end_any_session(request: PageRequest) -> Response:
    """Ends one session; also when it has ended already."""
    given = await fields(request)
    await control.end_session(request.books, given.get("id", ""), by=request.caller.name)
    return to(request, "people", query={"told": "session"})


@page("/people/token", needs=Role.ADMIN, methods=("POST",))
async def revoke_any_token(request: PageRequest) -> Response:
    """Revokes one token; also when it was revoked already."""
    given = await fields(request)
    await control.revoke_token(request.books, given.get("id", ""), by=request.caller.name)
    return to(request, "people", query={"told": "token"})


async def _shown(
    request: PageRequest,
    *,
    error: InvalidInput | None = None,
    form: str = "",
    typed: dict[str, str] | None = None,
    told: str = "",
    link: str = "",
    link_for: str = "",
) -> Response:
    problem = problem_of(error) if error else None
    shown: dict[str, Any] = {
        "everybody": await control.people(request.books),
        "sessions": await control.sessions(request.books),
        "tokens": await control.tokens(request.books),
        "roles": [role.value for role in Role],
        "now": request.parts.clock(),
        "typed": {key: value[:200] for key, value in (typed or {}).items()},
    }
    return render(
        request,
        "people.html",
        status=problem.status if problem else 200,
        problem=problem,
        form=form,
        told=told,
        link_made=link,
        link_for=link_for,
        **shown,
    )


def _link(request: PageRequest, secret: str) -> str:
    return f"{request.parts.settings.origin}{local(request, 'password')}#{secret}"


ROUTES = [people, add_person, change_person, end_any_session, revoke_any_token]
