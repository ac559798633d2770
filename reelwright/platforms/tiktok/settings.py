"""TikTok's settings: the application, a first account's token, and where the API stands."""

from __future__ import annotations

from pydantic import Field, SecretStr

from ..common.pkce import Style
from ..settings import NONE, TimingSettings


class TikTokSettings(TimingSettings):
    """docs/platforms/tiktok.md describes where the credentials come from."""

    tiktok_client_key: str = Field(default="", validation_alias="TIKTOK_CLIENT_KEY")
    tiktok_client_secret: SecretStr = Field(default=NONE, validation_alias="TIKTOK_CLIENT_SECRET")
    tiktok_refresh_token: SecretStr = Field(default=NONE, validation_alias="TIKTOK_REFRESH_TOKEN")
    tiktok_api_url: str = Field(default="https://open.tiktokapis.com", validation_alias="REELWRIGHT_TIKTOK_API_URL")
    tiktok_watch_url: str = Field(
        default="https://www.tiktok.com/@{user}/video/{id}", validation_alias="REELWRIGHT_TIKTOK_WATCH_URL"
    )
    tiktok_authorize_url: str = Field(
        default="https://www.tiktok.com/v2/auth/authorize/", validation_alias="REELWRIGHT_TIKTOK_AUTHORIZE_URL"
    )
    tiktok_scopes: str = Field(default="", validation_alias="REELWRIGHT_TIKTOK_SCOPES")
    tiktok_pkce: Style = Field(default="hex", validation_alias="REELWRIGHT_TIKTOK_PKCE")
    """How the code's challenge is written: hex is TikTok's own for Desktop; for Web apps it is UNVERIFIED."""
