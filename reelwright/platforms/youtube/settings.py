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
