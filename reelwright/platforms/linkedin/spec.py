"""How LinkedIn is reached and signed in to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from reelwright.domain.platforms import Platform
from reelwright.domain.platforms.linkedin import PICTURES

from ..common.sign_in import RefreshGrant
from ..spec import PlatformSpec, given
from .settings import LinkedInSettings

if TYPE_CHECKING:
    import httpx

    from reelwright.domain.origins import Origin
    from reelwright.domain.ports.connecting import Connector
    from reelwright.domain.ports.publishing import Publisher

    from ..common.oauth import AccessTokens


def build(http: httpx.AsyncClient, tokens: AccessTokens, settings: LinkedInSettings) -> Publisher:
    """The adapter, loaded here and no sooner."""
    from .publisher import LinkedInPublisher

    return LinkedInPublisher(
        http,
        tokens,
        api_url=settings.linkedin_api_url,
        post_url=settings.linkedin_post_url,
        version=settings.linkedin_version,
        pictures=replace(PICTURES, alt_chars=settings.linkedin_alt_chars),
        picture_duplicates=settings.linkedin_picture_duplicates,
        send_captions=settings.linkedin_captions,
        send_thumbnail=settings.linkedin_thumbnail,
        **given(settled_after_s=settings.listed_within_s, comment_lag_s=settings.comment_lag_s),
    )


def connect(http: httpx.AsyncClient, settings: LinkedInSettings, origin: Origin) -> Connector:
    """The way to connect accounts, loaded here and no sooner."""
    from .connect import LinkedInConnect

    return LinkedInConnect(http, settings, origin)


SPEC = PlatformSpec(
    platform=Platform.LINKEDIN,
    settings=LinkedInSettings,
    sign_ins={"linkedin": lambda settings: RefreshGrant(settings.linkedin_token_url)},
    build=build,
    connect=connect,
    client_id="linkedin_client_id",
    client_secret="linkedin_client_secret",  # noqa: S106
    tokens=("linkedin_refresh_token", "linkedin_access_token"),
    access_tokens=("linkedin_access_token",),  # for members, whose applications get no refresh tokens
    external_id="linkedin_author",
    api={"linkedin_api_url": "", "linkedin_token_url": "/oauth/v2/accessToken"},
    other_apps={"page": ("linkedin_page_client_id", "linkedin_page_client_secret")},
    pages={
        "linkedin_post_url": "/feed/update/{id}/",
        "linkedin_authorize_url": "/oauth/v2/authorization",
        "linkedin_native_authorize_url": "/oauth/native-pkce/authorization",
    },
)
