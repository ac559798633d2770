"""Connecting accounts: the platform, its consent page, and which of what it grants is to be used here.

A form post may not lead to another site (`form-action 'self'`, which counts for redirects too): the connection is made,
its page is shown, and an ordinary link goes to the platform (https://w3c.github.io/webappsec-csp/#directive-form-action).
"""

from __future__ import annotations

from starlette.responses import Response

from control import connected, connecting
from control.connecting import Desk
from control.names import platform_of
from control.replies import pasted, read_reply
from reelwright.domain.errors import InvalidInput
from reelwright.domain.formats import Platform
from reelwright.domain.people import Role
from reelwright.domain.publishing.connecting import Way

from ..forms import form_of, text_of
from ..problems import problem_of
from ..routing import PageRequest, page, to
from ..templating import render


@page("/connect", needs=Role.ADMIN)
async def connect(request: PageRequest) -> Response:
    """What can be connected, with what must be set on each platform first."""
    async with request.parts.connecting(request.books) as desk:
        sheets = [_sheet(request, desk, platform) for platform in desk.connectors]
    return render(request, "connect.html", sheets=sheets)


@page("/connect", needs=Role.ADMIN, methods=("POST",), name="begin_connection")
async def begin_connection(request: PageRequest) -> Response:
    """Makes a connection that waits for the platform's answer."""
    form = await form_of(request)
    platform = platform_of(text_of(form, "platform", most=20))
    account = text_of(form, "account", most=64, needed=False) or "default"
    async with request.parts.connecting(request.books) as desk:
        begun = await connecting.begin(
            desk,
            platform,
            account,
            way=Way.CONSOLE,
            redirect=connecting.redirect_of(desk.connector(platform), _base(request)),
            by=request.caller.name,
            session=request.caller.key,
            replace="replace" in form,
        )
    return to(request, "connection", id=begun.connection.id)


@page("/connect/cb/{short}", needs=Role.ADMIN)
async def platform_answers(request: PageRequest) -> Response:
    """Where a platform sends the browser back to. The code leaves the address at once."""
    async with request.parts.connecting(request.books) as desk:
        platform = desk.by_path(request.path_params["short"])
        reply = read_reply(request.url.query)
        held = await connecting.finish(desk, platform, reply, session=request.caller.key)
    return to(request, "connection_choices", id=held.connection.id)


@page("/connect/{id}", needs=Role.ADMIN)
async def connection(request: PageRequest) -> Response:
    """The connection before the platform's answer: what is asked for there, and the link to it."""
    async with request.parts.connecting(request.books) as desk:
        begun = await connecting.pending(desk, request.path_params["id"], session=request.caller.key)
        return render(request, "connection.html", begun=begun, sheet=_sheet(request, desk, begun.connection.platform))


@page("/connect/{id}/answer", needs=Role.ADMIN, methods=("POST",), name="paste_answer")
async def paste_answer(request: PageRequest) -> Response:
    """The platform's answer by hand: the address of the last page, or handle and app password."""
    id, form = request.path_params["id"], await form_of(request)
    async with request.parts.connecting(request.books) as desk:
        begun = await connecting.pending(desk, id, session=request.caller.key)
        if begun.by_password:
            name = text_of(form, "handle", most=253)
            answer = f"{name.removeprefix('@')}:{text_of(form, 'password', most=100)}"
        else:
            answer = text_of(form, "address", most=16_000)
        reply = pasted(answer, begun.state, bare=begun.by_password)
        held = await connecting.finish(desk, begun.connection.platform, reply, session=request.caller.key)
    return to(request, "connection_choices", id=held.connection.id)


@page("/connect/{id}/choose", needs=Role.ADMIN, name="connection_choices")
async def connection_choices(request: PageRequest) -> Response:
    """What was granted, and the accounts to pick from."""
    return await _choices(request, request.path_params["id"])


@page("/connect/{id}/choose", needs=Role.ADMIN, methods=("POST",), name="pick_account")
async def pick_account(request: PageRequest) -> Response:
    """Stores one of them as an account here."""
    id, form = request.path_params["id"], await form_of(request)
    async with request.parts.connecting(request.books) as desk:
        try:
            done = await connecting.pick(
                desk,
                id,
                text_of(form, "external_id", most=300),
                account=text_of(form, "account", most=64, needed=False),
                replace="replace" in form,
                more="more" in form,
                session=request.caller.key,
                by=request.caller.name,
            )
        except InvalidInput as error:
            return await _choices(request, id, error)
    if "more" in form:
        return to(request, "connection_choices", id=id)
    return to(request, "accounts", query={"connected": f"{done.platform.label} ({done.account})"})


@page("/connect/{id}/cancel", needs=Role.ADMIN, methods=("POST",), name="cancel_connection")
async def cancel_connection(request: PageRequest) -> Response:
    """Forgets it, with all that was granted for it."""
    async with request.parts.connecting(request.books) as desk:
        await connecting.cancel(desk, request.path_params["id"], session=request.caller.key)
    return to(request, "connect")


@page("/accounts/{platform}/{account}/test", needs=Role.ADMIN, methods=("POST",), name="check_account")
async def check_account(request: PageRequest) -> Response:
    """Asks the platform once whether the account works, and says what does not."""
    platform, account = platform_of(request.path_params["platform"]), request.path_params["account"]
    async with request.parts.connecting(request.books) as desk:
        checked = await connected.check(desk, platform, account)
    return render(request, "account_check.html", checked=checked)


async def _choices(request: PageRequest, id: str, error: InvalidInput | None = None) -> Response:
    async with request.parts.connecting(request.books) as desk:
        held = await connecting.held(desk, id, session=request.caller.key)
    problem = problem_of(error) if error else None
    return render(request, "connection_choices.html", status=422 if error else 200, held=held, problem=problem)


def _sheet(request: PageRequest, desk: Desk, platform: Platform) -> connecting.Sheet:
    connector = desk.connector(platform)
    return connecting.sheet(
        connector, connecting.redirect_of(connector, _base(request)), connector.app_for(Way.CONSOLE)
    )


def _base(request: PageRequest) -> str:
    """The address that platforms send their answers to: it is set, and never taken from the request."""
    settings = request.parts.settings
    return settings.connect_url or f"{settings.public_url}{settings.root_path}"


ROUTES = [
    connect, begin_connection, platform_answers, connection, paste_answer, connection_choices, pick_account,
    cancel_connection, check_account,
]  # fmt: skip
