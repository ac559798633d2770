"""LinkedIn's settings: the application, a first author's token, and where the API stands."""

from __future__ import annotations

from pydantic import Field, SecretStr

from ..settings import NONE, TimingSettings


class LinkedInSettings(TimingSettings):
    """docs/platforms/linkedin.md describes where the credentials come from."""

    linkedin_client_id: str = Field(default="", validation_alias="LINKEDIN_CLIENT_ID")
    linkedin_client_secret: SecretStr = Field(default=NONE, validation_alias="LINKEDIN_CLIENT_SECRET")
    linkedin_access_token: SecretStr = Field(default=NONE, validation_alias="LINKEDIN_ACCESS_TOKEN")
    linkedin_refresh_token: SecretStr = Field(default=NONE, validation_alias="LINKEDIN_REFRESH_TOKEN")
    linkedin_author: str = Field(
        default="", pattern=r"^(urn:li:(person|organization):[A-Za-z0-9_-]+)?$", validation_alias="LINKEDIN_AUTHOR"
    )
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
    linkedin_alt_chars: int = Field(default=4_086, ge=0, validation_alias="REELWRIGHT_LINKEDIN_ALT_CHARS")
    """The most characters of a picture's alternative text: UNVERIFIED."""
    linkedin_picture_duplicates: bool = Field(default=False, validation_alias="REELWRIGHT_LINKEDIN_PICTURE_DUPLICATES")
    """Whether a member's picture post counts as found when LinkedIn refuses it as a duplicate: UNVERIFIED."""
    linkedin_captions: bool = Field(default=True, validation_alias="REELWRIGHT_LINKEDIN_CAPTIONS")
    linkedin_thumbnail: bool = Field(default=True, validation_alias="REELWRIGHT_LINKEDIN_THUMBNAIL")
    """Whether a caption track and a picture go along with a video. How LinkedIn takes them is UNVERIFIED; a video that
    was announced with one may wait for it for ever."""
    linkedin_page_client_id: str = Field(default="", validation_alias="LINKEDIN_PAGE_CLIENT_ID")
    linkedin_page_client_secret: SecretStr = Field(default=NONE, validation_alias="LINKEDIN_PAGE_CLIENT_SECRET")
    """The application for organisations' pages: Community Management API must be the only product on its own."""
    linkedin_scopes: str = Field(default="", validation_alias="REELWRIGHT_LINKEDIN_SCOPES")
    linkedin_authorize_url: str = Field(
        default="https://www.linkedin.com/oauth/v2/authorization",
        validation_alias="REELWRIGHT_LINKEDIN_AUTHORIZE_URL",
    )
    linkedin_native_pkce: bool = Field(default=False, validation_alias="REELWRIGHT_LINKEDIN_NATIVE_PKCE")
    """LinkedIn switches this on for an application when it is asked to."""
    linkedin_native_authorize_url: str = Field(
        default="https://www.linkedin.com/oauth/native-pkce/authorization",
        validation_alias="REELWRIGHT_LINKEDIN_NATIVE_AUTHORIZE_URL",
    )
