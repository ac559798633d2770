"""The settings of the libraries (docs/stock.md)."""

from __future__ import annotations

from pydantic import Field, SecretStr

from ..common.web_settings import ADDRESS, WebSettings
from .rules import LICENCES, Rules, accepted

_KINDS = r"(cc0|pdm|by|by-sa)"


class StockSettings(WebSettings):
    """What all libraries share."""

    stock_licences: str = Field(
        default=LICENCES, pattern=rf"^\s*{_KINDS}\s*(,\s*{_KINDS}\s*)*$", validation_alias="REELWRIGHT_STOCK_LICENCES"
    )
    stock_sharpness: float = Field(default=0.6, ge=0.2, le=2.0, validation_alias="REELWRIGHT_STOCK_SHARPNESS")
    """The fewest pixels of a work for each of the video's, along a side."""

    @property
    def stock_rules(self) -> Rules:
        """As the libraries take them."""
        return Rules(
            least_sharpness=self.stock_sharpness,
            licences=accepted(self.stock_licences),
            user_agent=self.user_agent,
            allow_private=self.providers_allow_private,
        )


class PexelsSettings(StockSettings):
    """Its key, and where its interface stands."""

    pexels_api_key: SecretStr = Field(default=SecretStr(""), validation_alias="PEXELS_API_KEY")
    pexels_api_url: str = Field(
        default="https://api.pexels.com", pattern=ADDRESS, validation_alias="REELWRIGHT_PEXELS_API_URL"
    )


class PixabaySettings(StockSettings):
    """Its key, and where its interface stands."""

    pixabay_api_key: SecretStr = Field(default=SecretStr(""), validation_alias="PIXABAY_API_KEY")
    pixabay_api_url: str = Field(
        default="https://pixabay.com/api", pattern=ADDRESS, validation_alias="REELWRIGHT_PIXABAY_API_URL"
    )


class OpenverseSettings(StockSettings):
    """A registered client's id and secret, which raise the limits; without them as anybody, where that is allowed."""

    openverse_client_id: str = Field(default="", validation_alias="OPENVERSE_CLIENT_ID")
    openverse_client_secret: SecretStr = Field(default=SecretStr(""), validation_alias="OPENVERSE_CLIENT_SECRET")
    openverse_api_url: str = Field(
        default="https://api.openverse.org", pattern=ADDRESS, validation_alias="REELWRIGHT_OPENVERSE_API_URL"
    )

    @property
    def openverse_client(self) -> tuple[str, SecretStr] | None:
        """Both, or nothing."""
        given = self.openverse_client_id and self.openverse_client_secret.get_secret_value()
        return (self.openverse_client_id, self.openverse_client_secret) if given else None


class WikimediaSettings(StockSettings):
    """Where its interface stands."""

    wikimedia_api_url: str = Field(
        default="https://commons.wikimedia.org/w", pattern=ADDRESS, validation_alias="REELWRIGHT_WIKIMEDIA_API_URL"
    )
