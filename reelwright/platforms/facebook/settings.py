"""Facebook's settings: a first page's token and more addresses, on top of Meta's."""

from __future__ import annotations

from pydantic import Field, SecretStr

from ..meta.settings import MetaSettings
from ..settings import NONE


class FacebookSettings(MetaSettings):
    """docs/platforms/facebook.md describes where the token comes from."""

    facebook_page_token: SecretStr = Field(default=NONE, validation_alias="FACEBOOK_PAGE_TOKEN")
    facebook_page_id: str = Field(default="", validation_alias="FACEBOOK_PAGE_ID")
    meta_video_url: str = Field(
        default="https://graph-video.facebook.com", validation_alias="REELWRIGHT_META_VIDEO_URL"
    )
    facebook_scopes: str = Field(default="", validation_alias="REELWRIGHT_FACEBOOK_SCOPES")
    facebook_photos: int = Field(default=10, ge=1, le=20, validation_alias="REELWRIGHT_FACEBOOK_PHOTOS")
    facebook_photo_bytes: int = Field(default=4_000_000, ge=1, validation_alias="REELWRIGHT_FACEBOOK_PHOTO_BYTES")
    facebook_photo_hours: float = Field(default=24, gt=0, validation_alias="REELWRIGHT_FACEBOOK_PHOTO_HOURS")
    """UNVERIFIED: the most photos of a post, the most bytes of one, and how long one that is in no post is kept."""
    meta_site_url: str = Field(default="https://www.facebook.com", validation_alias="REELWRIGHT_META_SITE_URL")
