"""The platforms' settings: the application's own credentials, a first account each, and the addresses of the APIs.

With a token in the environment the account `default` is created or updated when the worker starts; more accounts are
added with `reelwright account add`. Tokens are renewed with the application's client id and secret.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field, SecretStr, create_model

from reelwright.platforms.registry import SPECS

from .environment import SecretSettings

_ORIGIN = r"^(https?://[^\s/?#@]+/?)?$"


_Fields: Any = create_model("_Fields", __base__=tuple(spec.settings for spec in SPECS.values()))
"""Each platform's own, from its `settings.py`."""


class PlatformSettings(_Fields, SecretSettings):
    """Secrets are `SecretStr`. The defaults of the addresses are the real platforms'; `sandboxing` replaces them where
    there are no credentials."""

    discord_webhook: SecretStr = Field(default=SecretStr(""), validation_alias="DISCORD_WEBHOOK_URL")
    discord_hosts: str = Field(default="", validation_alias="REELWRIGHT_DISCORD_HOSTS")

    sandbox_url: str = Field(default="", pattern=_ORIGIN, validation_alias="REELWRIGHT_SANDBOX_URL")
    sandbox_site_url: str = Field(default="", pattern=_ORIGIN, validation_alias="REELWRIGHT_SANDBOX_SITE_URL")
    """Where the sandbox is for the workers, and where a person's browser finds it (left out: the same). Platforms
    without credentials are played by it; without it they wait for an account."""
