"""How a Facebook page is reached and signed in to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from reelwright.domain.platforms import Platform
from reelwright.domain.platforms.facebook import PICTURES

from ..meta.sign_in import ExchangedToken
from ..spec import PlatformSpec, given
from .settings import FacebookSettings

if TYPE_CHECKING:
    import httpx

    from reelwright.domain.origins import Origin
    from reelwright.domain.ports.connecting import Connector
    from reelwright.domain.ports.publishing import Publisher

    from ..common.oauth import AccessTokens


def build(http: httpx.AsyncClient, tokens: AccessTokens, settings: FacebookSettings) -> Publisher:
    """The adapter, loaded here and no sooner."""
    from .publisher import FacebookPublisher

    return FacebookPublisher(
        http,
        tokens,
        api_url=settings.meta_api_url,
        video_url=settings.meta_video_url,
        site_url=settings.meta_site_url,
        version=settings.meta_version,
        app_secret=settings.meta_app_secret.get_secret_value(),
        pictures=replace(PICTURES, most=settings.facebook_photos, most_bytes=settings.facebook_photo_bytes),
        photo_s=settings.facebook_photo_hours * 3_600,
        **given(settle_s=settings.listed_within_s, absent_s=settings.listed_within_s),
    )


def connect(http: httpx.AsyncClient, settings: FacebookSettings, origin: Origin) -> Connector:
    """The way to connect accounts, loaded here and no sooner."""
    from .connect import FacebookConnect

    return FacebookConnect(http, settings, origin)


SPEC = PlatformSpec(
    platform=Platform.FACEBOOK,
    settings=FacebookSettings,
    sign_ins={"facebook": lambda settings: ExchangedToken(settings.meta_token_url)},
    build=build,
    connect=connect,
    client_id="meta_app_id",
    client_secret="meta_app_secret",  # noqa: S106
    tokens=("facebook_page_token",),
    access_tokens=("facebook_page_token",),
    external_id="facebook_page_id",
    api={"meta_api_url": "", "meta_video_url": ""},
    pages={"meta_site_url": "", "meta_authorize_url": "/{version}/dialog/oauth"},
)
