"""YouTube's settings: Google's application, a first channel's token, and where the API stands."""

from __future__ import annotations

from pydantic import Field, SecretStr

from ..settings import NONE, TimingSettings


class YouTubeSettings(TimingSettings):
    """docs/platforms/youtube.md describes where the credentials come from."""

    youtube_client_id: str = Field(default="", validation_alias="YOUTUBE_CLIENT_ID")
    youtube_client_secret: SecretStr = Field(default=NONE, validation_alias="YOUTUBE_CLIENT_SECRET")
    youtube_refresh_token: SecretStr = Field(default=NONE, validation_alias="YOUTUBE_REFRESH_TOKEN")
    youtube_api_url: str = Field(
        default="https://youtube.googleapis.com", validation_alias="REELWRIGHT_YOUTUBE_API_URL"
    )
    youtube_token_url: str = Field(
        default="https://oauth2.googleapis.com/token", validation_alias="REELWRIGHT_YOUTUBE_TOKEN_URL"
    )
    youtube_watch_url: str = Field(
        default="https://www.youtube.com/watch?v={id}", validation_alias="REELWRIGHT_YOUTUBE_WATCH_URL"
    )
    youtube_web_client_id: str = Field(default="", validation_alias="YOUTUBE_WEB_CLIENT_ID")
    youtube_web_client_secret: SecretStr = Field(default=NONE, validation_alias="YOUTUBE_WEB_CLIENT_SECRET")
    """A client of type Web application, for connecting by the console's public address (docs/connecting.md)."""
    youtube_scopes: str = Field(default="", validation_alias="REELWRIGHT_YOUTUBE_SCOPES")
    google_authorize_url: str = Field(
        default="https://accounts.google.com/o/oauth2/v2/auth", validation_alias="REELWRIGHT_GOOGLE_AUTHORIZE_URL"
    )
    google_revoke_url: str = Field(
        default="https://oauth2.googleapis.com/revoke", validation_alias="REELWRIGHT_GOOGLE_REVOKE_URL"
    )
    google_tokeninfo_url: str = Field(
        default="https://oauth2.googleapis.com/tokeninfo", validation_alias="REELWRIGHT_GOOGLE_TOKENINFO_URL"
    )
