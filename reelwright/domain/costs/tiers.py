"""Tiers: which class of provider a channel may still buy from, by how much of its budget is used.

A budget that empties moves a capability from tier `premium` through `standard` and `budget` to `pause`. Each tier
allows the providers of its own class and of those below it; what is offline or free always is. docs/costs.md."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, model_validator

from ..base import UserInput
from ..capability import Capability
from ..text.dated import undated

Tier = Literal["premium", "standard", "budget", "pause"]
ProviderClass = Literal["premium", "standard", "budget", "offline"]
Paused = Literal["wait", "offline"]

TIERS: tuple[Tier, ...] = ("premium", "standard", "budget", "pause")
_ALLOWED: Mapping[Tier, tuple[ProviderClass, ...]] = {
    "premium": ("premium", "standard", "budget", "offline"),
    "standard": ("standard", "budget", "offline"),
    "budget": ("budget", "offline"),
    "pause": ("offline",),
}
CLASSES = 200
Percent = Annotated[float, Field(gt=0, le=100, allow_inf_nan=False)]
ClassedName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,199}$")]


class Thresholds(UserInput):
    """Per cent of the channel's budget (of the day or the month, whichever is emptier) from which a tier begins. One
    that is left out is never entered."""

    standard: Percent | None = Field(default=None, description="from here on no provider of class premium")
    budget: Percent | None = Field(default=None, description="from here on those of class budget alone")
    pause: Percent | None = Field(default=None, description="from here on nothing is bought")
    paused: Paused | None = Field(
        default=None, description="what a pause and a spent budget mean: `wait` (the default), or `offline`"
    )

    @model_validator(mode="after")
    def _ascending(self) -> Thresholds:
        given = [value for value in (self.standard, self.budget, self.pause) if value is not None]
        if any(first >= second for first, second in pairwise(given)):
            raise ValueError("standard, budget and pause: each begins above the one before it")
        return self

    def over(self, general: Thresholds) -> Thresholds:
        """These, and what they leave out from the general ones. Raises `ValueError` where they do not ascend."""
        return Thresholds.model_validate({**general.set_values, **self.set_values})

    @property
    def set_values(self) -> dict[str, float | str]:
        """What was set."""
        values = {name: getattr(self, name) for name in Thresholds.model_fields}
        return {name: value for name, value in values.items() if value is not None}


class Degrade(Thresholds):
    """A channel's policy: thresholds for all that is bought, and others for single capabilities. Empty, everything is
    bought from the providers in their order until the budget is spent."""

    capabilities: dict[Capability, Thresholds] = Field(
        default={}, description="other thresholds of single capabilities; what they leave out is as above"
    )

    @model_validator(mode="after")
    def _each_ascending(self) -> Degrade:
        for name, thresholds in self.capabilities.items():
            try:
                thresholds.over(self)
            except ValueError as error:
                raise ValueError(f"{name}: with what it has from the general ones they do not ascend") from error
        return self

    def of(self, capability: Capability | None) -> Thresholds:
        """Those of one capability."""
        own = self.capabilities.get(capability) if capability is not None else None
        return own.over(self) if own is not None else self


def tier_of(used: Decimal, policy: Degrade, capability: Capability | None) -> Tier:
    """The tier of a capability where so many per cent of the budget are used."""
    thresholds = policy.of(capability)
    found: Tier = "premium"
    for tier, begins in (("standard", thresholds.standard), ("budget", thresholds.budget), ("pause", thresholds.pause)):
        if begins is not None and used >= Decimal(str(begins)):
            found = tier  # type: ignore[assignment]
    return found


def allowed(tier: Tier, provider: ProviderClass) -> bool:
    """Whether a tier allows a purchase from a provider of this class."""
    return provider in _ALLOWED[tier]


def class_of(provider: str, own: Mapping[str, ProviderClass] | None = None) -> ProviderClass:
    """The class of a provider by its name (`openai:gpt-image-2.5-flare:high`): the longest part of the name, from its
    beginning, that has one, the channel's `own` before the shipped; else `standard`. A date at the end of a model's
    name does not count."""
    parts = provider.split(":")
    names = [":".join(parts[:count]) for count in range(len(parts), 0, -1)]
    names = list(dict.fromkeys(each for name in names for each in (name, undated(name))))
    for known in (own or {}, shipped()):
        for name in names:
            if name in known:
                return known[name]
    return "standard"


@lru_cache(maxsize=1)
def shipped() -> Mapping[str, ProviderClass]:
    """The classes in `classes.toml`, by name."""
    text = files(__package__).joinpath("classes.toml").read_text(encoding="utf-8")
    by_class = TypeAdapter(dict[ProviderClass, list[str]]).validate_python(tomllib.loads(text))
    return {name: kind for kind, names in by_class.items() for name in names}
