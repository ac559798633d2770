"""How TikTok is reached and signed in to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reelwright.domain.platforms import Platform

from ..common.sign_in import RefreshGrant
from ..spec import PlatformSpec, given
from .settings import TikTokSettings

if TYPE_CHECKING:
    import httpx

    from reelwright.domain.origins import Origin
    from reelwright.domain.ports.connecting import Connector
    from reelwright.domain.ports.publishing import Publisher

    from ..common.oauth import AccessTokens


def build(http: httpx.AsyncClient, tokens: AccessTokens, settings: TikTokSettings) -> Publisher:
    """The adapter, loaded here and no sooner."""
    from .publisher import TikTokPublisher

    return TikTokPublisher(
        http,
        tokens,
        api_url=settings.tiktok_api_url,
        watch_url=settings.tiktok_watch_url,
        **given(settle_s=settings.listed_within_s),
    )


def connect(http: httpx.AsyncClient, settings: TikTokSettings, origin: Origin) -> Connector:
    """The way to connect accounts, loaded here and no sooner."""
    from .connect import TikTokConnect

    return TikTokConnect(http, settings, origin)


SPEC = PlatformSpec(
    platform=Platform.TIKTOK,
    settings=TikTokSettings,
    sign_ins={
        "tiktok": lambda settings: RefreshGrant(f"{settings.tiktok_api_url}/v2/oauth/token/", id_name="client_key")
    },
    build=build,
    connect=connect,
    client_id="tiktok_client_key",
    client_secret="tiktok_client_secret",  # noqa: S106
    tokens=("tiktok_refresh_token",),
    api={"tiktok_api_url": ""},
    pages={"tiktok_watch_url": "/@{user}/video/{id}", "tiktok_authorize_url": "/v2/auth/authorize/"},
)
