"""The platforms' adapters, built out of the settings, and the first accounts' tokens brought into the vault.

Adapters are loaded where they are built, so that only the cpu pool loads a platform.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pydantic import SecretStr

from reelwright.domain.errors import InvalidInput
from reelwright.domain.formats import Platform
from reelwright.domain.ids import sha256_of
from reelwright.domain.origins import Origin, given_origin, origin_of
from reelwright.domain.ports.ledgers import AccountStore
from reelwright.domain.ports.publishing import Announcer, Publisher
from reelwright.domain.publishing.accounts import AccountInfo, StoredToken
from reelwright.domain.redaction import know
from reelwright.platforms.registry import SPECS

from .platform_settings import PlatformSettings
from .sandboxing import Clients, Site, Sites, first_account, webhook

if TYPE_CHECKING:
    from reelwright.platforms.common.oauth import AccessTokens
    from reelwright.platforms.common.sign_in import ClientCredentials

log = logging.getLogger(__name__)

DEFAULT = "default"
"""The name of the account that is made of the environment's token."""


def token_of(platform: Platform, secret: SecretStr, *, by_access_token: bool | None = None) -> StoredToken:
    """A token as a person has it, ready for the vault."""
    know(secret)
    spec = SPECS[platform]
    access = spec.by_access_token if by_access_token is None else by_access_token
    return StoredToken(
        **{"access_token" if access else "refresh_token": secret},
        flow=spec.flow,
        origin=given_origin(platform, secret.get_secret_value()),
    )


async def seed_accounts(sites: Sites, accounts: AccountStore) -> None:
    """Makes the account `default` of every platform that has a token in the environment, and of every one that the
    sandbox plays."""
    for site in sites.values():
        if site.origin is Origin.SANDBOX:
            await _seed_sandbox(site, accounts)
        elif found := SPECS[site.platform].first_token(site.settings):
            await _seed_real(site, *found, accounts)


async def _seed_real(site: Site, name: str, secret: SecretStr, accounts: AccountStore) -> None:
    """`name` is the setting that holds the token. An account that was made of the same token keeps those it has, which
    may have been renewed since; another token in the environment replaces them."""
    platform, spec = site.platform, SPECS[site.platform]
    seed = _seed(secret.get_secret_value())
    known = await accounts.find(platform, DEFAULT)
    if known and known.options.get("seed") == seed:
        await _mark_real(platform, accounts)
        return
    kept = known.options if known else {}
    if known and await _stored_origin(platform, accounts) is Origin.SANDBOX:
        kept = _own(kept)
    external_id = getattr(site.settings, spec.external_id) if spec.external_id else ""
    info = AccountInfo(platform=platform, external_id=external_id, options={**kept, "seed": seed})
    await accounts.put(info, token_of(platform, secret, by_access_token=name in spec.access_tokens))


async def _mark_real(platform: Platform, accounts: AccountStore) -> None:
    """A token that an earlier release stored and that was renewed from the environment's, which gives its origin."""
    if await _stored_origin(platform, accounts) is not Origin.UNKNOWN:
        return
    async with accounts.exclusive(platform, DEFAULT) as store:
        token = await accounts.token(platform, DEFAULT)
        if token is not None and origin_of(platform, token) is Origin.UNKNOWN:
            await store(token.model_copy(update={"origin": Origin.REAL}))


async def _seed_sandbox(site: Site, accounts: AccountStore) -> None:
    """The sandbox's first account. One that has a token of the sandbox keeps it while it serves; one with a real token
    keeps that, unused, until a person removes the account."""
    platform, first = site.platform, first_account(site)
    known, origin = await accounts.find(platform, DEFAULT), await _stored_origin(platform, accounts)
    if known and origin is Origin.SANDBOX and not known.needs_authorization:
        return
    # What is left unknown was the sandbox's if it descends from the first token there.
    ours = known is None or origin in (None, Origin.SANDBOX) or known.options.get("seed") == _seed(first.token)
    if origin is Origin.REAL or not ours:
        log.warning(
            "the sandbox plays %s here, and the token of its account %r is of another origin (%s): it is kept and sent "
            "nowhere; `reelwright account remove %s --account %s` makes room for the sandbox's",
            platform.label, DEFAULT, origin, platform.value, DEFAULT,
        )  # fmt: skip
        return
    options = {**first.options, **_own(known.options if known else {}), "seed": _seed(first.token)}
    info = AccountInfo(platform=platform, external_id=first.external_id, options=options)
    await accounts.put(info, token_of(platform, SecretStr(first.token)))


async def _stored_origin(platform: Platform, accounts: AccountStore) -> Origin | None:
    """The origin of the token of the account `default`; None when it has none. Unknown when it cannot be decrypted with
    the configured keys: its first use raises that error."""
    try:
        token = await accounts.token(platform, DEFAULT)
    except InvalidInput as error:
        log.warning("the token of %s account %r: %s", platform.label, DEFAULT, error)
        return Origin.UNKNOWN
    return origin_of(platform, token) if token else None


def _own(options: Mapping[str, str]) -> dict[str, str]:
    """The options that a person sets, without those of an account of the sandbox."""
    return {name: value for name, value in options.items() if name == "best_time"}


def _seed(token: str) -> str:
    """Identifies a first token without revealing it."""
    return sha256_of(token)[:16]


def credentials(site: Site) -> ClientCredentials:
    """What the application renews a platform's tokens with."""
    from reelwright.platforms.common.sign_in import ClientCredentials

    settings, spec = site.settings, SPECS[site.platform]
    secret: SecretStr = getattr(settings, spec.client_secret)
    sign_ins = {flow: build(settings) for flow, build in spec.sign_ins.items()}
    others = {
        name: (getattr(settings, id), getattr(settings, hidden).get_secret_value())
        for name, (id, hidden) in spec.other_apps.items()
        if getattr(settings, id)
    }
    return ClientCredentials(getattr(settings, spec.client_id), secret.get_secret_value(), sign_ins, others)


def build_tokens(sites: Sites, clients: Clients, accounts: AccountStore) -> dict[Platform, AccessTokens]:
    """Where each platform's adapter gets its tokens: those of its site's origin, and no others."""
    from reelwright.platforms.common.vault_tokens import VaultTokens

    return {
        platform: VaultTokens(clients[site.origin], accounts, platform, credentials(site), origin=site.origin)
        for platform, site in sites.items()
    }


def build_publishers(
    sites: Sites, clients: Clients, tokens: Mapping[Platform, AccessTokens]
) -> dict[Platform, Publisher]:
    """All of them, each with the client, the settings and the tokens of its own site."""
    return {
        platform: SPECS[platform].build(clients[site.origin], tokens[platform], site.settings)
        for platform, site in sites.items()
    }


def build_announcer(settings: PlatformSettings, clients: Clients) -> Announcer | None:
    """Discord, where there is a webhook or a sandbox that has one."""
    from reelwright.platforms.notices.discord import DiscordAnnouncer

    hook = webhook(settings)
    if hook is None:
        return None
    return DiscordAnnouncer(clients[hook.origin], hook.address.get_secret_value(), also=hook.also)
