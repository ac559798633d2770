"""Meta's settings: the one application for Instagram and Facebook, and where the Graph API stands."""

from __future__ import annotations

from pydantic import Field, SecretStr

from ..settings import NONE, TimingSettings


class MetaSettings(TimingSettings):
    """docs/platforms/instagram.md and docs/platforms/facebook.md describe where the credentials come from."""

    meta_app_id: str = Field(default="", validation_alias="META_APP_ID")
    meta_app_secret: SecretStr = Field(default=NONE, validation_alias="META_APP_SECRET")
    meta_api_url: str = Field(default="https://graph.facebook.com", validation_alias="REELWRIGHT_META_API_URL")
    meta_version: str = Field(default="v26.0", pattern=r"^v\d+\.\d+$", validation_alias="REELWRIGHT_META_VERSION")

    meta_authorize_url: str = Field(
        default="https://www.facebook.com/{version}/dialog/oauth", validation_alias="REELWRIGHT_META_AUTHORIZE_URL"
    )
    meta_config_id: str = Field(default="", pattern=r"^\d*$", validation_alias="REELWRIGHT_META_CONFIG_ID")
    """A configuration of Facebook Login for Business: asked for in place of scopes."""

    @property
    def meta_token_url(self) -> str:
        """The address where a valid token is exchanged for a longer-lived one."""
        return f"{self.meta_api_url}/oauth/access_token"
