"""How Bluesky is reached and signed in to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import SecretStr

from reelwright.domain.errors import InvalidInput
from reelwright.domain.platforms import Platform

from ..spec import PlatformSpec, given
from .sessions import SessionGrant
from .settings import BlueskySettings

if TYPE_CHECKING:
    import httpx

    from reelwright.domain.origins import Origin
    from reelwright.domain.ports.connecting import Connector
    from reelwright.domain.ports.publishing import Publisher

    from ..common.oauth import AccessTokens


def build(http: httpx.AsyncClient, tokens: AccessTokens, settings: BlueskySettings) -> Publisher:
    """The adapter, loaded here and no sooner."""
    from .post import Limits
    from .publisher import BlueskyPublisher

    return BlueskyPublisher(
        http,
        tokens,
        service_url=settings.bluesky_service_url,
        video_url=settings.bluesky_video_url,
        video_did=settings.bluesky_video_did,
        post_url=settings.bluesky_post_url,
        limits=Limits(longest_s=settings.bluesky_video_s, bytes=settings.bluesky_video_bytes),
        **given(settle_s=settings.listed_within_s),
    )


def login(settings: BlueskySettings) -> SecretStr:
    """Handle and app password as the first session is made of them, `handle:app-password`; they may be set in one.
    Raises `InvalidInput` for a password without a handle."""
    password = settings.bluesky_app_password.get_secret_value()
    if not password or ":" in password:
        return settings.bluesky_app_password
    if not settings.bluesky_handle:
        remedy = "set the handle that the app password belongs to, such as name.bsky.social"
        raise InvalidInput("it is empty", field="BLUESKY_HANDLE", remedy=remedy)
    return SecretStr(f"{settings.bluesky_handle}:{password}")


def connect(http: httpx.AsyncClient, settings: BlueskySettings, origin: Origin) -> Connector:
    """The way to connect accounts, loaded here and no sooner."""
    from .connect import BlueskyConnect

    return BlueskyConnect(http, settings, origin)


SPEC = PlatformSpec(
    platform=Platform.BLUESKY,
    settings=BlueskySettings,
    sign_ins={"bluesky": lambda settings: SessionGrant(settings.bluesky_service_url)},
    build=build,
    connect=connect,
    client_id="bluesky_handle",
    client_secret="bluesky_app_password",  # noqa: S106
    tokens=("bluesky_app_password",),
    read_token=login,
    external_id="bluesky_handle",
    api={"bluesky_service_url": "", "bluesky_video_url": ""},
    pages={"bluesky_post_url": "/profile/{did}/post/{id}"},
)
