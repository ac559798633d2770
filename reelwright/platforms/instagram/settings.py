"""Instagram's settings: a first account's token, on top of Meta's."""

from __future__ import annotations

from pydantic import Field, SecretStr

from ..meta.settings import MetaSettings
from ..settings import NONE


class InstagramSettings(MetaSettings):
    """docs/platforms/instagram.md describes where the token comes from."""

    instagram_access_token: SecretStr = Field(default=NONE, validation_alias="INSTAGRAM_ACCESS_TOKEN")
    instagram_user_id: str = Field(default="", validation_alias="INSTAGRAM_USER_ID")
    instagram_refresh_url: str = Field(
        default="https://graph.instagram.com/refresh_access_token",
        validation_alias="REELWRIGHT_INSTAGRAM_REFRESH_URL",
    )
    """Where tokens of accounts with Instagram's own login are renewed."""
    instagram_scopes: str = Field(default="", validation_alias="REELWRIGHT_INSTAGRAM_SCOPES")
    instagram_carousel: int = Field(default=10, ge=1, le=20, validation_alias="REELWRIGHT_INSTAGRAM_CAROUSEL")
    """The most pictures of one post: 10 is documented, 20 is said to work."""
    instagram_alt_texts: bool = Field(default=True, validation_alias="REELWRIGHT_INSTAGRAM_ALT_TEXTS")
    """Whether the pictures of a carousel get alternative texts: UNVERIFIED that they may have one there."""
