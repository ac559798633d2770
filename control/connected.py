"""Accounts that are connected: whether they still work (`test`), and taking their grants back (`revoke`)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Literal

from reelwright.domain.base import Model
from reelwright.domain.errors import InvalidInput, NeedsAuthorization, PlatformTransient, ReelwrightError
from reelwright.domain.formats import Platform
from reelwright.domain.people import Role
from reelwright.domain.ports.connecting import Connector
from reelwright.domain.publishing.accounts import AccountInfo, StoredToken
from reelwright.domain.publishing.connecting import Grant, Inspection, ScopeUse, missing

from .access import allowed
from .accounts import account_of
from .connecting import Desk

SOON = timedelta(days=14)
"""An end that is nearer is said as a note."""
YOUNG = timedelta(days=8)
"""A grant that dies so young: Google's consent screen is in Testing, which ends grants after 7 days."""

State = Literal["works", "losses", "broken"]


class Checked(Model):
    """One account's state: it works, works with losses, or is broken for the reasons in `problems`."""

    platform: Platform
    account: str
    state: State
    external_id: str
    name: str = ""
    have: tuple[str, ...] = ()
    lacks: tuple[ScopeUse, ...] = ()
    ends: datetime | None = None
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@allowed(Role.VIEWER)
async def check(desk: Desk, platform: Platform, account: str) -> Checked:
    """Asks the platform once, cheaply. Raises `InvalidInput` for an account that is not there; what is wrong with one
    is in the result."""
    info = await account_of(desk.books, platform, account)
    return await _checked(desk, info)


@allowed(Role.VIEWER)
async def check_all(desk: Desk, account: str | None = None, platform: Platform | None = None) -> list[Checked]:
    """All accounts, or those of a name or a platform. Raises `InvalidInput` when there are none of that name."""
    found = [info for info in await desk.books.accounts.list(platform) if account is None or info.name == account]
    if not found and account is not None:
        raise InvalidInput(
            f"there is no account {account[:80]!r}", field="account", remedy="see `reelwright account list`"
        )
    return [await _checked(desk, info) for info in found]


@allowed(Role.ADMIN)
async def siblings(desk: Desk, platform: Platform, account: str) -> Sequence[tuple[Platform, str]]:
    """The accounts that end when this one's grant is taken back, itself among them. Raises `InvalidInput` for an
    account that was not connected by a grant."""
    return await desk.books.grants.accounts_of(await _grant(desk, platform, account))


@allowed(Role.ADMIN)
async def revoke(desk: Desk, platform: Platform, account: str, *, by: str) -> Sequence[tuple[Platform, str]]:
    """Takes the account's whole grant back at the platform; all accounts of it must be connected again. Returns them.
    Raises `InvalidInput` where the platform refuses, and `PlatformTransient`."""
    grant = await _grant(desk, platform, account)
    gone = await desk.books.grants.accounts_of(grant)
    token = await desk.books.grants.token(grant) or await _renewed(desk, platform, account)
    await desk.connector(platform).revoke(token, grant.subject)
    await desk.books.grants.revoked(grant, "its grant was taken back", by=by)
    return gone


# --- one account ------------------------------------------------------------------------------------------------------


async def _checked(desk: Desk, info: AccountInfo) -> Checked:
    try:
        connector = desk.connector(info.platform)
        grant = await desk.books.grants.of(info.platform, info.name)
        stored = await desk.books.accounts.token(info.platform, info.name)
    except InvalidInput as error:
        return _broken(info, error)
    scopes = grant.scopes if grant else stored.scopes if stored else ()
    try:
        told = await _inspected(desk, connector, info, scopes)
    except NeedsAuthorization as error:
        return _broken(info, error, *_young(info, grant))
    except (InvalidInput, PlatformTransient) as error:
        return _broken(info, error)
    fresh = await desk.books.accounts.token(info.platform, info.name) or StoredToken()
    lacks = () if told.scopes is None else missing(connector.uses(connector.app_of(info, fresh)), told.scopes)
    problems = [*told.lacks, *(f"{use.name} was not granted: {use.gives}" for use in lacks if use.needed)]
    if told.external_id and info.external_id and told.external_id != info.external_id:
        problems.append(f"its token is of another account: {told.name} ({told.external_id})")
    ends = _end(told, grant, fresh)
    return Checked(
        platform=info.platform,
        account=info.name,
        state="broken" if problems else "losses" if lacks else "works",
        external_id=info.external_id or told.external_id,
        name=told.name,
        have=told.scopes or (),
        lacks=lacks,
        ends=ends,
        problems=tuple(problems),
        notes=(*told.notes, *_near(ends)),
    )


async def _inspected(desk: Desk, connector: Connector, info: AccountInfo, scopes: tuple[str, ...]) -> Inspection:
    """A token that the platform refuses is renewed once."""
    token = await desk.access_token(info.platform, info.name, "")
    try:
        return await connector.inspect(info, token, scopes)
    except NeedsAuthorization as error:
        if error.field != "token":
            raise
    return await connector.inspect(info, await desk.access_token(info.platform, info.name, token), scopes)


def _broken(info: AccountInfo, error: ReelwrightError, *notes: str) -> Checked:
    return Checked(
        platform=info.platform,
        account=info.name,
        state="broken",
        external_id=info.external_id,
        problems=(str(error),),
        notes=notes,
    )


def _young(info: AccountInfo, grant: Grant | None) -> tuple[str, ...]:
    if grant is None or grant.revoked_at or datetime.now(UTC) - grant.granted_at > YOUNG:
        return ()
    return (
        "the grant died within days: an application that is still being tested (Google: Testing) gets grants of 7 days",
    )


def _end(told: Inspection, grant: Grant | None, token: StoredToken) -> datetime | None:
    """When a person must connect it again, by all that is known."""
    own = token.refresh_expires_at if token.refresh_token.get_secret_value() else token.expires_at
    known = [end for end in (told.ends, own, grant.ends if grant and not own else None) if end]
    return min(known, default=None)


def _near(end: datetime | None) -> tuple[str, ...]:
    if end is None or end - datetime.now(UTC) > SOON:
        return ()
    return (f"it ends on {end:%Y-%m-%d}: connect it again before",)


async def _grant(desk: Desk, platform: Platform, account: str) -> Grant:
    await account_of(desk.books, platform, account)
    grant = await desk.books.grants.of(platform, account)
    if grant is None:
        raise InvalidInput(
            "it was not connected here, so there is no grant to take back",
            field="account",
            remedy=f"take it back in the account's settings on {platform.label}",
        )
    return grant


async def _renewed(desk: Desk, platform: Platform, account: str) -> StoredToken:
    """The account's tokens with a valid access token, as far as that is possible: some platforms take no other."""
    with suppress(NeedsAuthorization, PlatformTransient):  # a refresh token may be taken back all the same
        await desk.access_token(platform, account, "")
    token = await desk.books.accounts.token(platform, account)
    if token is None:
        raise InvalidInput("it has no token", field="account", remedy="take it back on the platform")
    return token
