"""X's settings: the application, a first account's token, and where the API stands."""

from __future__ import annotations

from pydantic import Field, SecretStr

from ..settings import NONE, TimingSettings


class XSettings(TimingSettings):
    """docs/platforms/x.md describes where the credentials come from."""

    x_client_id: str = Field(default="", validation_alias="X_CLIENT_ID")
    x_client_secret: SecretStr = Field(default=NONE, validation_alias="X_CLIENT_SECRET")
    x_refresh_token: SecretStr = Field(default=NONE, validation_alias="X_REFRESH_TOKEN")
    x_api_url: str = Field(default="https://api.x.com", validation_alias="REELWRIGHT_X_API_URL")
    x_media_hours: float = Field(default=20, gt=0, validation_alias="REELWRIGHT_X_MEDIA_HOURS")
    """How old an uploaded picture may be when it is posted: X keeps one for about a day (UNVERIFIED)."""
    x_post_url: str = Field(default="https://x.com/i/status/{id}", validation_alias="REELWRIGHT_X_POST_URL")
    x_authorize_url: str = Field(
        default="https://x.com/i/oauth2/authorize", validation_alias="REELWRIGHT_X_AUTHORIZE_URL"
    )
    x_scopes: str = Field(default="", validation_alias="REELWRIGHT_X_SCOPES")
