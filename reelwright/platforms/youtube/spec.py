"""How YouTube is reached and signed in to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reelwright.domain.platforms import Platform

from ..common.sign_in import RefreshGrant
from ..spec import PlatformSpec, given
from .settings import YouTubeSettings

if TYPE_CHECKING:
    import httpx

    from reelwright.domain.origins import Origin
    from reelwright.domain.ports.connecting import Connector
    from reelwright.domain.ports.publishing import Publisher

    from ..common.oauth import AccessTokens


def build(http: httpx.AsyncClient, tokens: AccessTokens, settings: YouTubeSettings) -> Publisher:
    """The adapter, loaded here and no sooner."""
    from .publisher import YouTubePublisher

    return YouTubePublisher(
        http,
        tokens,
        api_url=settings.youtube_api_url,
        watch_url=settings.youtube_watch_url,
        **given(listed_within_s=settings.listed_within_s, comment_lag_s=settings.comment_lag_s),
    )


def connect(http: httpx.AsyncClient, settings: YouTubeSettings, origin: Origin) -> Connector:
    """The way to connect accounts, loaded here and no sooner."""
    from .connect import YouTubeConnect

    return YouTubeConnect(http, settings, origin)


SPEC = PlatformSpec(
    platform=Platform.YOUTUBE,
    settings=YouTubeSettings,
    sign_ins={"google": lambda settings: RefreshGrant(settings.youtube_token_url)},
    build=build,
    connect=connect,
    client_id="youtube_client_id",
    client_secret="youtube_client_secret",  # noqa: S106
    tokens=("youtube_refresh_token",),
    other_apps={"web": ("youtube_web_client_id", "youtube_web_client_secret")},
    api={
        "youtube_api_url": "",
        "youtube_token_url": "/token",
        "google_revoke_url": "/revoke",
        "google_tokeninfo_url": "/tokeninfo",
    },
    pages={"youtube_watch_url": "/watch?v={id}", "google_authorize_url": "/o/oauth2/v2/auth"},
)
