"""Where every setting comes from: the environment, and for what it leaves out a `.env` file in the working
directory."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from reelwright.domain.redaction import know, know_address

ENV_FILE = ".env"


def environment() -> dict[str, str]:
    """The variables that count: the environment's own, and those of `.env` that it does not have."""
    try:
        given = in_file(ENV_FILE)
    except (OSError, UnicodeDecodeError):  # the settings read the same file, and report the error
        given = {}
    return {**given, **os.environ}


def in_file(path: str) -> dict[str, str]:
    """The variables of a file, which need not be there. Raises `OSError` and `UnicodeDecodeError`."""
    if not Path(path).exists():
        return {}
    from dotenv import dotenv_values  # where there is no such file, nothing else needs it

    return {name: value for name, value in dotenv_values(path, encoding="utf-8").items() if value is not None}


class SecretSettings(BaseSettings):
    """Settings from the environment, and for what it leaves out from `.env`. Their `SecretStr` values are struck out of
    all foreign text from then on."""

    model_config = SettingsConfigDict(env_file=ENV_FILE, extra="ignore", frozen=True)

    def model_post_init(self, context: Any, /) -> None:
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, SecretStr):
                text = value.get_secret_value()
                if "://" in text:
                    know_address(text, lasting=True)  # the address itself is no secret, its password is
                else:
                    know(text, *text.replace(",", " ").split(), lasting=True)
