"""Applications, people, and what goes wrong on purpose, as the control interface takes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

from ..store import SandboxStore

CLIENT, SECRET = "sandbox", "sandbox-application-secret"
"""The application that every platform here has from the beginning."""
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class App(BaseModel):
    """An application as it is registered (`POST /_control/apps`).

    `kind`: Google's desktop and web; X's confidential and public; LinkedIn's native; "" takes all. `redirects` are the
    registered addresses, each platform compares them in its own way; empty takes loopback and https. `scopes` are those
    of its products; empty is all. `mode`: Meta's development (loopback, no registration) and live; Google's testing.
    `config_scopes`: what its configuration `config_id` of Login for Business asks for.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    platform: str
    client_id: str = Field(default=CLIENT, min_length=1, max_length=200)
    secret: str = ""
    kind: Literal["", "desktop", "web", "native", "public", "confidential"] = ""
    redirects: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    mode: Literal["", "development", "live", "testing", "production"] = ""
    config_id: str = ""
    config_scopes: tuple[str, ...] = ()


class Switches(BaseModel):
    """What one platform's consent does from now on (`POST /_control/connect/<platform>`).

    `auto_approve` consents for this account without a page. `people` replaces the accounts to choose from.
    `state`, `code`, `iss` and `path` spoil the answer; `scopes` is all that is granted, whatever was ticked. `code_s`
    is the life of a code, 0 the platform's own. `fail_exchanges` exchanges answer 500, with the code used up where
    `fail_uses_code`. `shape` `data` wraps the token's answer as Instagram does. `sandbox_codes`: the old codes
    `sandbox-<account>` are taken, too.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    auto_approve: str = ""
    people: tuple[str, ...] = ()
    deny: bool = False
    state: Literal["", "altered", "missing", "doubled"] = ""
    code: Literal["", "missing", "doubled", "expired", "used"] = ""
    iss: Literal["", "right", "wrong"] = ""
    path: str = ""
    scopes: tuple[str, ...] | None = None
    code_s: float = 0.0
    no_refresh: bool = False
    slow_s: float = 0.0
    fail_exchanges: int = 0
    fail_uses_code: bool = False
    shape: Literal["", "data"] = ""
    numbers_as_text: bool = False
    fragment: str = ""
    revoke_on_reuse: bool = True
    sandbox_codes: bool = True


@dataclass(frozen=True)
class Asset:
    """What a person gives access to besides themselves: a channel, a page. `account` is the sandbox's name for it."""

    account: str
    label: str
    note: str = ""


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in to the platform. `one`: of the assets exactly one is chosen, else any number."""

    name: str
    label: str
    assets: tuple[Asset, ...] = ()
    one: bool = False


@dataclass(frozen=True)
class Given:
    """A consent behind a code."""

    person: str
    assets: tuple[str, ...]
    scopes: tuple[str, ...]
    client_id: str

    @property
    def account(self) -> str:
        """The one account of it."""
        return self.assets[0] if self.assets else self.person


def exact(app: App, redirect: str) -> bool:
    """Byte for byte; without any registered one, loopback and https."""
    return redirect in app.redirects if app.redirects else loopback_or_https(redirect)


def loopback_or_https(redirect: str) -> bool:
    """What the sandbox's own application takes."""
    parts = urlsplit(redirect)
    local = parts.scheme == "http" and parts.hostname in LOOPBACK
    return (local or parts.scheme == "https") and bool(parts.hostname) and not parts.fragment


def portless(address: str) -> str:
    """An address without its port."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.hostname}{parts.path}"


@dataclass(frozen=True)
class Kind:
    """One platform's consent. Addresses and words are the platform's own.

    `paths` are its authorise pages. `granular`: scopes are ticked one by one. `challenge` is how PKCE is written, ""
    for none; `needs_proof`: PKCE must be there. `denial` are the parameters of a refusal. `accepts` is its rule for
    redirects. `people` are those to choose from unless the switches name others. `stuck` is why a consent never ends.
    `bad_scope` is the error for a scope that the application lacks, sent back to it.
    """

    platform: str
    paths: tuple[str, ...]
    scopes: tuple[str, ...]
    people: Callable[[tuple[str, ...]], tuple[Person, ...]]
    separator: str = " "
    granular: bool = False
    challenge: Literal["", "base64url", "hex"] = "base64url"
    needs_proof: Callable[[App], bool] = lambda app: False
    code_s: float = 600.0
    id_name: str = "client_id"
    denial: dict[str, str] = field(default_factory=lambda: {"error": "access_denied"})
    bad_scope: str = "invalid_scope"
    accepts: Callable[[App, str], bool] = exact
    redirect_error: tuple[int, str] = (400, "redirect_uri_mismatch")
    stuck: Callable[[Given, SandboxStore], str] = lambda given, store: ""
    fragment: str = ""
