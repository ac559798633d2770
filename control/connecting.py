"""Connecting an account: begin, take the platform's answer, pick, store.

    begin   makes the row (state, PKCE verifier) and the consent page's address
    finish  takes the answer, once; exchanges the code; holds what was granted, sealed
    pick    stores the account that a person has picked, with its grant, and the audit's row
    cancel  forgets all of it

No token, code, state or verifier is in what these return or raise, but the state in `Begun`, for the listener.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import SecretStr

from reelwright.domain.base import Model
from reelwright.domain.errors import InvalidInput
from reelwright.domain.formats import Platform
from reelwright.domain.ids import ACCOUNT
from reelwright.domain.origins import origin_of
from reelwright.domain.people import Caller, Role
from reelwright.domain.ports.connecting import Connector
from reelwright.domain.publishing.accounts import AccountInfo, StoredToken
from reelwright.domain.publishing.connecting import (
    Asked,
    Choice,
    Connection,
    Granted,
    Guide,
    Identity,
    ScopeUse,
    Way,
    missing,
)

from .access import allowed
from .replies import Reply
from .studio import Books

CALLBACK = "/connect/cb/"


@dataclass(frozen=True)
class Desk:
    """What these operations are handed. `access_token` (platform, account, a token that the platform has just refused
    or nothing) renews, and raises `NeedsAuthorization`."""

    books: Books
    connectors: Mapping[Platform, Connector]
    access_token: Callable[[Platform, str, str], Awaitable[str]]

    @property
    def caller(self) -> Caller:
        """Who asks."""
        return self.books.caller

    def connector(self, platform: Platform) -> Connector:
        """How this platform is connected. Raises `InvalidInput`."""
        found = self.connectors.get(platform)
        if found is None:
            raise InvalidInput(
                f"{platform.label} cannot be connected", field="platform", remedy="add its token by hand"
            )
        return found

    def by_path(self, short: str) -> Platform:
        """The platform of a callback's path. Raises `InvalidInput`."""
        for platform, connector in self.connectors.items():
            if connector.short == short:
                return platform
        raise InvalidInput("no platform answers at this address", field="path", remedy="begin the connection again")


class Begun(Model):
    """A connection that waits for its answer. `url` is where the browser goes, empty where a password is asked for;
    `uses` what is asked for there."""

    connection: Connection
    url: str
    state: SecretStr
    uses: tuple[ScopeUse, ...]
    by_password: bool


class Held(Model):
    """What there is to pick from. `lacks`: scopes that were not granted, and what stops working without each."""

    connection: Connection
    person: str
    choices: tuple[Identity, ...]
    lacks: tuple[ScopeUse, ...]
    notes: tuple[str, ...]


class Connected(Model):
    """An account that was stored."""

    platform: Platform
    account: str
    identity: Identity
    scopes: tuple[str, ...]
    lacks: tuple[ScopeUse, ...]
    notes: tuple[str, ...]
    replaced: bool


class Sheet(Model):
    """All that a person needs before a browser opens: `redirect` is to be registered byte for byte."""

    platform: Platform
    origin: str
    redirect: str
    guide: Guide
    uses: tuple[ScopeUse, ...]
    problem: str


# --- before -----------------------------------------------------------------------------------------------------------


def redirect_of(connector: Connector, base: str) -> str:
    """The callback under a public address (`REELWRIGHT_CONNECT_URL`) or that of a listener. Raises `InvalidInput` for
    an address that no platform takes."""
    parts = urlsplit(base)
    local = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise InvalidInput(f"{base[:120]!r} is no address", field="REELWRIGHT_CONNECT_URL", remedy="as in https://…")
    if parts.scheme == "http" and not local:
        raise InvalidInput(
            "platforms send their answers to https addresses and to this machine only",
            field="REELWRIGHT_CONNECT_URL",
            remedy="give an https address, or connect with `reelwright account connect`",
        )
    return f"{base.rstrip('/')}{CALLBACK}{connector.short}"


def sheet(connector: Connector, redirect: str, app: str = "") -> Sheet:
    """What to register where; `problem` is what is missing in the settings, empty when nothing is."""
    problem = ""
    try:
        connector.ready(app)
    except InvalidInput as error:
        problem = str(error)
    return Sheet(
        platform=connector.platform,
        origin=connector.origin.value,
        redirect="" if connector.by_password else redirect,
        guide=connector.guide(app),
        uses=connector.uses(app),
        problem=problem,
    )


@allowed(Role.ADMIN)
async def begin(
    desk: Desk,
    platform: Platform,
    account: str = "default",
    *,
    way: Way,
    redirect: str,
    by: str,
    session: str = "",
    replace: bool = False,
    app: str | None = None,
) -> Begun:
    """Makes the row of a connection; it waits ten minutes for an answer. `session` binds it to a session of the
    console's; `replace` allows that another identity takes the account's place. Raises `InvalidInput`."""
    connector = desk.connector(platform)
    _check_name(account)
    ours = connector.app_for(way) if app is None else app
    connector.ready(ours)
    asked = Asked(
        redirect="" if connector.by_password else redirect,
        state=SecretStr(secrets.token_urlsafe(32)),
        verifier=SecretStr(secrets.token_urlsafe(48)),
        scopes=tuple(use.name for use in connector.uses(ours)),
        app=ours,
    )
    connection = await desk.books.connections.begin(
        asked,
        platform=platform,
        origin=connector.origin,
        account=account,
        way=Way.PASSWORD if connector.by_password else way,
        session=session,
        replace=replace,
        by=by,
    )
    return _begun(connector, connection, asked)


@allowed(Role.ADMIN)
async def pending(desk: Desk, id: str, *, session: str = "") -> Begun:
    """The same again, for a page that is loaded anew. Raises `InvalidInput` when no answer is awaited any more."""
    connection, asked = await desk.books.connections.find(id), await desk.books.connections.asked(id, session=session)
    if connection is None or asked is None:
        raise InvalidInput("it has expired, or was answered", field="connection", remedy="begin the connection again")
    return _begun(desk.connector(connection.platform), connection, asked)


@allowed(Role.ADMIN)
async def cancel(desk: Desk, id: str, *, session: str | None = None) -> bool:
    """Forgets a connection and all that is held of it; whether there was one. With a session only one of that."""
    return await desk.books.connections.drop(id, session=session)


# --- the answer -------------------------------------------------------------------------------------------------------


@allowed(Role.ADMIN)
async def awaits(desk: Desk, platform: Platform, state: str) -> bool:
    """Whether an answer with this state is awaited: a listener ignores all others."""
    return bool(state) and await desk.books.connections.knows(platform, state)


@allowed(Role.ADMIN)
async def finish(desk: Desk, platform: Platform, reply: Reply, *, session: str = "") -> Held:
    """Takes an answer that came to `platform`'s callback: at most once, whatever it says. Raises `InvalidInput` (a
    foreign or used state, a refused consent, a code or an application that the platform does not take, a scope without
    which nothing can be posted) and `PlatformTransient`; then nothing is kept."""
    connector = desk.connector(platform)
    if not reply.state:
        raise InvalidInput("the answer has no state", field="state", remedy="begin the connection again")
    connection, asked = await desk.books.connections.take(platform, reply.state, session=session)
    try:
        granted = await _redeemed(connector, reply, asked)
    except BaseException:
        await desk.books.connections.drop(connection.id)
        raise
    return _held(connector, await desk.books.connections.hold(connection.id, granted), granted)


@allowed(Role.ADMIN)
async def held(desk: Desk, id: str, *, session: str = "") -> Held:
    """What there is to pick from, again. Raises `InvalidInput`."""
    connection, granted = await desk.books.connections.held(id, session=session)
    return _held(desk.connector(connection.platform), connection, granted)


@allowed(Role.ADMIN)
async def pick(
    desk: Desk,
    id: str,
    external_id: str,
    *,
    account: str = "",
    replace: bool = False,
    more: bool = False,
    session: str = "",
    by: str,
) -> Connected:
    """Stores the picked account with its grant. `account` is another name than was wanted at first; `replace` allows
    another identity in the place of the account's; `more` keeps what was granted for further picks. Raises
    `InvalidInput`."""
    connection, granted = await desk.books.connections.held(id, session=session)
    connector = desk.connector(connection.platform)
    name, choice = account or connection.account, _picked(granted, external_id)
    _check_name(name)
    if choice.token is None or choice.identity.refused:
        why = choice.identity.refused or "it has no token"
        raise InvalidInput(
            why, field="account", remedy="pick another one, or mend it on the platform and connect again"
        )
    known = await desk.books.accounts.find(connection.platform, name)
    replaced = await _guard(desk, connection, choice, known, name, allowed=replace or connection.replace)
    info = AccountInfo(
        platform=connection.platform,
        name=name,
        external_id=choice.identity.external_id,
        options={**(known.options if known else {}), **choice.options},
    )
    lacks = missing(connector.uses(connection.app), granted.scopes)
    told = {
        "way": connection.way.value,
        "person": granted.subject,
        "scopes": list(granted.scopes),
        "lacks": [use.name for use in lacks],
        **({"replaced": known.external_id} if replaced and known else {}),
    }
    # A renewal that is under way stores its token first: the new one is not overwritten by it.
    async with desk.books.accounts.exclusive(connection.platform, name):
        await desk.books.grants.connect(info, choice.token, granted, origin=connector.origin, told=told, by=by)
    if not more:
        await desk.books.connections.drop(id)
    return Connected(
        platform=connection.platform,
        account=name,
        identity=choice.identity,
        scopes=granted.scopes,
        lacks=lacks,
        notes=granted.notes,
        replaced=replaced,
    )


# --- the rules --------------------------------------------------------------------------------------------------------


async def _redeemed(connector: Connector, reply: Reply, asked: Asked) -> Granted:
    if reply.error:
        raise InvalidInput(
            connector.denied(reply.error, reply.description),
            field="consent",
            remedy="connect again when it is to be given",
        )
    if reply.iss and not connector.issued_by(reply.iss):
        raise InvalidInput(
            "the answer names another issuer than the platform asked", field="iss", remedy="begin the connection again"
        )
    if not reply.code.get_secret_value():
        raise InvalidInput("the answer has no code", field="code", remedy="begin the connection again")
    granted = await connector.exchange(reply.code, asked)
    lacks = [use for use in missing(connector.uses(asked.app), granted.scopes) if use.needed]
    if lacks:
        names = ", ".join(f"{use.name} ({use.gives})" for use in lacks)
        raise InvalidInput(
            f"without {names} the account cannot be used, and it was not granted",
            field="scope",
            remedy="connect again and leave it ticked; it must be one of the application's own permissions",
        )
    return granted


def _picked(granted: Granted, external_id: str) -> Choice:
    for choice in granted.choices:
        if choice.identity.external_id == external_id:
            return choice
    raise InvalidInput("it is none of those to pick from", field="account", remedy="pick one of the list")


async def _guard(
    desk: Desk, connection: Connection, choice: Choice, known: AccountInfo | None, name: str, *, allowed: bool
) -> bool:
    """Whether the account changes its identity, which needs a word of its own."""
    identity, label = choice.identity, connection.platform.label
    others: Sequence[AccountInfo] = await desk.books.accounts.list(connection.platform)
    twin = next((each for each in others if each.name != name and each.external_id == identity.external_id), None)
    if twin is not None and not allowed:
        raise InvalidInput(
            f"{identity.name} is connected already, as the account {twin.name!r}: its quota would count twice",
            field="account",
            remedy=f"connect it as {twin.name!r}, or say that it may replace (--replace)",
        )
    if known is None or known.external_id in ("", identity.external_id):
        return False
    if not await _same_origin(desk, known, choice.token):
        return True  # the sandbox's account, or the real one that the sandbox's takes the place of
    if not allowed:
        raise InvalidInput(
            f"the account {name!r} is {known.external_id}, and this is {identity.name} ({identity.external_id})",
            field="account",
            remedy=f"choose {known.external_id} on {label}'s page, another name (--name), or say that it may replace"
            " (--replace)",
        )
    return True


async def _same_origin(desk: Desk, known: AccountInfo, token: StoredToken | None) -> bool:
    try:
        stored = await desk.books.accounts.token(known.platform, known.name)
    except InvalidInput:  # sealed with a key that is gone: nothing is known, so its identity counts
        return True
    return stored is None or token is None or origin_of(known.platform, stored) is token.origin


def _check_name(account: str) -> None:
    if not re.fullmatch(ACCOUNT, account):
        raise InvalidInput(
            f"{account[:80]!r} is not a name for an account",
            field="account",
            remedy="use up to 64 letters, digits, dots, hyphens and underscores",
        )


def _begun(connector: Connector, connection: Connection, asked: Asked) -> Begun:
    return Begun(
        connection=connection,
        url=connector.url(asked),
        state=asked.state,
        uses=connector.uses(asked.app),
        by_password=connector.by_password,
    )


def _held(connector: Connector, connection: Connection, granted: Granted) -> Held:
    return Held(
        connection=connection,
        person=granted.subject_name or granted.subject,
        choices=tuple(choice.identity for choice in granted.choices),
        lacks=missing(connector.uses(connection.app), granted.scopes),
        notes=granted.notes,
    )
