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
    meta_site_url: str = Field(default="https://www.facebook.com", validation_alias="REELWRIGHT_META_SITE_URL")
