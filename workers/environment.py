"""Where every setting comes from: the environment, and for what it leaves out a `.env` file in the working
directory."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, SecretStr

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


class SecretSettings(BaseModel):
    """Settings that are read from variables, by the fields' `validation_alias` in any case. Arguments go before the
    environment, and that before the file. `SecretStr` values are struck out of all foreign text from then on.

    `pydantic-settings` does the same and much more; importing it costs a command of a moment a tenth of its time."""

    model_config = ConfigDict(extra="ignore", frozen=True, validate_default=True)

    def __init__(self, _env_file: str | None = ENV_FILE, **given: Any) -> None:
        variables = {**_folded(in_file(_env_file) if _env_file else {}), **_folded(os.environ)}
        names = [str(field.validation_alias) for field in type(self).model_fields.values()]
        found = {name: variables[name.lower()] for name in names if name.lower() in variables}
        super().__init__(**found | given)

    def model_post_init(self, context: Any, /) -> None:
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, SecretStr):
                text = value.get_secret_value()
                if "://" in text:
                    know_address(text, lasting=True)  # the address itself is no secret, its password is
                else:
                    know(text, *text.replace(",", " ").split(), lasting=True)


def _folded(variables: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in variables.items()}
