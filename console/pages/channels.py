"""Channels and their configuration: versions, differences, a new version, an earlier one brought back."""

from __future__ import annotations

from starlette.responses import Response

from control import channels as control
from control import costs
from control.channel_files import parsed
from reelwright.domain.channels.config import CHANNEL_BYTES
from reelwright.domain.errors import InvalidInput
from reelwright.domain.people import Role

from ..forms import form_of, text_of
from ..problems import Problem, problem_of
from ..routing import PageRequest, page, to
from ..templating import render

FILE = "the configuration"
"""What messages about the text of a form call it."""


@page("/channels", needs=Role.VIEWER)
async def channels(request: PageRequest) -> Response:
    """The newest version of each."""
    return render(request, "channels.html", rows=await control.channels(request.books))


@page("/channels/new", needs=Role.ADMIN)
async def new_channel(request: PageRequest) -> Response:
    """The form for a channel that is not there yet."""
    return _form(request, 'name = "my-channel"\n', name="")


@page("/channels/{name}", needs=Role.VIEWER)
async def channel(request: PageRequest) -> Response:
    """A version of a channel, the newest one if none is named, with its history and what differs from another."""
    name, query = request.path_params["name"], request.query_params
    version = _number(query.get("version"), "version")
    shown = await control.channel(request.books, name, version)
    history = await control.history(request.books, name)
    against = _number(query.get("against"), "against")
    old, new, differences = await control.diff(request.books, name, against, shown.version.version)
    return render(
        request,
        "channel.html",
        shown=shown,
        newest=history[0].version,
        history=history,
        old=old,
        new=new,
        differences=differences,
        toml=control.as_toml(shown.version.config),
        fields=control.flat((shown.whole or shown.version.config).as_data()),
        budget=await _budget(request, name),
    )


@page("/channels/{name}/edit", needs=Role.ADMIN)
async def edit_channel(request: PageRequest) -> Response:
    """The newest version as text, to be changed."""
    shown = await control.channel(request.books, request.path_params["name"])
    return _form(request, control.as_toml(shown.version.config), name=shown.version.name, seen=shown.version.version)


@page("/channels", needs=Role.ADMIN, methods=("POST",), name="apply_channel")
async def apply_channel(request: PageRequest) -> Response:
    """Applies a configuration as a new version. It is refused where another was applied since this one was opened."""
    form = await form_of(request, 4 * CHANNEL_BYTES)  # as it is coded in a form
    text = text_of(form, "toml", most=CHANNEL_BYTES)
    seen = _number(text_of(form, "seen", most=10, needed=False), "seen")
    name = text_of(form, "name", most=64, needed=False)
    try:
        file = parsed(text.encode(), FILE)
        change = control.Change(file.config(), file)
        applied = await control.apply(
            request.books,
            [change],
            by=request.caller.name,
            policies=request.parts.policies,
            providers=request.parts.providers,
            expected={change.config.name: seen or 0},
        )
    except InvalidInput as error:
        return _form(request, text, name=name, seen=seen, problem=problem_of(error))
    return to(request, "channel", name=applied[0].version.name)


@page("/channels/{name}/rollback", needs=Role.ADMIN, methods=("POST",))
async def roll_back(request: PageRequest) -> Response:
    """The configuration of an earlier version as a new one."""
    name = request.path_params["name"]
    version = _number(text_of(await form_of(request), "version", most=10), "version")
    assert version is not None
    await control.rollback(request.books, name, version, by=request.caller.name)
    return to(request, "channel", name=name)


@page("/channels/{name}/budget", needs=Role.ADMIN, methods=("POST",))
async def set_budget(request: PageRequest) -> Response:
    """Other limits of what the channel may spend; an empty field leaves a limit as it is, `none` takes it away."""
    name, form = request.path_params["name"], await form_of(request)
    given = {period: text_of(form, period, most=20, needed=False) for period in costs.PERIODS}
    limits = {period: value for period, value in given.items() if value}
    await costs.set_budget(request.books, name, limits, by=request.caller.name)
    await costs.wake_contents(request.studio, await costs.affected(request.books, name))
    return to(request, "channel", name=name)


async def _budget(request: PageRequest, name: str) -> object:
    found = await costs.budgets(request.books, name)
    return found[0]


def _form(
    request: PageRequest, toml: str, *, name: str, seen: int | None = None, problem: Problem | None = None
) -> Response:
    return render(
        request,
        "channel_form.html",
        status=422 if problem else 200,
        toml=toml,
        name=name,
        seen=seen,
        problem=problem,
    )


def _number(given: str | None, field: str) -> int | None:
    if not given:
        return None
    if not given.isascii() or not given.isdecimal() or len(given) > 9:
        raise InvalidInput(f"{given[:20]!r} is no version", field=field, remedy="give its number")
    return int(given)


ROUTES = [channels, new_channel, apply_channel, edit_channel, channel, roll_back, set_budget]
