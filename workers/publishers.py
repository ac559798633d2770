"""The platforms' adapters, built out of the settings, and the first accounts' tokens brought into the vault.

Imports stand inside the functions, so that only the cpu pool loads a platform.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from reelwright.domain.formats import Platform
from reelwright.domain.ids import sha256_of
from reelwright.domain.ports.publishing import AccountStore, Announcer, Publisher
from reelwright.domain.publishing.accounts import AccountInfo, StoredToken
from reelwright.domain.redaction import know

from .platform_settings import PlatformSettings

if TYPE_CHECKING:
    import httpx

    from reelwright.platforms.common.oauth import AccessTokens
    from reelwright.platforms.common.renewals import ClientCredentials

FLOWS = {
    Platform.YOUTUBE: "google",
    Platform.INSTAGRAM: "facebook",  # uploads by bytes want Facebook Login (platform_apis.md 2.2)
    Platform.TIKTOK: "tiktok",
    Platform.FACEBOOK: "facebook",
    Platform.X: "x",
    Platform.LINKEDIN: "linkedin",
}
"""How each platform's tokens are renewed (`domain.publishing.accounts.StoredToken.flow`)."""
BY_ACCESS_TOKEN = (Platform.INSTAGRAM, Platform.FACEBOOK)
"""Where what a person is given is an access token; elsewhere it is a refresh token."""


def token_of(platform: Platform, secret: SecretStr, *, by_access_token: bool | None = None) -> StoredToken:
    """A token as a person has it, ready for the vault."""
    know(secret)
    access = platform in BY_ACCESS_TOKEN if by_access_token is None else by_access_token
    return StoredToken(**{"access_token" if access else "refresh_token": secret}, flow=FLOWS[platform])


async def seed_accounts(settings: PlatformSettings, accounts: AccountStore) -> None:
    """Makes the account `default` of every platform that has a token in the environment. One that was made of the same
    token keeps those it has, which may have been renewed since; another token in the environment replaces them."""
    for platform, secret in settings.first_tokens().items():
        seed = sha256_of(secret.get_secret_value())[:16]
        known = await accounts.find(platform, "default")
        if known and known.options.get("seed") == seed:
            continue
        member = platform is Platform.LINKEDIN and not settings.linkedin_refresh_token.get_secret_value()
        options = {**(known.options if known else {}), "seed": seed}
        external_id = settings.external_ids().get(platform, "")
        info = AccountInfo(platform=platform, external_id=external_id, options=options)
        await accounts.put(info, token_of(platform, secret, by_access_token=True if member else None))


def credentials(settings: PlatformSettings) -> dict[Platform, ClientCredentials]:
    """What the application renews tokens with."""
    from reelwright.platforms.common.renewals import ClientCredentials

    exchange = f"{settings.meta_api_url}/oauth/access_token"
    app = {
        Platform.YOUTUBE: (settings.youtube_client_id, settings.youtube_client_secret, settings.youtube_token_url),
        Platform.INSTAGRAM: (settings.meta_app_id, settings.meta_app_secret, exchange),
        Platform.TIKTOK: (
            settings.tiktok_client_key,
            settings.tiktok_client_secret,
            f"{settings.tiktok_api_url}/v2/oauth/token/",
        ),
        Platform.FACEBOOK: (settings.meta_app_id, settings.meta_app_secret, exchange),
        Platform.X: (settings.x_client_id, settings.x_client_secret, f"{settings.x_api_url}/2/oauth2/token"),
        Platform.LINKEDIN: (settings.linkedin_client_id, settings.linkedin_client_secret, settings.linkedin_token_url),
    }
    return {
        platform: ClientCredentials(name, key.get_secret_value(), url) for platform, (name, key, url) in app.items()
    }


def build_publishers(
    settings: PlatformSettings, http: httpx.AsyncClient, tokens: dict[Platform, AccessTokens]
) -> dict[Platform, Publisher]:
    """All six."""
    from reelwright.platforms.facebook.publisher import FacebookPublisher
    from reelwright.platforms.instagram.publisher import InstagramPublisher
    from reelwright.platforms.linkedin.publisher import LinkedInPublisher
    from reelwright.platforms.tiktok.publisher import TikTokPublisher
    from reelwright.platforms.x.publisher import XPublisher
    from reelwright.platforms.youtube.publisher import YouTubePublisher

    within, lag = settings.listed_within_s, settings.comment_lag_s
    graph: dict[str, Any] = {
        "version": settings.meta_version,
        "app_secret": settings.meta_app_secret.get_secret_value(),
    }
    return {
        Platform.YOUTUBE: YouTubePublisher(
            http, tokens[Platform.YOUTUBE], api_url=settings.youtube_api_url, watch_url=settings.youtube_watch_url,
            **_given(listed_within_s=within, comment_lag_s=lag),
        ),
        Platform.INSTAGRAM: InstagramPublisher(
            http, tokens[Platform.INSTAGRAM], api_url=settings.meta_api_url, **graph, **_given(settle_s=within)
        ),
        Platform.TIKTOK: TikTokPublisher(
            http, tokens[Platform.TIKTOK], api_url=settings.tiktok_api_url, watch_url=settings.tiktok_watch_url,
            **_given(settle_s=within),
        ),
        Platform.FACEBOOK: FacebookPublisher(
            http, tokens[Platform.FACEBOOK], api_url=settings.meta_api_url, video_url=settings.meta_video_url,
            site_url=settings.meta_site_url, **graph, **_given(settle_s=within, absent_s=within),
        ),
        Platform.X: XPublisher(
            http, tokens[Platform.X], api_url=settings.x_api_url, post_url=settings.x_post_url,
            **_given(listed_within_s=within),
        ),
        Platform.LINKEDIN: LinkedInPublisher(
            http, tokens[Platform.LINKEDIN], api_url=settings.linkedin_api_url, post_url=settings.linkedin_post_url,
            version=settings.linkedin_version, send_captions=settings.linkedin_captions,
            send_thumbnail=settings.linkedin_thumbnail, **_given(settled_after_s=within, comment_lag_s=lag),
        ),
    }  # fmt: skip


def _given(**values: float | None) -> dict[str, Any]:
    """Those that are set; the adapters' own defaults stand for the others."""
    return {name: value for name, value in values.items() if value is not None}


def build_announcer(settings: PlatformSettings, http: httpx.AsyncClient) -> Announcer | None:
    """Discord, where there is a webhook."""
    from reelwright.platforms.notices.discord import DiscordAnnouncer

    webhook = settings.discord_webhook.get_secret_value()
    also = tuple(host.strip() for host in settings.discord_hosts.split(",") if host.strip())
    return DiscordAnnouncer(http, webhook, also=also) if webhook else None
