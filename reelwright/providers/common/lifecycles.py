"""Reads `lifecycles.toml`: the models' last days that ship with this program."""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime
from functools import lru_cache
from importlib.resources import files

from pydantic import Field

from reelwright.domain.base import UserInput
from reelwright.domain.lifecycles import Life, Lives


class _Entry(UserInput):
    """One `[[model]]`."""

    provider: str = Field(min_length=1)
    ids: tuple[str, ...] = Field(min_length=1)
    ends: date
    successor: str
    source: str = Field(min_length=1)


class _File(UserInput):
    model: tuple[_Entry, ...]


@lru_cache(maxsize=1)
def shipped() -> tuple[Life, ...]:
    """All that are listed."""
    text = files(__package__).joinpath("lifecycles.toml").read_text(encoding="utf-8")
    entries = _File.model_validate(tomllib.loads(text)).model
    return tuple(
        Life(entry.provider, model, entry.ends, entry.successor, entry.source)
        for entry in entries
        for model in entry.ids
    )


def need_alive(provider: str, model: str, today: date | None = None) -> None:
    """Raises `ProviderRefused` (why `model`), naming the successor, for a model that has ended by the shipped list: to
    be called before anything is sent."""
    Lives(shipped()).need(provider, model, today or datetime.now(UTC).date())


def ended(provider: str, models: tuple[str, ...], today: date | None = None) -> str:
    """Why a provider cannot be used with its configured models (`ProviderSpec.models`); empty where it can."""
    day, lives = today or datetime.now(UTC).date(), Lives(shipped())
    found = [lives.of(provider, model) for model in models]
    return "; ".join(f"{life.label(day)}: {life.remedy}" for life in found if life is not None and life.over(day))
