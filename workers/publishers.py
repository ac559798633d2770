"""The platforms' adapters, built out of the settings, and the first accounts' tokens brought into the vault.

Imports stand inside the functions, so that only the cpu pool loads a platform.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from reelwright.domain.errors import InvalidInput
from reelwright.domain.formats import Platform
from reelwright.domain.ids import sha256_of
from reelwright.domain.origins import Origin, given_origin, origin_of
from reelwright.domain.ports.publishing import AccountStore, Announcer, Publisher
from reelwright.domain.publishing.accounts import AccountInfo, StoredToken
from reelwright.domain.redaction import know

from .platform_settings import PlatformSettings
from .sandboxing import FIELDS, Clients, Site, Sites, first_account, webhook

if TYPE_CHECKING:
    import httpx

    from reelwright.platforms.common.oauth import AccessTokens
    from reelwright.platforms.common.renewals import ClientCredentials

log = logging.getLogger(__name__)

DEFAULT = "default"
"""The name of the account that is made of the environment's token."""
FLOWS = {
    Platform.YOUTUBE: "google",
    Platform.INSTAGRAM: "facebook",  # uploads by bytes want Facebook Login (docs/platforms/instagram.md#upload)
    Platform.TIKTOK: "tiktok",
    Platform.FACEBOOK: "facebook",
    Platform.X: "x",
    Platform.LINKEDIN: "linkedin",
    Platform.BLUESKY: "bluesky",
}
"""How each platform's tokens are renewed (`domain.publishing.accounts.StoredToken.flow`)."""
BY_ACCESS_TOKEN = (Platform.INSTAGRAM, Platform.FACEBOOK)
"""Where what a person is given is an access token; elsewhere it is a refresh token."""


def token_of(platform: Platform, secret: SecretStr, *, by_access_token: bool | None = None) -> StoredToken:
    """A token as a person has it, ready for the vault."""
    know(secret)
    access = platform in BY_ACCESS_TOKEN if by_access_token is None else by_access_token
    return StoredToken(
        **{"access_token" if access else "refresh_token": secret},
        flow=FLOWS[platform],
        origin=given_origin(platform, secret.get_secret_value()),
    )


async def seed_accounts(sites: Sites, accounts: AccountStore) -> None:
    """Makes the account `default` of every platform that has a token in the environment, and of every one that the
    sandbox plays."""
    for site in sites.values():
        if site.origin is Origin.SANDBOX:
            await _seed_sandbox(site, accounts)
        elif token := site.settings.first_tokens().get(site.platform):
            await _seed_real(site, token, accounts)


async def _seed_real(site: Site, secret: SecretStr, accounts: AccountStore) -> None:
    """An account that was made of the same token keeps those it has, which may have been renewed since; another token
    in the environment replaces them."""
    platform, settings = site.platform, site.settings
    seed = _seed(secret.get_secret_value())
    known = await accounts.find(platform, DEFAULT)
    if known and known.options.get("seed") == seed:
        await _mark_real(platform, accounts)
        return
    member = platform is Platform.LINKEDIN and not settings.linkedin_refresh_token.get_secret_value()
    kept = known.options if known else {}
    if known and await _stored_origin(platform, accounts) is Origin.SANDBOX:
        kept = _own(kept)
    external_id = settings.external_ids().get(platform, "")
    info = AccountInfo(platform=platform, external_id=external_id, options={**kept, "seed": seed})
    await accounts.put(info, token_of(platform, secret, by_access_token=True if member else None))


async def _mark_real(platform: Platform, accounts: AccountStore) -> None:
    """A token that an earlier release stored, and that descends from the environment's: its origin is known by that."""
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
    """Where the token of the account `default` comes from; None when it has none. Unknown when it does not open with
    the keys there are: whoever wants to use it is told so."""
    try:
        token = await accounts.token(platform, DEFAULT)
    except InvalidInput as error:
        log.warning("the token of %s account %r: %s", platform.label, DEFAULT, error)
        return Origin.UNKNOWN
    return origin_of(platform, token) if token else None


def _own(options: Mapping[str, str]) -> dict[str, str]:
    """The options that a person sets, without those that belong to an account of the sandbox."""
    return {name: value for name, value in options.items() if name == "best_time"}


def _seed(token: str) -> str:
    """Tells one first token from another, and does not tell the token."""
    return sha256_of(token)[:16]


def credentials(site: Site) -> ClientCredentials:
    """What the application renews a platform's tokens with."""
    from reelwright.platforms.common.renewals import INSTAGRAM_REFRESH, ClientCredentials

    settings, fields = site.settings, FIELDS[site.platform]
    addresses = {
        Platform.YOUTUBE: settings.youtube_token_url,
        Platform.INSTAGRAM: f"{settings.meta_api_url}/oauth/access_token",
        Platform.TIKTOK: f"{settings.tiktok_api_url}/v2/oauth/token/",
        Platform.FACEBOOK: f"{settings.meta_api_url}/oauth/access_token",
        Platform.X: f"{settings.x_api_url}/2/oauth2/token",
        Platform.LINKEDIN: settings.linkedin_token_url,
        Platform.BLUESKY: settings.bluesky_service_url,
    }
    secret: SecretStr = getattr(settings, fields.client_secret)
    return ClientCredentials(
        getattr(settings, fields.client_id),
        secret.get_secret_value(),
        addresses[site.platform],
        instagram_url=f"{site.sandbox}/refresh_access_token" if site.sandbox else INSTAGRAM_REFRESH,
    )


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
        platform: BUILDERS[platform](clients[site.origin], tokens[platform], site.settings)
        for platform, site in sites.items()
    }


def _youtube(http: httpx.AsyncClient, tokens: AccessTokens, settings: PlatformSettings) -> Publisher:
    from reelwright.platforms.youtube.publisher import YouTubePublisher

    return YouTubePublisher(
        http, tokens, api_url=settings.youtube_api_url, watch_url=settings.youtube_watch_url,
        **_given(listed_within_s=settings.listed_within_s, comment_lag_s=settings.comment_lag_s),
    )  # fmt: skip


def _instagram(http: httpx.AsyncClient, tokens: AccessTokens, settings: PlatformSettings) -> Publisher:
    from reelwright.platforms.instagram.publisher import InstagramPublisher

    return InstagramPublisher(
        http, tokens, api_url=settings.meta_api_url, version=settings.meta_version,
        app_secret=settings.meta_app_secret.get_secret_value(), **_given(settle_s=settings.listed_within_s),
    )  # fmt: skip


def _tiktok(http: httpx.AsyncClient, tokens: AccessTokens, settings: PlatformSettings) -> Publisher:
    from reelwright.platforms.tiktok.publisher import TikTokPublisher

    return TikTokPublisher(
        http, tokens, api_url=settings.tiktok_api_url, watch_url=settings.tiktok_watch_url,
        **_given(settle_s=settings.listed_within_s),
    )  # fmt: skip


def _facebook(http: httpx.AsyncClient, tokens: AccessTokens, settings: PlatformSettings) -> Publisher:
    from reelwright.platforms.facebook.publisher import FacebookPublisher

    return FacebookPublisher(
        http, tokens, api_url=settings.meta_api_url, video_url=settings.meta_video_url,
        site_url=settings.meta_site_url, version=settings.meta_version,
        app_secret=settings.meta_app_secret.get_secret_value(),
        **_given(settle_s=settings.listed_within_s, absent_s=settings.listed_within_s),
    )  # fmt: skip


def _x(http: httpx.AsyncClient, tokens: AccessTokens, settings: PlatformSettings) -> Publisher:
    from reelwright.platforms.x.publisher import XPublisher

    return XPublisher(
        http, tokens, api_url=settings.x_api_url, post_url=settings.x_post_url,
        **_given(listed_within_s=settings.listed_within_s),
    )  # fmt: skip


def _linkedin(http: httpx.AsyncClient, tokens: AccessTokens, settings: PlatformSettings) -> Publisher:
    from reelwright.platforms.linkedin.publisher import LinkedInPublisher

    return LinkedInPublisher(
        http, tokens, api_url=settings.linkedin_api_url, post_url=settings.linkedin_post_url,
        version=settings.linkedin_version, send_captions=settings.linkedin_captions,
        send_thumbnail=settings.linkedin_thumbnail,
        **_given(settled_after_s=settings.listed_within_s, comment_lag_s=settings.comment_lag_s),
    )  # fmt: skip


def _bluesky(http: httpx.AsyncClient, tokens: AccessTokens, settings: PlatformSettings) -> Publisher:
    from reelwright.platforms.bluesky.post import Limits
    from reelwright.platforms.bluesky.publisher import BlueskyPublisher

    return BlueskyPublisher(
        http, tokens, service_url=settings.bluesky_service_url, video_url=settings.bluesky_video_url,
        video_did=settings.bluesky_video_did, post_url=settings.bluesky_post_url,
        limits=Limits(longest_s=settings.bluesky_video_s, bytes=settings.bluesky_video_bytes),
        **_given(settle_s=settings.listed_within_s),
    )  # fmt: skip


BUILDERS: Mapping[Platform, Callable[[httpx.AsyncClient, AccessTokens, PlatformSettings], Publisher]] = {
    Platform.YOUTUBE: _youtube,
    Platform.INSTAGRAM: _instagram,
    Platform.TIKTOK: _tiktok,
    Platform.FACEBOOK: _facebook,
    Platform.X: _x,
    Platform.LINKEDIN: _linkedin,
    Platform.BLUESKY: _bluesky,
}


def _given(**values: float | None) -> dict[str, Any]:
    """Those that are set; the adapters' own defaults stand for the others."""
    return {name: value for name, value in values.items() if value is not None}


def build_announcer(settings: PlatformSettings, clients: Clients) -> Announcer | None:
    """Discord, where there is a webhook or a sandbox that has one."""
    from reelwright.platforms.notices.discord import DiscordAnnouncer

    hook = webhook(settings)
    if hook is None:
        return None
    return DiscordAnnouncer(clients[hook.origin], hook.address.get_secret_value(), also=hook.also)
