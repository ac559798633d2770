"""The platforms' settings: the application's own credentials, a first account each, and where the APIs stand.

With a token in the environment the account `default` is made or renewed when the worker starts; more accounts are added
with `reelwright account add`. An application's client id and secret are what tokens are renewed with.
"""

from __future__ import annotations

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from reelwright.domain.errors import InvalidInput
from reelwright.domain.formats import Platform

from .environment import ENV_FILE, SecretSettings

_NONE = SecretStr("")
_ORIGIN = r"^(https?://[^\s/?#@]+/?)?$"


class PlatformSettings(SecretSettings):
    """Secrets are `SecretStr`. The defaults of the addresses are the real platforms'; `sandboxing` replaces them where
    there are no credentials."""

    model_config = SettingsConfigDict(env_file=ENV_FILE, extra="ignore", frozen=True)

    youtube_client_id: str = Field(default="", validation_alias="YOUTUBE_CLIENT_ID")
    youtube_client_secret: SecretStr = Field(default=_NONE, validation_alias="YOUTUBE_CLIENT_SECRET")
    youtube_refresh_token: SecretStr = Field(default=_NONE, validation_alias="YOUTUBE_REFRESH_TOKEN")

    tiktok_client_key: str = Field(default="", validation_alias="TIKTOK_CLIENT_KEY")
    tiktok_client_secret: SecretStr = Field(default=_NONE, validation_alias="TIKTOK_CLIENT_SECRET")
    tiktok_refresh_token: SecretStr = Field(default=_NONE, validation_alias="TIKTOK_REFRESH_TOKEN")

    meta_app_id: str = Field(default="", validation_alias="META_APP_ID")
    meta_app_secret: SecretStr = Field(default=_NONE, validation_alias="META_APP_SECRET")
    instagram_access_token: SecretStr = Field(default=_NONE, validation_alias="INSTAGRAM_ACCESS_TOKEN")
    instagram_user_id: str = Field(default="", validation_alias="INSTAGRAM_USER_ID")
    facebook_page_token: SecretStr = Field(default=_NONE, validation_alias="FACEBOOK_PAGE_TOKEN")
    facebook_page_id: str = Field(default="", validation_alias="FACEBOOK_PAGE_ID")

    x_client_id: str = Field(default="", validation_alias="X_CLIENT_ID")
    x_client_secret: SecretStr = Field(default=_NONE, validation_alias="X_CLIENT_SECRET")
    x_refresh_token: SecretStr = Field(default=_NONE, validation_alias="X_REFRESH_TOKEN")

    linkedin_client_id: str = Field(default="", validation_alias="LINKEDIN_CLIENT_ID")
    linkedin_client_secret: SecretStr = Field(default=_NONE, validation_alias="LINKEDIN_CLIENT_SECRET")
    linkedin_access_token: SecretStr = Field(default=_NONE, validation_alias="LINKEDIN_ACCESS_TOKEN")
    linkedin_refresh_token: SecretStr = Field(default=_NONE, validation_alias="LINKEDIN_REFRESH_TOKEN")
    linkedin_author: str = Field(
        default="", pattern=r"^(urn:li:(person|organization):[A-Za-z0-9_-]+)?$", validation_alias="LINKEDIN_AUTHOR"
    )

    bluesky_handle: str = Field(default="", pattern=r"^[^\s@:/]*$", validation_alias="BLUESKY_HANDLE")
    bluesky_app_password: SecretStr = Field(default=_NONE, validation_alias="BLUESKY_APP_PASSWORD")
    """An app password and not the account's own: https://bsky.app/settings/app-passwords."""

    discord_webhook: SecretStr = Field(default=_NONE, validation_alias="DISCORD_WEBHOOK_URL")

    youtube_api_url: str = Field(
        default="https://youtube.googleapis.com", validation_alias="REELWRIGHT_YOUTUBE_API_URL"
    )
    youtube_token_url: str = Field(
        default="https://oauth2.googleapis.com/token", validation_alias="REELWRIGHT_YOUTUBE_TOKEN_URL"
    )
    youtube_watch_url: str = Field(
        default="https://www.youtube.com/watch?v={id}", validation_alias="REELWRIGHT_YOUTUBE_WATCH_URL"
    )
    tiktok_api_url: str = Field(default="https://open.tiktokapis.com", validation_alias="REELWRIGHT_TIKTOK_API_URL")
    tiktok_watch_url: str = Field(
        default="https://www.tiktok.com/@{user}/video/{id}", validation_alias="REELWRIGHT_TIKTOK_WATCH_URL"
    )
    meta_api_url: str = Field(default="https://graph.facebook.com", validation_alias="REELWRIGHT_META_API_URL")
    meta_video_url: str = Field(
        default="https://graph-video.facebook.com", validation_alias="REELWRIGHT_META_VIDEO_URL"
    )
    meta_site_url: str = Field(default="https://www.facebook.com", validation_alias="REELWRIGHT_META_SITE_URL")
    meta_version: str = Field(default="v26.0", pattern=r"^v\d+\.\d+$", validation_alias="REELWRIGHT_META_VERSION")
    x_api_url: str = Field(default="https://api.x.com", validation_alias="REELWRIGHT_X_API_URL")
    x_post_url: str = Field(default="https://x.com/i/status/{id}", validation_alias="REELWRIGHT_X_POST_URL")
    linkedin_api_url: str = Field(default="https://api.linkedin.com", validation_alias="REELWRIGHT_LINKEDIN_API_URL")
    linkedin_token_url: str = Field(
        default="https://www.linkedin.com/oauth/v2/accessToken", validation_alias="REELWRIGHT_LINKEDIN_TOKEN_URL"
    )
    linkedin_post_url: str = Field(
        default="https://www.linkedin.com/feed/update/{id}/", validation_alias="REELWRIGHT_LINKEDIN_POST_URL"
    )
    linkedin_version: str = Field(
        default="202609", pattern=r"^20\d{4}$", validation_alias="REELWRIGHT_LINKEDIN_VERSION"
    )
    linkedin_captions: bool = Field(default=True, validation_alias="REELWRIGHT_LINKEDIN_CAPTIONS")
    linkedin_thumbnail: bool = Field(default=True, validation_alias="REELWRIGHT_LINKEDIN_THUMBNAIL")
    """Whether a caption track and a picture go along with a video. How LinkedIn takes them is UNVERIFIED; a video that
    was announced with one may wait for it for ever."""
    bluesky_service_url: str = Field(default="https://bsky.social", validation_alias="REELWRIGHT_BLUESKY_SERVICE_URL")
    bluesky_video_url: str = Field(default="https://video.bsky.app", validation_alias="REELWRIGHT_BLUESKY_VIDEO_URL")
    bluesky_video_did: str = Field(
        default="did:web:video.bsky.app", pattern=r"^did:[a-z]+:\S+$", validation_alias="REELWRIGHT_BLUESKY_VIDEO_DID"
    )
    bluesky_post_url: str = Field(
        default="https://bsky.app/profile/{did}/post/{id}", validation_alias="REELWRIGHT_BLUESKY_POST_URL"
    )
    bluesky_video_bytes: int = Field(default=300_000_000, gt=0, validation_alias="REELWRIGHT_BLUESKY_VIDEO_BYTES")
    bluesky_video_s: float = Field(default=600.0, gt=0, validation_alias="REELWRIGHT_BLUESKY_VIDEO_S")
    """What the video service takes: the official app's own numbers; its service may change them (UNVERIFIED)."""
    discord_hosts: str = Field(default="", validation_alias="REELWRIGHT_DISCORD_HOSTS")

    sandbox_url: str = Field(default="", pattern=_ORIGIN, validation_alias="REELWRIGHT_SANDBOX_URL")
    sandbox_site_url: str = Field(default="", pattern=_ORIGIN, validation_alias="REELWRIGHT_SANDBOX_SITE_URL")
    """Where the sandbox is for the workers, and where a person's browser finds it (left out: the same). Platforms
    without credentials are played by it; without it they wait for an account."""

    listed_within_s: float | None = Field(default=None, gt=0, validation_alias="REELWRIGHT_LISTED_WITHIN_S")
    """How long a platform may take to show a new post in its own lists; only after that is a post that is not listed
    taken for absent. Left out: each adapter's own cautious default, minutes."""
    comment_lag_s: float | None = Field(default=None, ge=0, validation_alias="REELWRIGHT_COMMENT_LAG_S")
    """The same for first comments on YouTube and LinkedIn. Left out: the adapters' own, 20 and 10 s."""

    def first_tokens(self) -> dict[Platform, SecretStr]:
        """The tokens from the environment, by platform; empty ones left out."""
        tokens = {
            Platform.YOUTUBE: self.youtube_refresh_token,
            Platform.INSTAGRAM: self.instagram_access_token,
            Platform.TIKTOK: self.tiktok_refresh_token,
            Platform.FACEBOOK: self.facebook_page_token,
            Platform.X: self.x_refresh_token,
            Platform.LINKEDIN: self.linkedin_refresh_token
            if self.linkedin_refresh_token.get_secret_value()
            else self.linkedin_access_token,
            Platform.BLUESKY: self._bluesky_login(),
        }
        return {platform: token for platform, token in tokens.items() if token.get_secret_value()}

    def _bluesky_login(self) -> SecretStr:
        """Handle and app password as the first session is made of them, `handle:app-password`; they may be set in one.
        Raises `InvalidInput` for a password without a handle."""
        password = self.bluesky_app_password.get_secret_value()
        if not password or ":" in password:
            return self.bluesky_app_password
        if not self.bluesky_handle:
            remedy = "set the handle that the app password belongs to, such as name.bsky.social"
            raise InvalidInput("it is empty", field="BLUESKY_HANDLE", remedy=remedy)
        return SecretStr(f"{self.bluesky_handle}:{password}")

    def external_ids(self) -> dict[Platform, str]:
        """The first accounts' ids on their platforms, where one is needed."""
        return {
            Platform.INSTAGRAM: self.instagram_user_id,
            Platform.FACEBOOK: self.facebook_page_id,
            Platform.LINKEDIN: self.linkedin_author,
            Platform.BLUESKY: self.bluesky_handle,
        }
