"""How the console is served, from the environment or `.env`. docs/console.md."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from pydantic import Field, SecretStr, ValidationError

from reelwright.domain.explain import explain

from .environment import SecretSettings


class ConsoleEnvironment(SecretSettings):
    """Port 0 is any free one; it is then written to `file`."""

    host: str = Field(default="127.0.0.1", min_length=1, validation_alias="REELWRIGHT_CONSOLE_HOST")
    port: int = Field(default=8088, ge=0, le=65_535, validation_alias="REELWRIGHT_CONSOLE_PORT")
    file: Path | None = Field(default=None, validation_alias="REELWRIGHT_CONSOLE_FILE")
    public_url: str = Field(
        default="", pattern=r"^(https?://[^\s/?#@]+/?)?$", validation_alias="REELWRIGHT_CONSOLE_URL"
    )
    """The address that browsers use, without a path. Default: the address that it listens on."""
    root_path: str = Field(default="", pattern=r"^(/[A-Za-z0-9._~-]+)*$", validation_alias="REELWRIGHT_CONSOLE_PATH")
    """The path under which a proxy has put the console."""
    temporal_ui: str = Field(
        default="", pattern=r"^(https?://[^\s?#@]+)?$", validation_alias="REELWRIGHT_TEMPORAL_UI_URL"
    )
    """Where Temporal's UI is, for links to it."""
    trusted_proxies: str = Field(default="127.0.0.1", validation_alias="REELWRIGHT_CONSOLE_PROXIES")
    """The addresses of proxies whose `X-Forwarded-For` is believed, with commas."""

    oidc_issuer: str = Field(default="", pattern=r"^(https?://[^\s?#@]+)?$", validation_alias="REELWRIGHT_OIDC_ISSUER")
    """The identity provider by which people sign in (docs/access.md); empty for none."""
    oidc_client_id: str = Field(default="reelwright", min_length=1, validation_alias="REELWRIGHT_OIDC_CLIENT_ID")
    oidc_client_secret: SecretStr | None = Field(default=None, validation_alias="REELWRIGHT_OIDC_CLIENT_SECRET")
    oidc_scopes: str = Field(default="openid profile email", validation_alias="REELWRIGHT_OIDC_SCOPES")
    oidc_roles: str = Field(default="", validation_alias="REELWRIGHT_OIDC_ROLES")
    """Which group there has which role here: `admins=admin,editors=reviewer`."""
    oidc_groups_claim: str = Field(default="groups", min_length=1, validation_alias="REELWRIGHT_OIDC_GROUPS_CLAIM")
    oidc_name_claim: str = Field(
        default="preferred_username", min_length=1, validation_alias="REELWRIGHT_OIDC_NAME_CLAIM"
    )
    oidc_label: str = Field(default="", max_length=60, validation_alias="REELWRIGHT_OIDC_LABEL")


@lru_cache
def load_console() -> ConsoleEnvironment:
    """Raises `InvalidInput` naming the variable."""
    try:
        return ConsoleEnvironment()
    except ValidationError as error:
        raise explain(error) from None
