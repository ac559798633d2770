"""What `reelwright account connect` does: from the platform's consent page to an account that can post."""

from __future__ import annotations

import asyncio
import getpass
import os
import sys
import webbrowser
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from control import connecting as control
from control.connecting import Begun, Connected, Desk, Held
from control.names import platform_of
from control.replies import Reply, is_address, pasted
from reelwright.domain.errors import InvalidInput
from reelwright.domain.formats import Platform
from reelwright.domain.ports.connecting import Connector
from reelwright.domain.publishing.connecting import STATE_LIFE, Identity, ScopeUse, Way
from workers.connecting import connect_desk, connectors
from workers.settings import Settings, load_platforms, load_settings

from .books import books, wake
from .callback_listener import Listener, listening
from .console import EXIT_FAILURE, EXIT_INPUT, EXIT_OK, out, plain, print_json, printable, say
from .options import user_name


@dataclass(frozen=True)
class Wish:
    """The command's options. `way` is None where the machine decides; `pick` the id of the identity to take."""

    account: str = "default"
    way: Way | None = None
    yes: bool = False
    replace: bool = False
    app: str = ""
    browse: bool = True
    pick: str = ""


async def connect(platform: str, wish: Wish) -> int:
    """Connects an account."""
    place = platform_of(platform)
    async with desk() as opened, AsyncExitStack() as stack:
        connector = opened.connector(place)
        begun, reply = await _asked(opened, connector, wish.way or default_way(), wish, stack)
        try:
            held = await control.finish(opened, place, reply)
            done = await _picked(opened, held, wish)
        except BaseException:
            await control.cancel(opened, begun.connection.id)
            raise
        if done is None:
            await control.cancel(opened, begun.connection.id)
            say("nothing was connected")
            return EXIT_FAILURE
    _tell(done)
    say(f"{place.label} account {plain(done.account)} is connected; {await wake(place, done.account)}")
    return EXIT_OK


async def check(platform: str, app: str, *, as_json: bool) -> int:
    """Prints what to set on the platform, before any browser opens. Exit 2 when a setting is missing."""
    place, settings = platform_of(platform), load_settings()
    async with connectors(load_platforms()) as ways:
        connector = ways[place]
        sheet = control.sheet(connector, loopback_redirect(connector, settings.connect_port, app), app)
        public = control.redirect_of(connector, settings.connect_url) if settings.connect_url else ""
    if as_json:
        print_json({**sheet.model_dump(mode="json"), "console_redirect": public})
        return EXIT_INPUT if sheet.problem else EXIT_OK
    lines = [
        f"application  {sheet.guide.app_type}",
        f"where        {sheet.guide.portal}",
        *(f"  {number}. {step}" for number, step in enumerate(sheet.guide.steps, start=1)),
        *([f"redirect     {sheet.redirect}   (this machine; register it byte for byte)"] if sheet.redirect else []),
        *([f"redirect     {public}   (the console)"] if public and sheet.redirect else []),
        *(f"scope        {use.name}: {use.gives}{' (needed)' if use.needed else ''}" for use in sheet.uses),
        *(f"note         {note}" for note in sheet.guide.notes),
    ]
    for line in lines:
        out().print(printable(line), markup=False)
    if sheet.origin == "sandbox":
        say(f"[yellow]note[/] the sandbox plays {place.label} here: its consent page is the sandbox's own")
    if sheet.problem:
        say(f"[yellow]missing[/] {plain(sheet.problem)}")
    return EXIT_INPUT if sheet.problem else EXIT_OK


@asynccontextmanager
async def desk() -> AsyncIterator[Desk]:
    """What connecting is done with, on the books of the running studio."""
    async with books() as opened:
        load_platforms.cache_clear()  # `books` has taken over the stack's environment
        async with connect_desk(opened, load_platforms()) as found:
            yield found


def default_way() -> Way:
    """By a listener where a browser can be opened on this machine, else by pasting."""
    if os.environ.get("SSH_CONNECTION") or os.environ.get("SSH_TTY"):
        return Way.PASTE
    graphical = sys.platform in ("darwin", "win32") or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY")))
    return Way.LOOPBACK if graphical else Way.PASTE


def loopback_redirect(connector: Connector, port: int, app: str) -> str:
    """The callback on this machine, as the platform wants its host."""
    host = connector.guide(app).loopback or "127.0.0.1"
    return control.redirect_of(connector, f"http://{host}:{port}")


# --- asking the platform ----------------------------------------------------------------------------------------------


async def _asked(
    opened: Desk, connector: Connector, way: Way, wish: Wish, stack: AsyncExitStack
) -> tuple[Begun, Reply]:
    """The connection and the platform's answer to it. A listener lives as long as `stack`: the browser goes on to its
    last page while the code is exchanged."""
    settings = load_settings()
    if connector.by_password:
        begun = await _begin(opened, connector, Way.PASSWORD, "", wish)
        return begun, pasted(await _password(connector), begun.state, bare=True)
    if way is Way.PASTE:
        redirect = (
            control.redirect_of(connector, settings.connect_url)
            if settings.connect_url
            else loopback_redirect(connector, settings.connect_port, wish.app)
        )
        begun = await _begin(opened, connector, way, redirect, wish)
        return begun, await _pasted(begun, connector.platform)
    listener = await stack.enter_async_context(_listener(connector, settings, wish))
    redirect = loopback_redirect(connector, listener.port, wish.app)
    begun = await _begin(opened, connector, way, redirect, wish)
    listener.expect(redirect, begun.state.get_secret_value())
    _show(begun, connector.platform)
    if wish.browse:
        await asyncio.to_thread(webbrowser.open, begun.url)
    say("waiting for the answer; Ctrl-C ends it, and --paste needs no listener")
    return begun, await listener.answer(STATE_LIFE.total_seconds())


def _listener(connector: Connector, settings: Settings, wish: Wish) -> AbstractAsyncContextManager[Listener]:
    guide = connector.guide(wish.app)
    if not guide.loopback:
        raise InvalidInput(
            f"{connector.platform.label} takes no address of this machine", field="--loopback", remedy="use --paste"
        )
    return listening(settings.connect_port, settings.connect_bind, guide.loopback, any_port=guide.any_port)


async def _begin(opened: Desk, connector: Connector, way: Way, redirect: str, wish: Wish) -> Begun:
    return await control.begin(
        opened,
        connector.platform,
        wish.account,
        way=way,
        redirect=redirect,
        by=user_name(),
        replace=wish.replace,
        app=wish.app or None,
    )


def _show(begun: Begun, platform: Platform) -> None:
    say(f"open this address in a browser that is signed in to {platform.label}:")
    print(begun.url, flush=True)


async def _pasted(begun: Begun, platform: Platform) -> Reply:
    """The address that the browser ends on. It is read unseen: for its life the code in it is as good as a password."""
    _show(begun, platform)
    say(
        "then paste the whole address of the page that the browser ends on (it may fail to load); it stays unseen, and"
        " is to be pasted at once: codes live for as little as 30 seconds"
    )
    text = await _read(f"{platform.label} address: ", hidden=True)
    if not is_address(text.strip()):
        say("[yellow]note[/] this is a bare code: whether it answers this very request cannot be checked")
    return pasted(text, begun.state)


async def _password(connector: Connector) -> str:
    """`handle:app-password`, in two questions at a terminal, in one line from a pipe."""
    guide = connector.guide("")
    if not sys.stdin.isatty():
        return (await _read("", hidden=True)).strip()
    say(f"an app password, and not the account's own: {plain(guide.portal)}")
    handle = await _read(f"{connector.platform.label} handle: ")
    return f"{handle.strip()}:{(await _read('app password: ', hidden=True)).strip()}"


async def _read(prompt: str, *, hidden: bool = False) -> str:
    """A line from the terminal, or from a pipe."""
    if not sys.stdin.isatty():
        line: str = await asyncio.to_thread(sys.stdin.readline, 65_536)
        return line.strip()
    read: Callable[[str], str] = getpass.getpass if hidden else input
    return await asyncio.to_thread(read, prompt)


# --- asking the person ------------------------------------------------------------------------------------------------


async def _picked(opened: Desk, held: Held, wish: Wish) -> Connected | None:
    """Stores what a person picks; None when nothing is to be stored."""
    for use in held.lacks:
        say(f"[yellow]not granted[/] {plain(use.name)}: without it there is no {plain(use.gives)}")
    for identity in held.choices:
        if identity.refused:
            say(f"[yellow]not to be picked[/] {plain(_named(identity))}: {plain(identity.refused)}")
    choices = [identity for identity in held.choices if not identity.refused]
    if not choices:
        raise InvalidInput(
            "there is nothing that can be connected",
            field="account",
            remedy="mend one of the reasons above, and connect again",
        )
    chosen = await _chosen(choices, wish, held.person)
    if chosen is None:
        return None
    return await control.pick(opened, held.connection.id, chosen.external_id, replace=wish.replace, by=user_name())


async def _chosen(choices: Sequence[Identity], wish: Wish, person: str) -> Identity | None:
    if wish.pick:
        found = next((each for each in choices if wish.pick in (each.external_id, each.handle, each.name)), None)
        if found is None:
            raise InvalidInput("it is none of those that were granted", field="--pick", remedy="name one of the list")
        return found
    if len(choices) == 1 and wish.yes:
        return choices[0]
    if not sys.stdin.isatty() or wish.yes:
        names = "; ".join(_named(each) for each in choices)
        raise InvalidInput(
            f"there is nobody to ask which one it is: {names}",
            field="--pick",
            remedy="name its id; --yes takes the only one",
        )
    if len(choices) == 1:
        say(f"granted by {plain(person)}: {plain(_named(choices[0]))}")
        answer = await _read(f"Connect it as the account {wish.account}? [y/N] ")
        return choices[0] if answer.strip().lower() in ("y", "yes") else None
    for number, identity in enumerate(choices, start=1):
        say(f"{number:>3}  {plain(_named(identity))}")
    answer = (await _read(f"Which one is the account {wish.account}? [1-{len(choices)}, nothing for none] ")).strip()
    if not answer:
        return None
    if not answer.isdecimal() or not 1 <= int(answer) <= len(choices):
        raise InvalidInput("it is no number of the list", field="account", remedy="connect again")
    return choices[int(answer) - 1]


def _named(identity: Identity) -> str:
    parts = (f"{identity.kind} {identity.name}", identity.handle, identity.details, f"({identity.external_id})")
    return " ".join(part for part in parts if part)


def _tell(done: Connected) -> None:
    say(f"{plain(_named(done.identity))}")
    for note in done.notes:
        say(f"[yellow]note[/] {plain(note)}")


def losses(uses: Sequence[ScopeUse]) -> list[str]:
    """What does not work for want of scopes."""
    return [f"no {use.gives} ({use.name})" for use in uses]
