"""How X is reached and signed in to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reelwright.domain.platforms import Platform

from ..spec import PlatformSpec, given
from .settings import XSettings
from .sign_in import XGrant

if TYPE_CHECKING:
    import httpx

    from reelwright.domain.origins import Origin
    from reelwright.domain.ports.connecting import Connector
    from reelwright.domain.ports.publishing import Publisher

    from ..common.oauth import AccessTokens


def build(http: httpx.AsyncClient, tokens: AccessTokens, settings: XSettings) -> Publisher:
    """The adapter, loaded here and no sooner."""
    from .publisher import XPublisher

    return XPublisher(
        http,
        tokens,
        api_url=settings.x_api_url,
        post_url=settings.x_post_url,
        picture_s=settings.x_media_hours * 3_600,
        **given(listed_within_s=settings.listed_within_s),
    )


def connect(http: httpx.AsyncClient, settings: XSettings, origin: Origin) -> Connector:
    """The way to connect accounts, loaded here and no sooner."""
    from .connect import XConnect

    return XConnect(http, settings, origin)


SPEC = PlatformSpec(
    platform=Platform.X,
    settings=XSettings,
    sign_ins={"x": lambda settings: XGrant(f"{settings.x_api_url}/2/oauth2/token")},
    build=build,
    connect=connect,
    client_id="x_client_id",
    client_secret="x_client_secret",  # noqa: S106
    tokens=("x_refresh_token",),
    api={"x_api_url": ""},
    pages={"x_post_url": "/i/status/{id}", "x_authorize_url": "/i/oauth2/authorize"},
)
