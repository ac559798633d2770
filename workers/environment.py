"""Where every setting comes from: the environment, and for what it leaves out a `.env` file in the working
directory."""

from __future__ import annotations

import os
from typing import Any

from dotenv import dotenv_values
from pydantic import SecretStr
from pydantic_settings import BaseSettings

from reelwright.domain.redaction import know, know_address

ENV_FILE = ".env"


def environment() -> dict[str, str]:
    """The variables that count: the environment's own, and those of `.env` that it does not have."""
    try:
        given = dotenv_values(ENV_FILE, encoding="utf-8")
    except (OSError, UnicodeDecodeError):  # pydantic reads the same file, and reports the error
        given = {}
    return {**{name: value for name, value in given.items() if value is not None}, **os.environ}


class SecretSettings(BaseSettings):
    """Settings whose `SecretStr` values are struck out of all foreign text from then on."""

    def model_post_init(self, context: Any, /) -> None:
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, SecretStr):
                text = value.get_secret_value()
                if "://" in text:
                    know_address(text, lasting=True)  # the address itself is no secret, its password is
                else:
                    know(text, *text.replace(",", " ").split(), lasting=True)
