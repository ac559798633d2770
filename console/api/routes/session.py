"""Signing in and out, who calls, and short-lived tokens."""

from __future__ import annotations

from control import exchange, signing_in
from reelwright.domain.people import Role

from ...access.cookies import give, session_in, take_back
from ...access.recognising import NOBODY, address_of, agent_of, issuer
from ..calls import Called
from ..models.common import Done
from ..models.people import SessionNow, ShortToken, SignIn
from ..routing import operation

TAG = "Session"


@operation("POST", "/auth/login", needs=None, tag=TAG, answers=SessionNow, refuses=(401, 403))
async def sign_in(call: Called, body: SignIn) -> SessionNow:
    """Signs a person in: the answer's cookie is the session. Programs use API tokens, and need none."""
    cookie, session = await signing_in.sign_in(
        call.parts.books(NOBODY),
        body.name,
        body.password,
        address=address_of(call.request),
        agent=agent_of(call.request),
        before=session_in(call.request),
    )
    give(call.answer, cookie)
    return SessionNow(name=session.person, role=session.role.value, way="session")


@operation("POST", "/auth/logout", needs=None, tag=TAG, answers=Done, refuses=(403,))
async def sign_out(call: Called) -> Done:
    """Ends the session of the cookie; also where there is none."""
    if cookie := session_in(call.request):
        await signing_in.sign_out(call.parts.books(NOBODY), cookie)
    take_back(call.answer)
    return Done(done="signed out")


@operation("GET", "/auth/session", needs=Role.VIEWER, tag=TAG, answers=SessionNow)
async def get_session(call: Called) -> SessionNow:
    """Who calls, with which role, and how they were recognised."""
    caller = call.caller
    return SessionNow(name=caller.name, role=caller.role.value, way=caller.way)


@operation("POST", "/auth/token", needs=Role.VIEWER, tag=TAG, answers=ShortToken, once="")
async def exchange_token(call: Called) -> ShortToken:
    """A JWT for 15 minutes, in place of the API token that the request comes with."""
    token, expires = await exchange.exchanged(call.books, issuer=issuer(call.parts))
    return ShortToken(token=token, expires_at=expires)


OPERATIONS = [sign_in, sign_out, get_session, exchange_token]
