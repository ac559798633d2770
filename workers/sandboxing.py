"""The one place that decides, for each platform, whether posts go to the platform itself or to the sandbox.

The rule: a platform is real when the environment has credentials of it, the application's or a first account's token.
Otherwise the sandbox is used where `REELWRIGHT_SANDBOX_URL` names one. Without both it is real and has no account yet.
The decision's result is a `Site`: settings whose addresses and credentials have the same origin. Two more checks keep
the two apart: `VaultTokens` returns no token of the other origin, and the HTTP clients made here refuse the other's
hosts (`clients`).

Settings that name an address (`REELWRIGHT_YOUTUBE_API_URL` and the like) are the real platform's: for a proxy, or for
a test. They count for a real platform alone, and must not lead to the sandbox.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit

from pydantic import SecretStr

from reelwright.domain.errors import InvalidInput
from reelwright.domain.formats import Platform
from reelwright.domain.origins import Origin, is_sandbox_token
from reelwright.platforms.registry import SPECS
from reelwright.platforms.spec import PlatformSpec

from .platform_settings import PlatformSettings

if TYPE_CHECKING:
    import httpx

    from sandbox.account import SandboxAccount

APPLICATION = "sandbox"
"""The sandbox's client id; as a setting it names no real application."""
SECRET = "sandbox-application-secret"  # noqa: S105  # it opens the sandbox alone
"""Not a common word, because every secret is removed from all foreign text."""
ACCOUNT = "default"
DISCORD_TOKEN = "sandbox-"  # noqa: S105  # what the sandbox's webhooks begin with
HTTP_TIMEOUT_S = 60.0


@dataclass(frozen=True)
class Site:
    """Where one platform's calls go: `settings` with the addresses and application credentials of `origin`. Build the
    platform's publisher and its token renewal from these settings and no others."""

    platform: Platform
    origin: Origin
    settings: PlatformSettings

    @property
    def sandbox(self) -> str:
        """The sandbox's address, empty on a real platform."""
        return _address(self.settings) if self.origin is Origin.SANDBOX else ""


Sites: TypeAlias = Mapping[Platform, Site]
Clients: TypeAlias = "Mapping[Origin, httpx.AsyncClient]"


@dataclass(frozen=True)
class Webhook:
    """Where notices go. `also` are hosts that are allowed besides Discord's own."""

    origin: Origin
    address: SecretStr
    also: tuple[str, ...] = ()


def without_credentials(settings: PlatformSettings) -> list[Platform]:
    """The platforms the environment has no credentials of: those that a sandbox plays where there is one."""
    return [platform for platform in Platform if not _has_credentials(platform, settings)]


def sites(settings: PlatformSettings) -> Sites:
    """The decision, for every platform. Raises `InvalidInput` for an address of a real platform that leads to the
    sandbox, and for a token of the sandbox where there is none."""
    return {platform: _site(platform, settings) for platform in Platform}


def webhook(settings: PlatformSettings) -> Webhook | None:
    """The same decision for Discord, whose webhook is address and token in one: the webhook that is set, else one on
    the sandbox, else none. Raises `InvalidInput` for a token on a host of the other origin."""
    given, sandbox = settings.discord_webhook.get_secret_value().strip(), _address(settings)
    if not given:
        return Webhook(Origin.SANDBOX, SecretStr(_sandbox_webhook(sandbox)), (sandbox,)) if sandbox else None
    of_sandbox = given.rpartition("/")[2].startswith(DISCORD_TOKEN)
    on_sandbox = _origin(given) in _sandbox_origins(settings)
    if of_sandbox is not on_sandbox:
        says = "it is a webhook of the sandbox on another host" if of_sandbox else "it leads to the sandbox"
        remedy = "set the webhook that Discord gave you, or leave it out"
        raise InvalidInput(says, field="DISCORD_WEBHOOK_URL", remedy=remedy)
    if on_sandbox:
        return Webhook(Origin.SANDBOX, SecretStr(given), (sandbox,))
    hosts = tuple(host.strip() for host in settings.discord_hosts.split(",") if host.strip())
    return Webhook(Origin.REAL, SecretStr(given), hosts)


def first_account(site: Site) -> SandboxAccount:
    """The account that a sandbox's platform has to begin with, and its token."""
    from sandbox.platforms import sandbox_account

    return sandbox_account(site.platform.value, ACCOUNT)


@asynccontextmanager
async def clients(settings: PlatformSettings) -> AsyncIterator[Clients]:
    """An HTTP client for real platforms and one for the sandbox. Neither sends anything to the other's hosts, wherever
    an address came from: a setting, a redirect, a platform's answer."""
    from reelwright.platforms.common.http import guarded_client

    sandbox = _sandbox_origins(settings)
    async with (
        guarded_client(timeout=HTTP_TIMEOUT_S) as real,
        # No proxy of the environment: requests to the sandbox go to no other host.
        guarded_client(timeout=HTTP_TIMEOUT_S, trust_env=False) as local,
    ):
        keep_to(real, lambda origin: origin not in sandbox)
        keep_to(local, lambda origin: origin in sandbox)
        yield {Origin.REAL: real, Origin.SANDBOX: local}


def keep_to(client: httpx.AsyncClient, allowed: Callable[[str], bool]) -> None:
    """From now on the client raises `InvalidInput` instead of sending to an origin that is not allowed; nothing of such
    a request has left."""

    async def check(request: httpx.Request) -> None:
        if not allowed(_origin(str(request.url))):
            raise InvalidInput(
                f"nothing is sent to {request.url.host} from here: the sandbox and the real platforms are kept apart",
                field="REELWRIGHT_SANDBOX_URL",
                remedy="check the addresses that are set",
            )

    hooks: list[Callable[[httpx.Request], Awaitable[None]]] = list(client.event_hooks.get("request", []))
    client.event_hooks = {**client.event_hooks, "request": [check, *hooks]}


# --- the rule --------------------------------------------------------------------------------------------------------


def _has_credentials(platform: Platform, settings: PlatformSettings) -> bool:
    """An application that renews the tokens of stored accounts, or a first token."""
    mine = SPECS[platform]
    if any(getattr(settings, name) not in ("", APPLICATION) for name in _applications(mine)):
        return True
    return any(given and not is_sandbox_token(platform, given) for given in _tokens(mine, settings).values())


def _applications(mine: PlatformSpec[Any]) -> list[str]:
    """The settings that name its applications."""
    return [mine.client_id, *(id for id, _ in mine.other_apps.values())]


def _tokens(mine: PlatformSpec[Any], settings: PlatformSettings) -> dict[str, str]:
    return {name: getattr(settings, name).get_secret_value() for name in mine.tokens}


def _site(platform: Platform, settings: PlatformSettings) -> Site:
    if not _has_credentials(platform, settings) and _address(settings):
        return Site(platform, Origin.SANDBOX, _played(platform, settings))
    mine = SPECS[platform]
    for name, token in _tokens(mine, settings).items():
        if is_sandbox_token(platform, token):
            raise InvalidInput(
                f"it is a token of the sandbox, which must not be sent to {platform.label}",
                field=_variable(name),
                remedy="leave it out: with REELWRIGHT_SANDBOX_URL alone the sandbox plays the platform",
            )
    for name in mine.api:
        if _origin(getattr(settings, name)) in _sandbox_origins(settings):
            raise InvalidInput(
                f"it leads to the sandbox, and {platform.label} has real credentials",
                field=_variable(name),
                remedy=f"leave it out, or take the credentials of {platform.label} away",
            )
    return Site(platform, Origin.REAL, settings)


def _variable(name: str) -> str:
    """What a person sets for a field of `PlatformSettings`."""
    return str(PlatformSettings.model_fields[name].validation_alias)


def _played(platform: Platform, settings: PlatformSettings) -> PlatformSettings:
    """The settings with the sandbox's addresses and application in place of this platform's."""
    mine, url = SPECS[platform], _address(settings)
    pages = settings.sandbox_site_url.rstrip("/") or url
    return settings.model_copy(
        update={
            mine.client_id: APPLICATION,
            mine.client_secret: SecretStr(SECRET),
            **{name: "" for name, _ in mine.other_apps.values()},
            **{name: SecretStr("") for _, name in mine.other_apps.values()},
            **{name: f"{url}{path}" for name, path in mine.api.items()},
            **{name: f"{pages}{path}" for name, path in mine.pages.items()},
        }
    )


def _sandbox_webhook(url: str) -> str:
    from sandbox.discord.accounts import sandbox_webhook

    return sandbox_webhook(ACCOUNT, url)


def _address(settings: PlatformSettings) -> str:
    return settings.sandbox_url.rstrip("/")


def _sandbox_origins(settings: PlatformSettings) -> set[str]:
    """The sandbox's addresses, for the workers and for people."""
    return {_origin(url) for url in (settings.sandbox_url, settings.sandbox_site_url) if url}


def _origin(url: str) -> str:
    """Scheme, host and port of an address, in one spelling."""
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    return f"{parts.scheme}://{(parts.hostname or '').lower()}:{port}"
