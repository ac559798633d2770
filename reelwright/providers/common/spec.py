"""What one provider of a capability is: its name, its settings, and how its adapter is built.

Each capability's folder lists its providers in `specs.py` (`SPECS`), cheap to import: `build` imports the adapter, and
with it an SDK, only when the provider is used.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from reelwright.domain.channels.config import Capability
from reelwright.domain.costs.prices import PriceTable

SettingsT = TypeVar("SettingsT", bound=BaseModel)


@dataclass(frozen=True)
class Tools:
    """What every adapter may use besides its settings. `shared` are ports by name, for those that need the books."""

    prices: PriceTable
    shared: Any = None


@dataclass(frozen=True)
class ProviderSpec(Generic[SettingsT]):
    """One provider of one capability.

    `name` is what a channel's `providers` say (`elevenlabs`); `settings` a model of its environment variables, given by
    `validation_alias`; `missing` the variables that it needs and that are not set, none where it can be used; `models`
    the ids of the models that the settings choose, which are looked at for their day of shutdown; `concurrency` the
    calls that all workers together make at once, where the settings say nothing else.
    """

    name: str
    capability: Capability
    label: str
    settings: type[SettingsT]
    missing: Callable[[SettingsT], tuple[str, ...]]
    build: Callable[[SettingsT, Tools], Any]
    models: Callable[[SettingsT], tuple[str, ...]] = lambda _: ()
    concurrency: int = 4
    offline: bool = False
