"""Settings that several providers share: whom a source can ask, and where files may come from."""

from __future__ import annotations

from pydantic import BaseModel, Field

NAME = "Reelwright/0.4"
ADDRESS = r"^https?://[^\s?#]+$"
"""Of an interface."""


class WebSettings(BaseModel):
    """Of providers that name an address to download from."""

    contact: str = Field(default="", max_length=200, pattern=r"^[ -~]*$", validation_alias="REELWRIGHT_CONTACT")
    """An e-mail address or a web page by which a source reaches the operator: part of the User-Agent."""
    providers_allow_private: bool = Field(default=False, validation_alias="REELWRIGHT_PROVIDERS_ALLOW_PRIVATE")
    """Downloads from private addresses too: for a stand-in on this machine."""

    @property
    def user_agent(self) -> str:
        """The studio, its contact where one is given, and the library it is sent with."""
        return f"{NAME} ({self.contact}) httpx" if self.contact else NAME
