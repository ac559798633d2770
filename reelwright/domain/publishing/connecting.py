"""Connecting an account by the platform's own consent page: what is asked, what comes back, what a person picks.

A grant is what a person has allowed our application (their token, its scopes); an account is one place to post with it.
One grant may hold several accounts: the pages of one person on Facebook, a member and its organisations on LinkedIn.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import Field, SecretStr

from ..base import Model
from ..formats import Platform
from ..origins import Origin
from .accounts import StoredToken

STATE_LIFE = timedelta(minutes=10)
"""How long a person may take on the consent page (RFC 9700, 4.7: short-lived)."""
PICK_LIFE = timedelta(minutes=30)
"""How long what was granted is held, sealed, until somebody picks from it."""


class Way(StrEnum):
    """How the platform's answer reaches us: a listener on this machine, an address pasted by hand, the console's public
    address, or no browser at all (an app password)."""

    LOOPBACK = "loopback"
    PASTE = "paste"
    CONSOLE = "console"
    PASSWORD = "password"  # noqa: S105


class ScopeUse(Model):
    """A scope that is asked for. `gives` says what it is for; without it, that is what stops working. `needed`: without
    it nothing can be posted, and no account is made."""

    name: str
    gives: str
    needed: bool = False


class Guide(Model):
    """What a person must set in the platform's own console, before any browser opens.

    `app_type` and `steps` in the words of that console, `portal` its address. `loopback` is the host name that it takes
    for a listener on this machine, empty where it takes none; `any_port`: it compares no ports there. `https_only`: a
    loopback address is never taken. `notes` are what else a person should know of.
    """

    app_type: str
    portal: str
    steps: tuple[str, ...]
    loopback: str = "127.0.0.1"
    any_port: bool = False
    notes: tuple[str, ...] = ()


class Asked(Model):
    """One request for consent, as it is sent. `redirect` is the same, byte for byte, in both requests (RFC 6749,
    4.1.3). `app` names one of the connector's applications; empty is its first."""

    redirect: str
    state: SecretStr
    verifier: SecretStr
    scopes: tuple[str, ...]
    app: str = ""


class Identity(Model):
    """An account that a person can pick. `kind` in a person's words: channel, page, member. `refused` is why it cannot
    be picked, empty where it can. `details` tells two of the same name apart."""

    external_id: str
    name: str
    kind: str
    handle: str = ""
    picture: str = ""
    details: str = ""
    refused: str = ""


class Choice(Model):
    """An identity and the token to post with; the token is None for one that cannot be picked."""

    identity: Identity
    token: StoredToken | None = None
    options: dict[str, str] = Field(default_factory=dict)


class Granted(Model):
    """What came of a consent: kept in memory or sealed, never shown.

    `issuer` and `client` name who gave it and to which application, `subject` the person. `kept` is the grant's own
    token where it is another than the accounts' (Meta's user token). `ends` is when the whole of it ends, where known.
    """

    issuer: str
    client: str
    subject: str
    subject_name: str
    scopes: tuple[str, ...]
    choices: tuple[Choice, ...]
    kept: StoredToken | None = None
    ends: datetime | None = None
    notes: tuple[str, ...] = ()


class Grant(Model):
    """A grant on record, without its token. `revoked_at`: it was taken back by us."""

    id: int
    platform: Platform
    origin: Origin
    issuer: str
    client: str
    subject: str
    subject_name: str
    scopes: tuple[str, ...]
    granted_by: str
    granted_at: datetime
    ends: datetime | None = None
    revoked_at: datetime | None = None


class Connection(Model):
    """One attempt to connect, on record from the button to the pick; holds no secret. `used_at` is when the platform's
    answer came: from then on no other answer is taken. `held` tells whether something is there to pick from."""

    id: str
    platform: Platform
    account: str
    way: Way
    redirect: str
    scopes: tuple[str, ...]
    app: str
    origin: Origin
    replace: bool
    begun_by: str
    begun_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    held: bool = False


class Inspection(Model):
    """What a platform says of a connected account. `scopes` is None where it tells none. `lacks`: what is missing on
    the platform's side besides scopes, in a person's words; with it posting does not work. `ends`: when a person must
    connect again."""

    external_id: str
    name: str
    scopes: tuple[str, ...] | None = None
    ends: datetime | None = None
    notes: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()


def missing(uses: tuple[ScopeUse, ...], granted: tuple[str, ...]) -> tuple[ScopeUse, ...]:
    """The scopes of these that were not granted."""
    return tuple(use for use in uses if use.name not in granted)
