"""How Instagram is reached and signed in to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from reelwright.domain.platforms import Platform
from reelwright.domain.platforms.instagram import PICTURES

from ..meta.sign_in import ExchangedToken
from ..spec import PlatformSpec, given
from .settings import InstagramSettings
from .sign_in import InstagramLogin

if TYPE_CHECKING:
    import httpx

    from reelwright.domain.origins import Origin
    from reelwright.domain.ports.connecting import Connector
    from reelwright.domain.ports.publishing import Publisher

    from ..common.oauth import AccessTokens


def build(http: httpx.AsyncClient, tokens: AccessTokens, settings: InstagramSettings) -> Publisher:
    """The adapter, loaded here and no sooner."""
    from .publisher import InstagramPublisher

    return InstagramPublisher(
        http,
        tokens,
        api_url=settings.meta_api_url,
        version=settings.meta_version,
        app_secret=settings.meta_app_secret.get_secret_value(),
        pictures=replace(PICTURES, most=settings.instagram_carousel),
        alt_texts=settings.instagram_alt_texts,
        **given(settle_s=settings.listed_within_s),
    )


def connect(http: httpx.AsyncClient, settings: InstagramSettings, origin: Origin) -> Connector:
    """The way to connect accounts, loaded here and no sooner."""
    from .connect import InstagramConnect

    return InstagramConnect(http, settings, origin)


SPEC = PlatformSpec(
    platform=Platform.INSTAGRAM,
    settings=InstagramSettings,
    sign_ins={  # uploads by bytes require Facebook Login (docs/platforms/instagram.md#upload)
        "facebook": lambda settings: ExchangedToken(settings.meta_token_url),
        "instagram": lambda settings: InstagramLogin(settings.instagram_refresh_url),
    },
    build=build,
    connect=connect,
    client_id="meta_app_id",
    client_secret="meta_app_secret",  # noqa: S106
    tokens=("instagram_access_token",),
    access_tokens=("instagram_access_token",),
    external_id="instagram_user_id",
    api={"meta_api_url": "", "instagram_refresh_url": "/refresh_access_token"},
    pages={"meta_authorize_url": "/{version}/dialog/oauth"},
)
